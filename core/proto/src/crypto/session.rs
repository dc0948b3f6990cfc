//! From two shares of a key exchange to the keys of a connection (spec section 6.5).

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::packet_key::{IV_LEN, KEY_LEN};
use super::{Cipher, PacketKey};

/// Stands in the key derivation; without a terminator.
const LABEL: &[u8] = b"Steam datagram";

/// What one end brings to the key derivation, byte-exact as it was sent.
#[derive(Clone, Copy, Debug)]
pub struct SessionShare<'a> {
    /// The connection ID of this end.
    pub connection_id: u32,
    /// The nonce of its crypt info.
    pub nonce: u64,
    /// Its serialised certificate.
    pub cert: &'a [u8],
    /// Its serialised crypt info.
    pub crypt_info: &'a [u8],
}

/// The keys of both directions. Wiped when dropped, as everything that leads to them is.
pub struct SessionKeys {
    client_to_server: DirectionKey,
    server_to_client: DirectionKey,
}

struct DirectionKey {
    key: Secret,
    iv: Zeroizing<[u8; IV_LEN]>,
}

/// 32 secret bytes, wiped when dropped.
type Secret = Zeroizing<[u8; KEY_LEN]>;

impl ZeroizeOnDrop for SessionKeys {}

impl SessionKeys {
    /// For the packets of the client.
    pub fn client_to_server(&self, cipher: Cipher) -> PacketKey {
        PacketKey::new(cipher, &self.client_to_server.key, *self.client_to_server.iv)
    }

    /// For the packets of the server.
    pub fn server_to_client(&self, cipher: Cipher) -> PacketKey {
        PacketKey::new(cipher, &self.server_to_client.key, *self.server_to_client.iv)
    }
}

/// The keys of a connection, the same at both ends. `None` if the peer's public key is of low order, so that the keys
/// would not depend on our secret.
pub fn derive_session_keys(
    own_secret: &StaticSecret,
    peer_public: [u8; 32],
    client: &SessionShare<'_>,
    server: &SessionShare<'_>,
) -> Option<SessionKeys> {
    let shared = own_secret.diffie_hellman(&PublicKey::from(peer_public));
    if !shared.was_contributory() {
        return None;
    }
    let prk = extract(&Zeroizing::new(Sha256::digest(shared.as_bytes()).into()), &salt(client, server));
    let [t1, t2, t3, t4] = expand(&prk, &info(client, server));
    let iv = |block: Secret| Zeroizing::new(*block.first_chunk().expect("a block has 32 bytes"));
    Some(SessionKeys {
        client_to_server: DirectionKey { key: t1, iv: iv(t3) },
        server_to_client: DirectionKey { key: t2, iv: iv(t4) },
    })
}

/// The server's nonce comes first.
fn salt(client: &SessionShare<'_>, server: &SessionShare<'_>) -> [u8; 16] {
    (u128::from(client.nonce) << 64 | u128::from(server.nonce)).to_le_bytes()
}

/// The arguments of the HMAC are the other way round than in RFC 5869: the secret is the key.
fn extract(premaster: &Secret, salt: &[u8; 16]) -> Secret {
    hmac(premaster, &[salt])
}

/// The client's connection ID comes first; of all else the server's.
fn info(client: &SessionShare<'_>, server: &SessionShare<'_>) -> Vec<u8> {
    [
        &client.connection_id.to_le_bytes()[..],
        &server.connection_id.to_le_bytes(),
        LABEL,
        server.cert,
        client.cert,
        server.crypt_info,
        client.crypt_info,
    ]
    .concat()
}

/// HKDF-Expand of RFC 5869 to 128 bytes.
fn expand(prk: &Secret, info: &[u8]) -> [Secret; 4] {
    let t1 = hmac(prk, &[info, &[1]]);
    let t2 = hmac(prk, &[&*t1, info, &[2]]);
    let t3 = hmac(prk, &[&*t2, info, &[3]]);
    let t4 = hmac(prk, &[&*t3, info, &[4]]);
    [t1, t2, t3, t4]
}

fn hmac(key: &Secret, parts: &[&[u8]]) -> Secret {
    let mut mac = Hmac::<Sha256>::new_from_slice(&**key).expect("any key length is allowed");
    parts.iter().for_each(|part| mac.update(part));
    Zeroizing::new(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a type says of itself is all that can be known without looking at freed memory. Of `ring`'s keys see
    /// docs/SECURITY.md.
    #[test]
    fn secrets_are_wiped() {
        fn is_wiped<T: ZeroizeOnDrop>() {}
        is_wiped::<SessionKeys>();
        is_wiped::<Secret>();
        is_wiped::<StaticSecret>();
        is_wiped::<x25519_dalek::SharedSecret>();
        is_wiped::<ed25519_dalek::SigningKey>();
        is_wiped::<chacha20poly1305::ChaCha20Poly1305>();
        is_wiped::<aes_gcm::aes::Aes256>();
    }

    use serde_json::Value;

    /// Vector A of the spec's `vectors.json`.
    fn vector() -> Value {
        let text = include_str!("../../tests/data/vectors.json");
        serde_json::from_str::<Value>(text).unwrap()["A"].take()
    }

    fn bytes(value: &Value) -> Vec<u8> {
        hex::decode(value.as_str().unwrap()).unwrap()
    }

    fn array<const N: usize>(value: &Value) -> [u8; N] {
        bytes(value).try_into().unwrap()
    }

    struct Side {
        secret: StaticSecret,
        connection_id: u32,
        nonce: u64,
        cert: Vec<u8>,
        crypt_info: Vec<u8>,
    }

    impl Side {
        fn read(side: &Value) -> Self {
            Self {
                secret: StaticSecret::from(array(&side["x25519_private"])),
                connection_id: u32::from_be_bytes(array(&side["conn_id"])),
                nonce: u64::from_be_bytes(array(&side["nonce"])),
                cert: bytes(&side["cert"]),
                crypt_info: bytes(&side["crypt"]),
            }
        }

        fn share(&self) -> SessionShare<'_> {
            SessionShare {
                connection_id: self.connection_id,
                nonce: self.nonce,
                cert: &self.cert,
                crypt_info: &self.crypt_info,
            }
        }

        fn public(&self) -> [u8; 32] {
            PublicKey::from(&self.secret).to_bytes()
        }
    }

    #[test]
    fn every_step_of_vector_a() {
        let a = vector();
        let (client, server) = (Side::read(&a["client"]), Side::read(&a["server"]));
        let shared = client.secret.diffie_hellman(&PublicKey::from(&server.secret));
        assert_eq!(shared.as_bytes()[..], bytes(&a["shared"]));
        let premaster = Zeroizing::new(Sha256::digest(shared.as_bytes()).into());
        assert_eq!(*premaster, array(&a["premaster"]));
        let salt = salt(&client.share(), &server.share());
        assert_eq!(salt, array(&a["salt_message"]));
        let prk = extract(&premaster, &salt);
        assert_eq!(*prk, array(&a["prk"]));
        let info = info(&client.share(), &server.share());
        assert_eq!(info.len() as u64, a["info_len"].as_u64().unwrap());
        assert_eq!(Sha256::digest(&info)[..], bytes(&a["info_sha256"]));
        let [t1, t2, t3, t4] = expand(&prk, &info);
        assert_eq!(*t1, array(&a["key_c2s"]));
        assert_eq!(*t2, array(&a["key_s2c"]));
        assert_eq!(t3[..12], bytes(&a["iv_c2s"]));
        assert_eq!(t4[..12], bytes(&a["iv_s2c"]));
    }

    #[test]
    fn both_ends_derive_the_keys_of_vector_a() {
        let a = vector();
        let (client, server) = (Side::read(&a["client"]), Side::read(&a["server"]));
        for (own, peer) in [(&client, &server), (&server, &client)] {
            let keys = derive_session_keys(&own.secret, peer.public(), &client.share(), &server.share()).unwrap();
            assert_eq!(*keys.client_to_server.key, array(&a["key_c2s"]));
            assert_eq!(*keys.client_to_server.iv, array(&a["iv_c2s"]));
            assert_eq!(*keys.server_to_client.key, array(&a["key_s2c"]));
            assert_eq!(*keys.server_to_client.iv, array(&a["iv_s2c"]));
        }
    }

    #[test]
    fn keys_of_low_order_are_refused() {
        let side = Side::read(&vector()["client"]);
        let mut one = [0; 32];
        one[0] = 1;
        for public in [[0; 32], one] {
            let keys = derive_session_keys(&side.secret, public, &side.share(), &side.share());
            assert!(keys.is_none());
        }
    }
}
