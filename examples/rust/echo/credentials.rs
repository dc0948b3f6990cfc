//! Certificates: showing ours, asking for the peer's. `gamesockets-cert` makes them; see docs/CERTIFICATES.md.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use gamesockets::{ConfigEntry, ConfigValue, Sockets};

use super::Outcome;

#[derive(Args)]
pub(crate) struct Credentials {
    /// Our certificate; it also says who we are. Without it we are anonymous.
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// Its private key.
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// A CA to trust; may be given several times, the root first.
    #[arg(long, value_name = "FILE")]
    ca: Vec<PathBuf>,
    /// A list of keys that are revoked.
    #[arg(long, value_name = "FILE")]
    revoked: Option<PathBuf>,
    /// Have nothing to do with peers that do not prove who they are.
    #[arg(long, requires = "ca")]
    require_auth: bool,
}

impl Credentials {
    /// An instance that shows and believes all this.
    pub(crate) fn instance(&self) -> Outcome<Sockets> {
        let sockets = Sockets::anonymous()?;
        for path in &self.ca {
            sockets.add_trusted_ca(&read(path)?).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        if let Some(path) = &self.revoked {
            sockets.revoke_all(&String::from_utf8(read(path)?)?)?;
        }
        if let (Some(certificate), Some(key)) = (&self.cert, &self.key) {
            sockets.set_certificate_and_private_key(&read(certificate)?, &read(key)?)?;
        }
        Ok(sockets)
    }

    /// What connections need to know of it.
    pub(crate) fn options(&self) -> Vec<ConfigEntry> {
        let options = [ConfigValue::IP_ALLOW_WITHOUT_AUTH, ConfigValue::IP_LOCAL_HOST_ALLOW_WITHOUT_AUTH];
        let required = options.map(|option| ConfigEntry::new(option, 0));
        if self.require_auth { required.into() } else { Vec::new() }
    }
}

fn read(path: &Path) -> Outcome<Vec<u8>> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()).into())
}
