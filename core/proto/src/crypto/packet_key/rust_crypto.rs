//! The ciphers from RustCrypto, all in Rust.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{AeadInOut, KeyInit, inout::InOutBuf};
use chacha20poly1305::ChaCha20Poly1305;

use super::{IV_LEN, KEY_LEN};
use crate::crypto::Cipher;
use crate::wire::TAG_LEN;

/// An encrypting cipher with its key.
pub(super) enum Aead {
    Aes(Box<Aes256Gcm>),
    ChaCha(ChaCha20Poly1305),
}

impl Aead {
    /// `None` for the cipher that does not encrypt.
    pub(super) fn new(cipher: Cipher, key: &[u8; KEY_LEN]) -> Option<Self> {
        match cipher {
            Cipher::Null => None,
            Cipher::Aes256Gcm => Some(Self::Aes(Box::new(Aes256Gcm::new(key.into())))),
            Cipher::ChaCha20Poly1305 => Some(Self::ChaCha(ChaCha20Poly1305::new(key.into()))),
        }
    }

    pub(super) fn seal(&self, nonce: [u8; IV_LEN], plaintext: &mut [u8]) -> [u8; TAG_LEN] {
        let (nonce, buffer) = (&nonce.into(), InOutBuf::from(plaintext));
        let tag = match self {
            Self::Aes(aead) => aead.encrypt_inout_detached(nonce, &[], buffer),
            Self::ChaCha(aead) => aead.encrypt_inout_detached(nonce, &[], buffer),
        };
        tag.expect("only plaintexts of gigabytes are refused").into()
    }

    pub(super) fn open<'a>(&self, nonce: [u8; IV_LEN], chunk: &'a mut [u8]) -> Option<&'a mut [u8]> {
        let (ciphertext, tag) = chunk.split_last_chunk_mut::<TAG_LEN>()?;
        let (nonce, tag) = (&nonce.into(), &(*tag).into());
        let buffer = InOutBuf::from(&mut *ciphertext);
        match self {
            Self::Aes(aead) => aead.decrypt_inout_detached(nonce, &[], buffer, tag),
            Self::ChaCha(aead) => aead.decrypt_inout_detached(nonce, &[], buffer, tag),
        }
        .ok()?;
        Some(ciphertext)
    }
}
