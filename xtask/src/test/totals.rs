//! What test programs report, added up.

use std::fmt;
use std::process::Command;
use std::time::Duration;

use crate::process::watch;
use crate::workspace::TaskResult;

/// Tests that have passed and failed, over all programs.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Totals {
    passed: u64,
    failed: u64,
    /// Interop scenarios against Valve's library, as the Rust tests report them.
    interop: Option<u64>,
}

/// Reads a line of a test program: how many tests have passed and failed, if it says so.
pub(super) type Report = fn(&str) -> Option<(u64, u64)>;

impl Totals {
    pub(super) fn add(&mut self, passed: u64, failed: u64) {
        self.passed += passed;
        self.failed += failed;
    }

    /// Adds what another part of the run has counted.
    pub(super) fn merge(&mut self, other: &Self) {
        self.add(other.passed, other.failed);
        self.interop = self.interop.or(other.interop);
    }

    pub(super) fn failed(&self) -> u64 {
        self.failed
    }

    /// How many interop scenarios have passed.
    pub(super) fn interop(&self) -> u64 {
        self.interop.unwrap_or(0)
    }

    /// Runs a test program, passes its output on and adds up what `report` finds in it. An error if the program fails,
    /// reports nothing or no test that passed, or is not done after `limit`: then it is ended.
    pub(super) fn add_program(&mut self, command: &mut Command, limit: Duration, report: Report) -> TaskResult {
        let mut reported = (0, 0);
        let result = watch(command, limit, |line| {
            if let Some((passed, failed)) = report(line) {
                reported = (reported.0 + passed, reported.1 + failed);
            } else if let Some(count) = line.strip_suffix(" interop scenarios passed against Valve's library") {
                self.interop = count.parse().ok();
            }
        });
        self.add(reported.0, reported.1);
        result?;
        if reported.0 == 0 { Err(format!("{command:?} reports no test that passed")) } else { Ok(()) }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(count) = self.interop {
            writeln!(f, "{count} interop scenarios passed against Valve's library")?;
        }
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    fn report(line: &str) -> Option<(u64, u64)> {
        let (passed, failed) = line.split_once(" good, ")?;
        Some((passed.parse().ok()?, failed.strip_suffix(" bad")?.parse().ok()?))
    }

    const LIMIT: Duration = Duration::from_secs(60);

    #[test]
    fn reports_are_added_up_from_both_outputs() {
        let mut totals = Totals::default();
        let script = "echo 12 good, 0 bad; echo 3 good, 2 bad >&2; \
                      echo \"86 interop scenarios passed against Valve's library\"";
        assert_eq!(totals.add_program(&mut shell(script), LIMIT, report), Ok(()));
        assert_eq!(totals, Totals { passed: 15, failed: 2, interop: Some(86) });
        assert!(totals.to_string().ends_with("\n15 passed, 2 failed"));
    }

    #[test]
    fn a_program_that_fails_or_says_nothing_is_an_error() {
        let mut totals = Totals::default();
        assert!(totals.add_program(&mut shell("echo 1 good, 0 bad; exit 3"), LIMIT, report).is_err());
        assert!(totals.add_program(&mut shell("echo nothing"), LIMIT, report).is_err());
        assert!(totals.add_program(&mut shell("echo 0 good, 0 bad"), LIMIT, report).is_err());
        assert_eq!(totals, Totals { passed: 1, failed: 0, interop: None });
    }
}
