//! Routing, and what an endpoint makes of abuse.

use core::time::Duration;

use super::*;
use crate::handshake::ClientHandshake;

const NOW: Timestamp = Timestamp::from_micros(5_000_000);
const CLIENT_ID: u32 = 0x1122_3344;

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn home() -> SocketAddr {
    address("10.0.0.1:4000")
}

/// An endpoint, the connections it made, and the last reply.
struct Server {
    endpoint: Endpoint<usize>,
    connections: Vec<Connection>,
    reply: Vec<u8>,
}

impl Server {
    fn new() -> Self {
        Self::with_config(ConnectionConfig::default())
    }

    fn with_config(config: ConnectionConfig) -> Self {
        let endpoint = Endpoint::listen(ListenParams {
            identity: "str:server".parse().unwrap(),
            config,
            seed: [3; 32],
            unix_seconds_at_zero: 1_800_000_000,
        });
        Self { endpoint, connections: Vec::new(), reply: vec![1, 2, 3] }
    }

    /// A short word for what happened.
    fn receive(&mut self, now: Timestamp, from: SocketAddr, datagram: &[u8]) -> &'static str {
        let incoming = self.endpoint.handle_datagram(now, from, datagram, &mut self.reply, || 0x5566_7788);
        if !matches!(incoming, Incoming::Reply) {
            assert!(self.reply.is_empty());
        }
        match incoming {
            Incoming::Connection(_) => "routed",
            Incoming::Dropped => "dropped",
            Incoming::Reply => "reply",
            Incoming::New(connection) => {
                self.endpoint.insert(&connection, self.connections.len());
                self.connections.push(*connection);
                "new"
            }
        }
    }

    fn replied(&self) -> ControlPacket {
        ControlPacket::decode(&self.reply).unwrap()
    }

    fn challenge(&mut self, now: Timestamp, from: SocketAddr, client: &mut ClientHandshake) -> ConnectRequest {
        assert_eq!(self.receive(now, from, &encode(&client.challenge_request(now))), "reply");
        let ControlPacket::ChallengeReply(reply) = self.replied() else { panic!("replied with {:?}", self.replied()) };
        match client.on_challenge_reply(&reply, now, None).unwrap() {
            (ControlPacket::ConnectRequest(request), _) => *request,
            (other, _) => panic!("answered with {other:?}"),
        }
    }
}

fn client(identity: &str, connection_id: u32) -> ClientHandshake {
    let identity = identity.parse().unwrap();
    let config = ConnectionConfig::default();
    ClientHandshake::new(identity, &config, [4; 32], connection_id, Arc::default())
}

fn encode(packet: &ControlPacket) -> Vec<u8> {
    let mut out = Vec::new();
    packet.encode(&mut out);
    out
}

fn encode_request(request: &ConnectRequest) -> Vec<u8> {
    encode(&ControlPacket::ConnectRequest(Box::new(request.clone())))
}

#[test]
fn a_client_gets_in() {
    let mut server = Server::new();
    let request = server.challenge(NOW, home(), &mut client("str:alice", CLIENT_ID));
    assert_eq!(server.reply.len(), 26);
    assert_eq!(server.endpoint.connection_count(), 0);
    let datagram = encode_request(&request);
    assert_eq!(server.receive(NOW, home(), &datagram), "new");
    let connection = &server.connections[0];
    assert_eq!(connection.remote_address(), home());
    assert_eq!(connection.remote_identity().unwrap().to_string(), "str:alice");
    assert_eq!(connection.remote_connection_id(), CLIENT_ID);

    // From now on everything from there is the connection's.
    for datagram in [&datagram[..], &[0x80; 40], &[1]] {
        assert_eq!(server.receive(NOW, home(), datagram), "routed");
    }
    assert_eq!(server.endpoint.route(home()), Some(0));
    assert_eq!(server.endpoint.route(address("10.0.0.1:4001")), None);
    server.endpoint.remove(home());
    assert_eq!(server.endpoint.route(home()), None);
    // The same request, while its challenge is fresh, is good for another connection.
    assert_eq!(server.receive(NOW, home(), &datagram), "new");
    assert_eq!(server.endpoint.stats().connections, 2);
    assert_eq!(server.endpoint.stats().dropped(), 0);
}

#[test]
fn mapped_addresses_are_ipv4_addresses() {
    let mut server = Server::new();
    let mapped = address("[::ffff:10.0.0.1]:4000");
    let request = server.challenge(NOW, mapped, &mut client("ip:::1", CLIENT_ID));
    assert_eq!(server.receive(NOW, mapped, &encode_request(&request)), "new");
    assert_eq!(server.connections[0].remote_address(), home());
    assert_eq!(server.connections[0].remote_identity().unwrap().to_string(), "ip:10.0.0.1:4000");
    assert_eq!(server.endpoint.route(home()), Some(0));
    assert_eq!(server.endpoint.route(mapped), Some(0));
    server.endpoint.remove(mapped);
    assert_eq!(server.endpoint.connection_count(), 0);
}

#[test]
fn the_flow_label_of_ipv6_does_not_matter_and_the_scope_does() {
    let at = |flow, scope| SocketAddrV6::new("fe80::1".parse().unwrap(), 4000, flow, scope).into();
    let mut server = Server::new();
    let request = server.challenge(NOW, at(1, 2), &mut client("str:alice", CLIENT_ID));
    assert_eq!(server.receive(NOW, at(3, 2), &encode_request(&request)), "new");
    assert_eq!(server.endpoint.route(at(9, 2)), Some(0));
    assert_eq!(server.endpoint.route(at(1, 3)), None);
}

#[test]
fn a_challenge_is_answered_whatever_the_version() {
    let mut server = Server::new();
    for (my_timestamp, protocol_version) in [(Some(9), Some(0)), (None, Some(7)), (None, None)] {
        let connection_id = Some(CLIENT_ID);
        let request = ChallengeRequest { connection_id, my_timestamp, protocol_version };
        let datagram = encode(&ControlPacket::ChallengeRequest(request));
        assert_eq!(server.receive(NOW, home(), &datagram), "reply");
        let ControlPacket::ChallengeReply(reply) = server.replied() else { panic!() };
        assert_eq!(reply.connection_id, connection_id);
        assert_eq!(reply.your_timestamp, Some(my_timestamp.unwrap_or(0)));
        assert_eq!(reply.protocol_version, Some(13));
        assert_eq!(server.reply.len(), 26);
    }
    for connection_id in [None, Some(0)] {
        let request = ChallengeRequest { connection_id, my_timestamp: Some(1), ..Default::default() };
        let datagram = encode(&ControlPacket::ChallengeRequest(request));
        assert_eq!(server.receive(NOW, home(), &datagram), "dropped");
    }
}

#[test]
fn spoofed_and_old_challenges() {
    let mut server = Server::new();
    let request = server.challenge(NOW, home(), &mut client("str:alice", CLIENT_ID));
    let datagram = encode_request(&request);
    for elsewhere in ["10.0.0.1:4001", "10.0.0.2:4000", "[::1]:4000"] {
        assert_eq!(server.receive(NOW, address(elsewhere), &datagram), "dropped");
    }
    for challenge in [None, Some(0), Some(request.challenge.unwrap() ^ 1 << 40)] {
        let forged = ConnectRequest { challenge, ..request.clone() };
        assert_eq!(server.receive(NOW, home(), &encode_request(&forged)), "dropped");
    }
    let later = |secs| NOW + Duration::from_secs(secs);
    assert_eq!(server.receive(later(5), home(), &datagram), "dropped");
    assert_eq!(server.endpoint.stats().dropped_challenge, 7);
    assert_eq!(server.endpoint.stats().dropped(), 7);
    assert_eq!(server.receive(later(3), home(), &datagram), "new");
}

#[test]
fn the_challenge_is_checked_before_anything_costly() {
    let mut server = Server::new();
    let request = server.challenge(NOW, home(), &mut client("str:alice", CLIENT_ID));
    let bad = ConnectRequest { cert: None, challenge: Some(1), ..request };
    assert_eq!(server.receive(NOW, home(), &encode_request(&bad)), "dropped");
    assert_eq!(server.endpoint.stats().dropped_challenge, 1);
}

#[test]
fn what_a_verified_address_can_do_wrong() {
    let mut server = Server::new();
    let good = server.challenge(NOW, home(), &mut client("str:alice", CLIENT_ID));
    let mut wrong_signature = good.clone();
    let crypt = wrong_signature.crypt.as_mut().unwrap();
    crypt.signature = Some(vec![0; 64].into());
    let requests = [
        ConnectRequest { client_connection_id: None, ..good.clone() },
        ConnectRequest { client_connection_id: Some(0), ..good.clone() },
        ConnectRequest { cert: None, ..good.clone() },
        ConnectRequest { crypt: None, ..good.clone() },
        wrong_signature,
    ];
    for request in requests {
        assert_eq!(server.receive(NOW, home(), &encode_request(&request)), "dropped");
    }
    assert_eq!(server.endpoint.stats().dropped_identity, 2);
    assert_eq!(server.endpoint.stats().dropped_credentials, 3);
    // Any one byte changed, and any part cut off: never a panic, and what is signed must be as it was.
    let datagram = encode_request(&good);
    let crypt = good.crypt.unwrap();
    let signed = [crypt.info.unwrap(), crypt.signature.unwrap()].map(|part| {
        let start = datagram.windows(part.len()).position(|window| window == part).unwrap();
        start..start + part.len()
    });
    for at in 0..datagram.len() {
        let mut changed = datagram.clone();
        changed[at] ^= 0x41;
        if server.receive(NOW, home(), &changed) == "new" {
            assert!(!signed.iter().any(|range| range.contains(&at)), "byte {at}");
            server.endpoint.remove(home());
        }
        assert!(server.receive(NOW, home(), &datagram[..at]) == "dropped", "{at} bytes");
    }
}

#[test]
fn a_listener_that_requires_authentication() {
    let config =
        ConnectionConfig { ip_allow_without_auth: 0, ip_local_host_allow_without_auth: 0, ..Default::default() };
    let mut server = Server::with_config(config);
    let request = server.challenge(NOW, home(), &mut client("str:alice", CLIENT_ID));
    assert_eq!(server.receive(NOW, home(), &encode_request(&request)), "dropped");
    let anonymous = server.challenge(NOW, home(), &mut client("ip:::1", CLIENT_ID));
    let note = server.endpoint.take_note().expect("a line").to_string();
    assert!(note.contains("10.0.0.1:4000") && note.contains("is not signed"), "{note}");
    assert_eq!(server.receive(NOW, home(), &encode_request(&anonymous)), "dropped");
    assert_eq!(server.endpoint.take_note(), None, "one a second");
    assert_eq!(server.endpoint.stats().dropped_credentials, 1);
    assert_eq!(server.endpoint.stats().dropped_identity, 1);
    server.endpoint.set_config(ConnectionConfig::default());
    assert_eq!(server.receive(NOW, home(), &encode_request(&request)), "new");
}

#[test]
fn one_connection_per_identity_and_connection_id() {
    let mut server = Server::new();
    let elsewhere = address("10.0.0.1:4001");
    let request = server.challenge(NOW, home(), &mut client("str:alice", CLIENT_ID));
    assert_eq!(server.receive(NOW, home(), &encode_request(&request)), "new");
    let again = server.challenge(NOW, elsewhere, &mut client("str:alice", CLIENT_ID));
    assert_eq!(server.receive(NOW, elsewhere, &encode_request(&again)), "reply");
    let ControlPacket::ConnectionClosed(closed) = server.replied() else { panic!() };
    assert_eq!(closed.reason_code, Some(5001));
    assert_eq!(closed.to_connection_id, Some(CLIENT_ID));
    assert_eq!(closed.from_connection_id, None);
    // Another connection of the same player, and another player with the same number.
    let other = server.challenge(NOW, elsewhere, &mut client("str:alice", CLIENT_ID + 1));
    assert_eq!(server.receive(NOW, elsewhere, &encode_request(&other)), "new");
    let third = address("10.0.0.1:4002");
    let bob = server.challenge(NOW, third, &mut client("str:bob", CLIENT_ID));
    assert_eq!(server.receive(NOW, third, &encode_request(&bob)), "new");
    // Once the first is gone, its place is free.
    server.endpoint.remove(home());
    let fourth = address("10.0.0.1:4003");
    let back = server.challenge(NOW, fourth, &mut client("str:alice", CLIENT_ID));
    assert_eq!(server.receive(NOW, fourth, &encode_request(&back)), "new");
    assert_eq!(server.endpoint.connection_count(), 3);
}

#[test]
fn closing_what_does_not_exist() {
    let mut server = Server::new();
    let ids = [(Some(1), Some(2)), (None, Some(2)), (Some(1), None), (None, None)];
    for (to_connection_id, from_connection_id) in ids {
        let closed = ConnectionClosed { to_connection_id, from_connection_id, ..Default::default() };
        let mut datagram = encode(&ControlPacket::ConnectionClosed(closed));
        if to_connection_id.is_none() && from_connection_id.is_none() {
            // An empty message is not allowed, so that one has a reason.
            datagram = encode(&ControlPacket::ConnectionClosed(ConnectionClosed {
                reason_code: Some(1000),
                ..Default::default()
            }));
        }
        assert_eq!(server.receive(NOW, home(), &datagram), "reply");
        let expected = ControlPacket::NoConnection(NoConnection {
            from_connection_id: to_connection_id,
            to_connection_id: from_connection_id,
        });
        assert_eq!(server.reply, encode(&expected));
        assert!(server.reply.len() <= 11);
    }
    assert_eq!(server.endpoint.stats().no_connections, 4);
}

#[test]
fn strays_are_counted_by_cause() {
    let mut server = Server::new();
    let padded = |len| {
        let mut datagram = encode(&client("str:alice", CLIENT_ID).challenge_request(NOW));
        datagram.resize(len, 0);
        datagram
    };
    let stray = [
        encode(&ControlPacket::NoConnection(NoConnection { from_connection_id: Some(1), to_connection_id: Some(2) })),
        encode(&ControlPacket::ChallengeReply(ChallengeReply { connection_id: Some(CLIENT_ID), ..Default::default() })),
        vec![0x80; 100],
    ];
    for datagram in &stray {
        assert_eq!(server.receive(NOW, home(), datagram), "dropped");
    }
    assert_eq!(server.endpoint.stats().dropped_stray, 3);
    for datagram in [vec![], vec![0x20; 4], padded(511), vec![0x24; 511], vec![0x22, 0xff, 0xff, 0xff, 0xff]] {
        assert_eq!(server.receive(NOW, home(), &datagram), "dropped");
    }
    assert_eq!(server.endpoint.stats().dropped_malformed, 5);
    assert_eq!(server.receive(NOW, home(), &[0xff; 20]), "dropped");
    assert_eq!(server.endpoint.stats().dropped_discovery, 1);
    assert_eq!(server.receive(NOW, home(), &[0x26; 20]), "dropped");
    assert_eq!(server.endpoint.stats().dropped_unknown, 1);
    assert_eq!(server.endpoint.stats().dropped(), 10);
    assert_eq!(server.endpoint.stats().datagrams, 10);
    for len in [512, 513, 1300, 1400] {
        assert_eq!(server.receive(NOW, home(), &padded(len)), "reply");
    }
}

#[test]
fn a_flood_of_garbage_leaves_nothing_behind() {
    let mut server = Server::new();
    let mut rng = ChaCha12Rng::from_seed([5; 32]);
    let mut buffer = [0; 1400];
    let mut request = server.challenge(NOW, home(), &mut client("str:alice", CLIENT_ID));
    request.challenge = Some(1);
    let templates = [encode(&client("str:alice", CLIENT_ID).challenge_request(NOW)), encode_request(&request), vec![]];
    for round in 0..100_000_u32 {
        rng.fill_bytes(&mut buffer[..16]);
        let len = usize::from(u16::from_le_bytes([buffer[0], buffer[1]])) % buffer.len();
        let from = SocketAddr::from(([10, buffer[2], buffer[3], buffer[4]], 4000));
        let template = &templates[round as usize % templates.len()];
        let datagram = if template.is_empty() {
            rng.fill_bytes(&mut buffer[..len]);
            // Every other one with a first byte that means something.
            if round % 2 == 0 && len > 0 {
                buffer[0] = 0x20 + buffer[0] % 6;
            }
            &buffer[..len]
        } else {
            let at = len % template.len();
            buffer[16..16 + template.len()].copy_from_slice(template);
            buffer[16 + at] ^= buffer[5];
            &buffer[16..16 + template.len()]
        };
        let what = server.receive(NOW, from, datagram);
        assert!(what == "dropped" || what == "reply", "{what}");
        assert!(server.reply.len() <= datagram.len());
    }
    let stats = *server.endpoint.stats();
    assert_eq!(stats.datagrams, 100_001);
    assert_eq!(stats.connections + stats.duplicates, 0);
    assert_eq!(stats.dropped() + stats.challenges + stats.no_connections, 100_001);
    assert!(stats.dropped_challenge > 10_000 && stats.dropped_malformed > 10_000);
    assert!(stats.challenges > 10_000);
    assert_eq!(server.endpoint.routes.capacity() + server.endpoint.clients.capacity(), 0);
    assert!(server.reply.capacity() < 2048);
}

#[test]
fn where_a_connection_has_ended_another_client_may_begin() {
    let mut server = Server::new();
    let mut old = client("str:alice", CLIENT_ID);
    let old_request = encode_request(&server.challenge(NOW, home(), &mut old));
    assert_eq!(server.receive(NOW, home(), &old_request), "new");
    let mut fresh = client("str:alice", CLIENT_ID + 1);
    let knock = encode(&fresh.challenge_request(NOW));
    let stranger = server.challenge(NOW, home(), &mut client("str:bob", CLIENT_ID + 2));
    assert_eq!(server.receive(NOW, home(), &encode_request(&stranger)), "dropped", "somebody else lives here");
    assert_eq!(server.endpoint.stats().dropped_occupied, 1);

    server.endpoint.note_end(home());
    assert_eq!(server.receive(NOW, home(), &old_request), "routed", "a late copy does not begin it anew");
    assert_eq!(server.receive(NOW, home(), &encode(&old.challenge_request(NOW))), "routed");
    assert_eq!(server.receive(NOW, home(), &[0x80; 40]), "routed", "stragglers are still answered");
    let request = server.challenge(NOW, home(), &mut fresh);
    assert_eq!(server.endpoint.route(home()), Some(0), "nothing was proved yet");
    assert_eq!(server.receive(NOW, home(), &encode_request(&request)), "new");
    assert_eq!(server.endpoint.route(home()), Some(1));
    assert_eq!(server.receive(NOW, home(), &knock), "routed", "that is the new one itself");
    assert_eq!(server.endpoint.connection_count(), 1);
}

#[test]
fn a_client_that_was_killed_takes_its_own_place() {
    let mut server = Server::new();
    let first = server.challenge(NOW, home(), &mut client("str:alice", CLIENT_ID));
    assert_eq!(server.receive(NOW, home(), &encode_request(&first)), "new");
    let mut back = client("str:alice", CLIENT_ID + 1);
    assert_eq!(server.receive(NOW, home(), &encode(&back.challenge_request(NOW))), "reply");
    let mut request = server.challenge(NOW, home(), &mut back);
    let unproved = ConnectRequest { challenge: Some(5), ..request.clone() };
    assert_eq!(server.receive(NOW, home(), &encode_request(&unproved)), "dropped", "whoever does not receive there");
    assert_eq!(server.endpoint.route(home()), Some(0));
    assert_eq!(server.receive(NOW, home(), &encode_request(&request)), "new");
    assert_eq!(server.endpoint.route(home()), Some(1));
    assert_eq!(server.endpoint.connection_count(), 1);
    request.client_connection_id = Some(CLIENT_ID);
    assert_eq!(server.receive(NOW, home(), &encode_request(&request)), "new", "its old number is free again");
}

#[test]
fn a_duplicate_is_answered_with_three_bytes_for_one_at_most() {
    let mut server = Server::new();
    let request = server.challenge(NOW, home(), &mut client("str:alice", CLIENT_ID));
    assert_eq!(server.receive(NOW, home(), &encode_request(&request)), "new");
    let elsewhere = address("10.0.0.1:4001");
    let mut again = server.challenge(NOW, elsewhere, &mut client("str:alice", CLIENT_ID));
    assert_eq!(server.receive(NOW, elsewhere, &encode_request(&again)), "reply");
    assert!(server.reply.len() <= 3 * encode_request(&again).len());
    // The duplicate is found before anything is checked that is left out here.
    again.crypt = None;
    assert!(3 * encode_request(&again).len() < 512);
    assert_eq!(server.receive(NOW, elsewhere, &encode_request(&again)), "dropped");
}

#[test]
fn who_is_let_in_unauthenticated_is_told_and_what_is_refused() {
    let mut server = Server::with_config(ConnectionConfig { ip_allow_without_auth: 1, ..Default::default() });
    let evil = server.challenge(NOW, home(), &mut client("foo:a\nb", CLIENT_ID));
    assert_eq!(server.receive(NOW, home(), &encode_request(&evil)), "new");
    let note = server.endpoint.take_note().expect("a line");
    assert!(matches!(note, Note::Unauthenticated { is_complaint: true, others: 0, .. }), "{note:?}");
    assert_eq!(note.to_string(), "foo:a\\nb at 10.0.0.1:4000 is not authenticated, which IP_AllowWithoutAuth allows");
    // Latin-1, as GNS would take it: in the certificate, and in the request.
    let elsewhere = address("10.0.0.1:4001");
    let request = server.challenge(NOW, elsewhere, &mut client("str:andre", CLIENT_ID));
    let latin = |bytes: &[u8]| {
        let at = bytes.windows(9).position(|window| window == b"str:andre").expect("its name");
        let mut bytes = bytes.to_vec();
        bytes[at + 8] = 0xe9;
        bytes
    };
    let mut in_cert = request.clone();
    let cert = in_cert.cert.as_mut().unwrap();
    cert.cert = Some(latin(&cert.cert.take().unwrap()).into());
    assert_eq!(server.receive(NOW, elsewhere, &encode_request(&in_cert)), "dropped");
    assert_eq!(server.endpoint.stats().dropped_identity, 1);
    let note = server.endpoint.take_note().expect("a line").to_string();
    assert!(note.contains("not UTF-8"), "{note}");
    let named = ConnectRequest { identity_string: Some("str:andre".into()), cert: None, ..request };
    let later = NOW + Duration::from_secs(1);
    assert_eq!(server.receive(later, elsewhere, &latin(&encode_request(&named))), "dropped");
    assert_eq!(server.endpoint.stats().dropped_malformed, 1);
    let note = server.endpoint.take_note().expect("a line").to_string();
    assert!(note.contains("identity_string") && note.contains("UTF-8"), "{note}");
}

#[test]
fn a_flood_of_bad_signatures_costs_next_to_nothing_and_keeps_nobody_out() {
    let mut server = Server::new();
    let mut bad = server.challenge(NOW, home(), &mut client("str:mallory", CLIENT_ID));
    bad.crypt.as_mut().unwrap().signature = Some(vec![7; 64].into());
    let bad = encode_request(&bad);
    // 50,000 in a second, from one address.
    for step in 0..50_000u32 {
        let now = NOW + Duration::from_micros(20) * step;
        assert_eq!(server.receive(now, home(), &bad), "dropped");
        if step % 10_000 == 9_999 {
            let from = address(&format!("10.0.1.{}:4000", step / 10_000));
            let honest = server.challenge(now, from, &mut client(&format!("str:{step}"), CLIENT_ID));
            assert_eq!(server.receive(now, from, &encode_request(&honest)), "new");
            server.endpoint.remove(from);
        }
    }
    let stats = server.endpoint.stats();
    assert_eq!(stats.connections, 5);
    assert!(stats.checks <= 5 + 30, "{} signatures were checked", stats.checks);
    assert_eq!(stats.dropped_budget + stats.checks, 50_005);
}
