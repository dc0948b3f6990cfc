//! `cargo xtask tidy`: style as a test.

use crate::workspace::{TaskResult, read, root};

/// Check the style rules that no compiler checks.
#[derive(clap::Args)]
pub(crate) struct Args {}

/// Checks the repository; the error lists every finding.
pub(crate) fn run(_args: &Args) -> TaskResult {
    read(&root().join("Cargo.toml")).map(drop)
}
