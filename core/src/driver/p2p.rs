//! Connections whose ends meet through signals, and the relays that carry their packets.
//!
//! A signal goes out as an event for the application, which has a channel of its own. What comes in is matched to its
//! connection here; the engine does the rest.
//! Locks: that of a connection before that of a relay; the tables here are locked for a look only.

mod calls;
mod incoming;
mod relays;

use std::collections::HashMap;
use std::sync::Arc;

use gamesockets_proto as proto;
use gamesockets_proto::Identity;
use gamesockets_proto::connection::{ConnectParams, Meeting};
use gamesockets_proto::signals::Signal;
use parking_lot::RwLock;

use self::calls::Calls;
pub(crate) use self::incoming::ALLOW_WITHOUT_AUTH;
pub use self::incoming::SignalAnswer;
pub use self::relays::{Relay, RelayAccess};
pub(crate) use self::relays::{Relays, Station};
use super::Driver;
use super::connection::{ConnectionCell, Origin};
use super::credentials::Shown;
use super::engine::Engine;
use super::link::Link;
use super::listen::ListenCell;
use crate::config::Overrides;
use crate::events::Event;

/// Signals, and what they bring about.
#[derive(Default)]
pub(crate) struct P2p {
    calls: RwLock<Calls>,
    /// Who listens on which virtual port.
    ports: RwLock<HashMap<i32, Arc<ListenCell>>>,
    pub(crate) relays: Arc<Relays>,
}

impl P2p {
    /// Listens on a virtual port; false if somebody does already.
    pub(crate) fn open_port(&self, port: i32, cell: &Arc<ListenCell>) -> bool {
        let mut ports = self.ports.write();
        let free = !ports.contains_key(&port);
        if free {
            ports.insert(port, Arc::clone(cell));
        }
        free
    }
}

impl Driver {
    /// Calls a peer. Its connection has a place already.
    pub(crate) fn call(&self, meeting: Meeting, options: Overrides) -> Option<Arc<ConnectionCell>> {
        let connection_id = self.take_connection_id();
        let Shown { identity, certificate, trust } = self.credentials();
        let settings = self.settings(None, &options);
        let params = ConnectParams {
            remote: super::link::NOWHERE,
            identity,
            config: settings.connection,
            seed: self.seed(),
            connection_id,
            unix_seconds_at_zero: self.unix_seconds_at_zero(),
            trust,
            certificate,
        };
        let mut engine = proto::Connection::call(self.now(), params, meeting);
        self.trace(&mut engine);
        let cell = self.add_met(engine, None, settings.user_data)?;
        cell.adopt(self, options);
        self.p2p.relays.wake(self);
        Some(cell)
    }

    /// Takes a connection in whose ends meet; `None` if there is no handle left.
    fn add_met(
        &self,
        engine: proto::Connection,
        listen_socket: Option<crate::handles::ListenSocket>,
        user_data: i64,
    ) -> Option<Arc<ConnectionCell>> {
        let id = engine.local_connection_id();
        let link = Link::met(Arc::clone(&self.p2p.relays));
        let mut cell = None;
        self.tables.write().connections.insert_with(|handle| {
            let new = ConnectionCell::new(handle, Origin::Met { listen_socket }, Engine::Udp(engine), link, user_data);
            Arc::clone(cell.insert(Arc::new(new)))
        });
        match &cell {
            Some(cell) => self.p2p.calls.write().insert(cell),
            None => self.release_connection_id(id),
        }
        cell
    }

    /// A connection of this kind is dead.
    pub(super) fn forget_met(&self, cell: &ConnectionCell) {
        if self.p2p.calls.write().remove(cell.id()) {
            self.discharge_connection(cell);
        }
    }

    /// Sends what a connection has to tell its peer beside its packets. To be called without its lock.
    pub(super) fn send_signals(&self, cell: &ConnectionCell, signals: Vec<Signal>) {
        for signal in signals {
            let peer = signal.to_identity.as_deref().and_then(|text| text.parse::<Identity>().ok());
            let connection = cell.handle();
            self.post(Event::Signal { connection, peer, payload: signal.to_bytes() });
        }
        self.events.announce();
    }

    /// Does something with every connection of this kind.
    fn for_each_met(&self, mut each: impl FnMut(&Arc<ConnectionCell>)) {
        let cells = self.p2p.calls.read().all();
        cells.iter().for_each(&mut each);
    }

    /// Closes a virtual port. The connections that came in by it are destroyed, and their peers are not told.
    pub(crate) fn close_port(&self, port: i32) {
        let Some(listener) = self.p2p.ports.write().remove(&port) else { return };
        self.for_each_met(|cell| {
            if cell.listen_socket() == Some(listener.handle) {
                self.tables.write().connections.remove(cell.handle());
                cell.mark_closed();
                cell.cut_off(self);
                self.forget_met(cell);
            }
        });
    }
}
