//! Reading and writing: secrets are for their owner's eyes only, and nothing secret is overwritten.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use gamesockets_proto::crypto::{PrivateKey, PublicKey, armour};
use gamesockets_proto::wire::CertificateSigned;
use prost::Message as _;

use crate::Outcome;

/// No file of ours comes near this; what does is something else.
const MAX_LEN: u64 = 16 << 20;

pub(crate) fn read(path: &Path) -> Outcome<Vec<u8>> {
    let mut bytes = Vec::new();
    // A device or a pipe does not say how much is in it.
    let file = File::open(path).map_err(|error| named(path, &error))?;
    file.take(MAX_LEN + 1).read_to_end(&mut bytes).map_err(|error| named(path, &error))?;
    if bytes.len() as u64 > MAX_LEN {
        return Err(named(path, &"too large for a key, a certificate or a list"));
    }
    Ok(bytes)
}

pub(crate) fn read_text(path: &Path) -> Outcome<String> {
    String::from_utf8(read(path)?).map_err(|_| named(path, &"not a text"))
}

/// Writes what is no secret, in place of anything but a private key.
pub(crate) fn write(path: &Path, text: &str) -> Outcome {
    must_not_be_private_key(path)?;
    fs::write(path, text).map_err(|error| named(path, &error))
}

pub(crate) fn read_private_key(path: &Path) -> Outcome<PrivateKey> {
    PrivateKey::parse(&read(path)?).map_err(|error| named(path, &error))
}

/// Makes a key and a file for it, which only its owner may read.
pub(crate) fn create_private_key(path: &Path) -> Outcome<PrivateKey> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| format!("the operating system gave no randomness: {error}"))?;
    let key = PrivateKey::from_seed(seed);
    must_not_exist(path)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|error| named(path, &error))?;
    let text = key.to_openssh(&key_comment(key.public_key()));
    file.write_all(text.as_bytes()).map_err(|error| named(path, &error))?;
    Ok(key)
}

/// An existing private key is never written over: it cannot be made again.
pub(crate) fn must_not_be_private_key(path: &Path) -> Outcome {
    if path.is_file() && read(path).is_ok_and(|bytes| PrivateKey::parse(&bytes).is_ok()) {
        return Err(named(path, &"is a private key, and stays; choose another name"));
    }
    Ok(())
}

pub(crate) fn must_not_exist(path: &Path) -> Outcome {
    if path.exists() { Err(named(path, &"exists already; move it away, or choose another name")) } else { Ok(()) }
}

pub(crate) fn write_certificate(path: &Path, signed: &CertificateSigned) -> Outcome {
    write(path, &armour::encode(armour::CERTIFICATE_LABEL, &signed.encode_to_vec()))
}

/// `ID` and the key's id, as in the key files of Valve's tools.
pub(crate) fn key_comment(key: PublicKey) -> String {
    format!("ID{}", key.id())
}

/// `ca` and `key` are `ca.key`; a dot in the name stays.
pub(crate) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn named(path: &Path, problem: &dyn std::fmt::Display) -> String {
    format!("{}: {problem}", path.display())
}
