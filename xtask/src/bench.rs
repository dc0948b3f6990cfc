//! `cargo xtask bench`: gamesockets beside Valve's library, in one run.

pub(crate) mod godot;

use std::process::Command;

use crate::setup;
use crate::workspace::{TaskResult, root};

/// Measure gamesockets and Valve's library over loopback.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Arguments of the measuring program. See `cargo xtask bench -- --help`.
    #[arg(last = true)]
    arguments: Vec<String>,
    /// Measure what a binding costs instead.
    #[arg(value_parser = ["godot"])]
    binding: Option<String>,
}

/// Sets up, builds and runs the measuring program.
pub(crate) fn run(args: &Args) -> TaskResult {
    if args.binding.is_some() {
        return godot::run();
    }
    setup::valve()?;
    let build = ["build", "--release", "--package", "gamesockets-interop", "--bin", "valve-peer"];
    cargo(Command::new("cargo").args(build))?;
    let measure = ["run", "--release", "--package", "gamesockets-bench", "--"];
    cargo(Command::new("cargo").args(measure).args(&args.arguments))
}

fn cargo(command: &mut Command) -> TaskResult {
    let status = command.current_dir(root()).status().map_err(|error| format!("cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} failed")) }
}
