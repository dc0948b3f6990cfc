//! Datagrams that pretend: forged closes, stale connection ids, replayed and damaged packets.

use core::time::Duration;
use std::net::SocketAddr;

use gamesockets_proto::ConnectionConfig;
use gamesockets_proto::wire::{ConnectionClosed, ControlPacket, NoConnection};
use gamesockets_schema::{ConnectionEnd, ConnectionState, SendFlags};
use gamesockets_tests::sim::pair::{CLIENT, SERVER};
use gamesockets_tests::sim::{ConnKey, LinkConfig, Network, Pair};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const ATTACKER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 66)), 6666);

fn connected() -> (Pair, ConnKey) {
    Pair::connected(LinkConfig { delay: 5 * MS, ..Default::default() }, &ConnectionConfig::default())
}

fn closed(to: Option<u32>, from: Option<u32>) -> Vec<u8> {
    let mut datagram = Vec::new();
    let reason_code = Some(1000);
    ControlPacket::ConnectionClosed(ConnectionClosed {
        debug: None,
        reason_code,
        to_connection_id: to,
        from_connection_id: from,
    })
    .encode(&mut datagram);
    datagram
}

fn no_connection(to: Option<u32>, from: Option<u32>) -> Vec<u8> {
    let mut datagram = Vec::new();
    ControlPacket::NoConnection(NoConnection { from_connection_id: from, to_connection_id: to }).encode(&mut datagram);
    datagram
}

/// The ids of the server's end: its own and the peer's.
fn ids(pair: &Pair, key: ConnKey) -> (u32, u32) {
    let connection = pair.network.connection(key).unwrap();
    (connection.local_connection_id(), connection.remote_connection_id())
}

/// Both ends still talk to each other.
fn assert_unharmed(mut pair: Pair, server: ConnKey) {
    assert_eq!(pair.network.state(pair.client), ConnectionState::Connected);
    assert_eq!(pair.network.state(server), ConnectionState::Connected);
    pair.send(pair.client, 100, SendFlags::RELIABLE);
    pair.send(server, 100, SendFlags::RELIABLE);
    assert!(pair.run_until_read(server, 1, SECOND));
    pair.network.run_for(20 * MS);
    assert_eq!(pair.read(pair.client), 1);
    pair.finish();
}

#[test]
fn closes_with_wrong_ids_are_ignored() {
    let (mut pair, server) = connected();
    let (own, remote) = ids(&pair, server);
    for datagram in [
        closed(Some(own ^ 1), Some(remote)),
        closed(Some(remote), Some(own)),
        closed(None, Some(remote ^ 1)),
        closed(None, Some(0)),
        closed(Some(0), Some(0)),
        closed(None, None),
        no_connection(Some(own), Some(remote ^ 1)),
        no_connection(Some(own ^ 1), Some(remote)),
        no_connection(Some(own), None),
        no_connection(None, Some(remote)),
        no_connection(None, None),
    ] {
        pair.network.inject(CLIENT, SERVER, datagram);
        pair.network.run_for(10 * MS);
    }
    assert_unharmed(pair, server);
}

#[test]
fn answers_to_wrong_closes_are_limited() {
    let (mut pair, server) = connected();
    let (own, remote) = ids(&pair, server);
    pair.clear_recording();
    for _ in 0..1_000 {
        pair.network.inject(CLIENT, SERVER, closed(Some(own ^ 1), Some(remote)));
        pair.network.run_for(MS);
    }
    let answers = pair.sent_from(SERVER).iter().filter(|s| s.bytes[0] == 0x25).count();
    assert!((1..=5).contains(&answers), "{answers} answers in a second");
    assert_unharmed(pair, server);
}

#[test]
fn right_close_from_a_wrong_address_is_ignored() {
    let (mut pair, server) = connected();
    let (own, remote) = ids(&pair, server);
    pair.network.inject(ATTACKER, SERVER, closed(Some(own), Some(remote)));
    pair.network.inject(ATTACKER, CLIENT, closed(Some(remote), Some(own)));
    pair.network.run_for(10 * MS);
    assert_unharmed(pair, server);
}

#[test]
fn right_no_connection_ends_it_with_its_own_reason() {
    let (mut pair, server) = connected();
    let (own, remote) = ids(&pair, server);
    pair.network.inject(CLIENT, SERVER, no_connection(Some(own), Some(remote)));
    assert!(pair.run_until_state(server, ConnectionState::ClosedByPeer, 10 * MS));
    assert_eq!(pair.network.connection(server).unwrap().end_reason(), ConnectionEnd::MISC_PEER_SENT_NO_CONNECTION);
    pair.finish();
}

#[test]
fn close_of_a_stranger_is_answered_and_forgotten() {
    let (mut pair, server) = connected();
    pair.network.open_mailbox(ATTACKER);
    pair.network.inject(ATTACKER, SERVER, closed(Some(7), Some(8)));
    pair.network.run_for(20 * MS);
    assert_eq!(pair.network.take_mail(ATTACKER), [no_connection(Some(8), Some(7))]);
    assert_unharmed(pair, server);
}

#[test]
fn stale_connection_ids_are_answered_rarely_and_do_no_harm() {
    let (mut pair, server) = connected();
    pair.clear_recording();
    for i in 0..1_000u32 {
        let mut datagram = vec![0x80; 40];
        datagram[1..5].copy_from_slice(&(0x0a0a_0000 + i).to_le_bytes());
        pair.network.inject(CLIENT, SERVER, datagram);
        pair.network.run_for(MS);
    }
    let answers: Vec<_> = pair.sent_from(SERVER).into_iter().filter(|s| s.bytes[0] == 0x25).collect();
    assert!((1..=5).contains(&answers.len()), "{} answers in a second", answers.len());
    assert!(answers.iter().all(|s| s.bytes.len() < 40));
    assert_unharmed(pair, server);
}

#[test]
fn replayed_packets_change_nothing() {
    let (mut pair, server) = connected();
    for i in 0..50 {
        pair.send(pair.client, i * 10, if i % 2 == 0 { SendFlags::UNRELIABLE } else { SendFlags::RELIABLE });
        pair.network.run_for(8 * MS);
        pair.read(server);
    }
    pair.network.run_for(100 * MS);
    pair.read(server);
    let recorded: Vec<Vec<u8>> =
        pair.sent_from(CLIENT).iter().map(|s| s.bytes.clone()).filter(|b| b[0] >= 0x80).collect();
    assert!(recorded.len() > 30);
    for datagram in recorded.iter().chain(recorded.iter().rev()) {
        pair.network.inject(CLIENT, SERVER, datagram.clone());
        pair.network.inject(SERVER, CLIENT, datagram.clone());
        pair.network.run_for(MS);
    }
    // The ledger panics over a message that comes twice.
    assert_eq!(pair.read(server), 0);
    assert_unharmed(pair, server);
}

#[test]
fn damaged_packets_are_dropped() {
    let (mut pair, server) = connected();
    pair.network.run_for(SECOND);
    pair.clear_recording();
    pair.network.link(CLIENT, SERVER).config_mut().loss = 1.0;
    pair.send(pair.client, 300, SendFlags::UNRELIABLE | SendFlags::NO_NAGLE);
    let datagram = pair.sent_from(CLIENT)[0].bytes.clone();
    pair.network.link(CLIENT, SERVER).config_mut().loss = 0.0;
    for position in 0..datagram.len() {
        for bit in [1, 0x80] {
            let mut damaged = datagram.clone();
            damaged[position] ^= bit;
            // Bits 2 to 6 of the first byte mean nothing; the flags and the number do.
            if position > 0 {
                pair.network.inject(CLIENT, SERVER, damaged);
            }
        }
        pair.network.inject(CLIENT, SERVER, datagram[..position].to_vec());
        pair.network.run_for(MS);
    }
    pair.network.run_for(20 * MS);
    assert_eq!(pair.read(server), 0, "nothing damaged is delivered");
    pair.network.inject(CLIENT, SERVER, datagram);
    pair.network.run_for(20 * MS);
    assert_eq!(pair.read(server), 1, "and the packet itself still is, afterwards");
    assert_unharmed(pair, server);
}

#[test]
fn garbage_from_the_right_address_does_no_harm() {
    let (mut pair, server) = connected();
    for i in 0..2_000u32 {
        let lead = [0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x80, 0xff, 0x00, 0x7f][i as usize % 10];
        let mut datagram = vec![i as u8; 5 + i as usize % 1_300];
        datagram[0] = lead;
        pair.network.inject(CLIENT, SERVER, datagram.clone());
        pair.network.inject(SERVER, CLIENT, datagram);
        if i % 10 == 0 {
            pair.network.run_for(MS);
        }
    }
    assert_unharmed(pair, server);
}

#[test]
fn text_of_a_peer_forges_no_lines() {
    let mut network = Network::new(1, LinkConfig::default());
    network.listen(SERVER, ConnectionConfig::default());
    let (puppet, server) = gamesockets_tests::sim::Puppet::connected(&mut network, CLIENT, SERVER);
    let closed = ControlPacket::ConnectionClosed(ConnectionClosed {
        debug: Some(b"bye\n2026-12-01 ERROR \x1b[2Jall is lost \xe9".to_vec().into()),
        reason_code: Some(1_000),
        to_connection_id: Some(puppet.remote_id()),
        from_connection_id: Some(puppet.connection_id),
    });
    let mut datagram = Vec::new();
    closed.encode(&mut datagram);
    network.inject(CLIENT, SERVER, datagram);
    network.run_for(Duration::from_millis(1));
    let text = network.connection(server).expect("its end is there to be seen").end_debug();
    assert_eq!(text, "bye\\n2026-12-01 ERROR \\u{1b}[2Jall is lost \u{fffd}");
}
