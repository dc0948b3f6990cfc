//! `cargo xtask bench`: gamesockets beside its peers, in one run.

mod csharp;
pub(crate) mod godot;

use std::process::Command;

use crate::process::checked;
use crate::setup;
use crate::workspace::{TaskResult, root, target};

/// Measure gamesockets beside Valve's library, quinn, renet and ENet.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Measure what a binding costs instead.
    #[arg(value_parser = ["godot", "csharp"])]
    binding: Option<String>,
    /// In 4 minutes instead of 20: fewer loads, shorter, once.
    #[arg(long)]
    quick: bool,
    /// Only work whose name contains this; several may be given.
    #[arg(long, value_name = "WORK")]
    only: Vec<String>,
    /// Only this peer: ours, valve, quinn, quinn-cubic, quinn-streams, renet or enet; several may be given.
    #[arg(long, value_name = "PEER")]
    peer: Vec<String>,
    /// Say what would be measured, and do not.
    #[arg(long)]
    list: bool,
    /// Write docs/PERFORMANCE.md and its chart: of a whole run, on a machine that does nothing else.
    #[arg(long)]
    write: bool,
    /// Make the tables of this JSON of an earlier run again, and measure nothing.
    #[arg(long, value_name = "FILE")]
    from: Option<String>,
}

/// The manifest of the program: a workspace of its own, for the sake of everybody who does not measure.
pub(crate) const MANIFEST: &str = "benches/Cargo.toml";

/// Sets up, builds and runs the measuring program.
pub(crate) fn run(args: &Args) -> TaskResult {
    match args.binding.as_deref() {
        Some("csharp") => return csharp::run(),
        Some(_) => return godot::run(),
        None => {}
    }
    if args.from.is_none() && !args.list {
        println!("Valve's library: {}", setup::valve()?);
    }
    let mut command = Command::new("cargo");
    command.current_dir(root()).args(["run", "--release", "--manifest-path", MANIFEST, "--target-dir"]);
    command.arg(target()).arg("--").arg("--output").arg(target().join("bench"));
    // The program's folders are not those that this one was started in.
    command.env("GAMESOCKETS_CACHE", setup::cache());
    for (flag, is_set) in [("--quick", args.quick), ("--list", args.list), ("--write", args.write)] {
        command.args(is_set.then_some(flag));
    }
    for (option, values) in [("--only", &args.only), ("--peer", &args.peer)] {
        for value in values {
            command.args([option, value]);
        }
    }
    if let Some(file) = &args.from {
        let file = std::path::absolute(file).map_err(|error| format!("{file}: {error}"))?;
        command.arg("--from").arg(file);
    }
    checked(&mut command)
}
