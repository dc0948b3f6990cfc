//! `inspect`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use gamesockets_proto::Identity;
use gamesockets_proto::crypto::armour::ArmourError;
use gamesockets_proto::crypto::{PrivateKey, PublicKey, read_certificates, read_request};
use gamesockets_proto::wire::{Certificate, CertificateSigned};
use prost::Message as _;

use crate::{Outcome, files, scope, time};

/// Say what is in certificates, requests and keys. Nothing is verified, and nothing secret is shown.
#[derive(Args)]
#[command(after_help = "Example: gamesockets-cert inspect alice.cert alice.req alice.key ca.pub")]
pub(crate) struct Arguments {
    /// Files of any of these kinds.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    for path in &arguments.files {
        let text = describe(&files::read(path)?).map_err(|problem| format!("{}: {problem}", path.display()))?;
        print!("{}:\n{text}", path.display());
    }
    Ok(())
}

/// What is in a file of any kind.
pub(crate) fn describe(bytes: &[u8]) -> Outcome<String> {
    if let Ok(key) = PublicKey::parse(bytes) {
        return Ok(format!("  public key {}\n", key.id()));
    }
    if let Ok(key) = PrivateKey::parse(bytes) {
        return Ok(format!("  private key {}\n", key.public_key().id()));
    }
    if let Ok(request) = read_request(bytes) {
        return Ok(format!("  request\n{}", describe_certificate(&request.cert.unwrap_or_default())));
    }
    match read_certificates(bytes) {
        Ok(certificates) => Ok(certificates.iter().map(describe_signed).collect()),
        Err(ArmourError::NoBegin(_)) => Err("neither a certificate, nor a request, nor a key".into()),
        Err(error) => Err(error.to_string()),
    }
}

/// The id of the key in a file of any kind.
pub(crate) fn key_ids(bytes: &[u8]) -> Outcome<Vec<(u64, String)>> {
    if let Ok(key) = PublicKey::parse(bytes) {
        return Ok(vec![(key.id(), String::new())]);
    }
    let certificates = match read_request(bytes) {
        Ok(request) => vec![request.cert.unwrap_or_default()],
        Err(_) => read_certificates(bytes).map_err(|error| error.to_string())?.iter().map(content).collect(),
    };
    let name = |cert: &Certificate| identity(cert).unwrap_or_else(|| "a CA".into());
    let id = |cert: &Certificate| key(cert).map(PublicKey::id).ok_or_else(|| "it has no Ed25519 key".to_owned());
    certificates.iter().map(|cert| Ok((id(cert)?, name(cert)))).collect()
}

fn describe_signed(signed: &CertificateSigned) -> String {
    let cert = content(signed);
    let signer = match (signed.ca_key_id, &signed.ca_signature) {
        (Some(id), Some(_)) if key(&cert).is_some_and(|key| key.id() == id) => "self-signed".to_owned(),
        (Some(id), Some(_)) => format!("signed by {id}"),
        _ => "not signed".to_owned(),
    };
    let kind = if identity(&cert).is_some() { "certificate" } else { "CA certificate" };
    let secret = if signed.private_key_data.is_some() { ", with its private key: keep it secret" } else { "" };
    format!("  {kind}, {signer}{secret}\n{}", describe_certificate(&cert))
}

fn describe_certificate(cert: &Certificate) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "    {name:<10} {value}");
    };
    line("identity", identity(cert).unwrap_or_else(|| "none".into()));
    line("key", key(cert).map_or_else(|| "none".into(), |key| key.id().to_string()));
    let list = |ids: Vec<String>| if ids.is_empty() { "all".into() } else { ids.join(", ") };
    if cert.time_expiry.is_some() {
        line("apps", list(cert.app_ids.iter().map(u32::to_string).collect()));
        line("places", list(cert.gameserver_datacenter_ids.iter().map(|&id| scope::point_text(id)).collect()));
    }
    if let Some(created) = cert.time_created {
        line("created", time::text(created));
    }
    if let Some(expiry) = cert.time_expiry {
        let expired = if expiry < time::now() { ", expired" } else { "" };
        line("expires", format!("{}{expired}", time::text(expiry)));
    }
    text
}

fn content(signed: &CertificateSigned) -> Certificate {
    Certificate::decode(signed.cert.as_deref().unwrap_or_default()).unwrap_or_default()
}

fn key(cert: &Certificate) -> Option<PublicKey> {
    PublicKey::from_bytes(cert.key_data.as_deref()?.try_into().ok()?).ok()
}

fn identity(cert: &Certificate) -> Option<String> {
    let (text, binary) = (cert.identity_string.as_deref(), cert.legacy_identity_binary.as_ref());
    match Identity::from_wire(text, binary, cert.legacy_steam_id) {
        Ok(identity) => identity.map(|identity| identity.to_string()),
        Err(error) => Some(error.to_string()),
    }
}
