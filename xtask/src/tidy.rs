//! `cargo xtask tidy`: style as a test.
//!
//! Each rule is a pure function from the text of files to findings. A line that has to break a rule of words or of
//! calls says so itself: `tidy: allow(<rule>): <reason>` in a comment on it, or alone on the line above.

mod circles;
mod crates;
mod modules;
pub(crate) mod rust;
mod sizes;
mod words;

use std::fmt;
use std::path::Path;
use std::process::Command;

use crate::generate;
use crate::workspace::{TaskResult, root};

/// Check the style rules that no compiler checks.
#[derive(clap::Args)]
pub(crate) struct Args {}

/// A file of the repository.
struct SourceFile {
    /// From the root of the repository, with slashes.
    path: String,
    text: String,
}

/// One breach of a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: String,
    line: usize,
    /// What is wrong, and how to mend it.
    message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// Checks the repository; the error lists every finding.
pub(crate) fn run(_args: &Args) -> TaskResult {
    let root = root();
    let files = files(&root)?;
    let mut findings = check(&files);
    findings.sort();
    let mut lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
    lines.extend(generate::stale(&root).into_iter().map(|line| format!("{line}; run `cargo xtask generate`")));
    if lines.is_empty() {
        println!("tidy: {} files, nothing to mend", files.len());
        return Ok(());
    }
    Err(format!("{}\ntidy: {} files, {} to mend", lines.join("\n"), files.len(), lines.len()))
}

fn check(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = crates::check(files);
    findings.extend(modules::check(files));
    findings.extend(circles::check(files));
    for file in files {
        findings.extend(modules::check_form(file));
        findings.extend(sizes::check_file(file));
        findings.extend(words::check(file));
        if file.path.ends_with(".rs") {
            findings.extend(check_rust(file));
        }
    }
    findings
}

fn check_rust(file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::from_iter(words::check_header(file));
    match syn::parse_file(&file.text) {
        Ok(syntax) => {
            findings.extend(sizes::check_functions(file, &syntax));
            findings.extend(words::check_engine(file, &syntax));
        }
        Err(error) => findings.push(finding(file, error.span().start().line, &format!("does not parse: {error}"))),
    }
    findings
}

/// What git knows, and what it would take in.
fn files(root: &Path) -> Result<Vec<SourceFile>, String> {
    let listing = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("git ls-files: {error}; tidy needs git to know the files of the repository"))?;
    if !listing.status.success() {
        return Err(format!("git ls-files: {}", String::from_utf8_lossy(&listing.stderr)));
    }
    let listing = String::from_utf8_lossy(&listing.stdout).into_owned();
    let mut paths: Vec<&str> = listing.split('\0').filter(|path| !path.is_empty()).collect();
    paths.sort_unstable();
    paths.dedup();
    // A file that is no UTF-8 text (a picture, a capture) has no style; one that is deleted has no text.
    let read = |path: &str| std::fs::read_to_string(root.join(path)).ok();
    let file = |path: &str| read(path).map(|text| SourceFile { path: path.to_string(), text });
    Ok(paths.into_iter().filter_map(file).collect())
}

fn finding(file: &SourceFile, line: usize, message: &str) -> Finding {
    Finding { path: file.path.clone(), line, message: message.to_string() }
}

/// Whether this line (counted from 1), or a comment alone on the line above, allows a breach of this rule and says why.
fn is_allowed(text: &str, line: usize, rule: &str) -> bool {
    let marker = format!("tidy: allow({rule}): ");
    let says_why = |line: &str| line.split_once(&marker).is_some_and(|(_, reason)| reason.trim().len() > 5);
    let is_comment = |line: &str| ["//", "#", "<!--"].iter().any(|start| line.trim_start().starts_with(start));
    let mut above = text.lines().skip(line.saturating_sub(2));
    let previous = if line > 1 { above.next() } else { None };
    above.next().is_some_and(says_why) || previous.is_some_and(|line| is_comment(line) && says_why(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_needs_its_rule_and_a_reason() {
        let text =
            "bad(); // tidy: allow(words): the text of a rule\n// tidy: allow(words): for the next\nbad();\nbad();";
        assert!(is_allowed(text, 1, "words"));
        assert!(is_allowed(text, 3, "words"));
        assert!(!is_allowed(text, 4, "words"));
        assert!(!is_allowed(text, 1, "paths"));
        assert!(!is_allowed("bad(); // tidy: allow(words): -", 1, "words"));
    }

    #[test]
    fn a_finding_names_the_place() {
        let file = SourceFile { path: "core/a.rs".into(), text: "fn broken( {".into() };
        let findings = check_rust(&file);
        assert!(findings.iter().any(|finding| finding.to_string().starts_with("core/a.rs:1: does not parse")));
    }
}
