//! How a connection begins (spec section 5): what either end says, and what it makes of what the other says.
//!
//! Nothing here keeps time or state of a connection: [`ClientHandshake`] and [`ServerHandshake`] build packets and judge
//! those of the peer; when to send them is the connection's business.

pub mod challenge;
pub mod client;
pub mod local;
mod peer;
mod ping;
pub mod server;

use core::fmt;

use gamesockets_schema::ConnectionEnd;

pub use challenge::ChallengeKey;
pub use client::ClientHandshake;
pub use local::LocalHandshake;
pub use peer::SignalledPeer;
pub use ping::MAX_PING_EST_MS;
pub use server::{IdentifiedRequest, ServerHandshake, ServerParams};

use crate::crypto::{CertificateError, Cipher, PacketKey};
use crate::identity::Identity;
use crate::wire::Extensions;
use crate::wire::frame::Credit;

/// `key_type` of an X25519 key (spec section 2.4).
const KEY_TYPE_CURVE25519: i32 = 1;

/// What to do about a packet that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reject {
    /// Drop the packet and say nothing; for these reasons.
    Ignore(&'static str),
    /// Give the connection up.
    Fail {
        /// The reason for the peer and the application.
        code: ConnectionEnd,
        /// The same for humans.
        text: String,
    },
}

impl Reject {
    fn fail(code: ConnectionEnd, text: impl Into<String>) -> Self {
        let text = text.into();
        Self::Fail { code, text }
    }

    fn bad_crypt(text: &str) -> Self {
        Self::fail(ConnectionEnd::REMOTE_BAD_CRYPT, text)
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ignore(reason) => f.write_str(reason),
            Self::Fail { text, .. } => f.write_str(text),
        }
    }
}

impl From<CertificateError> for Reject {
    fn from(error: CertificateError) -> Self {
        Self::fail(error.end(), error.to_string())
    }
}

/// How much reliable data each end takes before it says more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// What we told the peer.
    pub local: Credit,
    /// What the peer told us.
    pub remote: Credit,
}

/// What a successful handshake comes to.
#[derive(Debug)]
pub struct Established {
    /// For the packets we send.
    pub send_key: PacketKey,
    /// For the packets we receive.
    pub recv_key: PacketKey,
    /// What was agreed on.
    pub cipher: Cipher,
    /// Who the peer is.
    pub remote_identity: Identity,
    /// The peer's connection ID.
    pub remote_connection_id: u32,
    /// The peer's protocol version.
    pub peer_protocol_version: u32,
    /// What the peer announced beyond GNS.
    pub peer_extensions: Extensions,
    /// What both ends announced: only this may be used.
    pub extensions: Extensions,
    /// How much reliable data each end takes to begin with, where both tell.
    pub windows: Option<Windows>,
    /// Whether a CA we trust vouches for the peer's identity.
    pub authenticated: bool,
    /// The peer's Ed25519 key: the one in its certificate, which has signed its part of the handshake.
    pub peer_key: [u8; 32],
    /// Round-trip time seen with this packet, ms (the client's only).
    pub ping_sample_ms: Option<u32>,
}

#[cfg(test)]
mod tests;
