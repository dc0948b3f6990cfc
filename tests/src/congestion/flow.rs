//! A connection that carries bulk data, a game's updates, or both.

use core::time::Duration;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use gamesockets_proto::connection::ConnectParams;
use gamesockets_proto::endpoint::ListenParams;
use gamesockets_proto::{Connection, ConnectionConfig, Identity, Timestamp};
use gamesockets_schema::{ConnectionState, SendFlags};

use crate::sim::Rng;
use crate::sim::node::{Node, Notice, Output};

/// Bytes of a bulk message.
const BULK_BYTES: usize = 8_192;
/// Bytes of a game's update, and how often it comes.
const UPDATE_BYTES: usize = 200;
const UPDATE_EVERY: Duration = Duration::from_micros(16_667);
/// Bytes of bulk data that an application with updates lets wait: the send buffer keeps room for those.
const BULK_WAITING_MAX: usize = 65_536;
/// The lanes of such an application: updates go first.
const UPDATES: u16 = 0;
const BULK: u16 = 1;

/// What a flow carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// As much reliable data as goes.
    Bulk,
    /// As many unreliable messages as go: nothing but what is asked for is acknowledged.
    UnreliableBulk,
    /// 60 unreliable updates a second.
    Game,
    /// Both, the updates on a lane of higher priority.
    BulkAndGame,
}

/// Both ends of a connection.
pub struct Flow {
    load: Load,
    sender: Node,
    receiver: Node,
    next_update: Timestamp,
    next_id: u32,
    /// Bytes of bulk data the receiving application has read.
    pub bulk_bytes: u64,
    /// How long updates took.
    pub latencies: Vec<Duration>,
    /// Updates sent.
    pub updates: u64,
    payload: Vec<u8>,
}

/// Which end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// The one that sends the load.
    Sender,
    /// The one that gets it.
    Receiver,
}

impl Flow {
    /// Flow number `index`: its client begins to connect.
    pub fn new(index: usize, load: Load, rates: Option<(u32, u32)>, now: Timestamp, rng: &mut Rng) -> Self {
        let address = |host: u8| SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 1, index as u8, host)), 27015);
        let config = config(rates);
        let listen = ListenParams {
            identity: Identity::localhost(),
            config: config.clone(),
            seed: rng.seed32(),
            unix_seconds_at_zero: 1_700_000_000,
        };
        let connect = ConnectParams {
            remote: address(1),
            identity: Identity::localhost(),
            config,
            seed: rng.seed32(),
            connection_id: 0x0101_0000 | (index as u32 + 1),
            unix_seconds_at_zero: 1_700_000_000,
            trust: Arc::default(),
            certificate: None,
        };
        Self {
            load,
            receiver: Node::server(address(1), listen),
            sender: Node::client(address(2), now, Connection::connect(now, connect)),
            next_update: now,
            next_id: 0x0202_0001,
            bulk_bytes: 0,
            latencies: Vec::new(),
            updates: 0,
            payload: vec![0; BULK_BYTES],
        }
    }

    /// What leaves at the start.
    pub fn start(&mut self, now: Timestamp) -> Vec<Vec<u8>> {
        let mut output = Output::default();
        self.sender.drain(now, 0, &mut output);
        output.datagrams.into_iter().map(|(_, bytes)| bytes).collect()
    }

    /// The sending connection.
    pub fn connection(&self) -> Option<&Connection> {
        self.sender.connection(0)
    }

    /// The rate it is allowed now, bytes per second.
    pub fn rate(&mut self, now: Timestamp) -> u32 {
        self.sender.connection_mut(0).map_or(0, |connection| connection.status(now).send_rate_bytes_per_second)
    }

    /// Updates so far do not count.
    pub fn forget_updates(&mut self) {
        self.latencies.clear();
        self.updates = 0;
    }

    /// The earliest thing that happens by itself.
    pub fn next_timeout(&self) -> Option<(Timestamp, End)> {
        let sender = self.sender.next_timeout().map(|(at, _)| (at, End::Sender));
        let receiver = self.receiver.next_timeout().map(|(at, _)| (at, End::Receiver));
        let update = self.plays().then_some((self.next_update, End::Sender));
        sender.into_iter().chain(receiver).chain(update).min()
    }

    /// A datagram arrives at `end`; answers what leaves from there.
    pub fn deliver(&mut self, now: Timestamp, end: End, bytes: &mut [u8]) -> Vec<Vec<u8>> {
        let (node, from) = match end {
            End::Sender => (&mut self.sender, self.receiver.address()),
            End::Receiver => (&mut self.receiver, self.sender.address()),
        };
        let mut output = Output::default();
        let id = &mut self.next_id;
        node.handle_datagram(
            now,
            from,
            bytes,
            || {
                *id += 1;
                *id
            },
            &mut output,
        );
        self.act(now, end, output)
    }

    /// A timer of `end` is due; answers what leaves from there.
    pub fn wake(&mut self, now: Timestamp, end: End) -> Vec<Vec<u8>> {
        let node = match end {
            End::Sender => &mut self.sender,
            End::Receiver => &mut self.receiver,
        };
        let mut output = Output::default();
        if node.next_timeout().is_some_and(|(at, _)| at <= now) {
            node.handle_timeout(now, 0, &mut output);
        }
        self.act(now, end, output)
    }

    /// The application at `end` does what it has to.
    fn act(&mut self, now: Timestamp, end: End, mut output: Output) -> Vec<Vec<u8>> {
        match end {
            End::Sender => self.send(now, &mut output),
            End::Receiver => {
                if output.notices.iter().any(|(_, notice)| *notice == Notice::Incoming)
                    && let Some(connection) = self.receiver.connection_mut(0)
                {
                    connection.accept(now).expect("an incoming connection");
                    self.receiver.drain(now, 0, &mut output);
                }
                self.read(now, &mut output);
            }
        }
        output.datagrams.into_iter().map(|(_, bytes)| bytes).collect()
    }

    fn plays(&self) -> bool {
        matches!(self.load, Load::Game | Load::BulkAndGame)
            && self.connection().is_some_and(|connection| connection.state() == ConnectionState::Connected)
    }

    fn send(&mut self, now: Timestamp, output: &mut Output) {
        let plays = self.plays();
        let Some(connection) = self.sender.connection_mut(0) else { return };
        if connection.state() != ConnectionState::Connected {
            return;
        }
        let lanes = if self.load == Load::BulkAndGame { 2 } else { 1 };
        if connection.lane_count() < lanes {
            connection.configure_lanes(now, &[0, 1], &[1, 1]).expect("two lanes");
        }
        let mut refused = false;
        if plays && self.next_update <= now {
            self.next_update = self.next_update.max(now) + UPDATE_EVERY;
            let mut update = [0; UPDATE_BYTES];
            update[..8].copy_from_slice(&now.as_micros().to_le_bytes());
            let result = connection.send(now, &update, UPDATES, SendFlags::UNRELIABLE | SendFlags::NO_NAGLE);
            refused |= result.is_err();
            self.updates += 1;
        }
        let (len, flags) = match self.load {
            Load::Game => (0, SendFlags::UNRELIABLE),
            Load::UnreliableBulk => (1_100, SendFlags::UNRELIABLE),
            Load::Bulk | Load::BulkAndGame => (BULK_BYTES, SendFlags::RELIABLE),
        };
        let lane = if lanes == 2 { BULK } else { 0 };
        while len > 0 && !refused {
            if plays && connection.status(now).pending_reliable_bytes >= BULK_WAITING_MAX {
                break;
            }
            refused = connection.send(now, &self.payload[..len], lane, flags).is_err();
        }
        if refused && let Some(watch) = self.sender.watch_mut(0) {
            watch.note_refused_send();
        }
        self.sender.drain(now, 0, output);
    }

    fn read(&mut self, now: Timestamp, output: &mut Output) {
        let Some(connection) = self.receiver.connection_mut(0) else { return };
        if connection.readable_messages() == 0 {
            return;
        }
        while let Some(message) = connection.receive(now) {
            if message.payload.len() == UPDATE_BYTES {
                let sent = message.payload[..8].try_into().map_or(0, u64::from_le_bytes);
                self.latencies.push(now.since(Timestamp::from_micros(sent)));
            } else {
                self.bulk_bytes += message.payload.len() as u64;
            }
        }
        self.receiver.drain(now, 0, output);
    }
}

fn config(rates: Option<(u32, u32)>) -> ConnectionConfig {
    let mut config = ConnectionConfig {
        // More than the path with the longest memory holds.
        send_buffer_size_bytes: 128 * 1024,
        recv_buffer_size_bytes: 64 * 1024 * 1024,
        recv_buffer_messages: 1_000_000,
        ..ConnectionConfig::default()
    };
    if let Some((min, max)) = rates {
        (config.send_rate_min, config.send_rate_max) = (min, max);
    }
    config
}
