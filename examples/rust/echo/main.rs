//! Sends messages to a server that sends them back, and measures.
//!
//! Without arguments it is both, on this machine, for three seconds:
//!
//! ```text
//! cargo run --release --example echo
//! ```

mod client;
mod credentials;
mod demo;
mod server;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Args, Parser, Subcommand};
use gamesockets::{ConfigEntry, ConfigValue, parse_address};

/// Sends messages to a server that sends them back, and measures. Without a command: both on this machine, for three
/// seconds.
#[derive(Parser)]
#[command(name = "echo", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Send every message back, on its lane and with the reliability it came with, until Ctrl-C.
    Server {
        /// Where to listen, IP:port; 0.0.0.0 or [::] means every address of this machine.
        #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:27015", value_parser = parse_address)]
        listen: SocketAddr,
        #[command(flatten)]
        rate: Rate,
        #[command(flatten)]
        credentials: credentials::Credentials,
    },
    /// Send messages to an echo server and check what comes back. Fails if a reliable message was lost or changed.
    Client(client::Arguments),
}

/// How fast to send.
#[derive(Args, Clone, Copy)]
struct Rate {
    /// Send at exactly this rate to each peer, instead of at what the path is found to carry.
    #[arg(long, value_name = "BYTES_PER_SECOND", value_parser = clap::value_parser!(i32).range(1024..))]
    rate: Option<i32>,
}

impl Rate {
    fn options(self) -> Vec<ConfigEntry> {
        let bounds = [ConfigValue::SEND_RATE_MAX, ConfigValue::SEND_RATE_MIN];
        self.rate.map(|rate| bounds.map(|bound| ConfigEntry::new(bound, rate))).into_iter().flatten().collect()
    }
}

fn main() -> ExitCode {
    let stop = stop_on_ctrl_c();
    let result = match Arguments::parse().command {
        None => demo::run(&stop),
        Some(Command::Server { listen, rate, credentials }) => server::run(listen, rate, &credentials, &stop),
        Some(Command::Client(arguments)) => client::run(&arguments, &stop),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("echo: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// What went wrong, for the user.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn stop_on_ctrl_c() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    if let Err(error) = ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed)) {
        eprintln!("echo: Ctrl-C will end this without saying goodbye: {error}");
    }
    stop
}
