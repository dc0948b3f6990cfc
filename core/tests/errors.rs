//! Bad input: the documented code, a text that names the value and the fix, and nothing else.

mod common;

use common::{Pair, receive, wait_for};
use gamesockets::{
    ConfigEntry, ConfigValue, Connection, ConnectionState, Error, ListenSocket, PollGroup, ResultCode, SendFlags,
    Sockets, parse_address,
};

/// Every call with a handle of this number answers its documented code.
fn refused_everywhere(sockets: &Sockets, raw: u32) {
    let connection = Connection::from_raw(raw);
    let codes = [
        sockets.accept_connection(connection).unwrap_err(),
        sockets.close_connection(connection, 0, "", false).unwrap_err(),
        sockets.send_message_to_connection(connection, b"x", SendFlags::RELIABLE).unwrap_err(),
        sockets.flush_messages_on_connection(connection).unwrap_err(),
        sockets.receive_messages_on_connection(connection, 1).unwrap_err(),
        sockets.connection_info(connection).unwrap_err(),
        sockets.connection_name(connection).unwrap_err(),
        sockets.set_connection_name(connection, "x").unwrap_err(),
        sockets.connection_user_data(connection).unwrap_err(),
        sockets.set_connection_user_data(connection, 1).unwrap_err(),
        sockets.set_connection_poll_group(connection, None).unwrap_err(),
        sockets.wait_messages(connection, common::LIMIT).unwrap_err(),
        sockets.wait_writable(connection, common::LIMIT).unwrap_err(),
    ];
    for error in codes {
        assert_eq!(error.code(), ResultCode::InvalidParam, "{error}");
        assert!(error.to_string().contains(&format!("{raw:#010x}")), "{error}");
    }
    let status = sockets.connection_real_time_status(connection).unwrap_err();
    assert_eq!(status.code(), ResultCode::NoConnection);
}

#[test]
fn stale_and_invented_handles_are_refused_everywhere() {
    let pair = Pair::new();
    let stale = pair.connected;
    pair.client.close_connection(stale, 0, "", false).unwrap();
    for raw in [stale.raw(), 0, u32::MAX, stale.raw() + 1, pair.listen.raw(), 0x4000_0000, 0xC000_0000] {
        refused_everywhere(&pair.client, raw);
    }
    let group = pair.server.create_poll_group().unwrap();
    refused_everywhere(&pair.server, group.raw());
    refused_everywhere(&pair.server, pair.listen.raw());
    for raw in [0, pair.accepted.raw(), group.raw(), pair.listen.raw() + 0x1_0000] {
        let listen = ListenSocket::from_raw(raw);
        assert_eq!(pair.server.close_listen_socket(listen).unwrap_err().code(), ResultCode::InvalidParam);
        assert_eq!(pair.server.listen_socket_address(listen).unwrap_err().code(), ResultCode::InvalidParam);
    }
    for raw in [0, pair.accepted.raw(), pair.listen.raw(), group.raw() + 1] {
        let other = PollGroup::from_raw(raw);
        assert_eq!(pair.server.destroy_poll_group(other).unwrap_err().code(), ResultCode::InvalidParam);
        assert!(pair.server.receive_messages_on_poll_group(other, 1).is_err());
        assert!(pair.server.set_connection_poll_group(pair.accepted, Some(other)).is_err());
    }
}

#[test]
fn accepting_needs_an_incoming_connection_that_waits() {
    let pair = Pair::new();
    assert_eq!(pair.client.accept_connection(pair.connected).unwrap_err().code(), ResultCode::InvalidState);
    let begun = pair.client.connect_by_ip_address(pair.address, &[]).unwrap();
    assert_eq!(pair.client.accept_connection(begun).unwrap_err().code(), ResultCode::InvalidParam);
    assert_eq!(pair.server.accept_connection(pair.accepted).unwrap_err().code(), ResultCode::InvalidState);
}

#[test]
fn an_oversized_message_changes_nothing() {
    let pair = Pair::new();
    let error = pair.client.send_message_to_connection(pair.connected, &vec![0; 524_289], SendFlags::RELIABLE);
    let error = error.unwrap_err();
    assert_eq!(error.code(), ResultCode::InvalidParam);
    assert!(error.to_string().contains("524289") && error.to_string().contains("524288"), "{error}");
    assert_eq!(pair.client.send_message_to_connection(pair.connected, b"ok", SendFlags::RELIABLE), Ok(1));
    assert_eq!(receive(&pair.server, pair.accepted, 1)[0].payload, b"ok"[..]);
}

#[test]
fn a_connection_closed_by_its_peer_takes_no_more() {
    let pair = Pair::new();
    pair.client.send_message_to_connection(pair.connected, b"last", SendFlags::RELIABLE).unwrap();
    pair.client.close_connection(pair.connected, 1100, "done", true).unwrap();
    wait_for(&pair.server, ConnectionState::ClosedByPeer);
    let send = pair.server.send_message_to_connection(pair.accepted, b"x", SendFlags::RELIABLE).unwrap_err();
    assert_eq!(send.code(), ResultCode::NoConnection);
    let flush = pair.server.flush_messages_on_connection(pair.accepted).unwrap_err();
    assert_eq!(flush.code(), ResultCode::NoConnection);
    assert_eq!(receive(&pair.server, pair.accepted, 1)[0].payload, b"last"[..]);
    let wait = pair.server.wait_messages(pair.accepted, common::LIMIT).unwrap_err();
    assert_eq!(wait, Error::ConnectionEnded { reason: 1100, debug: "done".into() });
}

#[test]
fn a_port_in_use_is_named() {
    let sockets = Sockets::anonymous().unwrap();
    let listen = sockets.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &[]).unwrap();
    let address = sockets.listen_socket_address(listen).unwrap();
    let error = sockets.create_listen_socket_ip(address, &[]).unwrap_err();
    assert_eq!(error, Error::AddressInUse { address });
    assert!(error.to_string().contains(&address.port().to_string()), "{error}");
    assert_eq!(error.code(), ResultCode::Fail);
    let foreign = "192.0.2.1:5000".parse().unwrap();
    let error = sockets.create_listen_socket_ip(foreign, &[]).unwrap_err();
    assert!(error.to_string().contains("192.0.2.1:5000"), "{error}");
}

#[test]
fn addresses_that_lead_nowhere_are_refused() {
    let sockets = Sockets::anonymous().unwrap();
    for text in ["", "localhost", "127.0.0.1", "127.0.0.1:70000", "[::1:5"] {
        let error = parse_address(text).unwrap_err();
        assert_eq!(error.code(), ResultCode::InvalidParam);
        assert!(error.to_string().contains(&format!("\"{text}\"")), "{error}");
    }
    for text in ["127.0.0.1:0", "0.0.0.0:5000", "[::]:5000", "224.0.0.1:5000"] {
        let error = sockets.connect_by_ip_address(parse_address(text).unwrap(), &[]).unwrap_err();
        assert_eq!(error.code(), ResultCode::InvalidParam);
        assert!(error.to_string().contains(text), "{error}");
    }
    assert_eq!(sockets.poll_event(), None);
}

#[test]
fn bad_options_are_refused_before_anything_happens() {
    let sockets = Sockets::anonymous().unwrap();
    let address = "127.0.0.1:0".parse().unwrap();
    let entries = [ConfigEntry::new(ConfigValue::NAGLE_TIME, "soon"), ConfigEntry::new(ConfigValue(4_711), 1)];
    for entry in entries {
        let error = sockets.create_listen_socket_ip(address, std::slice::from_ref(&entry)).unwrap_err();
        assert_eq!(error.code(), ResultCode::InvalidParam);
        assert!(error.to_string().contains(&entry.option.0.to_string()), "{error}");
        assert!(Sockets::builder().option(entry).build().is_err());
    }
}
