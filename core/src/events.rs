//! Events: what happened, kept until the application asks.

use std::collections::VecDeque;

use gamesockets_schema::{AuthenticationStatus, ConnectionInfo, ConnectionState};
use parking_lot::Mutex;

use crate::handles::Connection;

/// When the queue is this long, events of connections that the application has closed itself are dropped.
const PRUNE_AT: usize = 16_384;

/// Something the application should know.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A connection was created, changed its state or was closed. Posted exactly when the state that the application
    /// sees changes (spec section 10.1).
    ConnectionStatusChanged {
        /// The connection. Stale when the new state is `None`.
        connection: Connection,
        /// What was known about it at that moment; its state is the new state.
        info: Box<ConnectionInfo>,
        /// The state before.
        old_state: ConnectionState,
    },
    /// A send was refused with `LimitExceeded`, and there is room again.
    ConnectionWritable {
        /// The connection.
        connection: Connection,
    },
    /// How ready our certificate is has changed.
    AuthenticationStatus(AuthenticationStatus),
}

impl Event {
    /// The connection it is about, if it is about one.
    pub const fn connection(&self) -> Option<Connection> {
        match self {
            Self::ConnectionStatusChanged { connection, .. } | Self::ConnectionWritable { connection } => {
                Some(*connection)
            }
            Self::AuthenticationStatus(_) => None,
        }
    }
}

/// The events that wait. A connection has at most a handful: four changes of state in its life and one `Writable` at a
/// time; so the queue is bounded by the number of connections, and those are limited. Connections that are closed
/// unheard are accounted for by [`PRUNE_AT`]. The status of our certificate changes by the application's own calls only,
/// and once when it expires.
#[derive(Default)]
pub(crate) struct EventQueue {
    queue: Mutex<Queue>,
    pub(crate) arrived: event_listener::Event,
}

#[derive(Default)]
struct Queue {
    events: VecDeque<Event>,
    prune_at: usize,
}

impl EventQueue {
    /// Queues an event. `is_live` tells whether a handle still resolves.
    pub(crate) fn push(&self, event: Event, is_live: impl Fn(Connection) -> bool) {
        let mut queue = self.queue.lock();
        if queue.events.len() >= queue.prune_at.max(PRUNE_AT) {
            queue.events.retain(|event| event.connection().is_none_or(&is_live));
            queue.prune_at = queue.events.len() * 2;
        }
        queue.events.push_back(event);
        drop(queue);
        self.arrived.notify(usize::MAX);
    }

    pub(crate) fn pop(&self) -> Option<Event> {
        self.queue.lock().events.pop_front()
    }
}
