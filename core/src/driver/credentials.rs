//! Who we are, how we prove it, and whom we believe.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

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
    /// That second was over when it was last looked at.
    is_expired: AtomicBool,
}

/// What the lock guards.
pub(crate) struct Own {
    pub(crate) shown: Shown,
    /// The certificate that was set. It is shown while it is fit for it.
    installed: Option<LocalCertificate>,
    /// Made with the first certificate request.
    pub(crate) key: Option<PrivateKey>,
    /// A key to show where there is no certificate, in an unsigned one: peers that know keys see whose it is.
    pub(crate) bare_key: Option<[u8; 32]>,
    /// The application has asked for authentication.
    pub(crate) is_wanted: bool,
    /// Why the installed certificate is not shown.
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
        let mut own = Own { shown, installed: None, key: None, bare_key: None, is_wanted: false, lost: None, told };
        // Nobody has to be told how it begins.
        own.told = own.status();
        Self {
            own: Mutex::new(own),
            version: AtomicU64::new(0),
            valid_until: AtomicU64::new(u64::MAX),
            is_expired: AtomicBool::new(false),
        }
    }

    pub(super) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }
}

impl Driver {
    /// What a new connection needs, as of now.
    pub(crate) fn credentials(&self) -> Shown {
        self.judge_certificate();
        self.credentials.own.lock().shown.clone()
    }

    /// How ready our certificate is, as of now.
    pub(crate) fn authentication_status(&self) -> AuthenticationStatus {
        self.judge_certificate();
        self.credentials.own.lock().told.clone()
    }

    /// Changes the credentials. The certificate is shown as long as it fits, listen sockets and later connections take the
    /// change, and the application is told when the status is another.
    pub(crate) fn change_credentials<T>(&self, change: impl FnOnce(&mut Own) -> T) -> T {
        let now = self.unix_seconds();
        let mut own = self.credentials.own.lock();
        let answer = change(&mut own);
        own.show_fit_certificate(now);
        let certificate = own.installed.as_ref();
        let valid_until = certificate.map_or(u64::MAX, |certificate| certificate.valid_until(&own.shown.trust));
        self.credentials.valid_until.store(valid_until, Ordering::Release);
        self.credentials.is_expired.store(valid_until < now, Ordering::Release);
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

    /// Notices when our certificate has expired; and when it has not, after all, because somebody has set the clock back.
    pub(super) fn judge_certificate(&self) {
        let valid_until = self.credentials.valid_until.load(Ordering::Acquire);
        if valid_until != u64::MAX
            && (valid_until < self.unix_seconds()) != self.credentials.is_expired.load(Ordering::Acquire)
        {
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
            tracing::warn!(
                identity = identity.printable(),
                "our certificate is signed by a CA that is not trusted here; peers may know it"
            );
        }
        self.shown.identity = identity;
        self.key = Some(certificate.key().clone());
        self.installed = Some(certificate);
        Ok(())
    }

    /// Becomes somebody else, without certificate and key. Whom we believe stays.
    pub(crate) fn become_identity(&mut self, identity: Identity) {
        self.shown.identity = identity;
        self.installed = None;
        self.key = None;
    }

    /// Changes whom we believe. Connections that exist keep what they began with.
    pub(crate) fn trust_mut(&mut self) -> &mut TrustStore {
        Arc::make_mut(&mut self.shown.trust)
    }

    fn show_fit_certificate(&mut self, unix_seconds: u64) {
        let Shown { identity, trust, .. } = &self.shown;
        let check = |certificate: &LocalCertificate| certificate.check(identity, trust, unix_seconds);
        self.lost = self.installed.as_ref().and_then(|certificate| check(certificate).err());
        self.shown.certificate = if self.lost.is_none() { self.installed.clone() } else { None };
        if let (None, Some(seed)) = (&self.shown.certificate, self.bare_key) {
            let bare = LocalCertificate::unsigned(&self.shown.identity, self.shown.trust.app_id(), seed);
            self.shown.certificate = Some(bare);
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering::Relaxed;
    use std::time::Duration;

    use gamesockets_proto::crypto::{CertificateAuthority, Grant, PrivateKey, read_request};
    use gamesockets_schema::{ConnectionEnd, ConnectionState};
    use prost::Message as _;

    use super::*;
    use crate::{ConfigEntry, ConfigValue, Connection, Sockets};

    const LIMIT: Duration = Duration::from_secs(10);
    const WEEK: i64 = 7 * 86_400;

    fn set_clock(sockets: &Sockets, offset: i64) {
        sockets.driver_for_test().wall_clock.set.store(offset, Relaxed);
    }

    /// An instance with a certificate that is good for two weeks from now.
    fn member(name: &str) -> Sockets {
        let ca = CertificateAuthority::new(PrivateKey::from_seed([1; 32]));
        let sockets = Sockets::new(format!("str:{name}").parse().unwrap()).unwrap();
        sockets.add_trusted_ca(ca.public_key().to_openssh("").as_bytes()).unwrap();
        let expiry = sockets.driver_for_test().unix_seconds().saturating_add_signed(2 * WEEK);
        let grant = Grant { app_ids: vec![0], time_expiry: u32::try_from(expiry).unwrap(), ..Grant::default() };
        let request = read_request(&sockets.certificate_request()).unwrap();
        sockets.set_certificate(&ca.sign_request(&request, &grant).unwrap().encode_to_vec()).unwrap();
        sockets
    }

    fn required() -> Vec<ConfigEntry> {
        let options = [ConfigValue::IP_ALLOW_WITHOUT_AUTH, ConfigValue::IP_LOCAL_HOST_ALLOW_WITHOUT_AUTH];
        let mut entries = options.map(|option| ConfigEntry::new(option, 0)).to_vec();
        entries.push(ConfigEntry::new(ConfigValue::TIMEOUT_INITIAL, 500));
        entries
    }

    /// How an attempt of the client's ends: `None` when it is connected.
    fn attempt(server: &Sockets, client: &Sockets, address: std::net::SocketAddr) -> Option<ConnectionEnd> {
        let attempt: Connection = client.connect_by_ip_address(address, &required()).unwrap();
        for _ in 0..2_000 {
            server.run_callbacks(|event| {
                if let Event::ConnectionStatusChanged { connection, info, .. } = event
                    && info.connection_state == ConnectionState::Connecting
                {
                    server.accept_connection(connection).unwrap();
                }
            });
            let info = client.connection_info(attempt).unwrap();
            match info.connection_state {
                ConnectionState::Connecting => std::thread::sleep(Duration::from_millis(5)),
                ConnectionState::Connected => return None,
                _ => return Some(info.end_reason),
            }
        }
        panic!("neither connected nor failed");
    }

    fn listen(server: &Sockets) -> std::net::SocketAddr {
        let socket = server.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &required()).unwrap();
        server.listen_socket_address(socket).unwrap()
    }

    #[test]
    fn a_listen_socket_judges_certificates_by_the_time_as_of_now() {
        let (server, client) = (member("server"), member("alice"));
        let address = listen(&server);
        assert_eq!(attempt(&server, &client, address), None);
        // Three weeks of running, as the server sees it; its own certificate has expired too.
        set_clock(&server, 3 * WEEK);
        assert!(attempt(&server, &client, address).is_some());
        // The clock was wrong.
        set_clock(&server, 0);
        assert_eq!(attempt(&server, &client, address), None);
    }

    #[test]
    fn a_client_judges_certificates_by_the_time_as_of_now() {
        let (server, client) = (member("server"), member("alice"));
        let address = listen(&server);
        set_clock(&client, -WEEK);
        assert_eq!(attempt(&server, &client, address), None);
        set_clock(&client, 3 * WEEK);
        assert!(attempt(&server, &client, address).is_some());
        set_clock(&client, WEEK);
        assert_eq!(attempt(&server, &client, address), None);
    }

    #[test]
    fn a_certificate_expires_when_the_clock_says_so_and_is_back_when_it_is_set_back() {
        let sockets = member("alice");
        let told = |expected| loop {
            match sockets.wait_event(LIMIT) {
                Some(Event::AuthenticationStatus(status)) if status.available == expected => return,
                Some(_) => {}
                None => panic!("nobody said {expected:?}"),
            }
        };
        told(Availability::Current);
        for _ in 0..2 {
            set_clock(&sockets, 3 * WEEK);
            told(Availability::Previously);
            assert!(sockets.authentication_status().debug_message.contains("expired"));
            set_clock(&sockets, -3 * WEEK);
            told(Availability::Current);
            assert_eq!(sockets.authentication_status().available, Availability::Current);
        }
    }
}
