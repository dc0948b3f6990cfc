//! One address does not keep the others out.
#![cfg(target_os = "linux")]

mod common;

use std::net::{SocketAddr, UdpSocket};
use std::thread;

use common::{LIMIT, connect, wait_for, wait_for_connection};
use gamesockets::{ConfigEntry, ConfigValue, ConnectionState, Sockets};

/// Forwards what one client sends, so that the server sees it come from 127.0.0.2; for a few seconds.
fn relay(server: SocketAddr) -> SocketAddr {
    let [inner, outer] = ["127.0.0.1:0", "127.0.0.2:0"].map(|address| UdpSocket::bind(address).unwrap());
    let address = inner.local_addr().unwrap();
    let limit = Some(LIMIT);
    inner.set_read_timeout(limit).unwrap();
    outer.set_read_timeout(limit).unwrap();
    outer.connect(server).unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 2_048];
        let Ok((len, client)) = inner.recv_from(&mut buffer) else { return };
        outer.send(&buffer[..len]).unwrap();
        inner.connect(client).unwrap();
        let back = (inner.try_clone().unwrap(), outer.try_clone().unwrap());
        thread::spawn(move || pump(&back.1, &back.0));
        pump(&inner, &outer);
    });
    address
}

fn pump(from: &UdpSocket, to: &UdpSocket) {
    let mut buffer = [0; 2_048];
    while let Ok(len) = from.recv(&mut buffer) {
        let _ = to.send(&buffer[..len]);
    }
}

#[test]
fn an_address_that_has_its_share_is_not_heard_and_others_are() {
    let (server, client) = (Sockets::anonymous().unwrap(), Sockets::anonymous().unwrap());
    let options = [ConfigEntry::new(ConfigValue::CONNECTIONS_PER_ADDRESS, 2)];
    let listen = server.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &options).unwrap();
    let address = server.listen_socket_address(listen).unwrap();
    let (first, _) = connect(&server, &client, address, &[]);
    connect(&server, &client, address, &[]);
    let third = client.connect_by_ip_address(address, &[]).unwrap();
    let (_, elsewhere) = connect(&server, &client, relay(address), &[]);
    assert_eq!(client.connection_info(elsewhere).unwrap().connection_state, ConnectionState::Connected);
    assert_eq!(client.connection_info(third).unwrap().connection_state, ConnectionState::Connecting);
    // It goes on asking, and comes in when one of the others goes.
    server.close_connection(first, 0, "", false).unwrap();
    let (accepted, _) = wait_for(&server, ConnectionState::Connecting);
    server.accept_connection(accepted).unwrap();
    wait_for_connection(&client, third, ConnectionState::Connected);
}
