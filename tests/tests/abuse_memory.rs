//! Memory stays bounded, whatever is sent: counted by the allocator of this program.

use core::alloc::{GlobalAlloc, Layout};
use core::sync::atomic::{AtomicIsize, Ordering};
use core::time::Duration;
use std::alloc::System;
use std::net::SocketAddr;
use std::sync::Arc;

use gamesockets_proto::crypto::certificate::UNSIGNED_LEN_MAX;
use gamesockets_proto::endpoint::ListenParams;
use gamesockets_proto::handshake::ClientHandshake;
use gamesockets_proto::wire::{ConnectionClosed, ControlPacket};
use gamesockets_proto::{ConnectionConfig, Endpoint, Identity, Incoming, Timestamp};
use gamesockets_tests::hostile::{KINDS, Stage};
use gamesockets_tests::sim::pair::{CLIENT, SERVER};
use gamesockets_tests::sim::{LinkConfig, Network, Puppet, Rng};

/// Bytes allocated and not freed.
static IN_USE: AtomicIsize = AtomicIsize::new(0);

struct Counting;

// SAFETY: every call is handed on to the system's allocator unchanged; counting touches no memory it manages.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        IN_USE.fetch_add(layout.size() as isize, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`, which is the same here.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size() as isize, Ordering::Relaxed);
        // SAFETY: `pointer` came from `alloc` above with this layout, as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// One test, since the count is the whole program's.
#[test]
fn memory_is_bounded() {
    garbage_from_strangers_leaves_nothing();
    handshakes_that_never_finish_leave_nothing();
    half_open_connections_are_small();
    hostile_frames_cost_less_than_they_claim();
    hostile_packets_keep_no_more_than_the_budget();
    a_backlog_of_empty_messages_becomes_messages_only_as_it_is_read();
}

fn in_use() -> isize {
    IN_USE.load(Ordering::Relaxed)
}

/// 100,000 datagrams of all kinds, each from another address.
fn garbage_from_strangers_leaves_nothing() {
    let (identity, config) = (Identity::localhost(), ConnectionConfig::default());
    let params = ListenParams { identity, config, seed: [3; 32], unix_seconds_at_zero: 1_700_000_000 };
    let mut endpoint: Endpoint<usize> = Endpoint::listen(params);
    let (mut rng, mut reply, mut datagram) = (Rng::new(1), Vec::with_capacity(2_048), Vec::with_capacity(2_048));
    let before = in_use();
    for i in 0..100_000u32 {
        let now = Timestamp::from_micros(u64::from(i) * 10);
        let from = SocketAddr::from(([10, 1, (i >> 8) as u8, i as u8], (i >> 4) as u16 | 1));
        datagram.resize(rng.range(0, 1_400) as usize, 0);
        rng.fill(&mut datagram);
        if let Some(lead) = datagram.first_mut() {
            *lead = *rng.pick(&[0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x80, 0xff, *lead]);
        }
        let answer = endpoint.handle_datagram(now, from, &datagram, &mut reply, || 0x1001_1001);
        assert!(!matches!(answer, Incoming::New(_)));
    }
    let grown = in_use() - before;
    assert!(grown < 4_096, "100,000 garbage datagrams left {grown} bytes behind");
}

/// 20,000 good ChallengeRequests, each from another address: the server answers and forgets.
fn handshakes_that_never_finish_leave_nothing() {
    let mut network = Network::new(1, LinkConfig::default());
    network.listen(SERVER, ConnectionConfig::default());
    let puppet = Puppet::new(&mut network, CLIENT, SERVER, 0x1111_2222);
    let request = puppet.challenge_request(&network);
    network.inject(CLIENT, SERVER, request.clone());
    network.run_for(Duration::from_millis(1));
    network.take_mail(CLIENT);
    let links_and_all = |network: &mut Network, rounds: u32| {
        for i in 0..rounds {
            // Ports of one address, so that the simulation itself makes no new links beyond the first round.
            let from = SocketAddr::from(([10, 2, 0, 1], (i % 500) as u16 + 1));
            network.inject(from, SERVER, request.clone());
            network.run_for(Duration::from_micros(50));
        }
    };
    links_and_all(&mut network, 500);
    let before = in_use();
    links_and_all(&mut network, 20_000);
    let grown = in_use() - before;
    assert!(grown < 16_384, "20,000 unfinished handshakes left {grown} bytes behind");
    assert_eq!(network.live(), []);
}

/// Requests that nobody has accepted yet, with the largest certificate that anybody can make, most of it trash.
fn half_open_connections_are_small() {
    const COUNT: usize = 500;
    let (identity, config) = (Identity::localhost(), ConnectionConfig::default());
    let params = ListenParams { identity, config, seed: [3; 32], unix_seconds_at_zero: 1_700_000_000 };
    let mut endpoint: Endpoint<usize> = Endpoint::listen(params);
    let mut reply = Vec::with_capacity(2_048);
    let mut connections = Vec::with_capacity(COUNT + 1);
    let mut before = 0;
    for index in 0..=COUNT {
        if index == 1 {
            // The first made what is made once.
            before = in_use();
        }
        let now = Timestamp::from_micros(1_000_000 + index as u64 * 1_000);
        let from = SocketAddr::from(([10, 3, (index >> 8) as u8, index as u8], 5_000));
        let request = fat_request(&mut endpoint, now, from, index, &mut reply);
        let mut connection = match endpoint.handle_datagram(now, from, &request, &mut reply, || 0x0001_0001) {
            Incoming::New(connection) => connection,
            _ => panic!("request {index} was not heard"),
        };
        endpoint.insert(&connection, index);
        while connection.poll_event().is_some() {}
        connections.push(connection);
    }
    let each = (in_use() - before) / COUNT as isize;
    println!(
        "a half-open connection takes {each} bytes, {} of them in one piece",
        size_of::<gamesockets_proto::Connection>()
    );
    assert!(each <= 2_048 + ROUTE, "a half-open connection takes {each} bytes");
}

/// What the endpoint's tables take for a connection, open or half open, bytes.
const ROUTE: isize = 400;

fn fat_request(
    endpoint: &mut Endpoint<usize>,
    now: Timestamp,
    from: SocketAddr,
    index: usize,
    reply: &mut Vec<u8>,
) -> Vec<u8> {
    let (identity, config) = (Identity::localhost(), ConnectionConfig::default());
    let id = 0x0100_0100 + index as u32;
    let mut client = ClientHandshake::new(identity, &config, [7; 32], id, Arc::default());
    let mut datagram = Vec::new();
    client.challenge_request(now).encode(&mut datagram);
    assert!(matches!(endpoint.handle_datagram(now, from, &datagram, reply, || 0), Incoming::Reply));
    let Ok(ControlPacket::ChallengeReply(answer)) = ControlPacket::decode(reply) else { panic!("no challenge") };
    let (request, _) = client.on_challenge_reply(&answer, now, None).expect("a good challenge");
    let ControlPacket::ConnectRequest(mut request) = request else { panic!("no request") };
    let cert = request.cert.as_mut().expect("a certificate");
    let mut bytes = cert.cert.as_deref().expect("its bytes").to_vec();
    // App ids and addresses, as many as there is room for: parsed, they would take 40 times as much.
    while bytes.len() + 5 <= UNSIGNED_LEN_MAX {
        bytes.extend([13 << 3 | 2, 1, b'9', 10 << 3, 0]);
    }
    cert.cert = Some(bytes.into());
    datagram.clear();
    ControlPacket::ConnectRequest(request).encode(&mut datagram);
    datagram
}

/// What an authenticated peer can make us keep is what it really sent, not what it claims.
fn hostile_frames_cost_less_than_they_claim() {
    let mut network = Network::new(1, LinkConfig::default());
    network.listen(SERVER, ConnectionConfig::default());
    let (mut puppet, server) = Puppet::connected(&mut network, CLIENT, SERVER);
    let before = in_use();
    let mut sent = 0;
    for lane in 0..=255u16 {
        let varint = if lane < 128 { vec![lane as u8] } else { vec![lane as u8 | 0x80, 1] };
        let select = [&[0x8f], &varint[..]].concat();
        // The beginning of a message that claims to have 512 KiB, and a byte near the end of the window.
        sent +=
            puppet.send(&mut network, &[&select[..], &reliable(1, &[0x20, 0x80, 0x80, 0x01, 1, 2, 3])].concat()).len();
        sent += puppet.send(&mut network, &[&select[..], &reliable(1_000_000, b"end")].concat()).len();
        // Pieces of unreliable messages that never become whole.
        for number in 1..=30u32 {
            let mut piece = select.clone();
            piece.push(0x10 | 0x08 | 7);
            piece.extend(number.to_le_bytes());
            piece.extend([0x90, 0x4e]);
            piece.extend([0; 100]);
            sent += puppet.send(&mut network, &piece).len();
        }
    }
    // Then as many holes as it can make on one lane.
    for hole in 0..5_000u64 {
        sent += puppet.send(&mut network, &reliable(10_000 + hole * 100, b"y")).len();
    }
    puppet.received(&mut network);
    network.take_notices();
    let grown = in_use() - before;
    println!("{sent} hostile bytes made the server keep {grown}");
    assert!(grown < 16 * 1_024 * 1_024, "{sent} hostile bytes made the server keep {grown}");
    let connection = network.connection(server).expect("a connection");
    assert_eq!(connection.state(), gamesockets_schema::ConnectionState::Connected, "{}", connection.end_debug());
}

/// `RecvBufferSize` and one largest message, over all lanes; half as much again is for the bookkeeping of small pieces.
fn hostile_packets_keep_no_more_than_the_budget() {
    let config = ConnectionConfig::default();
    let bound = (config.recv_buffer_size_bytes + config.recv_max_message_size_bytes) as isize;
    for kind in KINDS.iter().filter(|kind| kind.server_sends == 0) {
        let packets = (kind.packets)();
        let mut stage = Stage::new(0);
        let before = in_use();
        for frames in &packets {
            stage.take(frames, |take| take());
        }
        let grown = in_use() - before;
        assert!(grown <= bound * 3 / 2, "{}: {grown} bytes", kind.name);
    }
}

/// A million empty messages behind a hole, which is filled, and the connection closed: they are to be read, all of them,
/// but must not take 50 times their memory for that.
fn a_backlog_of_empty_messages_becomes_messages_only_as_it_is_read() {
    const PIECE: u64 = 1_200;
    const PIECES: u64 = 800;
    let mut network = Network::new(1, LinkConfig::default());
    network.listen(SERVER, ConnectionConfig::default());
    let (mut puppet, server) = Puppet::connected(&mut network, CLIENT, SERVER);
    for index in (0..PIECES).rev() {
        puppet.send(&mut network, &reliable(1 + index * PIECE, &[0; PIECE as usize]));
    }
    let before = in_use();
    let closed = ControlPacket::ConnectionClosed(ConnectionClosed {
        debug: None,
        reason_code: Some(1_000),
        to_connection_id: Some(puppet.remote_id()),
        from_connection_id: Some(puppet.connection_id),
    });
    let mut datagram = Vec::new();
    closed.encode(&mut datagram);
    network.inject(CLIENT, SERVER, datagram);
    network.run_for(Duration::from_millis(1));
    let connection = network.connection(server).expect("a connection");
    assert_eq!(connection.state(), gamesockets_schema::ConnectionState::ClosedByPeer);
    let grown = in_use() - before;
    assert!(grown < 1_000_000, "closing made {grown} bytes of a backlog of {}", PIECE * PIECES);
    let read = (1..).take_while(|_| network.call(server, |c, now| c.receive(now).is_some()) == Some(true)).count();
    assert_eq!(read as u64, PIECE * PIECES);
}

fn reliable(position: u64, data: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x40 | 2 << 3 | 7];
    frame.extend(&position.to_le_bytes()[..6]);
    frame.extend(data);
    frame
}
