//! A chat: one server, many clients with nicknames.
//!
//! ```text
//! cargo run --release --example chat -- server
//! cargo run --release --example chat -- client --name alice
//! ```
//!
//! A client's first message is its nickname, each further one a line of text. The server sends lines to show.

use std::collections::HashMap;
use std::io::BufRead as _;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, TryRecvError};
use std::thread;
use std::time::Duration;

use clap::{Parser, Subcommand};
use gamesockets::{
    Connection, ConnectionState, Error, Event, PollGroup, ReceivedMessage, SendFlags, Sockets, parse_address,
};

const LOOK_UP: Duration = Duration::from_millis(100);
const LONGEST_NAME: usize = 24;
const LONGEST_LINE: usize = 2_000;
/// Why a client is turned away: our own reason, from the range for applications.
const NAME_REFUSED: i32 = 1_001;

/// A chat: one server, many clients with nicknames.
#[derive(Parser)]
#[command(name = "chat", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Pass what each client says to all of them, until Ctrl-C.
    Server {
        /// Where to listen, IP:port; [::] means every address of this machine, 0.0.0.0 every one of IPv4.
        #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:27016", value_parser = parse_address)]
        listen: SocketAddr,
    },
    /// Say what is typed, show what others say; the end of the input (Ctrl-D) or Ctrl-C leaves.
    Client {
        /// Where the server listens.
        #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:27016", value_parser = parse_address)]
        connect: SocketAddr,
        /// The nickname to be known by.
        #[arg(long, value_name = "NICKNAME")]
        name: String,
    },
}

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    if let Err(error) = ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed)) {
        eprintln!("chat: Ctrl-C will end this without saying goodbye: {error}");
    }
    let result = match Arguments::parse().command {
        Command::Server { listen } => serve(listen, &stop),
        Command::Client { connect, name } => talk(connect, &name, &stop),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("chat: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn serve(listen: SocketAddr, stop: &AtomicBool) -> Outcome {
    let sockets = Sockets::anonymous()?;
    let socket = sockets.create_listen_socket_ip(listen, &[])?;
    println!("listening on {}; Ctrl-C ends this", sockets.listen_socket_address(socket)?);
    let group = sockets.create_poll_group()?;
    let mut room = Room { sockets, group, names: HashMap::new() };
    while !stop.load(Ordering::Relaxed) {
        // A chat is slow: looking for events ten times a second is enough.
        room.sockets.wait_messages(room.group, LOOK_UP)?;
        for message in room.sockets.receive_messages_on_poll_group(room.group, 64)? {
            room.hear(&message);
        }
        while let Some(event) = room.sockets.poll_event() {
            if let Event::ConnectionStatusChanged { connection, info, .. } = event {
                room.follow(connection, info.connection_state);
            }
        }
    }
    Ok(())
}

struct Room {
    sockets: Sockets,
    group: PollGroup,
    names: HashMap<Connection, String>,
}

impl Room {
    fn follow(&mut self, connection: Connection, state: ConnectionState) {
        match state {
            ConnectionState::Connecting => {
                // Should the client be gone already, an event says so.
                let accepted = self.sockets.accept_connection(connection);
                let _ = accepted.and_then(|()| self.sockets.set_connection_poll_group(connection, Some(self.group)));
            }
            ConnectionState::ClosedByPeer | ConnectionState::ProblemDetectedLocally => {
                // What it said last is still to be heard.
                for message in self.sockets.receive_messages_on_connection(connection, usize::MAX).unwrap_or_default() {
                    self.hear(&message);
                }
                let _ = self.sockets.close_connection(connection, 0, "", false);
                if let Some(name) = self.names.remove(&connection) {
                    self.say(&format!("* {name} left"));
                }
            }
            _ => {}
        }
    }

    fn hear(&mut self, message: &ReceivedMessage) {
        let text = String::from_utf8_lossy(&message.payload);
        let text: String = text.chars().filter(|character| !character.is_control()).take(LONGEST_LINE).collect();
        if let Some(name) = self.names.get(&message.connection) {
            self.say(&format!("{name}: {text}"));
        } else if let Some(problem) = self.problem_with(&text) {
            let _ = self.sockets.close_connection(message.connection, NAME_REFUSED, &problem, true);
        } else {
            let _ = self.sockets.set_connection_name(message.connection, &text);
            self.names.insert(message.connection, text.clone());
            self.say(&format!("* {text} joined; {} here", self.names.len()));
        }
    }

    fn problem_with(&self, name: &str) -> Option<String> {
        if name.trim() != name || name.is_empty() || name.chars().count() > LONGEST_NAME {
            return Some(format!("a nickname has 1 to {LONGEST_NAME} characters, and no space around"));
        }
        self.names.values().any(|taken| taken == name).then(|| format!("the nickname {name} is taken"))
    }

    fn say(&self, line: &str) {
        println!("{line}");
        for &connection in self.names.keys() {
            // A client that does not keep up misses lines; one that is gone is noticed by its event.
            let _ = self.sockets.send_message_to_connection(connection, line.as_bytes(), SendFlags::RELIABLE);
        }
    }
}

fn talk(address: SocketAddr, name: &str, stop: &AtomicBool) -> Outcome {
    let sockets = Sockets::anonymous()?;
    let connection = sockets.connect_by_ip_address(address, &[])?;
    sockets.send_message_to_connection(connection, name.as_bytes(), SendFlags::RELIABLE)?;
    let typed = read_lines();
    while !stop.load(Ordering::Relaxed) {
        match typed.try_recv() {
            Ok(line) => {
                sockets.send_message_to_connection(connection, line.as_bytes(), SendFlags::RELIABLE)?;
                continue;
            }
            // Piped input may end before the connection is up, and only an established one can linger.
            Err(TryRecvError::Disconnected) if is_connected(&sockets, connection)? => break,
            Err(TryRecvError::Disconnected | TryRecvError::Empty) => {}
        }
        match sockets.wait_messages(connection, LOOK_UP) {
            Ok(_) => show(&sockets, connection)?,
            Err(Error::ConnectionEnded { reason, debug }) => return Err(format!("{debug} ({reason})").into()),
            Err(error) => return Err(error.into()),
        }
    }
    show(&sockets, connection)?;
    // What was said is delivered before the program ends.
    sockets.close_connection(connection, 0, "bye", true)?;
    Ok(())
}

fn is_connected(sockets: &Sockets, connection: Connection) -> Result<bool, Error> {
    Ok(sockets.connection_info(connection)?.connection_state == ConnectionState::Connected)
}

fn show(sockets: &Sockets, connection: Connection) -> Result<(), Error> {
    for message in sockets.receive_messages_on_connection(connection, 64)? {
        println!("{}", String::from_utf8_lossy(&message.payload));
    }
    Ok(())
}

/// The lines of the standard input, read on a thread of its own, since a read cannot be interrupted.
fn read_lines() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if !line.is_empty() && sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}
