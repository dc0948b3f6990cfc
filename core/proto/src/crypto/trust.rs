//! Certificate authorities: whose signatures on certificates count (spec section 6.2).

use std::collections::{BTreeSet, HashMap, HashSet};

use ed25519_dalek::{Signature, VerifyingKey};
use prost::Message;
use sha2::{Digest, Sha256};

use crate::wire::{Certificate, CertificateSigned};

/// Most keys between a certificate and its root; also what ends a circle of authorities that signed each other.
const MAX_CHAIN_LEN: usize = 16;

/// `key_type` of an Ed25519 key.
pub(super) const KEY_TYPE_ED25519: i32 = 1;

/// The certificate authorities we trust. Empty by default: then no signed certificate verifies.
#[derive(Clone, Debug, Default)]
pub struct TrustStore {
    roots: HashMap<u64, VerifyingKey>,
    authorities: HashMap<u64, Authority>,
    revoked: HashSet<u64>,
}

/// An authority whose key another one signed.
#[derive(Clone, Debug)]
struct Authority {
    key: VerifyingKey,
    issuer: u64,
    time_created: u32,
    scope: Scope,
}

/// What an authority may vouch for; `None` is everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scope {
    apps: Option<BTreeSet<u32>>,
    points_of_presence: Option<BTreeSet<u32>>,
    /// Unix seconds.
    time_expiry: u32,
}

/// Why a certificate or its authority is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the texts say it")]
pub enum TrustError {
    #[error("CA key {0} is not known")]
    UnknownAuthority(u64),
    #[error("key {0} is revoked")]
    Revoked(u64),
    #[error("the chain of CAs does not end at a trusted root")]
    NoRoot,
    #[error("the CAs of the chain have nothing in common that all of them may vouch for")]
    EmptyScope,
    #[error("expired at {time_expiry} (Unix seconds), and it is {now}")]
    Expired { time_expiry: u64, now: u64 },
    #[error("the CA's signature is missing or wrong")]
    BadSignature,
    #[error("not an Ed25519 key of 32 bytes")]
    BadKey,
    #[error("a CA certificate has no identity")]
    AuthorityWithIdentity,
    #[error("a CA certificate must expire some day")]
    AuthorityWithoutExpiry,
    #[error("the certificate does not parse")]
    Malformed,
}

impl TrustStore {
    /// Trusts an Ed25519 key for everything; gives its id.
    ///
    /// # Errors
    /// `BadKey` if the bytes are no such key.
    pub fn add_root(&mut self, public_key: &[u8]) -> Result<u64, TrustError> {
        let key = parse_key(public_key)?;
        let id = key_id(key.as_bytes());
        self.roots.insert(id, key);
        Ok(id)
    }

    /// Adds an authority signed by one that is already here; gives its key's id. Of several certificates for one key the
    /// newest counts. Whether it is trusted is decided when it is needed.
    ///
    /// # Errors
    /// When it is no CA certificate, or its issuer is unknown or has not signed it.
    pub fn add_authority(&mut self, signed: &CertificateSigned) -> Result<u64, TrustError> {
        let raw = signed.cert.as_deref().unwrap_or_default();
        let cert = Certificate::decode(raw).map_err(|_| TrustError::Malformed)?;
        if has_identity(&cert) {
            return Err(TrustError::AuthorityWithIdentity);
        }
        let key = certificate_key(&cert)?;
        let time_expiry = cert.time_expiry.unwrap_or(0);
        if time_expiry == 0 {
            return Err(TrustError::AuthorityWithoutExpiry);
        }
        let issuer = signed.ca_key_id.unwrap_or(0);
        let issuer_key = self.key(issuer).ok_or(TrustError::UnknownAuthority(issuer))?;
        check_signature(issuer_key, raw, signed)?;
        let authority = Authority {
            key,
            issuer,
            time_created: cert.time_created.unwrap_or(0),
            scope: Scope::of(&cert, time_expiry),
        };
        let id = key_id(key.as_bytes());
        match self.authorities.get(&id) {
            Some(known) if known.time_created > authority.time_created => {}
            _ => drop(self.authorities.insert(id, authority)),
        }
        Ok(id)
    }

    /// Distrusts a key, an authority's or a certificate's.
    pub fn revoke(&mut self, key_id: u64) {
        self.revoked.insert(key_id);
    }

    /// Checks the signature on a certificate, and that it is still valid. Gives what its authorities may vouch for.
    pub(super) fn check(&self, cert: &Certificate, signed: &CertificateSigned, now: u64) -> Result<Scope, TrustError> {
        let authority = signed.ca_key_id.unwrap_or(0);
        let key = self.key(authority).ok_or(TrustError::UnknownAuthority(authority))?;
        let scope = self.scope(authority)?;
        not_expired(scope.time_expiry, now)?;
        check_signature(key, signed.cert.as_deref().unwrap_or_default(), signed)?;
        not_expired(cert.time_expiry.unwrap_or(0), now)?;
        self.not_revoked(key_id(certificate_key(cert)?.as_bytes()))?;
        Ok(scope)
    }

    /// What a key may vouch for: the intersection of the scopes on the way to a root.
    fn scope(&self, mut id: u64) -> Result<Scope, TrustError> {
        let mut scope = Scope::everything();
        for _ in 0..MAX_CHAIN_LEN {
            self.not_revoked(id)?;
            if self.roots.contains_key(&id) {
                return Ok(scope);
            }
            let authority = self.authorities.get(&id).ok_or(TrustError::NoRoot)?;
            scope = scope.intersect(&authority.scope)?;
            id = authority.issuer;
        }
        Err(TrustError::NoRoot)
    }

    fn key(&self, id: u64) -> Option<&VerifyingKey> {
        let authority = || self.authorities.get(&id).map(|authority| &authority.key);
        self.roots.get(&id).or_else(authority)
    }

    fn not_revoked(&self, id: u64) -> Result<(), TrustError> {
        if self.revoked.contains(&id) { Err(TrustError::Revoked(id)) } else { Ok(()) }
    }
}

impl Scope {
    fn everything() -> Self {
        Self { apps: None, points_of_presence: None, time_expiry: u32::MAX }
    }

    fn of(cert: &Certificate, time_expiry: u32) -> Self {
        let set = |ids: &[u32]| (!ids.is_empty()).then(|| ids.iter().copied().collect());
        Self { apps: set(&cert.app_ids), points_of_presence: set(&cert.gameserver_datacenter_ids), time_expiry }
    }

    fn intersect(&self, other: &Self) -> Result<Self, TrustError> {
        Ok(Self {
            apps: intersect(&self.apps, &other.apps)?,
            points_of_presence: intersect(&self.points_of_presence, &other.points_of_presence)?,
            time_expiry: self.time_expiry.min(other.time_expiry),
        })
    }

    pub(super) fn allows_app(&self, app: u32) -> bool {
        self.apps.as_ref().is_none_or(|apps| apps.contains(&app))
    }

    pub(super) fn allows_points_of_presence(&self, ids: &[u32]) -> bool {
        let allowed = self.points_of_presence.as_ref();
        allowed.is_none_or(|allowed| ids.iter().all(|id| allowed.contains(id)))
    }
}

fn intersect(a: &Option<BTreeSet<u32>>, b: &Option<BTreeSet<u32>>) -> Result<Option<BTreeSet<u32>>, TrustError> {
    match (a, b) {
        (Some(a), Some(b)) => {
            let both = a & b;
            if both.is_empty() { Err(TrustError::EmptyScope) } else { Ok(Some(both)) }
        }
        (Some(one), None) | (None, Some(one)) => Ok(Some(one.clone())),
        (None, None) => Ok(None),
    }
}

/// The id of an Ed25519 public key.
pub fn key_id(public_key: &[u8; 32]) -> u64 {
    let digest: [u8; 32] = Sha256::digest(public_key).into();
    u64::from_le_bytes(*digest.first_chunk().expect("a digest has 32 bytes"))
}

/// The key in a certificate.
pub(super) fn certificate_key(cert: &Certificate) -> Result<VerifyingKey, TrustError> {
    if cert.key_type != Some(KEY_TYPE_ED25519) {
        return Err(TrustError::BadKey);
    }
    parse_key(cert.key_data.as_deref().unwrap_or_default())
}

fn parse_key(bytes: &[u8]) -> Result<VerifyingKey, TrustError> {
    let bytes = bytes.try_into().map_err(|_| TrustError::BadKey)?;
    VerifyingKey::from_bytes(bytes).map_err(|_| TrustError::BadKey)
}

fn check_signature(key: &VerifyingKey, raw: &[u8], signed: &CertificateSigned) -> Result<(), TrustError> {
    let signature = signed.ca_signature.as_deref().unwrap_or_default();
    Signature::from_slice(signature)
        .and_then(|signature| key.verify_strict(raw, &signature))
        .map_err(|_| TrustError::BadSignature)
}

fn not_expired(time_expiry: u32, now: u64) -> Result<(), TrustError> {
    let time_expiry = u64::from(time_expiry);
    if time_expiry < now { Err(TrustError::Expired { time_expiry, now }) } else { Ok(()) }
}

fn has_identity(cert: &Certificate) -> bool {
    cert.identity_string.is_some() || cert.legacy_identity_binary.is_some() || cert.legacy_steam_id.is_some()
}
