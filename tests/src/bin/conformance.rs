//! `conformance json FOLDER`: checks the conformance scripts, and writes them as one JSON file for runners in other
//! languages. `conformance run [NAME]` plays them in Rust.
#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use gamesockets_tests::conformance;

/// How long a step may wait.
const LIMIT: Duration = Duration::from_secs(20);

/// The conformance scripts of tests/conformance.
#[derive(Parser)]
#[command(name = "conformance")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Check every script, and write all of them to conformance.json in this folder.
    Json {
        /// Where the file goes; made if it is missing.
        folder: PathBuf,
    },
    /// Play the scripts whose names contain this text (all without it).
    Run {
        /// Part of a name.
        name: Option<String>,
    },
}

fn main() -> ExitCode {
    let done = match Cli::parse().task {
        Task::Json { folder } => write(folder),
        Task::Run { name } => run(name.unwrap_or_default().as_str()),
    };
    match done {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn write(folder: PathBuf) -> Result<String, String> {
    let scripts = conformance::read_folder(&conformance::folder())?;
    let file = folder.join("conformance.json");
    let named = |error: std::io::Error| format!("{}: {error}", file.display());
    std::fs::create_dir_all(&folder).map_err(named)?;
    std::fs::write(&file, format!("{:#}\n", conformance::to_json(&scripts))).map_err(named)?;
    Ok(format!("{} scripts in {}", scripts.len(), file.display()))
}

fn run(name: &str) -> Result<String, String> {
    let scripts = conformance::read_folder(&conformance::folder())?;
    let mut problems = Vec::new();
    let chosen: Vec<_> = scripts.iter().filter(|script| script.name.contains(name)).collect();
    for script in &chosen {
        match conformance::run(script, LIMIT, conformance::Ours::start) {
            Ok(()) => println!("ok      {}", script.name),
            Err(problem) => problems.push(format!("FAILED  {}: {problem}", script.name)),
        }
    }
    if problems.is_empty() { Ok(format!("{} scripts passed", chosen.len())) } else { Err(problems.join("\n")) }
}
