//! `verify`.

use std::path::PathBuf;

use clap::Args;
use gamesockets_proto::Identity;
use gamesockets_proto::crypto::{PeerCertificate, PublicKey, TrustStore, read_certificates, revocation};

use crate::{Outcome, files, time};

/// Check a certificate as a peer would that requires authentication. The exit status tells the result.
#[derive(Args)]
#[command(after_help = "\
Examples:
  gamesockets-cert verify --ca ca.cert alice.cert
  gamesockets-cert verify --ca ca.cert --ca tournament.cert --revoked revoked.txt --app 480 --identity str:bob bob.cert")]
pub(crate) struct Arguments {
    /// A CA to trust: a public key, or a CA certificate. Of several the root comes first.
    #[arg(long, value_name = "FILE", required = true)]
    ca: Vec<PathBuf>,
    /// A list of revoked keys.
    #[arg(long, value_name = "FILE")]
    revoked: Vec<PathBuf>,
    /// The app of the peer.
    #[arg(long, value_name = "APP_ID", default_value_t = 0)]
    app: u32,
    /// Whose it has to be; without this, anybody's will do.
    #[arg(long)]
    identity: Option<Identity>,
    /// The certificate, as text or as bytes.
    certificate: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let trust = trust(arguments)?;
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", arguments.certificate.display());
    let certificates = read_certificates(&files::read(&arguments.certificate)?).map_err(|error| named(&error))?;
    for signed in &certificates {
        let certificate = PeerCertificate::parse(Some(signed)).map_err(|error| named(&error))?;
        let claimed = certificate.identity().map_err(|error| named(&error))?;
        let peer = arguments.identity.clone().or(claimed);
        let peer = peer.ok_or_else(|| named(&"it does not say whose it is: name a peer with --identity"))?;
        certificate.verify(&peer, 0, &trust, u64::from(time::now())).map_err(|error| named(&error))?;
        println!("{}: valid, of {peer}", arguments.certificate.display());
    }
    Ok(())
}

fn trust(arguments: &Arguments) -> Outcome<TrustStore> {
    let mut trust = TrustStore::default();
    trust.set_app_id(arguments.app);
    for path in &arguments.ca {
        let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let bytes = files::read(path)?;
        if let Ok(key) = PublicKey::parse(&bytes) {
            trust.add_root(&key.to_bytes()).map_err(|error| named(&error))?;
            continue;
        }
        for certificate in read_certificates(&bytes).map_err(|error| named(&error))? {
            trust.add_certificate(&certificate).map_err(|error| named(&error))?;
        }
    }
    for path in &arguments.revoked {
        let list = files::read_text(path)?;
        let ids = revocation::parse(&list).map_err(|error| format!("{}: {error}", path.display()))?;
        ids.into_iter().for_each(|id| trust.revoke(id));
    }
    Ok(trust)
}
