//! `cargo xtask congestion`: runs the trials of the congestion control and writes their table.

use std::process::{Command, Stdio};

use crate::process::Heartbeat;
use crate::workspace::{TaskResult, root};

const PAGE: &str = "docs/CONGESTION.md";

/// Run the congestion control's trials and write docs/CONGESTION.md; takes a minute or two.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only check that the page is up to date.
    #[arg(long)]
    check: bool,
}

/// Writes the page, or tells that it is out of date.
pub(crate) fn run(args: &Args) -> TaskResult {
    let _heartbeat = Heartbeat::of("the trials, several minutes in all");
    let output = Command::new(env!("CARGO"))
        .args(["run", "--release", "-p", "gamesockets-tests", "--example", "congestion"])
        .current_dir(root())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    if !output.status.success() {
        return Err("the trials did not run to their end".to_owned());
    }
    let page = String::from_utf8(output.stdout).map_err(|error| error.to_string())?;
    let path = root().join(PAGE);
    if args.check {
        let current = std::fs::read_to_string(&path).unwrap_or_default();
        return if current == page { Ok(()) } else { Err(format!("{PAGE} is out of date: cargo xtask congestion")) };
    }
    print!("{page}");
    std::fs::write(&path, page).map_err(|error| format!("{}: {error}", path.display()))
}
