//! Two ends that meet through a service that loses, doubles and delays, and routes that fail, on the virtual clock.

use rand_chacha::ChaCha12Rng;
use rand_core::{Rng, SeedableRng};

use super::*;
use crate::Event;
use crate::routes::RouteKind;
use gamesockets_schema::SendFlags;

const RELAYS: [RouteId; 2] = [RouteId(1), RouteId(2)];

fn at(ms: u64) -> Timestamp {
    Timestamp::from_micros(ms * 1_000)
}

fn identity(name: &str) -> Identity {
    Identity::from_generic_string(name).expect("a name")
}

fn caller(now: Timestamp) -> Connection {
    let params = ConnectParams {
        remote: NO_ADDRESS,
        identity: identity("ada"),
        config: ConnectionConfig::default(),
        seed: [1; 32],
        connection_id: 0x0001_0001,
        unix_seconds_at_zero: 1_700_000_000,
        trust: Arc::default(),
        certificate: None,
    };
    let meeting = Meeting { peer: Some(identity("bob")), local_port: 7, remote_port: 7, allow_without_auth: 2 };
    Connection::call(now, params, meeting)
}

fn called(now: Timestamp, signal: &Signal) -> Result<Connection, Reject> {
    let params = CalledParams {
        identity: identity("bob"),
        certificate: None,
        trust: Arc::default(),
        config: ConnectionConfig::default(),
        seed: [2; 32],
        connection_id: 0x0002_0002,
        unix_seconds_at_zero: 1_700_000_000,
    };
    Connection::called(now, signal, params, 2)
}

enum Carried {
    Signal(Vec<u8>),
    Packet(RouteId, Vec<u8>),
}

/// A caller, whom it calls, and what is between them.
struct World {
    now: Timestamp,
    ends: [Option<Connection>; 2],
    /// (when, to which end, what)
    under_way: Vec<(Timestamp, usize, Carried)>,
    rng: ChaCha12Rng,
    signal_loss: u32,
    alive: [bool; 2],
    accepts: bool,
    signals: [u32; 2],
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            now: at(0),
            ends: [Some(caller(at(0))), None],
            under_way: Vec::new(),
            rng: ChaCha12Rng::seed_from_u64(seed),
            signal_loss: 0,
            alive: [true, true],
            accepts: true,
            signals: [0, 0],
        }
    }

    fn end(&mut self, end: usize) -> &mut Connection {
        self.ends[end].as_mut().expect("there is one")
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.next_u32() % 100 < percent
    }

    fn drain(&mut self, end: usize) {
        let (now, mut datagrams) = (self.now, Vec::new());
        let Some(connection) = self.ends[end].as_mut() else { return };
        let signals: Vec<Signal> = std::iter::from_fn(|| connection.poll_signal(now)).collect();
        loop {
            let mut bytes = Vec::new();
            let Some(transmit) = connection.poll_transmit(now, &mut bytes, 4) else { break };
            let route = transmit.route.expect("packets have a route");
            datagrams.extend(bytes.chunks(transmit.segment_size).map(|chunk| (route, chunk.to_vec())));
        }
        for signal in signals {
            self.signals[end] += 1;
            let copies = if self.chance(self.signal_loss) { 0 } else { 1 + u32::from(self.chance(self.signal_loss)) };
            for _ in 0..copies {
                let delay = Duration::from_millis(20 + u64::from(self.rng.next_u32() % 30));
                self.under_way.push((now + delay, 1 - end, Carried::Signal(signal.to_bytes())));
            }
        }
        for (route, datagram) in datagrams {
            if self.alive[route.0 as usize - 1] {
                let delay = Duration::from_millis(10 * u64::from(route.0));
                self.under_way.push((now + delay, 1 - end, Carried::Packet(route, datagram)));
            }
        }
    }

    fn deliver(&mut self, end: usize, carried: Carried) {
        let now = self.now;
        match (carried, self.ends[end].as_mut()) {
            (Carried::Packet(route, mut datagram), Some(connection)) => {
                connection.handle_datagram_on(now, route, &mut datagram);
            }
            (Carried::Packet(..), None) => {}
            (Carried::Signal(bytes), Some(connection)) => {
                let _ = connection.handle_signal(now, &Signal::read(&bytes).expect("our own"));
            }
            (Carried::Signal(bytes), None) => {
                let signal = Signal::read(&bytes).expect("our own");
                if signal.connect_request.is_some() {
                    let mut connection = called(now, &signal).expect("credentials hold");
                    connection.handle_signal(now, &signal).expect("it is its own");
                    if self.accepts {
                        connection.accept(now).expect("it waits");
                    }
                    for (index, route) in RELAYS.into_iter().enumerate() {
                        connection.set_route(now, route, quality(index));
                    }
                    self.ends[end] = Some(connection);
                }
            }
        }
        if let Some(connection) = self.ends[0].as_mut().filter(|connection| connection.cipher().is_some()) {
            for (index, route) in RELAYS.into_iter().enumerate() {
                connection.set_route(now, route, quality(index));
            }
        }
    }

    fn run_until(&mut self, end: Timestamp) {
        loop {
            self.drain(0);
            self.drain(1);
            let timers = self.ends.iter().flatten().filter_map(Connection::poll_timeout);
            let next = timers.chain(self.under_way.iter().map(|(at, ..)| *at)).min();
            let Some(next) = next.filter(|&next| next <= end) else { break };
            self.now = self.now.max(next);
            let (due, rest) = self.under_way.drain(..).partition(|(at, ..)| *at <= self.now);
            self.under_way = rest;
            let due: Vec<(Timestamp, usize, Carried)> = due;
            due.into_iter().for_each(|(_, end, carried)| self.deliver(end, carried));
            let now = self.now;
            self.ends.iter_mut().flatten().for_each(|connection| connection.handle_timeout(now));
        }
        self.now = end;
    }

    fn states(&self) -> [Option<ConnectionState>; 2] {
        [0, 1].map(|end| self.ends[end].as_ref().map(Connection::state))
    }
}

fn quality(index: usize) -> RouteQuality {
    RouteQuality { kind: RouteKind::Relay, ping_ms: Some(20 * (index as u32 + 1)), penalty_ms: 0 }
}

const CONNECTED: [Option<ConnectionState>; 2] = [Some(ConnectionState::Connected), Some(ConnectionState::Connected)];

#[test]
fn two_ends_meet_with_two_signals_and_connect_over_the_best_route() {
    let mut world = World::new(1);
    world.run_until(at(400));
    assert_eq!(world.states(), CONNECTED);
    assert_eq!(world.end(0).route().map(|(route, _, confirmed)| (route, confirmed)), Some((RELAYS[0], true)));
    assert_eq!(world.signals[1], 1);
    assert!(world.signals[0] <= 2, "{:?}", world.signals);
    assert_eq!(world.end(0).remote_identity(), Some(&identity("bob")));
    let mut changes = Vec::new();
    while let Some(event) = world.end(1).poll_event() {
        changes.extend(match event {
            Event::StateChanged { new, .. } => Some(new),
            Event::Writable => None,
        });
    }
    use ConnectionState::{Connected, Connecting, FindingRoute};
    assert_eq!(changes, [Connecting, FindingRoute, Connected]);
}

#[test]
fn signals_that_are_lost_and_doubled_only_take_longer() {
    for seed in 0..200 {
        let mut world = World::new(seed);
        world.signal_loss = 30;
        world.run_until(at(9_000));
        assert_eq!(world.states(), CONNECTED, "seed {seed}");
    }
}

#[test]
fn nothing_reliable_is_lost_doubled_or_reordered_when_routes_die_and_come_back() {
    for seed in 0..50 {
        let mut world = World::new(seed);
        world.run_until(at(400));
        let mut received = Vec::new();
        for step in 0..400_u32 {
            if step % 60 == 30 {
                let dead = (world.rng.next_u32() % 2) as usize;
                world.alive = [dead != 0, dead != 1];
            }
            let now = world.now;
            world.end(0).send(now, &step.to_le_bytes(), 0, SendFlags::RELIABLE).expect("there is room");
            world.run_until(now + Duration::from_millis(50));
            let now = world.now;
            while let Some(message) = world.end(1).receive(now) {
                received.push(u32::from_le_bytes(message.payload[..].try_into().expect("four bytes")));
            }
        }
        world.run_until(world.now + Duration::from_secs(5));
        let now = world.now;
        while let Some(message) = world.end(1).receive(now) {
            received.push(u32::from_le_bytes(message.payload[..].try_into().expect("four bytes")));
        }
        assert_eq!(world.states(), CONNECTED, "seed {seed}");
        assert_eq!(received, (0..400).collect::<Vec<u32>>(), "seed {seed}");
    }
}

#[test]
fn a_dead_route_is_left_within_a_second() {
    let mut world = World::new(3);
    world.run_until(at(3_000));
    world.alive = [false, true];
    let now = world.now;
    world.end(0).send(now, b"over there", 0, SendFlags::RELIABLE).expect("room");
    world.run_until(now + Duration::from_secs(1));
    let now = world.now;
    assert!(world.end(1).receive(now).is_some());
    assert_eq!(world.end(0).route().map(|(route, ..)| route), Some(RELAYS[1]));
}

#[test]
fn nobody_answers_before_the_application_accepts() {
    let mut world = World::new(4);
    world.accepts = false;
    world.run_until(at(5_000));
    assert_eq!(world.signals[1], 0);
    assert_eq!(world.states(), [Some(ConnectionState::Connecting); 2]);
    let now = world.now;
    world.end(1).close(now, 1_234, "no thanks", false);
    world.run_until(at(6_000));
    assert_eq!(world.end(0).state(), ConnectionState::ClosedByPeer);
    assert_eq!((world.end(0).end_reason(), world.end(0).end_debug()), (ConnectionEnd(1_234), "no thanks"));
}

#[test]
fn a_caller_whom_nobody_answers_gives_up() {
    let mut world = World::new(5);
    world.signal_loss = 100;
    world.run_until(at(11_000));
    assert_eq!(world.end(0).end_reason(), ConnectionEnd::MISC_TIMEOUT);
    assert_eq!(world.signals[0], 21, "one every half second, and the end");
}

#[test]
fn without_a_route_both_ends_say_so() {
    let mut world = World::new(6);
    world.alive = [false, false];
    world.run_until(at(12_000));
    let ends = [0, 1].map(|end| world.end(end).end_reason());
    assert_eq!(ends, [ConnectionEnd::MISC_P2P_RENDEZVOUS; 2]);
}

#[test]
fn an_end_is_told_over_the_route() {
    let mut world = World::new(7);
    world.run_until(at(400));
    let now = world.now;
    world.end(0).close(now, 1_005, "bye", false);
    world.run_until(at(500));
    assert_eq!(world.end(1).state(), ConnectionState::ClosedByPeer);
    assert_eq!((world.end(1).end_reason(), world.end(1).end_debug()), (ConnectionEnd(1_005), "bye"));
}

#[test]
fn signals_of_others_change_nothing() {
    let mut world = World::new(8);
    world.run_until(at(400));
    let now = world.now;
    let closed = Signal {
        to_connection_id: Some(0x0001_0001),
        from_identity: Some("str:eve".into()),
        from_connection_id: Some(0x0002_0002),
        connection_closed: Some(SignalClosed { debug: None, reason_code: Some(1_000) }),
        ..Signal::default()
    };
    assert_eq!(world.end(0).handle_signal(now, &closed), Err(SignalError::WrongSender));
    let other = Signal { from_identity: Some("str:bob".into()), from_connection_id: Some(0x0003_0003), ..closed };
    assert_eq!(world.end(0).handle_signal(now, &other), Err(SignalError::WrongConnection));
    assert_eq!(world.states(), CONNECTED);
}

#[test]
fn a_request_in_anothers_name_is_refused() {
    let mut ada = caller(at(0));
    let mut signal = ada.poll_signal(at(10)).expect("a request");
    signal.from_identity = Some("str:eve".into());
    assert!(matches!(called(at(20), &signal), Err(Reject::Fail { .. })));
    let mut bare = ada.poll_signal(at(600)).expect("again");
    bare.connect_request.as_mut().expect("a request").crypt = None;
    assert!(matches!(called(at(20), &bare), Err(Reject::Fail { .. })));
}
