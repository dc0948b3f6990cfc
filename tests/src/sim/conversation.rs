//! A random conversation: a server, some clients, and applications that do at any moment anything they may do.
//!
//! Three acts. In the first, everything is drawn from the seed: the network's faults, when clients come, whether they
//! are accepted, what is sent and with which flags, who reads slowly, who closes how, who crashes and comes back. In the
//! second everybody reads, and what must arrive has to arrive. In the third everything is closed and nothing may remain.

use core::time::Duration;
use std::collections::BTreeMap;
use std::net::SocketAddr;

use gamesockets_proto::{ConnectionConfig, Event, SendError, Timestamp};
use gamesockets_schema::{ConnectionState, SendFlags};

use super::ledger::StreamId;
use super::link::Bursts;
use super::node::Notice;
use super::{ConnKey, Ledger, LinkConfig, Network, Rng};

/// Longest time a connection may live on after its peer vanished: keepalive after 10 s, reply timeout, then 10 s
/// (spec section 9.4).
const PEER_VANISHED_MAX: Duration = Duration::from_secs(22);
/// Time for everything outstanding to arrive, at 30 % loss and 256 KiB/s.
const DELIVERY_MAX: Duration = Duration::from_secs(90);
/// FinWait lasts 5 s.
const BURIAL_MAX: Duration = Duration::from_secs(6);

/// How rough a conversation is.
#[derive(Clone, Copy, Debug)]
pub struct Roughness {
    /// Upper bound of the share of datagrams lost in each direction.
    pub loss_max: f64,
    /// Whether nodes crash and the network goes dark.
    pub disasters: bool,
}

/// What came out of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The trace of everything observable.
    pub hash: u64,
    /// Messages that arrived and were right.
    pub messages: u64,
    /// Connections that were accepted.
    pub accepted: u32,
}

/// What the application plans for, and remembers of, one connection.
struct Plan {
    /// Accept (or refuse) at this time.
    answer_at: Option<Timestamp>,
    refuse: bool,
    /// Reads nothing in between.
    deaf: Option<(Timestamp, Timestamp)>,
    sends_left: u32,
    /// Close the handle at this time.
    close_at: Option<Timestamp>,
    linger: bool,
    outgoing: Option<StreamId>,
    /// Closed with linger at this time, while its peer lived.
    lingered: Option<Timestamp>,
}

/// A conversation under way.
struct Conversation {
    network: Network,
    ledger: Ledger,
    rng: Rng,
    roughness: Roughness,
    server: usize,
    server_address: SocketAddr,
    config: ConnectionConfig,
    plans: BTreeMap<ConnKey, Plan>,
    accepted: u32,
    /// When a node was last crashed: its peers have to notice.
    last_crash: Option<Timestamp>,
    darkest: Duration,
}

/// Runs the conversation of `seed`.
pub fn run(seed: u64, roughness: Roughness) -> Outcome {
    let mut conversation = Conversation::new(seed, roughness);
    conversation.live();
    conversation.settle();
    conversation.bury();
    let Conversation { network, ledger, accepted, .. } = conversation;
    Outcome { hash: network.trace.hash(), messages: ledger.messages_read, accepted }
}

impl Conversation {
    fn new(seed: u64, roughness: Roughness) -> Self {
        let mut rng = Rng::new(seed);
        let links = draw_links(&mut rng, roughness);
        let darkest = links.blackouts.iter().map(|(from, until)| until.since(*from)).max().unwrap_or_default();
        let config = draw_config(&mut rng);
        let mut network = Network::new(rng.next_u64(), links);
        let server_address = "10.0.0.1:27015".parse().expect("an address");
        let server = network.listen(server_address, config.clone());
        let ledger = Ledger::default();
        let plans = BTreeMap::new();
        let (accepted, last_crash) = (0, None);
        Self { network, ledger, rng, roughness, server, server_address, config, plans, accepted, last_crash, darkest }
    }

    /// The first act.
    fn live(&mut self) {
        let clients = self.rng.range(1, 3) as u16;
        for client in 0..clients {
            let pause = Duration::from_millis(self.rng.below(300));
            self.run_and_listen(pause);
            self.connect(5000 + client);
        }
        let actions = self.rng.range(30, 300);
        for _ in 0..actions {
            let pause = match self.rng.below(20) {
                0 => self.rng.below(2_000_000),
                1..=5 => self.rng.below(100_000),
                _ => self.rng.below(12_000),
            };
            self.run_and_listen(Duration::from_micros(pause));
            self.act();
            self.keep_appointments();
            self.read_all();
        }
    }

    /// The second act: nobody does anything new, everybody reads; what is outstanding arrives.
    fn settle(&mut self) {
        let deadline = self.network.now() + DELIVERY_MAX.max(PEER_VANISHED_MAX + self.darkest);
        for plan in self.plans.values_mut() {
            plan.deaf = None;
            plan.sends_left = 0;
        }
        while self.network.now() < deadline && !(self.is_settled()) {
            self.run_and_listen(Duration::from_millis(20));
            self.keep_appointments();
            self.read_all();
        }
        for key in self.network.live() {
            assert!(self.is_quiet(key), "{key:?} did not settle: {}", self.describe(key));
            self.check_delivered(key);
        }
    }

    /// The third act: close everything; five seconds later nothing is left.
    fn bury(&mut self) {
        // Requests that are still under way may make connections of clients that are gone already.
        for _round in 0..3 {
            for key in self.network.live() {
                // Some close after their peer did, some at the same time, some with (nothing to) linger.
                let linger = self.rng.chance(0.5);
                self.network.call(key, |c, now| c.close(now, 1234, "the end", linger));
                let pause = Duration::from_millis(self.rng.below(200));
                self.run_and_listen(pause);
                self.read_all();
            }
            self.network.run_for(Duration::from_millis(500));
        }
        self.network.run_for(BURIAL_MAX);
        let left = self.network.live();
        assert!(left.is_empty(), "still there: {:?}", left.iter().map(|k| self.describe(*k)).collect::<Vec<_>>());
        let server = self.network.node(self.server);
        assert!(server.endpoint().is_none_or(|e| (5000..5010).all(|p| e.route(client_address(p)).is_none())));
    }

    fn connect(&mut self, port: u16) {
        let key = self.network.connect(client_address(port), self.server_address, self.config.clone());
        let plan = self.plan();
        self.plans.insert(key, plan);
        self.remember(key);
    }

    fn plan(&mut self) -> Plan {
        let now = self.network.now();
        let slow = self.rng.chance(0.25).then(|| self.rng.range(100, 4_000));
        let close = self.rng.chance(0.5).then(|| self.rng.range(50, 5_000));
        let never = self.rng.chance(0.02);
        let answer = if self.rng.chance(0.6) { 0 } else { self.rng.below(1_500) };
        Plan {
            answer_at: (!never).then(|| now + Duration::from_millis(answer)),
            refuse: self.rng.chance(0.06),
            deaf: slow.map(|ms| (now + Duration::from_millis(ms / 4), now + Duration::from_millis(ms))),
            sends_left: self.rng.range(0, 150) as u32,
            close_at: close.map(|ms| now + Duration::from_millis(ms)),
            linger: self.rng.chance(0.6),
            outgoing: None,
            lingered: None,
        }
    }

    /// Lets time pass; hears what the engine says.
    fn run_and_listen(&mut self, span: Duration) {
        self.network.run_for(span);
        for (_, key, notice) in self.network.take_notices() {
            match notice {
                Notice::Incoming => {
                    let plan = self.plan();
                    self.plans.insert(key, plan);
                }
                Notice::Event(Event::StateChanged { new, .. }) => self.state_changed(key, new),
                Notice::Event(Event::Writable) | Notice::Readable(_) => {}
            }
        }
    }

    fn state_changed(&mut self, key: ConnKey, new: ConnectionState) {
        self.remember(key);
        if matches!(new, ConnectionState::ClosedByPeer | ConnectionState::ProblemDetectedLocally) {
            self.check_reason(key);
            let when = self.network.now() + Duration::from_millis(self.rng.below(1_500));
            if let Some(plan) = self.plans.get_mut(&key) {
                plan.close_at = Some(when);
            }
        }
        let lingered = self.plans.get(&key).and_then(|p| p.lingered);
        // What is not delivered by LingerTime is given up, and is not in vain: it was announced.
        let in_time = lingered.is_some_and(|since| self.network.now().since(since) < self.config.linger_time);
        if new == ConnectionState::FinWait && in_time {
            self.check_linger(key);
        }
    }

    /// One random thing, done by one random connection (or by the world).
    fn act(&mut self) {
        if self.roughness.disasters && self.rng.chance(0.004) {
            return self.disaster();
        }
        let live = self.network.live();
        if live.is_empty() {
            return;
        }
        let key = *self.rng.pick(&live);
        match self.rng.below(10) {
            0 => {
                let _ = self.network.call(key, |c, now| c.flush(now));
            }
            1 => {
                // Harmless at any time, by contract.
                self.network.call(key, |c, now| c.handle_timeout(now));
            }
            _ => (0..self.rng.range(1, 4)).for_each(|_| self.send(key)),
        }
    }

    fn send(&mut self, key: ConnKey) {
        let state = self.network.state(key);
        let is_accepted = self.network.connection(key).is_some_and(|c| c.is_incoming() && !c.awaits_accept());
        let Some(plan) = self.plans.get_mut(&key).filter(|p| p.sends_left > 0) else {
            return;
        };
        plan.sends_left -= 1;
        let (size, flags) = (draw_size(&mut self.rng), draw_flags(&mut self.rng));
        let result = self.ledger.send(&mut self.network, key, size, flags);
        let expected = match state {
            ConnectionState::Connecting if flags.contains(SendFlags::NO_DELAY) && !is_accepted => {
                matches!(result, Err(SendError::NotConnectedYet))
            }
            ConnectionState::Connecting | ConnectionState::Connected => {
                matches!(result, Ok(_) | Err(SendError::BufferFull { .. } | SendError::ExceedsBuffer { .. }))
            }
            ConnectionState::ClosedByPeer | ConnectionState::ProblemDetectedLocally => {
                matches!(result, Err(SendError::Closed))
            }
            _ => matches!(result, Err(SendError::InvalidState)),
        };
        assert!(expected, "a send of {size} bytes with {flags:?} in {state:?} gave {result:?}");
        self.remember(key);
    }

    /// Accepts, refuses and closes what is due.
    fn keep_appointments(&mut self) {
        let now = self.network.now();
        for key in self.network.live() {
            let Some(plan) = self.plans.get_mut(&key) else {
                continue;
            };
            let (state, incoming) = (self.network.state(key), key.node == self.server);
            if incoming && state == ConnectionState::Connecting && plan.answer_at.is_some_and(|at| at <= now) {
                plan.answer_at = None;
                if plan.refuse {
                    self.network.call(key, |c, now| c.close(now, 1001, "refused", false));
                } else {
                    let accepted = self.network.call(key, |c, now| c.accept(now));
                    assert_eq!(accepted, Some(Ok(())));
                    self.accepted += 1;
                }
            } else if plan.close_at.is_some_and(|at| at <= now) {
                plan.close_at = None;
                let (linger, open) = (plan.linger, is_open(state));
                if open || matches!(state, ConnectionState::ClosedByPeer | ConnectionState::ProblemDetectedLocally) {
                    plan.lingered = (linger && state == ConnectionState::Connected).then_some(now);
                    self.read(key, usize::MAX);
                    self.network.call(key, |c, now| c.close(now, 1002, "done", linger));
                    let state = self.network.state(key);
                    assert!(
                        matches!(state, ConnectionState::FinWait | ConnectionState::Linger),
                        "closed, but {state:?}"
                    );
                }
            }
        }
    }

    /// A crash, perhaps with a restart at once from the same address.
    fn disaster(&mut self) {
        let server_dies = self.rng.chance(0.15);
        let alive: Vec<usize> = (0..self.network.nodes().len())
            .filter(|n| {
                !self.network.node(*n).is_crashed()
                    && (*n != self.server)
                    && self.network.node(*n).live_slots().next().is_some()
            })
            .collect();
        let node = if server_dies || alive.is_empty() { self.server } else { *self.rng.pick(&alive) };
        self.network.crash(node);
        self.last_crash = Some(self.network.now());
        let pause = Duration::from_millis(self.rng.below(500));
        self.run_and_listen(pause);
        if node == self.server {
            self.server = self.network.listen(self.server_address, self.config.clone());
        } else if self.rng.chance(0.7) {
            self.connect(self.network.node(node).address().port());
        }
    }

    fn read_all(&mut self) {
        let now = self.network.now();
        for key in self.network.live() {
            let deaf =
                self.plans.get(&key).and_then(|p| p.deaf).is_some_and(|(from, until)| (from..until).contains(&now));
            if !deaf {
                self.read(key, usize::MAX);
            }
        }
    }

    fn read(&mut self, key: ConnKey, count: usize) {
        // A closed handle reads nothing any more.
        if !matches!(self.network.state(key), ConnectionState::FinWait | ConnectionState::Linger) {
            self.ledger.read(&mut self.network, key, count);
        }
    }

    /// Notes which direction a connection sends, as long as it can be asked.
    fn remember(&mut self, key: ConnKey) {
        let id = self.ledger.outgoing(&self.network, key);
        if let Some(plan) = self.plans.get_mut(&key) {
            plan.outgoing = plan.outgoing.or(id);
        }
    }

    fn is_settled(&mut self) -> bool {
        self.network.live().into_iter().all(|key| self.is_quiet(key))
    }

    /// Whether nothing more is to be expected of a connection by itself.
    fn is_quiet(&mut self, key: ConnKey) -> bool {
        let now = self.network.now();
        match self.network.state(key) {
            ConnectionState::Connected => {
                let orphaned = self.network.peer(key).is_none_or(|p| !is_open(self.network.state(p)));
                !orphaned && self.pending(key) == 0 && !self.network.is_writable_owed(key)
            }
            ConnectionState::Connecting => false,
            ConnectionState::Linger => false,
            _ => self.plans.get(&key).is_none_or(|p| p.close_at.is_none_or(|at| at > now)),
        }
    }

    fn pending(&mut self, key: ConnKey) -> usize {
        let status = self.network.call(key, |c, now| c.status(now));
        status
            .map_or(0, |s| s.pending_reliable_bytes + s.pending_unreliable_bytes + s.sent_unacknowledged_reliable_bytes)
    }

    /// Nothing pending and nothing unacknowledged: then all of it is with the peer.
    fn check_delivered(&mut self, key: ConnKey) {
        if self.network.state(key) != ConnectionState::Connected {
            return;
        }
        let peer = self.network.peer(key).expect("a connected peer");
        self.ledger.read(&mut self.network, peer, usize::MAX);
        let outgoing = self.plans[&key].outgoing.expect("a known stream");
        assert_eq!(self.ledger.reliable_missing(outgoing), 0, "acknowledged but not delivered: {}", self.describe(key));
    }

    /// A linger that ended before LingerTime with the application's own reason has delivered everything.
    fn check_linger(&mut self, key: ConnKey) {
        let Some(reason) = self.network.connection(key).map(|c| c.end_reason().0) else {
            return;
        };
        let Some(peer) = self.network.peer(key) else {
            return;
        };
        let peer_reads = matches!(self.network.state(peer), ConnectionState::Connected | ConnectionState::ClosedByPeer);
        if reason == 1002 && peer_reads {
            self.ledger.read(&mut self.network, peer, usize::MAX);
            let outgoing = self.plans[&key].outgoing.expect("a known stream");
            assert_eq!(self.ledger.reliable_missing(outgoing), 0, "lingered in vain: {}", self.describe(key));
        }
    }

    /// Connections end because an application said so or because the peer fell silent, never by a protocol error.
    fn check_reason(&mut self, key: ConnKey) {
        let Some(connection) = self.network.connection(key) else {
            return;
        };
        let reason = connection.end_reason().0;
        // A restarted client ends its old connection.
        let replaced = reason == gamesockets_schema::ConnectionEnd::MISC_REPLACED.0;
        let expected = (1000..3000).contains(&reason) || reason == 5003 || replaced;
        assert!(expected, "ended by {reason} {:?}: {}", connection.end_debug(), self.describe(key));
    }

    fn describe(&self, key: ConnKey) -> String {
        let Some(c) = self.network.connection(key) else {
            return format!("{key:?}: gone");
        };
        let (state, reason, remote) = (c.state(), c.end_reason(), c.remote_address());
        format!("{key:?} {state:?} {reason:?} {:?} to {remote} at {:?}", c.end_debug(), self.network.now())
    }
}

fn is_open(state: ConnectionState) -> bool {
    matches!(state, ConnectionState::Connecting | ConnectionState::Connected)
}

fn client_address(port: u16) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 2], port))
}

fn draw_links(rng: &mut Rng, roughness: Roughness) -> LinkConfig {
    let mut links = LinkConfig {
        delay: Duration::from_micros(rng.below(80_000)),
        jitter: Duration::from_micros(if rng.chance(0.5) { rng.below(20_000) } else { 0 }),
        loss: if rng.chance(0.8) { rng.unit() * roughness.loss_max } else { 0.0 },
        duplicate: if rng.chance(0.4) { rng.unit() * 0.3 } else { 0.0 },
        reorder: if rng.chance(0.5) { rng.unit() * 0.3 } else { 0.0 },
        reorder_delay: Duration::from_micros(rng.below(40_000)),
        ..Default::default()
    };
    if rng.chance(0.2) && roughness.loss_max > 0.1 {
        links.loss /= 3.0;
        links.bursts = Some(Bursts { enter: 0.02, leave: 0.15, loss: 0.9 });
    }
    if rng.chance(0.2) {
        (links.bandwidth, links.queue_bytes) = (Some(rng.range(300_000, 2_000_000)), rng.range(10_000, 100_000));
    }
    if roughness.disasters && rng.chance(0.2) {
        let from = Timestamp::from_micros(3_000_000 + rng.below(3_000_000));
        let length = if rng.chance(0.8) { rng.below(4_000_000) } else { rng.range(10_000_000, 30_000_000) };
        links.blackouts.push((from, from + Duration::from_micros(length)));
    }
    links
}

fn draw_config(rng: &mut Rng) -> ConnectionConfig {
    let mut config = ConnectionConfig::default();
    if rng.chance(0.2) {
        config.recv_buffer_messages = rng.range(2, 20) as u32;
    }
    if rng.chance(0.2) {
        // The largest message has to fit.
        config.recv_buffer_size_bytes = rng.range(524_288, 1_048_576) as u32;
    }
    if rng.chance(0.2) {
        config.send_buffer_size_bytes = rng.range(30_000, 524_288) as u32;
    }
    if rng.chance(0.3) {
        config.mtu_packet_size = rng.range(200, 1_300) as u16;
    }
    if rng.chance(0.3) {
        config.nagle_time = Duration::from_micros(rng.below(20_000));
    }
    if rng.chance(0.3) {
        (config.send_rate_min, config.send_rate_max) = (1_000_000, 1_000_000);
    }
    if rng.chance(0.1) {
        config.send_time_since_previous_packet = 1;
    }
    config
}

fn draw_size(rng: &mut Rng) -> usize {
    let size = match rng.below(1_000) {
        0..50 => 0,
        50..700 => rng.range(1, 100),
        700..900 => rng.range(100, 1_300),
        900..985 => rng.range(1_300, 20_000),
        985..997 => rng.range(20_000, 120_000),
        _ => rng.range(120_000, 524_288),
    };
    size as usize
}

fn draw_flags(rng: &mut Rng) -> SendFlags {
    let reliability = if rng.chance(0.6) { SendFlags::RELIABLE } else { SendFlags::UNRELIABLE };
    let nagle = if rng.chance(0.3) { SendFlags::NO_NAGLE } else { SendFlags::default() };
    let delay = if rng.chance(0.1) { SendFlags::NO_DELAY } else { SendFlags::default() };
    reliability | nagle | delay
}
