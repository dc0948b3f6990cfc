//! What can be waited for.

use crate::handles::{Connection, HandleKind, PollGroup};

/// Where messages come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageSource {
    /// One connection.
    Connection(Connection),
    /// All connections of a poll group.
    PollGroup(PollGroup),
}

impl MessageSource {
    /// Whatever the number of a handle says it is, for language bindings. Calls check it.
    pub const fn from_raw(raw: u32) -> Self {
        match HandleKind::of(raw) {
            Some(HandleKind::PollGroup) => Self::PollGroup(PollGroup::from_raw(raw)),
            _ => Self::Connection(Connection::from_raw(raw)),
        }
    }

    /// The number of the handle, for language bindings.
    pub const fn raw(self) -> u32 {
        match self {
            Self::Connection(connection) => connection.raw(),
            Self::PollGroup(group) => group.raw(),
        }
    }
}

impl From<Connection> for MessageSource {
    fn from(connection: Connection) -> Self {
        Self::Connection(connection)
    }
}

impl From<PollGroup> for MessageSource {
    fn from(group: PollGroup) -> Self {
        Self::PollGroup(group)
    }
}

/// Something that can be watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// An event waits.
    Events,
    /// Messages of a connection or a poll group wait, or none will come any more.
    Readable(MessageSource),
    /// A send that was refused with `LimitExceeded` may be tried again, or never.
    Writable(Connection),
}
