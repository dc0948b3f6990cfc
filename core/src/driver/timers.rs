//! When which connection wants to be called.

use std::collections::BTreeMap;
use std::sync::Arc;

use gamesockets_proto::Timestamp;
use parking_lot::Mutex;

use super::connection::ConnectionCell;

/// The deadlines of all connections: at most one entry for each, in order of time.
///
/// An entry is only ever moved forward. A deadline that has moved back is found out when the entry fires: the connection
/// then looks at its real one. So a busy connection touches this once per firing, not once per packet.
#[derive(Default)]
pub(crate) struct Timers {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    entries: BTreeMap<(Timestamp, u32), Arc<ConnectionCell>>,
    /// What the I/O thread sleeps until; zero while it is awake and will look here anyway.
    sleeping_until: Timestamp,
}

impl Timers {
    /// Moves the entry of a connection from `old` (if it had one) to `new`. Answers whether the I/O thread must be
    /// woken because it sleeps past that.
    pub(crate) fn schedule(&self, cell: &Arc<ConnectionCell>, old: Option<Timestamp>, new: Timestamp) -> bool {
        let mut inner = self.inner.lock();
        if let Some(old) = old {
            inner.entries.remove(&(old, cell.id()));
        }
        inner.entries.insert((new, cell.id()), Arc::clone(cell));
        new < inner.sleeping_until
    }

    pub(crate) fn cancel(&self, id: u32, at: Timestamp) {
        self.inner.lock().entries.remove(&(at, id));
    }

    /// Takes out the next connection whose time has come.
    pub(crate) fn pop_due(&self, now: Timestamp) -> Option<Arc<ConnectionCell>> {
        let mut inner = self.inner.lock();
        let (&(at, _), _) = inner.entries.first_key_value()?;
        if at > now {
            return None;
        }
        inner.entries.pop_first().map(|(_, cell)| cell)
    }

    /// The I/O thread is going to sleep: until when may it?
    pub(crate) fn fall_asleep(&self) -> Option<Timestamp> {
        let mut inner = self.inner.lock();
        let next = inner.entries.first_key_value().map(|(&(at, _), _)| at);
        inner.sleeping_until = next.unwrap_or(Timestamp::MAX);
        next
    }

    /// The I/O thread is awake.
    pub(crate) fn wake_up(&self) {
        self.inner.lock().sleeping_until = Timestamp::default();
    }
}
