//! The rejection matrix of spec section 5.6. Each row is tried at a server and at a client.

use super::*;

const BAD_CRYPT: Outcome = Outcome::Fail(4002);
const BAD_CERT: Outcome = Outcome::Fail(4003);
const BAD_VERSION: Outcome = Outcome::Fail(4006);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Fine,
    /// Fine at first, and refused with this code when the application accepts.
    RefusedAtAccept(i32),
    Silent,
    Fail(i32),
}

/// What the peer sends.
#[derive(Clone)]
struct Sent {
    cert: Option<CertificateSigned>,
    crypt: Option<SessionCryptInfoSigned>,
    identity_string: Option<String>,
}

impl From<&Credentials> for Sent {
    fn from(credentials: &Credentials) -> Self {
        Self { cert: Some(credentials.cert()), crypt: Some(credentials.crypt()), identity_string: None }
    }
}

/// Credentials in good order, then changed.
fn changed(change: impl FnOnce(&mut Credentials)) -> Sent {
    let mut credentials = Credentials::new("str:peer", &[2]);
    change(&mut credentials);
    Sent::from(&credentials)
}

/// Packet in good order, then changed without signing it again.
fn damaged(change: impl FnOnce(&mut Sent)) -> Sent {
    let mut sent = changed(|_| {});
    change(&mut sent);
    sent
}

/// At a server every failure before accept is silent.
fn at_server(pair: &Pair, sent: &Sent) -> Outcome {
    let request = ConnectRequest {
        client_connection_id: Some(CLIENT_ID),
        cert: sent.cert.clone(),
        crypt: sent.crypt.clone(),
        identity_string: sent.identity_string.clone(),
        ..Default::default()
    };
    let Ok(mut server) = pair.server(&request) else {
        return Outcome::Silent;
    };
    match pair.accept(&mut server) {
        Ok(_) => Outcome::Fine,
        Err(Reject::Fail { code, text }) => {
            assert!(!text.is_empty());
            assert_eq!(server.connect_ok(NOW), None);
            Outcome::RefusedAtAccept(code.0)
        }
        Err(Reject::Ignore(why)) => panic!("ignored at accept: {why}"),
    }
}

fn at_client(pair: &Pair, sent: &Sent) -> Outcome {
    let mut client = pair.client();
    pair.request(&mut client);
    let ok = ConnectOk {
        client_connection_id: Some(CLIENT_ID),
        server_connection_id: Some(SERVER_ID),
        cert: sent.cert.clone(),
        crypt: sent.crypt.clone(),
        identity_string: sent.identity_string.clone(),
        ..Default::default()
    };
    outcome(pair.finish(&mut client, &ok))
}

fn outcome(result: Result<Established, Reject>) -> Outcome {
    match result {
        Ok(_) => Outcome::Fine,
        Err(Reject::Ignore(_)) => Outcome::Silent,
        Err(Reject::Fail { code, text }) => {
            assert!(!text.is_empty());
            Outcome::Fail(code.0)
        }
    }
}

fn row(sent: &Sent, server: Outcome, client: Outcome) {
    row_with(&Pair::new(), sent, server, client);
}

#[track_caller]
fn row_with(pair: &Pair, sent: &Sent, server: Outcome, client: Outcome) {
    assert_eq!(at_server(pair, sent), server, "at the server");
    assert_eq!(at_client(pair, sent), client, "at the client");
}

fn requiring(ip_allow_without_auth: u8) -> Pair {
    let mut pair = Pair::new();
    for config in [&mut pair.client_config, &mut pair.server_config] {
        config.ip_allow_without_auth = ip_allow_without_auth;
        config.ip_local_host_allow_without_auth = 0;
    }
    pair
}

#[test]
fn nothing_wrong() {
    row(&changed(|_| {}), Outcome::Fine, Outcome::Fine);
    // A missing nonce is 0, and versions of the future are welcome at a server.
    row(&changed(|c| c.info.nonce = None), Outcome::Fine, Outcome::Fine);
    row(&changed(|c| c.info.protocol_version = Some(99)), Outcome::Fine, BAD_VERSION);
}

#[test]
fn cert_or_crypt_info_missing() {
    row(&damaged(|sent| sent.cert = None), Outcome::Silent, BAD_CRYPT);
    row(&damaged(|sent| sent.crypt = None), Outcome::Silent, BAD_CRYPT);
    let no_info = damaged(|sent| sent.crypt.as_mut().unwrap().info = None);
    row(&no_info, Outcome::Silent, BAD_CRYPT);
    let no_cert = damaged(|sent| sent.cert.as_mut().unwrap().cert = None);
    row(&no_cert, Outcome::Silent, BAD_CRYPT);
}

#[test]
fn cert_unparsable() {
    let garbage = Some(Bytes::from_static(&[0xff, 0xff]));
    let sent = damaged(|sent| sent.cert.as_mut().unwrap().cert = garbage);
    row(&sent, Outcome::Silent, Outcome::Silent);
}

#[test]
fn cert_identity_malformed() {
    for text in ["peer", "str:01234567890123456789012345678901", "steamid:1"] {
        let sent = changed(|c| c.certificate.identity_string = Some(text.into()));
        row(&sent, Outcome::Silent, Outcome::Silent);
    }
}

#[test]
fn not_the_expected_server() {
    let pair = Pair::new();
    let mut client = pair.client();
    let request = pair.request(&mut client);
    let (ok, _) = pair.accept(&mut pair.server(&request).unwrap()).unwrap();
    client.expect_identity(identity("str:carol"));
    assert_eq!(outcome(pair.finish(&mut client, &ok)), Outcome::Silent);
    client.expect_identity(identity("str:bob"));
    assert_eq!(outcome(pair.finish(&mut client, &ok)), Outcome::Fine);
}

#[test]
fn identity_without_app_ids() {
    row(&changed(|c| c.certificate.app_ids.clear()), Outcome::Silent, BAD_CERT);
    // Anonymous ones need none.
    let anonymous = changed(|c| {
        c.certificate.app_ids.clear();
        c.certificate.identity_string = Some("ip:::1".into());
    });
    row(&anonymous, Outcome::Fine, Outcome::Fine);
}

#[test]
fn foreign_app_id() {
    row(&changed(|c| c.certificate.app_ids = vec![480]), Outcome::Silent, BAD_CERT);
    row(&changed(|c| c.certificate.app_ids = vec![480, 0]), Outcome::Fine, Outcome::Fine);
}

#[test]
fn unsigned_where_authentication_is_required() {
    row_with(&requiring(0), &changed(|_| {}), Outcome::Silent, BAD_CERT);
    row_with(&requiring(1), &changed(|_| {}), Outcome::Fine, Outcome::Fine);
    // Anonymous ones are dropped already when their identity is looked for.
    let anonymous = changed(|c| c.certificate.identity_string = None);
    row_with(&requiring(0), &anonymous, Outcome::Silent, Outcome::Silent);
}

#[test]
fn bad_signature_of_the_ca() {
    let ca = SigningKey::from_bytes(&[9; 32]);
    let signed = |pair: &Pair| {
        let mut client = pair.client();
        let request = pair.request(&mut client);
        Sent { cert: request.cert, crypt: request.crypt, identity_string: None }
    };
    for (allow, server, client) in
        [(0, Outcome::Silent, BAD_CERT), (1, Outcome::Fine, Outcome::Fine), (2, Outcome::Fine, Outcome::Fine)]
    {
        let mut pair = requiring(allow);
        pair.client_certificate = Some(certificate(&ca, Some("str:alice"), 5));
        // The client's offer of two ciphers is no answer of a server.
        let mut sent = signed(&pair);
        sent.crypt = Some(Credentials::new("str:alice", &[2]).crypt());
        row_with(&pair, &sent, server, client);
        pair.trust.add_root(ca.verifying_key().as_bytes()).unwrap();
        row_with(&pair, &sent, Outcome::Fine, Outcome::Fine);
    }
}

#[test]
fn signed_by_a_ca_but_for_nobody() {
    let ca = SigningKey::from_bytes(&[9; 32]);
    let mut pair = requiring(1);
    pair.trust.add_root(ca.verifying_key().as_bytes()).unwrap();
    let mut sent = changed(|_| {});
    sent.cert = Some(certificate(&ca, None, 5).wire().clone());
    row_with(&pair, &sent, Outcome::Silent, BAD_CERT);
    sent.identity_string = Some("str:peer".into());
    row_with(&pair, &sent, Outcome::Silent, BAD_CERT);
}

#[test]
fn bad_key_of_the_cert() {
    row(&changed(|c| c.certificate.key_type = None), Outcome::Silent, BAD_CRYPT);
    row(&changed(|c| c.certificate.key_type = Some(2)), Outcome::Silent, BAD_CRYPT);
    let short = |c: &mut Credentials| c.certificate.key_data = Some(Bytes::from_static(&[1; 31]));
    row(&changed(short), Outcome::Silent, BAD_CRYPT);
    row(&changed(|c| c.certificate.key_data = None), Outcome::Silent, BAD_CRYPT);
}

#[test]
fn bad_signature_of_the_crypt_info() {
    let with = |signature: Option<Bytes>| damaged(|sent| sent.crypt.as_mut().unwrap().signature = signature);
    let good = changed(|_| {}).crypt.unwrap().signature.unwrap();
    let mut wrong = good.to_vec();
    wrong[3] ^= 1;
    let long = [&good[..], &[0]].concat();
    for signature in [None, Some(good.slice(..63)), Some(wrong.into()), Some(long.into())] {
        row(&with(signature), Outcome::Silent, BAD_CRYPT);
    }
    let foreign = changed(|c| c.key = SigningKey::from_bytes(&[8; 32]));
    row(&foreign, Outcome::Silent, BAD_CRYPT);
}

#[test]
fn crypt_info_unparsable() {
    let credentials = Credentials::new("str:peer", &[2]);
    let garbage = credentials.sign(Bytes::from_static(&[0xff, 0xff]));
    row(&damaged(|sent| sent.crypt = Some(garbage)), Outcome::Silent, BAD_CRYPT);
}

#[test]
fn old_versions() {
    for version in [None, Some(0), Some(7)] {
        let sent = changed(|c| c.info.protocol_version = version);
        row(&sent, Outcome::Silent, BAD_VERSION);
    }
    assert_eq!(at_server(&Pair::new(), &changed(|c| c.info.protocol_version = Some(8))), Outcome::Fine);
}

/// The client's handshake after a ChallengeReply of `challenge_version` and a ConnectOK of `version`.
fn versions(challenge_version: u32, version: u32, lane_count: u16) -> Outcome {
    let pair = Pair::new();
    let mut client = pair.client();
    client.set_lane_count(lane_count);
    client.on_challenge_reply(&challenge_reply(challenge_version), NOW, None).unwrap();
    let sent = changed(|c| c.info.protocol_version = Some(version));
    let ok = ConnectOk {
        client_connection_id: Some(CLIENT_ID),
        server_connection_id: Some(SERVER_ID),
        cert: sent.cert,
        crypt: sent.crypt,
        ..Default::default()
    };
    outcome(pair.finish(&mut client, &ok))
}

#[test]
fn the_version_must_not_change() {
    assert_eq!(versions(12, 12, 1), Outcome::Fine);
    assert_eq!(versions(99, 99, 1), Outcome::Fine);
    assert_eq!(versions(12, 13, 1), BAD_VERSION);
    assert_eq!(versions(13, 12, 1), BAD_VERSION);
}

#[test]
fn lanes_need_version_11() {
    assert_eq!(versions(10, 10, 1), Outcome::Fine);
    assert_eq!(versions(10, 10, 2), BAD_VERSION);
    assert_eq!(versions(11, 11, 2), Outcome::Fine);
}

#[test]
fn no_common_cipher() {
    row(&changed(|c| c.info.ciphers = vec![1]), Outcome::RefusedAtAccept(4002), BAD_CRYPT);
    row(&changed(|c| c.info.ciphers = vec![0]), Outcome::RefusedAtAccept(4002), BAD_CRYPT);
}

#[test]
fn a_server_must_choose_one_cipher() {
    // To a server these are offers: an empty one means AES.
    row(&changed(|c| c.info.ciphers = vec![]), Outcome::Fine, BAD_CRYPT);
    row(&changed(|c| c.info.ciphers = vec![55]), Outcome::Fine, BAD_CRYPT);
    row(&changed(|c| c.info.ciphers = vec![2, 1]), Outcome::Fine, BAD_CRYPT);
    row(&changed(|c| c.info.ciphers = vec![7001]), Outcome::Fine, Outcome::Fine);
}

#[test]
fn bad_x25519_key() {
    let refused = Outcome::RefusedAtAccept(4002);
    row(&changed(|c| c.info.key_type = None), refused, BAD_CRYPT);
    row(&changed(|c| c.info.key_type = Some(2)), refused, BAD_CRYPT);
    row(&changed(|c| c.info.key_data = None), refused, BAD_CRYPT);
    for key in [vec![7; 31], vec![7; 33], vec![0; 32]] {
        row(&changed(|c| c.info.key_data = Some(key.into())), refused, BAD_CRYPT);
    }
}

#[test]
fn addresses_as_identities() {
    let in_cert = changed(|c| c.certificate.identity_string = Some("ip:10.1.2.3".into()));
    row(&in_cert, Outcome::Fine, Outcome::Fine);
    let in_message = |text: &str| {
        let mut sent = changed(|c| c.certificate.identity_string = None);
        sent.identity_string = Some(text.into());
        sent
    };
    row(&in_message("ip:10.1.2.3"), Outcome::Silent, Outcome::Silent);
    row(&in_message("ip:::1"), Outcome::Fine, Outcome::Fine);
    row(&in_message("str:peer"), Outcome::Fine, Outcome::Fine);
    row(&in_message("peer"), Outcome::Silent, Outcome::Silent);
}

#[test]
fn connection_ids() {
    let pair = Pair::new();
    let mut client = pair.client();
    let request = pair.request(&mut client);
    for client_connection_id in [None, Some(0)] {
        let request = ConnectRequest { client_connection_id, ..request.clone() };
        assert!(matches!(pair.server(&request), Err(Reject::Ignore(_))));
    }
    let half = ConnectRequest { client_connection_id: Some(0x1234_0000), ..request.clone() };
    assert!(pair.server(&half).is_ok());

    let (ok, _) = pair.accept(&mut pair.server(&request).unwrap()).unwrap();
    for client_connection_id in [None, Some(CLIENT_ID + 1)] {
        let ok = ConnectOk { client_connection_id, ..ok.clone() };
        assert_eq!(outcome(pair.finish(&mut client, &ok)), Outcome::Silent);
        assert_eq!(client.ping_sample_ms(&ok, after(100)), None);
    }
    for server_connection_id in [None, Some(0), Some(0x1234_0000)] {
        let ok = ConnectOk { server_connection_id, ..ok.clone() };
        assert_eq!(outcome(pair.finish(&mut client, &ok)), BAD_CRYPT);
    }
}
