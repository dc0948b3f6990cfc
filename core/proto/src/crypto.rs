//! Cryptography (spec section 6): ciphers and packets, the key exchange, certificates.

pub mod certificate;
pub mod cipher;
pub mod packet_key;
pub mod session;
pub mod trust;

pub use certificate::{Authentication, CertificateError, LocalCertificate, LocalCertificateError, PeerCertificate};
pub use cipher::Cipher;
pub use packet_key::PacketKey;
pub use session::{SessionKeys, SessionShare, derive_session_keys};
pub use trust::{TrustError, TrustStore};
