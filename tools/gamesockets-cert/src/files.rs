//! Reading and writing: secrets are for their owner's eyes only, and nothing is overwritten but what is made again.

mod kind;
mod place;

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use gamesockets_proto::crypto::{PrivateKey, PublicKey, armour};
use gamesockets_proto::wire::CertificateSigned;
use prost::Message as _;

pub(crate) use self::kind::Kind;
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

pub(crate) fn read_private_key(path: &Path) -> Outcome<PrivateKey> {
    PrivateKey::parse(&read(path)?).map_err(|error| named(path, &error))
}

/// Makes a key. It is in no file yet.
pub(crate) fn new_private_key() -> Outcome<PrivateKey> {
    Ok(PrivateKey::from_seed(random()?))
}

/// Writes a private key into a new file, which only its owner may read.
pub(crate) fn write_private_key(path: &Path, key: &PrivateKey) -> Outcome {
    let text = key.to_openssh(&key_comment(key.public_key()));
    place::new_file(path, text.as_bytes(), place::Readers::Owner)
}

/// Writes what is no secret, into a new file or in place of one of the same kind.
pub(crate) fn write(path: &Path, kind: Kind, text: &str) -> Outcome {
    match must_be_free_for(path, kind)? {
        Place::New => place::new_file(path, text.as_bytes(), place::Readers::All),
        Place::Taken => place::over(path, text.as_bytes()),
        // A terminal or a pipe.
        Place::Stream => fs::write(path, text).map_err(|error| named(path, &error)),
    }
}

/// What there is where something is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    New,
    /// A file of the same kind.
    Taken,
    Stream,
}

/// Whether something of this kind may be written there. Only a file that is certainly of the same kind is replaced: what we
/// do not know may be somebody's only key.
pub(crate) fn must_be_free_for(path: &Path, kind: Kind) -> Outcome<Place> {
    let Ok(metadata) = fs::metadata(path) else { return Ok(Place::New) };
    if !metadata.is_file() {
        return Ok(Place::Stream);
    }
    let found = Kind::of(&read(path)?);
    if found == Some(kind) || metadata.len() == 0 {
        return Ok(Place::Taken);
    }
    let found = found.map_or("something that this program does not know", Kind::name);
    let problem = format!("is {found}, which {} does not replace; choose another name", kind.name());
    Err(named(path, &problem))
}

pub(crate) fn must_not_exist(path: &Path) -> Outcome {
    if fs::symlink_metadata(path).is_ok() { Err(exists(path)) } else { Ok(()) }
}

fn exists(path: &Path) -> String {
    named(path, &"exists already; move it away, or choose another name")
}

pub(crate) fn write_certificate(path: &Path, signed: &CertificateSigned) -> Outcome {
    write(path, Kind::Certificate, &armour::encode(armour::CERTIFICATE_LABEL, &signed.encode_to_vec()))
}

fn random() -> Outcome<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| format!("the operating system gave no randomness: {error}"))?;
    Ok(bytes)
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
