//! What a scenario can ask of either library.

use std::collections::VecDeque;
use std::net::SocketAddr;

use gamesockets_interop::protocol::{
    Connection, Incoming, Info, ListenSocket, Outgoing, Receive, Setting, Status, StatusChanged, Value,
};
use gamesockets_interop::valve::ValvePeer;

/// One end of a conversation. Numbers (states, reasons, results, flags) are those of the API, which both libraries share.
///
/// An `Err` means that the library could not be asked, or could not even make a handle; a refusal is a result code.
pub(crate) trait Peer {
    /// The identity it was started with.
    fn identity(&self) -> &str;
    fn listen(&mut self, address: SocketAddr, options: &[Setting]) -> Result<ListenSocket, String>;
    fn close_listen_socket(&mut self, socket: ListenSocket) -> Result<i32, String>;
    fn connect(&mut self, address: SocketAddr, options: &[Setting]) -> Result<Connection, String>;
    fn accept(&mut self, connection: Connection) -> Result<i32, String>;
    fn close(&mut self, connection: Connection, reason: i32, debug: &str, linger: bool) -> Result<i32, String>;
    /// The message's number, or the negative result code.
    fn send(&mut self, connection: Connection, message: Outgoing) -> Result<i64, String>;
    /// Queues `count` messages whose seeds count up, as the send buffer takes them, while [`Peer::poll`] is called.
    fn send_many(&mut self, connection: Connection, message: Outgoing, count: u64) -> Result<(), String>;
    fn configure_lanes(&mut self, connection: Connection, priorities: &[i32], weights: &[u16]) -> Result<i32, String>;
    fn flush(&mut self, connection: Connection) -> Result<i32, String>;
    fn info(&mut self, connection: Connection) -> Result<Result<Info, i32>, String>;
    fn status(&mut self, connection: Connection) -> Result<Result<Status, i32>, String>;
    fn receive(&mut self, receive: Receive) -> Result<(), String>;
    /// Shows a certificate of a CA that nobody knows from now on. Valve's packaged library takes none, and goes on without.
    fn show_certificate(&mut self) -> Result<(), String> {
        Ok(())
    }
    /// Does what has to be done regularly, and collects what happened.
    fn poll(&mut self) -> Result<&mut Happened, String>;
    /// Valve's library, if this is it, for what only that is asked to do.
    fn valve(&mut self) -> Option<&mut ValvePeer> {
        None
    }
    /// What helps to understand a failure.
    fn log(&self) -> String;
}

/// What happened at a peer and was not looked at yet.
#[derive(Debug, Default)]
pub(crate) struct Happened {
    pub(crate) events: VecDeque<StatusChanged>,
    pub(crate) messages: VecDeque<Incoming>,
}

/// Valve's library.
pub(crate) struct Valve {
    peer: ValvePeer,
    identity: String,
    happened: Happened,
}

impl Valve {
    pub(crate) fn new(peer: ValvePeer, identity: &str) -> Self {
        Self { peer, identity: identity.to_owned(), happened: Happened::default() }
    }
}

impl Peer for Valve {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn listen(&mut self, address: SocketAddr, options: &[Setting]) -> Result<ListenSocket, String> {
        self.peer.listen(address, options)
    }

    fn close_listen_socket(&mut self, socket: ListenSocket) -> Result<i32, String> {
        self.peer.close_listen_socket(socket)
    }

    fn connect(&mut self, address: SocketAddr, options: &[Setting]) -> Result<Connection, String> {
        self.peer.connect(address, options)
    }

    fn accept(&mut self, connection: Connection) -> Result<i32, String> {
        self.peer.accept(connection)
    }

    fn close(&mut self, connection: Connection, reason: i32, debug: &str, linger: bool) -> Result<i32, String> {
        self.peer.close(connection, reason, debug, linger)
    }

    fn send(&mut self, connection: Connection, message: Outgoing) -> Result<i64, String> {
        self.peer.send(connection, message)
    }

    fn send_many(&mut self, connection: Connection, message: Outgoing, count: u64) -> Result<(), String> {
        self.peer.send_many(connection, message, count)
    }

    fn configure_lanes(&mut self, connection: Connection, priorities: &[i32], weights: &[u16]) -> Result<i32, String> {
        self.peer.configure_lanes(connection, priorities, weights)
    }

    fn flush(&mut self, connection: Connection) -> Result<i32, String> {
        self.peer.flush(connection)
    }

    fn info(&mut self, connection: Connection) -> Result<Result<Info, i32>, String> {
        self.peer.info(connection)
    }

    fn status(&mut self, connection: Connection) -> Result<Result<Status, i32>, String> {
        self.peer.status(connection)
    }

    fn receive(&mut self, receive: Receive) -> Result<(), String> {
        self.peer.receive(receive)
    }

    fn poll(&mut self) -> Result<&mut Happened, String> {
        self.happened.events.extend(std::iter::from_fn(|| self.peer.take_event()));
        self.happened.messages.extend(std::iter::from_fn(|| self.peer.take_message()));
        Ok(&mut self.happened)
    }

    fn valve(&mut self) -> Option<&mut ValvePeer> {
        Some(&mut self.peer)
    }

    fn log(&self) -> String {
        self.peer.log()
    }
}

/// A whole-number option.
pub(crate) fn int32(id: i32, value: i32) -> Setting {
    Setting { id, value: Value::Int32(value) }
}

/// A fractional option.
pub(crate) fn float(id: i32, value: f32) -> Setting {
    Setting { id, value: Value::Float(value) }
}
