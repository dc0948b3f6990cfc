//! Events: what happened, kept until the application asks.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

use gamesockets_proto::Identity;
use gamesockets_schema::{AuthenticationStatus, ConnectionInfo, ConnectionState, DebugOutputType};
use parking_lot::Mutex;

use crate::handles::Connection;
use crate::lobbies::events::LobbyEvent;
use crate::network::events::NetworkEvent;
use crate::signal::Signal;

/// When the queue is this long, events of connections that the application has closed itself are dropped.
const PRUNE_AT: usize = 16_384;

/// When the queue is this long, what others say in lobbies, and their signals and invitations, is dropped.
const SPOKEN_MAX: usize = 4_096;

/// At most this many lines of the log wait; further ones are dropped, and counted.
const MAX_LINES: usize = 1024;

/// Something the application should know.
#[doc(alias = "SetGlobalConfigValuePtr")]
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A connection was created, changed its state or was closed. Posted exactly when the state that the application
    /// sees changes (spec section 10.1).
    #[doc(alias = "SetGlobalCallback_SteamNetConnectionStatusChanged")]
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
    #[doc(alias = "SetGlobalCallback_SteamNetAuthenticationStatusChanged")]
    AuthenticationStatus(AuthenticationStatus),
    /// A signal to carry to the peer of a connection whose signals the application carries. To be given to
    /// [`Sockets::received_p2p_custom_signal`](crate::Sockets::received_p2p_custom_signal) there. It may be lost: what
    /// matters is repeated.
    Signal {
        /// Whose signal it is.
        connection: Connection,
        /// To whom; `None` where the caller does not know.
        peer: Option<Identity>,
        /// What to carry.
        payload: Vec<u8>,
    },
    /// Something happened between us and the network's backend.
    Network(NetworkEvent),
    /// Something happened in a lobby, or a request about one was answered.
    Lobby(LobbyEvent),
    /// One line of the library's log; see [`Sockets::set_debug_output_level`](crate::Sockets::set_debug_output_level).
    DebugOutput {
        /// How important it is.
        level: DebugOutputType,
        /// The line.
        message: String,
    },
}

impl Event {
    /// Whether it is something that others say, as often as they like, and that is lost with a connection too.
    const fn is_spoken(&self) -> bool {
        matches!(
            self,
            Self::Network(NetworkEvent::Signal { .. })
                | Self::Lobby(LobbyEvent::Message { .. } | LobbyEvent::Invite { .. })
        )
    }

    /// The connection it is about, if it is about one.
    pub const fn connection(&self) -> Option<Connection> {
        match self {
            Self::ConnectionStatusChanged { connection, .. }
            | Self::ConnectionWritable { connection }
            | Self::Signal { connection, .. } => Some(*connection),
            Self::AuthenticationStatus(_) | Self::Network(_) | Self::Lobby(_) | Self::DebugOutput { .. } => None,
        }
    }
}

/// The events that wait. A connection has at most a handful: four changes of state in its life and one `Writable` at a
/// time; so the queue is bounded by the number of connections, and those are limited. Connections that are closed
/// unheard are accounted for by [`PRUNE_AT`]. The status of our certificate changes by the application's own calls only,
/// and once when it expires.
///
/// Events are queued under the locks of what they are about. Whoever waits is woken later, by
/// [`announce`](Self::announce): a waker is foreign code, which may well ask for what such a lock guards.
#[derive(Default)]
pub(crate) struct EventQueue {
    queue: Mutex<Queue>,
    /// Somebody has to be woken.
    unannounced: AtomicBool,
    pub(crate) arrived: Signal,
}

#[derive(Default)]
struct Queue {
    events: VecDeque<Event>,
    prune_at: usize,
    /// How many of the events are lines of the log.
    lines: usize,
    /// Lines that were dropped since the last one that was not.
    lines_lost: u64,
}

impl EventQueue {
    /// Queues an event. `is_live` tells whether a handle still resolves.
    pub(crate) fn push(&self, event: Event, is_live: impl Fn(Connection) -> bool) {
        let mut queue = self.queue.lock();
        if queue.events.len() >= SPOKEN_MAX && event.is_spoken() {
            return;
        }
        if queue.events.len() >= queue.prune_at.max(PRUNE_AT) {
            queue.events.retain(|event| event.connection().is_none_or(&is_live));
            queue.prune_at = queue.events.len() * 2;
        }
        queue.events.push_back(event);
        drop(queue);
        self.unannounced.store(true, Ordering::Release);
    }

    /// Queues a line of the log, if there is room for it.
    pub(crate) fn push_line(&self, level: DebugOutputType, message: String) {
        let mut queue = self.queue.lock();
        if queue.lines >= MAX_LINES {
            queue.lines_lost += 1;
            return;
        }
        let lost = std::mem::take(&mut queue.lines_lost);
        if lost > 0 {
            queue.lines += 1;
            let message = format!("{lost} lines of the log were dropped: events were not taken in time");
            queue.events.push_back(Event::DebugOutput { level: DebugOutputType::Warning, message });
        }
        queue.lines += 1;
        queue.events.push_back(Event::DebugOutput { level, message });
        drop(queue);
        self.unannounced.store(true, Ordering::Release);
    }

    /// Wakes those who wait, if events were queued since the last time. To be called without any lock.
    pub(crate) fn announce(&self) {
        if self.unannounced.load(Ordering::Acquire) && self.unannounced.swap(false, Ordering::AcqRel) {
            self.arrived.give();
        }
    }

    /// How many events wait.
    pub(crate) fn len(&self) -> usize {
        self.queue.lock().events.len()
    }

    pub(crate) fn pop(&self) -> Option<Event> {
        let mut queue = self.queue.lock();
        let event = queue.events.pop_front()?;
        if matches!(event, Event::DebugOutput { .. }) {
            queue.lines -= 1;
        }
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_log_are_bounded_and_the_loss_is_told() {
        let queue = EventQueue::default();
        for number in 0..MAX_LINES + 5 {
            queue.push_line(DebugOutputType::Message, number.to_string());
        }
        queue.push(Event::ConnectionWritable { connection: Connection::from_raw(1) }, |_| true);
        assert_eq!(queue.pop(), Some(Event::DebugOutput { level: DebugOutputType::Message, message: "0".into() }));
        queue.push_line(DebugOutputType::Error, "after".into());
        let rest: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(rest.len(), MAX_LINES - 1 + 3);
        let Some([writable, lost, after]) = rest.last_chunk() else { panic!("three came last") };
        assert!(matches!(writable, Event::ConnectionWritable { .. }));
        assert!(matches!(lost, Event::DebugOutput { message, .. } if message.starts_with("5 lines")));
        assert!(matches!(after, Event::DebugOutput { message, .. } if message == "after"));
        queue.push_line(DebugOutputType::Message, "room again".into());
        assert!(queue.pop().is_some());
    }

    #[test]
    fn what_others_say_does_not_pile_up() {
        let queue = EventQueue::default();
        let said = Event::Lobby(LobbyEvent::Invite { inviter: 1, lobby: 2, app: 3 });
        for _ in 0..SPOKEN_MAX + 10 {
            queue.push(said.clone(), |_| true);
        }
        let update = Event::Lobby(LobbyEvent::DataUpdate { success: true, lobby: 2, member: 2 });
        queue.push(update, |_| true);
        assert_eq!(queue.len(), SPOKEN_MAX + 1);
    }
}
