//! What this end brings to a handshake.

use bytes::Bytes;
use prost::Message;
use rand_chacha::ChaCha12Rng;
use rand_core::{Rng, SeedableRng};
use x25519_dalek::{PublicKey, StaticSecret};

use crate::PROTOCOL_VERSION;
use crate::crypto::{Cipher, LocalCertificate, SessionKeys, SessionShare, derive_session_keys};
use crate::identity::Identity;
use crate::wire::{Extensions, SessionCryptInfo, SessionCryptInfoSigned};

/// `key_type` of an X25519 key.
pub(super) const KEY_TYPE_CURVE25519: i32 = 1;

/// Our certificate and our share of the key exchange; new for every connection, except a CA-signed certificate.
pub struct LocalHandshake {
    certificate: LocalCertificate,
    secret: StaticSecret,
    nonce: u64,
    extensions: Extensions,
}

impl LocalHandshake {
    /// All secrets come from `seed`, which must be random and is not to be used for anything else. Without a
    /// `certificate` we make an unsigned one.
    pub fn new(identity: &Identity, certificate: Option<&LocalCertificate>, seed: [u8; 32]) -> Self {
        let mut rng = ChaCha12Rng::from_seed(seed);
        let mut secret = || {
            let mut bytes = [0; 32];
            rng.fill_bytes(&mut bytes);
            bytes
        };
        let (certificate_key, x25519_private) = (secret(), secret());
        let certificate = match certificate {
            Some(signed) => signed.clone(),
            None => LocalCertificate::unsigned(identity, certificate_key),
        };
        Self { extensions: Extensions::OURS, ..Self::with_secrets(certificate, x25519_private, rng.next_u64()) }
    }

    /// With secrets of the caller's choice, and without extensions: as GNS does it.
    pub fn with_secrets(certificate: LocalCertificate, x25519_private: [u8; 32], nonce: u64) -> Self {
        let secret = StaticSecret::from(x25519_private);
        Self { certificate, secret, nonce, extensions: Extensions::NONE }
    }

    /// Our certificate.
    pub fn certificate(&self) -> &LocalCertificate {
        &self.certificate
    }

    /// What we announce to the peer.
    pub(super) fn extensions(&self) -> Extensions {
        self.extensions
    }

    /// Our share of the key exchange, signed (spec section 6.3).
    pub fn crypt_info(&self, ciphers: &[Cipher]) -> SessionCryptInfoSigned {
        let info: Bytes = SessionCryptInfo {
            key_type: Some(KEY_TYPE_CURVE25519),
            key_data: Some(Bytes::copy_from_slice(PublicKey::from(&self.secret).as_bytes())),
            nonce: Some(self.nonce),
            protocol_version: Some(PROTOCOL_VERSION),
            ciphers: ciphers.iter().map(|cipher| cipher.number()).collect(),
            gamesockets_extensions: Some(self.extensions.0).filter(|&bits| bits != 0),
        }
        .encode_to_vec()
        .into();
        let signature = Bytes::copy_from_slice(&self.certificate.sign(&info));
        SessionCryptInfoSigned { info: Some(info), signature: Some(signature) }
    }

    /// Our share of the key derivation. `crypt` is what [`Self::crypt_info`] gave.
    pub(super) fn share<'a>(&'a self, connection_id: u32, crypt: &'a SessionCryptInfoSigned) -> SessionShare<'a> {
        SessionShare {
            connection_id,
            nonce: self.nonce,
            cert: self.certificate.cert_bytes(),
            crypt_info: crypt.info.as_deref().unwrap_or_default(),
        }
    }

    /// The session's keys, unless the peer's key is of low order.
    pub(super) fn derive_keys(
        &self,
        peer_public: [u8; 32],
        client: &SessionShare<'_>,
        server: &SessionShare<'_>,
    ) -> Option<SessionKeys> {
        derive_session_keys(&self.secret, peer_public, client, server)
    }
}
