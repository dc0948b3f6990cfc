//! What we make of a peer's certificate (spec section 6.2).

use ed25519_dalek::{Signature, VerifyingKey};
use gamesockets_schema::ConnectionEnd;
use prost::Message;

use super::trust::{TrustError, TrustStore, certificate_key};
use crate::identity::{Identity, IdentityError};
use crate::wire::{Certificate, CertificateSigned};

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
    #[error("the certificate is for {}, but the peer is {}", .in_certificate.printable(), .peer.printable())]
    WrongIdentity { in_certificate: Identity, peer: Identity },
    #[error("the certificate has an identity but no app ids")]
    NoAppIds,
    #[error("the certificate is not good for app {0}")]
    WrongApp(u32),
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
    #[error("the certificate does not parse: a text in it is not UTF-8")]
    NotUtf8,
    #[error(
        "the certificate has {len} bytes; {CERTIFICATE_LEN_MAX} are read, and without a good signature {UNSIGNED_LEN_MAX}"
    )]
    TooLong { len: usize },
    #[error("the certificate has no Ed25519 key of 32 bytes")]
    BadKey,
    #[error("the session info is not signed with the certificate's key")]
    BadSignature,
}

impl CertificateError {
    /// What [`PeerCertificate::parse`] has found, in few words.
    pub fn short(&self) -> &'static str {
        match self {
            Self::NotUtf8 => "a text in the certificate is not UTF-8",
            Self::TooLong { .. } => "the certificate is too long",
            _ => "certificate does not parse",
        }
    }

    /// The reason for closing that this gives a client (spec section 5.6). A server says nothing.
    pub fn end(&self) -> ConnectionEnd {
        match self {
            Self::BadKey | Self::BadSignature => ConnectionEnd::REMOTE_BAD_CRYPT,
            _ => ConnectionEnd::REMOTE_BAD_CERT,
        }
    }
}

/// Longer certificates are not looked at, bytes: nobody has vouched for what stands in them yet. GNS's have 60 to 200.
pub const CERTIFICATE_LEN_MAX: usize = 1_024;

/// And longer ones for which nobody vouches are not kept, bytes: a key, an identity in three forms and a few numbers fit.
pub const UNSIGNED_LEN_MAX: usize = 384;

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
    /// `Malformed` if it does not parse, `TooLong` above [`CERTIFICATE_LEN_MAX`].
    pub fn parse(signed: Option<&CertificateSigned>) -> Result<Self, CertificateError> {
        let signed = signed.cloned().unwrap_or_default();
        let raw = signed.cert.as_deref().unwrap_or_default();
        if raw.len() > CERTIFICATE_LEN_MAX {
            return Err(CertificateError::TooLong { len: raw.len() });
        }
        let cert = Certificate::decode(raw).map_err(|error| {
            // The library has no other way to say so.
            if error.to_string().contains("UTF-8") { CertificateError::NotUtf8 } else { CertificateError::Malformed }
        })?;
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
        let len = self.cert_bytes().len();
        let scope = match scope {
            Err(_) if allow_without_auth >= 1 && len > UNSIGNED_LEN_MAX => {
                return Err(CertificateError::TooLong { len });
            }
            Err(_) if allow_without_auth >= 1 => None,
            result => Some(result?),
        };
        let claimed = self.identity()?;
        match claimed.filter(|claimed| !claimed.is_localhost()) {
            Some(claimed) => self.check_claim(claimed, peer)?,
            None if scope.is_some() => self.check_missing_claim(peer)?,
            None => {}
        }
        let app_id = trust.app_id();
        let app_ids = &self.cert.app_ids;
        if !app_ids.is_empty() && !app_ids.contains(&app_id) {
            return Err(CertificateError::WrongApp(app_id));
        }
        let Some(scope) = scope else {
            return Ok(Authentication::Unauthenticated);
        };
        let points_of_presence = &self.cert.gameserver_datacenter_ids;
        scope.check_use(app_id, points_of_presence).map_err(CertificateError::Untrusted)?;
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

/// Whose a certificate is, if it says so.
pub(super) fn identity_of(cert: &Certificate) -> Result<Option<Identity>, IdentityError> {
    Identity::from_wire(cert.identity_string.as_deref(), cert.legacy_identity_binary.as_ref(), cert.legacy_steam_id)
}

#[cfg(test)]
mod tests;
