//! Cryptography (spec section 6): ciphers and packets, the key exchange, certificates.

pub mod armour;
pub mod authority;
pub mod certificate;
pub mod cipher;
pub mod key;
pub mod local_certificate;
mod openssh;
pub mod packet_key;
pub mod revocation;
pub mod session;
pub mod trust;

pub use authority::{CertificateAuthority, Grant, IssueError, read_certificates, read_request, request};
pub use certificate::{Authentication, CertificateError, PeerCertificate};
pub use cipher::Cipher;
pub use key::{KeyError, PrivateKey, PublicKey};
pub use local_certificate::{LocalCertificate, LocalCertificateError};
pub use packet_key::PacketKey;
pub use session::{SessionKeys, SessionShare, derive_session_keys};
pub use trust::{TrustError, TrustStore};
