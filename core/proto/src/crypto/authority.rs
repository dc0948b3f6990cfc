//! The other side of a certificate: asking for one, and signing it (spec section 6.2; wire-p2p sections 7.1 and 7.4).

use bytes::Bytes;
use prost::Message;

use super::armour::{self, ArmourError};
use super::certificate::identity_of;
use super::key::{PrivateKey, PublicKey};
use super::trust::{KEY_TYPE_ED25519, certificate_key};
use crate::identity::{Identity, IdentityError};
use crate::wire::{Certificate, CertificateRequest, CertificateSigned};

/// Somebody whose signatures on certificates count.
#[derive(Clone, Debug)]
pub struct CertificateAuthority {
    key: PrivateKey,
}

/// What a certificate says besides its key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    /// Whose it is. `None`: what stands in the request; for an authority, nobody.
    pub identity: Option<Identity>,
    /// The apps it is good for. For an authority, none means all.
    pub app_ids: Vec<u32>,
    /// The points of presence it is good for. For an authority, none means all.
    pub points_of_presence: Vec<u32>,
    /// When it was made, Unix seconds.
    pub time_created: u32,
    /// The last second in which it is valid, Unix time.
    pub time_expiry: u32,
}

/// Why a certificate is not signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the texts say it")]
pub enum IssueError {
    #[error("the request does not parse: it is cut off, or something else")]
    Malformed,
    #[error("the request has no Ed25519 key of 32 bytes")]
    BadKey,
    #[error("the identity in the request is malformed: {0}")]
    BadIdentity(#[from] IdentityError),
    #[error("the request is from {requested}, but the certificate was to be for {granted}")]
    OtherIdentity { requested: Identity, granted: Identity },
    #[error("neither the request nor the grant says whose the certificate is")]
    NoIdentity,
    #[error("{0} is anonymous: a certificate would say nothing")]
    Anonymous(Identity),
    #[error("a certificate with an identity needs at least one app id, 0 if there are no apps")]
    NoAppIds,
    #[error("it would expire at {time_expiry} (Unix seconds), not after its creation at {time_created}")]
    ExpiresTooEarly { time_created: u32, time_expiry: u32 },
    #[error(transparent)]
    Armour(#[from] ArmourError),
}

impl CertificateAuthority {
    /// An authority with this key.
    pub fn new(key: PrivateKey) -> Self {
        Self { key }
    }

    /// The key that verifies its signatures.
    pub fn public_key(&self) -> PublicKey {
        self.key.public_key()
    }

    /// Signs a request: identity and key are those of the request. Valve's requests prove nothing: whether it comes from
    /// the owner of the identity has to be known otherwise.
    ///
    /// # Errors
    /// When the request is malformed, its identity is another than the one granted, or the grant makes no sense.
    pub fn sign_request(&self, request: &CertificateRequest, grant: &Grant) -> Result<CertificateSigned, IssueError> {
        let cert = request.cert.as_ref().ok_or(IssueError::Malformed)?;
        let key = certificate_key(cert).map_err(|_| IssueError::BadKey)?;
        let identity = match (identity_of(cert)?, grant.identity.clone()) {
            (Some(requested), Some(granted)) if requested != granted => {
                return Err(IssueError::OtherIdentity { requested, granted });
            }
            (requested, granted) => granted.or(requested).ok_or(IssueError::NoIdentity)?,
        };
        if identity.is_localhost() {
            return Err(IssueError::Anonymous(identity));
        }
        if grant.app_ids.is_empty() {
            return Err(IssueError::NoAppIds);
        }
        self.sign(key.as_bytes(), Some(&identity), grant)
    }

    /// Signs the key of another authority, which may then vouch for the apps and points of presence of the grant. For its
    /// own key this makes a self-signed certificate, by which users can come to trust it.
    ///
    /// # Errors
    /// When the grant makes no sense.
    pub fn sign_authority(&self, key: PublicKey, grant: &Grant) -> Result<CertificateSigned, IssueError> {
        self.sign(&key.to_bytes(), None, grant)
    }

    fn sign(&self, key: &[u8], identity: Option<&Identity>, grant: &Grant) -> Result<CertificateSigned, IssueError> {
        let Grant { time_created, time_expiry, .. } = *grant;
        if time_expiry <= time_created {
            return Err(IssueError::ExpiresTooEarly { time_created, time_expiry });
        }
        let cert: Bytes = Certificate {
            gameserver_datacenter_ids: grant.points_of_presence.clone(),
            time_created: Some(time_created),
            time_expiry: Some(time_expiry),
            app_ids: grant.app_ids.clone(),
            ..certificate_of(key, identity)
        }
        .encode_to_vec()
        .into();
        Ok(CertificateSigned {
            private_key_data: None,
            ca_key_id: Some(self.public_key().id()),
            ca_signature: Some(Bytes::copy_from_slice(&self.key.sign(&cert))),
            cert: Some(cert),
        })
    }
}

/// A request for a certificate for this key. Without an identity the CA has to know whose it is.
pub fn request(key: PublicKey, identity: Option<&Identity>) -> CertificateRequest {
    CertificateRequest { cert: Some(certificate_of(&key.to_bytes(), identity)) }
}

/// Reads a request, in binary form or as text.
///
/// # Errors
/// When it is neither.
pub fn read_request(bytes: &[u8]) -> Result<CertificateRequest, IssueError> {
    let data = armour::find(armour::REQUEST_LABEL, bytes)?;
    let request = CertificateRequest::decode(data.as_deref().unwrap_or(bytes)).map_err(|_| IssueError::Malformed)?;
    if request.cert.is_some() { Ok(request) } else { Err(IssueError::Malformed) }
}

/// Reads certificates: one in binary form, or all of a text.
///
/// # Errors
/// When there is none, or one is cut off.
pub fn read_certificates(bytes: &[u8]) -> Result<Vec<CertificateSigned>, ArmourError> {
    let label = armour::CERTIFICATE_LABEL;
    let no_certificate = || ArmourError::NoBegin(label.to_owned());
    let read = |data: &[u8]| {
        let signed = CertificateSigned::decode(data).ok()?;
        let is_certificate = signed.cert.as_deref().is_some_and(|cert| Certificate::decode(cert).is_ok());
        is_certificate.then_some(signed)
    };
    match core::str::from_utf8(bytes).map(|text| armour::decode(label, text)) {
        Ok(Ok(blocks)) => blocks.iter().map(|block| read(block).ok_or_else(no_certificate)).collect(),
        Ok(Err(error @ (ArmourError::NoEnd(_) | ArmourError::Base64(_)))) => Err(error),
        _ => read(bytes).map(|signed| vec![signed]).ok_or_else(no_certificate),
    }
}

fn certificate_of(key: &[u8], identity: Option<&Identity>) -> Certificate {
    Certificate {
        key_type: Some(KEY_TYPE_ED25519),
        key_data: Some(Bytes::copy_from_slice(key)),
        legacy_identity_binary: identity.map(Identity::to_legacy_binary),
        identity_string: identity.map(Identity::to_string),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests;
