//! The Python package: built as a wheel, installed into an environment of its own, and tested as its users have it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use super::Step;
use super::totals::Totals;
use crate::process::checked;
use crate::setup;
use crate::setup::python::{Venv, fresh_venv, pip_install};
use crate::workspace::{TaskResult, root};

/// In this order: the others need the wheel.
pub(super) const STEPS: &[Step] = &[
    Step { name: "wheel", run: |_| installed().map(|_| ()) },
    Step { name: "style", run: |_| style() },
    Step { name: "types", run: |_| types() },
    Step { name: "stubs", run: |_| tool("mypy.stubtest", &["gamesockets"]) },
    Step { name: "pytest", run: pytest },
];

const FOLDER: &str = "bindings-python";
/// The programs that tests talk to are built meanwhile.
const LIMIT: Duration = Duration::from_secs(3_600);

/// An environment with the tools and the wheel, made once.
fn installed() -> Result<Venv, String> {
    static INSTALLED: OnceLock<Result<Venv, String>> = OnceLock::new();
    INSTALLED.get_or_init(install).clone()
}

fn install() -> Result<Venv, String> {
    let folder = target().join("python");
    let wheels = folder.join("wheels");
    // Wheels of earlier versions would be installed too.
    let _ = std::fs::remove_dir_all(&wheels);
    let mut maturin = setup::python()?.module("maturin");
    checked(maturin.current_dir(root().join(FOLDER)).args(["build", "--out"]).arg(&wheels))?;
    let wheel = only_file(&wheels)?;
    let venv = fresh_venv(&folder.join("venv"))?;
    pip_install(&venv, &[&wheel])?;
    Ok(venv)
}

fn style() -> TaskResult {
    tool("ruff", &["check", "."])?;
    tool("ruff", &["format", "--check", "."])
}

/// The package as it is installed, and the tests, which show that it can be used with types.
fn types() -> TaskResult {
    tool("mypy", &["--package", "gamesockets"])?;
    tool("mypy", &["tests"])
}

fn pytest(totals: &mut Totals) -> TaskResult {
    setup::valve()?;
    let mut command = module("pytest")?;
    command.args(["-q", "--color=no", "-p", "no:cacheprovider"]).env("GAMESOCKETS_INTEROP", "required");
    totals.add_program(command.env("GAMESOCKETS_CACHE", setup::cache()), LIMIT, report)
}

fn tool(name: &str, arguments: &[&str]) -> TaskResult {
    checked(module(name)?.args(arguments))
}

fn module(name: &str) -> Result<Command, String> {
    let mut command = installed()?.module(name);
    command.current_dir(root().join(FOLDER));
    Ok(command)
}

/// Where cargo builds.
fn target() -> PathBuf {
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    std::path::absolute(&folder).unwrap_or(folder)
}

fn only_file(folder: &Path) -> Result<PathBuf, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files = entries.flatten().map(|entry| entry.path());
    match (files.next(), files.next()) {
        (Some(file), None) => Ok(file),
        _ => Err(format!("{} should have one file", folder.display())),
    }
}

/// The last line of pytest: `2 failed, 110 passed, 1 skipped in 5.61s`.
fn report(line: &str) -> Option<(u64, u64)> {
    let (counts, time) = line.rsplit_once(" in ")?;
    if !time.trim_end_matches(|last: char| "()0123456789:".contains(last)).trim_end().ends_with('s') {
        return None;
    }
    let count = |what: &str| {
        let mut counts = counts.split(", ").filter_map(|count| count.split_once(' '));
        counts.find(|(_, kind)| kind.trim_end_matches('s') == what).map(|(number, _)| number.parse::<u64>())
    };
    let passed = count("passed").transpose().ok()?;
    let failed = count("failed").transpose().ok()?;
    let errors = count("error").transpose().ok()?;
    passed.or(failed).or(errors)?;
    Some((passed.unwrap_or(0), failed.unwrap_or(0) + errors.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_pytest_is_read() {
        assert_eq!(report("112 passed in 5.59s"), Some((112, 0)));
        assert_eq!(report("2 failed, 110 passed, 1 skipped in 75.61s (0:01:15)"), Some((110, 2)));
        assert_eq!(report("1 failed, 3 passed, 2 errors in 0.61s"), Some((3, 3)));
        assert_eq!(report("1 error in 0.20s"), Some((0, 1)));
        assert_eq!(report("no tests ran in 0.01s"), None);
        assert_eq!(report("......F.... [100%]"), None);
        assert_eq!(report("it came in 5 parts"), None);
    }
}
