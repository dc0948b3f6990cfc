//! The Rust side: style, documentation, every test of the workspace and the interop scenarios.

use std::process::Command;
use std::time::Duration;

use super::Step;
use super::totals::Totals;
use crate::process::checked;
use crate::workspace::{TaskResult, root, target};
use crate::{bench, coverage, generate, setup, tidy};

/// In this order: what is quick and fails often comes first.
pub(super) const STEPS: &[Step] = &[
    Step { name: "setup", run: |_| set_up() },
    Step { name: "format", run: |_| checked(&mut cargo(&["fmt", "--all", "--check"])) },
    Step { name: "tidy", run: |_| tidy::run(&tidy::Args {}) },
    Step { name: "generated files", run: |_| generate::run(&generate::Args { check: true }) },
    Step { name: "coverage of the API", run: |_| coverage::run(&coverage::Args { quiet: true }) },
    Step {
        name: "clippy",
        run: |_| checked(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"])),
    },
    Step { name: "benches", run: |_| benches() },
    Step {
        name: "documentation",
        run: |_| checked(cargo(&["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "--deny warnings")),
    },
    // This builds the examples as well.
    Step { name: "tests and interop", run: workspace },
    Step { name: "encryption without C", run: pure_rust },
];

/// A first build of everything is part of it.
const LIMIT: Duration = Duration::from_secs(3_600);

fn set_up() -> TaskResult {
    setup::rust()?;
    println!("Valve's library: {}", setup::valve()?);
    Ok(())
}

/// The measuring program, a workspace of its own: its style, and that it compiles; not its peers' tests.
fn benches() -> TaskResult {
    checked(&mut cargo(&["fmt", "--manifest-path", bench::MANIFEST, "--check"]))?;
    let mut clippy = cargo(&["clippy", "--manifest-path", bench::MANIFEST, "--all-targets", "--target-dir"]);
    checked(clippy.arg(target()).args(["--", "--deny", "warnings"]))
}

/// The interop scenarios are not skipped here for want of Valve's library.
fn workspace(totals: &mut Totals) -> TaskResult {
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
    totals.add_program(command.env("GAMESOCKETS_INTEROP", "required"), LIMIT, report)?;
    if totals.interop() == 0 { Err("no interop scenario passed".to_owned()) } else { Ok(()) }
}

/// The features under which `core/proto` builds without a C compiler.
fn pure_rust(totals: &mut Totals) -> TaskResult {
    let arguments = ["test", "--package", "gamesockets-proto", "--no-default-features", "crypto"];
    totals.add_program(&mut cargo(&arguments), LIMIT, report)
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root()).args(arguments);
    command
}

/// The last line of a Rust test program.
pub(super) fn report(line: &str) -> Option<(u64, u64)> {
    let counts = line.strip_prefix("test result: ")?;
    let count = |what: &str| counts.split_once(what)?.0.rsplit(' ').next()?.parse::<u64>().ok();
    Some((count(" passed")?, count(" failed")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_of_test_programs_are_read() {
        let line = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 9.02s";
        assert_eq!(report(line), Some((3, 2)));
        assert_eq!(report("test some::test ... ok"), None);
    }
}
