//! Certificates: ours, and what we make of a peer's (spec section 6.2).

use bytes::Bytes;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use gamesockets_schema::ConnectionEnd;
use prost::Message;

use super::trust::{KEY_TYPE_ED25519, TrustError, TrustStore, certificate_key};
use crate::identity::{Identity, IdentityError};
use crate::wire::{Certificate, CertificateSigned};

/// The app that certificates must be good for: always 0 in the open-source library.
pub const APP_ID: u32 = 0;

/// Our certificate and its private key.
#[derive(Clone, Debug)]
pub struct LocalCertificate {
    signed: CertificateSigned,
    key: SigningKey,
    identity: Option<Identity>,
}

/// Why a certificate cannot be ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocalCertificateError {
    /// It is no serialised certificate.
    #[error("the certificate does not parse")]
    Malformed,
    /// It has no signature of a CA.
    #[error("the certificate is not signed by a CA")]
    Unsigned,
    /// The private key belongs to another public key.
    #[error("the private key does not belong to the certificate")]
    WrongKey,
    /// What it says about its owner cannot be read.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

impl LocalCertificate {
    /// A certificate that nobody vouches for: the normal case without Steam. `seed` is the private key.
    pub fn unsigned(identity: &Identity, seed: [u8; 32]) -> Self {
        let key = SigningKey::from_bytes(&seed);
        let certificate = Certificate {
            key_type: Some(KEY_TYPE_ED25519),
            key_data: Some(Bytes::copy_from_slice(key.verifying_key().as_bytes())),
            app_ids: vec![APP_ID],
            identity_string: Some(identity.to_string()),
            ..Default::default()
        };
        let cert = Some(certificate.encode_to_vec().into());
        let signed = CertificateSigned { cert, ..Default::default() };
        Self { signed, key, identity: Some(identity.clone()) }
    }

    /// A certificate that a CA gave us, and its private key.
    ///
    /// # Errors
    /// When it does not parse, is not signed, or the key does not belong to it. The signature itself is for peers to check.
    pub fn signed(signed: &CertificateSigned, seed: [u8; 32]) -> Result<Self, LocalCertificateError> {
        let raw = signed.cert.as_deref().unwrap_or_default();
        let cert = Certificate::decode(raw).map_err(|_| LocalCertificateError::Malformed)?;
        if signed.ca_signature.is_none() {
            return Err(LocalCertificateError::Unsigned);
        }
        let key = SigningKey::from_bytes(&seed);
        if certificate_key(&cert) != Ok(key.verifying_key()) {
            return Err(LocalCertificateError::WrongKey);
        }
        let identity = identity_of(&cert)?;
        let signed = CertificateSigned { private_key_data: None, ..signed.clone() };
        Ok(Self { signed, key, identity })
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

    /// Signs session info with the certificate's key.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

/// Whether we know who the peer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// A CA we trust vouches for its identity.
    Authenticated,
    /// It says so itself.
    Unauthenticated,
}

/// Why a peer's certificate is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the texts say it")]
pub enum CertificateError {
    #[error("the certificate is for {in_certificate}, but the peer is {peer}")]
    WrongIdentity { in_certificate: Identity, peer: Identity },
    #[error("the certificate has an identity but no app ids")]
    NoAppIds,
    #[error("the certificate is not good for app {APP_ID}")]
    WrongApp,
    #[error("the certificate is not signed, and authentication is required")]
    AuthenticationRequired,
    #[error("the certificate is not trusted: {0}")]
    Untrusted(TrustError),
    #[error("only certificates of anonymous game servers with data centers may lack an identity")]
    NoIdentity,
    #[error("the identity in the certificate is malformed: {0}")]
    BadIdentity(#[from] IdentityError),
    #[error("the certificate does not parse")]
    Malformed,
    #[error("the certificate has no Ed25519 key of 32 bytes")]
    BadKey,
    #[error("the session info is not signed with the certificate's key")]
    BadSignature,
}

impl CertificateError {
    /// The reason for closing that this gives a client (spec section 5.6). A server says nothing.
    pub fn end(&self) -> ConnectionEnd {
        match self {
            Self::BadKey | Self::BadSignature => ConnectionEnd::REMOTE_BAD_CRYPT,
            _ => ConnectionEnd::REMOTE_BAD_CERT,
        }
    }
}

/// A peer's certificate, parsed but not yet believed.
#[derive(Clone, Debug)]
pub struct PeerCertificate {
    signed: CertificateSigned,
    cert: Certificate,
}

impl PeerCertificate {
    /// Parses what the peer sent; a missing certificate counts as an empty one.
    ///
    /// # Errors
    /// `Malformed` if it does not parse.
    pub fn parse(signed: Option<&CertificateSigned>) -> Result<Self, CertificateError> {
        let signed = signed.cloned().unwrap_or_default();
        let raw = signed.cert.as_deref().unwrap_or_default();
        let cert = Certificate::decode(raw).map_err(|_| CertificateError::Malformed)?;
        Ok(Self { signed, cert })
    }

    /// Whose it claims to be, if it does.
    ///
    /// # Errors
    /// When the claim is malformed.
    pub fn identity(&self) -> Result<Option<Identity>, IdentityError> {
        identity_of(&self.cert)
    }

    /// The serialised certificate, which takes part in the key derivation.
    pub fn cert_bytes(&self) -> &[u8] {
        self.signed.cert.as_deref().unwrap_or_default()
    }

    /// Decides whether to accept it for `peer`, the identity that was resolved (spec sections 5.6, 5.7 and 6.2).
    /// `allow_without_auth` is the effective option, 0..=2.
    ///
    /// # Errors
    /// When it is not accepted.
    pub fn verify(
        &self,
        peer: &Identity,
        allow_without_auth: u8,
        trust: &TrustStore,
        unix_seconds: u64,
    ) -> Result<Authentication, CertificateError> {
        let scope = match self.signed.ca_signature {
            None => Err(CertificateError::AuthenticationRequired),
            Some(_) => trust.check(&self.cert, &self.signed, unix_seconds).map_err(CertificateError::Untrusted),
        };
        let scope = match scope {
            Err(_) if allow_without_auth >= 1 => None,
            result => Some(result?),
        };
        let claimed = self.identity()?;
        match claimed.filter(|claimed| !claimed.is_localhost()) {
            Some(claimed) => self.check_claim(claimed, peer)?,
            None if scope.is_some() => self.check_missing_claim(peer)?,
            None => {}
        }
        let app_ids = &self.cert.app_ids;
        if !app_ids.is_empty() && !app_ids.contains(&APP_ID) {
            return Err(CertificateError::WrongApp);
        }
        let Some(scope) = scope else {
            return Ok(Authentication::Unauthenticated);
        };
        let points_of_presence = &self.cert.gameserver_datacenter_ids;
        if !scope.allows_app(APP_ID) || !scope.allows_points_of_presence(points_of_presence) {
            return Err(CertificateError::Untrusted(TrustError::EmptyScope));
        }
        // Anybody can have an address.
        Ok(match peer.address() {
            Some(_) => Authentication::Unauthenticated,
            None => Authentication::Authenticated,
        })
    }

    /// Checks that `message` was signed with the certificate's key.
    ///
    /// # Errors
    /// `BadKey` or `BadSignature`.
    pub fn verify_signature(&self, message: &[u8], signature: &[u8]) -> Result<(), CertificateError> {
        let key: VerifyingKey = certificate_key(&self.cert).map_err(|_| CertificateError::BadKey)?;
        Signature::from_slice(signature)
            .and_then(|signature| key.verify_strict(message, &signature))
            .map_err(|_| CertificateError::BadSignature)
    }

    fn check_claim(&self, claimed: Identity, peer: &Identity) -> Result<(), CertificateError> {
        if claimed != *peer {
            let peer = peer.clone();
            return Err(CertificateError::WrongIdentity { in_certificate: claimed, peer });
        }
        if self.cert.app_ids.is_empty() {
            return Err(CertificateError::NoAppIds);
        }
        Ok(())
    }

    fn check_missing_claim(&self, peer: &Identity) -> Result<(), CertificateError> {
        if peer.is_anonymous_game_server() && !self.cert.gameserver_datacenter_ids.is_empty() {
            Ok(())
        } else {
            Err(CertificateError::NoIdentity)
        }
    }
}

fn identity_of(cert: &Certificate) -> Result<Option<Identity>, IdentityError> {
    Identity::from_wire(cert.identity_string.as_deref(), cert.legacy_identity_binary.as_ref(), cert.legacy_steam_id)
}

#[cfg(test)]
mod tests;
