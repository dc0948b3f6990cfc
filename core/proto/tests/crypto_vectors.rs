//! The vectors of the spec (section 6.8): A from fixed secrets, B captured from Valve's library. The steps inside the key
//! derivation are checked beside it.

use std::net::SocketAddr;
use std::sync::Arc;

use gamesockets_proto::crypto::{
    Cipher, LocalCertificate, PacketKey, PeerCertificate, SessionKeys, SessionShare, TrustStore, derive_session_keys,
};
use gamesockets_proto::handshake::{ClientHandshake, LocalHandshake};
use gamesockets_proto::wire::{CertificateSigned, ControlPacket};
use gamesockets_proto::{ConnectionConfig, Identity, Timestamp};
use serde_json::Value;
use x25519_dalek::{PublicKey, StaticSecret};

/// Lead byte, connection ID and packet number.
const HEADER_LEN: usize = 7;

fn vector(name: &str) -> Value {
    let text = include_str!("data/vectors.json");
    serde_json::from_str::<Value>(text).unwrap()[name].take()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}

fn identity(text: &str) -> Identity {
    text.parse().unwrap()
}

/// One end, from its fixed secrets.
fn local(side: &Value, identity: &Identity) -> LocalHandshake {
    let certificate = LocalCertificate::unsigned(identity, 0, array(&side["ed25519_seed"]));
    let nonce = u64::from_be_bytes(array(&side["nonce"]));
    LocalHandshake::with_secrets(certificate, array(&side["x25519_private"]), nonce)
}

fn connection_id(side: &Value) -> u32 {
    u32::from_be_bytes(array(&side["conn_id"]))
}

#[test]
fn our_certificates_and_session_infos_are_those_of_vector_a() {
    let a = vector("A");
    for (name, owner) in [("client", "str:alice"), ("server", "str:bob")] {
        let side = &a[name];
        let local = local(side, &identity(owner));
        let crypt = local.crypt_info(&[Cipher::Aes256Gcm]);
        assert_eq!(local.certificate().cert_bytes(), bytes(&side["cert"]));
        assert_eq!(crypt.info.unwrap(), bytes(&side["crypt"]));
        assert_eq!(crypt.signature.unwrap(), bytes(&side["sig"]));
    }
}

#[test]
fn the_signatures_of_vector_a_verify() {
    let a = vector("A");
    for name in ["client", "server"] {
        let side = &a[name];
        let cert = Some(bytes(&side["cert"]).into());
        let signed = CertificateSigned { cert, ..Default::default() };
        let peer = PeerCertificate::parse(Some(&signed)).unwrap();
        assert_eq!(peer.verify_signature(&bytes(&side["crypt"]), &bytes(&side["sig"])), Ok(()));
    }
}

fn keys_of_a(a: &Value) -> SessionKeys {
    let (certs, infos) = (
        ["client", "server"].map(|name| bytes(&a[name]["cert"])),
        ["client", "server"].map(|name| bytes(&a[name]["crypt"])),
    );
    let share = |name: &str, index: usize| SessionShare {
        connection_id: connection_id(&a[name]),
        nonce: u64::from_be_bytes(array(&a[name]["nonce"])),
        cert: &certs[index],
        crypt_info: &infos[index],
    };
    let own = StaticSecret::from(array::<32>(&a["client"]["x25519_private"]));
    let peer = StaticSecret::from(array::<32>(&a["server"]["x25519_private"]));
    let peer_public = PublicKey::from(&peer).to_bytes();
    derive_session_keys(&own, peer_public, &share("client", 0), &share("server", 1)).unwrap()
}

/// Seals the plaintext behind the datagram's header, and opens the datagram.
fn seals_and_opens(key: &PacketKey, number: u64, plaintext: &[u8], datagram: &[u8]) {
    let mut sealed = [&datagram[..HEADER_LEN], plaintext].concat();
    key.seal_in_place(number, &mut sealed, HEADER_LEN);
    assert_eq!(hex::encode(&sealed), hex::encode(datagram));
    let mut chunk = datagram[HEADER_LEN..].to_vec();
    assert_eq!(key.open_in_place(number, &mut chunk).unwrap(), plaintext);
    let mut chunk = datagram[HEADER_LEN..].to_vec();
    assert!(key.open_in_place(number + 1, &mut chunk).is_none());
}

#[test]
fn the_packets_of_vector_a() {
    let a = vector("A");
    let keys = keys_of_a(&a);
    let key = keys.client_to_server(Cipher::Aes256Gcm);
    let number = a["packet_number"].as_u64().unwrap();
    let datagram = bytes(&a["udp"]);
    assert_eq!(datagram[HEADER_LEN..], bytes(&a["chunk"]));
    seals_and_opens(&key, number, &bytes(&a["plaintext"]), &datagram);

    let back = &a["s2c_packet"];
    let key = keys.server_to_client(Cipher::Aes256Gcm);
    let number = back["number"].as_u64().unwrap();
    seals_and_opens(&key, number, &bytes(&back["plaintext"]), &bytes(&back["udp"]));
}

#[test]
fn the_keys_of_vector_a_make_the_same_packets() {
    let a = vector("A");
    let key = PacketKey::new(Cipher::Aes256Gcm, &array(&a["key_c2s"]), array(&a["iv_c2s"]));
    let number = a["packet_number"].as_u64().unwrap();
    seals_and_opens(&key, number, &bytes(&a["plaintext"]), &bytes(&a["udp"]));
    // Number 0 leaves the vector as it is: so the nonce of the packet can be shown to be the vector of another key.
    let same = PacketKey::new(Cipher::Aes256Gcm, &array(&a["key_c2s"]), array(&a["nonce_for_packet"]));
    let mut chunk = bytes(&a["chunk"]);
    assert_eq!(same.open_in_place(0, &mut chunk).unwrap(), bytes(&a["plaintext"]));
}

#[test]
fn a_handshake_with_valves_library() {
    let b = vector("B");
    let me = identity("str:vector-client");
    let local = local(&b, &me);
    assert_eq!(local.certificate().cert_bytes(), bytes(&b["cert"]));
    let offer = vec![Cipher::Aes256Gcm];
    assert_eq!(local.crypt_info(&offer).info.unwrap(), bytes(&b["crypt"]));

    let config = ConnectionConfig::default();
    let trust = Arc::new(TrustStore::default());
    let mut client = ClientHandshake::with_local(me, local, offer, &config, connection_id(&b), trust);
    let Ok(ControlPacket::ConnectOk(ok)) = ControlPacket::decode(&bytes(&b["connect_ok"])) else {
        panic!("no ConnectOK")
    };
    let echoed = ok.your_timestamp.unwrap();
    let delay = u64::from(ok.delay_time_usec.unwrap());
    let now = Timestamp::from_micros(echoed + delay + 1_600);
    let remote: SocketAddr = "127.0.0.1:27015".parse().unwrap();
    let established = client.on_connect_ok(&ok, now, remote, 1_800_000_000).unwrap();
    assert_eq!(established.remote_identity, identity("str:real-gns"));
    assert_eq!(established.remote_connection_id, 0x28fe_881a);
    assert_eq!(established.cipher, Cipher::Aes256Gcm);
    assert_eq!(established.peer_protocol_version, 13);
    assert_eq!(established.ping_sample_ms, Some(2));
    assert!(!established.authenticated);

    let mut data = bytes(&b["data"]);
    assert_eq!(data[1..5], connection_id(&b).to_le_bytes());
    let plaintext = established.recv_key.open_in_place(2, &mut data[HEADER_LEN..]).unwrap();
    let expected = "8001980100ffff570100000000000f766563746f722066726f6d20676e73";
    assert_eq!(hex::encode(plaintext), expected);
}
