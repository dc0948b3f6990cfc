//! Messages as the application gets them.

use crate::time::Timestamp;
use bytes::Bytes;

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
