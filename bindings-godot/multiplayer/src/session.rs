//! One end: the host or a client.

mod admission;
mod approach;
mod ending;
mod receiving;
mod sending;

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use gamesockets::schema::{DebugOutputType, LaneStatus, RealTimeStatus};
use gamesockets::{
    Bytes, Connection, ConnectionInfo, ConnectionState, Event, ListenSocket, PollGroup, ReceivedMessage, Sockets,
};

use crate::channels::Mode;
use crate::counters::Counters;
use crate::handshake::HOST;
use crate::peers::{Expelled, Peers};
use crate::remote::{Lookup, Remote};
use crate::settings::Settings;

/// A call that was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing can be sent before the handshake is done, or after the end.
    #[error("not connected to a host")]
    NotConnected,
    /// Nobody has this number.
    #[error("there is no peer {id} to send to: it has left, or only the host can reach it")]
    UnknownPeer {
        /// The number that was given.
        id: i32,
    },
    /// There are not as many channels.
    #[error("there is no channel {channel}: there are {}, from 0 on", crate::CHANNELS)]
    UnknownChannel {
        /// The number that was given.
        channel: i32,
    },
    /// The network refused.
    #[error(transparent)]
    Sockets(#[from] gamesockets::Error),
}

/// How far a session has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// A client whom the host has not answered yet.
    Connecting,
    /// A host, or a client that has its number.
    Connected,
    /// A client that was refused, or has lost the host.
    Disconnected,
}

/// A packet that came.
#[derive(Clone, Debug)]
pub struct Packet {
    /// Who sent it.
    pub peer: i32,
    /// Its channel.
    pub channel: u16,
    /// How it was sent.
    pub mode: Mode,
    /// Its bytes.
    pub payload: Bytes,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A peer is there; of a client, the host.
    Connected(i32),
    /// A peer has gone, and all its packets have been handed over.
    Disconnected(i32),
    /// Something for whoever looks for a fault.
    Line(Line),
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Of the session.
    Session(String),
    /// Of the sockets below it.
    Sockets(String),
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parting {
    /// The reason code: one of [`reasons`](crate::reasons), or one of `ConnectionEnd`.
    pub reason: i32,
    /// The same in words.
    pub text: String,
}

/// One end: the host or a client.
#[derive(Debug)]
pub struct Session {
    sockets: Sockets,
    group: PollGroup,
    role: Role,
    settings: Settings,
    refuses_new: bool,
    links: HashMap<Connection, Link>,
    peers: Peers,
    /// Who has left since the last poll began: others may not have heard of it yet.
    departed: Vec<i32>,
    expelled: Expelled,
    incoming: Incoming,
    notices: Vec<Notice>,
    counters: Counters,
    parting: Option<Parting>,
    /// The messages of one round, kept for its memory.
    messages: Vec<ReceivedMessage>,
}

#[derive(Debug)]
enum Role {
    Host { listen_socket: ListenSocket },
    Client { way: Way, id: i32, status: Status },
}

/// How a client gets to its host.
#[derive(Debug)]
enum Way {
    /// Its name is being looked up.
    Lookup(Lookup),
    Connection(Connection),
    /// There is none.
    Nowhere,
}

/// What a connection is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    /// It has not said who it is. `since`: when it was connected, microseconds.
    Joining { since: Option<u64> },
    /// It is this peer's.
    Peer(i32),
}

/// Packets that wait to be taken.
#[derive(Debug, Default)]
struct Incoming {
    packets: VecDeque<Packet>,
    bytes: usize,
}

impl Session {
    /// Listens at this address, as peer 1. Port 0 takes a free one.
    ///
    /// # Errors
    /// As [`Sockets::create_listen_socket_ip`] and [`gamesockets::Builder::build`].
    pub fn host(address: SocketAddr, settings: Settings) -> Result<Self, gamesockets::Error> {
        let sockets = settings.start()?;
        let listen_socket = sockets.create_listen_socket_ip(address, &[])?;
        Self::new(sockets, Role::Host { listen_socket }, settings)
    }

    /// Connects to the host at this address. `id` is the number we would like; 0 for any. The name of a computer is looked
    /// up first, while this is [`Status::Connecting`].
    ///
    /// # Errors
    /// As [`Sockets::connect_by_ip_address`] and [`gamesockets::Builder::build`].
    pub fn client(remote: impl Into<Remote>, id: i32, settings: Settings) -> Result<Self, gamesockets::Error> {
        let sockets = settings.start()?;
        let role = Role::Client { way: Way::Nowhere, id: id.max(0), status: Status::Connecting };
        let mut session = Self::new(sockets, role, settings)?;
        match remote.into() {
            Remote::Address(address) => session.connect(address)?,
            Remote::Name(name, port) => {
                let lookup = Lookup::start(&name, port)
                    .map_err(|error| gamesockets::Error::NotStarted { what: "thread", reason: error.to_string() })?;
                session.set_way(Way::Lookup(lookup));
            }
        }
        Ok(session)
    }

    fn new(sockets: Sockets, role: Role, settings: Settings) -> Result<Self, gamesockets::Error> {
        let group = sockets.create_poll_group()?;
        Ok(Self {
            sockets,
            group,
            role,
            settings,
            refuses_new: false,
            links: HashMap::new(),
            peers: Peers::default(),
            departed: Vec::new(),
            expelled: Expelled::default(),
            incoming: Incoming::default(),
            notices: Vec::new(),
            counters: Counters::default(),
            parting: None,
            messages: Vec::new(),
        })
    }

    /// Takes in what has come, and answers what has happened. To be called once per frame.
    pub fn poll(&mut self) -> Vec<Notice> {
        self.departed.clear();
        self.follow_lookup();
        self.announce_ended();
        let mut ended = Vec::new();
        while let Some(event) = self.sockets.poll_event() {
            match event {
                Event::ConnectionStatusChanged { connection, info, .. } => {
                    self.connection_changed(connection, *info, &mut ended);
                }
                Event::DebugOutput { message, .. } => self.notices.push(Notice::Line(Line::Sockets(message))),
                _ => {}
            }
        }
        self.receive();
        for (connection, parting) in ended {
            self.end(connection, parting);
        }
        self.expire_handshakes();
        std::mem::take(&mut self.notices)
    }

    fn connection_changed(
        &mut self,
        connection: Connection,
        info: ConnectionInfo,
        ended: &mut Vec<(Connection, Parting)>,
    ) {
        match info.connection_state {
            ConnectionState::Connecting if self.is_from_outside(&info) => self.admit(connection),
            ConnectionState::Connected => self.greet(connection),
            ConnectionState::ClosedByPeer | ConnectionState::ProblemDetectedLocally => {
                ended.push((connection, Parting { reason: info.end_reason.0, text: info.end_debug }));
            }
            _ => {}
        }
    }

    fn is_from_outside(&self, info: &ConnectionInfo) -> bool {
        matches!(self.role, Role::Host { listen_socket } if listen_socket.raw() == info.listen_socket)
    }

    /// Our number: 1 for the host; for a client the one the host gave, until then the one it would like.
    pub fn id(&self) -> i32 {
        match self.role {
            Role::Host { .. } => HOST,
            Role::Client { id, .. } => id,
        }
    }

    /// Whether this is the host.
    pub fn is_host(&self) -> bool {
        matches!(self.role, Role::Host { .. })
    }

    /// How far it has come.
    pub fn status(&self) -> Status {
        match self.role {
            Role::Host { .. } => Status::Connected,
            Role::Client { status, .. } => status,
        }
    }

    /// The address a host listens at.
    pub fn local_address(&self) -> Option<SocketAddr> {
        match self.role {
            Role::Host { listen_socket } => self.sockets.listen_socket_address(listen_socket).ok(),
            Role::Client { .. } => None,
        }
    }

    /// Whether new clients are turned away.
    pub fn set_refuses_new(&mut self, refuses_new: bool) {
        self.refuses_new = refuses_new;
    }

    /// The sockets below, for options and figures.
    pub fn sockets(&self) -> &Sockets {
        &self.sockets
    }

    /// How much of the sockets' log becomes notices.
    pub fn set_socket_log(&self, level: DebugOutputType) {
        self.sockets.set_debug_output_level(level);
    }

    /// The numbers of the peers that are there.
    pub fn peers(&self) -> impl Iterator<Item = i32> {
        self.peers.ids()
    }

    /// The connection of a peer. Of a client that is not connected yet, the host's is known already.
    pub fn connection(&self, id: i32) -> Option<Connection> {
        match self.role {
            Role::Client { way: Way::Connection(connection), status: Status::Connecting, .. } if id == HOST => {
                Some(connection)
            }
            _ => self.peers.get(id).map(|peer| peer.connection),
        }
    }

    /// How the connection of a peer is doing, and its lanes: the handshake's, then three of each channel in use.
    pub fn figures(&self, id: i32) -> Option<(RealTimeStatus, Vec<LaneStatus>)> {
        let peer = self.peers.get(id)?;
        let lanes = 1 + 3 * usize::from(peer.channels);
        self.sockets.connection_lane_status(peer.connection, lanes).ok()
    }

    /// What was dropped and refused.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// How the connection that ended last came to its end.
    pub fn last_parting(&self) -> Option<&Parting> {
        self.parting.as_ref()
    }

    fn handshake_timeout_micros(&self) -> u64 {
        Duration::as_micros(&self.settings.handshake_timeout).try_into().unwrap_or(u64::MAX)
    }

    fn note(&mut self, text: String) {
        self.notices.push(Notice::Line(Line::Session(text)));
    }
}
