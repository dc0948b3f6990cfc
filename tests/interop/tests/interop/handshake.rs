//! Connecting, accepting, refusing; addresses; ciphers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use crate::Scenario;
use crate::pair::{Link, Pair, Side, assert_arrived, free_address, reliable, result, state};
use crate::peer::int32;

pub(crate) const SCENARIOS: &[(&str, Scenario)] = &[
    ("accept", accept),
    ("accept_twice", accept_twice),
    ("refuse", refuse),
    ("nobody_accepts", nobody_accepts),
    ("nobody_listens", nobody_listens),
    ("server_appears_late", server_appears_late),
    ("reconnect", reconnect),
    ("several_clients_of_one_process", several_clients_of_one_process),
    ("ipv6", ipv6),
    ("dual_stack", dual_stack),
    ("ciphers", ciphers),
];

/// `TimeoutInitial`, ms.
const TIMEOUT_INITIAL: i32 = 24;
/// `Unencrypted`, 0 to 3.
const UNENCRYPTED: i32 = 34;
/// `k_nSteamNetworkConnectionInfoFlags_Unauthenticated`.
const FLAG_UNAUTHENTICATED: i32 = 1;
/// `k_nSteamNetworkConnectionInfoFlags_Unencrypted`.
const FLAG_UNENCRYPTED: i32 = 2;
/// `k_nSteamNetworkConnectionInfoFlags_Fast`.
const FLAG_FAST: i32 = 8;
/// `k_ESteamNetConnectionEnd_Remote_BadCrypt`.
const BAD_CRYPT: i32 = 4002;
/// `k_ESteamNetConnectionEnd_Misc_Timeout`.
const TIMEOUT: i32 = 5003;

/// Both ends become connected, and know who the other is.
fn accept(pair: &mut Pair) {
    let (socket, address) = pair.listen(&[]);
    let link = pair.connect_to(address, &[]);
    let identities = Side::BOTH.map(|side| pair.at(side).identity().to_owned());
    let server = pair.at(Side::Server).info(link.server).expect("info").expect("exists");
    let client = pair.at(Side::Client).info(link.client).expect("info").expect("exists");
    assert_eq!((server.state, client.state), (state::CONNECTED, state::CONNECTED));
    assert_eq!([client.remote_identity, server.remote_identity], identities);
    assert_eq!(client.remote_address, address);
    assert_eq!(server.remote_address.ip(), address.ip());
    assert_eq!((server.listen_socket, client.listen_socket), (socket, 0));
    let flags = FLAG_UNAUTHENTICATED | FLAG_FAST;
    assert_eq!((server.flags, client.flags), (flags, flags));
}

/// Only an incoming connection that nobody answered can be accepted.
fn accept_twice(pair: &mut Pair) {
    let (_, address) = pair.listen(&[]);
    let link = pair.request(address, &[]);
    assert_eq!(pair.at(Side::Client).accept(link.client).expect("accept"), result::INVALID_PARAM);
    assert_eq!(pair.at(Side::Server).accept(0).expect("accept"), result::INVALID_PARAM);
    assert_eq!(pair.at(Side::Server).accept(link.server).expect("accept"), result::OK);
    assert_eq!(pair.at(Side::Server).accept(link.server).expect("accept"), result::INVALID_STATE);
    for side in Side::BOTH {
        pair.wait_for_state(side, link.at(side), state::CONNECTED);
    }
    exchange(pair, link);
}

/// The server's reason and text reach a client that it does not want.
fn refuse(pair: &mut Pair) {
    let (_, address) = pair.listen(&[]);
    let link = pair.request(address, &[]);
    let closed = pair.at(Side::Server).close(link.server, 1234, "the server is full", false);
    assert_eq!(closed.expect("close"), result::OK);
    let info = pair.wait_for_state(Side::Client, link.client, state::CLOSED_BY_PEER);
    assert_eq!((info.end_reason, info.end_debug.as_str()), (1234, "the server is full"));
}

/// A server that does not answer within its `TimeoutInitial` loses the connection, and so does its client.
fn nobody_accepts(pair: &mut Pair) {
    let (_, address) = pair.listen(&[int32(TIMEOUT_INITIAL, 1000)]);
    let link = pair.request(address, &[int32(TIMEOUT_INITIAL, 20_000)]);
    let server = pair.wait_for_state(Side::Server, link.server, state::PROBLEM_DETECTED_LOCALLY);
    assert_eq!(server.end_reason, TIMEOUT);
    let client = pair.wait_for_state(Side::Client, link.client, state::CLOSED_BY_PEER);
    assert_eq!(client.end_reason, TIMEOUT);
    let accepted = pair.at(Side::Server).accept(link.server).expect("accept");
    assert_eq!(accepted, result::INVALID_STATE);
}

/// A client gives up by itself where nobody listens.
fn nobody_listens(pair: &mut Pair) {
    let address = free_address(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let options = [int32(TIMEOUT_INITIAL, 1200)];
    let connection = pair.at(Side::Client).connect(address, &options).expect("connect");
    let info = pair.wait_for_state(Side::Client, connection, state::PROBLEM_DETECTED_LOCALLY);
    assert_eq!(info.end_reason, TIMEOUT);
}

/// A client keeps asking, so the server may start after it.
fn server_appears_late(pair: &mut Pair) {
    let address = free_address(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let client = pair.at(Side::Client).connect(address, &[]).expect("connect");
    pair.pass(Duration::from_millis(700));
    pair.at(Side::Server).listen(address, &[]).expect("the port is still free");
    let incoming = pair.wait_for_any(Side::Server, state::CONNECTING);
    assert_eq!(pair.at(Side::Server).accept(incoming).expect("accept"), result::OK);
    let link = Link { server: incoming, client };
    pair.wait_for_state(Side::Client, client, state::CONNECTED);
    pair.wait_for_state(Side::Server, incoming, state::CONNECTED);
    exchange(pair, link);
}

/// The same client connects to the same listen socket again and again; handles are not reused.
fn reconnect(pair: &mut Pair) {
    let (_, address) = pair.listen(&[]);
    let mut handles = Vec::new();
    for round in 0..5 {
        let link = pair.connect_to(address, &[]);
        exchange(pair, link);
        let (closing, other) = if round % 2 == 0 { (Side::Client, Side::Server) } else { (Side::Server, Side::Client) };
        assert_eq!(pair.at(closing).close(link.at(closing), 1000, "again", false).expect("close"), result::OK);
        pair.wait_for_state(other, link.at(other), state::CLOSED_BY_PEER);
        assert_eq!(pair.at(other).close(link.at(other), 0, "", false).expect("close"), result::OK);
        handles.push(link.at(Side::Server));
    }
    handles.sort_unstable();
    handles.dedup();
    assert_eq!(handles.len(), 5);
}

/// Connections between the same two processes do not mix up their messages.
fn several_clients_of_one_process(pair: &mut Pair) {
    let (_, address) = pair.listen(&[]);
    let links: Vec<Link> = (0..8).map(|_| pair.connect_to(address, &[])).collect();
    for (seed, link) in links.iter().enumerate() {
        pair.send(Side::Client, link.client, reliable(300, seed as u64));
    }
    for _ in &links {
        let message = pair.next_message(Side::Server);
        let seed = links.iter().position(|link| link.server == message.connection).expect("a known connection");
        assert_arrived(reliable(300, seed as u64), &message);
    }
}

/// Everything over ::1.
fn ipv6(pair: &mut Pair) {
    let (_, address) = pair.listen_on(IpAddr::V6(Ipv6Addr::LOCALHOST), &[]);
    let link = pair.connect_to(address, &[]);
    let info = pair.at(Side::Server).info(link.server).expect("info").expect("exists");
    assert_eq!(info.remote_address.ip(), address.ip());
    exchange(pair, link);
}

/// A socket on the any-address takes IPv4 and IPv6 clients, and shows IPv4 addresses as such.
fn dual_stack(pair: &mut Pair) {
    let (_, any) = pair.listen_on(IpAddr::V6(Ipv6Addr::UNSPECIFIED), &[]);
    for ip in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
        let link = pair.connect_to(SocketAddr::new(ip, any.port()), &[]);
        let info = pair.at(Side::Server).info(link.server).expect("info").expect("exists");
        assert_eq!(info.remote_address.ip(), ip);
        exchange(pair, link);
    }
}

/// All sixteen combinations of the option `Unencrypted`: two refuse each other, the rest agree as documented.
fn ciphers(pair: &mut Pair) {
    for server in 0..4 {
        let (socket, address) = pair.listen(&[int32(UNENCRYPTED, server)]);
        for client in 0..4 {
            let options = [int32(UNENCRYPTED, client)];
            if matches!((server, client), (0, 3) | (3, 0)) {
                no_common_cipher(pair, address, client);
                continue;
            }
            let encrypted = server == 0 || client == 0 || (server == 1 && client != 3);
            let link = pair.connect_to(address, &options);
            for side in Side::BOTH {
                let info = pair.at(side).info(link.at(side)).expect("info").expect("exists");
                let what = format!("{side:?} with server {server} and client {client}");
                assert_eq!(info.flags & FLAG_UNENCRYPTED == 0, encrypted, "{what}");
            }
            exchange(pair, link);
            assert_eq!(pair.at(Side::Client).close(link.client, 0, "", false).expect("close"), result::OK);
            pair.wait_for_state(Side::Server, link.server, state::CLOSED_BY_PEER);
        }
        assert_eq!(pair.at(Side::Server).close_listen_socket(socket).expect("close"), result::OK);
    }
}

/// The server finds out when it accepts, and tells the client.
fn no_common_cipher(pair: &mut Pair, address: SocketAddr, unencrypted: i32) {
    let link = pair.request(address, &[int32(UNENCRYPTED, unencrypted)]);
    assert_eq!(pair.at(Side::Server).accept(link.server).expect("accept"), result::HANDSHAKE_FAILED);
    let server = pair.wait_for_state(Side::Server, link.server, state::PROBLEM_DETECTED_LOCALLY);
    let client = pair.wait_for_state(Side::Client, link.client, state::CLOSED_BY_PEER);
    assert_eq!((server.end_reason, client.end_reason), (BAD_CRYPT, BAD_CRYPT));
}

/// One reliable message each way.
fn exchange(pair: &mut Pair, link: Link) {
    for side in Side::BOTH {
        let message = reliable(1000, 77);
        pair.send(side, link.at(side), message);
        assert_arrived(message, &pair.next_message(side.other()));
    }
}
