//! What the output of a test script means.
//!
//! Godot goes on after an error in a script, and a panic in the extension gives the script a default value: the exit code
//! alone says little. So every error in the output is a failure, unless the script says that it provokes it.

use std::process::Command;
use std::time::Duration;

use crate::process::observe;

/// What a test script has come to.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    /// What went wrong besides tests that failed.
    pub(crate) problems: Vec<String>,
}

/// Runs Godot on a test script, passes its output on, at its end and in one piece, and judges it. `source` is the script's text: its comments
/// `## expects error: <text>` name errors that it provokes; each has to come, and only those may.
pub(crate) fn judge(script: &str, command: &mut Command, source: &str, limit: Duration) -> Outcome {
    let mut lines = Vec::new();
    let result = observe(command, limit, |line| lines.push(line.to_owned()));
    println!("-- {script}\n{}", lines.join("\n"));
    let mut outcome = of_lines(&lines, source);
    // Its exit code is the number of tests that failed, which is known already.
    if outcome.failed == 0 {
        outcome.problems.extend(result.err());
    }
    outcome
}

fn of_lines(lines: &[String], source: &str) -> Outcome {
    let expected: Vec<&str> =
        source.lines().filter_map(|line| line.trim().strip_prefix("## expects error: ")).map(str::trim).collect();
    let mut outcome = Outcome::default();
    let mut counts = Vec::new();
    for line in lines {
        if let Some(count) = counts_of(line) {
            counts.push(count);
        } else if is_error(line) && !expected.iter().any(|text| line.contains(text)) {
            outcome.problems.push(line.clone());
        }
    }
    for text in expected.iter().filter(|text| !lines.iter().any(|line| line.contains(**text))) {
        outcome.problems.push(format!("the expected error did not come: {text}"));
    }
    match counts.as_slice() {
        [(passed, failed)] => (outcome.passed, outcome.failed) = (*passed, *failed),
        [] => outcome.problems.push("the script did not come to its end".to_owned()),
        _ => outcome.problems.push("the script ended more than once".to_owned()),
    }
    if outcome.passed == 0 {
        outcome.problems.push("no test passed".to_owned());
    }
    outcome
}

/// The last line of `tests/suite.gd`.
fn counts_of(line: &str) -> Option<(u64, u64)> {
    let (passed, failed) = line.strip_prefix("tests: ")?.split_once(" passed, ")?;
    Some((passed.parse().ok()?, failed.strip_suffix(" failed")?.parse().ok()?))
}

/// Whether a line of Godot's output tells of an error.
pub(crate) fn is_error(line: &str) -> bool {
    let line = line.trim_start();
    ["SCRIPT ERROR:", "ERROR:", "USER ERROR:", "USER SCRIPT ERROR:"].iter().any(|start| line.starts_with(start))
        || ["panicked at", "[panic", "Parse Error", "handle_crash"].iter().any(|word| line.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(text: &str, source: &str) -> Outcome {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        of_lines(&lines, source)
    }

    #[test]
    fn counts_come_from_the_last_line() {
        assert_eq!(outcome("ok a\ntests: 3 passed, 1 failed", ""), Outcome { passed: 3, failed: 1, problems: vec![] });
        assert_eq!(outcome("ok a", "").problems, ["the script did not come to its end", "no test passed"]);
        assert_eq!(outcome("tests: 0 passed, 0 failed", "").problems, ["no test passed"]);
        assert_eq!(outcome("tests: 1 passed, 0 failed\ntests: 1 passed, 0 failed", "").problems.len(), 2);
    }

    #[test]
    fn errors_are_failures_unless_they_are_expected() {
        let end = "tests: 1 passed, 0 failed";
        for error in ["ERROR: no such handle", "SCRIPT ERROR: no such handle", "thread 'x' panicked at no such handle"]
        {
            assert_eq!(outcome(&format!("{error}\n{end}"), "").problems, [error]);
            assert_eq!(outcome(&format!("{error}\n{end}"), "## expects error: such handle").problems, [""; 0]);
        }
        let problems = outcome(end, "\t## expects error: such handle").problems;
        assert_eq!(problems, ["the expected error did not come: such handle"]);
        assert_eq!(outcome(&format!("WARNING: fine\n{end}"), "").problems, [""; 0]);
    }
}
