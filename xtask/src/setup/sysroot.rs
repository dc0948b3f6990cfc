//! Folders with Debian packages, unpacked and not installed, and the script that runs programs with them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::cached::{Cached, persistently};
use super::debian;
use crate::process::checked;
use crate::workspace::TaskResult;

/// Raise when the steps below change what they leave behind.
const RECIPE: u32 = 2;
/// Folders and files no program needs at run time.
const DISPENSABLE: &[&str] = &["dev", "tmp", "var", "usr/sbin", "usr/include", "usr/libexec"];

/// Starts a program that was built on the host with the sysroot's loader and libraries.
/// `LD_LIBRARY_PATH` would not do: children of the program would mix both C libraries.
const RUN_SCRIPT: &str = r#"#!/bin/sh
# run PROGRAM ARGS...: starts a program built on the host with this folder's loader and libraries.
here=$(dirname "$(readlink -f "$0")")
libraries=$(echo "$here"/usr/lib/*-linux-gnu)
loader=$(echo "$libraries"/ld-linux*.so.*)
if [ -d "$libraries/dri" ]; then
    export LIBGL_ALWAYS_SOFTWARE=1 LIBGL_DRIVERS_PATH="$libraries/dri"
    export __EGL_VENDOR_LIBRARY_DIRS="$here/usr/share/glvnd/egl_vendor.d"
fi
exec "$loader" --inhibit-cache --library-path "$libraries:$libraries/pulseaudio" --argv0 "$1" "$@"
"#;

/// What is unpacked, and what is kept of it.
pub(super) struct Sysroot {
    /// The folder in the cache.
    pub(super) name: &'static str,
    /// The Debian suite that has every package.
    pub(super) suite: String,
    /// Each with everything it depends on.
    pub(super) packages: &'static [&'static str],
    /// What is kept of `usr/bin`.
    pub(super) programs: &'static [&'static str],
    /// What is kept of `usr/share`.
    pub(super) shared: &'static [&'static str],
    /// What to do where there are no Debian packages.
    pub(super) otherwise: &'static str,
}

impl Sysroot {
    /// Answers with the folder, after making it if need be; `finish` adds what else belongs into it.
    pub(super) fn provide(&self, finish: impl FnOnce(&Path) -> TaskResult) -> Result<PathBuf, String> {
        let kept = [self.programs, self.shared].concat().join(" ");
        let stamp = format!("recipe {RECIPE}, {}: {}; {kept}\n", self.suite, self.packages.join(" "));
        Cached { name: self.name, stamp: &stamp, in_place: false }.provide(|folder| {
            debian::program("mmdebstrap", &["mmdebstrap"], self.otherwise)?;
            let mirror = debian::mirror().map_err(|error| format!("{error}: {}", self.otherwise))?;
            println!("Unpacking {} of Debian {} from {mirror} ...", self.packages.join(", "), self.suite);
            persistently(folder, || self.unpack(&mirror, folder))?;
            self.prune(folder)?;
            write_script(&folder.join("run"), RUN_SCRIPT)?;
            finish(folder)
        })
    }

    fn unpack(&self, mirror: &str, folder: &Path) -> TaskResult {
        let mut command = Command::new("mmdebstrap");
        command.args(["--quiet", "--variant=extract"]);
        command.arg(format!("--include={}", self.packages.join(",")));
        // Frozen mirrors serve lists whose date has passed; their signatures are checked all the same.
        command.arg("--aptopt=Acquire::Check-Valid-Until \"false\"");
        command.arg("--aptopt=Acquire::Languages \"none\"");
        command.arg("--aptopt=Acquire::Retries \"3\"");
        command.arg(&self.suite).arg(folder).arg(mirror);
        checked(&mut command)
    }

    /// Leaves only what programs need at run time.
    fn prune(&self, folder: &Path) -> TaskResult {
        for name in DISPENSABLE {
            // Not every package set has every one of them.
            let _ = fs::remove_dir_all(folder.join(name));
        }
        keep_only(&folder.join("usr/bin"), self.programs)?;
        keep_only(&folder.join("usr/share"), self.shared)
    }
}

/// Writes a shell script and makes it executable.
pub(super) fn write_script(path: &Path, text: &str) -> TaskResult {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    checked(Command::new("chmod").arg("+x").arg(path))
}

/// Removes everything else from a folder, which need not be there.
pub(super) fn keep_only(folder: &Path, names: &[&str]) -> TaskResult {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries.flatten().filter(|entry| !names.contains(&entry.file_name().to_string_lossy().as_ref())) {
        let path = entry.path();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let removed = if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(|error| format!("{}: cannot be removed: {error}", path.display()))?;
    }
    Ok(())
}
