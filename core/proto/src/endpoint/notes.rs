//! What the operator of a server should hear of, though it happens to strangers: rarely, whatever they do.

use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;

use crate::printable::{Printable, printable};
use crate::time::Timestamp;

/// One line of each kind in so long; the others are counted.
const SPACING: Duration = Duration::from_secs(1);
/// Of a reason so many bytes are told.
const REASON_MAX: usize = 200;

/// Something to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A client for whom no CA vouches was let in, since `IP_AllowWithoutAuth` allows that.
    Unauthenticated {
        /// Where it is.
        from: SocketAddr,
        /// Who it says it is.
        identity: String,
        /// `IP_AllowWithoutAuth` is 1: that is to be complained of.
        is_complaint: bool,
        /// How many more were there since the last note of this kind.
        others: u64,
    },
    /// A client was not heard.
    Refused {
        /// Where it is.
        from: SocketAddr,
        /// What was wrong.
        reason: String,
        /// How many more were there since the last note of this kind.
        others: u64,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let others = match self {
            Self::Unauthenticated { from, identity, others, .. } => {
                let identity = Printable(identity);
                write!(f, "{identity} at {from} is not authenticated, which IP_AllowWithoutAuth allows")?;
                others
            }
            Self::Refused { from, reason, others } => {
                write!(f, "a client at {from} was refused: {reason}")?;
                others
            }
        };
        if *others > 0 { write!(f, " ({others} more since the last such line)") } else { Ok(()) }
    }
}

/// Keeps the notes of an endpoint rare.
#[derive(Default)]
pub(super) struct Notes {
    unauthenticated: Rare,
    refused: Rare,
    waiting: Option<Note>,
}

#[derive(Default)]
struct Rare {
    last: Option<Timestamp>,
    others: u64,
}

impl Rare {
    /// How many were left out before this one; `None` if it is left out itself.
    fn take(&mut self, now: Timestamp) -> Option<u64> {
        if self.last.is_some_and(|last| now.since(last) < SPACING) {
            self.others += 1;
            return None;
        }
        self.last = Some(now);
        Some(core::mem::take(&mut self.others))
    }
}

impl Notes {
    pub(super) fn unauthenticated(
        &mut self,
        now: Timestamp,
        from: SocketAddr,
        is_complaint: bool,
        identity: impl fmt::Display,
    ) {
        if let Some(others) = self.unauthenticated.take(now) {
            let identity = identity.to_string();
            self.waiting = Some(Note::Unauthenticated { from, identity, is_complaint, others });
        }
    }

    pub(super) fn refused(&mut self, now: Timestamp, from: SocketAddr, reason: impl fmt::Display) {
        if let Some(others) = self.refused.take(now) {
            let reason = printable(&reason.to_string(), REASON_MAX);
            self.waiting = Some(Note::Refused { from, reason, others });
        }
    }

    /// The note of the last datagram, if it made one.
    pub(super) fn take(&mut self) -> Option<Note> {
        self.waiting.take()
    }
}
