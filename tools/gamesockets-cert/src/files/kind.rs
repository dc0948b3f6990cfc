//! What a file holds, as far as that matters to who writes over it.

use gamesockets_proto::crypto::{PrivateKey, PublicKey, read_certificates, read_request, revocation};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    PrivateKey,
    /// Of anybody, in any form, under a passphrase or not.
    OtherPrivateKey,
    PublicKey,
    Certificate,
    Request,
    RevocationList,
}

impl Kind {
    /// The kind of what a file holds; `None` if it is none of these. What holds a private key besides is a private key.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok();
        if PrivateKey::parse(bytes).is_ok() {
            Some(Self::PrivateKey)
        } else if text.is_some_and(|text| text.to_ascii_uppercase().contains("PRIVATE KEY-----")) {
            Some(Self::OtherPrivateKey)
        } else if PublicKey::parse(bytes).is_ok() {
            Some(Self::PublicKey)
        } else if read_request(bytes).is_ok() {
            Some(Self::Request)
        } else if read_certificates(bytes).is_ok_and(|certificates| !certificates.is_empty()) {
            Some(Self::Certificate)
        } else if text.is_some_and(|text| revocation::parse(text).is_ok()) {
            Some(Self::RevocationList)
        } else {
            None
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::PrivateKey => "a private key",
            Self::OtherPrivateKey => "a private key under a passphrase or of another kind",
            Self::PublicKey => "a public key",
            Self::Certificate => "a certificate",
            Self::Request => "a request",
            Self::RevocationList => "a list of revoked keys",
        }
    }
}
