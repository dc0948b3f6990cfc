//! Silence: keepalives, blackouts, vanished peers (spec section 9).

use core::time::Duration;

use gamesockets_proto::{ConnectionConfig, Timestamp};
use gamesockets_schema::{ConnectionEnd, ConnectionState, SendFlags};
use gamesockets_tests::sim::pair::{CLIENT, SERVER};
use gamesockets_tests::sim::{ConnKey, LinkConfig, Pair, Sent};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
/// Bit of the flags byte: inline stats are present.
const STATS: u8 = 0x01;

fn connected(delay: Duration) -> (Pair, ConnKey) {
    let links = LinkConfig { delay, ..Default::default() };
    Pair::connected(links, &ConnectionConfig::default())
}

/// The inline stats of a data packet: they are not encrypted.
fn stats(sent: &Sent) -> Option<&[u8]> {
    let present = sent.bytes[0] & 0x80 != 0 && sent.bytes[0] & STATS != 0;
    let len = usize::from(*sent.bytes.get(7)?);
    // The lengths here are below 128: one byte.
    present.then(|| &sent.bytes[8..8 + len])
}

fn seconds_from(start: Timestamp, times: &[Timestamp]) -> Vec<f64> {
    times.iter().map(|t| t.since(start).as_secs_f64()).collect()
}

#[test]
fn keepalive_every_10_s() {
    let (mut pair, server) = connected(Duration::ZERO);
    let start = pair.network.now();
    pair.clear_recording();
    pair.network.run_for(45 * SECOND);
    let probes: Vec<_> = pair.network.recording.iter().flatten().filter(|s| stats(s).is_some()).collect();
    // `flags = 2`: please answer, and take your 50 ms.
    assert!(probes.iter().all(|s| stats(s) == Some(&[0x18, 0x02])), "{probes:?}");
    let times = seconds_from(start, &probes.iter().map(|s| s.time).collect::<Vec<_>>());
    let rounds: Vec<f64> = (1..=4).map(|i| f64::from(i) * 10.0).collect();
    for round in rounds {
        let near = times.iter().filter(|t| (*t - round).abs() < 0.4).count();
        assert!((1..=2).contains(&near), "about {round} s: {near} probes of {times:?}");
    }
    let all = pair.network.recording.iter().flatten().count();
    assert!(all <= 4 * 4, "{all} datagrams in 45 idle seconds");
    assert_eq!(pair.network.state(server), ConnectionState::Connected);
    pair.finish();
}

#[test]
fn peer_vanishes_idle() {
    let (mut pair, server) = connected(Duration::ZERO);
    let start = pair.network.now();
    pair.network.crash(pair.client.node);
    pair.clear_recording();
    assert!(pair.run_until_state(server, ConnectionState::ProblemDetectedLocally, 25 * SECOND));
    let connection = pair.network.connection(server).unwrap();
    assert_eq!((connection.end_reason(), connection.end_debug()), (ConnectionEnd::MISC_TIMEOUT, "Connection dropped"));
    let died = pair.network.now().since(start).as_secs_f64();
    assert!((20.3..20.7).contains(&died), "died after {died} s");
    let probes: Vec<_> = pair.sent_from(SERVER).into_iter().filter(|s| stats(s).is_some()).collect();
    let times = seconds_from(start, &probes.iter().map(|s| s.time).collect::<Vec<_>>());
    assert!((9.9..10.1).contains(&times[0]), "keepalive at {}", times[0]);
    assert_eq!(stats(probes[0]), Some(&[0x18, 0x02][..]));
    assert!((10.35..10.55).contains(&times[1]), "first urgent probe at {}", times[1]);
    // From 20 s on, statistics ride along.
    let urgent = probes.iter().zip(&times).skip(1).take_while(|(_, t)| **t < 19.9);
    assert!(urgent.clone().count() > 40);
    assert!(urgent.clone().all(|(s, _)| stats(s) == Some(&[0x18, 0x06])), "urgent probes ask for an answer at once");
    assert!(times[1..].windows(2).all(|w| (0.19..0.27).contains(&(w[1] - w[0]))), "{times:?}");
    assert!(pair.sent_from(SERVER).iter().any(|s| s.bytes[0] == 0x24), "ConnectionClosed is sent");
    pair.finish();
}

#[test]
fn peer_vanishes_busy() {
    let (mut pair, server) = connected(Duration::ZERO);
    let start = pair.network.now();
    pair.network.crash(pair.client.node);
    pair.clear_recording();
    pair.send(server, 50, SendFlags::RELIABLE | SendFlags::NO_NAGLE);
    assert!(pair.run_until_state(server, ConnectionState::ProblemDetectedLocally, 25 * SECOND));
    let died = pair.network.now().since(start).as_secs_f64();
    assert!((10.2..10.8).contains(&died), "died after {died} s");
    let urgent = pair.sent_from(SERVER).into_iter().find(|s| stats(s) == Some(&[0x18, 0x06])).expect("an urgent probe");
    let first = urgent.time.since(start).as_secs_f64();
    assert!((0.2..0.6).contains(&first), "first urgent probe after {first} s");
    pair.finish();
}

#[test]
fn peer_vanishes_while_it_is_lingered_for() {
    // Longer than it takes to notice that the peer is gone.
    let config = ConnectionConfig { linger_time: 60 * SECOND, ..ConnectionConfig::default() };
    let (mut pair, server) = Pair::connected(LinkConfig { delay: Duration::ZERO, ..Default::default() }, &config);
    let start = pair.network.now();
    pair.network.crash(pair.client.node);
    pair.send(server, 50, SendFlags::RELIABLE);
    pair.network.call(server, |c, now| c.close(now, 0, "", true));
    assert_eq!(pair.network.state(server), ConnectionState::Linger);
    assert!(pair.run_until_state(server, ConnectionState::FinWait, 25 * SECOND));
    assert_eq!(pair.network.connection(server).unwrap().end_reason(), ConnectionEnd::MISC_TIMEOUT);
    let died = pair.network.now().since(start).as_secs_f64();
    assert!((10.2..10.8).contains(&died), "gave up after {died} s");
    pair.finish();
}

#[test]
fn timeout_connected_is_obeyed() {
    let config = ConnectionConfig { timeout_connected: 3 * SECOND, ..Default::default() };
    let (mut pair, server) = Pair::connected(LinkConfig::default(), &config);
    pair.network.crash(pair.client.node);
    let start = pair.network.now();
    pair.send(server, 50, SendFlags::RELIABLE);
    assert!(pair.run_until_state(server, ConnectionState::ProblemDetectedLocally, 25 * SECOND));
    let died = pair.network.now().since(start).as_secs_f64();
    assert!((3.2..3.8).contains(&died), "died after {died} s");
    pair.finish();
}

#[test]
fn blackout_recovers() {
    let (mut pair, server) = connected(15 * MS);
    let now = pair.network.now();
    pair.network.reconfigure_links(|link| link.blackouts = vec![(now, now + 9 * SECOND)]);
    for _ in 0..50 {
        pair.send(pair.client, 700, SendFlags::RELIABLE);
        pair.send(server, 700, SendFlags::RELIABLE);
        pair.network.run_for(20 * MS);
    }
    pair.network.run_for(8 * SECOND);
    assert_eq!((pair.read(pair.client), pair.read(server)), (0, 0), "nothing comes through the dark");
    assert!(pair.run_until_drained(pair.client, 3 * SECOND) && pair.run_until_drained(server, 3 * SECOND));
    assert_eq!((pair.read(pair.client), pair.read(server)), (50, 50));
    let elapsed = pair.network.now().since(now);
    assert!(elapsed < 10 * SECOND, "recovered {elapsed:?} after a blackout of 9 s began");
    pair.finish();
}

#[test]
fn tracer_on_a_one_way_stream_every_7_s() {
    let (mut pair, server) = connected(15 * MS);
    let start = pair.network.now();
    pair.clear_recording();
    for _ in 0..190 {
        pair.send(pair.client, 40, SendFlags::UNRELIABLE);
        pair.network.run_for(100 * MS);
        pair.read(server);
    }
    let probes = pair.sent_from(CLIENT).into_iter().filter(|s| stats(s) == Some(&[0x18, 0x02]));
    let times = seconds_from(start, &probes.map(|s| s.time).collect::<Vec<_>>());
    assert_eq!(times.len(), 2, "{times:?}");
    assert!((6.9..7.3).contains(&times[0]) && (13.9..14.6).contains(&times[1]), "{times:?}");
    assert_eq!(pair.network.call(pair.client, |c, now| c.status(now)).unwrap().ping_ms, Some(30));
    pair.finish();
}

#[test]
fn stats_exchange_20s() {
    let (mut pair, server) = connected(15 * MS);
    let start = pair.network.now();
    pair.clear_recording();
    for round in 0..450 {
        if round == 20 {
            // Acknowledgements tell of the way there long before the peer does.
            let status = pair.network.call(pair.client, |c, now| c.status(now)).unwrap();
            assert_eq!((status.remote_quality, status.remote_quality_is_estimate), (Some(1.0), true));
        }
        pair.send(pair.client, 40, SendFlags::UNRELIABLE);
        pair.send(server, 40, SendFlags::UNRELIABLE);
        pair.network.run_for(100 * MS);
        pair.read(server);
        pair.read(pair.client);
    }
    for from in [CLIENT, SERVER] {
        // Field 1 is the statistics; a packet that only asks for an answer has field 3 alone.
        let with_stats = pair.sent_from(from).into_iter().filter(|s| stats(s).is_some_and(|b| b[0] == 0x0a));
        let times = seconds_from(start, &with_stats.map(|s| s.time).collect::<Vec<_>>());
        assert!((2..=4).contains(&times.len()), "{times:?}");
        assert!(
            times.iter().any(|t| (19.9..20.4).contains(t)) && times.iter().any(|t| (39.9..41.0).contains(t)),
            "{times:?}"
        );
    }
    for key in [pair.client, server] {
        let status = pair.network.call(key, |c, now| c.status(now)).unwrap();
        assert_eq!((status.local_quality, status.remote_quality), (Some(1.0), Some(1.0)));
        assert!(!status.remote_quality_is_estimate);
        assert!((29..=31).contains(&status.ping_ms.unwrap()), "{status:?}");
    }
    pair.finish();
}
