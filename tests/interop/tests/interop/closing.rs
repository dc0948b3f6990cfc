//! How connections end.

use crate::Scenario;
use crate::pair::{Pair, Side, assert_arrived, reliable, result, state};
use crate::peer::int32;
use crate::relay::Relay;

pub(crate) const SCENARIOS: &[(&str, Scenario)] = &[
    ("close_with_reason_and_text", close_with_reason_and_text),
    ("reasons_outside_the_range", reasons_outside_the_range),
    ("close_while_connecting", close_while_connecting),
    ("linger_delivers_what_is_queued", linger_delivers_what_is_queued),
    ("messages_stay_readable_after_the_peer_closed", messages_stay_readable_after_the_peer_closed),
    ("send_on_a_dead_connection", send_on_a_dead_connection),
    ("listen_socket_closes", listen_socket_closes),
    ("vanished_peer_times_out", vanished_peer_times_out),
    ("linger_ends_when_the_peer_vanished", linger_ends_when_the_peer_vanished),
];

/// `TimeoutConnected`, ms.
const TIMEOUT_CONNECTED: i32 = 25;
/// `k_ESteamNetConnectionEnd_Misc_Timeout`.
const TIMEOUT: i32 = 5003;

/// Either end's reason and text reach the other, whose handle stays until it is closed as well.
fn close_with_reason_and_text(pair: &mut Pair) {
    let (_, address) = pair.listen(&[]);
    for side in Side::BOTH {
        for reason in [1000, 1001, 1999, 2000, 2999] {
            let link = pair.connect_to(address, &[]);
            let closed = pair.at(side).close(link.at(side), reason, "bye — tschüß", false).expect("close");
            assert_eq!(closed, result::OK);
            pair.wait_for_state(side, link.at(side), state::NONE);
            let again = pair.at(side).close(link.at(side), reason, "", false).expect("close");
            assert_ne!(again, result::OK);
            let other = side.other();
            let info = pair.wait_for_state(other, link.at(other), state::CLOSED_BY_PEER);
            assert_eq!((info.end_reason, info.end_debug.as_str()), (reason, "bye — tschüß"));
            let info = pair.at(other).info(link.at(other)).expect("info").expect("still exists");
            assert_eq!(info.state, state::CLOSED_BY_PEER);
            assert_eq!(pair.at(other).close(link.at(other), 0, "", false).expect("close"), result::OK);
        }
    }
}

/// 0 stands for 1000; what no application may say becomes 1999.
fn reasons_outside_the_range(pair: &mut Pair) {
    let (_, address) = pair.listen(&[]);
    for side in Side::BOTH {
        for (given, expected) in [(0, 1000), (999, 1999), (3000, 1999), (-5, 1999)] {
            let link = pair.connect_to(address, &[]);
            pair.at(side).close(link.at(side), given, "", false).expect("close");
            let other = side.other();
            let info = pair.wait_for_state(other, link.at(other), state::CLOSED_BY_PEER);
            assert_eq!(info.end_reason, expected, "reason {given}");
        }
    }
}

/// A client that gives up tells the server, which has not answered yet.
fn close_while_connecting(pair: &mut Pair) {
    let (_, address) = pair.listen(&[]);
    let link = pair.request(address, &[]);
    assert_eq!(pair.at(Side::Client).close(link.client, 1100, "changed my mind", false).expect("close"), result::OK);
    let info = pair.wait_for_state(Side::Server, link.server, state::CLOSED_BY_PEER);
    assert_eq!((info.end_reason, info.end_debug.as_str()), (1100, "changed my mind"));
}

/// Everything queued before a lingering close arrives, then the close does.
fn linger_delivers_what_is_queued(pair: &mut Pair) {
    let (_, address) = pair.listen(&[]);
    for side in Side::BOTH {
        let link = pair.connect_to(address, &[]);
        let messages = [reliable(200_000, 1), reliable(10, 2), reliable(30_000, 3)];
        for message in messages {
            pair.send(side, link.at(side), message);
        }
        assert_eq!(pair.at(side).close(link.at(side), 1500, "done", true).expect("close"), result::OK);
        let other = side.other();
        for message in messages {
            assert_arrived(message, &pair.next_message(other));
        }
        let info = pair.wait_for_state(other, link.at(other), state::CLOSED_BY_PEER);
        assert_eq!((info.end_reason, info.end_debug.as_str()), (1500, "done"));
    }
}

/// The last words of a peer are not lost with the connection.
fn messages_stay_readable_after_the_peer_closed(pair: &mut Pair) {
    let (_, address) = pair.listen(&[]);
    for side in Side::BOTH {
        let link = pair.connect_to(address, &[]);
        for seed in 0..5 {
            pair.send(side, link.at(side), reliable(1000, seed));
        }
        pair.at(side).close(link.at(side), 1000, "", true).expect("close");
        let other = side.other();
        pair.wait_for_state(other, link.at(other), state::CLOSED_BY_PEER);
        for seed in 0..5 {
            assert_arrived(reliable(1000, seed), &pair.next_message(other));
        }
    }
}

/// The answers to sending when the peer has closed, when we have, and when there never was a connection.
fn send_on_a_dead_connection(pair: &mut Pair) {
    let (_, address) = pair.listen(&[]);
    for side in Side::BOTH {
        let link = pair.connect_to(address, &[]);
        pair.at(side).close(link.at(side), 1000, "", false).expect("close");
        let refused = pair.at(side).send(link.at(side), reliable(10, 1)).expect("send");
        assert_eq!(refused, -i64::from(result::INVALID_PARAM));
        let other = side.other();
        pair.wait_for_state(other, link.at(other), state::CLOSED_BY_PEER);
        let refused = pair.at(other).send(link.at(other), reliable(10, 1)).expect("send");
        assert_eq!(refused, -i64::from(result::NO_CONNECTION));
        let refused = pair.at(other).send(0, reliable(10, 1)).expect("send");
        assert_eq!(refused, -i64::from(result::INVALID_PARAM));
    }
}

/// A listen socket takes its connections along without a word; the client finds out by itself.
fn listen_socket_closes(pair: &mut Pair) {
    let (socket, address) = pair.listen(&[]);
    let link = pair.connect_to(address, &[int32(TIMEOUT_CONNECTED, 1500)]);
    assert_eq!(pair.at(Side::Server).close_listen_socket(socket).expect("close"), result::OK);
    assert!(pair.at(Side::Server).info(link.server).expect("info").is_err());
    pair.send(Side::Client, link.client, reliable(10, 1));
    let info = pair.wait_for_state(Side::Client, link.client, state::PROBLEM_DETECTED_LOCALLY);
    assert_eq!(info.end_reason, TIMEOUT);
    // The port is free again.
    pair.at(Side::Server).listen(address, &[]).expect("listen");
}

/// Either end notices that nothing is answered any more.
fn vanished_peer_times_out(pair: &mut Pair) {
    let options = [int32(TIMEOUT_CONNECTED, 1500)];
    let (_, address) = pair.listen(&options);
    let network = Relay::to(address).expect("relay");
    let link = pair.connect_to(network.address, &options);
    for side in Side::BOTH {
        pair.send(side, link.at(side), reliable(500, 1));
        assert_arrived(reliable(500, 1), &pair.next_message(side.other()));
    }
    network.cut();
    for side in Side::BOTH {
        pair.send(side, link.at(side), reliable(500, 2));
    }
    for side in Side::BOTH {
        let info = pair.wait_for_state(side, link.at(side), state::PROBLEM_DETECTED_LOCALLY);
        assert_eq!(info.end_reason, TIMEOUT, "{side:?}: {}", info.end_debug);
    }
}

/// A lingering close does not wait for a vanished peer for ever: the port can be used again.
fn linger_ends_when_the_peer_vanished(pair: &mut Pair) {
    let options = [int32(TIMEOUT_CONNECTED, 1500)];
    let (_, address) = pair.listen(&options);
    let network = Relay::to(address).expect("relay");
    let link = pair.connect_to(network.address, &options);
    network.cut();
    pair.send(Side::Client, link.client, reliable(500, 1));
    assert_eq!(pair.at(Side::Client).close(link.client, 1000, "", true).expect("close"), result::OK);
    pair.send(Side::Server, link.server, reliable(500, 1));
    let info = pair.wait_for_state(Side::Server, link.server, state::PROBLEM_DETECTED_LOCALLY);
    assert_eq!(info.end_reason, TIMEOUT);
}
