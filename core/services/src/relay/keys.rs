//! The keys of a session on a relay, and the tag of its datagrams.

use core::hash::Hasher;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use siphasher::sip::SipHasher24;
use x25519_dalek::{PublicKey, StaticSecret};

use crate::signed::first;

/// Bytes of the tag of a datagram.
pub const TAG_LEN: usize = 8;
/// Bytes of the tag over an OPENED.
pub(super) const OPENED_TAG_LEN: usize = 16;
/// The tag of a DATA covers this much of the payload, bytes: it is sealed from end to end anyway.
const DATA_COVERED: usize = 64;

/// Which way a datagram goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the relay.
    Up,
    /// From the relay to the client.
    Down,
}

/// What both ends of a session know.
#[derive(Clone)]
pub struct SessionKeys {
    up: [u8; 16],
    down: [u8; 16],
    mask: [u8; 32],
    opened: [u8; 32],
}

impl SessionKeys {
    /// The client's: its ephemeral secret with both keys of the relay. `open` is the whole message it sent.
    pub fn of_client(
        ephemeral: &[u8; 32],
        relay_static: &[u8; 32],
        relay_ephemeral: &[u8; 32],
        open: &[u8],
    ) -> Option<Self> {
        Self::derive([(ephemeral, relay_static), (ephemeral, relay_ephemeral)], relay_ephemeral, open)
    }

    /// The relay's: both its secrets with the client's ephemeral key.
    pub fn of_relay(
        static_secret: &[u8; 32],
        ephemeral: &[u8; 32],
        client_ephemeral: &[u8; 32],
        open: &[u8],
    ) -> Option<Self> {
        Self::derive([(static_secret, client_ephemeral), (ephemeral, client_ephemeral)], &public_key(ephemeral), open)
    }

    /// `None` for keys of low order.
    fn derive(agreements: [(&[u8; 32], &[u8; 32]); 2], relay_ephemeral: &[u8; 32], open: &[u8]) -> Option<Self> {
        let mut secret = [0; 64];
        for (half, (own, other)) in secret.chunks_exact_mut(32).zip(agreements) {
            let shared = StaticSecret::from(*own).diffie_hellman(&PublicKey::from(*other));
            if !shared.was_contributory() {
                return None;
            }
            half.copy_from_slice(shared.as_bytes());
        }
        let transcript = Sha256::new().chain_update(open).chain_update(relay_ephemeral).finalize();
        let mut okm = [0; 96];
        Hkdf::<Sha256>::new(Some(&transcript), &secret).expand(b"gamesockets relay 1", &mut okm).ok()?;
        Some(Self { up: first(&okm), down: first(&okm[16..]), mask: first(&okm[32..]), opened: first(&okm[64..]) })
    }

    /// The tag of a datagram: SipHash-2-4 over its header and the payload, of DATA the beginning.
    pub fn tag(&self, direction: Direction, header: &[u8], payload: &[u8], is_data: bool) -> [u8; TAG_LEN] {
        let key = match direction {
            Direction::Up => &self.up,
            Direction::Down => &self.down,
        };
        let covered = if is_data { &payload[..payload.len().min(DATA_COVERED)] } else { payload };
        let mut hasher = SipHasher24::new_with_key(key);
        hasher.write(header);
        hasher.write(covered);
        hasher.finish().to_le_bytes()
    }

    /// Hides, or shows again, 32 bytes. To be used for one value only.
    pub(super) fn mask(&self, mut bytes: [u8; 32]) -> [u8; 32] {
        bytes.iter_mut().zip(self.mask).for_each(|(byte, mask)| *byte ^= mask);
        bytes
    }

    /// The tag over an OPENED.
    pub(super) fn opened_tag(&self, message: &[u8]) -> [u8; OPENED_TAG_LEN] {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.opened).expect("any key length is allowed");
        mac.update(message);
        first(&mac.finalize().into_bytes())
    }
}

/// The X25519 public key of a secret.
pub(super) fn public_key(secret: &[u8; 32]) -> [u8; 32] {
    PublicKey::from(&StaticSecret::from(*secret)).to_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_derive_the_same_keys_and_nobody_else_does() {
        let (client, fixed, ephemeral) = ([1; 32], [2; 32], [3; 32]);
        let ours =
            SessionKeys::of_client(&client, &public_key(&fixed), &public_key(&ephemeral), b"open").expect("good keys");
        let theirs = SessionKeys::of_relay(&fixed, &ephemeral, &public_key(&client), b"open").expect("good keys");
        let tag = |keys: &SessionKeys, way| keys.tag(way, b"0123456789", &[5; 100], true);
        assert_eq!(tag(&ours, Direction::Up), tag(&theirs, Direction::Up));
        assert_ne!(tag(&ours, Direction::Up), tag(&ours, Direction::Down));
        let other = SessionKeys::of_relay(&fixed, &ephemeral, &public_key(&client), b"open!").expect("good keys");
        assert_ne!(tag(&other, Direction::Up), tag(&ours, Direction::Up));
        assert_eq!(theirs.mask(ours.mask([9; 32])), [9; 32]);
        assert!(SessionKeys::of_client(&client, &[0; 32], &public_key(&ephemeral), b"").is_none());
    }
}
