//! Two instances, a signaling channel that is this test, and a real relay on the loopback.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use ed25519_dalek::SigningKey;
use gamesockets_schema::{ConnectionState, InfoFlags, SendFlags};
use gamesockets_services::relay::{Forward, RelayTable, TableConfig};
use gamesockets_services::ticket::TicketBody;

use super::*;
use crate::events::Event;

const PATIENCE: Duration = Duration::from_secs(20);

/// A relay with a thread of its own.
struct Relay {
    address: crate::Relay,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<u64>>,
}

fn issuer() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

fn unix_seconds() -> u32 {
    SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_secs() as u32
}

impl Relay {
    fn start(name: &str, port: u16) -> Self {
        let config = TableConfig {
            secret: [1; 32],
            static_secret: [2; 32],
            pop: 0x006c_6f63,
            worker: 0,
            ticket_keys: vec![issuer().verifying_key().to_bytes()],
            app: 0,
            sessions_max: 100,
            sessions_per_identity: 8,
            session_kbps: 80_000,
            session_pps: 10_000,
            total_kbps: 1_000_000,
            idle_s: 60,
            opens_per_second: 1_000,
        };
        let socket = UdpSocket::bind(("127.0.0.1", port)).expect("a port");
        socket.set_read_timeout(Some(Duration::from_millis(20))).expect("a timeout");
        let mut table = RelayTable::new(0, config);
        let address = crate::Relay {
            name: name.to_owned(),
            address: socket.local_addr().expect("bound"),
            key: table.public_key(),
        };
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let (start, mut buffer, mut seeds) = (Instant::now(), [0; 2_048], 0_u8);
            while !stopped.load(Ordering::Acquire) {
                let Ok((len, from)) = socket.recv_from(&mut buffer) else { continue };
                let now = start.elapsed().as_micros() as u64;
                let mut out: Vec<(SocketAddr, Vec<u8>)> = Vec::new();
                let seed = || {
                    seeds += 1;
                    [seeds; 32]
                };
                let forward = table.handle(now, unix_seconds(), from, &mut buffer[..len], seed, &mut out);
                if let Forward::To(to) = forward {
                    let _ = socket.send_to(&buffer[..len], to);
                }
                for (to, datagram) in out {
                    let _ = socket.send_to(&datagram, to);
                }
            }
            table.stats().forwarded
        });
        Self { address, stop, thread: Some(thread) }
    }

    /// Kills it; how many packets it has passed on.
    fn kill(&mut self) -> u64 {
        self.stop.store(true, Ordering::Release);
        self.thread.take().expect("it runs").join().expect("it ended well")
    }
}

fn player(name: &str, relays: &[&Relay]) -> Sockets {
    let identity = Identity::from_generic_string(name).expect("a name");
    let sockets = Sockets::new(identity.clone()).expect("an instance");
    let key = SigningKey::from_bytes(&[name.as_bytes()[0]; 32]);
    let body = TicketBody {
        id: vec![0; 8].into(),
        client: identity.to_string(),
        client_key: key.verifying_key().to_bytes().to_vec().into(),
        virtual_port: -1,
        not_before: unix_seconds(),
        expiry: unix_seconds() + 3_600,
        ..TicketBody::default()
    };
    let ticket = body.sign(&issuer()).expect("small");
    let addresses: Vec<_> = relays.iter().map(|relay| relay.address.clone()).collect();
    sockets.use_relays(&addresses, &RelayAccess { ticket, key: key.to_bytes() });
    sockets
}

/// Carries signals between two players, and notes what else happens, until `done`.
fn run(players: [&Sockets; 2], states: &mut [Vec<ConnectionState>; 2], accept: bool, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    let mut finished = false;
    while !finished {
        assert!(Instant::now() < deadline, "not in time: {states:?}");
        finished = done();
        for index in 0..2 {
            while let Some(event) = players[index].poll_event() {
                match event {
                    Event::Signal { payload, .. } => carry(players[index], players[1 - index], &payload),
                    Event::ConnectionStatusChanged { connection, info, .. } => {
                        states[index].push(info.connection_state);
                        let calls = index == 1 && info.connection_state == ConnectionState::Connecting;
                        if calls && accept {
                            players[index].accept_connection(connection).expect("it waits");
                        }
                    }
                    _ => {}
                }
            }
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn carry(from: &Sockets, to: &Sockets, payload: &[u8]) {
    let back = to.received_p2p_custom_signal(payload, |_, _, _| SignalAnswer::Take).expect("our own signal");
    if let Some(rejection) = back {
        from.received_p2p_custom_signal(&rejection, |_, _, _| SignalAnswer::Ignore).expect("our own signal");
    }
}

fn incoming(sockets: &Sockets) -> Option<Connection> {
    let tables = sockets.instance.driver.tables.read();
    tables.connections.values().map(|cell| cell.handle()).next()
}

#[test]
fn two_players_meet_and_neither_learns_the_others_address() {
    let relay = Relay::start("one", 0);
    let (ada, bob) = (player("ada", &[&relay]), player("bob", &[&relay]));
    let listen = bob.create_listen_socket_p2p(7, &[]).expect("a free port");
    let call = ada.connect_p2p_custom_signaling(Some(&bob.identity()), 7, &[]).expect("a call");
    let mut states = [Vec::new(), Vec::new()];
    let connected = |sockets: &Sockets, connection| {
        sockets.connection_info(connection).is_ok_and(|info| info.connection_state == ConnectionState::Connected)
    };
    run([&ada, &bob], &mut states, true, || {
        connected(&ada, call) && incoming(&bob).is_some_and(|connection| connected(&bob, connection))
    });
    let answered = incoming(&bob).expect("connected");
    let info = bob.connection_info(answered).expect("alive");
    assert_eq!((info.remote_address.as_str(), info.remote_port), ("", 0));
    assert_eq!((info.identity_string.as_str(), info.listen_socket), ("str:ada", listen.raw()));
    assert!(info.info_flags.contains(InfoFlags::RELAYED));
    let message = vec![5; 200_000];
    ada.send_message_to_connection(call, &message, SendFlags::RELIABLE).expect("room");
    let mut received = Vec::new();
    run([&ada, &bob], &mut states, true, || {
        received.extend(bob.receive_messages_on_connection(answered, 8).expect("alive"));
        !received.is_empty()
    });
    assert_eq!(received[0].payload, message);
    ada.close_connection(call, 1_001, "bye", false).expect("alive");
    run([&ada, &bob], &mut states, true, || {
        bob.connection_info(answered).is_ok_and(|info| info.connection_state == ConnectionState::ClosedByPeer)
    });
    use ConnectionState::{ClosedByPeer, Connected, Connecting, FindingRoute};
    assert_eq!(states[1], [Connecting, FindingRoute, Connected, ClosedByPeer]);
}

#[test]
fn a_relay_that_dies_loses_no_reliable_message() {
    let (mut first, second) = (Relay::start("one", 0), Relay::start("two", 0));
    let (ada, bob) = (player("ada", &[&first, &second]), player("bob", &[&first, &second]));
    let call = ada.connect_p2p_custom_signaling(Some(&bob.identity()), 7, &[]).expect("a call");
    let mut states = [Vec::new(), Vec::new()];
    let connected = |sockets: &Sockets, connection| {
        sockets.connection_info(connection).is_ok_and(|info| info.connection_state == ConnectionState::Connected)
    };
    run([&ada, &bob], &mut states, true, || {
        connected(&ada, call) && incoming(&bob).is_some_and(|connection| connected(&bob, connection))
    });
    let answered = incoming(&bob).expect("connected");
    let (mut sent, mut received) = (0_u32, Vec::new());
    run([&ada, &bob], &mut states, true, || {
        if sent < 600 {
            ada.send_message_to_connection(call, &sent.to_le_bytes(), SendFlags::RELIABLE).expect("room");
            sent += 1;
        }
        if sent == 200 && first.thread.is_some() {
            first.kill();
        }
        received.extend(bob.receive_messages_on_connection(answered, 64).expect("alive"));
        received.len() == 600
    });
    let numbers =
        received.iter().map(|message| u32::from_le_bytes(message.payload[..].try_into().expect("four bytes")));
    assert!(numbers.eq(0..600));
}

#[test]
fn a_caller_who_is_refused_hears_why() {
    let (ada, bob) = (player("ada", &[]), player("bob", &[]));
    let call = ada.connect_p2p_custom_signaling(Some(&bob.identity()), 7, &[]).expect("a call");
    let deadline = Instant::now() + PATIENCE;
    loop {
        assert!(Instant::now() < deadline);
        let event = ada.wait_event(Duration::from_secs(5)).expect("an event");
        match event {
            Event::Signal { payload, .. } => {
                let answer = |_, peer: &Identity, port| {
                    assert_eq!((peer.to_string().as_str(), port), ("str:ada", 7));
                    SignalAnswer::Reject { reason: 1_500, debug: "not today".into() }
                };
                if let Some(back) = bob.received_p2p_custom_signal(&payload, answer).expect("a good signal") {
                    ada.received_p2p_custom_signal(&back, |_, _, _| SignalAnswer::Ignore).expect("a good signal");
                }
            }
            Event::ConnectionStatusChanged { info, .. } if info.connection_state == ConnectionState::ClosedByPeer => {
                assert_eq!((info.end_reason.0, info.end_debug.as_str()), (1_500, "not today"));
                break;
            }
            _ => {}
        }
    }
    assert!(incoming(&bob).is_none());
    ada.close_connection(call, 0, "", false).expect("its handle is still there");
}

#[test]
fn what_cannot_be_is_refused_with_its_reason() {
    let ada = player("ada", &[]);
    assert_eq!(ada.connect_p2p_custom_signaling(None, 65_536, &[]), Err(Error::VirtualPort { port: 65_536 }));
    assert_eq!(ada.create_listen_socket_p2p(-1, &[]), Err(Error::VirtualPort { port: -1 }));
    let listen = ada.create_listen_socket_p2p(3, &[]).expect("a free port");
    assert_eq!(ada.create_listen_socket_p2p(3, &[]), Err(Error::VirtualPortInUse { port: 3 }));
    assert_eq!(ada.listen_socket_address(listen), Err(Error::NoAddress));
    ada.close_listen_socket(listen).expect("open");
    ada.create_listen_socket_p2p(3, &[]).expect("free again");
    let nobody = |_, _: &Identity, _| SignalAnswer::Take;
    assert!(matches!(ada.received_p2p_custom_signal(b"\xff", nobody), Err(Error::SignalRefused { .. })));
}
