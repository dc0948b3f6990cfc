//! The clock, the datagrams in flight and the nodes.

use core::cmp::Reverse;
use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::net::SocketAddr;
use std::sync::Arc;

use gamesockets_proto::connection::ConnectParams;
use gamesockets_proto::endpoint::ListenParams;
use gamesockets_proto::{Connection, ConnectionConfig, Event, Identity, Timestamp};
use gamesockets_schema::ConnectionState;

use super::node::{Notice, Output};
use super::{ConnKey, Decision, Link, LinkConfig, Node, Rng, Trace};

/// When the virtual clock starts; not zero, so that mistakes with zero timestamps show.
const START: Timestamp = Timestamp::from_micros(3_000_000);
/// Unix time at `Timestamp` zero.
const UNIX_SECONDS_AT_ZERO: u64 = 1_700_000_000;

/// A datagram that was sent, for tests that look at the wire.
#[derive(Clone, Debug)]
pub struct Sent {
    /// When.
    pub time: Timestamp,
    /// Who sent it.
    pub from: SocketAddr,
    /// To whom.
    pub to: SocketAddr,
    /// What.
    pub bytes: Vec<u8>,
}

/// Nodes, links between them, and a virtual clock.
pub struct Network {
    now: Timestamp,
    rng: Rng,
    nodes: Vec<Node>,
    by_address: BTreeMap<SocketAddr, usize>,
    default_link: LinkConfig,
    links: BTreeMap<(SocketAddr, SocketAddr), Link>,
    in_flight: BinaryHeap<Reverse<InFlight>>,
    /// What arrived at addresses that belong to no node but are watched.
    mailboxes: BTreeMap<SocketAddr, Vec<Vec<u8>>>,
    sequence: u64,
    used_ids: BTreeSet<u32>,
    /// Drawn for a connection that did not come to be.
    spare_id: Option<u32>,
    /// What applications have heard and nobody has taken yet, in order.
    pub notices: Vec<(Timestamp, ConnKey, Notice)>,
    /// Everything observable so far.
    pub trace: Trace,
    /// Every datagram sent, if a test wants to look at them.
    pub recording: Option<Vec<Sent>>,
}

/// Ordered by time, then by when it was sent: ties break the same way in every run.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct InFlight {
    arrival: Timestamp,
    sequence: u64,
    from: SocketAddr,
    to: SocketAddr,
    bytes: Vec<u8>,
}

impl Network {
    /// A network whose links behave as `default_link` unless told otherwise.
    pub fn new(seed: u64, default_link: LinkConfig) -> Self {
        Self {
            now: START,
            rng: Rng::new(seed),
            nodes: Vec::new(),
            by_address: BTreeMap::new(),
            default_link,
            links: BTreeMap::new(),
            in_flight: BinaryHeap::new(),
            mailboxes: BTreeMap::new(),
            sequence: 0,
            used_ids: BTreeSet::new(),
            spare_id: None,
            notices: Vec::new(),
            trace: Trace::default(),
            recording: None,
        }
    }

    /// The virtual time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Adds a node that listens on `address`; answers its index. Takes the place of a crashed node with that address.
    pub fn listen(&mut self, address: SocketAddr, config: ConnectionConfig) -> usize {
        let seed = self.rng.seed32();
        let identity = Identity::localhost();
        let params = ListenParams { identity, config, seed, unix_seconds_at_zero: UNIX_SECONDS_AT_ZERO };
        self.add(Node::server(address, params))
    }

    /// Adds a node at `address` that connects to `remote`. Takes the place of a crashed node with that address.
    pub fn connect(&mut self, address: SocketAddr, remote: SocketAddr, config: ConnectionConfig) -> ConnKey {
        let params = ConnectParams {
            remote,
            identity: Identity::localhost(),
            config,
            seed: self.rng.seed32(),
            connection_id: self.fresh_id(),
            unix_seconds_at_zero: UNIX_SECONDS_AT_ZERO,
            trust: Arc::default(),
            certificate: None,
        };
        let connection = Connection::connect(self.now, params);
        let node = self.add(Node::client(address, self.now, connection));
        let key = ConnKey { node, slot: 0 };
        self.after(key.node, |node, now, output| node.drain(now, 0, output));
        key
    }

    /// A node.
    pub fn node(&self, node: usize) -> &Node {
        &self.nodes[node]
    }

    /// All nodes, crashed ones included.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Stops a node for good, without a word to anybody.
    pub fn crash(&mut self, node: usize) {
        self.nodes[node].crash();
    }

    /// A connection, `None` once it is dead.
    pub fn connection(&self, key: ConnKey) -> Option<&Connection> {
        self.nodes[key.node].connection(key.slot)
    }

    /// The state of a connection; `Dead` once it is gone.
    pub fn state(&self, key: ConnKey) -> ConnectionState {
        self.connection(key).map_or(ConnectionState::Dead, Connection::state)
    }

    /// Every connection that is not dead, in a fixed order.
    pub fn live(&self) -> Vec<ConnKey> {
        let nodes = self.nodes.iter().enumerate();
        nodes.flat_map(|(node, n)| n.live_slots().map(move |slot| ConnKey { node, slot })).collect()
    }

    /// The connection at the other end, if it exists and both know of each other.
    pub fn peer(&self, key: ConnKey) -> Option<ConnKey> {
        let connection = self.connection(key)?;
        let (ours, theirs) = (connection.local_connection_id(), connection.remote_connection_id());
        self.live().into_iter().find(|other| {
            let other = self.connection(*other);
            // A client does not know the server's id before it is accepted.
            other.is_some_and(|o| {
                o.is_incoming() != connection.is_incoming()
                    && if o.is_incoming() {
                        o.remote_connection_id() == ours
                    } else {
                        o.local_connection_id() == theirs
                    }
            })
        })
    }

    /// The application calls a connection; then the connection is drained. `None` when it is dead.
    pub fn call<R>(&mut self, key: ConnKey, f: impl FnOnce(&mut Connection, Timestamp) -> R) -> Option<R> {
        let now = self.now;
        let result = f(self.nodes[key.node].connection_mut(key.slot)?, now);
        self.after(key.node, |node, now, output| {
            node.drain(now, key.slot, output);
        });
        Some(result)
    }

    /// A send was refused for lack of buffer: from now on `Writable` is owed.
    pub fn note_refused_send(&mut self, key: ConnKey) {
        if let Some(watch) = self.nodes[key.node].watch_mut(key.slot) {
            watch.note_refused_send();
        }
    }

    /// Whether `Writable` is still owed to a live connection.
    pub fn is_writable_owed(&mut self, key: ConnKey) -> bool {
        self.nodes[key.node].watch_mut(key.slot).is_some_and(|watch| watch.is_writable_owed())
    }

    /// The link from one address to another, made when first used.
    pub fn link(&mut self, from: SocketAddr, to: SocketAddr) -> &mut Link {
        let (rng, config) = (&mut self.rng, &self.default_link);
        self.links.entry((from, to)).or_insert_with(|| Link::new(config.clone(), rng.fork(1)))
    }

    /// Changes every link, those still to come included.
    pub fn reconfigure_links(&mut self, change: impl Fn(&mut LinkConfig)) {
        change(&mut self.default_link);
        self.links.values_mut().for_each(|link| change(link.config_mut()));
    }

    /// Puts a datagram on the wire as if `from` had sent it.
    pub fn inject(&mut self, from: SocketAddr, to: SocketAddr, bytes: Vec<u8>) {
        self.trace.number(self.now.as_micros());
        self.trace.number(u64::from(from.port()) << 16 | u64::from(to.port()));
        self.trace.bytes(&bytes);
        if let Some(recording) = &mut self.recording {
            recording.push(Sent { time: self.now, from, to, bytes: bytes.clone() });
        }
        let now = self.now;
        match self.link(from, to).decide(now, bytes.len()) {
            Decision::Drop => {}
            Decision::Pass => self.put(now, from, to, bytes),
            Decision::Deliver(delay) => self.put(now + delay, from, to, bytes),
            Decision::DeliverTwice(delay, copy) => {
                self.put(now + delay, from, to, bytes.clone());
                self.put(now + copy, from, to, bytes);
            }
        }
    }

    /// Keeps what arrives at an address without a node, for [`Self::take_mail`].
    pub fn open_mailbox(&mut self, address: SocketAddr) {
        self.mailboxes.entry(address).or_default();
    }

    /// Takes what has arrived at an address without a node.
    pub fn take_mail(&mut self, address: SocketAddr) -> Vec<Vec<u8>> {
        self.mailboxes.get_mut(&address).map(core::mem::take).unwrap_or_default()
    }

    /// Runs until `span` has passed.
    pub fn run_for(&mut self, span: Duration) {
        let deadline = self.now + span;
        while self.step(deadline) {}
    }

    /// Runs until `done` says so, or until `limit` has passed; answers whether it did.
    pub fn run_until(&mut self, limit: Duration, mut done: impl FnMut(&mut Self) -> bool) -> bool {
        let deadline = self.now + limit;
        loop {
            if done(self) {
                return true;
            }
            if !self.step(deadline) {
                return done(self);
            }
        }
    }

    /// Takes the notices about connections so far.
    pub fn take_notices(&mut self) -> Vec<(Timestamp, ConnKey, Notice)> {
        core::mem::take(&mut self.notices)
    }

    /// Processes the next thing that happens; false when nothing does before `deadline`, which it then is.
    fn step(&mut self, deadline: Timestamp) -> bool {
        let arrival = self.in_flight.peek().map(|Reverse(f)| f.arrival);
        let nodes = self.nodes.iter().enumerate();
        let timer = nodes.filter_map(|(i, node)| node.next_timeout().map(|(t, slot)| (t, i, slot))).min();
        let next = arrival.into_iter().chain(timer.map(|(t, ..)| t)).min();
        let Some(next) = next.filter(|next| *next <= deadline) else {
            self.now = deadline;
            return false;
        };
        self.now = self.now.max(next);
        // Datagrams before timers: a driver reads its socket first.
        if arrival == Some(next) {
            self.deliver();
        } else if let Some((_, node, slot)) = timer {
            self.after(node, |node, now, output| {
                node.handle_timeout(now, slot, output);
            });
        }
        true
    }

    fn deliver(&mut self) {
        let Some(Reverse(mut flight)) = self.in_flight.pop() else {
            return;
        };
        let Some(node) = self.by_address.get(&flight.to).copied() else {
            if let Some(mailbox) = self.mailboxes.get_mut(&flight.to) {
                mailbox.push(flight.bytes);
            }
            return;
        };
        let id = self.spare_id.take().unwrap_or_else(|| self.fresh_id());
        let mut spare = Some(id);
        self.after(node, |node, now, output| {
            let take_id = || {
                spare = None;
                id
            };
            node.handle_datagram(now, flight.from, &mut flight.bytes, take_id, output);
        });
        self.spare_id = spare;
    }

    /// Lets a node act, then sends and notes what it put out.
    fn after(&mut self, node: usize, act: impl FnOnce(&mut Node, Timestamp, &mut Output)) {
        let mut output = Output::default();
        act(&mut self.nodes[node], self.now, &mut output);
        let from = self.nodes[node].address();
        for (slot, notice) in output.notices {
            self.trace.number((node as u64) << 32 | slot as u64);
            self.trace.number(match notice {
                Notice::Incoming => 1,
                Notice::Event(Event::Writable) => 2,
                Notice::Event(Event::StateChanged { old, new }) => {
                    0x100 | u64::from(old as i32 as u8) << 16 | u64::from(new as i32 as u8)
                }
                Notice::Readable(count) => 0x1000_0000 | count as u64,
            });
            self.notices.push((self.now, ConnKey { node, slot }, notice));
        }
        for (to, bytes) in output.datagrams {
            self.inject(from, to, bytes);
        }
    }

    fn put(&mut self, arrival: Timestamp, from: SocketAddr, to: SocketAddr, bytes: Vec<u8>) {
        self.sequence += 1;
        self.in_flight.push(Reverse(InFlight { arrival, sequence: self.sequence, from, to, bytes }));
    }

    fn add(&mut self, node: Node) -> usize {
        let index = self.nodes.len();
        let before = self.by_address.insert(node.address(), index);
        let free =
            before.is_none_or(|old| self.nodes[old].is_crashed() || self.nodes[old].live_slots().next().is_none());
        assert!(free, "address {} is in use", node.address());
        self.nodes.push(node);
        index
    }

    /// A connection id nobody has had: both halves non-zero.
    fn fresh_id(&mut self) -> u32 {
        loop {
            let id = self.rng.next_u64() as u32;
            if id & 0xffff != 0 && id >> 16 != 0 && self.used_ids.insert(id) {
                return id;
            }
        }
    }
}
