//! A listen socket as the driver keeps it.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;

use super::socket::UdpSocket;
use crate::config::Overrides;
use crate::handles::{Connection, ListenSocket};

/// Where a listen socket listens.
#[derive(Clone)]
pub(crate) enum ListenPlace {
    /// On a UDP port.
    Udp { socket: Arc<UdpSocket>, token: mio::Token },
    /// On a virtual port, for who calls through signals.
    Virtual(i32),
}

/// A listen socket. Its connections are known to the I/O thread only.
pub(crate) struct ListenCell {
    pub(crate) handle: ListenSocket,
    pub(crate) place: ListenPlace,
    /// What was set for it, and for the connections that come in by it.
    pub(crate) options: Mutex<Overrides>,
    pub(crate) knocking: Knocking,
}

/// The connections that have come in and may not have been accepted yet: for those who wait for the next one instead of
/// looking at events. Whoever does look at events leaves them here, so those that are gone are forgotten now and then.
#[derive(Default)]
pub(crate) struct Knocking(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    connections: VecDeque<Connection>,
    prune_at: usize,
}

/// When so many are remembered, those that are gone are forgotten.
const PRUNE_AT: usize = 64;

impl Knocking {
    /// Notes a connection. `is_live` tells whether a handle still resolves.
    pub(super) fn push(&self, connection: Connection, is_live: impl Fn(Connection) -> bool) {
        let mut waiting = self.0.lock();
        if waiting.connections.len() >= waiting.prune_at.max(PRUNE_AT) {
            waiting.connections.retain(|&connection| is_live(connection));
            waiting.prune_at = waiting.connections.len() * 2;
        }
        waiting.connections.push_back(connection);
    }

    /// The one that came first; it may have been accepted, or be gone.
    pub(crate) fn pop(&self) -> Option<Connection> {
        self.0.lock().connections.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_that_live_are_remembered() {
        let knocking = Knocking::default();
        for number in 0..100_000 {
            knocking.push(Connection::from_raw(number), |connection| connection.raw() % 1000 == 0);
        }
        let waiting = knocking.0.lock();
        assert!(waiting.connections.len() <= 2 * (100 + PRUNE_AT), "{}", waiting.connections.len());
        assert_eq!(waiting.connections[50].raw(), 50_000);
    }
}
