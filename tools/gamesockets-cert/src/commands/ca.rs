//! `ca create`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use gamesockets_proto::crypto::{CertificateAuthority, Grant};

use crate::Outcome;
use crate::files::{self, Kind};
use crate::scope::{self, Points};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make the key of a CA, and its certificate: self-signed, or signed by another CA.
    ///
    /// Writes OUT.key (keep it secret: whoever has it can be anybody), OUT.pub and OUT.cert (for everybody).
    #[command(after_help = "\
Examples:
  gamesockets-cert ca create --out ca
  gamesockets-cert ca create --out tournament --signed-by ca.key --app 480 --days 30")]
    Create(Create),
}

#[derive(Args)]
pub(crate) struct Create {
    /// What the files are called, without their endings.
    #[arg(long, value_name = "PATH", default_value = "ca")]
    out: PathBuf,
    /// The private key of the CA that vouches for this one; without it, it vouches for itself.
    #[arg(long, value_name = "FILE")]
    signed_by: Option<PathBuf>,
    /// An app that it may vouch for; may be given several times. Without it: all.
    #[arg(long = "app", value_name = "APP_ID")]
    app_ids: Vec<u32>,
    #[command(flatten)]
    points: Points,
    /// How many days it is valid, from now on.
    #[arg(long, value_name = "N", default_value_t = 3650, value_parser = clap::value_parser!(u32).range(1..))]
    days: u32,
}

pub(crate) fn create(arguments: &Create) -> Outcome {
    let issuer = arguments.signed_by.as_deref().map(files::read_private_key).transpose()?;
    let [key_path, public_path, certificate_path] =
        ["key", "pub", "cert"].map(|ending| files::with_ending(&arguments.out, ending));
    for path in [&key_path, &public_path, &certificate_path] {
        files::must_not_exist(path)?;
    }
    let key = files::new_private_key()?;
    let public = key.public_key();
    let (time_created, time_expiry) = scope::validity(arguments.days)?;
    let grant = Grant {
        identity: None,
        app_ids: arguments.app_ids.clone(),
        points_of_presence: arguments.points.ids(),
        time_created,
        time_expiry,
    };
    let authority = CertificateAuthority::new(issuer.unwrap_or_else(|| key.clone()));
    let certificate = authority.sign_authority(public, &grant).map_err(|error| error.to_string())?;
    files::write_private_key(&key_path, &key)?;
    files::write(&public_path, Kind::PublicKey, &format!("{}\n", public.to_openssh(&files::key_comment(public))))?;
    files::write_certificate(&certificate_path, &certificate)?;
    println!(
        "CA {}: {} (secret), {}, {}",
        public.id(),
        key_path.display(),
        public_path.display(),
        certificate_path.display()
    );
    Ok(())
}
