//! The last seconds of a connection: who still answers, and for how long (spec section 10).

use core::time::Duration;

use gamesockets_proto::wire::{ConnectionClosed, ControlPacket};
use gamesockets_proto::{ConnectionConfig, Timestamp};
use gamesockets_schema::{ConnectionState, SendFlags};
use gamesockets_tests::sim::pair::{CLIENT, SERVER};
use gamesockets_tests::sim::{ConnKey, LinkConfig, Network, Pair, Puppet};

const DELAY: Duration = Duration::from_millis(15);
const SECOND: Duration = Duration::from_secs(1);
/// FinWait.
const FAREWELL: f64 = 5.0;

fn connected() -> (Pair, ConnKey) {
    Pair::connected(LinkConfig { delay: DELAY, ..Default::default() }, &ConnectionConfig::default())
}

fn close(pair: &mut Pair, key: ConnKey) -> Timestamp {
    pair.network.call(key, |connection, now| connection.close(now, 0, "", false));
    pair.network.now()
}

/// Runs until it is dead; answers how many seconds after `start`.
fn death(pair: &mut Pair, key: ConnKey, start: Timestamp) -> f64 {
    assert!(pair.run_until_state(key, ConnectionState::Dead, 10 * SECOND));
    pair.network.now().since(start).as_secs_f64()
}

fn lose_everything(pair: &mut Pair, span: Duration) {
    let now = pair.network.now();
    pair.network.reconfigure_links(|link| link.blackouts = vec![(now, now + span)]);
}

#[test]
fn an_outgoing_connection_goes_when_the_peer_has_confirmed_its_end() {
    let (mut pair, server) = connected();
    let client = pair.client;
    let start = close(&mut pair, client);
    assert_eq!(pair.network.state(client), ConnectionState::FinWait);
    let died = death(&mut pair, client, start);
    assert!((0.02..0.1).contains(&died), "a round trip after its end, not {died} s");
    assert_eq!(pair.network.state(server), ConnectionState::ClosedByPeer);
    pair.finish();
}

#[test]
fn an_outgoing_connection_that_the_peer_ended_has_nobody_to_tell() {
    let (mut pair, server) = connected();
    let client = pair.client;
    close(&mut pair, server);
    assert!(pair.run_until_state(client, ConnectionState::ClosedByPeer, SECOND));
    let start = close(&mut pair, client);
    let died = death(&mut pair, client, start);
    assert!(died < 0.01, "it lived on for {died} s");
    pair.finish();
}

#[test]
fn an_incoming_connection_keeps_the_address_lest_it_begins_anew() {
    for server_first in [false, true] {
        let (mut pair, server) = connected();
        let client = pair.client;
        let mut start = pair.network.now();
        if server_first {
            start = close(&mut pair, server);
        } else {
            close(&mut pair, client);
            assert!(pair.run_until_state(server, ConnectionState::ClosedByPeer, SECOND));
            start = start.max(close(&mut pair, server));
        }
        let died = death(&mut pair, server, start);
        assert!((FAREWELL - 0.1..FAREWELL + 0.1).contains(&died), "it died after {died} s");
        pair.finish();
    }
}

#[test]
fn a_lost_farewell_is_said_again_to_who_goes_on_sending() {
    let (mut pair, server) = connected();
    let client = pair.client;
    lose_everything(&mut pair, SECOND);
    let start = close(&mut pair, client);
    pair.network.run_for(SECOND + DELAY);
    assert_eq!(pair.network.state(server), ConnectionState::Connected, "it has not heard");
    assert_eq!(pair.network.state(client), ConnectionState::FinWait);
    pair.send(server, 50, SendFlags::RELIABLE_NO_NAGLE);
    assert!(pair.run_until_state(server, ConnectionState::ClosedByPeer, SECOND));
    let died = death(&mut pair, client, start);
    assert!(died < 2.0, "now the peer knows: there is nothing more to wait for, but it took {died} s");
    pair.finish();
}

#[test]
fn an_end_that_nobody_confirms_is_answered_for_five_seconds() {
    let (mut pair, _) = connected();
    let client = pair.client;
    lose_everything(&mut pair, 20 * SECOND);
    let start = close(&mut pair, client);
    let died = death(&mut pair, client, start);
    assert!((FAREWELL - 0.1..FAREWELL + 0.1).contains(&died), "it died after {died} s");
    pair.finish();
}

#[test]
fn an_attempt_that_is_given_up_outlives_a_request_on_its_way() {
    let mut pair = Pair::connecting(LinkConfig { delay: DELAY, ..Default::default() }, &ConnectionConfig::default());
    let client = pair.client;
    let start = close(&mut pair, client);
    let died = death(&mut pair, client, start);
    assert!((FAREWELL - 0.1..FAREWELL + 0.1).contains(&died), "it died after {died} s");
    pair.finish();
}

#[test]
fn a_linger_ends_though_the_peer_never_acknowledges() {
    for (linger_time, expected) in [(None, 10.0), (Some(3 * SECOND), 3.0), (Some(Duration::ZERO), 0.0)] {
        // Nothing else ends it in that time.
        let mut config = ConnectionConfig { timeout_connected: 1000 * SECOND, ..Default::default() };
        config.linger_time = linger_time.unwrap_or(config.linger_time);
        let (mut pair, _) = Pair::connected(LinkConfig { delay: DELAY, ..Default::default() }, &config);
        let client = pair.client;
        lose_everything(&mut pair, 900 * SECOND);
        pair.send(client, 5_000, SendFlags::RELIABLE);
        let start = pair.network.now();
        pair.network.call(client, |connection, now| connection.close(now, 0, "", true));
        assert!(pair.run_until_state(client, ConnectionState::FinWait, 60 * SECOND), "it lingers on");
        let lingered = pair.network.now().since(start).as_secs_f64();
        assert!((expected..expected + 0.1).contains(&lingered), "{expected} s, not {lingered} s");
        death(&mut pair, client, start);
        pair.finish();
    }
}

#[test]
fn a_close_without_a_text_says_what_happened() {
    let empty = [None, Some(""), Some(" ")];
    for (reason, words) in [
        (None, "without a reason"),
        (Some(1000), "application closed"),
        (Some(2500), "unusual way"),
        (Some(4001), "failed"),
    ] {
        for debug in empty.map(|text| text.map(|text| text.as_bytes().to_vec().into())) {
            let mut network = Network::new(1, LinkConfig::default());
            network.listen(SERVER, ConnectionConfig::default());
            let (peer, key) = Puppet::connected(&mut network, CLIENT, SERVER);
            let (to_connection_id, from_connection_id) = (Some(peer.remote_id()), Some(peer.connection_id));
            let closed = ConnectionClosed { debug, reason_code: reason, to_connection_id, from_connection_id };
            let mut datagram = Vec::new();
            ControlPacket::ConnectionClosed(closed).encode(&mut datagram);
            network.inject(CLIENT, SERVER, datagram);
            network.run_for(DELAY);
            let connection = network.connection(key).unwrap();
            assert_eq!(connection.state(), ConnectionState::ClosedByPeer);
            assert!(connection.end_debug().contains(words), "{reason:?}: {}", connection.end_debug());
        }
    }
}
