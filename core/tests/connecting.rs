//! Connections over real UDP: making, refusing, ending, and what is told of it.

mod common;

use std::net::SocketAddr;
use std::time::Duration;

use common::{Pair, connect, payload, receive, wait_for, wait_for_connection};
use gamesockets::{
    ConfigEntry, ConfigValue, ConnectionState, Event, Identity, InfoFlags, ResultCode, SendFlags, Sockets,
};

#[test]
fn each_visible_change_of_state_is_told_once() {
    let pair = Pair::new();
    let (accepted, connected) = (pair.accepted, pair.connected);
    pair.client.close_connection(connected, 1234, "so long", false).unwrap();
    let info = wait_for_connection(&pair.server, accepted, ConnectionState::ClosedByPeer);
    assert_eq!((info.end_reason.0, info.end_debug.as_str()), (1234, "so long"));
    pair.server.close_connection(accepted, 0, "", false).unwrap();

    let changes = |sockets: &Sockets| {
        let mut changes = Vec::new();
        while let Some(event) = sockets.wait_event(Duration::from_millis(100)) {
            if let Event::ConnectionStatusChanged { connection, info, old_state } = event {
                changes.push((connection, old_state, info.connection_state));
            }
        }
        changes
    };
    assert_eq!(changes(&pair.client), [(connected, ConnectionState::Connected, ConnectionState::None)]);
    assert_eq!(changes(&pair.server), [(accepted, ConnectionState::ClosedByPeer, ConnectionState::None)]);
}

#[test]
fn both_ends_know_what_they_are() {
    let server = Sockets::new("str:server".parse().unwrap()).unwrap();
    let client = Sockets::new("str:alice".parse().unwrap()).unwrap();
    let options = [ConfigEntry::new(ConfigValue::CONNECTION_USER_DATA, 77_i64)];
    let listen = server.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &options).unwrap();
    let address = server.listen_socket_address(listen).unwrap();
    let (accepted, connected) = connect(&server, &client, address, &[]);

    let here = client.connection_info(connected).unwrap();
    assert_eq!(here.connection_state, ConnectionState::Connected);
    assert_eq!(here.identity_string, "str:server");
    assert_eq!((here.remote_address.as_str(), here.remote_port), ("127.0.0.1", address.port()));
    assert_eq!((here.user_data, here.listen_socket), (-1, 0));
    assert!(!here.info_flags.contains(InfoFlags::UNENCRYPTED));

    let there = server.connection_info(accepted).unwrap();
    assert_eq!(there.identity_string, "str:alice");
    assert_eq!((there.user_data, there.listen_socket), (77, listen.raw()));

    server.set_connection_name(accepted, "first").unwrap();
    assert_eq!(server.connection_name(accepted).unwrap(), "first");
    let description = server.connection_info(accepted).unwrap().debug_description;
    assert!(description.contains("str:alice@127.0.0.1") && description.ends_with("'first'"), "{description}");

    client.send_message_to_connection(connected, b"hello", SendFlags::RELIABLE).unwrap();
    server.set_connection_user_data(accepted, 5).unwrap();
    let message = receive(&server, accepted, 1).remove(0);
    assert_eq!((message.user_data, message.connection), (5, accepted));
    assert_eq!(message.identity.to_string(), "str:alice");
    assert!(message.time_received > 0 && message.time_received <= server.local_timestamp());
}

#[test]
fn a_refused_client_hears_why() {
    let (server, client) = (Sockets::anonymous().unwrap(), Sockets::anonymous().unwrap());
    let listen = server.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &[]).unwrap();
    let address = server.listen_socket_address(listen).unwrap();
    let connected = client.connect_by_ip_address(address, &[]).unwrap();
    let (asking, _) = wait_for(&server, ConnectionState::Connecting);
    server.close_connection(asking, 1001, "full", false).unwrap();
    let info = wait_for_connection(&client, connected, ConnectionState::ClosedByPeer);
    assert_eq!((info.end_reason.0, info.end_debug.as_str()), (1001, "full"));
}

#[test]
fn nobody_there_is_a_timeout() {
    let client = Sockets::anonymous().unwrap();
    let options = [ConfigEntry::new(ConfigValue::TIMEOUT_INITIAL, 200)];
    // A port that was free a moment ago.
    let address = {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.local_addr().unwrap()
    };
    let connected = client.connect_by_ip_address(address, &options).unwrap();
    let info = wait_for_connection(&client, connected, ConnectionState::ProblemDetectedLocally);
    assert_eq!(info.end_reason.0, 5003);
    let error = client.send_message_to_connection(connected, b"x", SendFlags::RELIABLE).unwrap_err();
    assert_eq!(error.code(), ResultCode::NoConnection);
    client.close_connection(connected, 0, "", false).unwrap();
}

#[test]
fn a_closed_listen_socket_frees_its_port_and_destroys_its_connections() {
    let pair = Pair::new();
    pair.server.close_listen_socket(pair.listen).unwrap();
    assert_eq!(pair.server.connection_info(pair.accepted).unwrap_err().code(), ResultCode::InvalidParam);
    wait_for_connection(&pair.server, pair.accepted, ConnectionState::None);
    let again = pair.server.create_listen_socket_ip(pair.address, &[]).unwrap();
    assert_ne!(again, pair.listen);
    let other = Sockets::anonymous().unwrap();
    let (accepted, connected) = connect(&pair.server, &other, pair.address, &[]);
    other.send_message_to_connection(connected, b"again", SendFlags::RELIABLE).unwrap();
    assert_eq!(receive(&pair.server, accepted, 1)[0].payload, b"again"[..]);
}

fn echoes_over(listen_on: &str, reach_by: impl Fn(u16) -> SocketAddr) {
    let (server, client) = (Sockets::anonymous().unwrap(), Sockets::anonymous().unwrap());
    let listen = server.create_listen_socket_ip(listen_on.parse().unwrap(), &[]).unwrap();
    let address = reach_by(server.listen_socket_address(listen).unwrap().port());
    let (accepted, connected) = connect(&server, &client, address, &[]);
    let sent = payload(5_000, 1);
    client.send_message_to_connection(connected, &sent, SendFlags::RELIABLE).unwrap();
    assert_eq!(receive(&server, accepted, 1)[0].payload, sent);
    server.send_message_to_connection(accepted, &sent, SendFlags::RELIABLE).unwrap();
    assert_eq!(receive(&client, connected, 1)[0].payload, sent);
    let info = server.connection_info(accepted).unwrap();
    assert_eq!(info.remote_address, address.ip().to_canonical().to_string());
}

#[test]
fn ipv6_works() {
    echoes_over("[::1]:0", |port| SocketAddr::new("::1".parse().unwrap(), port));
}

#[test]
fn the_any_address_of_ipv6_takes_both_families_and_that_of_ipv4_its_own() {
    echoes_over("[::]:0", |port| SocketAddr::new("127.0.0.1".parse().unwrap(), port));
    echoes_over("[::]:0", |port| SocketAddr::new("::1".parse().unwrap(), port));
    echoes_over("0.0.0.0:0", |port| SocketAddr::new("127.0.0.1".parse().unwrap(), port));
}

#[test]
fn ipv4_in_ipv6_clothes_is_ipv4() {
    echoes_over("127.0.0.1:0", |port| SocketAddr::new("::ffff:127.0.0.1".parse().unwrap(), port));
}

#[test]
fn a_new_identity_closes_what_bore_the_old_one() {
    let pair = Pair::new();
    let identity: Identity = "str:bob".parse().unwrap();
    pair.client.reset_identity(identity.clone());
    assert_eq!(pair.client.identity(), identity);
    assert!(pair.client.connection_info(pair.connected).is_err());
    wait_for_connection(&pair.server, pair.accepted, ConnectionState::ClosedByPeer);
    let (accepted, _) = connect(&pair.server, &pair.client, pair.address, &[]);
    assert_eq!(pair.server.connection_info(accepted).unwrap().identity_string, "str:bob");
}

#[test]
fn the_status_of_a_live_connection_has_figures() {
    let fixed = [ConfigValue::SEND_RATE_MAX, ConfigValue::SEND_RATE_MIN].map(|rate| ConfigEntry::new(rate, 300_000));
    let pair = Pair::with_options("127.0.0.1:0", &fixed);
    pair.client.send_message_to_connection(pair.connected, &payload(100, 0), SendFlags::RELIABLE).unwrap();
    receive(&pair.server, pair.accepted, 1);
    let status = pair.client.connection_real_time_status(pair.connected).unwrap();
    assert_eq!(status.state, ConnectionState::Connected);
    assert!((0..1000).contains(&status.ping), "{status:?}");
    assert_eq!(status.send_rate, 300_000);
    assert_eq!(status.pending_reliable, 0);
}
