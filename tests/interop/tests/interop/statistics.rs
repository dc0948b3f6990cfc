//! What each end knows of the connection.

use std::time::Duration;

use crate::Scenario;
use crate::pair::{Pair, Side, assert_arrived, reliable, result, state, unreliable};

pub(crate) const SCENARIOS: &[(&str, Scenario)] = &[
    ("ping", ping),
    ("rates_and_quality", rates_and_quality),
    ("the_peer_reports_quality", the_peer_reports_quality),
    ("pending_bytes", pending_bytes),
    ("idle_connection_lives", idle_connection_lives),
];

/// Round trips on loopback take less, even on a busy machine.
const LOOPBACK_PING: std::ops::Range<i32> = 0..200;

/// Both ends know the round trip from the handshake, and keep knowing it from acknowledgements.
fn ping(pair: &mut Pair) {
    let link = pair.connect();
    for side in Side::BOTH {
        let status = pair.wait_for_status(side, link.at(side), Duration::from_secs(5), |status| status.ping >= 0);
        assert!(LOOPBACK_PING.contains(&status.ping), "{status:?}");
        assert_eq!(status.state, state::CONNECTED);
        for seed in 0..20 {
            pair.send(side, link.at(side), reliable(100, seed));
            assert_arrived(reliable(100, seed), &pair.next_message(side.other()));
        }
        let status = pair.at(side).status(link.at(side)).expect("status").expect("exists");
        assert!(LOOPBACK_PING.contains(&status.ping), "{status:?}");
        assert_eq!(pair.at(side).status(0).expect("status").err(), Some(result::NO_CONNECTION));
    }
}

/// Traffic shows in both directions of both ends; a whole interval without loss has full quality.
fn rates_and_quality(pair: &mut Pair) {
    let link = pair.connect();
    // Two measuring intervals of 5 s, and something of the third.
    for seed in 0..240 {
        for side in Side::BOTH {
            pair.send(side, link.at(side), unreliable(1000, seed));
        }
        pair.pass(Duration::from_millis(50));
    }
    for side in Side::BOTH {
        let status = pair.at(side).status(link.at(side)).expect("status").expect("exists");
        // 20 messages per second of 1,000 bytes; acknowledgements come on top.
        assert!((10.0..60.0).contains(&status.out_packets_per_second), "{side:?}: {status:?}");
        assert!((10.0..60.0).contains(&status.in_packets_per_second), "{side:?}: {status:?}");
        assert!((10_000.0..40_000.0).contains(&status.out_bytes_per_second), "{side:?}: {status:?}");
        assert!((10_000.0..40_000.0).contains(&status.in_bytes_per_second), "{side:?}: {status:?}");
        assert!(status.quality_local > 0.99, "{side:?}: {status:?}");
    }
}

/// The quality that the peer sees arrives with its statistics, which it sends when 20 s have passed.
fn the_peer_reports_quality(pair: &mut Pair) {
    let link = pair.connect();
    for seed in 0..250 {
        for side in Side::BOTH {
            pair.send(side, link.at(side), unreliable(100, seed));
        }
        pair.pass(Duration::from_millis(100));
    }
    for side in Side::BOTH {
        let patience = Duration::from_secs(15);
        let status = pair.wait_for_status(side, link.at(side), patience, |status| status.quality_remote >= 0.0);
        assert!(status.quality_remote > 0.98, "{side:?}: {status:?}");
    }
}

/// Bytes are pending until they are sent, then unacknowledged, then gone.
fn pending_bytes(pair: &mut Pair) {
    let link = pair.connect();
    for side in Side::BOTH {
        // At the default rate this takes a second.
        pair.send(side, link.at(side), reliable(250_000, 1));
        let status = pair.at(side).status(link.at(side)).expect("status").expect("exists");
        assert!((100_000..=250_010).contains(&status.pending_reliable), "{side:?}: {status:?}");
        let patience = Duration::from_secs(10);
        pair.wait_for_status(side, link.at(side), patience, |status| status.sent_unacked_reliable > 0);
        assert_arrived(reliable(250_000, 1), &pair.next_message(side.other()));
        let status = pair.wait_for_status(side, link.at(side), patience, |status| {
            status.pending_reliable == 0 && status.sent_unacked_reliable == 0
        });
        assert_eq!(status.pending_unreliable, 0, "{side:?}: {status:?}");
    }
}

/// Keepalives answer each other: nothing is said for longer than either end would wait for an answer.
fn idle_connection_lives(pair: &mut Pair) {
    const TIMEOUT_CONNECTED: i32 = 25;
    let options = [crate::peer::int32(TIMEOUT_CONNECTED, 2000)];
    let link = pair.connect_with(&options, &options);
    pair.pass(Duration::from_secs(24));
    for side in Side::BOTH {
        let info = pair.at(side).info(link.at(side)).expect("info").expect("exists");
        assert_eq!(info.state, state::CONNECTED, "{side:?}: {} {}", info.end_reason, info.end_debug);
        pair.send(side, link.at(side), reliable(100, 3));
        assert_arrived(reliable(100, 3), &pair.next_message(side.other()));
    }
}
