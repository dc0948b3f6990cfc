//! Lanes, deadlines, replacement and the receive window, between two ends of ours.

use core::time::Duration;

use gamesockets_proto::crypto::LocalCertificate;
use gamesockets_proto::wire::{ControlPacket, SessionCryptInfo, SessionCryptInfoSigned};
use gamesockets_proto::{ConnectionConfig, Identity, LaneConfigError, Message, SendError, SendOptions};
use gamesockets_schema::{ConnectionEnd, ConnectionState, ResultCode, SendFlags};
use gamesockets_tests::sim::pair::{CLIENT, SERVER};
use gamesockets_tests::sim::{ConnKey, LinkConfig, Network, Pair, Puppet, Rng};
use prost::Message as _;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const RELIABLE: SendFlags = SendFlags::RELIABLE;
const UNRELIABLE: SendFlags = SendFlags::UNRELIABLE;

fn connected(delay: Duration, config: &ConnectionConfig) -> (Pair, ConnKey) {
    // GNS's fixed rate: these tests are about what goes first, not about how fast.
    let config = &ConnectionConfig { send_rate_min: 262_144, send_rate_max: 262_144, ..config.clone() };
    Pair::connected(LinkConfig { delay, ..Default::default() }, config)
}

fn configure(pair: &mut Pair, priorities: &[i32], weights: &[u16]) -> Result<(), LaneConfigError> {
    let client = pair.client;
    pair.network.call(client, |c, now| c.configure_lanes(now, priorities, weights)).expect("a live connection")
}

fn send(pair: &mut Pair, payload: &[u8], options: SendOptions) -> Result<u64, SendError> {
    let client = pair.client;
    pair.network.call(client, |c, now| c.send_with(now, payload, options)).expect("a live connection")
}

fn on(lane: u16, flags: SendFlags) -> SendOptions {
    SendOptions { lane, flags, ..Default::default() }
}

/// Everything there is to read at a connection.
fn read(pair: &mut Pair, key: ConnKey) -> Vec<Message> {
    let receive = |pair: &mut Pair| pair.network.call(key, |c, now| c.receive(now)).flatten();
    core::iter::from_fn(|| receive(pair)).collect()
}

#[test]
fn lanes_of_one_priority_share_by_weight_and_urgent_ones_go_before() {
    let config =
        ConnectionConfig { send_buffer_size_bytes: 8 << 20, recv_buffer_messages: 100_000, ..Default::default() };
    let (mut pair, server) = connected(5 * MS, &config);
    configure(&mut pair, &[7, 7, 7, 7, 9], &[50, 30, 15, 5, 60_000]).unwrap();
    let sizes = [400, 1_000, 120, 900, 500];
    for _ in 0..2_000 {
        for (lane, &size) in sizes.iter().enumerate() {
            let flags = if lane % 2 == 0 { RELIABLE } else { UNRELIABLE };
            send(&mut pair, &vec![lane as u8; size], on(lane as u16, flags)).unwrap();
        }
    }
    let mut bytes = [0_usize; 5];
    let mut measured = Duration::ZERO;
    while measured < SECOND {
        pair.network.run_for(10 * MS);
        measured += 10 * MS;
        for message in read(&mut pair, server) {
            bytes[usize::from(message.lane)] += message.payload.len();
        }
    }
    let total: usize = bytes.iter().sum();
    assert!(total > 200_000, "{bytes:?}");
    for (lane, share) in [(0, 0.50), (1, 0.30), (2, 0.15), (3, 0.05), (4, 0.0)] {
        let got = bytes[lane] as f64 / total as f64;
        assert!((got - share).abs() < 0.02, "lane {lane}: {got} instead of {share} of {bytes:?}");
    }
    pair.finish();
}

#[test]
fn an_urgent_message_leaves_in_the_next_packet_even_past_what_was_lost() {
    let (mut pair, server) = connected(20 * MS, &ConnectionConfig::default());
    configure(&mut pair, &[1, 0], &[1, 1]).unwrap();
    send(&mut pair, &[1; 400_000], on(0, RELIABLE)).unwrap();
    pair.network.run_for(300 * MS);
    // A burst of losses makes a heap of retransmissions.
    pair.network.link(CLIENT, SERVER).config_mut().loss = 1.0;
    pair.network.run_for(200 * MS);
    pair.network.link(CLIENT, SERVER).config_mut().loss = 0.0;
    pair.network.run_for(100 * MS);
    let pending = pair.network.call(pair.client, |c, now| c.status(now)).unwrap().pending_reliable_bytes;
    assert!(pending > 100_000);
    let sent_at = pair.network.now();
    send(&mut pair, b"urgent", on(1, UNRELIABLE | SendFlags::NO_NAGLE)).unwrap();
    while !read(&mut pair, server).iter().any(|message| message.lane == 1) {
        pair.network.run_for(MS);
    }
    let took = pair.network.now().since(sent_at);
    // The link, and at most one packet that the pacer has just let go.
    assert!(took <= 27 * MS, "{took:?}");
    pair.finish();
}

#[test]
fn bad_lanes_are_refused_and_nothing_changes() {
    let (mut pair, server) = connected(MS, &ConnectionConfig::default());
    configure(&mut pair, &[1, 2, 3], &[1, 1, 1]).unwrap();
    let (priorities, weights) = (vec![0; 256], vec![1; 256]);
    let bad: &[(&[i32], &[u16], LaneConfigError)] = &[
        (&[], &[], LaneConfigError::BadCount { count: 0 }),
        (&priorities, &weights, LaneConfigError::BadCount { count: 256 }),
        (&[1, 2], &[1, 1], LaneConfigError::Fewer { count: 2, configured: 3 }),
        (&[1, 2, 3], &[1, 1], LaneConfigError::UnequalLengths { priorities: 3, weights: 2 }),
        (&[1, 2, 3], &[1, 0, 1], LaneConfigError::ZeroWeight { lane: 1 }),
    ];
    for &(priorities, weights, error) in bad {
        assert_eq!(configure(&mut pair, priorities, weights), Err(error));
        assert_eq!(error.code(), ResultCode::InvalidParam, "{error}");
    }
    let no_lane = send(&mut pair, b"x", on(3, RELIABLE));
    assert_eq!(no_lane, Err(SendError::NoSuchLane { lane: 3, count: 3 }));
    assert_eq!(send(&mut pair, b"x", on(2, RELIABLE)), Ok(1), "numbers are counted per lane");
    pair.network.run_for(20 * MS);
    assert_eq!(read(&mut pair, server).len(), 1);
    let client = pair.client;
    assert!(pair.network.call(client, |c, now| c.lane_status(now, 3)).unwrap().is_none());
    pair.network.call(client, |c, now| c.close(now, 0, "", false));
    assert_eq!(configure(&mut pair, &[1, 2, 3], &[1, 1, 1]), Err(LaneConfigError::InvalidState));
    pair.finish();
}

/// A ConnectRequest of a client of another protocol version.
fn request_of_version(puppet: &mut Puppet, network: &mut Network, version: u32) -> Vec<u8> {
    let request = ControlPacket::decode(&puppet.connect_request(network));
    let Ok(ControlPacket::ConnectRequest(mut request)) = request else { panic!("{request:?}") };
    let certificate = LocalCertificate::unsigned(&Identity::localhost(), 0, [3; 32]);
    let signed = request.crypt.take().expect("crypt info");
    let mut info = SessionCryptInfo::decode(signed.info.expect("info")).expect("a SessionCryptInfo");
    info.protocol_version = Some(version);
    let info = info.encode_to_vec();
    let signature = Some(certificate.sign(&info).to_vec().into());
    request.cert = Some(certificate.wire().clone());
    request.crypt = Some(SessionCryptInfoSigned { info: Some(info.into()), signature });
    let mut datagram = Vec::new();
    ControlPacket::ConnectRequest(request).encode(&mut datagram);
    datagram
}

#[test]
fn a_peer_too_old_for_lanes_has_to_go() {
    for (version, lanes, expected) in
        [(11, 2, Ok(())), (10, 1, Ok(())), (10, 2, Err(LaneConfigError::PeerTooOld { version: 10 }))]
    {
        let mut network = Network::new(1, LinkConfig::default());
        network.listen(SERVER, ConnectionConfig::default());
        let mut puppet = Puppet::new(&mut network, CLIENT, SERVER, 0x1234_5678);
        let request = request_of_version(&mut puppet, &mut network, version);
        network.inject(CLIENT, SERVER, request);
        network.run_for(MS);
        let [key] = network.live()[..] else { panic!("no connection: version {version}") };
        let result = network.call(key, |c, now| c.configure_lanes(now, &vec![1; lanes], &vec![1; lanes]));
        assert_eq!(result, Some(expected), "version {version}");
        let connection = network.connection(key).unwrap();
        if let Err(error) = expected {
            assert_eq!(error.code(), ResultCode::Fail);
            assert_eq!(connection.state(), ConnectionState::ProblemDetectedLocally);
            assert_eq!(connection.end_reason(), ConnectionEnd::REMOTE_BAD_PROTOCOL_VERSION);
        } else {
            assert_eq!(connection.state(), ConnectionState::Connecting);
        }
    }
}

#[test]
fn all_255_lanes_carry_both_sorts() {
    let config = ConnectionConfig { recv_buffer_messages: 2_000, ..Default::default() };
    let mut pair = Pair::connecting(LinkConfig { delay: 10 * MS, loss: 0.05, ..Default::default() }, &config);
    configure(&mut pair, &[1; 255], &[1; 255]).unwrap();
    for lane in 0..255 {
        for round in 0..3_u8 {
            assert_eq!(send(&mut pair, &[lane as u8, round], on(lane, RELIABLE)), Ok(2 * u64::from(round) + 1));
            send(&mut pair, &[lane as u8, round], on(lane, UNRELIABLE)).unwrap();
        }
    }
    let server = pair.accept_next(5 * SECOND).unwrap();
    pair.network.run_for(2 * SECOND);
    let messages = read(&mut pair, server);
    assert!(messages.iter().all(|message| message.payload[0] == message.lane as u8));
    for lane in 0..255 {
        let reliable = messages.iter().filter(|message| message.lane == lane && message.reliable);
        assert!(reliable.map(|message| message.number).eq([1, 3, 5]), "lane {lane}");
    }
    pair.finish();
}

#[test]
fn status_tells_lanes_apart() {
    let (mut pair, _) = connected(10 * MS, &ConnectionConfig::default());
    configure(&mut pair, &[0, 1, 1], &[1, 1, 3]).unwrap();
    for (lane, flags) in [(0, RELIABLE), (1, RELIABLE), (2, UNRELIABLE)] {
        for _ in 0..6 {
            send(&mut pair, &[0; 16_000], on(lane, flags)).unwrap();
        }
    }
    let client = pair.client;
    let mut lane = |lane| pair.network.call(client, |c, now| c.lane_status(now, lane)).unwrap().unwrap();
    let (urgent, light, heavy) = (lane(0), lane(1), lane(2));
    assert!(urgent.pending_reliable_bytes + urgent.sent_unacknowledged_reliable_bytes > 96_000);
    assert_eq!((light.pending_unreliable_bytes, heavy.pending_reliable_bytes), (0, 0));
    assert!(light.pending_reliable_bytes > 96_000 && heavy.pending_unreliable_bytes == 96_000);
    let rate = 262_144.0;
    let expected = |bytes: f64| Duration::from_secs_f64(bytes / rate);
    let near = |got: Duration, bytes: f64| got.abs_diff(expected(bytes)) < 15 * MS;
    assert!(near(urgent.queue_time, 95_000.0), "{urgent:?}");
    assert!(near(light.queue_time, 95_000.0 + 2.0 * 96_000.0), "{light:?}");
    assert!(near(heavy.queue_time, 95_000.0 + 96_000.0 + 32_000.0), "{heavy:?}");
    pair.finish();
}

#[test]
fn what_is_too_late_is_never_sent() {
    let (mut pair, server) = connected(10 * MS, &ConnectionConfig::default());
    pair.network.run_for(SECOND);
    pair.clear_recording();
    let soon = |deadline| SendOptions { deadline: Some(deadline), ..Default::default() };
    assert_eq!(send(&mut pair, &[0; 16_000], on(0, UNRELIABLE)), Ok(1));
    assert_eq!(send(&mut pair, b"gone", soon(20 * MS)), Ok(2));
    assert_eq!(send(&mut pair, b"in time", soon(500 * MS)), Ok(3));
    let reliable = send(&mut pair, b"x", SendOptions { flags: RELIABLE, ..soon(MS) });
    assert_eq!(reliable, Err(SendError::MustBeUnreliable { size: 1 }));
    let large = SendError::MustBeUnreliable { size: 16_501 };
    assert_eq!(send(&mut pair, &[0; 16_501], soon(MS)), Err(large.clone()));
    assert_eq!(large.code(), ResultCode::InvalidParam);
    pair.network.run_for(200 * MS);
    let numbers: Vec<u64> = read(&mut pair, server).iter().map(|message| message.number).collect();
    assert_eq!(numbers, [1, 3]);
    assert_eq!(pair.outstanding(pair.client), 0);
    // Alone in the queue a message leaves before its time is over, Nagle or not.
    send(&mut pair, b"quick", soon(2 * MS)).unwrap();
    pair.network.run_for(50 * MS);
    assert_eq!(read(&mut pair, server).len(), 1);
    pair.finish();
}

#[test]
fn expired_messages_make_room_for_a_refused_sender() {
    let config = ConnectionConfig { send_buffer_size_bytes: 20_000, ..Default::default() };
    let mut pair = Pair::connecting(LinkConfig { delay: 400 * MS, ..Default::default() }, &config);
    let options = SendOptions { deadline: Some(30 * MS), ..Default::default() };
    for _ in 0..20 {
        send(&mut pair, &[0; 1_000], options).unwrap();
    }
    let refused = send(&mut pair, &[0; 1_000], options);
    assert_eq!(refused, Err(SendError::BufferFull { pending: 20_000, limit: 20_000 }));
    let client = pair.client;
    pair.network.note_refused_send(client);
    pair.network.run_for(100 * MS);
    assert_eq!(pair.network.state(client), ConnectionState::Connecting);
    assert!(pair.heard_writable(client), "while still connecting");
    pair.finish();
}

#[test]
fn only_the_latest_of_a_key_is_sent() {
    let (mut pair, server) = connected(10 * MS, &ConnectionConfig::default());
    configure(&mut pair, &[0, 0], &[1, 1]).unwrap();
    send(&mut pair, &[0; 16_000], on(0, UNRELIABLE)).unwrap();
    let keyed = |lane, key| SendOptions { lane, replace_key: Some(key), ..Default::default() };
    let numbers: Vec<u64> = (0..50_u8).map(|state| send(&mut pair, &[state; 600], keyed(0, 7)).unwrap()).collect();
    assert!(numbers.iter().all(|&number| number == 2), "a replacement has the number of what it replaces");
    send(&mut pair, b"another key", keyed(0, 8)).unwrap();
    send(&mut pair, b"another lane", keyed(1, 7)).unwrap();
    let status = pair.network.call(pair.client, |c, now| c.status(now)).unwrap();
    assert!(status.pending_unreliable_bytes < 17_000, "{status:?}");
    pair.network.run_for(300 * MS);
    let messages = read(&mut pair, server);
    assert_eq!(messages.len(), 4);
    assert!(messages.iter().any(|message| message.payload[..] == [49; 600]));
    assert_eq!(send(&mut pair, b"later", keyed(0, 7)), Ok(4), "what has left is not replaced");
    pair.network.run_for(50 * MS);
    assert_eq!(read(&mut pair, server).len(), 1);
    pair.finish();
}

/// Receivers refuse a reliable message whose number is more than 10 000 above the highest they have seen. However many
/// unreliable ones were lost or dropped before it, and in whatever order its pieces arrive, that never happens.
#[test]
fn numbers_never_run_away_from_the_receiver() {
    for seed in 0..12 {
        let mut rng = Rng::new(seed);
        let config = ConnectionConfig {
            send_rate_min: 20 << 20,
            send_rate_max: 20 << 20,
            send_buffer_size_bytes: 4 << 20,
            recv_buffer_messages: 1 << 20,
            recv_buffer_size_bytes: 64 << 20,
            ..Default::default()
        };
        let (mut pair, server) = connected(10 * MS, &config);
        configure(&mut pair, &[0, 1], &[1, 1]).unwrap();
        let mut expected = Vec::new();
        for round in 0..6 {
            // Of these nothing arrives; many expire before they leave.
            pair.network.link(CLIENT, SERVER).config_mut().loss = 1.0;
            let count = 6_000 + rng.below(12_000);
            for _ in 0..count {
                let deadline = (rng.below(2) == 0).then_some(MS);
                let lane = rng.below(2) as u16;
                send(&mut pair, &[1; 8], SendOptions { lane, deadline, ..Default::default() }).unwrap();
            }
            pair.network.run_for(300 * MS);
            pair.network.link(CLIENT, SERVER).config_mut().loss = 0.4;
            for lane in 0..2 {
                let number = send(&mut pair, &vec![round; 1 + rng.below(5_000) as usize], on(lane, RELIABLE)).unwrap();
                expected.push((lane, number));
            }
            pair.network.run_for(Duration::from_millis(rng.below(100)));
        }
        pair.network.link(CLIENT, SERVER).config_mut().loss = 0.0;
        pair.network.run_for(5 * SECOND);
        assert_eq!(pair.network.state(server), ConnectionState::Connected, "seed {seed}");
        let mut got: Vec<_> =
            read(&mut pair, server).iter().filter(|m| m.reliable).map(|m| (m.lane, m.number)).collect();
        got.sort_unstable();
        expected.sort_unstable();
        assert_eq!(got, expected, "seed {seed}");
        pair.finish();
    }
}

fn small_queue() -> ConnectionConfig {
    ConnectionConfig { recv_buffer_messages: 40, ..Default::default() }
}

#[test]
fn a_full_receiver_is_not_flooded_and_goes_on_when_read() {
    let (mut pair, server) = connected(20 * MS, &small_queue());
    for index in 0..400_u32 {
        send(&mut pair, &index.to_le_bytes(), on(0, RELIABLE | SendFlags::NO_NAGLE)).unwrap();
        pair.network.run_for(MS);
    }
    let readable = pair.network.connection(server).unwrap().readable_messages();
    assert!((40..=80).contains(&readable), "{readable} messages wait in a queue of 40");
    pair.network.run_for(SECOND);
    pair.clear_recording();
    pair.network.run_for(5 * SECOND);
    let packets = pair.sent_from(CLIENT).len();
    assert!(packets <= 4, "{packets} packets to a receiver that has no room");
    assert_eq!(pair.network.connection(server).unwrap().readable_messages(), readable);
    let mut read_so_far = 0;
    let start = pair.network.now();
    while read_so_far < 400 {
        for message in read(&mut pair, server) {
            assert_eq!(message.payload[..], (read_so_far as u32).to_le_bytes());
            read_so_far += 1;
        }
        pair.network.run_for(MS);
        assert!(pair.network.now().since(start) < 2 * SECOND, "only {read_so_far} of 400");
    }
    // 40 messages a round trip of 40 ms, and not the retransmission timeout of 180 ms.
    let took = pair.network.now().since(start);
    assert!(took < 600 * MS, "{took:?}");
    pair.network.run_for(SECOND);
    assert_eq!(pair.outstanding(pair.client), 0);
    pair.finish();
}

#[test]
fn unreliable_messages_pass_a_full_receiver_of_reliable_ones() {
    let config = ConnectionConfig { recv_buffer_messages: 40, ..Default::default() };
    let (mut pair, server) = connected(10 * MS, &config);
    for _ in 0..200 {
        send(&mut pair, b"r", on(0, RELIABLE | SendFlags::NO_NAGLE)).unwrap();
        pair.network.run_for(MS);
    }
    pair.network.run_for(SECOND);
    let waiting = pair.network.connection(server).unwrap().readable_messages();
    // Less than a quarter of the queue: not enough for the sender to be told of.
    for _ in 0..5 + waiting.saturating_sub(40) {
        pair.network.call(server, |c, now| c.receive(now)).flatten().unwrap();
    }
    assert_eq!(send(&mut pair, b"u", on(0, UNRELIABLE | SendFlags::NO_NAGLE)), Ok(201));
    pair.network.run_for(100 * MS);
    let last = read(&mut pair, server).into_iter().find(|message| !message.reliable);
    assert_eq!(last.map(|message| message.number), Some(201), "it overtakes what is held back");
    pair.finish();
}

#[test]
fn a_lost_window_update_is_repeated() {
    for seed in 0..20 {
        let links = LinkConfig { delay: 10 * MS, loss: 0.3, ..Default::default() };
        let config = ConnectionConfig { recv_buffer_messages: 8, ..Default::default() };
        let (mut pair, server) = Pair::connected(links, &config);
        let mut rng = Rng::new(seed);
        for index in 0..300_u32 {
            send(&mut pair, &index.to_le_bytes(), on(0, RELIABLE)).unwrap();
        }
        let mut got = Vec::new();
        let start = pair.network.now();
        while got.len() < 300 {
            pair.network.run_for(Duration::from_millis(rng.below(150)));
            // Now and then nothing at all gets back to the sender, just as the queue is read.
            let loss = if rng.below(3) == 0 { 1.0 } else { 0.3 };
            pair.network.link(SERVER, CLIENT).config_mut().loss = loss;
            got.extend(read(&mut pair, server));
            let waited = pair.network.now().since(start);
            assert!(waited < 120 * SECOND, "seed {seed}: only {} of 300 came", got.len());
        }
        let numbers = got.iter().map(|message| u32::from_le_bytes(message.payload[..].try_into().unwrap()));
        assert!(numbers.eq(0..300), "seed {seed}");
        pair.network.reconfigure_links(|link| link.loss = 0.0);
        assert!(pair.run_until_drained(pair.client, 10 * SECOND));
        pair.finish();
    }
}

#[test]
fn large_messages_on_many_lanes_never_lock_each_other_out() {
    let config = ConnectionConfig {
        recv_buffer_size_bytes: 60_000,
        recv_max_message_size_bytes: 60_000,
        send_rate_min: 4 << 20,
        send_rate_max: 4 << 20,
        send_buffer_size_bytes: 8 << 20,
        ..Default::default()
    };
    let links = LinkConfig { delay: 10 * MS, loss: 0.02, ..Default::default() };
    let (mut pair, server) = Pair::connected(links, &config);
    configure(&mut pair, &[1; 20], &[1; 20]).unwrap();
    for size in [60_000, 1_000, 45_000] {
        for lane in 0..20 {
            send(&mut pair, &vec![lane as u8; size], on(lane, RELIABLE)).unwrap();
        }
    }
    let mut got = 0;
    let start = pair.network.now();
    while got < 60 {
        pair.network.run_for(20 * MS);
        got += read(&mut pair, server).len();
        assert!(pair.network.now().since(start) < 60 * SECOND, "only {got} of 60");
    }
    pair.finish();
}
