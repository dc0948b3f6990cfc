//! `cargo xtask test`: everything that has to hold, from a bare machine on.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::workspace::{TaskResult, root};
use crate::{coverage, generate, setup, tidy};

/// Set up, check style and documentation, run every test and every interop scenario.
#[derive(clap::Args)]
pub(crate) struct Args {}

/// The features under which `core/proto` builds without a C compiler.
const PURE_RUST: &[&str] = &["test", "--package", "gamesockets-proto", "--no-default-features", "crypto"];

/// Runs every step, also after one has failed, and ends with the totals.
pub(crate) fn run(_args: &Args) -> TaskResult {
    let started = Instant::now();
    let mut totals = Totals::default();
    let mut failures = Vec::new();
    let mut step = |name: &str, run: &mut dyn FnMut() -> TaskResult| failures.extend(step(name, run).err());
    step("setup", &mut || {
        setup::rust().and_then(|()| setup::valve().map(|place| println!("Valve's library: {place}")))
    });
    step("format", &mut || cargo(&["fmt", "--all", "--check"], &[]));
    step("tidy", &mut || tidy::run(&tidy::Args {}));
    step("generated files", &mut || generate::run(&generate::Args { check: true }));
    step("coverage of the API", &mut || coverage::run(&coverage::Args { quiet: true }));
    step("clippy", &mut || cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"], &[]));
    step("documentation", &mut || cargo(&["doc", "--workspace", "--no-deps"], &[("RUSTDOCFLAGS", "--deny warnings")]));
    // This builds the examples as well.
    step("tests and interop", &mut || totals.add_workspace());
    step("encryption without C", &mut || totals.add_tests(PURE_RUST, &[]));
    println!("\nFinished after {} s", started.elapsed().as_secs());
    println!("{} interop scenarios passed against Valve's library", totals.interop.unwrap_or(0));
    println!("{} passed, {} failed", totals.passed, totals.failed);
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// One step, with its name before and its time after it.
fn step(name: &str, run: &mut dyn FnMut() -> TaskResult) -> TaskResult {
    println!("\n==> {name}");
    let started = Instant::now();
    let result = run();
    println!(
        "<== {name}: {} in {:.1} s",
        if result.is_ok() { "ok" } else { "FAILED" },
        started.elapsed().as_secs_f64()
    );
    result.map_err(|error| format!("{name} failed: {error}"))
}

fn cargo(arguments: &[&str], environment: &[(&str, &str)]) -> TaskResult {
    let status = command(arguments, environment).status().map_err(|error| format!("cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("cargo {}", arguments.join(" "))) }
}

fn command(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root()).args(arguments).envs(environment.iter().copied());
    command
}

/// What the test programs report in their last lines.
#[derive(Debug, Default, PartialEq)]
struct Totals {
    passed: u64,
    failed: u64,
    interop: Option<u64>,
}

impl Totals {
    /// Runs every test of the workspace. The interop scenarios are not skipped here for want of Valve's library.
    fn add_workspace(&mut self) -> TaskResult {
        let result = self.add_tests(&["test", "--workspace", "--no-fail-fast"], &[("GAMESOCKETS_INTEROP", "required")]);
        if self.interop.is_none_or(|count| count == 0) {
            return Err("no interop scenario passed".to_owned());
        }
        result
    }

    /// Runs `cargo test`, passes its output on, and adds up what it reports.
    fn add_tests(&mut self, arguments: &[&str], environment: &[(&str, &str)]) -> TaskResult {
        let mut command = command(arguments, environment);
        let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| format!("cargo: {error}"))?;
        for line in child.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines) {
            let line = line.map_err(|error| format!("the output of cargo test: {error}"))?;
            self.add_line(&line);
            println!("{line}");
        }
        let status = child.wait().map_err(|error| format!("cargo: {error}"))?;
        if status.success() { Ok(()) } else { Err(format!("cargo {}", arguments.join(" "))) }
    }

    fn add_line(&mut self, line: &str) {
        if let Some(counts) = line.strip_prefix("test result: ") {
            let count = |what: &str| {
                let number = counts.split_once(what)?.0.rsplit(' ').next()?;
                number.parse::<u64>().ok()
            };
            self.passed += count(" passed").unwrap_or(0);
            self.failed += count(" failed").unwrap_or(0);
        } else if let Some(count) = line.strip_suffix(" interop scenarios passed against Valve's library") {
            self.interop = count.parse().ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_read_from_the_last_lines_of_test_programs() {
        let mut totals = Totals::default();
        for line in [
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s",
            "test some::test ... ok",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 9.02s",
            "86 interop scenarios passed against Valve's library",
        ] {
            totals.add_line(line);
        }
        assert_eq!(totals, Totals { passed: 15, failed: 2, interop: Some(86) });
    }
}
