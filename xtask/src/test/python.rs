//! The Python package: built as a wheel, installed into a fresh environment, and tested there as its users have it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::Step;
use super::totals::Totals;
use crate::conformance;
use crate::process::checked;
use crate::setup::{self, python::Venv};
use crate::workspace::{TaskResult, root, target};

/// In this order.
pub(super) const STEPS: &[Step] = &[
    Step { name: "setup", run: |_| setup::python().map(|venv| println!("Python: {}", venv.describe())) },
    Step { name: "style", run: |_| style() },
    Step { name: "types", run: |_| types() },
    Step { name: "tests", run: tests },
];

const FOLDER: &str = "bindings-python";
/// All tests; each has its own, shorter limit in `pyproject.toml`.
const LIMIT: Duration = Duration::from_secs(1_800);

fn style() -> TaskResult {
    let tools = setup::python()?;
    checked(tools.module("ruff").args(["check", "--quiet"]).arg(FOLDER).current_dir(root()))?;
    checked(tools.module("ruff").args(["format", "--check", "--quiet"]).arg(FOLDER).current_dir(root()))
}

/// What is declared is consistent, and is what the package has.
fn types() -> TaskResult {
    let venv = installed()?;
    let configuration = root().join(FOLDER).join("pyproject.toml");
    // Not in the folder of the sources, which are no installed package.
    checked(venv.module("mypy").arg("--config-file").arg(&configuration).current_dir(target()))?;
    // The tests show that the package can be used with types.
    let tests = root().join(FOLDER).join("tests");
    checked(venv.module("mypy").arg("--config-file").arg(&configuration).arg(tests).current_dir(target()))?;
    let mut stubtest = venv.module("mypy.stubtest");
    stubtest.arg("gamesockets").arg("--mypy-config-file").arg(&configuration);
    checked(stubtest.current_dir(target()))
}

fn tests(totals: &mut Totals) -> TaskResult {
    let venv = installed()?;
    setup::valve()?;
    let mut command = venv.module("pytest");
    command.current_dir(root().join(FOLDER)).args(["--quiet", "-p", "no:cacheprovider"]);
    command.env(conformance::VARIABLE, conformance::json()?);
    // Valve's library is not skipped for want of it.
    command.env("GAMESOCKETS_INTEROP", "required").env("GAMESOCKETS_CACHE", setup::cache());
    // asyncio's own checks: slow callbacks, calls from wrong threads, what was never awaited.
    command.env("PYTHONASYNCIODEBUG", "1").env("PYTHONDONTWRITEBYTECODE", "1");
    totals.add_program(&mut command, LIMIT, report)
}

/// An environment that has the package as it is now, and the tools.
pub(super) fn installed() -> Result<Venv, String> {
    let wheel = wheel()?;
    let venv = setup::python::fresh_venv(&target().join("python-venv"))?;
    setup::python::pip_install(&venv, &[&wheel])?;
    Ok(venv)
}

/// Builds the wheel as for development: unoptimised, and quick to build again.
fn wheel() -> Result<PathBuf, String> {
    let folder = target().join("wheels");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let tools = setup::python()?;
    let mut maturin: Command = tools.module("maturin");
    maturin.args(["build", "--quiet", "--profile", "dev", "--manifest-path"]);
    maturin.arg(root().join(FOLDER).join("Cargo.toml")).arg("--interpreter").arg(tools.python());
    checked(maturin.arg("--out").arg(&folder))?;
    let mut wheels = folder.read_dir().map_err(|error| format!("{}: {error}", folder.display()))?.flatten();
    wheels.next().map(|wheel| wheel.path()).ok_or_else(|| "maturin has made no wheel".to_owned())
}

/// The last line of pytest: `3 failed, 12 passed, 1 skipped in 0.12s`.
fn report(line: &str) -> Option<(u64, u64)> {
    let counts = line.trim_matches(['=', ' ']).rsplit_once(" in ")?.0;
    let mut found = None;
    for part in counts.split(", ") {
        let (count, what) = part.split_once(' ')?;
        let count: u64 = count.parse().ok()?;
        let (passed, failed) = found.unwrap_or((0, 0));
        found = match what {
            "passed" => Some((passed + count, failed)),
            "failed" | "error" | "errors" => Some((passed, failed + count)),
            _ => Some((passed, failed)),
        };
    }
    found
}

#[cfg(test)]
mod reports {
    use super::report;

    #[test]
    fn the_last_line_of_pytest_is_read() {
        assert_eq!(report("12 passed in 0.12s"), Some((12, 0)));
        assert_eq!(report("=== 3 failed, 12 passed, 1 skipped, 2 errors in 61.20s (0:01:01) ==="), Some((12, 5)));
        assert_eq!(report("FAILED tests/test_a.py::test_b - assert 1 in 2"), None);
        assert_eq!(report("tests/test_a.py .... [100%]"), None);
    }
}
