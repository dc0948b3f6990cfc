//! Building a binding's native library, and programs that tests start.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::process::Heartbeat;
use crate::workspace::root;

/// Builds a package of the workspace and answers with its dynamic library.
pub(crate) fn build(package: &str, release: bool) -> Result<PathBuf, String> {
    let mut command = Command::new("cargo");
    command.current_dir(root()).args(["build", "--package", package, "--lib"]);
    command.args(["--message-format", "json-render-diagnostics"]);
    if release {
        command.arg("--release");
        eprintln!("Building {package} with optimisation, which takes minutes the first time ...");
    }
    let _heartbeat = Heartbeat::of(&format!("building {package}"));
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| format!("cargo: {error}"))?;
    if !output.status.success() {
        return Err(format!("{package} does not build"));
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let library =
        messages.lines().filter_map(|line| serde_json::from_str(line).ok()).filter_map(library_of).next_back();
    library.ok_or_else(|| format!("{package} has no dynamic library: its `crate-type` should have `cdylib`"))
}

/// Builds a program of the workspace, which these arguments of `cargo build` name, and answers with its file.
pub(crate) fn program(arguments: &[&str]) -> Result<PathBuf, String> {
    let mut command = Command::new("cargo");
    command.current_dir(root()).arg("build").args(arguments).args(["--message-format", "json-render-diagnostics"]);
    let _heartbeat = Heartbeat::of(&format!("cargo build {}", arguments.join(" ")));
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| format!("cargo: {error}"))?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let built = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let program = built.filter_map(|message| message["executable"].as_str().map(PathBuf::from)).next_back();
    program.filter(|_| output.status.success()).ok_or_else(|| format!("cargo build {} fails", arguments.join(" ")))
}

/// The dynamic library that a message of cargo tells of. The package's own comes last.
fn library_of(message: serde_json::Value) -> Option<PathBuf> {
    let is_library = message["target"]["kind"].as_array()?.iter().any(|kind| kind == "cdylib");
    let files = message["filenames"].as_array().filter(|_| is_library)?;
    let mut paths = files.iter().filter_map(|file| file.as_str()).map(PathBuf::from);
    paths.find(|path| path.extension().is_some_and(|end| ["so", "dll", "dylib"].iter().any(|known| end == *known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_is_found_among_the_messages_of_cargo() {
        let message = |kind: &str, file: &str| {
            let message = serde_json::json!({ "target": { "kind": [kind] }, "filenames": ["a/lib.rlib", file] });
            library_of(message)
        };
        assert_eq!(message("cdylib", "a/liba.so"), Some(PathBuf::from("a/liba.so")));
        assert_eq!(message("cdylib", "a/a.pdb"), None);
        assert_eq!(message("lib", "a/liba.so"), None);
        assert_eq!(library_of(serde_json::json!({ "reason": "build-finished" })), None);
    }
}
