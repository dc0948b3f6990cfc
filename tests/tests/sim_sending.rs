//! When things leave: pacing, Nagle, acknowledgements, the send buffer, packet numbers that wrap.

use core::time::Duration;

use gamesockets_proto::{ConnectionConfig, SendError};
use gamesockets_schema::{ConnectionState, ResultCode, SendFlags};
use gamesockets_tests::sim::pair::{CLIENT, SERVER};
use gamesockets_tests::sim::{ConnKey, LinkConfig, Pair};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const NO_NAGLE: SendFlags = SendFlags::NO_NAGLE;

/// Connected, and quiet: the handshake's own packets are over.
fn quiet(delay: Duration, config: &ConnectionConfig) -> (Pair, ConnKey) {
    let links = LinkConfig { delay, ..Default::default() };
    let (mut pair, server) = Pair::connected(links, config);
    pair.network.run_for(SECOND);
    pair.clear_recording();
    (pair, server)
}

#[test]
fn pacing_holds_rate() {
    let config = ConnectionConfig { send_rate_min: 262_144, send_rate_max: 262_144, ..Default::default() };
    let (mut pair, server) = quiet(20 * MS, &config);
    for _ in 0..4 {
        pair.send(pair.client, 100_000, SendFlags::RELIABLE);
    }
    pair.network.run_for(1_200 * MS);
    pair.read(server);
    let sent = pair.sent_from(CLIENT);
    let start = sent[0].time;
    for (from, until) in [(0, 1_000), (100, 600), (500, 1_000)] {
        let inside = sent.iter().filter(|s| (from..until).contains(&s.time.since(start).as_millis()));
        let bytes: usize = inside.map(|s| s.bytes.len()).sum();
        let rate = bytes as f64 * 1000.0 / (until - from) as f64;
        assert!((254_000.0..272_000.0).contains(&rate), "{rate} B/s between {from} and {until} ms");
    }
    // Evenly: never more than two packets at once.
    let burst = sent.windows(3).filter(|w| w[2].time.since(w[0].time) < Duration::from_micros(500)).count();
    assert_eq!(burst, 0);
    pair.finish();
}

#[test]
fn another_rate_is_held_too() {
    let config = ConnectionConfig { send_rate_min: 2_000_000, send_rate_max: 2_000_000, ..Default::default() };
    let (mut pair, server) = quiet(10 * MS, &config);
    pair.send(pair.client, 500_000, SendFlags::RELIABLE);
    let start = pair.network.now();
    assert!(pair.run_until_read(server, 1, SECOND));
    let took = pair.network.now().since(start).as_millis();
    assert!((250..300).contains(&took), "500 kB at 2 MB/s took {took} ms");
    pair.finish();
}

#[test]
fn nagle_coalesces() {
    let (mut pair, server) = quiet(10 * MS, &ConnectionConfig::default());
    let start = pair.network.now();
    for _ in 0..5 {
        pair.send(pair.client, 20, SendFlags::RELIABLE);
        pair.send(pair.client, 20, SendFlags::UNRELIABLE);
        pair.network.run_for(Duration::from_micros(500));
    }
    assert!(pair.run_until_read(server, 10, 100 * MS));
    let sent = pair.sent_from(CLIENT);
    assert_eq!(sent.len(), 1, "ten small messages share a packet");
    let waited = sent[0].time.since(start).as_micros();
    assert!((5_000..5_100).contains(&waited), "the first waited {waited} µs");
    pair.finish();
}

#[test]
fn no_nagle_sends_at_once_what_waits_before_it_included() {
    let (mut pair, server) = quiet(10 * MS, &ConnectionConfig::default());
    pair.send(pair.client, 20, SendFlags::RELIABLE);
    assert_eq!(pair.sent_from(CLIENT).len(), 0);
    pair.send(pair.client, 20, SendFlags::UNRELIABLE | NO_NAGLE);
    let sent = pair.sent_from(CLIENT);
    assert_eq!((sent.len(), sent[0].time), (1, pair.network.now()));
    assert!(pair.run_until_read(server, 2, 20 * MS));
    pair.finish();
}

#[test]
fn flush_sends_at_once() {
    let (mut pair, _) = quiet(10 * MS, &ConnectionConfig::default());
    pair.send(pair.client, 20, SendFlags::RELIABLE);
    assert_eq!(pair.network.call(pair.client, |c, now| c.flush(now)), Some(Ok(())));
    assert_eq!(pair.sent_from(CLIENT).len(), 1);
    pair.finish();
}

#[test]
fn flush_answers_by_state() {
    let mut pair = Pair::connecting(LinkConfig::default(), &ConnectionConfig::default());
    assert_eq!(pair.network.call(pair.client, |c, now| c.flush(now)), Some(Err(ResultCode::Ignored)));
    let server = pair.next_incoming(SECOND).unwrap();
    pair.network.call(server, |c, now| c.close(now, 0, "", false));
    assert!(pair.run_until_state(pair.client, ConnectionState::ClosedByPeer, SECOND));
    assert_eq!(pair.network.call(pair.client, |c, now| c.flush(now)), Some(Err(ResultCode::NoConnection)));
    pair.finish();
}

#[test]
fn a_full_packet_does_not_wait_for_nagle() {
    let (mut pair, _) = quiet(10 * MS, &ConnectionConfig::default());
    let before = pair.network.now();
    for _ in 0..3 {
        pair.send(pair.client, 500, SendFlags::UNRELIABLE);
    }
    let sent = pair.sent_from(CLIENT);
    assert!(!sent.is_empty() && sent[0].time == before);
    assert!(sent[0].bytes.len() > 1_000, "{} bytes", sent[0].bytes.len());
    pair.finish();
}

#[test]
fn ack_delay_50ms() {
    let (mut pair, _) = quiet(10 * MS, &ConnectionConfig::default());
    pair.send(pair.client, 20, SendFlags::RELIABLE | NO_NAGLE);
    let start = pair.network.now();
    pair.network.run_for(200 * MS);
    let acks = pair.sent_from(SERVER);
    let waited = acks[0].time.since(start + 10 * MS).as_micros();
    assert!((49_000..51_000).contains(&waited), "acknowledged after {waited} µs");
    assert_eq!(acks[0].bytes.len(), 30, "stop-waiting and ack, nothing else");
    assert_eq!(pair.outstanding(pair.client), 0);
    pair.finish();
}

#[test]
fn unreliable_traffic_is_not_acknowledged_by_itself() {
    let (mut pair, _) = quiet(10 * MS, &ConnectionConfig::default());
    pair.send(pair.client, 20, SendFlags::UNRELIABLE | NO_NAGLE);
    pair.network.run_for(1_500 * MS);
    assert_eq!(pair.sent_from(SERVER).len(), 0);
    pair.finish();
}

#[test]
fn acks_ride_on_data() {
    let (mut pair, server) = quiet(10 * MS, &ConnectionConfig::default());
    pair.send(pair.client, 20, SendFlags::RELIABLE | NO_NAGLE);
    pair.network.run_for(15 * MS);
    pair.send(server, 20, SendFlags::UNRELIABLE | NO_NAGLE);
    pair.network.run_for(11 * MS);
    assert_eq!(pair.outstanding(pair.client), 0, "acknowledged by the data packet");
    pair.network.run_for(500 * MS);
    assert_eq!(pair.sent_from(SERVER).len(), 1);
    pair.finish();
}

#[test]
fn retransmission_timeout_is_3_pings_and_60_ms() {
    let (mut pair, server) = quiet(50 * MS, &ConnectionConfig::default());
    let now = pair.network.now();
    pair.network.link(CLIENT, SERVER).config_mut().blackouts.push((now, now + 1_000 * MS));
    pair.send(pair.client, 20, SendFlags::RELIABLE | NO_NAGLE);
    assert!(pair.run_until_read(server, 1, 3 * SECOND));
    let times: Vec<_> =
        pair.sent_from(CLIENT).iter().filter(|s| s.bytes[0] == 0x80).map(|s| s.time.since(now).as_millis()).collect();
    let close = |got: u128, wanted: u128| got.abs_diff(wanted) <= 6;
    assert!(close(times[1], 360) && close(times[2], 720) && close(times[3], 1_080), "{times:?}");
    pair.finish();
}

#[test]
fn send_buffer_refuses_then_tells_when_there_is_room() {
    let config = ConnectionConfig { send_buffer_size_bytes: 50_000, ..Default::default() };
    let (mut pair, server) = quiet(10 * MS, &config);
    pair.send(pair.client, 30_000, SendFlags::RELIABLE);
    let refused = pair.ledger.send(&mut pair.network, pair.client, 30_000, SendFlags::RELIABLE);
    let Err(error @ SendError::BufferFull { limit: 50_000, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(error.code(), ResultCode::LimitExceeded);
    assert!(!pair.heard_writable(pair.client));
    assert!(pair.run_until_read(server, 1, SECOND));
    assert!(pair.heard_writable(pair.client));
    pair.send(pair.client, 30_000, SendFlags::RELIABLE);
    assert!(pair.run_until_read(server, 1, SECOND));
    assert!(pair.run_until_drained(pair.client, SECOND));
    let status = pair.network.call(pair.client, |c, now| c.status(now)).unwrap();
    assert_eq!((status.pending_reliable_bytes, status.queue_time), (0, Duration::ZERO));
    pair.finish();
}

#[test]
fn bad_sends_are_refused_with_their_codes_and_take_no_number() {
    let mut pair = Pair::connecting(LinkConfig::default(), &ConnectionConfig::default());
    let early = pair.ledger.send(&mut pair.network, pair.client, 1, SendFlags::RELIABLE | SendFlags::NO_DELAY);
    assert_eq!(early, Err(SendError::NotConnectedYet));
    let large = pair.ledger.send(&mut pair.network, pair.client, 524_289, SendFlags::RELIABLE);
    assert_eq!(large, Err(SendError::TooLarge { size: 524_289 }));
    let lane = pair.network.call(pair.client, |c, now| c.send(now, &[], 1, SendFlags::RELIABLE)).unwrap();
    assert_eq!(lane, Err(SendError::NoSuchLane { lane: 1, count: 1 }));
    assert_eq!(pair.send(pair.client, 5, SendFlags::RELIABLE), 1);
    let server = pair.accept_next(SECOND).unwrap();
    assert!(pair.run_until_read(server, 1, SECOND));
    pair.finish();
}

#[test]
fn packet_numbers_wrap_around_16_bits() {
    let config = ConnectionConfig { send_rate_min: 50_000_000, send_rate_max: 50_000_000, ..Default::default() };
    let (mut pair, server) = quiet(2 * MS, &config);
    pair.network.recording = None;
    let outgoing = pair.ledger.outgoing(&pair.network, pair.client).unwrap();
    // One packet each, 70,000 times; every hundredth message is reliable, so that acks keep pace.
    for i in 0..70_000u32 {
        let flags = if i % 100 == 0 { SendFlags::RELIABLE } else { SendFlags::UNRELIABLE };
        pair.send(pair.client, 10, flags | NO_NAGLE);
        if i % 20 == 19 {
            pair.network.run_for(MS);
            pair.read(server);
        }
    }
    assert!(pair.run_until_drained(pair.client, SECOND));
    pair.read(server);
    assert_eq!((pair.ledger.reliable_missing(outgoing), pair.ledger.unreliable_read(outgoing)), (0, 69_300));
    pair.finish();
}
