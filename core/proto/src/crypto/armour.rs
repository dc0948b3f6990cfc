//! Binary data as text: a line that begins it, base64, a line that ends it (spec section 6.2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The label of a certificate.
pub const CERTIFICATE_LABEL: &str = "STEAMDATAGRAM CERT";
/// The label of a request for a certificate. Valve's library has requests in binary form only.
pub const REQUEST_LABEL: &str = "STEAMDATAGRAM CERT REQUEST";
/// The label of a private key, as OpenSSH writes it.
pub const PRIVATE_KEY_LABEL: &str = "OPENSSH PRIVATE KEY";

/// Characters of base64 in a line.
const LINE_LEN: usize = 70;

/// Why a text holds no data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the texts say it")]
pub enum ArmourError {
    #[error("no line -----BEGIN {0}-----")]
    NoBegin(String),
    #[error("no line -----END {0}-----: the text is cut off")]
    NoEnd(String),
    #[error("not base64 between the lines BEGIN and END: {0}")]
    Base64(String),
}

/// The data as text, with this label.
pub fn encode(label: &str, data: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = STANDARD.encode(data);
    while !rest.is_empty() {
        // Base64 is ASCII, so every position is the boundary of a character.
        let after = rest.split_off(rest.len().min(LINE_LEN));
        text += &rest;
        text.push('\n');
        rest = after;
    }
    text + &format!("-----END {label}-----\n")
}

/// Everything with this label in a text, in order. What stands before, between and behind is ignored.
///
/// # Errors
/// When nothing has this label, or something that has is cut off or no base64.
pub fn decode(label: &str, text: &str) -> Result<Vec<Vec<u8>>, ArmourError> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(&begin) {
        let (body, after) = after.split_once(&end).ok_or_else(|| ArmourError::NoEnd(label.to_owned()))?;
        let body: String = body.chars().filter(|character| !character.is_whitespace()).collect();
        found.push(STANDARD.decode(body).map_err(|error| ArmourError::Base64(error.to_string()))?);
        rest = after;
    }
    if found.is_empty() { Err(ArmourError::NoBegin(label.to_owned())) } else { Ok(found) }
}

/// The first with this label, if these bytes are a text that has one.
///
/// # Errors
/// When there is one, but it is cut off or no base64.
pub fn find(label: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>, ArmourError> {
    match core::str::from_utf8(bytes).map(|text| decode(label, text)) {
        Err(_) | Ok(Err(ArmourError::NoBegin(_))) => Ok(None),
        Ok(Err(error)) => Err(error),
        Ok(Ok(found)) => Ok(found.into_iter().next()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_the_data() {
        for len in [0, 1, 2, 3, 52, 53, 200] {
            let data: Vec<u8> = (0..len).collect();
            let text = encode(CERTIFICATE_LABEL, &data);
            assert!(text.lines().all(|line| line.len() <= LINE_LEN), "{text}");
            assert_eq!(decode(CERTIFICATE_LABEL, &text), Ok(vec![data]));
        }
        assert_eq!(encode("A", b"abc"), "-----BEGIN A-----\nYWJj\n-----END A-----\n");
    }

    #[test]
    fn several_are_found_between_other_text() {
        let text = "key\n-----BEGIN B-----\nAA==\n-----END B-----\n-----BEGIN A-----\r\nYW\r\nJj\r\n-----END A-----\nand\n\
                    -----BEGIN A-----\nZGVm\n-----END A-----\n";
        assert_eq!(decode("A", text), Ok(vec![b"abc".to_vec(), b"def".to_vec()]));
        assert_eq!(find("B", text.as_bytes()), Ok(Some(vec![0])));
        assert_eq!(find("C", text.as_bytes()), Ok(None));
        assert_eq!(find("A", &[0xff, 0xfe]), Ok(None));
    }

    #[test]
    fn what_is_cut_off_or_garbled_is_refused() {
        let text = encode("A", &[7; 90]);
        let cut = &text[..text.len() - 3];
        assert_eq!(decode("A", cut), Err(ArmourError::NoEnd("A".into())));
        assert_eq!(decode("A", "nothing"), Err(ArmourError::NoBegin("A".into())));
        let garbled = "-----BEGIN A-----\n!!!\n-----END A-----";
        assert!(matches!(decode("A", garbled), Err(ArmourError::Base64(_))));
        assert!(matches!(find("A", garbled.as_bytes()), Err(ArmourError::Base64(_))));
    }
}
