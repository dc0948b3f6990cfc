//! Authority: the keys of a network and what they sign. The root signs the backend's own certificate and that of the
//! issuer; the issuer signs those of players. Clients know the root by the network's address and nothing else, so what the
//! issuer signs does not pass for the backend.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use gamesockets_proto::Identity;
use gamesockets_proto::crypto::{CertificateAuthority, Grant, IssueError, PrivateKey, PublicKey, request};
use gamesockets_proto::wire::CertificateSigned;
use prost::Message as _;

/// The name in the backend's certificate, as a `str:` identity.
pub const BACKEND_NAME: &str = "gamesockets-backend";
/// How long a certificate is valid, of the backend and of players, seconds.
pub const LEAF_SECONDS: u64 = 25 * 3_600;
/// How long that of the issuer is.
const ISSUER_SECONDS: u64 = 365 * 86_400;
/// Certificates are valid from before they are made, since clocks differ.
const BACK_DATED: u64 = 600;

/// The keys of a network.
#[derive(Debug)]
pub struct Authority {
    root: CertificateAuthority,
    root_key: PublicKey,
    issuer: CertificateAuthority,
    issuer_certificate: Vec<u8>,
}

impl Authority {
    /// Keys from their files in this folder; made at first. Random bytes come from the system.
    ///
    /// # Errors
    /// When they cannot be read or written.
    pub fn open(folder: &Path, now: u64) -> Result<Self, String> {
        let (root, issuer) = (key(&folder.join("root.key"))?, key(&folder.join("issuer.key"))?);
        Self::new(root, issuer, now).map_err(|error| format!("the issuer's certificate: {error}"))
    }

    /// With these keys.
    ///
    /// # Errors
    /// When the time makes no sense.
    pub fn new(root: PrivateKey, issuer: PrivateKey, now: u64) -> Result<Self, IssueError> {
        let root_key = root.public_key();
        let root = CertificateAuthority::new(root);
        let issuer_key = issuer.public_key();
        let certificate = root.sign_authority(issuer_key, &grant(None, Vec::new(), now, ISSUER_SECONDS))?;
        let issuer = CertificateAuthority::new(issuer);
        Ok(Self { root, root_key, issuer, issuer_certificate: certificate.encode_to_vec() })
    }

    /// What the network is known by.
    pub fn root_key(&self) -> [u8; 32] {
        self.root_key.to_bytes()
    }

    /// The certificate of the issuer.
    pub fn issuer_certificate(&self) -> &[u8] {
        &self.issuer_certificate
    }

    /// A certificate for the backend itself, for the key that is shown to clients.
    ///
    /// # Errors
    /// When the time makes no sense.
    pub fn sign_backend(&self, key: PublicKey, now: u64) -> Result<CertificateSigned, IssueError> {
        let identity = Identity::from_generic_string(BACKEND_NAME)?;
        self.root.sign_request(&request(key, None), &grant(Some(identity), vec![0], now, LEAF_SECONDS))
    }

    /// A certificate for a player's key.
    ///
    /// # Errors
    /// When it is no key.
    pub fn sign_player(
        &self,
        key: &[u8; 32],
        identity: &Identity,
        app: u32,
        now: u64,
    ) -> Result<CertificateSigned, IssueError> {
        let key = PublicKey::from_bytes(key).map_err(|_| IssueError::BadKey)?;
        self.issuer.sign_request(&request(key, None), &grant(Some(identity.clone()), vec![app], now, LEAF_SECONDS))
    }
}

fn grant(identity: Option<Identity>, app_ids: Vec<u32>, now: u64, seconds: u64) -> Grant {
    let at = |seconds: u64| u32::try_from(seconds).unwrap_or(u32::MAX);
    Grant {
        identity,
        app_ids,
        points_of_presence: Vec::new(),
        time_created: at(now.saturating_sub(BACK_DATED)),
        time_expiry: at(now.saturating_add(seconds)),
    }
}

/// Reads a key from its file, which is made if it is missing: for its owner's eyes alone, and whole or not at all.
fn key(path: &Path) -> Result<PrivateKey, String> {
    match fs::read(path) {
        Ok(bytes) => return PrivateKey::parse(&bytes).map_err(|error| format!("{}: {error}", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(format!("{}: {error}", path.display())),
    }
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| format!("no randomness: {error}"))?;
    let key = PrivateKey::from_seed(seed);
    let beside = path.with_extension("new");
    let written = (|| {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside)?;
        file.write_all(key.to_openssh("gamesockets network").as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    })();
    written.map_err(|error: std::io::Error| format!("{}: {error}", path.display()))?;
    Ok(key)
}
