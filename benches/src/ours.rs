//! gamesockets: two processes of this program, one that sends and one that counts.

use std::io::{BufRead, BufReader, Write, stdin};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use gamesockets::{
    ConfigEntry, ConfigValue, ConnectionState, Error, Event, Identity, OutgoingMessage, ResultCode, SendFlags, Sockets,
};
use gamesockets_interop::payload::pattern;
use gamesockets_interop::protocol::Tally;

use crate::Running;
use crate::workload::{Workload, options};

/// Nothing on loopback takes longer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Messages queued or taken with one call, as `valve-peer` has it.
const BATCH: usize = 64;
/// Messages taken with one call, as `valve-peer` has it.
const RECEIVE_BATCH: usize = 256;

/// A process that sends and one that counts.
pub(crate) struct Pair {
    receiver: Process,
    answers: BufReader<ChildStdout>,
    /// Sends until it is dropped.
    _sender: Process,
}

/// A process that ends with its handle.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Pair {
    pub(crate) fn start(workload: Workload, rate: i32) -> Result<Self, String> {
        let rate = rate.to_string();
        let mut receiver = start(&["receive", "--rate", &rate])?;
        let output = receiver.0.stdout.take().ok_or("the receiver has no output")?;
        let mut answers = BufReader::new(output);
        let address = read_line(&mut answers)?;
        let (len, flags) = (workload.len.to_string(), workload.flags.to_string());
        let sender = start(&["send", "--address", &address, "--rate", &rate, "--len", &len, "--flags", &flags])?;
        Ok(Self { receiver, answers, _sender: sender })
    }
}

impl Running for Pair {
    fn tally(&mut self) -> Result<Tally, String> {
        let input = self.receiver.0.stdin.as_mut().ok_or("the receiver has no input")?;
        input.write_all(b"tally\n").map_err(|error| format!("the receiver: {error}"))?;
        let answer = read_line(&mut self.answers)?;
        let mut numbers = answer.split(' ').map_while(|number| number.parse().ok());
        match (numbers.next(), numbers.next()) {
            (Some(messages), Some(bytes)) => Ok(Tally { messages, bytes, micros: 0 }),
            _ => Err(format!("the receiver said {answer:?}")),
        }
    }
}

fn start(arguments: &[&str]) -> Result<Process, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    command.spawn().map(Process).map_err(|error| format!("{command:?}: {error}"))
}

fn read_line(input: &mut impl BufRead) -> Result<String, String> {
    let mut line = String::new();
    input.read_line(&mut line).map_err(|error| format!("the receiver: {error}"))?;
    Ok(line.trim().to_owned())
}

/// The counting process: says where it listens, then answers every line of its input with what has arrived so far.
pub(crate) fn receive(rate: i32) -> Result<(), String> {
    let sockets = sockets("str:receiver")?;
    let tally = Mutex::new(Tally::default());
    let address: SocketAddr = ([127, 0, 0, 1], 0).into();
    let listener = sockets.create_listen_socket_ip(address, &entries(rate)).map_err(text)?;
    println!("{}", sockets.listen_socket_address(listener).map_err(text)?);
    let connection = wait_for(&sockets, ConnectionState::Connecting)?;
    sockets.accept_connection(connection).map_err(text)?;
    std::thread::scope(|scope| {
        // Ends when the connection does, or with the process.
        let counting = scope.spawn(|| -> Result<(), Error> {
            let mut messages = Vec::new();
            loop {
                sockets.wait_messages(connection, PATIENCE)?;
                sockets.receive_messages_on_connection_into(connection, RECEIVE_BATCH, &mut messages)?;
                let mut tally = tally.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                tally.messages += messages.len() as u64;
                tally.bytes += messages.iter().map(|message| message.payload.len() as u64).sum::<u64>();
                drop(tally);
                messages.clear();
            }
        });
        for _ in stdin().lock().lines() {
            let tally = *tally.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            println!("{} {}", tally.messages, tally.bytes);
        }
        sockets.close_connection(connection, 0, "", false).map_err(text)?;
        // It ends with an error: the handle is closed.
        let _ = counting.join();
        Ok(())
    })
}

/// The sending process: sends until it is ended.
pub(crate) fn send(address: SocketAddr, rate: i32, len: usize, flags: i32) -> Result<(), String> {
    let sockets = sockets("str:sender")?;
    sockets.connect_by_ip_address(address, &entries(rate)).map_err(text)?;
    let connection = wait_for(&sockets, ConnectionState::Connected)?;
    let payload = pattern(len, 1);
    let message = OutgoingMessage { connection, payload: &payload, lane: 0, flags: SendFlags(flags) };
    loop {
        for outcome in sockets.send_messages(std::iter::repeat_n(message, BATCH)) {
            match outcome {
                gamesockets::SendOutcome::Failed(error) if error.code() == ResultCode::LimitExceeded => {
                    sockets.wait_writable(connection, PATIENCE).map_err(text)?;
                }
                gamesockets::SendOutcome::Failed(error) => return Err(text(error)),
                _ => {}
            }
        }
    }
}

fn sockets(identity: &str) -> Result<Sockets, String> {
    let identity: Identity = identity.parse().map_err(|error| format!("{identity}: {error}"))?;
    Sockets::new(identity).map_err(text)
}

fn entries(rate: i32) -> Vec<ConfigEntry> {
    options(rate).into_iter().map(|(id, value)| ConfigEntry::new(ConfigValue(id), value)).collect()
}

fn wait_for(sockets: &Sockets, wanted: ConnectionState) -> Result<gamesockets::Connection, String> {
    while let Some(event) = sockets.wait_event(PATIENCE) {
        if let Event::ConnectionStatusChanged { connection, info, .. } = event
            && info.connection_state == wanted
        {
            return Ok(connection);
        }
    }
    Err(format!("no connection entered state {wanted:?}"))
}

fn text(error: Error) -> String {
    error.to_string()
}
