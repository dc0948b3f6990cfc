//! Attacks a server, and tells what it costs the attacker, the server, and the honest clients beside.
//!
//! The server is a process of its own, so are the honest clients; the attacker is this one. Each attack is a file in
//! `attacks/` and a line in its list. All traffic stays on 127.0.0.0/8, and every loop is bounded in time.

mod attacks;
mod hand;
mod honest;
mod memory;
mod process;
mod server;
mod table;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

/// Attack a gamesockets server and measure what it costs.
#[derive(Parser)]
#[command(name = "attack", version)]
struct Arguments {
    #[command(subcommand)]
    role: Option<Role>,
    /// Only these attacks, by number.
    #[arg(long, value_delimiter = ',')]
    only: Vec<u8>,
    /// How long each flood lasts, seconds.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Judge by what happened alone, never by times: for machines that have other work.
    #[arg(long)]
    outcomes: bool,
    /// Print the table as the page of the documentation.
    #[arg(long)]
    page: bool,
}

/// What this program is when it starts itself.
#[derive(Subcommand)]
enum Role {
    /// The victim.
    #[command(hide = true)]
    Server(server::Options),
    /// The honest clients.
    #[command(hide = true)]
    Honest(honest::Options),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match arguments.role {
        Some(Role::Server(options)) => server::run(&options),
        Some(Role::Honest(options)) => honest::run(&options),
        None => {
            let terms = attacks::Terms { time: Duration::from_secs(arguments.seconds), outcomes: arguments.outcomes };
            let rows = attacks::run(&arguments.only, terms);
            let met = rows.iter().all(|row| row.is_met(terms));
            print!("{}", if arguments.page { table::page(&rows, terms) } else { table::text(&rows, terms) });
            return if met { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
    }
    ExitCode::SUCCESS
}
