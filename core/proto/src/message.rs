//! Messages as the application hands them over and gets them back.

use bytes::Bytes;
use gamesockets_schema::SendFlags;

use crate::time::Timestamp;

/// A message that arrived, complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The bytes the peer sent.
    pub payload: Bytes,
    /// Its number: per lane, from 1, counting reliable and unreliable messages alike.
    pub number: u64,
    /// The lane it came on.
    pub lane: u16,
    /// Whether the peer sent it reliably.
    pub reliable: bool,
    /// When its last byte arrived.
    pub time_received: Timestamp,
}

/// A message to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// The bytes to send, at most 512 KiB.
    pub payload: Bytes,
    /// The lane to send on; 0 unless lanes were configured.
    pub lane: u16,
    /// Reliable or not, with or without Nagle.
    pub flags: SendFlags,
}
