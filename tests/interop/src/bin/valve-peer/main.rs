//! `valve-peer`: Valve's library, driven by lines on standard input.
//!
//! The lines are those of `gamesockets_interop::protocol`. The library's log goes to standard error. The program ends with
//! the command `quit` or with its standard input, so it never outlives the test that started it.

mod layout;
mod library;
mod calls;
mod session;

use std::io::{BufRead, BufWriter, Write, stdin, stdout};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use clap::Parser;
use gamesockets_interop::protocol::{Command, Output};

use crate::library::Library;
use crate::session::Session;

/// Valve's GameNetworkingSockets, driven by lines of JSON on standard input.
#[derive(Parser)]
struct Args {
    /// The library's file, or a name that the loader finds.
    #[arg(long, default_value = "libGameNetworkingSockets.so")]
    library: PathBuf,
    /// Its identity.
    #[arg(long, default_value = "str:valve")]
    identity: String,
    /// How much of its log to print: 1 (bugs) to 8 (everything).
    #[arg(long, default_value_t = 4)]
    log_level: i32,
}

/// The time between two looks at the library while nothing happens.
const POLL_INTERVAL: Duration = Duration::from_millis(1);

fn main() -> ExitCode {
    let args = Args::parse();
    let library = match Library::start(&args.library, &args.identity, args.log_level) {
        Ok(library) => library,
        Err(message) => {
            eprintln!("valve-peer: {message}");
            return ExitCode::FAILURE;
        }
    };
    let (sender, commands) = channel();
    std::thread::spawn(move || read_commands(&sender));
    match serve(Session::new(library), &commands) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("valve-peer: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Forwards commands until standard input ends. A line that is none is a mistake of whoever wrote it.
fn read_commands(sender: &Sender<Result<Command, String>>) {
    for line in stdin().lock().lines() {
        let command = line
            .map_err(|error| error.to_string())
            .and_then(|line| serde_json::from_str(&line).map_err(|error| format!("not a command: {error}: {line}")));
        if sender.send(command).is_err() {
            return;
        }
    }
}

/// Alternates between commands and the library until there are no more commands.
fn serve(mut session: Session, commands: &Receiver<Result<Command, String>>) -> Result<(), String> {
    let mut out = BufWriter::new(stdout().lock());
    let mut failure = None;
    let mut busy = false;
    loop {
        let wait = if busy { Duration::ZERO } else { POLL_INTERVAL };
        let mut write = |output: Output| {
            let line = serde_json::to_string(&output).map_err(|error| error.to_string());
            let written = line.and_then(|line| writeln!(out, "{line}").map_err(|error| error.to_string()));
            failure = written.err().or(failure.take());
        };
        match commands.recv_timeout(wait) {
            Ok(command) => match session.command(command?) {
                Some(reply) => write(Output::Reply(reply)),
                None => return Ok(()),
            },
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        busy = session.work(&mut write);
        if let Some(error) = failure.take() {
            return Err(error);
        }
        out.flush().map_err(|error| error.to_string())?;
    }
}
