//! gamesockets beside its peers, in one run: `cargo xtask bench`.
//!
//! * [`job`] says what can be measured,
//! * [`peers`] do it: each in its own file, with its settings,
//! * [`child`] is a process that is one end of a measurement, or the path between both,
//! * [`suite`] plans the measurements, runs them one after another, and keeps to the time that there is,
//! * [`report`] makes tables, a chart and the targets' verdicts of the results.

mod child;
mod job;
mod peers;
mod suite;
mod report;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::job::{Job, Path};

/// Measure gamesockets beside Valve's library, quinn, renet and ENet, over loopback.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    suite: suite::Args,
    /// Valve's library, for the processes of a measurement.
    #[arg(long, hide = true)]
    library: Option<PathBuf>,
    #[command(subcommand)]
    role: Option<Role>,
}

/// A process of a measurement; the suite starts them.
#[derive(Subcommand)]
enum Role {
    #[command(hide = true)]
    Serve {
        #[arg(long)]
        job: String,
    },
    #[command(hide = true)]
    Call {
        #[arg(long)]
        job: String,
        #[arg(long)]
        server: SocketAddr,
    },
    #[command(hide = true)]
    Path {
        #[arg(long)]
        path: String,
        #[arg(long)]
        server: SocketAddr,
    },
    #[command(hide = true)]
    Limits {
        #[arg(long)]
        seconds: f64,
    },
}

fn main() -> ExitCode {
    let Args { suite, library, role } = Args::parse();
    let result = match role {
        None => suite::run(&suite),
        Some(role) => child::run(|| play(role, library.as_deref())),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn play(role: Role, library: Option<&std::path::Path>) -> Result<(), String> {
    match role {
        Role::Serve { job } => peers::serve(&parsed::<Job>(&job)?, library),
        Role::Call { job, server } => peers::call(&parsed::<Job>(&job)?, server, library),
        Role::Path { path, server } => child::proxy::run(parsed::<Path>(&path)?, server),
        Role::Limits { seconds } => child::limits::run(Duration::from_secs_f64(seconds)),
    }
}

fn parsed<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|error| format!("{json}: {error}"))
}
