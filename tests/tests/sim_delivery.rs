//! What arrives: loss, duplicates, reordering, full receivers, lingering.

use core::time::Duration;

use gamesockets_proto::ConnectionConfig;
use gamesockets_proto::wire::{ConnectionClosed, ControlPacket};
use gamesockets_schema::{ConnectionEnd, ConnectionState, SendFlags};
use gamesockets_tests::sim::pair::{CLIENT, SERVER};
use gamesockets_tests::sim::{LinkConfig, Network, Pair, Puppet};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

fn config() -> ConnectionConfig {
    ConnectionConfig::default()
}

#[test]
fn duplicate_everything() {
    let links = LinkConfig { delay: 10 * MS, duplicate: 1.0, reorder_delay: 30 * MS, ..Default::default() };
    let (mut pair, server) = Pair::connected(links, &config());
    let outgoing = pair.ledger.outgoing(&pair.network, pair.client).unwrap();
    for i in 0..200 {
        let flags = if i % 2 == 0 { SendFlags::RELIABLE } else { SendFlags::UNRELIABLE };
        pair.send(pair.client, i * 5, flags | SendFlags::NO_NAGLE);
        pair.network.run_for(5 * MS);
        pair.read(server);
    }
    pair.network.run_for(SECOND);
    pair.read(server);
    assert_eq!(pair.ledger.reliable_missing(outgoing), 0);
    assert_eq!(pair.ledger.unreliable_read(outgoing), 100, "nothing was lost, nothing came twice (the ledger looks)");
    pair.finish();
}

#[test]
fn reorder_window() {
    let links = LinkConfig { delay: 10 * MS, reorder: 0.5, reorder_delay: 40 * MS, ..Default::default() };
    let (mut pair, server) = Pair::connected(links, &config());
    let outgoing = pair.ledger.outgoing(&pair.network, pair.client).unwrap();
    for i in 0..500 {
        let flags = if i % 5 == 0 { SendFlags::RELIABLE } else { SendFlags::UNRELIABLE };
        pair.send(pair.client, 100, flags | SendFlags::NO_NAGLE);
        pair.network.run_for(2 * MS);
        pair.read(server);
    }
    pair.network.run_for(SECOND);
    pair.read(server);
    assert_eq!(pair.ledger.reliable_missing(outgoing), 0);
    // 40 ms are at most 20 packets late, well inside the replay window: nothing is taken for a duplicate.
    assert_eq!(pair.ledger.unreliable_read(outgoing), 400);
    pair.finish();
}

#[test]
fn message_512_kib_at_30_percent_loss() {
    let links = LinkConfig { delay: 30 * MS, loss: 0.3, ..Default::default() };
    let config = ConnectionConfig { send_rate_min: 262_144, send_rate_max: 262_144, ..config() };
    let (mut pair, server) = Pair::connected(links, &config);
    // The header of the stream counts too: room for one message of the largest size and its header.
    pair.send(pair.client, 524_288, SendFlags::RELIABLE);
    pair.send(server, 524_288, SendFlags::RELIABLE);
    let start = pair.network.now();
    assert!(pair.run_until_read(server, 1, 30 * SECOND));
    assert!(pair.run_until_drained(server, 30 * SECOND));
    assert_eq!(pair.read(pair.client), 1);
    let took = pair.network.now().since(start);
    // 512 KiB at 256 KiB/s and 30 % loss are 2.9 s; the last pieces may be lost a few times more.
    assert!(took < 5 * SECOND, "at 262144 B/s and 30 % loss 512 KiB took {took:?}");
    pair.finish();
}

#[test]
fn large_unreliable_messages_arrive_whole_or_not_at_all() {
    let links = LinkConfig { delay: 10 * MS, loss: 0.05, ..Default::default() };
    let (mut pair, server) = Pair::connected(links, &config());
    let outgoing = pair.ledger.outgoing(&pair.network, pair.client).unwrap();
    for _ in 0..60 {
        pair.send(pair.client, 16_500, SendFlags::UNRELIABLE);
        pair.network.run_for(100 * MS);
        pair.read(server);
    }
    let arrived = pair.ledger.unreliable_read(outgoing);
    // Fourteen packets each: about half of the messages lose one.
    assert!((15..45).contains(&arrived), "{arrived} of 60");
    pair.finish();
}

#[test]
fn smallest_mtu_still_carries_everything() {
    let config = ConnectionConfig { mtu_packet_size: 200, ..config() };
    let links = LinkConfig { delay: 5 * MS, loss: 0.1, mtu: Some(512), ..Default::default() };
    let (mut pair, server) = Pair::connected(links, &config);
    for size in [0, 1, 36, 37, 38, 131, 132, 133, 5_000, 20_000] {
        pair.send(pair.client, size, SendFlags::RELIABLE);
        pair.send(server, size, SendFlags::UNRELIABLE);
    }
    assert!(pair.run_until_read(server, 10, 20 * SECOND));
    pair.finish();
}

#[test]
fn receiver_full_then_drains() {
    let config = ConnectionConfig { recv_buffer_messages: 10, recv_buffer_size_bytes: 20_000, ..config() };
    let links = LinkConfig { delay: 10 * MS, ..Default::default() };
    let (mut pair, server) = Pair::connected(links, &config);
    for _ in 0..500 {
        pair.send(pair.client, 100, SendFlags::RELIABLE | SendFlags::NO_NAGLE);
    }
    pair.network.run_for(2 * SECOND);
    let readable = pair.network.connection(server).unwrap().readable_messages();
    assert_eq!(readable, 10, "the queue takes no more than it may");
    // Behind the queue, the stream's own buffer takes as much again as it may, and no more.
    let outstanding = pair.outstanding(pair.client);
    assert!((25_000..50_000).contains(&outstanding), "{outstanding} bytes are not acknowledged");
    assert!(pair.run_until_read(server, 500, 5 * SECOND), "the rest comes again when there is room");
    assert!(pair.run_until_drained(pair.client, SECOND));
    pair.finish();
}

#[test]
fn receiver_full_in_bytes_then_drains() {
    let config = ConnectionConfig { recv_buffer_size_bytes: 100_000, recv_max_message_size_bytes: 50_000, ..config() };
    let links = LinkConfig { delay: 10 * MS, ..Default::default() };
    let (mut pair, server) = Pair::connected(links, &config);
    for _ in 0..10 {
        pair.send(pair.client, 40_000, SendFlags::RELIABLE);
    }
    pair.network.run_for(5 * SECOND);
    let readable = pair.network.connection(server).unwrap().readable_messages();
    assert_eq!(readable, 3, "the message that reaches 100 000 bytes is the last");
    assert!(pair.run_until_read(server, 10, 10 * SECOND));
    pair.finish();
}

#[test]
fn peer_lingers_until_a_full_receiver_has_read_everything() {
    let config = ConnectionConfig { recv_buffer_messages: 10, ..config() };
    let links = LinkConfig { delay: 10 * MS, ..Default::default() };
    let (mut pair, server) = Pair::connected(links, &config);
    for _ in 0..50 {
        pair.send(pair.client, 100, SendFlags::RELIABLE);
    }
    pair.network.call(pair.client, |c, now| c.close(now, 0, "", true));
    pair.network.run_for(5 * SECOND);
    assert_eq!(pair.network.state(server), ConnectionState::Connected, "most has not been read");
    assert!(pair.run_until_read(server, 50, SECOND));
    assert!(pair.run_until_state(server, ConnectionState::ClosedByPeer, SECOND));
    pair.finish();
}

#[test]
fn what_a_full_receiver_acknowledged_stays_readable_after_a_close() {
    let mut network = Network::new(1, LinkConfig::default());
    network.listen(SERVER, ConnectionConfig { recv_buffer_messages: 10, ..config() });
    let (mut peer, key) = Puppet::connected(&mut network, CLIENT, SERVER);
    // A reliable segment to the end of the packet: fifty messages of one byte.
    let frames = [&[0x57, 1, 0, 0, 0, 0, 0][..], &[1, b'x'].repeat(50)].concat();
    peer.send(&mut network, &frames);
    assert_eq!(network.connection(key).unwrap().readable_messages(), 10);
    let (to, from) = (Some(peer.remote_id()), Some(peer.connection_id));
    let closed =
        ConnectionClosed { debug: None, reason_code: Some(1000), to_connection_id: to, from_connection_id: from };
    let mut datagram = Vec::new();
    ControlPacket::ConnectionClosed(closed).encode(&mut datagram);
    network.inject(CLIENT, SERVER, datagram);
    network.run_for(10 * MS);
    assert_eq!(network.state(key), ConnectionState::ClosedByPeer);
    let read = core::iter::from_fn(|| network.call(key, |c, now| c.receive(now)).flatten()).count();
    assert_eq!(read, 50, "what was acknowledged is delivered");
}

#[test]
fn linger_delivers() {
    let links = LinkConfig { delay: 30 * MS, loss: 0.2, ..Default::default() };
    let (mut pair, server) = Pair::connected(links, &config());
    let client = pair.client;
    for _ in 0..100 {
        pair.send(client, 3_000, SendFlags::RELIABLE);
    }
    pair.network.call(client, |c, now| c.close(now, 1010, "enough", true));
    assert_eq!(pair.network.state(client), ConnectionState::Linger);
    // Data that arrives while lingering is acknowledged and thrown away.
    pair.send(server, 500, SendFlags::RELIABLE);
    assert!(pair.run_until_read(server, 100, 20 * SECOND));
    // The close may be lost, and nothing repeats it unasked: let the network be clean for it.
    pair.network.reconfigure_links(|link| link.loss = 0.0);
    assert!(pair.run_until_state(server, ConnectionState::ClosedByPeer, 22 * SECOND));
    assert_eq!(pair.network.connection(server).unwrap().end_reason(), ConnectionEnd(1010));
    pair.finish();
}

#[test]
fn close_without_linger_sends_nothing_more() {
    let links = LinkConfig { delay: 30 * MS, ..Default::default() };
    let (mut pair, server) = Pair::connected(links, &config());
    pair.send(pair.client, 100_000, SendFlags::RELIABLE);
    pair.network.run_for(100 * MS);
    pair.network.call(pair.client, |c, now| c.close(now, 0, "", false));
    assert_eq!(pair.network.state(pair.client), ConnectionState::FinWait);
    pair.clear_recording();
    pair.network.run_for(4 * SECOND);
    let data = pair.sent_from(CLIENT).iter().filter(|s| s.bytes[0] >= 0x80).count();
    assert_eq!((data, pair.read(server)), (0, 0));
    assert_eq!(pair.network.state(server), ConnectionState::ClosedByPeer);
    pair.finish();
}

#[test]
fn messages_stay_readable_after_the_peer_closed() {
    let (mut pair, server) = Pair::connected(LinkConfig::default(), &config());
    pair.send(pair.client, 100, SendFlags::RELIABLE);
    pair.send(pair.client, 200, SendFlags::RELIABLE);
    pair.network.call(pair.client, |c, now| c.close(now, 0, "", true));
    assert!(pair.run_until_state(server, ConnectionState::ClosedByPeer, SECOND));
    assert_eq!(pair.read(server), 2);
    pair.finish();
}

#[test]
fn messages_sent_while_connecting_arrive_in_order() {
    let links = LinkConfig { delay: 30 * MS, ..Default::default() };
    let mut pair = Pair::connecting(links, &config());
    for size in [10, 0, 5_000, 30] {
        pair.send(pair.client, size, SendFlags::RELIABLE);
    }
    let server = pair.next_incoming(SECOND).unwrap();
    pair.send(server, 99, SendFlags::RELIABLE);
    pair.network.call(server, |c, now| c.accept(now)).unwrap().unwrap();
    assert!(pair.run_until_read(server, 4, SECOND));
    assert_eq!(pair.read(pair.client), 1);
    pair.finish();
}
