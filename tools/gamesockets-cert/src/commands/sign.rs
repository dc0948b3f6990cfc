//! `sign`.

use std::path::PathBuf;

use clap::Args;
use gamesockets_proto::Identity;
use gamesockets_proto::crypto::{CertificateAuthority, Grant, PeerCertificate, read_request};

use crate::scope::{self, Points};
use crate::{Outcome, files, time};

/// Sign a request. It proves nothing: be sure that it comes from the owner of the identity.
#[derive(Args)]
#[command(after_help = "\
Examples:
  gamesockets-cert sign --ca-key ca.key --out alice.cert alice.req
  gamesockets-cert sign --ca-key ca.key --out server.cert --app 480 --pop fra --days 90 server.req")]
pub(crate) struct Arguments {
    /// The private key of the CA.
    #[arg(long, value_name = "FILE")]
    ca_key: PathBuf,
    /// Where the certificate goes.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Refuse to sign for anybody else; or whose the certificate is, if the request does not say.
    #[arg(long)]
    identity: Option<Identity>,
    /// An app that it is good for; may be given several times.
    #[arg(long = "app", value_name = "APP_ID", default_values_t = [0])]
    app_ids: Vec<u32>,
    #[command(flatten)]
    points: Points,
    /// How many days it is valid, from now on.
    #[arg(long, value_name = "N", default_value_t = 730, value_parser = clap::value_parser!(u32).range(1..))]
    days: u32,
    /// The request, as text or as bytes.
    request: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let authority = CertificateAuthority::new(files::read_private_key(&arguments.ca_key)?);
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", arguments.request.display());
    let request = read_request(&files::read(&arguments.request)?).map_err(|error| named(&error))?;
    let (time_created, time_expiry) = scope::validity(arguments.days)?;
    let grant = Grant {
        identity: arguments.identity.clone(),
        app_ids: arguments.app_ids.clone(),
        points_of_presence: arguments.points.ids(),
        time_created,
        time_expiry,
    };
    let signed = authority.sign_request(&request, &grant).map_err(|error| named(&error))?;
    files::write_certificate(&arguments.out, &signed)?;
    let identity = PeerCertificate::parse(Some(&signed)).ok().and_then(|certificate| certificate.identity().ok()?);
    let whose = identity.map(|identity| identity.to_string()).unwrap_or_default();
    println!("certificate of {whose} until {}: {}", time::text(time_expiry), arguments.out.display());
    Ok(())
}
