//! Messages as the application sees them.

use std::sync::Arc;

use bytes::Bytes;
use gamesockets_proto::Identity;
use gamesockets_schema::SendFlags;

use crate::error::Error;
use crate::handles::Connection;

/// A message that arrived.
#[derive(Clone, Debug)]
pub struct ReceivedMessage {
    /// The bytes the peer sent. Small messages that came in one packet share its memory: copy what is kept for long.
    pub payload: Bytes,
    /// The connection it came by.
    pub connection: Connection,
    /// Who sent it.
    pub identity: Arc<Identity>,
    /// The number the application attached to the connection; -1 when none.
    pub user_data: i64,
    /// When its last byte arrived: microseconds on the clock of [`Sockets::local_timestamp`](crate::Sockets::local_timestamp).
    pub time_received: u64,
    /// The number the sender gave it: per lane, from 1, over reliable and unreliable messages alike.
    pub message_number: u64,
    /// The lane it came on.
    pub lane: u16,
    /// [`SendFlags::RELIABLE`] or [`SendFlags::UNRELIABLE`].
    pub flags: SendFlags,
}

/// A message to send, with all there is to choose.
#[doc(alias = "AllocateMessage")]
#[derive(Clone, Copy, Debug)]
pub struct OutgoingMessage<'a> {
    /// Where to.
    pub connection: Connection,
    /// The bytes, at most 524288.
    pub payload: &'a [u8],
    /// The lane; 0 unless lanes were configured.
    pub lane: u16,
    /// Reliable or not, with or without Nagle.
    pub flags: SendFlags,
}

/// What became of one message of a batch (spec section 11.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// Taken, under this message number.
    Queued(u64),
    /// Refused. In a box, since most are not, and there may be many.
    Failed(Box<Error>),
    /// Not tried, because an earlier message of the batch for the same connection failed.
    NotAttempted,
}

impl SendOutcome {
    /// The number of the API: the message number, a negative result code, or 0 when not tried.
    pub fn value(&self) -> i64 {
        match self {
            Self::Queued(number) => i64::try_from(*number).unwrap_or(i64::MAX),
            Self::Failed(error) => -i64::from(error.code() as i32),
            Self::NotAttempted => 0,
        }
    }

    /// The message number, if it was taken.
    pub const fn message_number(&self) -> Option<u64> {
        match self {
            Self::Queued(number) => Some(*number),
            _ => None,
        }
    }
}
