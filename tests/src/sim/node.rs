//! One host: a UDP socket with the engine behind it, driven as the engine's documentation says.

use std::net::SocketAddr;

use gamesockets_proto::endpoint::ListenParams;
use gamesockets_proto::{Connection, Endpoint, Event, Incoming, Timestamp};
use gamesockets_schema::ConnectionState;

use super::checks::Watch;

/// Names a connection in a [`super::Network`]: which node, and which of its connections. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnKey {
    /// Index of the node.
    pub node: usize,
    /// Index of the connection on the node.
    pub slot: usize,
}

/// What the application on a node hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A client wants to connect.
    Incoming,
    /// Said by the engine.
    Event(Event),
    /// So many messages became readable.
    Readable(usize),
}

/// What a node did: datagrams to send and what its application hears.
#[derive(Default)]
pub struct Output {
    /// Destination and bytes.
    pub datagrams: Vec<(SocketAddr, Vec<u8>)>,
    /// Slot and what happened.
    pub notices: Vec<(usize, Notice)>,
}

/// One UDP socket: a listening endpoint with its connections, or one client connection.
pub struct Node {
    address: SocketAddr,
    endpoint: Option<Endpoint<usize>>,
    slots: Vec<Option<Slot>>,
    crashed: bool,
}

struct Slot {
    connection: Box<Connection>,
    watch: Watch,
    timeout: Option<Timestamp>,
}

impl Node {
    /// A node that listens.
    pub fn server(address: SocketAddr, params: ListenParams) -> Self {
        Self { address, endpoint: Some(Endpoint::listen(params)), slots: Vec::new(), crashed: false }
    }

    /// A node that has just started to connect.
    pub fn client(address: SocketAddr, now: Timestamp, connection: Connection) -> Self {
        let mut node = Self { address, endpoint: None, slots: Vec::new(), crashed: false };
        node.add(now, Box::new(connection));
        node
    }

    /// Where its socket is bound.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops being there: nothing is sent or received any more, all state is lost.
    pub fn crash(&mut self) {
        self.crashed = true;
        self.endpoint = None;
        self.slots.iter_mut().for_each(|slot| *slot = None);
    }

    /// Whether [`Self::crash`] was called.
    pub fn is_crashed(&self) -> bool {
        self.crashed
    }

    /// The slots of the connections that are not dead yet.
    pub fn live_slots(&self) -> impl Iterator<Item = usize> + '_ {
        self.slots.iter().enumerate().filter_map(|(i, slot)| slot.as_ref().map(|_| i))
    }

    /// A connection, `None` once it is dead (or its node crashed).
    pub fn connection(&self, slot: usize) -> Option<&Connection> {
        self.slots.get(slot)?.as_ref().map(|s| &*s.connection)
    }

    /// See [`Self::connection`]. Drain afterwards.
    pub fn connection_mut(&mut self, slot: usize) -> Option<&mut Connection> {
        self.slots.get_mut(slot)?.as_mut().map(|s| &mut *s.connection)
    }

    /// The watch of a live connection.
    pub fn watch_mut(&mut self, slot: usize) -> Option<&mut Watch> {
        self.slots.get_mut(slot)?.as_mut().map(|s| &mut s.watch)
    }

    /// The endpoint of a server that has not crashed.
    pub fn endpoint(&self) -> Option<&Endpoint<usize>> {
        self.endpoint.as_ref()
    }

    /// The earliest timer: when and whose.
    pub fn next_timeout(&self) -> Option<(Timestamp, usize)> {
        let timers = self.slots.iter().enumerate();
        timers.filter_map(|(i, slot)| Some((slot.as_ref()?.timeout?, i))).min()
    }

    /// A datagram arrives.
    pub fn handle_datagram(
        &mut self,
        now: Timestamp,
        from: SocketAddr,
        datagram: &mut [u8],
        fresh_id: impl FnOnce() -> u32,
        output: &mut Output,
    ) {
        let slot = match &mut self.endpoint {
            _ if self.crashed => return,
            None => {
                self.slots.first().and_then(|s| s.as_ref()).filter(|s| s.connection.remote_address() == from).map(|_| 0)
            }
            Some(endpoint) => {
                let mut reply = Vec::new();
                match endpoint.handle_datagram(now, from, datagram, &mut reply, fresh_id) {
                    Incoming::Connection(slot) => Some(slot),
                    Incoming::Dropped => None,
                    Incoming::Reply => {
                        // A ConnectRequest that is answered has returned its challenge: the address is verified.
                        let (asked, answered, verified) = (datagram.len(), reply.len(), datagram[0] == 0x22);
                        assert!(
                            answered <= asked || verified,
                            "{asked} bytes from an unverified address were answered with {answered}"
                        );
                        output.datagrams.push((from, reply));
                        None
                    }
                    Incoming::New(connection) => {
                        assert_eq!(connection.state(), ConnectionState::Connecting);
                        assert_eq!(connection.remote_address(), from);
                        let slot = self.slots.len();
                        let old = endpoint.insert(&connection, slot);
                        self.add(now, connection);
                        if let Some(old) = old {
                            if let Some(connection) = self.connection_mut(old) {
                                connection.give_way(now);
                            }
                            self.drain(now, old, output);
                        }
                        output.notices.push((slot, Notice::Incoming));
                        self.drain(now, slot, output);
                        None
                    }
                }
            }
        };
        let Some(slot) = slot else { return };
        let known = self.slots.get_mut(slot).and_then(Option::as_mut);
        let entry = known.unwrap_or_else(|| panic!("the endpoint routed {from} to dead connection {slot}"));
        entry.watch.note_datagram(now);
        entry.connection.handle_datagram(now, datagram);
        self.drain(now, slot, output);
    }

    /// A timer is due.
    pub fn handle_timeout(&mut self, now: Timestamp, slot: usize, output: &mut Output) {
        let Some(entry) = self.slots.get_mut(slot).and_then(Option::as_mut) else {
            return;
        };
        entry.connection.handle_timeout(now);
        self.drain(now, slot, output);
        if let Some(entry) = self.slots.get_mut(slot).and_then(Option::as_mut) {
            entry.watch.note_wake_up(now, entry.timeout);
        }
    }

    /// The documented order: transmits, events, readable messages, timeout. To be called after every call.
    pub fn drain(&mut self, now: Timestamp, slot: usize, output: &mut Output) {
        let Some(entry) = self.slots.get_mut(slot).and_then(Option::as_mut) else {
            return;
        };
        entry.transmit(now, output);
        while let Some(event) = entry.connection.poll_event() {
            match event {
                Event::StateChanged { old, new } => entry.watch.note_transition(now, old, new),
                Event::Writable => entry.watch.note_writable(),
            }
            output.notices.push((slot, Notice::Event(event)));
        }
        match entry.connection.take_newly_readable() {
            0 => {}
            count => output.notices.push((slot, Notice::Readable(count))),
        }
        entry.timeout = entry.connection.poll_timeout();
        entry.watch.check(now, &entry.connection);
        if entry.connection.state() == ConnectionState::Dead {
            let remote = entry.connection.remote_address();
            self.slots[slot] = None;
            // The address may be a newer connection's by now.
            if let Some(endpoint) = &mut self.endpoint
                && endpoint.route(remote) == Some(slot)
            {
                endpoint.remove(remote);
                assert_eq!(endpoint.route(remote), None, "a dead connection keeps its address");
            }
        }
    }

    fn add(&mut self, now: Timestamp, connection: Box<Connection>) {
        let watch = Watch::new(connection.state(), now);
        let timeout = connection.poll_timeout();
        self.slots.push(Some(Slot { connection, watch, timeout }));
    }
}

impl Slot {
    fn transmit(&mut self, now: Timestamp, output: &mut Output) {
        const BATCH: usize = 16;
        let mtu = usize::from(self.connection.config().mtu_packet_size);
        let mut buffer = Vec::new();
        for round in 0.. {
            assert!(round < 10_000, "poll_transmit never ends");
            buffer.clear();
            let Some(transmit) = self.connection.poll_transmit(now, &mut buffer, BATCH) else {
                break;
            };
            assert_eq!(transmit.len, buffer.len());
            assert!(transmit.segment_size > 0 && transmit.len > 0, "an empty transmit");
            for datagram in buffer.chunks(transmit.segment_size) {
                let len = datagram.len();
                // Control packets are at least 512 bytes, whatever the MTU.
                assert!((5..=mtu.max(512)).contains(&len), "a datagram of {len} bytes, MTU {mtu}");
                self.watch.note_datagram(now);
                output.datagrams.push((transmit.destination, datagram.to_vec()));
            }
            assert!(buffer.chunks(transmit.segment_size).count() <= BATCH);
        }
    }
}
