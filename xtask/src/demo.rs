//! `cargo xtask demo`: the project in a few seconds.

use std::process::Command;

use crate::workspace::{TaskResult, root};

/// Run the echo example: a server and a client on loopback.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Arguments of the example; none makes it run both ends. See `cargo xtask demo -- --help`.
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// Builds and runs the example.
pub(crate) fn run(args: &Args) -> TaskResult {
    let mut command = Command::new("cargo");
    command.current_dir(root()).args(["run", "--release", "--package", "gamesockets", "--example", "echo", "--"]);
    let status = command.args(&args.arguments).status().map_err(|error| format!("cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err("the echo example failed".to_owned()) }
}
