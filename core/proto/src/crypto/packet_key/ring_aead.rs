//! The ciphers from `ring`.

use ring::aead::{AES_256_GCM, Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

use super::{IV_LEN, KEY_LEN};
use crate::crypto::Cipher;
use crate::wire::TAG_LEN;

/// An encrypting cipher with its key. Nonces never repeat because packet numbers do not.
pub(super) struct Aead(LessSafeKey);

impl Aead {
    /// `None` for the cipher that does not encrypt.
    pub(super) fn new(cipher: Cipher, key: &[u8; KEY_LEN]) -> Option<Self> {
        let algorithm = match cipher {
            Cipher::Null => return None,
            Cipher::Aes256Gcm => &AES_256_GCM,
            Cipher::ChaCha20Poly1305 => &CHACHA20_POLY1305,
        };
        let key = UnboundKey::new(algorithm, key).expect("both ciphers have keys of 32 bytes");
        Some(Self(LessSafeKey::new(key)))
    }

    pub(super) fn seal(&self, nonce: [u8; IV_LEN], plaintext: &mut [u8]) -> [u8; TAG_LEN] {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self
            .0
            .seal_in_place_separate_tag(nonce, Aad::empty(), plaintext)
            .expect("only plaintexts of gigabytes are refused");
        tag.as_ref().try_into().expect("both ciphers have tags of 16 bytes")
    }

    pub(super) fn open<'a>(&self, nonce: [u8; IV_LEN], chunk: &'a mut [u8]) -> Option<&'a mut [u8]> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.0.open_in_place(nonce, Aad::empty(), chunk).ok()
    }
}
