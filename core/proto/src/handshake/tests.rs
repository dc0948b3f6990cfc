//! Whole handshakes, and the rejection matrix of spec section 5.6, row by row, at both ends.

use core::net::SocketAddr;
use core::time::Duration;
use std::sync::Arc;

use bytes::Bytes;
use ed25519_dalek::{Signer, SigningKey};
use prost::Message;

use super::*;
use crate::crypto::{LocalCertificate, TrustStore};
use crate::time::Timestamp;
use crate::wire::{
    Certificate, CertificateSigned, ChallengeReply, ConnectOk, ConnectRequest, ControlPacket, SessionCryptInfo,
    SessionCryptInfoSigned,
};
use crate::{ConnectionConfig, PROTOCOL_VERSION};

mod matrix;

pub(super) const CLIENT_ID: u32 = 0x1122_3344;
pub(super) const SERVER_ID: u32 = 0x5566_7788;
pub(super) const NOW: Timestamp = Timestamp::from_micros(10_000_000);
pub(super) const UNIX_SECONDS: u64 = 1_800_000_000;

pub(super) fn address() -> SocketAddr {
    "10.0.0.1:4000".parse().unwrap()
}

pub(super) fn identity(text: &str) -> Identity {
    text.parse().unwrap()
}

pub(super) fn after(millis: u64) -> Timestamp {
    NOW + Duration::from_millis(millis)
}

/// Both ends of a handshake, with what is configured at each.
pub(super) struct Pair {
    pub(super) client_config: ConnectionConfig,
    pub(super) server_config: ConnectionConfig,
    pub(super) client_identity: Identity,
    pub(super) server_identity: Identity,
    pub(super) client_certificate: Option<LocalCertificate>,
    pub(super) server_certificate: Option<LocalCertificate>,
    pub(super) trust: TrustStore,
    pub(super) address: SocketAddr,
}

impl Pair {
    pub(super) fn new() -> Self {
        Self {
            client_config: ConnectionConfig::default(),
            server_config: ConnectionConfig::default(),
            client_identity: identity("str:alice"),
            server_identity: identity("str:bob"),
            client_certificate: None,
            server_certificate: None,
            trust: TrustStore::default(),
            address: address(),
        }
    }

    pub(super) fn client(&self) -> ClientHandshake {
        ClientHandshake::with_certificate(
            self.client_identity.clone(),
            self.client_certificate.as_ref(),
            &self.client_config,
            [1; 32],
            CLIENT_ID,
            Arc::new(self.trust.clone()),
        )
    }

    pub(super) fn request(&self, client: &mut ClientHandshake) -> ConnectRequest {
        let reply = challenge_reply(PROTOCOL_VERSION);
        match client.on_challenge_reply(&reply, after(50), None).unwrap() {
            (ControlPacket::ConnectRequest(request), _) => *request,
            (other, _) => panic!("answered with {other:?}"),
        }
    }

    pub(super) fn server(&self, request: &ConnectRequest) -> Result<ServerHandshake, Reject> {
        let params = ServerParams {
            identity: &self.server_identity,
            certificate: self.server_certificate.as_ref(),
            trust: &self.trust,
            unix_seconds: UNIX_SECONDS,
            seed: [2; 32],
        };
        IdentifiedRequest::read(request, self.address, &self.server_config)?.verify(after(60), &params)
    }

    pub(super) fn accept(&self, server: &mut ServerHandshake) -> Result<(ConnectOk, Established), Reject> {
        match server.accept(after(70), SERVER_ID, &self.server_config)? {
            (ControlPacket::ConnectOk(ok), established) => Ok((*ok, established)),
            (other, _) => panic!("answered with {other:?}"),
        }
    }

    pub(super) fn finish(&self, client: &mut ClientHandshake, ok: &ConnectOk) -> Result<Established, Reject> {
        client.on_connect_ok(ok, after(100), self.address, UNIX_SECONDS)
    }

    /// The whole handshake: what the client and the server end up with.
    pub(super) fn run(&self) -> Result<(Established, Established), Reject> {
        let mut client = self.client();
        let request = self.request(&mut client);
        let mut server = self.server(&request)?;
        let (ok, at_server) = self.accept(&mut server)?;
        let at_client = self.finish(&mut client, &ok)?;
        Ok((at_client, at_server))
    }
}

pub(super) fn challenge_reply(version: u32) -> ChallengeReply {
    ChallengeReply {
        connection_id: Some(CLIENT_ID),
        challenge: Some(77),
        your_timestamp: Some(NOW.as_micros()),
        protocol_version: Some(version),
    }
}

fn talk(from: &PacketKey, to: &PacketKey) {
    let mut packet = b"a packet".to_vec();
    from.seal_in_place(2, &mut packet, 0);
    assert_eq!(to.open_in_place(2, &mut packet).unwrap(), b"a packet");
}

#[test]
fn both_ends_agree() {
    let (client, server) = Pair::new().run().unwrap();
    talk(&client.send_key, &server.recv_key);
    talk(&server.send_key, &client.recv_key);
    assert_eq!(client.cipher, server.cipher);
    assert_ne!(client.cipher, Cipher::Null);
    assert_eq!(client.remote_identity, identity("str:bob"));
    assert_eq!(server.remote_identity, identity("str:alice"));
    assert_eq!(client.remote_connection_id, SERVER_ID);
    assert_eq!(server.remote_connection_id, CLIENT_ID);
    assert_eq!(client.peer_protocol_version, 13);
    assert_eq!(server.peer_protocol_version, 13);
    assert!(!client.authenticated && !server.authenticated);
    for end in [&client, &server] {
        assert_eq!((end.peer_extensions, end.extensions), (Extensions::OURS, Extensions::OURS));
        let window = Credit { messages: 1_000, bytes: 1 << 20 };
        assert_eq!(end.windows, Some(Windows { local: window, remote: window }));
    }
}

#[test]
fn only_extensions_of_both_are_used() {
    let with_window = |bits: Option<u32>, has_window: bool| {
        let pair = Pair::new();
        let mut credentials = Credentials::new("str:alice", &[2]);
        credentials.info.gamesockets_extensions = bits;
        credentials.info.gamesockets_window_messages = has_window.then_some(10);
        credentials.info.gamesockets_window_bytes = has_window.then_some(1_000);
        let mut request = pair.request(&mut pair.client());
        request.cert = Some(credentials.cert());
        request.crypt = Some(credentials.crypt());
        let mut server = pair.server(&request).unwrap();
        let (_, at_server) = pair.accept(&mut server).unwrap();
        assert_eq!(at_server.windows.is_some(), at_server.extensions.contains(Extensions::RECEIVE_WINDOW));
        (at_server.peer_extensions, at_server.extensions)
    };
    let windowless = with_window(Some(Extensions::OURS.0), false);
    assert_eq!(windowless, (Extensions::PATH_MTU, Extensions::PATH_MTU), "it did not say how much it takes");
    let with = |bits| with_window(bits, true);
    assert_eq!(with(None), (Extensions::NONE, Extensions::NONE), "GNS");
    assert_eq!(with(Some(u32::MAX)), (Extensions(u32::MAX), Extensions::OURS), "a later version of ours");
    assert_eq!(with(Some(1 << 31)), (Extensions(1 << 31), Extensions::NONE));
}

#[test]
fn every_pair_of_unencrypted_options() {
    for at_client in 0..4 {
        for at_server in 0..4 {
            let mut pair = Pair::new();
            pair.client_config.unencrypted = at_client;
            pair.server_config.unencrypted = at_server;
            let is_plain = match pair.run() {
                Ok((client, server)) => {
                    talk(&client.send_key, &server.recv_key);
                    talk(&server.send_key, &client.recv_key);
                    Some(client.cipher == Cipher::Null)
                }
                Err(Reject::Fail { code: ConnectionEnd::REMOTE_BAD_CRYPT, .. }) => None,
                Err(other) => panic!("{other:?}"),
            };
            let expected = match (at_server, at_client) {
                (0, 3) | (3, 0) => None,
                (0, _) | (_, 0) | (1, 1 | 2) => Some(false),
                _ => Some(true),
            };
            assert_eq!(is_plain, expected, "server {at_server}, client {at_client}");
        }
    }
}

#[test]
fn secrets_come_from_the_seed_alone() {
    let pair = Pair::new();
    let request = |seed: u8| {
        let config = ConnectionConfig::default();
        let trust = Arc::new(TrustStore::default());
        let mut client = ClientHandshake::new(identity("str:alice"), &config, [seed; 32], CLIENT_ID, trust);
        pair.request(&mut client)
    };
    assert_eq!(request(1), request(1));
    assert_ne!(request(1).cert, request(2).cert);
    assert_ne!(request(1).crypt, request(2).crypt);
}

#[test]
fn a_retry_changes_only_challenge_and_times() {
    let pair = Pair::new();
    let mut client = pair.client();
    let first = pair.request(&mut client);
    let reply = ChallengeReply { challenge: Some(78), ..challenge_reply(PROTOCOL_VERSION) };
    let (packet, sample) = client.on_challenge_reply(&reply, after(550), Some(50)).unwrap();
    let ControlPacket::ConnectRequest(second) = packet else { panic!("no ConnectRequest") };
    assert_eq!(sample, Some(550));
    assert_eq!((first.ping_est_ms, second.ping_est_ms), (Some(50), Some(50)));
    assert_eq!((first.challenge, second.challenge), (Some(77), Some(78)));
    let my_timestamp = Some(after(550).as_micros());
    assert_eq!(ConnectRequest { challenge: Some(78), my_timestamp, ..first }, *second);
}

#[test]
fn challenge_packets_fit_together() {
    let client = Pair::new().client();
    let ControlPacket::ChallengeRequest(request) = client.challenge_request(NOW) else { panic!("no ChallengeRequest") };
    assert_eq!(request.connection_id, Some(CLIENT_ID));
    assert_eq!(request.my_timestamp, Some(NOW.as_micros()));
    assert_eq!(request.protocol_version, Some(13));
}

#[test]
fn challenge_replies_that_are_not_answered() {
    let mut client = Pair::new().client();
    let mut reject = |reply: ChallengeReply| client.on_challenge_reply(&reply, NOW, None).unwrap_err();
    let good = challenge_reply(PROTOCOL_VERSION);
    for connection_id in [None, Some(0), Some(CLIENT_ID + 1)] {
        let reply = ChallengeReply { connection_id, ..good.clone() };
        assert!(matches!(reject(reply), Reject::Ignore(_)));
    }
    let reply = ChallengeReply { challenge: None, ..good };
    assert!(matches!(reject(reply), Reject::Ignore(_)));
    for protocol_version in [None, Some(0), Some(7)] {
        let reply = ChallengeReply { protocol_version, ..good.clone() };
        let code = ConnectionEnd::MISC_GENERIC;
        assert!(matches!(reject(reply), Reject::Fail { code: c, .. } if c == code));
    }
}

#[test]
fn pings_are_taken_along() {
    let pair = Pair::new();
    let mut client = pair.client();
    let request = pair.request(&mut client);
    assert_eq!(request.ping_est_ms, Some(50));
    let mut server = pair.server(&request).unwrap();
    assert_eq!(server.ping_est_ms(), Some(50));
    let (ok, established) = pair.accept(&mut server).unwrap();
    assert_eq!(established.ping_sample_ms, None);
    // Sent at 50 ms, at the server from 60 to 70, back at 100.
    assert_eq!(ok.delay_time_usec, Some(10_000));
    assert_eq!(pair.finish(&mut client, &ok).unwrap().ping_sample_ms, Some(40));
    assert_eq!(client.ping_sample_ms(&ok, after(101)), Some(41));
    for (ping_est_ms, taken) in [(Some(1500), Some(1500)), (Some(1501), None), (None, None)] {
        let request = ConnectRequest { ping_est_ms, ..request.clone() };
        assert_eq!(pair.server(&request).unwrap().ping_est_ms(), taken);
    }
}

#[test]
fn connect_ok_is_repeated_and_forgets_the_echo() {
    let pair = Pair::new();
    let mut client = pair.client();
    let request = pair.request(&mut client);
    let mut server = pair.server(&request).unwrap();
    assert_eq!(server.connect_ok(after(65)), None);
    let (first, _) = pair.accept(&mut server).unwrap();
    let repeat = |millis| match server.connect_ok(after(millis)) {
        Some(ControlPacket::ConnectOk(ok)) => *ok,
        other => panic!("{other:?}"),
    };
    assert_eq!(repeat(70), first);
    assert_eq!(repeat(570), ConnectOk { delay_time_usec: Some(510_000), ..first.clone() });
    assert_eq!(repeat(4_059).delay_time_usec, Some(3_999_000));
    let without_echo = ConnectOk { your_timestamp: None, delay_time_usec: None, ..first };
    assert_eq!(repeat(4_060), without_echo);
    // A client that got only this one still connects, without a sample.
    assert_eq!(pair.finish(&mut client, &without_echo).unwrap().ping_sample_ms, None);
}

#[test]
fn a_lost_timestamp_is_no_reason_to_refuse() {
    let pair = Pair::new();
    let mut client = pair.client();
    let request = ConnectRequest { my_timestamp: None, ..pair.request(&mut client) };
    let mut server = pair.server(&request).unwrap();
    let (ok, _) = pair.accept(&mut server).unwrap();
    assert_eq!((ok.your_timestamp, ok.delay_time_usec), (None, None));
}

#[test]
fn anonymous_peers_are_known_by_their_address() {
    for text in ["ip:::1", "ip:127.0.0.1"] {
        let mut pair = Pair::new();
        pair.client_identity = identity(text);
        pair.server_identity = identity(text);
        let (client, server) = pair.run().unwrap();
        assert_eq!(client.remote_identity.to_string(), "ip:10.0.0.1:4000");
        assert_eq!(server.remote_identity.to_string(), "ip:10.0.0.1:4000");
    }
    let mut mapped = Pair::new();
    mapped.client_identity = Identity::localhost();
    mapped.address = "[::ffff:10.0.0.1]:4000".parse().unwrap();
    let (_, server) = mapped.run().unwrap();
    assert_eq!(server.remote_identity.to_string(), "ip:10.0.0.1:4000");
}

#[test]
fn the_local_host_option_counts_for_loopback_only() {
    let allowed = |at: &str, ip: u8, local: u8| {
        let mut pair = Pair::new();
        pair.address = at.parse().unwrap();
        for config in [&mut pair.client_config, &mut pair.server_config] {
            config.ip_allow_without_auth = ip;
            config.ip_local_host_allow_without_auth = local;
        }
        let mut client = pair.client();
        let request = pair.request(&mut client);
        let at_server = pair.server(&request).is_ok();
        pair.server_config.ip_allow_without_auth = 2;
        let (ok, _) = pair.accept(&mut pair.server(&request).unwrap()).unwrap();
        (at_server, pair.finish(&mut client, &ok).is_ok())
    };
    assert_eq!(allowed("10.0.0.1:1", 0, 2), (false, false));
    assert_eq!(allowed("10.0.0.1:1", 1, 0), (true, true));
    assert_eq!(allowed("127.0.0.1:1", 0, 1), (true, true));
    assert_eq!(allowed("[::1]:1", 0, 2), (true, true));
    assert_eq!(allowed("[::ffff:127.0.0.1]:1", 0, 2), (true, true));
    assert_eq!(allowed("127.0.0.2:1", 0, 2), (true, false));
    assert_eq!(allowed("127.0.0.1:1", 0, 0), (false, false));
    assert_eq!(allowed("127.0.0.1:1", 2, 0), (true, true));
}

#[test]
fn signed_certificates_authenticate_both_ends() {
    let ca = SigningKey::from_bytes(&[9; 32]);
    let mut pair = Pair::new();
    pair.trust.add_root(ca.verifying_key().as_bytes()).unwrap();
    pair.client_certificate = Some(certificate(&ca, Some("str:alice"), 3));
    pair.server_certificate = Some(certificate(&ca, Some("str:bob"), 4));
    for config in [&mut pair.client_config, &mut pair.server_config] {
        config.ip_allow_without_auth = 0;
        config.ip_local_host_allow_without_auth = 0;
    }
    let (client, server) = pair.run().unwrap();
    assert!(client.authenticated && server.authenticated);
    talk(&client.send_key, &server.recv_key);
    talk(&server.send_key, &client.recv_key);
}

/// Signed by `ca` for that owner.
pub(super) fn certificate(ca: &SigningKey, identity: Option<&str>, seed: u8) -> LocalCertificate {
    let key = SigningKey::from_bytes(&[seed; 32]).verifying_key();
    let cert: Bytes = Certificate {
        key_type: Some(1),
        key_data: Some(Bytes::copy_from_slice(key.as_bytes())),
        time_expiry: Some(u32::MAX),
        app_ids: vec![0],
        identity_string: identity.map(str::to_owned),
        ..Default::default()
    }
    .encode_to_vec()
    .into();
    let signed = CertificateSigned {
        ca_key_id: Some(crate::crypto::trust::key_id(ca.verifying_key().as_bytes())),
        ca_signature: Some(Bytes::copy_from_slice(&ca.sign(&cert).to_bytes())),
        cert: Some(cert),
        private_key_data: None,
    };
    LocalCertificate::signed(&signed, [seed; 32]).unwrap()
}

/// What one end sends, taken apart so that a test can change any of it; everything is signed again as it should be.
#[derive(Clone)]
pub(super) struct Credentials {
    pub(super) certificate: Certificate,
    pub(super) info: SessionCryptInfo,
    pub(super) key: SigningKey,
}

impl Credentials {
    pub(super) fn new(owner: &str, ciphers: &[i32]) -> Self {
        let key = SigningKey::from_bytes(&[5; 32]);
        let x25519 = x25519_dalek::StaticSecret::from([6; 32]);
        Self {
            certificate: Certificate {
                key_type: Some(1),
                key_data: Some(Bytes::copy_from_slice(key.verifying_key().as_bytes())),
                app_ids: vec![0],
                identity_string: Some(owner.to_owned()),
                ..Default::default()
            },
            info: SessionCryptInfo {
                key_type: Some(1),
                key_data: Some(Bytes::copy_from_slice(x25519_dalek::PublicKey::from(&x25519).as_bytes())),
                nonce: Some(5),
                protocol_version: Some(13),
                ciphers: ciphers.to_vec(),
                ..Default::default()
            },
            key,
        }
    }

    pub(super) fn cert(&self) -> CertificateSigned {
        let cert = Some(self.certificate.encode_to_vec().into());
        CertificateSigned { cert, ..Default::default() }
    }

    pub(super) fn crypt(&self) -> SessionCryptInfoSigned {
        self.sign(self.info.encode_to_vec().into())
    }

    pub(super) fn sign(&self, info: Bytes) -> SessionCryptInfoSigned {
        let signature = Bytes::copy_from_slice(&self.key.sign(&info).to_bytes());
        SessionCryptInfoSigned { info: Some(info), signature: Some(signature) }
    }
}
