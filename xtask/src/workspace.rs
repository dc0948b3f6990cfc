//! Where the workspace lies, and the small file helpers the tasks share.

use std::path::{Path, PathBuf};

/// What a task answers: nothing, or the text the user has to read.
pub(crate) type TaskResult = Result<(), String>;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    std::path::absolute(&folder).unwrap_or(folder)
}

/// A file, read.
pub(crate) struct SourceText {
    /// From the root of the repository, with slashes.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Every Rust file below these folders, in order. Folders that are not there have none.
pub(crate) fn rust_files(root: &Path, folders: &[&str]) -> Result<Vec<SourceText>, String> {
    let mut files = Vec::new();
    for folder in folders.iter().filter(|folder| root.join(folder).is_dir()) {
        read_folder(root, folder, &mut files)?;
    }
    Ok(files)
}

fn read_folder(root: &Path, folder: &str, files: &mut Vec<SourceText>) -> TaskResult {
    let named = |error: std::io::Error| format!("{folder}: {error}");
    let entries = root.join(folder).read_dir().map_err(named)?;
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    for name in names {
        let path = format!("{folder}/{name}");
        if root.join(&path).is_dir() {
            read_folder(root, &path, files)?;
        } else if name.ends_with(".rs") {
            let text = std::fs::read_to_string(root.join(&path)).map_err(|error| format!("{path}: {error}"))?;
            files.push(SourceText { path, text });
        }
    }
    Ok(())
}

/// Every file below a folder, in order: paths from there, with slashes.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<String>, String> {
    let named = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut files = Vec::new();
    for entry in folder.read_dir().map_err(named)? {
        let entry = entry.map_err(named)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            files.extend(files_below(&entry.path())?.into_iter().map(|path| format!("{name}/{path}")));
        } else {
            files.push(name);
        }
    }
    files.sort();
    Ok(files)
}
