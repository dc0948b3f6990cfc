//! What both ends check about each other (spec sections 4.5, 4.6, 5.6 and 6.3).

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use gamesockets_schema::ConnectionEnd;
use prost::Message;

use super::KEY_TYPE_CURVE25519;
use super::Reject;
use crate::crypto::cipher::OfferedCiphers;
use crate::crypto::{Authentication, PeerCertificate, SessionShare, TrustStore};
use crate::identity::{Identity, IdentityError};
use crate::wire::frame::Credit;
use crate::wire::{Certificate, CertificateSigned, Extensions, SessionCryptInfo, SessionCryptInfoSigned};
use crate::{ConnectionConfig, PROTOCOL_VERSION_MIN};

/// The options IP_AllowWithoutAuth and IPLocalHost_AllowWithoutAuth.
#[derive(Clone, Copy, Debug)]
pub(super) struct AuthOptions {
    ip: u8,
    ip_local_host: u8,
}

impl AuthOptions {
    pub(super) fn of(config: &ConnectionConfig) -> Self {
        Self { ip: config.ip_allow_without_auth, ip_local_host: config.ip_local_host_allow_without_auth }
    }

    /// The value that counts for a server (spec section 5.7).
    pub(super) fn for_client_at(self, address: SocketAddr) -> u8 {
        self.effective(address.ip().to_canonical().is_loopback())
    }

    /// The value that counts for a client, to which only two addresses are this machine.
    pub(super) fn for_server_at(self, address: SocketAddr) -> u8 {
        let ip = address.ip().to_canonical();
        let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        self.effective(loopback.contains(&ip))
    }

    fn effective(self, is_loopback: bool) -> u8 {
        if is_loopback { self.ip.max(self.ip_local_host) } else { self.ip }
    }
}

/// Who the peer says it is: in its certificate, else in `in_message`, else nobody. Nobody is whoever is at that address.
pub(super) fn resolve_identity(
    certificate: &PeerCertificate,
    in_message: impl FnOnce() -> Result<Option<Identity>, IdentityError>,
    address: SocketAddr,
    allow_without_auth: u8,
) -> Result<Identity, Reject> {
    let malformed = |_| Reject::Ignore("malformed identity");
    let in_certificate = certificate.identity().map_err(malformed)?;
    let is_certified = in_certificate.is_some();
    let identity = match in_certificate {
        Some(identity) => identity,
        None => in_message().map_err(malformed)?.unwrap_or_else(Identity::localhost),
    };
    if identity.is_localhost() {
        if allow_without_auth == 0 {
            return Err(Reject::Ignore("anonymous, and authentication is required"));
        }
        return Ok(Identity::from_address(address));
    }
    if identity.address().is_some() && !is_certified {
        return Err(Reject::Ignore("an address as identity must be in the certificate"));
    }
    Ok(identity)
}

/// What certificates are judged by.
pub(super) struct Policy<'a> {
    pub(super) allow_without_auth: u8,
    pub(super) trust: &'a TrustStore,
    pub(super) unix_seconds: u64,
}

/// Longer session infos are of nobody: GNS has about 60 bytes, we have 90.
const INFO_LEN_MAX: usize = 256;

/// A peer whose certificate is accepted and whose session info is signed with its key. A stranger can have us keep one, so
/// nothing of either is kept but what the keys depend on.
pub(super) struct VerifiedPeer {
    cert: Box<[u8]>,
    info: Box<[u8]>,
    exchange_key: Option<[u8; 32]>,
    nonce: u64,
    protocol_version: u32,
    extensions: Extensions,
    window: Option<Credit>,
    ciphers: OfferedCiphers,
    authentication: Authentication,
}

/// A peer as a signal brings it: the service that carried it says whose it is (wire-p2p section 1.9).
pub struct SignalledPeer<'a> {
    /// Who sent the signal.
    pub identity: Identity,
    /// The sender's connection id.
    pub connection_id: u32,
    /// The certificate.
    pub cert: Option<&'a CertificateSigned>,
    /// The share of the key exchange.
    pub crypt: Option<&'a SessionCryptInfoSigned>,
    /// 0: the certificate must be signed by a CA that we trust; 2: it need not.
    pub allow_without_auth: u8,
    /// The time, for certificates.
    pub unix_seconds: u64,
}

impl SignalledPeer<'_> {
    pub(super) fn verify(&self, trust: &TrustStore) -> Result<VerifiedPeer, Reject> {
        let certificate =
            PeerCertificate::parse(self.cert).map_err(|_| Reject::bad_crypt("the certificate does not parse"))?;
        let certified =
            certificate.identity().map_err(|_| Reject::bad_crypt("the identity in the certificate is none"))?;
        if certified.as_ref() != Some(&self.identity) {
            return Err(Reject::bad_crypt("the certificate is for another identity than the sender of the signal"));
        }
        let policy = Policy { allow_without_auth: self.allow_without_auth, trust, unix_seconds: self.unix_seconds };
        VerifiedPeer::verify(certificate, self.crypt, &self.identity, &policy)
    }
}

impl VerifiedPeer {
    /// Checks everything but what only matters once the session begins: ciphers and the X25519 key.
    pub(super) fn verify(
        certificate: PeerCertificate,
        crypt: Option<&SessionCryptInfoSigned>,
        identity: &Identity,
        policy: &Policy<'_>,
    ) -> Result<Self, Reject> {
        let info_bytes = crypt.and_then(|crypt| crypt.info.as_deref()).unwrap_or_default();
        if certificate.cert_bytes().is_empty() || info_bytes.is_empty() {
            return Err(Reject::bad_crypt("certificate or session info missing"));
        }
        if info_bytes.len() > INFO_LEN_MAX {
            return Err(Reject::bad_crypt("session info is far too long"));
        }
        let authentication =
            certificate.verify(identity, policy.allow_without_auth, policy.trust, policy.unix_seconds)?;
        let signature = crypt.and_then(|crypt| crypt.signature.as_deref()).unwrap_or_default();
        certificate.verify_signature(info_bytes, signature)?;
        let info =
            SessionCryptInfo::decode(info_bytes).map_err(|_| Reject::bad_crypt("session info does not parse"))?;
        let protocol_version = info.protocol_version.unwrap_or(0);
        if protocol_version < PROTOCOL_VERSION_MIN {
            let text = format!("peer's software is too old: version {protocol_version}");
            return Err(Reject::fail(ConnectionEnd::REMOTE_BAD_PROTOCOL_VERSION, text));
        }
        let window = info.gamesockets_window_messages.zip(info.gamesockets_window_bytes);
        let announced = Extensions(info.gamesockets_extensions.unwrap_or(0));
        // The window is nothing without what the peer takes to begin with.
        let without = if window.is_none() { Extensions::RECEIVE_WINDOW } else { Extensions::NONE };
        Ok(Self {
            cert: certificate.cert_bytes().into(),
            info: info_bytes.into(),
            exchange_key: exchange_key(&info),
            nonce: info.nonce.unwrap_or(0),
            protocol_version,
            extensions: announced.without(without),
            window: window.map(|(messages, bytes)| Credit { messages, bytes }),
            ciphers: OfferedCiphers::read(&info.ciphers),
            authentication,
        })
    }

    pub(super) fn protocol_version(&self) -> u32 {
        self.protocol_version
    }

    pub(super) fn extensions(&self) -> Extensions {
        self.extensions
    }

    /// How much it takes before it says more.
    pub(super) fn window(&self) -> Option<Credit> {
        self.window
    }

    pub(super) fn is_authenticated(&self) -> bool {
        self.authentication == Authentication::Authenticated
    }

    /// Its Ed25519 key. It is read again from the certificate, which is kept for the session's keys anyway.
    pub(super) fn certificate_key(&self) -> [u8; 32] {
        let key = Certificate::decode(&*self.cert).ok().and_then(|cert| cert.key_data);
        // It was of that length when the signature was checked with it.
        key.as_deref().and_then(|key| key.try_into().ok()).unwrap_or_default()
    }

    pub(super) fn ciphers(&self) -> OfferedCiphers {
        self.ciphers
    }

    /// Its X25519 public key.
    pub(super) fn exchange_key(&self) -> Result<[u8; 32], Reject> {
        self.exchange_key.ok_or_else(|| Reject::bad_crypt("session info has no X25519 key of 32 bytes"))
    }

    pub(super) fn share(&self, connection_id: u32) -> SessionShare<'_> {
        SessionShare { connection_id, nonce: self.nonce, cert: &self.cert, crypt_info: &self.info }
    }
}

fn exchange_key(info: &SessionCryptInfo) -> Option<[u8; 32]> {
    let key = info.key_data.as_deref().filter(|_| info.key_type == Some(KEY_TYPE_CURVE25519))?;
    key.try_into().ok()
}
