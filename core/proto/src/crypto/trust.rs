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

/// The certificate authorities we trust, and for which app. Empty by default: then no signed certificate verifies.
#[derive(Clone, Debug, Default)]
pub struct TrustStore {
    /// 0 unless set, as in the open-source library.
    app_id: u32,
    roots: HashMap<u64, Root>,
    authorities: HashMap<u64, Authority>,
    revoked: HashSet<u64>,
}

/// A key that is trusted because the user says so.
#[derive(Clone, Debug)]
struct Root {
    key: VerifyingKey,
    scope: Scope,
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
    #[error("the CAs of the chain may not vouch for this app or this point of presence")]
    OutOfScope,
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
    /// The app that certificates must be good for.
    pub fn app_id(&self) -> u32 {
        self.app_id
    }

    /// From now on certificates must be good for this app.
    pub fn set_app_id(&mut self, app_id: u32) {
        self.app_id = app_id;
    }

    /// Whether there is no authority at all.
    pub fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    /// Whether a key is that of a root or an authority.
    pub fn knows(&self, key_id: u64) -> bool {
        self.key(key_id).is_some()
    }

    /// Trusts an Ed25519 key for everything; gives its id.
    ///
    /// # Errors
    /// `BadKey` if the bytes are no such key.
    pub fn add_root(&mut self, public_key: &[u8]) -> Result<u64, TrustError> {
        let key = parse_key(public_key)?;
        let id = key_id(key.as_bytes());
        self.roots.insert(id, Root { key, scope: Scope::everything() });
        Ok(id)
    }

    /// Trusts a CA certificate: a self-signed one becomes a root within its own scope, any other an authority as by
    /// [`Self::add_authority`]. Gives the id of its key.
    ///
    /// # Errors
    /// When it is no CA certificate, or its issuer is unknown or has not signed it.
    pub fn add_certificate(&mut self, signed: &CertificateSigned) -> Result<u64, TrustError> {
        let (raw, cert, key, scope) = read_authority(signed)?;
        let id = key_id(key.as_bytes());
        if signed.ca_key_id != Some(id) {
            return self.insert_authority(signed, raw, &cert, key, scope);
        }
        check_signature(&key, raw, signed)?;
        self.roots.insert(id, Root { key, scope });
        Ok(id)
    }

    /// Adds an authority signed by one that is already here; gives its key's id. Of several certificates for one key the
    /// newest counts. Whether it is trusted is decided when it is needed.
    ///
    /// # Errors
    /// When it is no CA certificate, or its issuer is unknown or has not signed it.
    pub fn add_authority(&mut self, signed: &CertificateSigned) -> Result<u64, TrustError> {
        let (raw, cert, key, scope) = read_authority(signed)?;
        self.insert_authority(signed, raw, &cert, key, scope)
    }

    /// Distrusts a key, an authority's or a certificate's.
    pub fn revoke(&mut self, key_id: u64) {
        self.revoked.insert(key_id);
    }

    /// Whether a key is distrusted.
    pub fn is_revoked(&self, key_id: u64) -> bool {
        self.revoked.contains(&key_id)
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

    /// Checks our own certificate as far as we can: `false` if the CA is unknown here, since a peer may know it.
    pub(super) fn check_own(&self, signed: &CertificateSigned, now: u64) -> Result<bool, TrustError> {
        let raw = signed.cert.as_deref().unwrap_or_default();
        let cert = Certificate::decode(raw).map_err(|_| TrustError::Malformed)?;
        if !self.knows(signed.ca_key_id.unwrap_or(0)) {
            not_expired(cert.time_expiry.unwrap_or(0), now)?;
            self.not_revoked(key_id(certificate_key(&cert)?.as_bytes()))?;
            return Ok(false);
        }
        let scope = self.check(&cert, signed, now)?;
        scope.check_use(self.app_id, &cert.gameserver_datacenter_ids)?;
        Ok(true)
    }

    /// The last second in which a known CA's chain is valid, Unix time.
    pub(super) fn valid_until(&self, key_id: u64) -> Option<u64> {
        self.scope(key_id).ok().map(|scope| u64::from(scope.time_expiry))
    }

    /// What a key may vouch for: the intersection of the scopes on the way to a root.
    fn scope(&self, mut id: u64) -> Result<Scope, TrustError> {
        let mut scope = Scope::everything();
        for _ in 0..MAX_CHAIN_LEN {
            self.not_revoked(id)?;
            if let Some(root) = self.roots.get(&id) {
                return scope.intersect(&root.scope);
            }
            let authority = self.authorities.get(&id).ok_or(TrustError::NoRoot)?;
            scope = scope.intersect(&authority.scope)?;
            id = authority.issuer;
        }
        Err(TrustError::NoRoot)
    }

    fn key(&self, id: u64) -> Option<&VerifyingKey> {
        let authority = || self.authorities.get(&id).map(|authority| &authority.key);
        self.roots.get(&id).map(|root| &root.key).or_else(authority)
    }

    fn insert_authority(
        &mut self,
        signed: &CertificateSigned,
        raw: &[u8],
        cert: &Certificate,
        key: VerifyingKey,
        scope: Scope,
    ) -> Result<u64, TrustError> {
        let issuer = signed.ca_key_id.unwrap_or(0);
        let issuer_key = self.key(issuer).ok_or(TrustError::UnknownAuthority(issuer))?;
        check_signature(issuer_key, raw, signed)?;
        let authority = Authority { key, issuer, time_created: cert.time_created.unwrap_or(0), scope };
        let id = key_id(key.as_bytes());
        match self.authorities.get(&id) {
            Some(known) if known.time_created > authority.time_created => {}
            _ => drop(self.authorities.insert(id, authority)),
        }
        Ok(id)
    }

    fn not_revoked(&self, id: u64) -> Result<(), TrustError> {
        if self.is_revoked(id) { Err(TrustError::Revoked(id)) } else { Ok(()) }
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

    /// Whether a certificate for this app and these points of presence is within it.
    pub(super) fn check_use(&self, app: u32, points_of_presence: &[u32]) -> Result<(), TrustError> {
        let allows = |allowed: &Option<BTreeSet<u32>>, id| allowed.as_ref().is_none_or(|allowed| allowed.contains(id));
        if allows(&self.apps, &app) && points_of_presence.iter().all(|id| allows(&self.points_of_presence, id)) {
            Ok(())
        } else {
            Err(TrustError::OutOfScope)
        }
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

/// What stands in a CA certificate, its signature not checked yet.
fn read_authority(signed: &CertificateSigned) -> Result<(&[u8], Certificate, VerifyingKey, Scope), TrustError> {
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
    let scope = Scope::of(&cert, time_expiry);
    Ok((raw, cert, key, scope))
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
