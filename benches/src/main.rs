//! gamesockets beside Valve's library, in one run: how much arrives per second over loopback.
//!
//! Either library runs as two processes, one that sends as fast as it is let and one that counts. Neither gets faster by
//! being told a higher send rate than it can keep (Valve's library even collapses), so each workload runs at several
//! rates and the best counts.
#![forbid(unsafe_code)]

mod workload;
mod ours;
mod valve;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use gamesockets_interop::protocol::Tally;

use crate::workload::WORKLOADS;

/// Measure gamesockets and Valve's library over loopback.
#[derive(Parser)]
struct Args {
    /// How long to count, per workload, rate and library.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    #[command(subcommand)]
    end: Option<End>,
}

/// One of the two processes of gamesockets; the program starts them itself.
#[derive(Subcommand)]
enum End {
    #[command(hide = true)]
    Receive {
        #[arg(long)]
        rate: i32,
    },
    #[command(hide = true)]
    Send {
        #[arg(long)]
        address: SocketAddr,
        #[arg(long)]
        rate: i32,
        #[arg(long)]
        len: usize,
        #[arg(long)]
        flags: i32,
    },
}

/// Send rates that are tried, bytes per second. The last is the highest that Valve's library accepts.
const RATES: [i32; 4] = [4 << 20, 16 << 20, 50 << 20, 100 << 20];
/// The time before counting starts.
const WARM_UP: Duration = Duration::from_millis(500);

/// A sender and a receiver that are at work until they are dropped.
trait Running {
    /// What has arrived so far.
    fn tally(&mut self) -> Result<Tally, String>;
}

/// What arrived in one second.
#[derive(Clone, Copy, Default)]
struct Speed {
    messages: f64,
    bytes: f64,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let result = match args.end {
        None => compare(Duration::from_secs_f64(args.seconds)),
        Some(End::Receive { rate }) => ours::receive(rate),
        Some(End::Send { address, rate, len, flags }) => ours::send(address, rate, len, flags),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Measures everything and prints a line per workload.
fn compare(time: Duration) -> Result<(), String> {
    if valve::is_debug_build()? {
        println!(
            "Valve's library here is a build with the C++ library's debug checks, as Debian packages it: it is slower"
        );
        println!(
            "than a plain build, so the ratios flatter gamesockets. GAMESOCKETS_VALVE_LIB can name another build.\n"
        );
    }
    println!("{:30} {:>26} {:>26} {:>7}", "received per second", "gamesockets", "Valve's library", "ratio");
    for workload in WORKLOADS {
        let ours = best(time, |rate| Ok(Box::new(ours::Pair::start(workload, rate)?)))?;
        let valve = best(time, |rate| Ok(Box::new(valve::Pair::start(workload, rate)?)))?;
        let ratio = ours.bytes / valve.bytes;
        println!("{:30} {:>26} {:>26} {ratio:>6.2}x", workload.name, ours.to_string(), valve.to_string());
    }
    Ok(())
}

/// The best of all rates.
fn best(time: Duration, start: impl Fn(i32) -> Result<Box<dyn Running>, String>) -> Result<Speed, String> {
    let mut best = Speed::default();
    for rate in RATES {
        let mut running = start(rate)?;
        std::thread::sleep(WARM_UP);
        let before = running.tally()?;
        let started = Instant::now();
        std::thread::sleep(time);
        let after = running.tally()?;
        let seconds = started.elapsed().as_secs_f64();
        let bytes = (after.bytes - before.bytes) as f64 / seconds;
        if bytes > best.bytes {
            best = Speed { messages: (after.messages - before.messages) as f64 / seconds, bytes };
        }
    }
    Ok(best)
}

impl std::fmt::Display for Speed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.0} msg, {:.1} MB", self.messages, self.bytes / 1e6)
    }
}
