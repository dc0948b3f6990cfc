//! A server and a client, and the waiting that every scenario does.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::time::{Duration, Instant};

use gamesockets_interop::payload::{hash, pattern};
use gamesockets_interop::protocol::{
    Connection, Incoming, Info, ListenSocket, Outgoing, Scope, Setting, Status, StatusChanged,
};
use gamesockets_interop::valve::{Installation, ValvePeer};

use crate::ours::Ours;
use crate::peer::{Happened, Peer, Valve};

/// Long enough for anything on loopback, even on a busy machine: only failures wait this long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// `ESteamNetworkingConnectionState`.
pub(crate) mod state {
    pub(crate) const NONE: i32 = 0;
    pub(crate) const CONNECTING: i32 = 1;
    pub(crate) const CONNECTED: i32 = 3;
    pub(crate) const CLOSED_BY_PEER: i32 = 4;
    pub(crate) const PROBLEM_DETECTED_LOCALLY: i32 = 5;
}

/// `EResult`.
pub(crate) mod result {
    pub(crate) const OK: i32 = 1;
    pub(crate) const NO_CONNECTION: i32 = 3;
    pub(crate) const INVALID_PARAM: i32 = 8;
    pub(crate) const INVALID_STATE: i32 = 11;
    pub(crate) const LIMIT_EXCEEDED: i32 = 25;
    pub(crate) const HANDSHAKE_FAILED: i32 = 36;
    pub(crate) const IGNORED: i32 = 41;
}

/// Who is the server and who the client.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pairing {
    /// Valve's library serves gamesockets.
    ValveServes,
    /// gamesockets serves Valve's library.
    ValveConnects,
    /// Valve's library at both ends.
    Control,
}

impl Pairing {
    pub(crate) const ALL: [Self; 3] = [Self::ValveServes, Self::ValveConnects, Self::Control];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ValveServes => "valve_serves",
            Self::ValveConnects => "valve_connects",
            Self::Control => "control",
        }
    }

    pub(crate) fn is_interop(self) -> bool {
        self != Self::Control
    }
}

/// One of the two peers of a [`Pair`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Server,
    Client,
}

impl Side {
    pub(crate) const BOTH: [Self; 2] = [Self::Server, Self::Client];

    pub(crate) fn other(self) -> Self {
        match self {
            Self::Server => Self::Client,
            Self::Client => Self::Server,
        }
    }
}

/// A server and a client that know nothing of each other yet.
pub(crate) struct Pair {
    server: Box<dyn Peer>,
    client: Box<dyn Peer>,
}

/// A connection, by its handle at either end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    pub(crate) server: Connection,
    pub(crate) client: Connection,
}

impl Link {
    pub(crate) fn at(self, side: Side) -> Connection {
        match side {
            Side::Server => self.server,
            Side::Client => self.client,
        }
    }
}

impl Pair {
    pub(crate) fn new(pairing: Pairing, installation: &Installation) -> Result<Self, String> {
        let program = Path::new(env!("CARGO_BIN_EXE_valve-peer"));
        let valve = |identity| -> Result<Box<dyn Peer>, String> {
            Ok(Box::new(Valve::new(ValvePeer::start(installation, program, identity)?, identity)))
        };
        let ours = |identity| -> Result<Box<dyn Peer>, String> { Ok(Box::new(Ours::start(identity)?)) };
        let (server, client) = ("str:server", "str:client");
        Ok(match pairing {
            Pairing::ValveServes => Self { server: valve(server)?, client: ours(client)? },
            Pairing::ValveConnects => Self { server: ours(server)?, client: valve(client)? },
            Pairing::Control => Self { server: valve(server)?, client: valve(client)? },
        })
    }

    pub(crate) fn at(&mut self, side: Side) -> &mut dyn Peer {
        match side {
            Side::Server => &mut *self.server,
            Side::Client => &mut *self.client,
        }
    }

    /// Changes the configuration of Valve's library only, wherever it is.
    pub(crate) fn set_at_valve(&mut self, setting: &Setting) {
        for side in Side::BOTH {
            if let Some(valve) = self.at(side).valve() {
                assert_eq!(valve.set(Scope::Global, setting.clone()), Ok(result::OK), "{setting:?}");
            }
        }
    }

    /// Opens a listen socket of the server on a free port of `ip`.
    pub(crate) fn listen_on(&mut self, ip: IpAddr, options: &[Setting]) -> (ListenSocket, SocketAddr) {
        // Another program may take the port before the server does: then the next one is tried.
        let mut refusal = String::new();
        for _ in 0..5 {
            let address = free_address(ip);
            match self.server.listen(address, options) {
                Ok(socket) => return (socket, address),
                Err(reason) => refusal = reason,
            }
        }
        panic!("cannot listen: {refusal}");
    }

    /// Opens a listen socket of the server on 127.0.0.1.
    pub(crate) fn listen(&mut self, options: &[Setting]) -> (ListenSocket, SocketAddr) {
        self.listen_on(IpAddr::V4(Ipv4Addr::LOCALHOST), options)
    }

    /// A connection over 127.0.0.1 that is `Connected` at both ends.
    pub(crate) fn connect(&mut self) -> Link {
        self.connect_with(&[], &[])
    }

    /// The same with options of the listen socket and of the client's connection.
    pub(crate) fn connect_with(&mut self, server: &[Setting], client: &[Setting]) -> Link {
        let (_, address) = self.listen(server);
        self.connect_to(address, client)
    }

    /// Connects to a listen socket of the server, which accepts.
    pub(crate) fn connect_to(&mut self, address: SocketAddr, options: &[Setting]) -> Link {
        let link = self.request(address, options);
        assert_eq!(self.server.accept(link.server).expect("accept"), result::OK);
        for side in Side::BOTH {
            self.wait_for_state(side, link.at(side), state::CONNECTED);
        }
        link
    }

    /// Begins to connect; both ends are `Connecting` afterwards.
    pub(crate) fn request(&mut self, address: SocketAddr, options: &[Setting]) -> Link {
        let client = self.client.connect(address, options).expect("connect");
        self.wait_for_state(Side::Client, client, state::CONNECTING);
        Link { server: self.wait_for_any(Side::Server, state::CONNECTING), client }
    }

    /// Waits until a connection reports that it entered `state`; answers with that report.
    pub(crate) fn wait_for_state(&mut self, side: Side, connection: Connection, state: i32) -> Info {
        let what = format!("connection {connection} in state {state}");
        let event =
            self.wait_for_event(side, &what, |event| event.connection == connection && event.info.state == state);
        event.info
    }

    /// Waits until any connection reports that it entered `state`; answers with its handle.
    pub(crate) fn wait_for_any(&mut self, side: Side, state: i32) -> Connection {
        let what = format!("a connection in state {state}");
        self.wait_for_event(side, &what, |event| event.info.state == state).connection
    }

    /// Waits for an event; those before it are dropped.
    fn wait_for_event(&mut self, side: Side, what: &str, wanted: impl Fn(&StatusChanged) -> bool) -> StatusChanged {
        let mut seen = Vec::new();
        let found = self.wait(PATIENCE, |pair| {
            while let Some(event) = pair.poll(side).events.pop_front() {
                if wanted(&event) {
                    return Some(event);
                }
                seen.push(event);
            }
            None
        });
        found.unwrap_or_else(|| panic!("the {side:?} never saw {what}; it saw {seen:?}"))
    }

    /// The next message that arrives at a peer.
    pub(crate) fn next_message(&mut self, side: Side) -> Incoming {
        let message = self.wait(PATIENCE, |pair| pair.poll(side).messages.pop_front());
        message.unwrap_or_else(|| {
            let events = Side::BOTH.map(|side| format!("{side:?}: {:?}", self.poll(side).events));
            panic!("no message arrived at the {side:?}; events nobody looked at: {events:#?}")
        })
    }

    /// Sends one message and insists that it gets a number, which is the answer.
    pub(crate) fn send(&mut self, side: Side, connection: Connection, message: Outgoing) -> i64 {
        let number = self.at(side).send(connection, message).expect("send");
        assert!(number > 0, "the {side:?} cannot send {message:?}: result {}", -number);
        number
    }

    /// Waits until a status satisfies `wanted`.
    pub(crate) fn wait_for_status(
        &mut self,
        side: Side,
        connection: Connection,
        patience: Duration,
        wanted: impl Fn(&Status) -> bool,
    ) -> Status {
        let mut last = None;
        let found = self.wait(patience, |pair| {
            let status = pair.at(side).status(connection).expect("status").expect("the connection exists");
            last = Some(status);
            wanted(&status).then_some(status)
        });
        found.unwrap_or_else(|| panic!("the {side:?} has the status {last:?}"))
    }

    /// Waits for what `look` finds, both peers working meanwhile.
    pub(crate) fn wait<T>(&mut self, patience: Duration, mut look: impl FnMut(&mut Self) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + patience;
        loop {
            for side in Side::BOTH {
                self.poll(side);
            }
            if let Some(found) = look(self) {
                return Some(found);
            }
            if Instant::now() > deadline {
                return None;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Both peers work for a while.
    pub(crate) fn pass(&mut self, time: Duration) {
        let _: Option<()> = self.wait(time, |_| None);
    }

    pub(crate) fn log(&self) -> String {
        format!("server's log:\n{}\nclient's log:\n{}", self.server.log(), self.client.log())
    }

    fn poll(&mut self, side: Side) -> &mut Happened {
        self.at(side).poll().expect("poll")
    }
}

/// An address nobody is bound to at the moment.
pub(crate) fn free_address(ip: IpAddr) -> SocketAddr {
    let socket = UdpSocket::bind((ip, 0)).unwrap_or_else(|error| panic!("{ip} cannot be bound: {error}"));
    socket.local_addr().expect("a bound socket has an address")
}

/// A reliable message on lane 0.
pub(crate) fn reliable(len: usize, seed: u64) -> Outgoing {
    Outgoing { len, seed, flags: 8, lane: 0 }
}

/// An unreliable message on lane 0.
pub(crate) fn unreliable(len: usize, seed: u64) -> Outgoing {
    Outgoing { len, seed, flags: 0, lane: 0 }
}

/// Insists that what arrived is what was sent.
pub(crate) fn assert_arrived(sent: Outgoing, arrived: &Incoming) {
    let expected = (sent.len, hash(&pattern(sent.len, sent.seed)), sent.lane);
    assert_eq!((arrived.len, arrived.hash, arrived.lane), expected, "sent {sent:?}, arrived {arrived:?}");
}
