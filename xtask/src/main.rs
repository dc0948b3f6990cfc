//! Development tasks of gamesockets: `cargo xtask --help`.
//!
//! One module per subcommand; each has an `Args` (its options) and a `run` (what it does). This file only dispatches.
#![forbid(unsafe_code)]

mod attack;
mod bench;
mod cdylib;
mod conformance;
mod congestion;
mod coverage;
mod demo;
mod fuzz;
mod generate;
mod godot;
mod package;
mod process;
mod setup;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Development tasks of gamesockets.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    Setup(setup::Args),
    Congestion(congestion::Args),
    Test(test::Args),
    Demo(demo::Args),
    Bench(bench::Args),
    Attack(attack::Args),
    Fuzz(fuzz::Args),
    Generate(generate::Args),
    Package(package::Args),
    Tidy(tidy::Args),
    CoverageOfApi(coverage::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().task {
        Task::Setup(args) => setup::run(&args),
        Task::Congestion(args) => congestion::run(&args),
        Task::Test(args) => test::run(&args),
        Task::Demo(args) => demo::run(&args),
        Task::Bench(args) => bench::run(&args),
        Task::Attack(args) => attack::run(&args),
        Task::Fuzz(args) => fuzz::run(&args),
        Task::Generate(args) => generate::run(&args),
        Task::Package(args) => package::run(&args),
        Task::Tidy(args) => tidy::run(&args),
        Task::CoverageOfApi(args) => coverage::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
