//! The package for Unity's Package Manager, as a zip: unpacked, it is added by "Add package from disk".
//!
//! It has the sources of `GameSockets`, which Unity compiles for Mono and for IL2CPP, and the native libraries. Unity
//! knows every file by the GUID in the `.meta` beside it: they are made here from the paths, so that they never change.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::natives::{Native, file_name};
use super::{archive, read};
use crate::workspace::{files_below, root};

/// What is the package's own.
const FOLDER: &str = "bindings-csharp/Unity";
/// The sources that it shares with the .nupkg.
const SOURCES: &str = "bindings-csharp/GameSockets";
/// The folder in the archive.
const NAME: &str = "com.gamesockets";

/// Makes the archive.
pub(super) fn build(natives: &[Native], licenses: &str) -> Result<PathBuf, String> {
    let mut files = own_files()?;
    let sources = files_below(&root().join(SOURCES))?.into_iter();
    for path in sources.filter(|path| path.ends_with(".cs") && !path.starts_with("obj/") && !path.starts_with("bin/")) {
        files.push((format!("Runtime/GameSockets/{path}"), read(&root().join(SOURCES).join(&path))?));
    }
    for native in natives {
        let path = format!("Plugins/{}/{}", native.platform, file_name(&native.platform)?);
        files.push((path, read(&native.file)?));
    }
    for file in ["LICENSE-MIT", "LICENSE-APACHE"] {
        files.push((format!("{file}.md"), read(&root().join(file))?));
    }
    files.push(("Third Party Notices.md".to_owned(), licenses.to_owned().into_bytes()));
    let metas = metas(&files);
    files.extend(metas);
    let files = files.into_iter().map(|(path, contents)| (format!("{NAME}/{path}"), contents)).collect();
    let archive = super::folder().join(format!("{NAME}-{}.zip", env!("CARGO_PKG_VERSION")));
    archive::pack(&archive, files)?;
    Ok(archive)
}

fn own_files() -> Result<Vec<(String, Vec<u8>)>, String> {
    let folder = root().join(FOLDER);
    files_below(&folder)?.into_iter().map(|path| Ok((path.clone(), read(&folder.join(path))?))).collect()
}

/// A `.meta` for every file and folder that Unity looks at.
fn metas(files: &[(String, Vec<u8>)]) -> Vec<(String, Vec<u8>)> {
    let mut paths = BTreeSet::new();
    for (path, _) in files.iter().filter(|(path, _)| !path.contains('~')) {
        paths.insert((path.as_str(), false));
        let folders = path.match_indices('/').map(|(end, _)| &path[..end]);
        paths.extend(folders.map(|folder| (folder, true)));
    }
    let meta = |(path, is_folder): (&str, bool)| {
        let importer = if is_folder { FOLDER_IMPORTER.to_owned() } else { importer(path) };
        let text = format!("fileFormatVersion: 2\nguid: {}\n{importer}", guid(path));
        (format!("{path}.meta"), text.into_bytes())
    };
    paths.into_iter().map(meta).collect()
}

/// 128 bits that depend on the path alone: two FNV-1a hashes.
fn guid(path: &str) -> String {
    let hash = |salt: u8| {
        std::iter::once(salt)
            .chain(path.bytes())
            .fold(0xcbf2_9ce4_8422_2325_u64, |state, byte| (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    };
    format!("{:016x}{:016x}", hash(b'a'), hash(b'b'))
}

const FOLDER_IMPORTER: &str = "folderAsset: yes\nDefaultImporter:\n  externalObjects: {}\n";

fn importer(path: &str) -> String {
    if let Some(platform) = path.strip_prefix("Plugins/").and_then(|rest| rest.split_once('/')) {
        return plugin_importer(platform.0);
    }
    let name = match path.rsplit('.').next() {
        Some("cs") => "MonoImporter",
        Some("asmdef") => "AssemblyDefinitionImporter",
        Some("json") => "PackageManifestImporter",
        _ => "TextScriptImporter",
    };
    format!("{name}:\n  externalObjects: {{}}\n")
}

/// Tells Unity on which platform a native library is for.
fn plugin_importer(platform: &str) -> String {
    let (group, name, processor) = match platform {
        "linux-x64" => ("Standalone", "Linux64", "x86_64"),
        "linux-arm64" => ("Standalone", "Linux64", "ARM64"),
        "osx-x64" => ("Standalone", "OSXUniversal", "x86_64"),
        "osx-arm64" => ("Standalone", "OSXUniversal", "ARM64"),
        "win-x64" => ("Standalone", "Win64", "x86_64"),
        "win-arm64" => ("Standalone", "Win64", "ARM64"),
        "android-arm64" => ("Android", "Android", "ARM64"),
        _ => ("iPhone", "iOS", "ARM64"),
    };
    let editor = match platform {
        "linux-x64" => "Linux",
        "osx-x64" | "osx-arm64" => "OSX",
        "win-x64" | "win-arm64" => "Windows",
        _ => "",
    };
    let in_editor = u8::from(!editor.is_empty());
    let editor_os = if editor.is_empty() { "AnyOS" } else { editor };
    format!(
        "PluginImporter:\n  externalObjects: {{}}\n  serializedVersion: 2\n  isPreloaded: 0\n  isOverridable: 0\n  \
         isExplicitlyReferenced: 0\n  validateReferences: 1\n  platformData:\n  - first:\n      Any: \n    second:\n      \
         enabled: 0\n      settings: {{}}\n  - first:\n      Editor: Editor\n    second:\n      enabled: {in_editor}\n      \
         settings:\n        CPU: {processor}\n        OS: {editor_os}\n  - first:\n      {group}: {name}\n    second:\n      \
         enabled: 1\n      settings:\n        CPU: {processor}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_and_folder_that_unity_sees_has_a_meta_of_its_own() {
        let files = ["package.json", "Runtime/A.cs", "Runtime/B/C.cs", "Plugins/linux-x64/a.so", "Samples~/D/E.cs"];
        let metas = metas(&files.map(|path| (path.to_owned(), Vec::new())));
        let paths: Vec<&str> = metas.iter().map(|(path, _)| path.as_str()).collect();
        let expected = [
            "Plugins.meta",
            "Plugins/linux-x64.meta",
            "Plugins/linux-x64/a.so.meta",
            "Runtime.meta",
            "Runtime/A.cs.meta",
            "Runtime/B.meta",
            "Runtime/B/C.cs.meta",
            "package.json.meta",
        ];
        assert_eq!(paths, expected);
        let guids: BTreeSet<String> = metas
            .iter()
            .map(|(_, text)| String::from_utf8_lossy(text).lines().nth(1).unwrap_or_default().to_owned())
            .collect();
        assert_eq!(guids.len(), metas.len(), "each has its own");
        assert_eq!(guid("package.json"), guid("package.json"));
        assert_eq!(guid("package.json").len(), 32);
    }
}
