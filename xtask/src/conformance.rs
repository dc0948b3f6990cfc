//! The conformance scripts, for runners in other languages.

use std::path::PathBuf;
use std::process::Command;

use crate::process::checked;
use crate::workspace::root;

/// Names the file with the scripts to a runner.
pub(crate) const VARIABLE: &str = "GAMESOCKETS_CONFORMANCE";

/// Checks the scripts and writes them to one file; answers with it.
pub(crate) fn json() -> Result<PathBuf, String> {
    let folder = root().join("target/conformance");
    let mut command = Command::new("cargo");
    command.current_dir(root()).args(["run", "--quiet", "--package", "gamesockets-tests", "--bin", "conformance"]);
    checked(command.args(["--", "json"]).arg(&folder))?;
    Ok(folder.join("conformance.json"))
}
