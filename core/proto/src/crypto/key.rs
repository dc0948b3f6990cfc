//! Ed25519 keys of identities and authorities, and their files (spec section 6.2; wire-p2p section 7.3).

use core::fmt;

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};

use super::armour::{self, ArmourError};
use super::openssh;
use super::trust::key_id;

/// A private key. Printing it with `{:?}` shows its id alone.
#[derive(Clone)]
pub struct PrivateKey(SigningKey);

/// A public key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// Why bytes are no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the texts say it")]
pub enum KeyError {
    #[error("not a private key: neither an OpenSSH private key nor 32 bytes")]
    NoPrivateKey,
    #[error("not a public key: neither a line `ssh-ed25519 ...` nor 32 bytes of an Ed25519 key")]
    NoPublicKey,
    #[error("the OpenSSH key is not an Ed25519 key without a passphrase")]
    Unsupported,
    #[error("the OpenSSH key is damaged")]
    Malformed,
    #[error(transparent)]
    Armour(#[from] ArmourError),
}

impl PrivateKey {
    /// The key that these 32 random bytes are.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&seed))
    }

    /// Reads an unencrypted OpenSSH private key, 32 bytes, or 64 (the private key, then the public one).
    ///
    /// # Errors
    /// When it is neither, or damaged.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyError> {
        if let Ok(seed) = bytes.try_into() {
            return Ok(Self::from_seed(seed));
        }
        if let Ok(pair) = <&[u8; 64]>::try_from(bytes) {
            return SigningKey::from_keypair_bytes(pair).map(Self).map_err(|_| KeyError::Malformed);
        }
        match armour::find(armour::PRIVATE_KEY_LABEL, bytes)? {
            Some(data) => openssh::decode_private(&data),
            None => Err(KeyError::NoPrivateKey),
        }
    }

    /// The 32 bytes that it is made of.
    pub fn seed(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Its public half.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// An unencrypted OpenSSH private key.
    pub fn to_openssh(&self, comment: &str) -> String {
        armour::encode(armour::PRIVATE_KEY_LABEL, &openssh::encode_private(self, comment))
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl PublicKey {
    /// A key of 32 bytes.
    ///
    /// # Errors
    /// When the bytes are no Ed25519 key.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        VerifyingKey::from_bytes(bytes).map(Self).map_err(|_| KeyError::NoPublicKey)
    }

    /// Reads a line `ssh-ed25519 AAAA... comment`, or 32 bytes.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyError> {
        if let Ok(bytes) = bytes.try_into() {
            return Self::from_bytes(bytes);
        }
        let text = core::str::from_utf8(bytes).map_err(|_| KeyError::NoPublicKey)?;
        openssh::decode_public(text)
    }

    /// The raw key.
    pub fn to_bytes(self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The number that certificates and revocation lists name it by.
    pub fn id(self) -> u64 {
        key_id(self.0.as_bytes())
    }

    /// A line `ssh-ed25519 AAAA... comment`.
    pub fn to_openssh(self, comment: &str) -> String {
        openssh::encode_public(self, comment)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.public_key().id())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by ssh-keygen, for this test alone.
    const BY_SSH_KEYGEN: &str = include_str!("key/ssh_keygen_ed25519");
    const BY_SSH_KEYGEN_PUBLIC: &str = include_str!("key/ssh_keygen_ed25519.pub");

    #[test]
    fn keys_of_ssh_keygen_are_read() {
        let private = PrivateKey::parse(BY_SSH_KEYGEN.as_bytes()).unwrap();
        let public = PublicKey::parse(BY_SSH_KEYGEN_PUBLIC.as_bytes()).unwrap();
        assert_eq!(private.public_key(), public);
        assert_eq!(public.to_openssh("test"), BY_SSH_KEYGEN_PUBLIC.trim_end());
    }

    #[test]
    fn keys_come_back_from_their_files() {
        let key = PrivateKey::from_seed([7; 32]);
        for comment in ["", "x", "ID123", "a comment of several words"] {
            let again = PrivateKey::parse(key.to_openssh(comment).as_bytes()).unwrap();
            assert_eq!(again.seed(), key.seed());
            let public = PublicKey::parse(key.public_key().to_openssh(comment).as_bytes()).unwrap();
            assert_eq!(public, key.public_key());
        }
        assert_eq!(PrivateKey::parse(&[7; 32]).unwrap().public_key(), key.public_key());
        let pair = [key.seed(), key.public_key().to_bytes()].concat();
        assert_eq!(PrivateKey::parse(&pair).unwrap().seed(), key.seed());
        assert_eq!(PublicKey::parse(&key.public_key().to_bytes()), Ok(key.public_key()));
    }

    #[test]
    fn the_id_of_valves_root_key_is_the_one_beside_it() {
        let root =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJrsoE4XUc5iaNVpACyh4fobLbwm02tOo6AIOtNygpuE ID18220590129359924542";
        let key = PublicKey::parse(root.as_bytes()).unwrap();
        assert_eq!(key.id(), 18_220_590_129_359_924_542);
        assert_eq!(key.to_openssh(&format!("ID{}", key.id())), root);
    }

    #[test]
    fn what_is_no_key() {
        let private = |bytes: &[u8]| PrivateKey::parse(bytes).unwrap_err();
        assert_eq!(private(b""), KeyError::NoPrivateKey);
        assert_eq!(private(BY_SSH_KEYGEN_PUBLIC.as_bytes()), KeyError::NoPrivateKey);
        assert_eq!(private(&[1; 64]), KeyError::Malformed, "the second half belongs to another first");
        let cut = &BY_SSH_KEYGEN.as_bytes()[..BY_SSH_KEYGEN.len() - 10];
        assert!(matches!(private(cut), KeyError::Armour(ArmourError::NoEnd(_))));
        let public = |text: &str| PublicKey::parse(text.as_bytes()).unwrap_err();
        assert_eq!(public(""), KeyError::NoPublicKey);
        assert_eq!(public("ssh-rsa AAAAB3NzaC1yc2E="), KeyError::Unsupported);
        assert_eq!(public("ssh-ed25519"), KeyError::NoPublicKey);
        assert_eq!(public("ssh-ed25519 AAAA"), KeyError::Malformed);
        assert!(PublicKey::parse(&[0xff; 31]).is_err());
    }

    #[test]
    fn a_damaged_private_key_never_panics_nor_reads_as_another() {
        let key = PrivateKey::from_seed([7; 32]);
        let data = armour::decode(armour::PRIVATE_KEY_LABEL, &key.to_openssh("c")).unwrap().remove(0);
        for len in 0..data.len() {
            let text = armour::encode(armour::PRIVATE_KEY_LABEL, &data[..len]);
            assert!(PrivateKey::parse(text.as_bytes()).is_err(), "{len} bytes");
        }
        for index in 0..data.len() {
            let mut damaged = data.clone();
            damaged[index] ^= 0x41;
            let text = armour::encode(armour::PRIVATE_KEY_LABEL, &damaged);
            if let Ok(read) = PrivateKey::parse(text.as_bytes()) {
                assert_eq!(read.seed(), key.seed(), "byte {index}");
            }
        }
    }

    #[test]
    fn a_private_key_is_not_printed() {
        let key = PrivateKey::from_seed([7; 32]);
        assert_eq!(format!("{key:?}"), format!("PrivateKey({})", key.public_key().id()));
    }
}
