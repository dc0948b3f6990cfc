//! Attacks on the handshake: challenges, versions, signatures, malformed requests.

use core::time::Duration;
use std::net::SocketAddr;

use bytes::Bytes;
use gamesockets_proto::ConnectionConfig;
use gamesockets_proto::wire::{ConnectRequest, ControlPacket, SessionCryptInfo, SessionCryptInfoSigned};
use gamesockets_schema::{ConnectionEnd, ConnectionState, SendFlags};
use gamesockets_tests::sim::node::Notice;
use gamesockets_tests::sim::pair::{CLIENT, SERVER};
use gamesockets_tests::sim::{LinkConfig, Network, Pair, Puppet};
use prost::Message;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const ATTACKER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 66)), 6666);
const CONNECTION_ID: u32 = 0x1234_5678;

/// A network with a server, and a client played by hand.
fn scene() -> (Network, Puppet) {
    let mut network = Network::new(1, LinkConfig::default());
    network.listen(SERVER, ConnectionConfig::default());
    let puppet = Puppet::new(&mut network, CLIENT, SERVER, CONNECTION_ID);
    (network, puppet)
}

/// Sends a datagram to the server; answers whether it led to a new connection, and what came back.
fn tell(network: &mut Network, from: SocketAddr, datagram: Vec<u8>) -> (bool, Vec<Vec<u8>>) {
    network.open_mailbox(from);
    network.take_mail(from);
    network.take_notices();
    network.inject(from, SERVER, datagram);
    network.run_for(MS);
    let incoming = network.take_notices().iter().any(|(_, _, notice)| *notice == Notice::Incoming);
    (incoming, network.take_mail(from))
}

/// Nothing happened and nothing was said.
const SILENCE: (bool, Vec<Vec<u8>>) = (false, Vec::new());

/// A good ConnectRequest, changed.
fn changed_request(puppet: &mut Puppet, network: &mut Network, change: impl FnOnce(&mut ConnectRequest)) -> Vec<u8> {
    let request = puppet.connect_request(network);
    let Ok(ControlPacket::ConnectRequest(mut request)) = ControlPacket::decode(&request) else { panic!("{request:?}") };
    change(&mut request);
    let mut datagram = Vec::new();
    ControlPacket::ConnectRequest(request).encode(&mut datagram);
    datagram
}

/// The crypt info of a request.
fn crypt(request: &ConnectRequest) -> SessionCryptInfo {
    let signed = request.crypt.as_ref().expect("crypt info");
    SessionCryptInfo::decode(signed.info.clone().expect("info")).expect("a SessionCryptInfo")
}

#[test]
fn good_request_is_taken() {
    let (mut network, mut puppet) = scene();
    let request = changed_request(&mut puppet, &mut network, |_| {});
    assert_eq!(tell(&mut network, CLIENT, request), (true, vec![]));
}

#[test]
fn spoofed_challenge_is_ignored() {
    let (mut network, mut puppet) = scene();
    for guess in [0, 1, u64::MAX, 0x0123_4567_89ab_cdef] {
        let request = changed_request(&mut puppet, &mut network, |r| r.challenge = Some(guess));
        assert_eq!(tell(&mut network, CLIENT, request), SILENCE);
    }
    let one_bit = changed_request(&mut puppet, &mut network, |r| r.challenge = r.challenge.map(|c| c ^ 1 << 40));
    assert_eq!(tell(&mut network, CLIENT, one_bit), SILENCE);
    let missing = changed_request(&mut puppet, &mut network, |r| r.challenge = None);
    assert_eq!(tell(&mut network, CLIENT, missing), SILENCE);
}

#[test]
fn challenge_is_bound_to_its_address_and_port() {
    let (mut network, mut puppet) = scene();
    let request = puppet.connect_request(&mut network);
    assert_eq!(tell(&mut network, ATTACKER, request.clone()), SILENCE);
    let next_port = SocketAddr::new(CLIENT.ip(), CLIENT.port() + 1);
    assert_eq!(tell(&mut network, next_port, request.clone()), SILENCE);
    assert!(tell(&mut network, CLIENT, request).0, "from its own address it is good");
}

#[test]
fn challenge_expires_within_seconds() {
    let (mut network, mut puppet) = scene();
    let old = puppet.connect_request(&mut network);
    network.run_for(5 * SECOND);
    assert_eq!(tell(&mut network, CLIENT, old), SILENCE);
    let younger = puppet.connect_request(&mut network);
    network.run_for(2_900 * MS);
    assert!(tell(&mut network, CLIENT, younger).0, "2.9 s old is young enough");
}

#[test]
fn repeated_request_makes_no_second_connection() {
    let (mut network, mut puppet) = scene();
    let request = puppet.connect_request(&mut network);
    assert!(tell(&mut network, CLIENT, request.clone()).0);
    for _ in 0..100 {
        assert_eq!(tell(&mut network, CLIENT, request.clone()), SILENCE, "a repeat before accept");
    }
    assert_eq!(network.live().len(), 1);
}

#[test]
fn same_identity_and_id_from_another_address_is_told_off() {
    let (mut network, mut puppet) = scene();
    let named = |r: &mut ConnectRequest| r.identity_string = Some("str:alice".to_owned());
    let first = changed_request(&mut puppet, &mut network, strip_identity(named));
    assert!(tell(&mut network, CLIENT, first).0);
    let mut twin = Puppet::new(&mut network, ATTACKER, SERVER, CONNECTION_ID);
    let second = changed_request(&mut twin, &mut network, strip_identity(named));
    let (incoming, answers) = tell(&mut network, ATTACKER, second);
    assert!(!incoming);
    let [answer] = &answers[..] else { panic!("{} answers", answers.len()) };
    let Ok(ControlPacket::ConnectionClosed(closed)) = ControlPacket::decode(answer) else { panic!("{answer:?}") };
    assert_eq!((closed.reason_code, closed.to_connection_id), (Some(5001), Some(CONNECTION_ID)));
}

/// Takes the identity out of the (unsigned) certificate, so that the one beside it counts.
fn strip_identity(change: impl Fn(&mut ConnectRequest)) -> impl Fn(&mut ConnectRequest) {
    use gamesockets_proto::wire::Certificate;
    move |request| {
        let signed = request.cert.as_mut().expect("a certificate");
        let mut certificate = Certificate::decode(signed.cert.clone().expect("content")).expect("a certificate");
        certificate.identity_string = None;
        certificate.legacy_identity_binary = None;
        signed.cert = Some(certificate.encode_to_vec().into());
        change(request);
    }
}

#[test]
fn requests_that_are_not_as_they_should_be_are_ignored() {
    type Change = fn(&mut ConnectRequest);
    let cases: &[(&str, Change)] = &[
        ("no connection id", |r| r.client_connection_id = None),
        ("connection id 0", |r| r.client_connection_id = Some(0)),
        ("no certificate", |r| r.cert = None),
        ("an empty certificate", |r| r.cert.as_mut().unwrap().cert = Some(Bytes::new())),
        ("a certificate of garbage", |r| r.cert.as_mut().unwrap().cert = Some(Bytes::from_static(&[0xff; 50]))),
        ("no crypt info", |r| r.crypt = None),
        ("no signature", |r| r.crypt.as_mut().unwrap().signature = None),
        ("a short signature", |r| r.crypt.as_mut().unwrap().signature = Some(Bytes::from_static(&[1; 63]))),
        ("another's signature", |r| r.crypt.as_mut().unwrap().signature = Some(Bytes::from_static(&[1; 64]))),
        ("a changed crypt info", |r| {
            let mut info = crypt(r);
            info.nonce = Some(1);
            r.crypt.as_mut().unwrap().info = Some(info.encode_to_vec().into());
        }),
        ("crypt info of garbage", |r| {
            let info = Some(Bytes::from_static(b"\xff\xff"));
            r.crypt = Some(SessionCryptInfoSigned { info, signature: Some(Bytes::from_static(&[0; 64])) });
        }),
        ("a malformed identity", |r| {
            strip_identity(|_| {})(r);
            r.identity_string = Some("nonsense".to_owned());
        }),
        ("somebody else's address as identity", |r| {
            strip_identity(|_| {})(r);
            r.identity_string = Some("ip:10.1.2.3".to_owned());
        }),
    ];
    for (what, change) in cases {
        let (mut network, mut puppet) = scene();
        let request = changed_request(&mut puppet, &mut network, change);
        assert_eq!(tell(&mut network, CLIENT, request), SILENCE, "{what}");
        assert_eq!(network.live(), [], "{what}");
    }
}

#[test]
fn truncated_and_oversized_requests_are_ignored_or_taken_but_never_harm() {
    let (mut network, mut puppet) = scene();
    let request = puppet.connect_request(&mut network);
    for len in 0..request.len() {
        assert!(!tell(&mut network, CLIENT, request[..len].to_vec()).0, "{len} bytes");
    }
    let challenge = puppet.challenge_request(&network);
    for len in 0..512 {
        assert_eq!(tell(&mut network, CLIENT, challenge[..len].to_vec()), SILENCE, "{len} bytes");
    }
    for len in [512, 513, 1_300, 1_400, 2_324] {
        let mut padded = challenge.clone();
        padded.resize(len, 0xee);
        assert_eq!(tell(&mut network, CLIENT, padded).1.len(), 1, "{len} bytes are answered");
    }
    // The length inside a padded packet.
    for length in [0u16, 510, 511, 0xffff] {
        let mut wrong = challenge.clone();
        wrong[1..3].copy_from_slice(&length.to_le_bytes());
        assert_eq!(tell(&mut network, CLIENT, wrong), SILENCE, "length {length}");
    }
    let mut long = request;
    // An unknown field of protobuf, two kilobytes long: ignored, as every unknown field is.
    long.extend([0xfa, 0x7f, 0xd0, 0x0f]);
    long.extend([0; 2_000]);
    assert!(tell(&mut network, CLIENT, long).0);
}

#[test]
fn challenge_reply_of_an_old_version_ends_the_attempt() {
    for (version, end) in [(Some(7), Some(5001)), (None, Some(5001)), (Some(8), None), (Some(99), None)] {
        let mut network = Network::new(1, LinkConfig::default());
        network.open_mailbox(SERVER);
        let client = network.connect(CLIENT, SERVER, ConnectionConfig::default());
        network.run_for(MS);
        let connection_id = Some(network.connection(client).unwrap().local_connection_id());
        let reply = gamesockets_proto::wire::ChallengeReply {
            connection_id,
            challenge: Some(5),
            your_timestamp: None,
            protocol_version: version,
        };
        let mut datagram = Vec::new();
        ControlPacket::ChallengeReply(reply).encode(&mut datagram);
        network.inject(SERVER, CLIENT, datagram);
        network.run_for(MS);
        let connection = network.connection(client).unwrap();
        let state = if end.is_some() { ConnectionState::ProblemDetectedLocally } else { ConnectionState::Connecting };
        assert_eq!(
            (connection.state(), connection.end_reason()),
            (state, ConnectionEnd(end.unwrap_or(0))),
            "{version:?}"
        );
    }
}

#[test]
fn challenge_replies_for_others_and_repeats_are_harmless() {
    let mut network = Network::new(1, LinkConfig::default());
    network.open_mailbox(SERVER);
    let client = network.connect(CLIENT, SERVER, ConnectionConfig::default());
    network.run_for(MS);
    network.take_mail(SERVER);
    let stranger = gamesockets_proto::wire::ChallengeReply {
        connection_id: Some(0x0bad_0bad),
        challenge: Some(5),
        your_timestamp: None,
        protocol_version: Some(13),
    };
    let mut datagram = Vec::new();
    ControlPacket::ChallengeReply(stranger).encode(&mut datagram);
    network.inject(SERVER, CLIENT, datagram.clone());
    network.inject(ATTACKER, CLIENT, datagram);
    network.run_for(MS);
    assert_eq!(network.take_mail(SERVER), Vec::<Vec<u8>>::new(), "no ConnectRequest for another's challenge");
    assert_eq!(network.state(client), ConnectionState::Connecting);
}

#[test]
fn data_before_accept_is_ignored() {
    let links = LinkConfig::default();
    let mut pair = Pair::connecting(links, &ConnectionConfig::default());
    let server = pair.next_incoming(SECOND).unwrap();
    let id = pair.network.connection(server).unwrap().local_connection_id();
    for len in [7, 8, 30, 500, 1_300] {
        let mut datagram = vec![0x55; len];
        datagram[0] = 0x80;
        datagram[1..5].copy_from_slice(&id.to_le_bytes());
        pair.network.inject(CLIENT, SERVER, datagram);
    }
    pair.network.run_for(MS);
    assert_eq!(pair.network.state(server), ConnectionState::Connecting);
    assert_eq!(pair.network.connection(server).unwrap().readable_messages(), 0);
    pair.network.call(server, |c, now| c.accept(now)).unwrap().unwrap();
    assert!(pair.run_until_state(pair.client, ConnectionState::Connected, SECOND));
    pair.send(pair.client, 10, SendFlags::RELIABLE);
    assert!(pair.run_until_read(server, 1, SECOND));
    pair.finish();
}

#[test]
fn low_order_key_is_refused_at_accept() {
    // A key of zeros makes a shared secret that everybody knows. The signature over it is the attacker's own, and good,
    // so this is found when the connection is accepted.
    use gamesockets_proto::Identity;
    use gamesockets_proto::crypto::LocalCertificate;
    let (mut network, mut puppet) = scene();
    let certificate = LocalCertificate::unsigned(&Identity::localhost(), 0, [9; 32]);
    let request = changed_request(&mut puppet, &mut network, |r| {
        let mut info = crypt(r);
        info.key_data = Some(Bytes::from_static(&[0; 32]));
        let info = info.encode_to_vec();
        let signature = certificate.sign(&info).to_vec();
        r.cert = Some(certificate.wire().clone());
        r.crypt = Some(SessionCryptInfoSigned { info: Some(info.into()), signature: Some(signature.into()) });
    });
    assert!(tell(&mut network, CLIENT, request).0);
    let server = network.live()[0];
    let result = network.call(server, |c, now| c.accept(now)).unwrap();
    assert_eq!(result, Err(gamesockets_schema::ResultCode::HandshakeFailed));
    let connection = network.connection(server).unwrap();
    assert_eq!(connection.state(), ConnectionState::ProblemDetectedLocally);
    assert_eq!(connection.end_reason(), ConnectionEnd::REMOTE_BAD_CRYPT);
}

/// The states that the application of the server has heard of.
fn heard(network: &mut Network) -> Vec<ConnectionState> {
    let notices = network.take_notices();
    let changes = notices.into_iter().filter_map(|(_, _, notice)| match notice {
        Notice::Event(gamesockets_proto::Event::StateChanged { new, .. }) => Some(new),
        _ => None,
    });
    changes.collect()
}

#[test]
fn a_recorded_request_never_becomes_more_than_connecting() {
    let (mut network, mut alice) = scene();
    let recorded = alice.connect_request(&mut network);
    let Ok(ControlPacket::ConnectRequest(mut request)) = ControlPacket::decode(&recorded) else { panic!() };
    // Whoever recorded it plays it from an address of their own, with a challenge of their own.
    let mut attacker = Puppet::new(&mut network, ATTACKER, SERVER, CONNECTION_ID);
    let own = attacker.connect_request(&mut network);
    let Ok(ControlPacket::ConnectRequest(own)) = ControlPacket::decode(&own) else { panic!() };
    request.challenge = own.challenge;
    let mut datagram = Vec::new();
    ControlPacket::ConnectRequest(request).encode(&mut datagram);
    assert!(tell(&mut network, ATTACKER, datagram.clone()).0);
    let server = network.live()[0];
    assert_eq!(network.call(server, |c, now| c.accept(now)), Some(Ok(())));
    assert_eq!(network.call(server, |c, now| c.accept(now)), Some(Err(gamesockets_schema::ResultCode::InvalidState)));
    network.call(server, |c, now| c.send(now, &[1; 5_000], 0, SendFlags::RELIABLE)).unwrap().unwrap();
    let id = network.connection(server).unwrap().local_connection_id();
    let accepted = network.now();
    // It goes on asking, and sends what it cannot seal.
    while network.state(server) == ConnectionState::Connecting {
        network.inject(ATTACKER, SERVER, datagram.clone());
        let mut garbage = vec![0x80; 40];
        garbage[1..5].copy_from_slice(&id.to_le_bytes());
        network.inject(ATTACKER, SERVER, garbage);
        network.run_for(100 * MS);
        assert!(network.now().since(accepted) < 4 * SECOND, "it is still there");
    }
    assert_eq!(network.state(server), ConnectionState::ProblemDetectedLocally);
    assert_eq!(network.connection(server).unwrap().end_reason(), ConnectionEnd::MISC_TIMEOUT);
    let heard = heard(&mut network);
    assert!(!heard.contains(&ConnectionState::Connected), "{heard:?}");
}

#[test]
fn the_first_packet_that_decrypts_connects() {
    let (mut network, mut puppet) = scene();
    let server = puppet.accepted(&mut network);
    assert_eq!(network.state(server), ConnectionState::Connecting);
    network.take_notices();
    puppet.send(&mut network, &[]);
    assert_eq!(network.state(server), ConnectionState::Connected);
    assert_eq!(heard(&mut network), [ConnectionState::Connected]);
    assert_eq!(network.call(server, |c, now| c.accept(now)), Some(Err(gamesockets_schema::ResultCode::InvalidState)));
}

#[test]
fn what_is_sent_before_the_proof_leaves_at_once_as_far_as_it_may() {
    let (mut network, mut puppet) = scene();
    let server = puppet.request(&mut network);
    network.call(server, |c, now| c.send(now, b"welcome", 0, SendFlags::RELIABLE_NO_NAGLE)).unwrap().unwrap();
    network.call(server, |c, now| c.accept(now)).unwrap().unwrap();
    network.run_for(MS);
    let mail = network.take_mail(CLIENT);
    assert_eq!(mail.len(), 2, "the ConnectOK and one packet");
    let Ok(header) = gamesockets_proto::wire::data_header::DataHeader::decode(&mail[1]) else { panic!() };
    assert_eq!(header.stats.and_then(|stats| stats.flags), Some(6), "it wants an acknowledgement, and at once");
}

#[test]
fn a_lost_proof_is_asked_for_again() {
    let links = LinkConfig::default();
    let mut pair = Pair::connecting(links, &ConnectionConfig::default());
    let server = pair.accept_next(SECOND).unwrap();
    pair.network.link(CLIENT, SERVER).config_mut().loss = 1.0;
    assert!(pair.run_until_state(pair.client, ConnectionState::Connected, SECOND));
    pair.network.run_for(SECOND);
    assert_eq!(pair.network.state(server), ConnectionState::Connecting);
    pair.network.link(CLIENT, SERVER).config_mut().loss = 0.0;
    assert!(pair.run_until_state(server, ConnectionState::Connected, SECOND));
    pair.finish();
}

#[test]
fn an_accepted_connection_lingers_before_the_proof_too() {
    let (mut network, mut puppet) = scene();
    let server = puppet.accepted(&mut network);
    network.call(server, |c, now| c.send(now, b"goodbye", 0, SendFlags::RELIABLE_NO_NAGLE)).unwrap().unwrap();
    network.call(server, |c, now| c.close(now, 1_001, "", true)).unwrap();
    assert_eq!(network.state(server), ConnectionState::Linger);
    network.run_for(MS);
    let received = puppet.received(&mut network);
    assert!(received.iter().any(|frames| frames.windows(7).any(|bytes| bytes == b"goodbye")));
    network.run_for(4 * SECOND);
    assert_eq!(network.state(server), ConnectionState::FinWait);
    assert_eq!(network.connection(server).unwrap().end_reason(), ConnectionEnd::MISC_TIMEOUT);
}

#[test]
fn a_fat_certificate_is_not_read() {
    use gamesockets_proto::crypto::certificate::{CERTIFICATE_LEN_MAX, UNSIGNED_LEN_MAX};
    let (mut network, mut puppet) = scene();
    let with_len = |request: &mut ConnectRequest, len: usize| {
        let cert = request.cert.as_mut().expect("a certificate");
        let mut bytes = cert.cert.as_deref().expect("its bytes").to_vec();
        // Field 13, the addresses, which nobody looks at.
        while bytes.len() < len {
            let rest = (len - bytes.len() - 2).min(100);
            bytes.extend([13 << 3 | 2, rest as u8]);
            bytes.resize(bytes.len() + rest, b'9');
        }
        assert_eq!(bytes.len(), len);
        cert.cert = Some(bytes.into());
    };
    for len in [CERTIFICATE_LEN_MAX + 3, CERTIFICATE_LEN_MAX, UNSIGNED_LEN_MAX + 3] {
        let fat = changed_request(&mut puppet, &mut network, |r| with_len(r, len));
        assert_eq!(tell(&mut network, CLIENT, fat), SILENCE);
    }
    let largest = changed_request(&mut puppet, &mut network, |r| with_len(r, UNSIGNED_LEN_MAX));
    assert!(tell(&mut network, CLIENT, largest).0);
}
