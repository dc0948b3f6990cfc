//! The Godot addon in a project, and projects in a headless Godot.

mod extension;
mod judge;

pub(crate) use extension::{Extension, host_platform};
pub(crate) use judge::{is_error, judge};

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::workspace::{TaskResult, files_below, root};
use crate::{cdylib, setup};

/// The addon's own folder, in every project.
pub(crate) const ADDON: &str = "addons/gamesockets";
/// The project that has the addon's sources.
pub(crate) const SOURCE_PROJECT: &str = "bindings-godot/project";

/// Lays the addon into a project, with a library built here, and makes Godot load it.
pub(crate) fn install_addon(project: &Path, release: bool) -> TaskResult {
    let library = cdylib::build("gamesockets-godot", release)?;
    let target = project.join(ADDON);
    let source = root().join(SOURCE_PROJECT).join(ADDON);
    if fs::canonicalize(&source).ok() != fs::canonicalize(&target).ok() {
        for (path, contents) in addon_files()? {
            write(&target.join(path), &contents)?;
        }
    }
    let contents = fs::read(&library).map_err(|error| format!("{}: {error}", library.display()))?;
    write(&target.join(Extension::read()?.host_library()?), &contents)?;
    // With this list, Godot loads the addon without an import of the project before.
    let list = format!("res://{ADDON}/{}\n", Extension::FILE);
    write(&project.join(".godot/extension_list.cfg"), list.as_bytes())
}

/// The addon's files other than libraries: path from the addon's folder, and contents.
pub(crate) fn addon_files() -> Result<Vec<(String, Vec<u8>)>, String> {
    let folder = root().join(SOURCE_PROJECT).join(ADDON);
    let mut files = Vec::new();
    for path in files_below(&folder)? {
        // Godot writes `.uid` and `.import` beside what it has seen.
        let is_source =
            !path.starts_with(Extension::LIBRARIES) && !path.ends_with(".uid") && !path.ends_with(".import");
        if is_source {
            let contents = fs::read(folder.join(&path)).map_err(|error| format!("{path}: {error}"))?;
            files.push((path, contents));
        }
    }
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        files.push((name.to_owned(), fs::read(root().join(name)).map_err(|error| format!("{name}: {error}"))?));
    }
    files.sort();
    Ok(files)
}

/// Godot on a project, with a home of its own.
pub(crate) struct Project {
    godot: PathBuf,
    folder: PathBuf,
    home: PathBuf,
}

impl Project {
    /// Finds or fetches Godot; the project is the caller's to fill.
    pub(crate) fn open(folder: &Path) -> Result<Self, String> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let godot = setup::godot()?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let home = std::env::temp_dir().join(format!("gamesockets-godot-{}-{number}", std::process::id()));
        fs::create_dir_all(&home).map_err(|error| format!("{}: {error}", home.display()))?;
        Ok(Self { godot, folder: folder.to_path_buf(), home })
    }

    /// Godot on this project, without a display. A script finds the program in `GODOT4_BIN`, to start a second one.
    pub(crate) fn headless(&self) -> Command {
        let mut command = self.prepared(Command::new(&self.godot));
        command.arg("--headless").arg("--path").arg(&self.folder);
        command
    }

    /// Godot on this project in a window, for a person.
    pub(crate) fn windowed(&self) -> Command {
        let mut command = self.prepared(Command::new(&self.godot));
        command.arg("--path").arg(&self.folder);
        command
    }

    /// Godot on this project with a display that nobody sees and a renderer in software; fetches Xvfb.
    pub(crate) fn drawn(&self) -> Result<Command, String> {
        let mut command = self.prepared(Command::new(setup::xvfb()?));
        command.args(["-a", "-s", "-screen 0 1152x648x24"]).arg(&self.godot);
        command.args(["--rendering-driver", "opengl3", "--audio-driver", "Dummy", "--path"]).arg(&self.folder);
        Ok(command)
    }

    fn prepared(&self, mut command: Command) -> Command {
        // Godot writes settings, logs and caches there.
        command.env("HOME", &self.home).env("GODOT4_BIN", &self.godot);
        for variable in ["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
            command.env_remove(variable);
        }
        command
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        // What is left behind lies among temporary files.
        let _ = fs::remove_dir_all(&self.home);
    }
}

/// Writes a file beside and renames it, so that a Godot that has the old one open keeps it.
fn write(path: &Path, contents: &[u8]) -> TaskResult {
    let named = |error: std::io::Error| format!("{}: cannot be written: {error}", path.display());
    if fs::read(path).is_ok_and(|old| old == contents) {
        return Ok(());
    }
    fs::create_dir_all(path.parent().unwrap_or(path)).map_err(named)?;
    let new = path.with_extension("new");
    fs::write(&new, contents).map_err(named)?;
    fs::rename(&new, path).map_err(named)
}
