//! Route tokens: who may send to whom over a relay.
//!
//! A relay gives each client a key of its own, derived from the client's endpoint and the relay's secret. With it the client
//! makes tokens, without asking: each for one peer. The relay derives the key again when a token comes back. Nothing is
//! kept, so that tokens go on when the relay was killed and started again.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::signed::first;

/// Bytes of a token.
pub const TOKEN_LEN: usize = 52;

/// A client as relays name it: a hash of the key in its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Endpoint(pub [u8; 16]);

impl Endpoint {
    /// The endpoint of the owner of this public key.
    pub fn of(client_key: &[u8; 32]) -> Self {
        let digest = Sha256::new().chain_update(b"gamesockets endpoint 1\0").chain_update(client_key).finalize();
        Self(first(&digest))
    }
}

/// An identity as relays name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IdentityHash(pub [u8; 16]);

impl IdentityHash {
    /// Of an identity in its printed form.
    pub fn of(identity: &str) -> Self {
        let digest = Sha256::new().chain_update(b"gamesockets identity 1\0").chain_update(identity).finalize();
        Self(first(&digest))
    }
}

/// What makes tokens to one endpoint, and checks them.
#[derive(Clone)]
pub struct TokenKey([u8; 32]);

impl TokenKey {
    /// The key of an endpoint at the relay with this secret.
    pub fn derive(relay_secret: &[u8; 32], endpoint: Endpoint) -> Self {
        Self(mac(relay_secret, &[b"gamesockets token key 1\0", &endpoint.0]))
    }

    /// As it came from the relay.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// As it goes to the client, over the sealed part of OPENED.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0
    }
}

/// Whoever has it, and is who it is for, may send to an endpoint.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RouteToken {
    /// Whom it leads to.
    pub endpoint: Endpoint,
    /// Unix seconds.
    pub expiry: u32,
    /// The identity that may use it.
    pub allowed: IdentityHash,
    tag: [u8; 16],
}

impl RouteToken {
    /// A token to `endpoint`, whose key this is, for one identity.
    pub fn make(key: &TokenKey, endpoint: Endpoint, expiry: u32, allowed: IdentityHash) -> Self {
        Self { endpoint, expiry, allowed, tag: tag(key, endpoint, expiry, allowed) }
    }

    /// Whether the owner of this key made it.
    pub fn is_made_with(&self, key: &TokenKey) -> bool {
        let expected = tag(key, self.endpoint, self.expiry, self.allowed);
        // Compared to the end, wherever they differ: the time tells nothing.
        self.tag.iter().zip(expected).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> [u8; TOKEN_LEN] {
        let mut bytes = [0; TOKEN_LEN];
        bytes[..16].copy_from_slice(&self.endpoint.0);
        bytes[16..20].copy_from_slice(&self.expiry.to_le_bytes());
        bytes[20..36].copy_from_slice(&self.allowed.0);
        bytes[36..].copy_from_slice(&self.tag);
        bytes
    }

    /// A token of [`TOKEN_LEN`] bytes; any such bytes have the form of one.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; TOKEN_LEN] = bytes.try_into().ok()?;
        Some(Self {
            endpoint: Endpoint(first(&bytes[..16])),
            expiry: u32::from_le_bytes(first(&bytes[16..20])),
            allowed: IdentityHash(first(&bytes[20..36])),
            tag: first(&bytes[36..]),
        })
    }
}

fn tag(key: &TokenKey, endpoint: Endpoint, expiry: u32, allowed: IdentityHash) -> [u8; 16] {
    first(&mac(&key.0, &[b"gamesockets route token 1\0", &endpoint.0, &expiry.to_le_bytes(), &allowed.0]))
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("any key length is allowed");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_holds_for_its_endpoint_its_peer_and_its_time() {
        let (ada, bob) = (Endpoint::of(&[1; 32]), Endpoint::of(&[2; 32]));
        let key = TokenKey::derive(&[9; 32], ada);
        let token = RouteToken::make(&key, ada, 1_000, IdentityHash::of("str:bob"));
        let bytes = token.to_bytes();
        assert!(RouteToken::from_bytes(&bytes).is_some_and(|token| token.is_made_with(&key)));
        assert!(!token.is_made_with(&TokenKey::derive(&[9; 32], bob)));
        assert!(!token.is_made_with(&TokenKey::derive(&[8; 32], ada)), "another relay");
        for index in 0..TOKEN_LEN {
            let mut changed = bytes;
            changed[index] ^= 1;
            let token = RouteToken::from_bytes(&changed).expect("the length is right");
            assert!(!token.is_made_with(&TokenKey::derive(&[9; 32], token.endpoint)), "byte {index}");
        }
        assert!(RouteToken::from_bytes(&bytes[1..]).is_none());
    }
}
