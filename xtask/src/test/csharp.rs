//! The C# package, on .NET Core, .NET 9 and mono.

mod consumer;
mod examples;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use super::totals::Totals;
use super::{Step, python};
use crate::process::output;
use crate::setup;
use crate::workspace::{TaskResult, root, target};
use crate::{cdylib, conformance};

/// In this order.
pub(super) const STEPS: &[Step] = &[
    Step { name: "setup", run: |_| set_up() },
    Step { name: "tests on .NET", run: dotnet },
    Step { name: "tests on .NET 9", run: dotnet9 },
    Step { name: "tests on mono", run: mono },
    Step { name: "examples", run: examples::examples },
    Step { name: "package", run: consumer::packaged },
];

const TESTS: &str = "bindings-csharp/Tests";
/// All tests on one runtime.
const LIMIT: Duration = Duration::from_secs(1_200);
/// Where the loader looks for libraries before anywhere else.
const LIBRARY_PATH: &str = "LD_LIBRARY_PATH";

fn set_up() -> TaskResult {
    println!(".NET SDK: {}", setup::dotnet()?.describe());
    println!("mono: {}", setup::mono()?.display());
    setup::nunit().map(|file| println!("NUnit: {}", file.display()))
}

fn dotnet(totals: &mut Totals) -> TaskResult {
    let tests = build_tests("netcoreapp3.1")?;
    let mut command = setup::dotnet()?.command();
    run_tests(command.arg(tests), totals)
}

/// What the SDK has built for an older runtime, on a newer one.
fn dotnet9(totals: &mut Totals) -> TaskResult {
    let tests = build_tests("netcoreapp3.1")?;
    let mut command = setup::dotnet9()?.command();
    run_tests(command.arg(tests), totals)
}

fn mono(totals: &mut Totals) -> TaskResult {
    let tests = build_tests("netstandard2.1")?;
    run_tests(Command::new(setup::mono()?).arg(tests), totals)
}

/// Builds the tests for every runtime, and answers with those for this one.
fn build_tests(framework: &str) -> Result<PathBuf, String> {
    let folder = root().join(TESTS);
    let nunit = format!("-p:NUnitFramework={}", setup::nunit()?.display());
    build_project(&folder, &[&nunit])?;
    Ok(folder.join("bin/Debug").join(framework).join("GameSockets.Tests.dll"))
}

/// Builds a project of the repository with the native library.
fn build_project(folder: &Path, arguments: &[&str]) -> TaskResult {
    let library = cdylib::build("gamesockets-ffi", false)?;
    let mut build = setup::dotnet()?.command();
    build.current_dir(folder).args(["build", "--nologo", "--verbosity", "quiet"]).args(arguments);
    output(build.arg(format!("-p:NativeLibrary={}", library.display()))).map(drop)
}

/// Runs the tests, which find there the programs that they talk to.
fn run_tests(command: &mut Command, totals: &mut Totals) -> TaskResult {
    setup::valve()?;
    let echo = cdylib::program(&["--package", "gamesockets", "--example", "echo"])?;
    let valve = cdylib::program(&["--package", "gamesockets-interop", "--bin", "valve-peer"])?;
    command.env("GAMESOCKETS_TEST_ECHO", echo).env("GAMESOCKETS_TEST_VALVE_PEER", valve);
    command.env("GAMESOCKETS_TEST_PYTHON", python_peer()?).env(conformance::VARIABLE, conformance::json()?);
    // Valve's library is not skipped for want of it.
    command.env("GAMESOCKETS_INTEROP", "required").env("GAMESOCKETS_CACHE", setup::cache());
    // The tests call rustc, which looks there for its toolchains.
    command.env("HOME", std::env::var_os("HOME").unwrap_or_default());
    // `cargo run` lets programs look for libraries where cargo builds them: the one that has to be absent would be found.
    if command.get_envs().all(|(name, _)| name != LIBRARY_PATH) {
        command.env_remove(LIBRARY_PATH);
    }
    totals.add_program(command, LIMIT, report)
}

/// A Python that has the package; made once for all runtimes.
fn python_peer() -> Result<PathBuf, String> {
    static PEER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    PEER.get_or_init(|| python::installed().map(|venv| venv.python())).clone()
}

/// The last line of the tests: `NUnit: 12 passed, 3 failed, 0 skipped, 0 inconclusive`.
fn report(line: &str) -> Option<(u64, u64)> {
    let (passed, rest) = line.strip_prefix("NUnit: ")?.split_once(" passed, ")?;
    Some((passed.parse().ok()?, rest.split_once(" failed")?.0.parse().ok()?))
}

/// A folder for what tests write, empty.
fn scratch(name: &str) -> Result<PathBuf, String> {
    let folder = target().join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

#[cfg(test)]
mod reports {
    use super::report;

    #[test]
    fn the_last_line_of_the_tests_is_read() {
        assert_eq!(report("NUnit: 12 passed, 3 failed, 1 skipped, 0 inconclusive"), Some((12, 3)));
        assert_eq!(report("Passed GameSockets.Tests.A (2.1 s)"), None);
    }
}
