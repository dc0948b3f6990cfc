//! What a connection tells of itself: the page for humans and the figures of its life.

mod common;

use common::{Pair, eventually, payload, receive};
use gamesockets::{Connection, ResultCode, SendFlags, Sockets};

#[test]
fn a_name_keeps_31_bytes_of_whole_characters() {
    let Pair { client, connected, .. } = Pair::new();
    for (name, kept) in [
        ("short".to_owned(), "short".to_owned()),
        ("x".repeat(31), "x".repeat(31)),
        ("x".repeat(32), "x".repeat(31)),
        ("é".repeat(20), "é".repeat(15)),
    ] {
        client.set_connection_name(connected, &name).unwrap();
        assert_eq!(client.connection_name(connected).unwrap(), kept);
    }
}

#[test]
fn the_page_names_peer_state_encryption_and_figures() {
    let pair = Pair::with_options("127.0.0.1:0", &common::fixed_rate());
    pair.client.set_connection_name(pair.connected, "to the server").unwrap();
    pair.client.send_message_to_connection(pair.connected, &payload(5_000, 0), SendFlags::RELIABLE).unwrap();
    receive(&pair.server, pair.accepted, 1);
    let page = pair.client.detailed_connection_status(pair.connected).unwrap();
    for part in [
        "'to the server'",
        &format!("at {}", pair.address),
        "Connected",
        "Authentication",
        "nobody vouches",
        "protocol version 13",
        "262.1 KB/s allowed",
        "Undecryptable   0",
    ] {
        assert!(page.contains(part), "{part} is missing in\n{page}");
    }
    assert!(page.contains("AES-256-GCM") || page.contains("ChaCha20-Poly1305"), "{page}");
    assert!(page.lines().all(|line| line.len() < 200), "{page}");

    pair.server.close_connection(pair.accepted, 1234, "enough", false).unwrap();
    common::wait_for_connection(&pair.client, pair.connected, gamesockets::ConnectionState::ClosedByPeer);
    let page = pair.client.detailed_connection_status(pair.connected).unwrap();
    assert!(page.contains("1234: enough") && page.contains("ClosedByPeer"), "{page}");
}

#[test]
fn the_page_of_a_pipe_says_that_it_is_one() {
    let sockets = Sockets::anonymous().unwrap();
    let (one, two) = sockets.create_socket_pair(false, None, None).unwrap();
    sockets.send_message_to_connection(one, &payload(300, 0), SendFlags::UNRELIABLE).unwrap();
    let page = sockets.detailed_connection_status(two).unwrap();
    assert!(page.contains("in this process") && page.contains("1 packets, 300 bytes"), "{page}");
    assert!(!page.contains("Lane "), "{page}");
    sockets.configure_connection_lanes(two, &[1; 20], &[1; 20]).unwrap();
    let page = sockets.detailed_connection_status(two).unwrap();
    assert!(page.contains("Lane 15") && page.contains("and 4 more lanes"), "{page}");
}

#[test]
fn what_is_acknowledged_tells_of_the_way_there_before_the_peer_does() {
    let pair = Pair::new();
    let status = || pair.client.connection_real_time_status(pair.connected).unwrap();
    for number in 0..10 {
        pair.client
            .send_message_to_connection(pair.connected, &payload(100, number), SendFlags::RELIABLE_NO_NAGLE)
            .unwrap();
        eventually("it is acknowledged", || status().sent_unacknowledged_reliable == 0);
    }
    let status = status();
    assert!(status.remote_quality > 0.5 && status.remote_quality <= 1.0, "{status:?}");
    assert!(status.remote_quality_is_estimate, "{status:?}");
    let page = pair.client.detailed_connection_status(pair.connected).unwrap();
    assert!(page.contains("as far as acknowledgements tell"), "{page}");
}

#[test]
fn a_life_counts_what_went_both_ways() {
    let pair = Pair::new();
    for number in 0..50 {
        let message = payload(1_000, number);
        pair.client.send_message_to_connection(pair.connected, &message, SendFlags::RELIABLE).unwrap();
    }
    receive(&pair.server, pair.accepted, 50);
    eventually("acknowledged", || {
        let status = pair.client.quick_connection_status(pair.connected).unwrap();
        status.sent_unacknowledged_reliable == 0 && status.pending_reliable == 0
    });
    let there = pair.client.connection_lifetime_statistics(pair.connected).unwrap();
    let here = pair.server.connection_lifetime_statistics(pair.accepted).unwrap();
    assert!((50_000..60_000).contains(&there.bytes_sent), "{there:?}");
    assert!(here.packets_received >= 40 && here.packets_sequenced >= 40, "{here:?}");
    assert_eq!((here.packets_dropped, here.packets_duplicate, here.connected_seconds), (0, 0, 1));
    assert!(there.ping_counts.iter().sum::<u32>() >= 1, "{there:?}");
    assert_eq!((there.ping_counts.len(), there.quality_counts.len(), there.jitter_counts.len()), (9, 9, 6));
    assert_eq!((there.ping_percentiles.len(), there.quality_percentiles), (5, vec![-1; 4]), "no interval is over yet");
}

#[test]
fn a_stale_handle_has_no_status() {
    let sockets = Sockets::anonymous().unwrap();
    let stale = Connection::from_raw(0x8001_0000);
    assert_eq!(sockets.detailed_connection_status(stale).unwrap_err().code(), ResultCode::InvalidParam);
    assert_eq!(sockets.quick_connection_status(stale).unwrap_err().code(), ResultCode::NoConnection);
    assert_eq!(sockets.connection_lifetime_statistics(stale).unwrap_err().code(), ResultCode::NoConnection);
}
