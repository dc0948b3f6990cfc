//! A Godot 4 that needs no display, and a display for when a picture is wanted.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::debian;
use super::sysroot::{Sysroot, write_script};
use crate::process::{on_path, output, version};

/// Names a Godot to use instead of any other.
const GODOT_VARIABLE: &str = "GODOT4_BIN";
/// The oldest Godot that loads the extension.
const VERSION_MIN: [u32; 2] = [4, 3];

/// Starts the sysroot's Godot.
const GODOT_SCRIPT: &str = r#"#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec "$here/run" "$here/usr/bin/godot" "$@"
"#;

/// Finds Godot 4.3 or newer, or fetches one; answers with the program.
/// Whoever starts it sets `HOME` to a folder of their own: Godot writes there.
pub(crate) fn godot() -> Result<PathBuf, String> {
    if let Some(path) = std::env::var_os(GODOT_VARIABLE).map(PathBuf::from) {
        let found = version_of(&path).map_err(|error| format!("{GODOT_VARIABLE}: {error}"))?;
        return if found.as_slice() >= VERSION_MIN.as_slice() {
            Ok(path)
        } else {
            Err(format!("{GODOT_VARIABLE} names Godot {found:?}; 4.3 or newer is needed"))
        };
    }
    let installed = ["godot4", "godot"].into_iter().filter_map(on_path);
    let mut recent =
        installed.filter(|path| version_of(path).is_ok_and(|version| version.as_slice() >= VERSION_MIN.as_slice()));
    if let Some(path) = recent.next() {
        return Ok(path);
    }
    let sysroot = Sysroot {
        name: "godot",
        suite: "forky".to_owned(),
        packages: &["godot", "libgl1", "libglx-mesa0", "libgl1-mesa-dri", "libegl1", "libegl-mesa0"],
        programs: &["godot"],
        shared: &["X11", "drirc.d", "fontconfig", "fonts", "glvnd", "libdrm", "xkeyboard-config-2"],
        otherwise: "install Godot 4.3 or newer and let GODOT4_BIN name it",
    };
    let folder = sysroot.provide(|folder| {
        let script = folder.join("godot");
        write_script(&script, GODOT_SCRIPT)?;
        version_of(&script).map(drop)
    })?;
    Ok(folder.join("godot"))
}

/// Finds `xvfb-run` or installs it; a program that it starts has a display, which nobody sees.
pub(crate) fn xvfb() -> Result<PathBuf, String> {
    debian::program("xvfb-run", &["xvfb", "xauth"], "install Xvfb with its `xvfb-run`")
}

/// Finds `unzip` or installs it.
pub(crate) fn unzip() -> Result<PathBuf, String> {
    debian::program("unzip", &["unzip"], "install `unzip`")
}

fn version_of(godot: &Path) -> Result<Vec<u32>, String> {
    let text = output(Command::new(godot).args(["--headless", "--version"]))?;
    Ok(version(&text))
}
