//! Proving who we are, and asking the same of peers: certificates without Steam (spec section 6.2; wire-p2p section 7).

use gamesockets_proto::crypto::{
    KeyError, LocalCertificate, LocalCertificateError, PrivateKey, PublicKey, read_certificates, request, revocation,
};
use gamesockets_proto::wire::CertificateSigned;
use gamesockets_schema::{AuthenticationStatus, Availability};
use prost::Message as _;

use super::Sockets;
use crate::error::Error;
use crate::handles::Connection;

impl Sockets {
    /// The Ed25519 key of the peer's certificate, once the handshake is over. A peer from which a message has come has
    /// proved to own it, whether anybody vouches for its certificate or not. `None` before, and within a process.
    ///
    /// # Errors
    /// [`Error::InvalidHandle`].
    pub fn peer_certificate_key(&self, connection: Connection) -> Result<Option<[u8; 32]>, Error> {
        let cell = self.connection(connection)?;
        let guarded = cell.lock();
        Ok(guarded.engine.udp().and_then(gamesockets_proto::Connection::peer_key))
    }

    /// Shows this key, in a certificate that nobody has signed, where there is no other certificate.
    pub(crate) fn show_bare_key(&self, seed: [u8; 32]) {
        if let Ok(driver) = self.driver() {
            driver.change_credentials(|own| own.bare_key = Some(seed));
        }
    }

    /// Says that authentication is wanted; answers how ready we are. Changes come as
    /// [`Event::AuthenticationStatus`](crate::Event).
    ///
    /// Without a certificate and a CA this is `CannotTry`; with a CA that we trust, `Waiting` until
    /// [`Self::set_certificate`] is called.
    #[doc(alias = "InitAuthentication")]
    pub fn init_authentication(&self) -> Availability {
        if let Ok(driver) = self.driver() {
            driver.change_credentials(|own| own.is_wanted = true);
        }
        self.authentication_status().available
    }

    /// How ready our certificate is: `Current` with a valid one, `Previously` once it has expired or is revoked.
    #[doc(alias = "GetAuthenticationStatus")]
    pub fn authentication_status(&self) -> AuthenticationStatus {
        match self.driver() {
            Ok(driver) => driver.authentication_status(),
            Err(error) => AuthenticationStatus { available: Availability::CannotTry, debug_message: error.to_string() },
        }
    }

    /// What a CA has to sign so that we get a certificate: our identity and our public key, in the form of
    /// `CMsgSteamDatagramCertificateRequest`. The key is made by the first call, and kept until the identity changes.
    /// Of an anonymous instance it has no identity: then the CA names one.
    #[doc(alias = "GetCertificateRequest")]
    pub fn certificate_request(&self) -> Vec<u8> {
        let Ok(driver) = self.driver() else { return Vec::new() };
        let seed = driver.seed();
        driver.change_credentials(|own| {
            let key = own.key.get_or_insert_with(|| PrivateKey::from_seed(seed));
            let identity = Some(&own.shown.identity).filter(|identity| !identity.is_localhost());
            request(key.public_key(), identity).encode_to_vec()
        })
    }

    /// Shows peers this certificate from now on, in new connections. `certificate` is a serialised
    /// `CMsgSteamDatagramCertificateSigned`, or the text `STEAMDATAGRAM CERT`. It belongs to the key of
    /// [`Self::certificate_request`], or brings its private key along.
    ///
    /// An anonymous instance takes the identity of the certificate. A CA that is not trusted here is no obstacle, since
    /// peers may know it.
    ///
    /// # Errors
    /// [`Error::Certificate`] when it is cut off, expired or revoked, or key, identity or app do not match. The
    /// certificate before stays.
    #[doc(alias = "SetCertificate")]
    pub fn set_certificate(&self, certificate: &[u8]) -> Result<(), Error> {
        let signed = read_one(certificate)?;
        let driver = self.driver()?;
        let now = driver.unix_seconds();
        driver.change_credentials(|own| {
            let certificate = LocalCertificate::with_known_key(&signed, own.key.as_ref())?;
            own.install(certificate, now)
        })?;
        Ok(())
    }

    /// As [`Self::set_certificate`], with a private key that replaces ours: an OpenSSH private key without a passphrase,
    /// or its 32 bytes.
    ///
    /// # Errors
    /// As [`Self::set_certificate`]; and when the key cannot be read.
    pub fn set_certificate_and_private_key(&self, certificate: &[u8], private_key: &[u8]) -> Result<(), Error> {
        let signed = read_one(certificate)?;
        let key = PrivateKey::parse(private_key).map_err(LocalCertificateError::PrivateKey)?;
        let certificate = LocalCertificate::with_known_key(&signed, Some(&key))?;
        let driver = self.driver()?;
        let now = driver.unix_seconds();
        driver.change_credentials(|own| own.install(certificate, now))?;
        Ok(())
    }

    /// Believes the certificates that a CA signs, from now on, in new connections; gives the ids of its keys.
    /// `authority` is one of:
    ///
    /// - a public key, as a line `ssh-ed25519 ...` or as 32 bytes: trusted for everything,
    /// - a CA certificate, as the text `STEAMDATAGRAM CERT` or in binary form. A self-signed one is trusted within its
    ///   scope; any other must be signed by a CA that is already trusted. A text may hold several, the root first.
    ///
    /// # Errors
    /// [`Error::TrustedCa`] when it is none of these. Nothing of it is trusted then.
    pub fn add_trusted_ca(&self, authority: &[u8]) -> Result<Vec<u64>, Error> {
        let key = match PublicKey::parse(authority) {
            Ok(key) => Some(key),
            Err(KeyError::NoPublicKey) => None,
            Err(error) => return Err(Error::trusted_ca(error)),
        };
        let certificates = match key {
            Some(_) => Vec::new(),
            None => read_certificates(authority).map_err(Error::trusted_ca)?,
        };
        self.driver()?.change_credentials(|own| {
            let mut trust = own.shown.trust.as_ref().clone();
            let keys = key.iter().map(|key| trust.add_root(&key.to_bytes())).collect::<Vec<_>>();
            let certificates = certificates.iter().map(|signed| trust.add_certificate(signed));
            let ids = keys.into_iter().chain(certificates).collect::<Result<_, _>>().map_err(Error::trusted_ca)?;
            *own.trust_mut() = trust;
            Ok(ids)
        })
    }

    /// Distrusts a key, a CA's or a peer's, from now on, in new connections. `gamesockets-cert inspect` tells the id of
    /// a key.
    pub fn revoke(&self, key_id: u64) {
        if let Ok(driver) = self.driver() {
            driver.change_credentials(|own| own.trust_mut().revoke(key_id));
        }
    }

    /// Distrusts every key of a list: one decimal key id per line, `#` begins a remark. Answers how many there are.
    ///
    /// # Errors
    /// [`Error::RevocationList`] when a line is neither. Nothing is revoked then.
    pub fn revoke_all(&self, list: &str) -> Result<usize, Error> {
        let ids = revocation::parse(list).map_err(|error| Error::RevocationList { problem: error.to_string() })?;
        let count = ids.len();
        self.driver()?.change_credentials(|own| ids.into_iter().for_each(|id| own.trust_mut().revoke(id)));
        Ok(count)
    }

    /// The app that certificates must be good for; 0 unless set.
    pub fn app_id(&self) -> u32 {
        self.driver().map_or(0, |driver| driver.credentials().trust.app_id())
    }

    /// From now on, in new connections, certificates must be good for this app: those of peers, and ours. Peers have to
    /// use the same number.
    pub fn set_app_id(&self, app_id: u32) {
        if let Ok(driver) = self.driver() {
            driver.change_credentials(|own| own.trust_mut().set_app_id(app_id));
        }
    }
}

fn read_one(certificate: &[u8]) -> Result<CertificateSigned, Error> {
    let certificates =
        read_certificates(certificate).map_err(|error| Error::Certificate { problem: error.to_string() })?;
    certificates.into_iter().next().ok_or_else(|| LocalCertificateError::Malformed.into())
}
