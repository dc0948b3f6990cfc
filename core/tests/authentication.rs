//! Certificates over real sockets: who is believed, who is not, and how the refusal looks on either side.

mod common;
#[path = "common/authority.rs"]
mod authority;

use gamesockets::{
    Availability, Connection, ConnectionEnd, ConnectionInfo, ConnectionState, Error, Event, Identity, InfoFlags,
    ResultCode, SendFlags, Sockets,
};
use gamesockets_proto::crypto::{Grant, PrivateKey, armour};
use prost::Message as _;

use authority::{
    Ca, HOUR, allow_without_auth, connect_as, credentials, end_of, grant, identity, impatient, key_id, listen,
    required, serve_as, unix_seconds,
};
use common::{LIMIT, connect, receive, wait_for, wait_for_connection};

const BAD_CERT: ConnectionEnd = ConnectionEnd::REMOTE_BAD_CERT;
const TIMEOUT: ConnectionEnd = ConnectionEnd::MISC_TIMEOUT;

fn is_authenticated(info: &ConnectionInfo) -> bool {
    !info.info_flags.contains(InfoFlags::UNAUTHENTICATED)
}

/// What each end thinks of the other, server first.
fn infos(server: &Sockets, client: &Sockets, ends: (Connection, Connection)) -> (ConnectionInfo, ConnectionInfo) {
    (server.connection_info(ends.0).unwrap(), client.connection_info(ends.1).unwrap())
}

fn problem(result: Result<(), Error>) -> String {
    match result.unwrap_err() {
        error @ Error::Certificate { .. } => {
            assert_eq!(error.code(), ResultCode::InvalidParam);
            error.to_string()
        }
        other => panic!("{other}"),
    }
}

#[test]
fn both_ends_know_each_other_by_their_certificates() {
    let ca = Ca::new(1);
    let (server, client) = (ca.member("server"), ca.member("alice"));
    let (_, address) = listen(&server, &required());
    let ends = connect(&server, &client, address, &required());
    let (at_server, at_client) = infos(&server, &client, ends);
    assert_eq!((at_server.identity_string.as_str(), at_client.identity_string.as_str()), ("str:alice", "str:server"));
    assert!(is_authenticated(&at_server) && is_authenticated(&at_client));
    client.send_message_to_connection(ends.1, b"it's me", SendFlags::RELIABLE).unwrap();
    assert_eq!(&receive(&server, ends.0, 1)[0].payload[..], b"it's me");
}

#[test]
fn an_anonymous_client_may_insist_on_the_servers_certificate() {
    let ca = Ca::new(1);
    let (server, client) = (ca.member("server"), Sockets::anonymous().unwrap());
    client.add_trusted_ca(ca.public().as_bytes()).unwrap();
    let (_, address) = listen(&server, &[]);
    let ends = connect(&server, &client, address, &required());
    let (at_server, at_client) = infos(&server, &client, ends);
    assert!(is_authenticated(&at_client) && !is_authenticated(&at_server));
    assert!(at_server.identity_string.starts_with("ip:127.0.0.1:"));
}

#[test]
fn a_listener_that_requires_authentication_is_deaf_to_everybody_else() {
    let (ca, foreign) = (Ca::new(1), Ca::new(2));
    let server = ca.member("server");
    let (_, address) = listen(&server, &required());
    let revoked = ca.member("revoked");
    server.revoke(key_id(&revoked));
    let other_app = ca.member("other-app");
    other_app.set_app_id(5);
    let for_app_5 = ca.sign(&other_app.certificate_request(), &Grant { app_ids: vec![5], ..grant() });
    other_app.set_certificate(&for_app_5).unwrap();
    let clients = [
        ("without a certificate", Sockets::new(identity("alice")).unwrap()),
        ("anonymous", Sockets::anonymous().unwrap()),
        ("of a foreign CA", foreign.member("alice")),
        ("revoked", revoked),
        ("for another app", other_app),
    ];
    let options = impatient(vec![]);
    let attempts: Vec<_> =
        clients.iter().map(|(_, client)| client.connect_by_ip_address(address, &options).unwrap()).collect();
    let expired = Grant { time_expiry: unix_seconds(-10), ..grant() };
    assert_eq!(
        connect_as(address, credentials(&ca, "alice", &expired)),
        (ConnectionState::ProblemDetectedLocally, TIMEOUT),
        "expired"
    );
    for ((name, client), attempt) in clients.iter().zip(attempts) {
        assert_eq!(end_of(client, attempt).0, TIMEOUT, "{name}");
    }
    assert_eq!(server.poll_event().filter(|event| event.connection().is_some()), None, "the server heard nothing");
    // The same impostor is heard with a valid certificate, so it is the certificate that it was not heard for.
    let welcome = std::thread::spawn(move || {
        let (connection, info) = wait_for(&server, ConnectionState::Connecting);
        server.accept_connection(connection).unwrap();
        (server, info)
    });
    assert_eq!(connect_as(address, credentials(&ca, "alice", &grant())).0, ConnectionState::Connected);
    assert!(is_authenticated(&welcome.join().unwrap().1));
}

#[test]
fn a_client_that_requires_authentication_tells_the_server_why_it_leaves() {
    let (ca, foreign) = (Ca::new(1), Ca::new(2));
    let client = ca.member("alice");
    let revoked = ca.member("revoked");
    client.revoke(key_id(&revoked));
    let servers = [
        ("not signed", Sockets::new(identity("server")).unwrap()),
        ("is not known", foreign.member("server")),
        ("is revoked", revoked),
    ];
    for (cause, server) in &servers {
        let (_, address) = listen(server, &[]);
        let attempt = client.connect_by_ip_address(address, &required()).unwrap();
        let (accepted, _) = wait_for(server, ConnectionState::Connecting);
        server.accept_connection(accepted).unwrap();
        let (reason, debug) = end_of(&client, attempt);
        assert_eq!(reason, BAD_CERT, "{cause}");
        assert!(debug.contains(cause), "{debug}");
        let at_server = wait_for_connection(server, accepted, ConnectionState::ClosedByPeer);
        assert_eq!(at_server.end_reason, BAD_CERT, "{cause}");
        assert!(at_server.end_debug.contains(cause), "{}", at_server.end_debug);
    }
}

#[test]
fn expired_certificates_and_those_for_other_apps_are_no_good_to_a_client() {
    let ca = Ca::new(1);
    let client = ca.member("alice");
    let expired = Grant { time_expiry: unix_seconds(-10), ..grant() };
    let other_app = Grant { app_ids: vec![1, 2], ..grant() };
    for (cause, grant) in [("expired", expired), ("not good for app 0", other_app)] {
        let (address, server) = serve_as(credentials(&ca, "server", &grant));
        let attempt = client.connect_by_ip_address(address, &required()).unwrap();
        let (reason, debug) = end_of(&client, attempt);
        assert_eq!(reason, BAD_CERT, "{cause}");
        assert!(debug.contains(cause), "{debug}");
        assert_eq!(server.join().unwrap(), BAD_CERT, "{cause}");
    }
}

#[test]
fn an_anonymous_server_is_not_heard_by_a_client_that_requires_authentication() {
    let client = Ca::new(1).member("alice");
    let server = Sockets::anonymous().unwrap();
    let (_, address) = listen(&server, &[]);
    let attempt = client.connect_by_ip_address(address, &impatient(required())).unwrap();
    let (accepted, _) = wait_for(&server, ConnectionState::Connecting);
    server.accept_connection(accepted).unwrap();
    assert_eq!(end_of(&client, attempt).0, TIMEOUT);
}

#[test]
fn where_it_is_allowed_an_unknown_certificate_is_as_good_as_none() {
    let (ca, foreign) = (Ca::new(1), Ca::new(2));
    for value in [1, 2] {
        let (server, client) = (foreign.member("server"), ca.member("alice"));
        let options = allow_without_auth(value);
        let (_, address) = listen(&server, &options);
        let ends = connect(&server, &client, address, &options);
        let (at_server, at_client) = infos(&server, &client, ends);
        assert_eq!(at_server.identity_string, "str:alice");
        assert!(!is_authenticated(&at_server) && !is_authenticated(&at_client));
    }
}

#[test]
fn whoever_requires_certificates_needs_one() {
    let sockets = Sockets::new(identity("alice")).unwrap();
    let nowhere = "127.0.0.1:0".parse().unwrap();
    let refused = sockets.create_listen_socket_ip(nowhere, &required()).unwrap_err();
    assert_eq!(refused, Error::CertificateRequired);
    assert!(sockets.create_listen_socket_ip(nowhere, &allow_without_auth(1)).is_ok());
    let (_, address) = listen(&sockets, &[]);
    for value in [0, 1] {
        let attempt = sockets.connect_by_ip_address(address, &allow_without_auth(value)).unwrap();
        let (reason, debug) = end_of(&sockets, attempt);
        assert_eq!(reason, ConnectionEnd::MISC_INTERNAL_ERROR);
        assert!(debug.starts_with("Need a cert authority!"), "{debug}");
    }
    // The larger of the two counts for peers on this machine.
    let mut local_only = allow_without_auth(0);
    local_only[1] = gamesockets::ConfigEntry::new(gamesockets::ConfigValue::IP_LOCAL_HOST_ALLOW_WITHOUT_AUTH, 2);
    connect(&sockets, &Sockets::new(identity("bob")).unwrap(), address, &local_only);
}

#[test]
fn a_certificate_that_is_not_ours_is_refused_and_nothing_changes() {
    let ca = Ca::new(1);
    let (server, client) = (ca.member("server"), ca.member("alice"));
    let (_, address) = listen(&server, &required());
    let ends = connect(&server, &client, address, &required());
    let request = client.certificate_request();
    let before = client.authentication_status();

    let good = ca.sign(&request, &grant());
    for len in 0..good.len() {
        problem(client.set_certificate(&good[..len]));
    }
    let text = armour::encode(armour::CERTIFICATE_LABEL, &good);
    assert!(problem(client.set_certificate(&text.as_bytes()[..text.len() - 9])).contains("cut off"));
    let other_key = Sockets::new(identity("alice")).unwrap().certificate_request();
    assert!(problem(client.set_certificate(&ca.sign(&other_key, &grant()))).contains("private key"));
    let key = PrivateKey::from_seed([3; 32]);
    let bobs = ca
        .sign(&gamesockets_proto::crypto::request(key.public_key(), Some(&identity("bob"))).encode_to_vec(), &grant());
    assert!(problem(client.set_certificate_and_private_key(&bobs, &key.seed())).contains("str:bob"));
    assert!(problem(client.set_certificate_and_private_key(&good, &key.seed())).contains("private key"));
    assert!(problem(client.set_certificate_and_private_key(&good, b"no key")).contains("not a private key"));
    let refused = [
        (Grant { app_ids: vec![7], ..grant() }, "[7]"),
        (Grant { time_expiry: unix_seconds(-10), ..grant() }, "expired"),
    ];
    for (grant, cause) in refused {
        let problem = problem(client.set_certificate(&ca.sign(&request, &grant)));
        assert!(problem.contains(cause), "{problem}");
    }
    let mut forged = good;
    let last = forged.len() - 1;
    forged[last] ^= 1;
    assert!(problem(client.set_certificate(&forged)).contains("signature"));

    assert_eq!(client.authentication_status(), before);
    client.send_message_to_connection(ends.1, b"still here", SendFlags::RELIABLE).unwrap();
    assert_eq!(&receive(&server, ends.0, 1)[0].payload[..], b"still here");
    assert!(is_authenticated(&infos(&server, &client, connect(&server, &client, address, &required())).0));
}

#[test]
fn the_status_and_its_event_follow_what_happens() {
    let ca = Ca::new(1);
    let sockets = Sockets::new(identity("alice")).unwrap();
    let told = |expected: Availability| match sockets.wait_event(LIMIT) {
        Some(Event::AuthenticationStatus(status)) => {
            assert_eq!(status.available, expected, "{}", status.debug_message);
            assert_eq!(sockets.authentication_status(), status);
        }
        other => panic!("{other:?} instead of {expected:?}"),
    };
    assert_eq!(sockets.authentication_status().available, Availability::CannotTry);
    assert_eq!(sockets.init_authentication(), Availability::CannotTry);
    sockets.add_trusted_ca(ca.public().as_bytes()).unwrap();
    told(Availability::Waiting);
    sockets.set_certificate(&ca.sign(&sockets.certificate_request(), &grant())).unwrap();
    told(Availability::Current);
    sockets.set_app_id(3);
    told(Availability::Previously);
    let for_two_seconds = Grant { app_ids: vec![3], time_expiry: unix_seconds(1), ..grant() };
    sockets.set_certificate(&ca.sign(&sockets.certificate_request(), &for_two_seconds)).unwrap();
    told(Availability::Current);
    told(Availability::Previously);
    assert!(sockets.authentication_status().debug_message.contains("expired"));
    let for_app_3 = Grant { app_ids: vec![3], ..grant() };
    sockets.set_certificate(&ca.sign(&sockets.certificate_request(), &for_app_3)).unwrap();
    told(Availability::Current);
    let old_key = key_id(&sockets);
    sockets.reset_identity(identity("bob"));
    told(Availability::Waiting);
    assert_ne!(key_id(&sockets), old_key, "the key goes with the identity");
    sockets.set_certificate(&ca.sign(&sockets.certificate_request(), &for_app_3)).unwrap();
    told(Availability::Current);
    sockets.revoke(key_id(&sockets));
    told(Availability::Previously);
    assert!(sockets.authentication_status().debug_message.contains("revoked"));
    assert_eq!(sockets.poll_event(), None, "nothing is told twice");
}

#[test]
fn an_expired_certificate_is_not_shown_any_more() {
    let ca = Ca::new(1);
    let (server, client) = (ca.member("server"), ca.member("alice"));
    let (_, address) = listen(&server, &[]);
    let short = Grant { time_expiry: unix_seconds(1), ..grant() };
    server.set_certificate(&ca.sign(&server.certificate_request(), &short)).unwrap();
    while !matches!(server.wait_event(LIMIT), Some(Event::AuthenticationStatus(status)) if status.available == Availability::Previously)
    {
    }
    let attempt = client.connect_by_ip_address(address, &required()).unwrap();
    let (accepted, _) = wait_for(&server, ConnectionState::Connecting);
    server.accept_connection(accepted).unwrap();
    assert_eq!(end_of(&client, attempt).0, BAD_CERT);
    // A new one helps at once, without a new listen socket.
    server.set_certificate(&ca.sign(&server.certificate_request(), &grant())).unwrap();
    connect(&server, &client, address, &required());
}

#[test]
fn a_key_is_revoked_while_its_owner_is_connected() {
    let ca = Ca::new(1);
    let (server, client) = (ca.member("server"), ca.member("mallory"));
    let (_, address) = listen(&server, &required());
    let ends = connect(&server, &client, address, &required());
    let list = format!("# cheaters\n{} # str:mallory\n", key_id(&client));
    assert_eq!(server.revoke_all(&list), Ok(1));
    let again = client.connect_by_ip_address(address, &impatient(required())).unwrap();
    assert_eq!(end_of(&client, again).0, TIMEOUT);
    client.send_message_to_connection(ends.1, b"too late", SendFlags::RELIABLE).unwrap();
    assert_eq!(receive(&server, ends.0, 1).len(), 1, "a connection keeps what it began with");
    let typo = server.revoke_all("17\nseventeen\n").unwrap_err().to_string();
    assert!(typo.contains("line 2"), "{typo}");
}

#[test]
fn an_anonymous_instance_becomes_whom_its_certificate_names() {
    let ca = Ca::new(1);
    let sockets = Sockets::anonymous().unwrap();
    let alice = Grant { identity: Some(identity("alice")), ..grant() };
    sockets.set_certificate(&ca.sign(&sockets.certificate_request(), &alice)).unwrap();
    assert_eq!(sockets.identity(), identity("alice"));
    let status = sockets.authentication_status();
    assert_eq!(status.available, Availability::Current);
    assert!(status.debug_message.contains("CA"), "that the CA is unknown here: {}", status.debug_message);
    let server = ca.member("server");
    let (_, address) = listen(&server, &required());
    let ends = connect(&server, &sockets, address, &[]);
    assert!(is_authenticated(&server.connection_info(ends.0).unwrap()));
    sockets.reset_identity(Identity::localhost());
    assert_eq!(sockets.authentication_status().available, Availability::CannotTry);
}

#[test]
fn authorities_may_be_limited_and_chained() {
    let (root, middle) = (Ca::new(1), Ca::new(2));
    let for_app_5 = Grant { app_ids: vec![5], time_expiry: unix_seconds(HOUR), ..grant() };
    let root_certificate = root.0.sign_authority(root.0.public_key(), &Grant { app_ids: vec![], ..grant() }).unwrap();
    let middle_certificate = root.0.sign_authority(middle.0.public_key(), &for_app_5).unwrap();
    let armoured = |signed: &gamesockets_proto::wire::CertificateSigned| {
        armour::encode(armour::CERTIFICATE_LABEL, &signed.encode_to_vec())
    };
    let chain = armoured(&root_certificate) + &armoured(&middle_certificate);
    let member = |name: &str, app_id: u32| {
        let sockets = Sockets::new(identity(name)).unwrap();
        sockets.set_app_id(app_id);
        let ids = sockets.add_trusted_ca(chain.as_bytes()).unwrap();
        assert_eq!(ids, [root.0.public_key().id(), middle.0.public_key().id()]);
        sockets
    };
    let (server, client, wrong) = (member("server", 5), member("alice", 5), member("bob", 6));
    for sockets in [&server, &client] {
        sockets.set_certificate(&middle.sign(&sockets.certificate_request(), &for_app_5)).unwrap();
    }
    let (_, address) = listen(&server, &required());
    let (at_server, at_client) = infos(&server, &client, connect(&server, &client, address, &required()));
    assert!(is_authenticated(&at_server) && is_authenticated(&at_client));
    let for_app_6 = middle.sign(&wrong.certificate_request(), &Grant { app_ids: vec![6], ..grant() });
    assert!(problem(wrong.set_certificate(&for_app_6)).contains("may not vouch"));
}

#[test]
fn what_is_no_ca_is_not_trusted() {
    let (ca, other) = (Ca::new(1), Ca::new(2));
    let sockets = Sockets::new(identity("alice")).unwrap();
    let unknown_issuer = other.0.sign_authority(ca.0.public_key(), &grant()).unwrap();
    let leaf = ca.sign(&sockets.certificate_request(), &grant());
    let candidates: [&[u8]; 6] = [
        b"",
        b"nonsense",
        b"ssh-rsa AAAAB3NzaC1yc2E=",
        b"-----BEGIN STEAMDATAGRAM CERT-----\nAAAA",
        &unknown_issuer.encode_to_vec(),
        &leaf,
    ];
    for candidate in candidates {
        let error = sockets.add_trusted_ca(candidate).unwrap_err();
        assert!(matches!(error, Error::TrustedCa { .. }), "{error}");
    }
    assert_eq!(sockets.authentication_status().available, Availability::CannotTry);
}
