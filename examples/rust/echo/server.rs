//! The server: one thread accepts connections, another sends messages back.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use gamesockets::{
    Connection, ConnectionInfo, ConnectionState, Error, Event, OutgoingMessage, PollGroup, ReceivedMessage, ResultCode,
    SendError, SendFlags, Sockets,
};

use super::credentials::Credentials;
use super::{Outcome, Rate};

/// How often the threads look whether they should stop.
const LOOK_UP: Duration = Duration::from_millis(100);
const MESSAGES_AT_ONCE: usize = 64;

pub(crate) fn run(listen: SocketAddr, rate: Rate, credentials: &Credentials, stop: &AtomicBool) -> Outcome {
    let sockets = credentials.instance()?;
    let options = [rate.options(), credentials.options()].concat();
    let socket = sockets.create_listen_socket_ip(listen, &options)?;
    println!("listening on {}; Ctrl-C ends this", sockets.listen_socket_address(socket)?);
    serve(sockets, true, stop)
}

/// Echoes until `stop`.
pub(crate) fn serve(sockets: Sockets, verbose: bool, stop: &AtomicBool) -> Outcome {
    let group = sockets.create_poll_group()?;
    let server = Server { sockets, group, verbose, waiting: Mutex::default() };
    thread::scope(|scope| {
        let events = scope.spawn(|| server.handle_events(stop));
        let result = server.echo_messages(stop);
        // Whichever fails takes the other along.
        stop.store(true, Ordering::Relaxed);
        let events = events.join().unwrap_or_else(|_| Err("the event thread panicked".into()));
        result.and(events)
    })
}

struct Server {
    sockets: Sockets,
    group: PollGroup,
    verbose: bool,
    /// Messages that a full send buffer did not take. Their connection is out of the poll group meanwhile, so that its
    /// peer feels the pressure instead of our memory.
    waiting: Mutex<HashMap<Connection, VecDeque<ReceivedMessage>>>,
}

impl Server {
    fn handle_events(&self, stop: &AtomicBool) -> Outcome {
        while !stop.load(Ordering::Relaxed) {
            match self.sockets.wait_event(LOOK_UP) {
                Some(Event::ConnectionStatusChanged { connection, info, .. }) => {
                    if self.verbose && info.connection_state != ConnectionState::None {
                        println!("{:?}: {}, {}", info.connection_state, info.debug_description, reason(&info));
                    }
                    ignore_gone(self.follow(connection, info.connection_state))?;
                }
                Some(Event::ConnectionWritable { connection }) => ignore_gone(self.go_on(connection))?,
                _ => {}
            }
        }
        Ok(())
    }

    fn follow(&self, connection: Connection, state: ConnectionState) -> Result<(), Error> {
        match state {
            ConnectionState::Connecting => {
                self.sockets.accept_connection(connection)?;
                self.sockets.set_connection_poll_group(connection, Some(self.group))
            }
            ConnectionState::ClosedByPeer | ConnectionState::ProblemDetectedLocally => {
                self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&connection);
                self.sockets.close_connection(connection, 0, "", false)
            }
            _ => Ok(()),
        }
    }

    /// There is room again: first what waits, then what comes.
    fn go_on(&self, connection: Connection) -> Result<(), Error> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(message) = waiting.get_mut(&connection).and_then(VecDeque::pop_front) {
            match self.echo(&message) {
                Err(error) if error.code() == ResultCode::LimitExceeded => {
                    waiting.entry(connection).or_default().push_front(message);
                    return Ok(());
                }
                result => result?,
            }
        }
        waiting.remove(&connection);
        self.sockets.set_connection_poll_group(connection, Some(self.group))
    }

    fn echo_messages(&self, stop: &AtomicBool) -> Outcome {
        let mut messages = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            if !self.sockets.wait_messages(self.group, LOOK_UP)? {
                continue;
            }
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            self.sockets.receive_messages_on_poll_group_into(self.group, MESSAGES_AT_ONCE, &mut messages)?;
            for message in messages.drain(..) {
                let connection = message.connection;
                if let Some(queue) = waiting.get_mut(&connection) {
                    queue.push_back(message);
                    continue;
                }
                match self.echo(&message) {
                    Err(error) if error.code() == ResultCode::LimitExceeded => {
                        waiting.entry(connection).or_default().push_back(message);
                        ignore_gone(self.sockets.set_connection_poll_group(connection, None))?;
                    }
                    result => ignore_gone(result)?,
                }
            }
        }
        Ok(())
    }

    fn echo(&self, message: &ReceivedMessage) -> Result<(), Error> {
        let echo = OutgoingMessage {
            connection: message.connection,
            payload: &message.payload,
            lane: message.lane,
            flags: message.flags | SendFlags::NO_NAGLE,
        };
        match self.sockets.send_message(echo) {
            Err(Error::Send(SendError::NoSuchLane { .. })) => {
                self.sockets.send_message(OutgoingMessage { lane: 0, ..echo })
            }
            result => result,
        }
        .map(|_| ())
    }
}

fn reason(info: &ConnectionInfo) -> String {
    match info.end_reason.0 {
        0 => "open".into(),
        reason => format!("{} ({reason})", info.end_debug),
    }
}

/// A peer that has gone meanwhile is no failure of ours.
fn ignore_gone(result: Result<(), Error>) -> Result<(), Error> {
    use ResultCode::{HandshakeFailed, InvalidParam, InvalidState, NoConnection};
    match result {
        Err(error) if [HandshakeFailed, InvalidParam, InvalidState, NoConnection].contains(&error.code()) => Ok(()),
        result => result,
    }
}
