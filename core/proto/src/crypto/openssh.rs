//! The two file formats of OpenSSH for Ed25519 keys, without encryption (PROTOCOL.key of OpenSSH; RFC 8709).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::key::{KeyError, PrivateKey, PublicKey};

const MAGIC: &[u8] = b"openssh-key-v1\0";
const KEY_TYPE: &str = "ssh-ed25519";
const NONE: &[u8] = b"none";
/// The private part is padded to a multiple of this, with 1, 2, 3, ...
const BLOCK_LEN: usize = 8;

/// What stands between the lines BEGIN and END of a private key.
pub(super) fn encode_private(key: &PrivateKey, comment: &str) -> Vec<u8> {
    let public = key.public_key().to_bytes();
    let mut private = Vec::new();
    // Twice the same number, by which a reader sees that it has decrypted rightly; nothing is encrypted here.
    let check = (key.public_key().id() as u32).to_be_bytes();
    private.extend(check);
    private.extend(check);
    put(&mut private, KEY_TYPE.as_bytes());
    put(&mut private, &public);
    put(&mut private, &[key.seed(), public].concat());
    put(&mut private, comment.as_bytes());
    let padding = private.len().next_multiple_of(BLOCK_LEN) - private.len();
    private.extend((1..).take(padding));

    let mut data = MAGIC.to_vec();
    put(&mut data, NONE);
    put(&mut data, NONE);
    put(&mut data, b"");
    data.extend(1_u32.to_be_bytes());
    put(&mut data, &public_blob(&public));
    put(&mut data, &private);
    data
}

/// Reads what [`encode_private`] or ssh-keygen has written.
pub(super) fn decode_private(data: &[u8]) -> Result<PrivateKey, KeyError> {
    let mut reader = Reader(data.strip_prefix(MAGIC).ok_or(KeyError::Malformed)?);
    let (cipher, kdf, kdf_options) = (reader.bytes()?, reader.bytes()?, reader.bytes()?);
    if cipher != NONE || kdf != NONE || !kdf_options.is_empty() || reader.number()? != 1 {
        return Err(KeyError::Unsupported);
    }
    let public = decode_blob(reader.bytes()?)?;
    let mut reader = Reader(reader.bytes()?);
    if reader.number()? != reader.number()? {
        return Err(KeyError::Malformed);
    }
    if reader.bytes()? != KEY_TYPE.as_bytes() {
        return Err(KeyError::Unsupported);
    }
    let (again, pair, _comment) = (reader.bytes()?, reader.bytes()?, reader.bytes()?);
    let key = match pair.len() {
        64 => PrivateKey::parse(pair)?,
        _ => return Err(KeyError::Malformed),
    };
    if key.public_key() != public || again != public.to_bytes() {
        return Err(KeyError::Malformed);
    }
    Ok(key)
}

/// `ssh-ed25519 AAAA... comment`.
pub(super) fn encode_public(key: PublicKey, comment: &str) -> String {
    let blob = STANDARD.encode(public_blob(&key.to_bytes()));
    let line = format!("{KEY_TYPE} {blob} {comment}");
    line.trim_end().to_owned()
}

/// Reads the first line that is neither empty nor a comment.
pub(super) fn decode_public(text: &str) -> Result<PublicKey, KeyError> {
    let is_key = |line: &&str| !line.is_empty() && !line.starts_with('#');
    let line = text.lines().map(str::trim).find(is_key).ok_or(KeyError::NoPublicKey)?;
    let mut words = line.split_whitespace();
    match (words.next(), words.next()) {
        (Some(KEY_TYPE), Some(blob)) => decode_blob(&STANDARD.decode(blob).map_err(|_| KeyError::Malformed)?),
        (Some(other), Some(_)) if other.starts_with("ssh-") || other.starts_with("ecdsa-") => {
            Err(KeyError::Unsupported)
        }
        _ => Err(KeyError::NoPublicKey),
    }
}

fn public_blob(public: &[u8; 32]) -> Vec<u8> {
    let mut blob = Vec::new();
    put(&mut blob, KEY_TYPE.as_bytes());
    put(&mut blob, public);
    blob
}

fn decode_blob(blob: &[u8]) -> Result<PublicKey, KeyError> {
    let mut reader = Reader(blob);
    if reader.bytes()? != KEY_TYPE.as_bytes() {
        return Err(KeyError::Unsupported);
    }
    let key = reader.bytes()?.try_into().map_err(|_| KeyError::Malformed)?;
    if !reader.0.is_empty() {
        return Err(KeyError::Malformed);
    }
    PublicKey::from_bytes(key)
}

/// Appends a length (big-endian) and that many bytes.
fn put(data: &mut Vec<u8>, bytes: &[u8]) {
    // Keys and comments are far shorter than the 4 GiB that a length can tell.
    data.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    data.extend(bytes);
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn number(&mut self) -> Result<u32, KeyError> {
        let (number, rest) = self.0.split_first_chunk().ok_or(KeyError::Malformed)?;
        self.0 = rest;
        Ok(u32::from_be_bytes(*number))
    }

    fn bytes(&mut self) -> Result<&'a [u8], KeyError> {
        let len = usize::try_from(self.number()?).map_err(|_| KeyError::Malformed)?;
        let (bytes, rest) = self.0.split_at_checked(len).ok_or(KeyError::Malformed)?;
        self.0 = rest;
        Ok(bytes)
    }
}
