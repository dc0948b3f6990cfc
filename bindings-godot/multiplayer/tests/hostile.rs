//! Clients and hosts that do not keep to the rules: plain sockets, with nothing of a session around them.

mod common;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use common::{End, client, host, host_with, settings, wait_for};
use gamesockets::{Connection, ConnectionState, Event, OutgoingMessage, SendFlags, Sockets};
use gamesockets_multiplayer::{HOST, Mode, Notice, Session, Settings, Status, reasons};

const HELLO: &[u8] = b"GSMP\x01\x01\0\0\0\0";
const LANES: usize = 255;

/// A connection of plain sockets to a host, with every lane there can be.
struct Plain {
    sockets: Sockets,
    connection: Connection,
}

impl Plain {
    fn new(address: SocketAddr, host: &mut End) -> Self {
        let sockets = Sockets::anonymous().unwrap();
        let connection = sockets.connect_by_ip_address(address, &[]).unwrap();
        sockets.configure_connection_lanes(connection, &[0; LANES], &[1; LANES]).unwrap();
        let plain = Self { sockets, connection };
        wait_for(&mut [host], |_| plain.state() == ConnectionState::Connected);
        plain
    }

    fn state(&self) -> ConnectionState {
        self.sockets.connection_info(self.connection).unwrap().connection_state
    }

    fn send(&self, lane: u16, payload: &[u8], flags: SendFlags) {
        self.sockets.send_message(OutgoingMessage { connection: self.connection, payload, lane, flags }).unwrap();
    }

    /// The reason the host closes the connection for.
    fn wait_for_end(&self, host: &mut End) -> i32 {
        wait_for(&mut [host], |_| self.state() == ConnectionState::ClosedByPeer);
        self.sockets.connection_info(self.connection).unwrap().end_reason.0
    }

    fn wait_for_welcome(&self, host: &mut End) -> i32 {
        let mut welcome = None;
        wait_for(&mut [host], |_| {
            let messages = self.sockets.receive_messages_on_connection(self.connection, 1).unwrap();
            welcome = messages.into_iter().next().or(welcome.take());
            welcome.is_some()
        });
        let payload = welcome.unwrap().payload;
        assert_eq!(payload[..6], *b"GSMP\x02\x01");
        i32::from_le_bytes(payload[6..].try_into().unwrap())
    }
}

#[test]
fn a_handshake_that_is_none_is_refused() {
    let (mut host, address) = host();
    let mut bad = 0;
    let long = vec![7; 500_000];
    let cases: [(&[u8], i32); 7] = [
        (b"", reasons::BAD_HANDSHAKE),
        (b"GSM", reasons::BAD_HANDSHAKE),
        (b"GSMP\x02\x01\x05\0\0\0", reasons::BAD_HANDSHAKE),
        (b"GSMP\x01\x01\x01\0\0\0", reasons::BAD_HANDSHAKE),
        (b"GSMP\x01\x01\xff\xff\xff\xff", reasons::BAD_HANDSHAKE),
        (b"GSMP\x01\x09\0\0\0\0", reasons::OTHER_VERSION),
        (&long, reasons::BAD_HANDSHAKE),
    ];
    for (packet, reason) in cases {
        let plain = Plain::new(address, &mut host);
        plain.send(0, packet, SendFlags::RELIABLE);
        assert_eq!(plain.wait_for_end(&mut host), reason, "{:?}", &packet[..packet.len().min(20)]);
        bad += 1;
        assert_eq!(host.session.counters().bad_handshakes, bad);
    }
    assert!(host.notices.is_empty() && host.packets.is_empty());
}

#[test]
fn a_packet_before_the_handshake_and_a_second_handshake_end_the_connection() {
    let (mut host, address) = host();
    let early = Plain::new(address, &mut host);
    early.send(1, b"too early", SendFlags::UNRELIABLE);
    assert_eq!(early.wait_for_end(&mut host), reasons::BAD_HANDSHAKE);
    assert!(host.notices.is_empty());
    let twice = Plain::new(address, &mut host);
    twice.send(0, HELLO, SendFlags::RELIABLE);
    assert_eq!(twice.wait_for_welcome(&mut host), 2);
    twice.send(0, HELLO, SendFlags::RELIABLE);
    assert_eq!(twice.wait_for_end(&mut host), reasons::BAD_HANDSHAKE);
    assert_eq!(host.notices, [Notice::Connected(2), Notice::Disconnected(2)]);
    assert_eq!(host.session.counters().bad_handshakes, 2);
    assert!(host.packets.is_empty());
}

#[test]
fn a_number_that_is_taken_is_nobody_elses() {
    let (mut host, address) = host();
    let mut owner = client(address, 40);
    wait_for(&mut [&mut host, &mut owner], |ends| ends[1].session.status() == Status::Connected);
    let thief = Plain::new(address, &mut host);
    thief.send(0, b"GSMP\x01\x01\x28\0\0\0", SendFlags::RELIABLE);
    assert_eq!(thief.wait_for_welcome(&mut host), 41);
    thief.send(3, b"who am I?", SendFlags::RELIABLE);
    wait_for(&mut [&mut host], |ends| ends[0].packets.len() == 1);
    assert_eq!(host.packets[0].peer, 41);
}

#[test]
fn packets_of_no_known_form_are_counted_and_dropped() {
    let (mut host, address) = host();
    let plain = Plain::new(address, &mut host);
    plain.send(0, HELLO, SendFlags::RELIABLE);
    plain.wait_for_welcome(&mut host);
    plain.send(253, b"no such channel", SendFlags::RELIABLE);
    plain.send(254, b"no such channel", SendFlags::RELIABLE);
    plain.send(3, b"not sent reliably", SendFlags::UNRELIABLE_NO_NAGLE);
    wait_for(&mut [&mut host], |ends| ends[0].session.counters().malformed == 3);
    plain.send(252, b"good", SendFlags::RELIABLE);
    wait_for(&mut [&mut host], |ends| ends[0].packets.len() == 1);
    assert_eq!((host.packets[0].channel, host.packets[0].mode), (83, Mode::Reliable));
}

#[test]
fn whoever_says_nothing_has_to_go() {
    let (mut host, address) = host_with(Settings { handshake_timeout: Duration::from_millis(100), ..settings() });
    let silent = Plain::new(address, &mut host);
    assert_eq!(silent.wait_for_end(&mut host), reasons::HANDSHAKE_TIMEOUT);
    assert!(host.notices.is_empty());
}

#[test]
fn what_nobody_takes_is_bounded() {
    let (mut host, address) = host();
    let plain = Plain::new(address, &mut host);
    plain.send(0, HELLO, SendFlags::RELIABLE);
    plain.wait_for_welcome(&mut host);
    let start = Instant::now();
    while host.session.waiting() < 4096 && start.elapsed() < Duration::from_secs(30) {
        for _ in 0..200 {
            // A full buffer is what this is about.
            let flags = SendFlags::RELIABLE;
            let message = OutgoingMessage { connection: plain.connection, payload: &[0; 10], lane: 3, flags };
            let _ = plain.sockets.send_message(message);
        }
        host.notices.extend(host.session.poll());
    }
    for _ in 0..50 {
        host.notices.extend(host.session.poll());
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!((4096..4096 + 64).contains(&host.session.waiting()), "{}", host.session.waiting());
    // Its end is heard all the same.
    plain.sockets.close_connection(plain.connection, 0, "", false).unwrap();
    let start = Instant::now();
    while !host.notices.contains(&Notice::Disconnected(2)) {
        host.notices.extend(host.session.poll());
        assert!(start.elapsed() < Duration::from_secs(30), "{:?}", host.notices.last());
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A host of plain sockets that sends these packets to whoever connects, on these lanes.
fn answer(packets: &[(u16, &[u8])]) -> (Sockets, End) {
    let sockets = Sockets::anonymous().unwrap();
    let listening = sockets.create_listen_socket_ip(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), &[]).unwrap();
    let mut client = client(sockets.listen_socket_address(listening).unwrap(), 5);
    let mut answered = false;
    wait_for(&mut [&mut client], |_| {
        while let Some(event) = sockets.poll_event() {
            let Event::ConnectionStatusChanged { connection, info, .. } = event else { continue };
            match info.connection_state {
                ConnectionState::Connecting => sockets.accept_connection(connection).unwrap(),
                ConnectionState::Connected => {
                    sockets.configure_connection_lanes(connection, &[0; LANES], &[1; LANES]).unwrap();
                    for &(lane, payload) in packets {
                        let flags = SendFlags::RELIABLE;
                        sockets.send_message(OutgoingMessage { connection, payload, lane, flags }).unwrap();
                    }
                    answered = true;
                }
                _ => {}
            }
        }
        answered
    });
    (sockets, client)
}

#[test]
fn a_host_that_answers_wrongly_is_left() {
    let wrong: [&[u8]; 4] = [HELLO, b"GSMP\x02\x01\x01\0\0\0", b"GSMP\x02\x02\x05\0\0\0", b"HTTP/1.1 400"];
    for packet in wrong {
        let (_host, mut client) = answer(&[(0, packet)]);
        wait_for(&mut [&mut client], |ends| ends[0].session.status() == Status::Disconnected);
        assert!(client.notices.is_empty());
    }
}

#[test]
fn packets_that_overtake_the_welcome_wait_for_it() {
    let (_host, mut client) = answer(&[(3, b"first"), (0, b"GSMP\x02\x01\x09\0\0\0"), (3, b"second")]);
    wait_for(&mut [&mut client], |ends| ends[0].packets.len() == 2);
    assert_eq!(client.notices, [Notice::Connected(HOST)]);
    assert_eq!(client.payloads(), [&b"first"[..], b"second"]);
    assert_eq!((client.session.id(), client.packets[0].peer), (9, HOST));
}

#[test]
fn a_second_welcome_ends_it() {
    let welcome: &[u8] = b"GSMP\x02\x01\x09\0\0\0";
    let (_host, mut client) = answer(&[(0, welcome), (0, welcome)]);
    wait_for(&mut [&mut client], |ends| ends[0].session.status() == Status::Disconnected);
    assert_eq!(client.notices, [Notice::Connected(HOST), Notice::Disconnected(HOST)]);
}

#[test]
fn a_host_that_never_answers_is_given_up() {
    let sockets = Sockets::anonymous().unwrap();
    let listening = sockets.create_listen_socket_ip(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), &[]).unwrap();
    let address = sockets.listen_socket_address(listening).unwrap();
    let impatient = Settings { handshake_timeout: Duration::from_millis(100), ..settings() };
    let mut client = End::new(Session::client(address, 0, impatient).unwrap());
    wait_for(&mut [&mut client], |ends| {
        while let Some(Event::ConnectionStatusChanged { connection, info, .. }) = sockets.poll_event() {
            if info.connection_state == ConnectionState::Connecting {
                sockets.accept_connection(connection).unwrap();
            }
        }
        ends[0].session.status() == Status::Disconnected
    });
    assert_eq!(client.session.last_parting().unwrap().reason, reasons::HANDSHAKE_TIMEOUT);
}
