//! `cargo xtask bench godot`: what a message costs in a script, and how much of that is the binding's.

use std::fmt;
use std::process::Command;
use std::time::Duration;

use crate::cdylib;
use crate::godot::{Project, SOURCE_PROJECT, install_addon, is_error};
use crate::process::{observe, output};
use crate::workspace::{TaskResult, root};

const SCRIPT: &str = "res://tests/cost.gd";
const FRAMES: u32 = 200;
const LIMIT: Duration = Duration::from_secs(120);

/// Measures an optimised library and prints what came out.
pub(super) fn run() -> TaskResult {
    println!("{}", measure(true, FRAMES)?);
    Ok(())
}

/// Receives 1000 messages of 100 bytes by one call, `frames` times, in Godot and in Rust.
pub(crate) fn measure(release: bool, frames: u32) -> Result<Cost, String> {
    let folder = root().join(SOURCE_PROJECT);
    install_addon(&folder, release)?;
    let frames = frames.to_string();
    let mut godot = Project::open(&folder)?.headless();
    let mut lines = Vec::new();
    let script = godot.args(["--script", SCRIPT, "--", "--frames", &frames]);
    observe(script, LIMIT, |line| lines.push(line.to_owned()))?;
    if let Some(error) = lines.iter().find(|line| is_error(line)) {
        return Err(format!("{SCRIPT}: {error}"));
    }
    let mut build = vec!["--package", "gamesockets-godot", "--example", "receive_cost"];
    build.extend(release.then_some("--release"));
    let rust = output(Command::new(cdylib::program(&build)?).arg(&frames))?;
    Ok(Cost {
        godot: number(lines.iter().map(String::as_str), "godot: send ", "receive ")?,
        engine: number(lines.iter().map(String::as_str), "engine: ", "engine: ")?,
        rust: number(rust.lines(), "rust: send ", "receive ")?,
    })
}

/// Microseconds for each message received.
pub(crate) struct Cost {
    /// In a script.
    godot: f64,
    /// In Rust: the library without the binding.
    rust: f64,
    /// In a script that makes such dictionaries itself.
    engine: f64,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { godot, rust, engine } = *self;
        let share = 100.0 * (godot - rust) / godot;
        write!(
            f,
            "{godot:.2} us for each of 1000 messages of 100 bytes received by one call in a frame; {share:.0} % of it is the \
             binding's, {rust:.2} us the library's. Such dictionaries cost {engine:.2} us in GDScript alone."
        )
    }
}

/// The number after a word, in the line that begins so.
fn number<'l>(mut lines: impl Iterator<Item = &'l str>, start: &str, word: &str) -> Result<f64, String> {
    let line = lines.find(|line| line.starts_with(start)).ok_or_else(|| format!("no line \"{start}...\" came"))?;
    let rest = line.split_once(word).map(|(_, rest)| rest).unwrap_or_default();
    let digits = rest.split_whitespace().next().unwrap_or_default();
    digits.parse().map_err(|_| format!("no number after \"{word}\" in \"{line}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_in_what_the_programs_print() {
        let lines = ["Godot", "godot: send 0.500 us, receive 2.250 us per message"];
        assert_eq!(number(lines.into_iter(), "godot: send ", "receive "), Ok(2.25));
        assert!(number(lines.into_iter(), "rust: send ", "receive ").is_err());
        assert!(number(["rust: send x"].into_iter(), "rust: send ", "receive ").is_err());
    }
}
