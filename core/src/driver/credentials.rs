//! Who we are, how we prove it, and whom we believe.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gamesockets_proto::Identity;
use gamesockets_proto::crypto::{LocalCertificate, LocalCertificateError, PrivateKey, TrustStore};
use gamesockets_schema::{AuthenticationStatus, Availability};
use parking_lot::Mutex;

use super::Driver;
use crate::events::Event;

/// The credentials of an instance. Their lock may be held while any other but a connection's or poll group's is taken.
pub(crate) struct Credentials {
    own: Mutex<Own>,
    /// Counts the changes, so that listen sockets notice without a lock.
    version: AtomicU64,
    /// The last second in which our certificate and its CA are valid, Unix time; `u64::MAX` without one.
    valid_until: AtomicU64,
}

/// What the lock guards.
pub(crate) struct Own {
    pub(crate) shown: Shown,
    /// Made with the first certificate request.
    pub(crate) key: Option<PrivateKey>,
    /// The application has asked for authentication.
    pub(crate) is_wanted: bool,
    /// Why there is no certificate any more.
    lost: Option<LocalCertificateError>,
    /// What the application was last told.
    told: AuthenticationStatus,
}

/// What new connections need: it is copied for each.
#[derive(Clone)]
pub(crate) struct Shown {
    pub(crate) identity: Identity,
    pub(crate) certificate: Option<LocalCertificate>,
    pub(crate) trust: Arc<TrustStore>,
}

impl Credentials {
    pub(super) fn new(identity: Identity) -> Self {
        let shown = Shown { identity, certificate: None, trust: Arc::default() };
        let told = AuthenticationStatus { available: Availability::Unknown, debug_message: String::new() };
        let mut own = Own { shown, key: None, is_wanted: false, lost: None, told };
        // Nobody has to be told how it begins.
        own.told = own.status();
        Self { own: Mutex::new(own), version: AtomicU64::new(0), valid_until: AtomicU64::new(u64::MAX) }
    }

    pub(super) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }
}

impl Driver {
    /// Unix time in seconds.
    pub(crate) fn unix_seconds(&self) -> u64 {
        self.unix_seconds_at_zero().saturating_add(self.now().as_micros() / 1_000_000)
    }

    /// What a new connection needs, as of now.
    pub(crate) fn credentials(&self) -> Shown {
        self.drop_expired_certificate();
        self.credentials.own.lock().shown.clone()
    }

    /// How ready our certificate is, as of now.
    pub(crate) fn authentication_status(&self) -> AuthenticationStatus {
        self.drop_expired_certificate();
        self.credentials.own.lock().told.clone()
    }

    /// Changes the credentials. The certificate goes if it does not fit any more, listen sockets and later connections
    /// take the change, and the application is told when the status is another.
    pub(crate) fn change_credentials<T>(&self, change: impl FnOnce(&mut Own) -> T) -> T {
        let now = self.unix_seconds();
        let mut own = self.credentials.own.lock();
        let answer = change(&mut own);
        own.drop_unfit_certificate(now);
        let certificate = own.shown.certificate.as_ref();
        let valid_until = certificate.map_or(u64::MAX, |certificate| certificate.valid_until(&own.shown.trust));
        self.credentials.valid_until.store(valid_until, Ordering::Release);
        self.credentials.version.fetch_add(1, Ordering::AcqRel);
        let status = own.status();
        if status != own.told {
            own.told = status.clone();
            self.post(Event::AuthenticationStatus(status));
        }
        drop(own);
        self.events.announce();
        answer
    }

    /// Notices when our certificate has expired.
    pub(super) fn drop_expired_certificate(&self) {
        let valid_until = self.credentials.valid_until.load(Ordering::Acquire);
        if valid_until != u64::MAX && valid_until < self.unix_seconds() {
            self.change_credentials(|_| ());
        }
    }
}

impl Own {
    /// Takes a certificate for ours. An anonymous instance becomes whom the certificate names.
    pub(crate) fn install(
        &mut self,
        certificate: LocalCertificate,
        unix_seconds: u64,
    ) -> Result<(), LocalCertificateError> {
        let identity = match certificate.identity() {
            Some(named) if self.shown.identity.is_localhost() => named.clone(),
            _ => self.shown.identity.clone(),
        };
        if !certificate.check(&identity, &self.shown.trust, unix_seconds)? {
            tracing::warn!(%identity, "our certificate is signed by a CA that is not trusted here; peers may know it");
        }
        self.shown.identity = identity;
        self.key = Some(certificate.key().clone());
        self.shown.certificate = Some(certificate);
        self.lost = None;
        Ok(())
    }

    /// Becomes somebody else, without certificate and key. Whom we believe stays.
    pub(crate) fn become_identity(&mut self, identity: Identity) {
        self.shown.identity = identity;
        self.shown.certificate = None;
        self.key = None;
        self.lost = None;
    }

    /// Changes whom we believe. Connections that exist keep what they began with.
    pub(crate) fn trust_mut(&mut self) -> &mut TrustStore {
        Arc::make_mut(&mut self.shown.trust)
    }

    fn drop_unfit_certificate(&mut self, unix_seconds: u64) {
        let Some(certificate) = &self.shown.certificate else { return };
        if let Err(error) = certificate.check(&self.shown.identity, &self.shown.trust, unix_seconds) {
            self.shown.certificate = None;
            self.lost = Some(error);
        }
    }

    fn status(&self) -> AuthenticationStatus {
        let (available, debug_message) = match (&self.shown.certificate, &self.lost) {
            (Some(certificate), _) if self.is_issuer_known(certificate) => (Availability::Current, "OK".to_owned()),
            (Some(_), _) => (Availability::Current, "OK, though the CA is none of those trusted here".to_owned()),
            (None, Some(lost)) => (Availability::Previously, lost.to_string()),
            (None, None) if self.shown.trust.is_empty() => {
                (Availability::CannotTry, "No certificate authority".to_owned())
            }
            (None, None) if self.is_wanted => {
                let text = "Waiting for a certificate: have the certificate request signed, then set the certificate";
                (Availability::Waiting, text.to_owned())
            }
            (None, None) => (Availability::NeverTried, "Nobody has asked for a certificate".to_owned()),
        };
        AuthenticationStatus { available, debug_message }
    }

    fn is_issuer_known(&self, certificate: &LocalCertificate) -> bool {
        self.shown.trust.knows(certificate.wire().ca_key_id.unwrap_or(0))
    }
}
