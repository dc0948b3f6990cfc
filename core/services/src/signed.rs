//! Statements signed with Ed25519 (RFC 8032). What is signed begins with the name of what it is, so that a signature over
//! one kind of statement never passes for another.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// Signs `parts` as a statement of this kind.
pub fn sign(key: &SigningKey, kind: &str, parts: &[&[u8]]) -> [u8; 64] {
    key.sign(&statement(kind, parts)).to_bytes()
}

/// Whether `signature` is that of the owner of `key` (32 bytes) over `parts` as a statement of this kind.
pub fn verify(key: &[u8], kind: &str, parts: &[&[u8]], signature: &[u8]) -> bool {
    let key = key.try_into().ok().and_then(|bytes| VerifyingKey::from_bytes(bytes).ok());
    match (key, Signature::from_slice(signature)) {
        (Some(key), Ok(signature)) => key.verify_strict(&statement(kind, parts), &signature).is_ok(),
        _ => false,
    }
}

/// The number that a public key is named by: the first 8 bytes of its SHA-256, little-endian (wire-p2p section 7.3).
pub fn key_id(key: &[u8]) -> u64 {
    u64::from_le_bytes(first(&Sha256::digest(key)))
}

/// The first bytes of a hash.
pub(crate) fn first<const N: usize>(hash: &[u8]) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&hash[..N]);
    bytes
}

/// Every part has a known length or is the last: their sequence says where each ends.
fn statement(kind: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(kind.len() + 1 + parts.iter().map(|part| part.len()).sum::<usize>());
    bytes.extend_from_slice(kind.as_bytes());
    bytes.push(0);
    parts.iter().for_each(|part| bytes.extend_from_slice(part));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_kind_its_words_and_its_key_alone() {
        let (key, other) = (SigningKey::from_bytes(&[1; 32]), SigningKey::from_bytes(&[2; 32]));
        let signature = sign(&key, "kind 1", &[b"word", b"word"]);
        let public = key.verifying_key().to_bytes();
        assert!(verify(&public, "kind 1", &[b"wordword"], &signature));
        assert!(!verify(&public, "kind 2", &[b"wordword"], &signature));
        assert!(!verify(&public, "kind 1", &[b"wordwork"], &signature));
        assert!(!verify(&other.verifying_key().to_bytes(), "kind 1", &[b"wordword"], &signature));
        assert!(!verify(&public[..31], "kind 1", &[b"wordword"], &signature));
        assert!(!verify(&public, "kind 1", &[b"wordword"], &signature[..63]));
    }
}
