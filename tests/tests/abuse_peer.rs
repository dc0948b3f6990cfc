//! A peer that completed the handshake and then says what no honest peer says.

use core::time::Duration;

use gamesockets_proto::ConnectionConfig;
use gamesockets_proto::wire::frame::encode;
use gamesockets_schema::{ConnectionEnd, ConnectionState, SendFlags};
use gamesockets_tests::sim::pair::{CLIENT, SERVER};
use gamesockets_tests::sim::{ConnKey, LinkConfig, Network, Puppet};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// A server, and a hostile client that is connected to it.
fn scene() -> (Network, Puppet, ConnKey) {
    let mut network = Network::new(1, LinkConfig::default());
    network.listen(SERVER, ConnectionConfig::default());
    let (puppet, server) = Puppet::connected(&mut network, CLIENT, SERVER);
    (network, puppet, server)
}

/// The whole message "x" as unreliable message `number`.
fn unreliable(number: u32) -> Vec<u8> {
    let mut frame = vec![0x30 | 7];
    frame.extend(number.to_le_bytes());
    frame.push(b'x');
    frame
}

/// A reliable segment at a 48-bit position, up to the end of the packet.
fn reliable(position: u64, data: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x40 | 2 << 3 | 7];
    frame.extend(&position.to_le_bytes()[..6]);
    frame.extend(data);
    frame
}

/// A reliable message in the stream: header and payload.
fn message(payload: &[u8]) -> Vec<u8> {
    assert!(payload.len() < 32);
    [&[payload.len() as u8], payload].concat()
}

fn end_of(network: &Network, key: ConnKey) -> (ConnectionState, ConnectionEnd) {
    let connection = network.connection(key).expect("a connection");
    (connection.state(), connection.end_reason())
}

fn assert_alive(network: &mut Network, puppet: &mut Puppet, server: ConnKey) {
    assert_eq!(end_of(network, server), (ConnectionState::Connected, ConnectionEnd(0)));
    let before = network.connection(server).unwrap().readable_messages();
    puppet.send(network, &unreliable(4_000_000));
    assert_eq!(network.connection(server).unwrap().readable_messages(), before + 1, "it still listens");
}

fn assert_closed_with(frames: &[u8], code: ConnectionEnd, what: &str) {
    let (mut network, mut puppet, server) = scene();
    puppet.send(&mut network, frames);
    assert_eq!(end_of(&network, server), (ConnectionState::ProblemDetectedLocally, code), "{what}");
    let text = network.connection(server).unwrap().end_debug().to_owned();
    assert!(!text.is_empty(), "{what}: a descriptive text");
    network.call(server, |c, now| c.close(now, 0, "", false));
    network.run_for(6 * SECOND);
    assert_eq!(network.live(), []);
}

#[test]
fn honest_frames_are_understood() {
    let (mut network, mut puppet, server) = scene();
    puppet.send(&mut network, &[0x80, 1]);
    puppet.send(&mut network, &unreliable(1));
    puppet.send(&mut network, &reliable(1, &message(b"hello")));
    let first = network.call(server, |c, now| c.receive(now)).unwrap().unwrap();
    assert_eq!((&first.payload[..], first.number, first.reliable), (&b"x"[..], 1, false));
    let second = network.call(server, |c, now| c.receive(now)).unwrap().unwrap();
    assert_eq!((&second.payload[..], second.number, second.reliable), (&b"hello"[..], 1, true));
    puppet.send(&mut network, &[]);
    assert_alive(&mut network, &mut puppet, server);
}

#[test]
fn reserved_lead_bytes_close_with_5002() {
    for lead in (0x60..=0x7f).chain(0x84..=0x87).chain(0xa0..=0xff) {
        assert_closed_with(&[lead], ConnectionEnd::MISC_INTERNAL_ERROR, &format!("lead byte {lead:#x}"));
    }
}

#[test]
fn frames_that_break_the_rules_close_with_5002() {
    let mut cases: Vec<(&str, Vec<u8>)> = vec![
        ("size code 5", vec![0x05, 1, 0, 0]),
        ("size code 6", vec![0x46, 1, 0, 0, 0]),
        ("position code 3", vec![0x58 | 7, 1, 0, 0, 0, 0, 0]),
        ("a truncated ack", vec![0x98, 0x01]),
        ("an ack whose blocks are missing", vec![0x9f, 1, 0, 0, 0, 200, 0x11]),
        ("a truncated segment", vec![0x20, 1, 0, 50, 1, 2]),
        ("message number 0", vec![0x27, 0, 0, b'x']),
        ("lane 256", vec![0x8f, 0x80, 0x02]),
        ("a stop-waiting before the beginning of time", vec![0x82, 0xff, 0xff, 0xff]),
        ("a stream whose first byte has bit 7", reliable(1, &[0x80])),
        ("an ack below zero", vec![0x99, 1, 0, 0, 0, 0x71]),
        ("a message number 10001 ahead", reliable(1, &[0x40, 0x91, 0x4e])),
        ("a message of 524289 bytes", reliable(1, &[0x21, 0x80, 0x80, 0x01])),
        ("a message of 4 GiB", reliable(1, &[0x3f, 0xff, 0xff, 0xff, 0x3f])),
        ("a header varint without end", reliable(1, &[[0x7f].as_slice(), &[0xff; 30]].concat())),
    ];
    let mut counts = vec![0x99, 1, 0, 0, 0, 0x88];
    counts.extend([0xa1, 0x8d, 0x06, 0xa1, 0x8d, 0x06]);
    cases.push(("ack counts over 100000", counts));
    for (what, frames) in cases {
        assert_closed_with(&frames, ConnectionEnd::MISC_INTERNAL_ERROR, what);
    }
}

#[test]
fn numbers_at_their_limits_are_taken() {
    let (mut network, mut puppet, server) = scene();
    // A message number 10,000 above the highest seen; the largest message announced; a message in between.
    puppet.send(&mut network, &reliable(1, &[0x40, 0x90, 0x4e]));
    puppet.send(&mut network, &reliable(4, &[0x20, 0x80, 0x80, 0x01]));
    assert_alive(&mut network, &mut puppet, server);
}

#[test]
fn ack_of_packets_never_sent_is_ignored() {
    let (mut network, mut puppet, server) = scene();
    network
        .call(server, |c, now| c.send(now, b"wait for it", 0, SendFlags::RELIABLE | SendFlags::NO_NAGLE))
        .unwrap()
        .unwrap();
    network.run_for(10 * MS);
    for latest in [100u16, 1_000, 0x7fff] {
        let mut frames = Vec::new();
        encode::ack(&mut frames, latest, None, &[]);
        // The rest of such a packet is not looked at.
        frames.extend(unreliable(9));
        puppet.send(&mut network, &frames);
    }
    assert_eq!(network.connection(server).unwrap().readable_messages(), 0);
    let outstanding = network.call(server, |c, now| c.status(now)).unwrap();
    assert!(outstanding.sent_unacknowledged_reliable_bytes + outstanding.pending_reliable_bytes > 0, "{outstanding:?}");
    assert_alive(&mut network, &mut puppet, server);
}

#[test]
fn stop_waiting_may_not_go_backwards() {
    let (mut network, mut puppet, server) = scene();
    (2..30).for_each(|_| drop(puppet.send(&mut network, &[])));
    // Packet 30: nothing below 29. Packet 31: nothing below 20.
    puppet.send(&mut network, &[0x80, 0]);
    assert_eq!(network.state(server), ConnectionState::Connected);
    puppet.send(&mut network, &[0x80, 10]);
    assert_eq!(end_of(&network, server), (ConnectionState::ProblemDetectedLocally, ConnectionEnd::MISC_INTERNAL_ERROR));
}

#[test]
fn stop_waiting_of_an_overtaken_packet_is_ignored() {
    let (mut network, mut puppet, server) = scene();
    (2..30).for_each(|_| drop(puppet.send(&mut network, &[])));
    puppet.send_numbered(&mut network, 31, None, &[0x80, 0]);
    puppet.send_numbered(&mut network, 30, None, &[0x80, 10]);
    assert_alive(&mut network, &mut puppet, server);
}

#[test]
fn packet_number_lurch_closes_with_5001() {
    for (jump, state) in [(0x4000, ConnectionState::Connected), (0x4001, ConnectionState::ProblemDetectedLocally)] {
        let (mut network, mut puppet, server) = scene();
        puppet.send(&mut network, &[]);
        puppet.send_numbered(&mut network, 3 + jump, None, &unreliable(1));
        let reason = if state == ConnectionState::Connected { 0 } else { 5001 };
        assert_eq!(end_of(&network, server), (state, ConnectionEnd(reason)), "a jump of {jump}");
    }
}

#[test]
fn packets_too_old_and_repeated_are_dropped() {
    let (mut network, mut puppet, server) = scene();
    for number in 2..=1_000 {
        if number % 2 == 0 {
            puppet.send_numbered(&mut network, number, None, &[]);
        }
    }
    let readable = |network: &Network| network.connection(server).unwrap().readable_messages();
    puppet.send_numbered(&mut network, 961, None, &unreliable(1));
    assert_eq!(readable(&network), 1, "39 packets old");
    puppet.send_numbered(&mut network, 961, None, &unreliable(2));
    puppet.send_numbered(&mut network, 960, None, &unreliable(3));
    puppet.send_numbered(&mut network, 487, None, &unreliable(4));
    assert_eq!(readable(&network), 1, "seen, seen, and 513 packets old");
    assert_alive(&mut network, &mut puppet, server);
}

#[test]
fn packet_number_one_is_the_handshake() {
    let (mut network, mut puppet, server) = scene();
    puppet.send_numbered(&mut network, 1, None, &unreliable(1));
    assert_eq!(network.connection(server).unwrap().readable_messages(), 0);
    assert_alive(&mut network, &mut puppet, server);
}

#[test]
fn segments_far_ahead_are_refused_and_not_acknowledged() {
    let (mut network, mut puppet, server) = scene();
    for position in [2_000_000, 1 << 40, (1 << 48) - 10] {
        puppet.send(&mut network, &reliable(position, b"far away"));
    }
    let refused = puppet.next_number();
    network.run_for(SECOND);
    puppet.send(&mut network, &reliable(1, &message(b"near")));
    network.run_for(100 * MS);
    let message = network.call(server, |c, now| c.receive(now)).unwrap().unwrap();
    assert_eq!(&message.payload[..], b"near");
    assert_eq!(refused, 6);
    // The last ack speaks of packet 6 and reports 3 to 5 as missing.
    let acks = puppet.received(&mut network);
    let last = acks.last().expect("an ack");
    let expected_ack = [0x99, 6, 0];
    assert!(last.windows(3).any(|w| w == expected_ack), "{last:02x?}");
    let block = *last.last().unwrap();
    assert_eq!(block, 0x13, "one received, three not: {last:02x?}");
    assert_alive(&mut network, &mut puppet, server);
}

#[test]
fn many_holes_in_a_stream_are_bounded_and_filled_later() {
    let (mut network, mut puppet, server) = scene();
    let stream: Vec<u8> = (0..500).flat_map(|_| message(b"some text, 20 bytes.")).collect();
    // Every other byte first, from behind: each makes a hole.
    for at in (0..stream.len()).rev().filter(|at| at % 2 == 0) {
        puppet.send(&mut network, &reliable(at as u64 + 1, &stream[at..=at]));
    }
    assert_eq!(network.connection(server).unwrap().readable_messages(), 0);
    for (i, piece) in stream.chunks(1_000).enumerate() {
        puppet.send(&mut network, &reliable(i as u64 * 1_000 + 1, piece));
    }
    assert_eq!(network.connection(server).unwrap().readable_messages(), 500);
    assert_alive(&mut network, &mut puppet, server);
}

#[test]
fn overlapping_and_repeated_segments_deliver_once() {
    let (mut network, mut puppet, server) = scene();
    let stream: Vec<u8> = (0..20).flat_map(|i| message(&[i; 20])).collect();
    for step in [1, 7, 50, 1] {
        for start in (0..stream.len()).step_by(step * 3 + 1) {
            let end = (start + step * 5 + 30).min(stream.len());
            puppet.send(&mut network, &reliable(start as u64 + 1, &stream[start..end]));
        }
    }
    let numbers: Vec<u64> =
        core::iter::from_fn(|| network.call(server, |c, now| c.receive(now)).flatten()).map(|m| m.number).collect();
    assert_eq!(numbers, (1..=20).collect::<Vec<u64>>());
    assert_alive(&mut network, &mut puppet, server);
}

#[test]
fn too_many_segments_in_a_packet_are_not_all_taken_but_harmless() {
    let mut network = Network::new(1, LinkConfig::default());
    let config = ConnectionConfig { recv_max_segments_per_packet: 10, ..Default::default() };
    network.listen(SERVER, config);
    let (mut puppet, server) = Puppet::connected(&mut network, CLIENT, SERVER);
    // Unreliable, whole, one byte each, numbered on from the one before.
    let mut frames = vec![0x30, 1, 0, 0, 0, 1, b'a'];
    (0..99).for_each(|_| frames.extend([0x20, 1, b'b']));
    puppet.send(&mut network, &frames);
    assert_eq!(network.connection(server).unwrap().readable_messages(), 10);
    assert_alive(&mut network, &mut puppet, server);
}

#[test]
fn full_receive_queue_does_not_grow() {
    let (mut network, mut puppet, server) = scene();
    for i in 0..3_000 {
        puppet.send(&mut network, &unreliable(i + 1));
    }
    assert_eq!(network.connection(server).unwrap().readable_messages(), 1_000);
    assert_eq!(network.state(server), ConnectionState::Connected);
}

#[test]
fn statistics_of_any_content_are_harmless() {
    let (mut network, mut puppet, server) = scene();
    let bombs: [&[u8]; 8] = [
        &[],
        &[0x18, 0x02],
        &[0x18, 0x06],
        &[0x18, 0xff, 0xff, 0xff, 0xff, 0x0f],
        // Only one of the two percentages; both at 4 billion; a bare lifetime message; nested emptiness.
        &[0x0a, 0x04, 0x0a, 0x02, 0x30, 0x05],
        &[0x0a, 0x0e, 0x0a, 0x0c, 0x30, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x38, 0xff, 0xff, 0xff, 0xff, 0x0f],
        &[0x0a, 0x02, 0x12, 0x00],
        &[0x0a, 0x00],
    ];
    for bomb in bombs {
        let number = puppet.next_number();
        puppet.send_numbered(&mut network, number, Some(bomb), &[]);
        let status = network.call(server, |c, now| c.status(now)).unwrap();
        assert!(status.remote_quality.is_none_or(|q| (0.0..=1.0).contains(&q)), "{bomb:02x?}: {status:?}");
    }
    assert_alive(&mut network, &mut puppet, server);
}

#[test]
fn requests_for_immediate_answers_are_answered_one_for_one() {
    let (mut network, mut puppet, server) = scene();
    puppet.received(&mut network);
    for _ in 0..200 {
        let number = puppet.next_number();
        puppet.send_numbered(&mut network, number, Some(&[0x18, 0x06]), &[]);
    }
    let answers = puppet.received(&mut network).len();
    assert!((1..=201).contains(&answers), "{answers} answers to 200 requests");
    assert_alive(&mut network, &mut puppet, server);
}

#[test]
fn stats_that_do_not_parse_drop_the_packet() {
    let (mut network, mut puppet, server) = scene();
    let number = puppet.next_number();
    puppet.send_numbered(&mut network, number, Some(&[0x0a, 0x7f]), &unreliable(1));
    assert_eq!(network.connection(server).unwrap().readable_messages(), 0);
    assert_alive(&mut network, &mut puppet, server);
}

#[test]
fn oversized_plaintext_is_dropped() {
    let (mut network, mut puppet, server) = scene();
    for (extra, arrives) in [(1_300, 1), (1_301, 1)] {
        let mut frames = unreliable(1);
        frames.resize(extra, b'y');
        puppet.send(&mut network, &frames);
        assert_eq!(network.connection(server).unwrap().readable_messages(), arrives, "{extra} bytes");
    }
}

#[test]
fn unreliable_fragments_are_forgotten_when_there_are_too_many() {
    let (mut network, mut puppet, server) = scene();
    // First halves of 800 messages, then the second halves, the newest first: only these can complete.
    for number in 1..=800u32 {
        let mut first = vec![0x10 | 7];
        first.extend(number.to_le_bytes());
        first.extend(b"first");
        puppet.send(&mut network, &first);
    }
    for number in (1..=800u32).rev() {
        let mut second = vec![0x20 | 0x10 | 0x08 | 7];
        second.extend(number.to_le_bytes());
        second.push(5);
        second.extend(b"second");
        puppet.send(&mut network, &second);
    }
    let complete = network.connection(server).unwrap().readable_messages();
    assert!((20..=256).contains(&complete), "{complete} of 800");
    assert_alive(&mut network, &mut puppet, server);
}

#[test]
fn many_ack_frames_in_a_packet_cost_no_more_than_a_few() {
    let (mut network, mut puppet, server) = scene();
    for _ in 0..12 {
        let flags = SendFlags::RELIABLE | SendFlags::NO_NAGLE;
        network.call(server, |c, now| c.send(now, b"x", 0, flags)).unwrap().unwrap();
        network.run_for(MS);
    }
    let in_flight = |network: &mut Network| {
        network.call(server, |c, now| c.status(now).sent_unacknowledged_reliable_bytes).expect("a connection")
    };
    assert_eq!(in_flight(&mut network), 24);
    let mut acks = Vec::new();
    (3..=14).for_each(|latest| encode::ack(&mut acks, latest, None, &[]));
    puppet.send(&mut network, &acks);
    assert_eq!(in_flight(&mut network), 8, "eight of them count");
    puppet.send(&mut network, &acks[11 * 5..]);
    assert_eq!(in_flight(&mut network), 0);
}
