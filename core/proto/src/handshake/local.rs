//! What this end brings to a handshake.

use bytes::Bytes;
use prost::Message;
use rand_chacha::ChaCha12Rng;
use rand_core::{Rng, SeedableRng};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::KEY_TYPE_CURVE25519;
use super::Windows;
use super::peer::VerifiedPeer;
use crate::crypto::{Cipher, LocalCertificate, SessionKeys, SessionShare, derive_session_keys};
use crate::identity::Identity;
use crate::wire::frame::Credit;
use crate::wire::{Extensions, SessionCryptInfo, SessionCryptInfoSigned};
use crate::{ConnectionConfig, PROTOCOL_VERSION};

/// Our certificate and our share of the key exchange; new for every connection, except a CA-signed certificate.
pub struct LocalHandshake {
    certificate: LocalCertificate,
    secret: StaticSecret,
    nonce: u64,
    extensions: Extensions,
    window: Credit,
}

impl LocalHandshake {
    /// All secrets come from `seed`, which must be random and is not to be used for anything else. Without a
    /// `certificate` we make an unsigned one, for this app.
    pub fn new(identity: &Identity, app_id: u32, certificate: Option<&LocalCertificate>, seed: [u8; 32]) -> Self {
        let mut rng = ChaCha12Rng::from_seed(seed);
        let mut secret = || {
            let mut bytes = Zeroizing::new([0; 32]);
            rng.fill_bytes(&mut *bytes);
            bytes
        };
        let (certificate_key, x25519_private) = (secret(), secret());
        let certificate = match certificate {
            Some(signed) => signed.clone(),
            None => LocalCertificate::unsigned(identity, app_id, *certificate_key),
        };
        Self { extensions: Extensions::OURS, ..Self::with_secrets(certificate, *x25519_private, rng.next_u64()) }
    }

    /// With secrets of the caller's choice, and without extensions: as GNS does it.
    pub fn with_secrets(certificate: LocalCertificate, x25519_private: [u8; 32], nonce: u64) -> Self {
        let secret = StaticSecret::from(x25519_private);
        Self { certificate, secret, nonce, extensions: Extensions::NONE, window: Credit::default() }
    }

    /// Our certificate.
    pub fn certificate(&self) -> &LocalCertificate {
        &self.certificate
    }

    /// How much we take before we say more, where the peer understands that.
    pub(super) fn set_window(&mut self, config: &ConnectionConfig) {
        self.window =
            Credit { messages: config.recv_buffer_messages.into(), bytes: config.recv_buffer_size_bytes.into() };
    }

    /// What we announce to the peer.
    pub(super) fn extensions(&self) -> Extensions {
        self.extensions
    }

    /// What both ends take to begin with, if both have the extension.
    pub(super) fn windows(&self, peer: &VerifiedPeer) -> Option<Windows> {
        let both = self.extensions & peer.extensions();
        let remote = peer.window().filter(|_| both.contains(Extensions::RECEIVE_WINDOW))?;
        Some(Windows { local: self.window, remote })
    }

    /// Our share of the key exchange, signed (spec section 6.3).
    pub fn crypt_info(&self, ciphers: &[Cipher]) -> SessionCryptInfoSigned {
        let has_window = self.extensions.contains(Extensions::RECEIVE_WINDOW);
        let info: Bytes = SessionCryptInfo {
            key_type: Some(KEY_TYPE_CURVE25519),
            key_data: Some(Bytes::copy_from_slice(PublicKey::from(&self.secret).as_bytes())),
            nonce: Some(self.nonce),
            protocol_version: Some(PROTOCOL_VERSION),
            ciphers: ciphers.iter().map(|cipher| cipher.number()).collect(),
            gamesockets_extensions: Some(self.extensions.0).filter(|&bits| bits != 0),
            gamesockets_window_messages: has_window.then_some(self.window.messages),
            gamesockets_window_bytes: has_window.then_some(self.window.bytes),
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
