//! `cargo xtask demo`: the project in a few seconds.

mod godot;

use std::process::Command;

use crate::workspace::{TaskResult, root};

/// Run an example: the echo in Rust, a server and a client on loopback, unless another is named.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    example: Option<Example>,
    /// Arguments of the example; none makes it run both ends. See `cargo xtask demo -- --help`.
    #[arg(last = true)]
    arguments: Vec<String>,
}

#[derive(clap::Subcommand)]
enum Example {
    Godot(godot::Args),
}

/// Builds and runs the example.
pub(crate) fn run(args: &Args) -> TaskResult {
    if let Some(Example::Godot(args)) = &args.example {
        return godot::run(args);
    }
    let mut command = Command::new("cargo");
    command.current_dir(root()).args(["run", "--release", "--package", "gamesockets", "--example", "echo", "--"]);
    let status = command.args(&args.arguments).status().map_err(|error| format!("cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err("the echo example failed".to_owned()) }
}
