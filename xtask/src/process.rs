//! Running other programs: to their end, with their failure in words.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workspace::TaskResult;

/// Runs a command to its end, its output passed on; the error names it.
pub(crate) fn checked(command: &mut Command) -> TaskResult {
    let program = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program} failed ({status}); its own words are above")),
        Err(error) => Err(format!("{program} cannot be started: {error}")),
    }
}

/// Runs a command to its end and answers with what it printed; the error has all its words.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{program} cannot be started: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("{program} failed ({}): {}{}", output.status, text, errors).trim_end().to_owned())
}

/// Whether a command can be started and says that it is content; its output is not shown.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// Where a program is, as the shell would find it.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let mut files = std::env::split_paths(&folders).map(|folder| folder.join(program));
    files.find(|file| is_executable(file))
}

/// The first number with dots in what a program prints about its version, such as `[4, 6, 3]`.
pub(crate) fn version(text: &str) -> Vec<u32> {
    let words = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    let number = words.map(|word| word.trim_matches('.')).find(|word| word.contains('.'));
    number.into_iter().flat_map(|word| word.split('.')).map_while(|part| part.parse().ok()).collect()
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(file: &Path) -> bool {
    file.is_file() || file.with_extension("exe").is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_programs_print() {
        assert_eq!(version("4.6.3.stable.debian.fb4b9f0ac"), [4, 6, 3]);
        assert_eq!(version("Mono JIT compiler version 6.8.0.105 (Debian 6.8)"), [6, 8, 0, 105]);
        assert_eq!(version("Python 3.11.7"), [3, 11, 7]);
        assert_eq!(version("no version"), [0; 0]);
        assert!(version("4.10.1") > version("4.3"), "compared as numbers");
    }

    #[test]
    fn a_failure_names_the_program_and_its_words() {
        let error = output(Command::new("cargo").arg("no-such-subcommand")).expect_err("there is none");
        assert!(error.starts_with("cargo failed") && error.contains("no-such-subcommand"), "{error}");
        assert!(output(&mut Command::new("no-such-program-here")).is_err());
        assert!(on_path("cargo").is_some() && on_path("no-such-program-here").is_none());
    }
}
