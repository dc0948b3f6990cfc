//! Our certificate (spec section 6.2; wire-p2p section 7.5).

use bytes::Bytes;
use prost::Message;

use super::certificate::identity_of;
use super::key::{KeyError, PrivateKey};
use super::trust::{KEY_TYPE_ED25519, TrustError, TrustStore, certificate_key, key_id};
use crate::identity::{Identity, IdentityError};
use crate::wire::{Certificate, CertificateSigned};

/// Our certificate and its private key.
#[derive(Clone, Debug)]
pub struct LocalCertificate {
    signed: CertificateSigned,
    key: PrivateKey,
    identity: Option<Identity>,
    app_ids: Vec<u32>,
    time_expiry: u32,
}

/// Why a certificate cannot be ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocalCertificateError {
    /// It is no serialised certificate.
    #[error("the certificate does not parse: it is cut off, or something else")]
    Malformed,
    /// It has no signature of a CA.
    #[error("the certificate is not signed by a CA")]
    Unsigned,
    /// The private key belongs to another public key.
    #[error("the private key does not belong to the certificate")]
    WrongKey,
    /// Nobody has given us a private key, and the certificate does not bring one.
    #[error("there is no private key for the certificate: ask for the certificate here, or give its key with it")]
    NoPrivateKey,
    /// The private key that came with it cannot be read.
    #[error("the private key in the certificate: {0}")]
    PrivateKey(#[from] KeyError),
    /// What it says about its owner cannot be read.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// It is somebody else's.
    #[error("the certificate is for {}, but we are {}", .in_certificate.printable(), .ours.printable())]
    WrongIdentity {
        /// Whose it is.
        in_certificate: Identity,
        /// Who we are.
        ours: Identity,
    },
    /// It does not say whose it is. Only anonymous game servers may have such a one.
    #[error("the certificate does not say whose it is")]
    NoIdentity,
    /// No peer would accept it.
    #[error("the certificate has an identity but no app ids: no peer would accept it")]
    NoAppIds,
    /// It is for other apps.
    #[error("the certificate is good for the apps {app_ids:?}, but ours is {app_id}")]
    WrongApp {
        /// What stands in it.
        app_ids: Vec<u32>,
        /// Ours.
        app_id: u32,
    },
    /// It has expired, is revoked, or a CA that we know has not signed it or must not.
    #[error("the certificate is not valid: {0}")]
    Invalid(#[from] TrustError),
}

impl LocalCertificate {
    /// A certificate that nobody vouches for: the normal case without Steam. `seed` is the private key.
    pub fn unsigned(identity: &Identity, app_id: u32, seed: [u8; 32]) -> Self {
        let key = PrivateKey::from_seed(seed);
        let certificate = Certificate {
            key_type: Some(KEY_TYPE_ED25519),
            key_data: Some(Bytes::copy_from_slice(&key.public_key().to_bytes())),
            app_ids: vec![app_id],
            identity_string: Some(identity.to_string()),
            ..Default::default()
        };
        let cert = Some(certificate.encode_to_vec().into());
        let signed = CertificateSigned { cert, ..Default::default() };
        Self { signed, key, identity: Some(identity.clone()), app_ids: certificate.app_ids, time_expiry: 0 }
    }

    /// A certificate that a CA gave us, and its private key.
    ///
    /// # Errors
    /// When it does not parse, is not signed, or the key does not belong to it. The signature itself is for peers to
    /// check, and whether it suits us is for [`Self::check`].
    pub fn signed(signed: &CertificateSigned, seed: [u8; 32]) -> Result<Self, LocalCertificateError> {
        let raw = signed.cert.as_deref().unwrap_or_default();
        let cert = Certificate::decode(raw).map_err(|_| LocalCertificateError::Malformed)?;
        if signed.ca_signature.is_none() {
            return Err(LocalCertificateError::Unsigned);
        }
        let key = PrivateKey::from_seed(seed);
        if certificate_key(&cert).map(|key| key.to_bytes()) != Ok(key.public_key().to_bytes()) {
            return Err(LocalCertificateError::WrongKey);
        }
        let identity = identity_of(&cert)?;
        let signed = CertificateSigned { private_key_data: None, ..signed.clone() };
        Ok(Self { signed, key, identity, app_ids: cert.app_ids, time_expiry: cert.time_expiry.unwrap_or(0) })
    }

    /// Like [`Self::signed`], with the private key that we have, or else the one that the certificate brings.
    ///
    /// # Errors
    /// As [`Self::signed`], and when there is no key, or they are two different ones.
    pub fn with_known_key(
        signed: &CertificateSigned,
        known: Option<&PrivateKey>,
    ) -> Result<Self, LocalCertificateError> {
        let brought = signed.private_key_data.as_deref().map(PrivateKey::parse).transpose()?;
        let key = known.or(brought.as_ref()).ok_or(LocalCertificateError::NoPrivateKey)?;
        if brought.as_ref().is_some_and(|brought| brought.seed() != key.seed()) {
            return Err(LocalCertificateError::WrongKey);
        }
        Self::signed(signed, key.seed())
    }

    /// Whether peers that think as we do would take it from us. Answers whether we know the CA: if not, its signature is
    /// not checked.
    ///
    /// # Errors
    /// When identity or app do not fit, it has expired or is revoked, or a CA that we know has not signed it or must not.
    pub fn check(&self, ours: &Identity, trust: &TrustStore, unix_seconds: u64) -> Result<bool, LocalCertificateError> {
        match &self.identity {
            Some(in_certificate) if in_certificate != ours => {
                let (in_certificate, ours) = (in_certificate.clone(), ours.clone());
                return Err(LocalCertificateError::WrongIdentity { in_certificate, ours });
            }
            Some(_) if self.app_ids.is_empty() => return Err(LocalCertificateError::NoAppIds),
            None if !ours.is_anonymous_game_server() => return Err(LocalCertificateError::NoIdentity),
            _ => {}
        }
        let app_id = trust.app_id();
        if !self.app_ids.is_empty() && !self.app_ids.contains(&app_id) {
            return Err(LocalCertificateError::WrongApp { app_ids: self.app_ids.clone(), app_id });
        }
        Ok(trust.check_own(&self.signed, unix_seconds)?)
    }

    /// As it goes on the wire: without the private key.
    pub fn wire(&self) -> &CertificateSigned {
        &self.signed
    }

    /// The serialised certificate, which takes part in the key derivation.
    pub fn cert_bytes(&self) -> &[u8] {
        self.signed.cert.as_deref().unwrap_or_default()
    }

    /// Whether a CA vouches for it.
    pub fn is_signed(&self) -> bool {
        self.signed.ca_signature.is_some()
    }

    /// Whose it is, if it says so.
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// Its private key.
    pub fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// The id of its key.
    pub fn key_id(&self) -> u64 {
        key_id(&self.key.public_key().to_bytes())
    }

    /// The last second in which it is valid, Unix time. 0 for an unsigned one.
    pub fn time_expiry(&self) -> u64 {
        u64::from(self.time_expiry)
    }

    /// The same, or when the chain of its CA expires if that is known and earlier.
    pub fn valid_until(&self, trust: &TrustStore) -> u64 {
        let chain = trust.valid_until(self.signed.ca_key_id.unwrap_or(0));
        chain.map_or(self.time_expiry(), |chain| chain.min(self.time_expiry()))
    }

    /// Signs session info with the certificate's key.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message)
    }
}
