//! Connecting and closing over bad networks.

use core::time::Duration;

use gamesockets_proto::{ConnectionConfig, Timestamp};
use gamesockets_schema::{ConnectionEnd, ConnectionState, SendFlags};
use gamesockets_tests::sim::pair::{CLIENT, SERVER};
use gamesockets_tests::sim::{ConnKey, LinkConfig, Pair};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const CONNECT_OK: u8 = 0x23;
const CONNECTION_CLOSED: u8 = 0x24;

fn config() -> ConnectionConfig {
    ConnectionConfig::default()
}

fn far() -> LinkConfig {
    LinkConfig { delay: 20 * MS, ..Default::default() }
}

/// Loses everything from `from` to `to` for `span` from now on.
fn darken(pair: &mut Pair, from: std::net::SocketAddr, to: std::net::SocketAddr, span: Duration) {
    let now = pair.network.now();
    pair.network.link(from, to).config_mut().blackouts.push((now, now + span));
}

fn millis_between(a: Timestamp, b: Timestamp) -> u128 {
    b.since(a).as_millis()
}

fn end_reason(pair: &Pair, key: ConnKey) -> ConnectionEnd {
    pair.network.connection(key).expect("a connection").end_reason()
}

#[test]
fn handshake_takes_two_round_trips_and_four_packets() {
    let (mut pair, _) = Pair::connected(far(), &config());
    let leads: Vec<u8> = pair.network.recording.iter().flatten().map(|s| s.bytes[0]).take(4).collect();
    assert_eq!(leads, [0x20, 0x21, 0x22, CONNECT_OK]);
    let start = pair.network.recording.as_ref().unwrap()[0].time;
    let connected = pair.times_of(pair.client, ConnectionState::Connected);
    assert_eq!(connected.len(), 1);
    assert_eq!(millis_between(start, connected[0]), 80);
    pair.finish();
}

#[test]
fn lost_connect_ok() {
    let mut pair = Pair::connecting(far(), &config());
    let server = pair.next_incoming(SECOND).unwrap();
    darken(&mut pair, SERVER, CLIENT, 100 * MS);
    assert_eq!(pair.network.call(server, |c, now| c.accept(now)), Some(Ok(())));
    // What the server says before the client is there is ignored, and repeated later.
    pair.send(server, 2_000, SendFlags::RELIABLE);
    assert!(pair.run_until_state(pair.client, ConnectionState::Connected, SECOND));
    let repeats = pair.sent_from(SERVER).iter().filter(|s| s.bytes[0] == CONNECT_OK).count();
    assert_eq!(repeats, 2, "one ConnectOK was lost, one repeated for the client's retry");
    assert!(pair.run_until_read(pair.client, 1, SECOND));
    pair.finish();
}

#[test]
fn unanswered_client_retries_every_500_ms_and_gives_up_after_10_s() {
    let mut pair = Pair::connecting(LinkConfig { loss: 1.0, ..far() }, &config());
    let start = pair.network.now();
    assert!(pair.run_until_state(pair.client, ConnectionState::ProblemDetectedLocally, 11 * SECOND));
    let elapsed = pair.network.now().since(start);
    assert!((9_990..10_050).contains(&elapsed.as_millis()), "{elapsed:?}");
    assert_eq!(end_reason(&pair, pair.client), ConnectionEnd::MISC_TIMEOUT);
    let tries: Vec<_> = pair.sent_from(CLIENT).iter().filter(|s| s.bytes[0] == 0x20).map(|s| s.time).collect();
    assert_eq!(tries.len(), 20);
    assert!(tries.windows(2).all(|w| (490..=530).contains(&millis_between(w[0], w[1]))), "{tries:?}");
    assert!(pair.sent_from(CLIENT).iter().any(|s| s.bytes[0] == CONNECTION_CLOSED));
    pair.finish();
}

#[test]
fn server_that_is_never_told_to_accept_times_out() {
    let mut pair = Pair::connecting(far(), &config());
    let server = pair.next_incoming(SECOND).unwrap();
    // The client would give up a moment earlier, and say so.
    pair.network.crash(pair.client.node);
    let start = pair.network.now();
    assert!(pair.run_until_state(server, ConnectionState::ProblemDetectedLocally, 11 * SECOND));
    let elapsed = pair.network.now().since(start);
    assert!((9_900..10_100).contains(&elapsed.as_millis()), "{elapsed:?}");
    assert_eq!(end_reason(&pair, server), ConnectionEnd::MISC_TIMEOUT);
    pair.finish();
}

#[test]
fn refused_client_hears_the_reason() {
    let mut pair = Pair::connecting(far(), &config());
    let server = pair.next_incoming(SECOND).unwrap();
    pair.network.call(server, |c, now| c.close(now, 1007, "full", false));
    assert!(pair.run_until_state(pair.client, ConnectionState::ClosedByPeer, SECOND));
    let client = pair.network.connection(pair.client).unwrap();
    assert_eq!((client.end_reason(), client.end_debug()), (ConnectionEnd(1007), "full"));
    pair.finish();
}

#[test]
fn close_reason_outside_the_application_range_becomes_1999_and_zero_1000() {
    for (asked, told) in [(0, 1000), (1000, 1000), (2999, 2999), (3000, 1999), (-5, 1999), (999, 1999)] {
        let (mut pair, server) = Pair::connected(far(), &config());
        pair.network.call(server, |c, now| c.close(now, asked, "", false));
        assert!(pair.run_until_state(pair.client, ConnectionState::ClosedByPeer, SECOND));
        assert_eq!(end_reason(&pair, pair.client), ConnectionEnd(told), "asked for {asked}");
        pair.finish();
    }
}

#[test]
fn lost_close() {
    let (mut pair, server) = Pair::connected(far(), &config());
    darken(&mut pair, CLIENT, SERVER, 100 * MS);
    pair.network.call(pair.client, |c, now| c.close(now, 1042, "bye", false));
    pair.network.run_for(200 * MS);
    assert_eq!(pair.network.state(server), ConnectionState::Connected, "the close was lost");
    // The next data packet is answered with the close.
    pair.send(server, 10, SendFlags::RELIABLE);
    assert!(pair.run_until_state(server, ConnectionState::ClosedByPeer, SECOND));
    let closed = pair.network.connection(server).unwrap();
    assert_eq!((closed.end_reason(), closed.end_debug()), (ConnectionEnd(1042), "bye"));
    pair.finish();
}

#[test]
fn both_close_at_the_same_time() {
    let (mut pair, server) = Pair::connected(far(), &config());
    let client = pair.client;
    pair.network.call(client, |c, now| c.close(now, 1001, "", false));
    pair.network.call(server, |c, now| c.close(now, 1002, "", false));
    pair.network.run_for(6 * SECOND);
    assert_eq!(pair.network.live(), []);
    // Two closes that cross each other end after an answer each: nothing ping-pongs.
    let after = pair.network.recording.iter().flatten().filter(|s| matches!(s.bytes[0], 0x24 | 0x25)).count();
    assert!(after <= 6, "{after} datagrams about the end");
}

#[test]
fn restart_same_address() {
    let (mut pair, server) = Pair::connected(far(), &config());
    pair.send(pair.client, 100, SendFlags::RELIABLE);
    assert!(pair.run_until_read(server, 1, SECOND));
    pair.network.crash(pair.client.node);
    let crashed = pair.network.now();
    // It was killed and comes back: the server need not wait until it has missed the old one.
    pair.client = pair.network.connect(CLIENT, SERVER, config());
    let fresh = pair.accept_next(SECOND).expect("the restarted client is heard");
    assert_ne!(fresh, server);
    let old = pair.network.connection(server).expect("its end is there to be seen");
    assert_eq!(old.state(), ConnectionState::ProblemDetectedLocally);
    assert_eq!(old.end_reason(), ConnectionEnd::MISC_REPLACED);
    assert!(pair.network.now().since(crashed) < SECOND);
    assert!(pair.run_until_state(pair.client, ConnectionState::Connected, SECOND));
    pair.network.call(server, |c, now| c.close(now, 0, "", false));
    pair.send(pair.client, 70, SendFlags::RELIABLE);
    assert!(pair.run_until_read(fresh, 1, SECOND));
    // What the old one still had to say did not reach the new one, and its death leaves the address alone.
    pair.network.run_for(6 * SECOND);
    assert_eq!(pair.network.state(server), ConnectionState::Dead);
    pair.send(pair.client, 70, SendFlags::RELIABLE);
    assert!(pair.run_until_read(fresh, 1, SECOND));
    pair.finish();
}
