//! Valve's library, for the interop tests.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::sysroot::Sysroot;
use crate::process::{checked, output};
use crate::workspace::TaskResult;

/// Names a copy of Valve's library to use instead of any other.
const LIBRARY_VARIABLE: &str = "GAMESOCKETS_VALVE_LIB";
/// The file name of Valve's library, without the version that follows it.
const LIBRARY: &str = "libGameNetworkingSockets.so";

/// Finds Valve's library or fetches it; answers with the words that say where.
pub(crate) fn valve() -> Result<String, String> {
    if let Some(path) = std::env::var_os(LIBRARY_VARIABLE) {
        let path = Path::new(&path);
        return if path.is_file() {
            Ok(format!("{} ({LIBRARY_VARIABLE})", path.display()))
        } else {
            Err(format!(
                "{LIBRARY_VARIABLE} names {}, which is not a file: name {LIBRARY} itself, or unset the variable",
                path.display()
            ))
        };
    }
    if let Some(line) = installed_library() {
        return Ok(format!("{line} (installed)"));
    }
    let sysroot = Sysroot {
        name: "sysroot",
        suite: "forky".to_owned(),
        packages: &["libgamenetworkingsockets1debian1"],
        programs: &[],
        shared: &[],
        otherwise: "install GameNetworkingSockets yourself and let GAMESOCKETS_VALVE_LIB name its \
                    libGameNetworkingSockets.so",
    };
    Ok(sysroot.provide(unversioned_name)?.display().to_string())
}

/// The loader's own word on whether the library is installed.
fn installed_library() -> Option<String> {
    let listing = output(Command::new("ldconfig").arg("-p")).ok()?;
    let line = listing.lines().find(|line| line.trim_start().starts_with(LIBRARY))?;
    Some(line.rsplit("=> ").next().unwrap_or(line).trim().to_owned())
}

/// Adds `libGameNetworkingSockets.so`, which otherwise comes with the development package.
fn unversioned_name(folder: &Path) -> TaskResult {
    let prefix = format!("{LIBRARY}.");
    let versioned = |library: &fs::DirEntry| library.file_name().to_string_lossy().starts_with(&prefix);
    let triples = fs::read_dir(folder.join("usr/lib")).map_err(|error| format!("usr/lib: {error}"))?;
    let folders = triples.flatten().filter_map(|triple| fs::read_dir(triple.path()).ok());
    let Some(library) = folders.flat_map(Iterator::flatten).find(versioned) else {
        return Err("the packages do not contain Valve's library".to_owned());
    };
    let link = library.path().with_file_name(LIBRARY);
    checked(Command::new("ln").arg("-s").arg(library.file_name()).arg(link))
}
