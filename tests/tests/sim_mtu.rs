//! How large a datagram the path carries: searched for between two ends of ours, found out the hard way otherwise.

use core::time::Duration;

use gamesockets_proto::ConnectionConfig;
use gamesockets_schema::{ConnectionState, SendFlags};
use gamesockets_tests::sim::pair::{CLIENT, SERVER};
use gamesockets_tests::sim::{ConnKey, LinkConfig, Network, Pair, Puppet};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

fn config(mtu_packet_size: u16) -> ConnectionConfig {
    ConnectionConfig { send_rate_min: 1_000_000, send_rate_max: 1_000_000, mtu_packet_size, ..Default::default() }
}

fn path(mtu: usize) -> LinkConfig {
    LinkConfig { delay: 10 * MS, mtu: Some(mtu), ..Default::default() }
}

/// Sends a message of 400 kB and reads it; answers the size of the largest datagram that was sent for it.
fn transfer(pair: &mut Pair, server: ConnKey) -> usize {
    pair.clear_recording();
    pair.send(pair.client, 400_000, SendFlags::RELIABLE);
    assert!(pair.run_until_read(server, 1, 20 * SECOND), "400 kB in 20 s");
    pair.sent_from(CLIENT).iter().map(|sent| sent.bytes.len()).max().unwrap_or(0)
}

#[test]
fn a_wide_path_is_used_up_to_the_configured_size() {
    let (mut pair, server) = Pair::connected(path(1_500), &config(1_472));
    assert_eq!(transfer(&mut pair, server), 1_472, "the probe");
    let largest = transfer(&mut pair, server);
    assert!((1_400..=1_472).contains(&largest), "data in datagrams of up to {largest}");
    pair.finish();
}

#[test]
fn by_default_nothing_is_larger_than_gns_sends() {
    let (mut pair, server) = Pair::connected(path(1_500), &config(ConnectionConfig::default().mtu_packet_size));
    assert!(transfer(&mut pair, server) <= 1_300);
    assert!(transfer(&mut pair, server) <= 1_300);
    pair.finish();
}

#[test]
fn a_path_of_1400_is_found_and_nothing_is_lost_on_it() {
    let (mut pair, server) = Pair::connected(path(1_400), &config(1_472));
    for _ in 0..20 {
        transfer(&mut pair, server);
    }
    let largest = transfer(&mut pair, server);
    assert!((1_300..=1_400).contains(&largest), "data in datagrams of up to {largest}");
    pair.finish();
}

#[test]
fn a_path_that_does_not_carry_1300_still_delivers() {
    let (mut pair, server) = Pair::connected(path(1_240), &config(1_300));
    transfer(&mut pair, server);
    let after = transfer(&mut pair, server);
    assert!(after <= 1_300);
    pair.finish();
}

#[test]
fn a_path_that_narrows_under_way_still_delivers() {
    let (mut pair, server) = Pair::connected(path(1_500), &config(1_472));
    transfer(&mut pair, server);
    pair.network.reconfigure_links(|link| link.mtu = Some(1_250));
    transfer(&mut pair, server);
    pair.finish();
}

#[test]
fn a_peer_that_announces_nothing_gets_nothing_larger_than_1300() {
    let mut network = Network::new(7, LinkConfig::default());
    network.listen(SERVER, config(1_472));
    let (_puppet, key) = Puppet::connected(&mut network, CLIENT, SERVER);
    network.call(key, |connection, now| {
        connection.send(now, &[1; 400_000], 0, SendFlags::RELIABLE).expect("room for one message");
    });
    network.run_for(300 * MS);
    let mail = network.take_mail(CLIENT);
    assert!(mail.len() > 100, "{} datagrams", mail.len());
    assert!(mail.iter().all(|datagram| datagram.len() <= 1_300));
    assert_eq!(network.state(key), ConnectionState::Connected);
}
