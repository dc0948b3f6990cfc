//! Encryption of packets in one direction of a connection (spec section 6.6).

use core::fmt;

use zeroize::Zeroizing;

use super::Cipher;

#[cfg(feature = "ring")]
mod ring_aead;
#[cfg(any(not(feature = "ring"), test))]
mod rust_crypto;

#[cfg(feature = "ring")]
use ring_aead::Aead;
#[cfg(not(feature = "ring"))]
use rust_crypto::Aead;

use crate::wire::TAG_LEN;

/// Length of a key, bytes.
pub const KEY_LEN: usize = 32;
/// Length of an initialisation vector, bytes.
pub const IV_LEN: usize = 12;

/// Seals or opens the packets of one direction. There is no rekeying.
pub struct PacketKey(Option<Protection>);

struct Protection {
    aead: Aead,
    iv: Zeroizing<[u8; IV_LEN]>,
}

impl PacketKey {
    /// A key for packets under `cipher`, which for [`Cipher::Null`] is not used.
    pub fn new(cipher: Cipher, key: &[u8; KEY_LEN], iv: [u8; IV_LEN]) -> Self {
        Self(Aead::new(cipher, key).map(|aead| Protection { aead, iv: Zeroizing::new(iv) }))
    }

    /// Bytes by which encryption makes a packet longer.
    pub fn overhead(&self) -> usize {
        if self.0.is_some() { TAG_LEN } else { 0 }
    }

    /// Encrypts what stands in `out` from `plaintext_start` on, and appends the tag.
    ///
    /// # Panics
    /// When `plaintext_start` is beyond the end of `out`.
    pub fn seal_in_place(&self, packet_number: u64, out: &mut Vec<u8>, plaintext_start: usize) {
        let plaintext = &mut out[plaintext_start..];
        if let Some(Protection { aead, iv }) = &self.0 {
            let tag = aead.seal(nonce(iv, packet_number), plaintext);
            out.extend_from_slice(&tag);
        }
    }

    /// Decrypts `chunk` and gives the plaintext, its beginning. `None`, with the chunk's content lost, if it was not
    /// sealed with this key and number.
    pub fn open_in_place<'a>(&self, packet_number: u64, chunk: &'a mut [u8]) -> Option<&'a mut [u8]> {
        match &self.0 {
            Some(Protection { aead, iv }) => aead.open(nonce(iv, packet_number), chunk),
            None => Some(chunk),
        }
    }
}

impl fmt::Debug for PacketKey {
    /// Without the secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PacketKey").field("overhead", &self.overhead()).finish_non_exhaustive()
    }
}

/// The first eight bytes of the vector, as a little-endian number, plus the packet number; the other four as they are.
fn nonce(iv: &[u8; IV_LEN], packet_number: u64) -> [u8; IV_LEN] {
    let mut nonce = *iv;
    if let Some(low) = nonce.first_chunk_mut::<8>() {
        *low = u64::from_le_bytes(*low).wrapping_add(packet_number).to_le_bytes();
    }
    nonce
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENCRYPTING: [Cipher; 2] = [Cipher::Aes256Gcm, Cipher::ChaCha20Poly1305];
    const KEY: [u8; KEY_LEN] = [7; KEY_LEN];
    const IV: [u8; IV_LEN] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4];

    #[test]
    fn the_nonce_wraps_in_its_first_eight_bytes() {
        assert_eq!(nonce(&IV, 0), IV);
        assert_eq!(nonce(&IV, 3), [2, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
        assert_eq!(nonce(&IV, u64::MAX)[..8], [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    }

    #[test]
    fn what_is_sealed_opens_behind_its_header() {
        for cipher in ENCRYPTING {
            let key = PacketKey::new(cipher, &KEY, IV);
            for len in [0, 1, 16, 1232] {
                let mut packet = b"header".to_vec();
                packet.resize(6 + len, 0x5a);
                key.seal_in_place(9, &mut packet, 6);
                assert_eq!(packet.len(), 6 + len + key.overhead());
                assert_eq!(&packet[..6], b"header");
                let plaintext = key.open_in_place(9, &mut packet[6..]).unwrap();
                assert_eq!(plaintext, vec![0x5a; len]);
            }
        }
    }

    #[test]
    fn any_change_is_noticed() {
        for cipher in ENCRYPTING {
            let key = PacketKey::new(cipher, &KEY, IV);
            let mut sealed = b"some words".to_vec();
            key.seal_in_place(9, &mut sealed, 0);
            for at in 0..sealed.len() {
                let mut changed = sealed.clone();
                changed[at] ^= 1;
                assert!(key.open_in_place(9, &mut changed).is_none(), "byte {at}");
            }
            for len in 0..sealed.len() {
                let mut cut = sealed[..len].to_vec();
                assert!(key.open_in_place(9, &mut cut).is_none(), "{len} bytes");
            }
            assert!(key.open_in_place(10, &mut sealed.clone()).is_none());
            let other = PacketKey::new(cipher, &[8; KEY_LEN], IV);
            assert!(other.open_in_place(9, &mut sealed.clone()).is_none());
            assert!(key.open_in_place(9, &mut sealed).is_some());
        }
    }

    #[test]
    fn the_null_cipher_changes_nothing() {
        let key = PacketKey::new(Cipher::Null, &KEY, IV);
        assert_eq!(key.overhead(), 0);
        let mut packet = b"header and text".to_vec();
        key.seal_in_place(9, &mut packet, 6);
        assert_eq!(packet, b"header and text");
        assert_eq!(key.open_in_place(9, &mut packet[6..]).unwrap(), b" and text");
    }

    /// RFC 8439 section 2.8.2, without its associated data, would be no vector; so both providers check each other.
    #[cfg(feature = "ring")]
    #[test]
    fn both_providers_do_the_same() {
        for cipher in ENCRYPTING {
            let ours = ring_aead::Aead::new(cipher, &KEY).unwrap();
            let theirs = rust_crypto::Aead::new(cipher, &KEY).unwrap();
            for len in [0, 1, 15, 16, 17, 63, 64, 65, 1300] {
                let plaintext: Vec<u8> = (0..len).map(|i| i as u8).collect();
                let (mut a, mut b) = (plaintext.clone(), plaintext.clone());
                let tag = ours.seal(IV, &mut a);
                assert_eq!(tag, theirs.seal(IV, &mut b));
                assert_eq!(a, b);
                a.extend_from_slice(&tag);
                b.extend_from_slice(&tag);
                assert_eq!(ours.open(IV, &mut b).unwrap(), plaintext);
                assert_eq!(theirs.open(IV, &mut a).unwrap(), plaintext);
            }
            assert!(theirs.open(IV, &mut [0; 40]).is_none());
            assert!(theirs.open(IV, &mut [0; 15]).is_none());
        }
    }

    #[test]
    fn debug_output_has_no_secrets() {
        let key = PacketKey::new(Cipher::Aes256Gcm, &KEY, IV);
        assert_eq!(format!("{key:?}"), "PacketKey { overhead: 16, .. }");
    }
}
