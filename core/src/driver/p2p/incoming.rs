//! A signal's way to its connection, or to a new one (wire-p2p sections 1.7 and 1.8).

use std::sync::Arc;

use gamesockets_proto as proto;
use gamesockets_proto::Identity;
use gamesockets_proto::connection::CalledParams;
use gamesockets_proto::handshake::Reject;
use gamesockets_proto::signals::{Signal, SignalClosed, SignalError, SignalRequest};
use gamesockets_schema::{ConnectionEnd, ResultCode};

use super::Driver;
use crate::config::Overrides;
use crate::driver::connection::ConnectionCell;
use crate::driver::credentials::Shown;
use crate::driver::places::Place;
use crate::handles::Connection;

/// A channel of the application's own is believed as to who sends a signal, as GNS believes it (wire-p2p section 1.9).
pub(crate) const ALLOW_WITHOUT_AUTH: u8 = 2;

/// What the application makes of a peer that calls through its own signaling channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignalAnswer {
    /// There is nobody: the caller hears nothing.
    Ignore,
    /// The connection announces itself by an event with state `Connecting`, and has to be accepted.
    Take,
    /// Accepted at once.
    Accept,
    /// No. Reason and text go to the caller, as with [`Sockets::close_connection`](crate::Sockets::close_connection).
    Reject {
        /// As in `close_connection`.
        reason: i32,
        /// As in `close_connection`.
        debug: String,
    },
}

/// What became of a signal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Whether it was for a connection, or made one.
    pub(crate) found: bool,
    /// To be sent back to the sender of the signal, in no connection's name.
    pub(crate) rejection: Option<Vec<u8>>,
}

impl Taken {
    const NOBODY: Self = Self { found: false, rejection: None };
    const FOUND: Self = Self { found: true, rejection: None };
}

impl Driver {
    /// A signal came. `answer` is asked about a request for a new connection on this virtual port.
    ///
    /// # Errors
    /// When it is none, or not what its sender may send.
    pub(crate) fn take_signal(
        &self,
        bytes: &[u8],
        answer: impl FnOnce(Connection, &Identity, i32) -> SignalAnswer,
    ) -> Result<Taken, SignalError> {
        let signal = Signal::read(bytes)?;
        let sender = signal.sender()?;
        let peer_id = signal.from_connection_id.unwrap_or(0);
        let known = match (signal.to_connection_id, peer_id) {
            (Some(own), _) => self.p2p.calls.read().by_id(own),
            (None, 0) => return Err(SignalError::NoConnectionId),
            (None, peer_id) => self.p2p.calls.read().by_peer(&sender, peer_id),
        };
        match (known, &signal.connect_request) {
            (Some(cell), _) => self.give(&cell, &signal).map(|()| Taken::FOUND),
            (None, Some(request)) if signal.to_connection_id.is_none() => {
                self.take_request(&signal, request, sender, answer)
            }
            // Whoever asks is not told whether there was ever such a connection.
            (None, _) => Ok(Taken::NOBODY),
        }
    }

    fn give(&self, cell: &Arc<ConnectionCell>, signal: &Signal) -> Result<(), SignalError> {
        let now = self.now();
        let mut guarded = cell.lock();
        let engine = guarded.engine.udp_mut().ok_or(SignalError::Unexpected)?;
        engine.set_unix_seconds_at_zero(self.unix_seconds_at_zero());
        let result = engine.handle_signal(now, signal);
        let peer = engine.remote_identity().cloned().map(|peer| (peer, engine.remote_connection_id()));
        cell.settle(self, now, guarded);
        if let Some((peer, id)) = peer.filter(|(_, id)| *id != 0) {
            self.p2p.calls.write().learn_peer(cell.id(), peer, id);
        }
        result
    }

    fn take_request(
        &self,
        signal: &Signal,
        request: &SignalRequest,
        sender: Identity,
        answer: impl FnOnce(Connection, &Identity, i32) -> SignalAnswer,
    ) -> Result<Taken, SignalError> {
        let port = request.to_virtual_port.and_then(|port| i32::try_from(port).ok()).unwrap_or(-1);
        let listener = self.p2p.ports.read().get(&port).cloned();
        // Nobody need listen: the application decides itself.
        if !self.places.admit() {
            return Ok(Taken::NOBODY);
        }
        let options = listener.as_ref().map(|cell| cell.options.lock().clone()).unwrap_or_default();
        let settings = self.settings(Some(&options), &Overrides::default());
        let Shown { identity, certificate, trust } = self.credentials();
        let connection_id = self.take_connection_id();
        let params = CalledParams {
            identity: identity.clone(),
            certificate,
            trust,
            config: settings.connection,
            seed: self.seed(),
            connection_id,
            unix_seconds_at_zero: self.unix_seconds_at_zero(),
        };
        let now = self.now();
        let made = proto::Connection::called(now, signal, params, ALLOW_WITHOUT_AUTH);
        let cell = match made {
            Ok(mut engine) => {
                self.trace(&mut engine);
                self.add_met(engine, listener.map(|cell| cell.handle), settings.user_data)
            }
            Err(reject) => {
                self.release_connection_id(connection_id);
                self.places.leave(Place::Living(None));
                let rejection = rejection(signal, &identity, connection_id, reject);
                return Ok(Taken { found: false, rejection });
            }
        };
        let Some(cell) = cell else {
            self.places.leave(Place::Living(None));
            return Ok(Taken::NOBODY);
        };
        let peer_id = signal.from_connection_id.unwrap_or(0);
        self.p2p.calls.write().learn_peer(connection_id, sender.clone(), peer_id);
        let answer = answer(cell.handle(), &sender, port);
        Ok(self.answer_request(&cell, signal, &identity, answer))
    }

    fn answer_request(
        &self,
        cell: &Arc<ConnectionCell>,
        signal: &Signal,
        identity: &Identity,
        answer: SignalAnswer,
    ) -> Taken {
        let destroy = || {
            self.tables.write().connections.remove(cell.handle());
            cell.mark_told();
            cell.mark_closed();
            cell.cut_off(self);
            self.forget_met(cell);
        };
        match answer {
            SignalAnswer::Ignore => {
                destroy();
                Taken::NOBODY
            }
            SignalAnswer::Reject { reason, debug } => {
                let (code, text) = proto::connection::application_end(reason, &debug);
                destroy();
                Taken { found: true, rejection: rejection(signal, identity, cell.id(), Reject::Fail { code, text }) }
            }
            SignalAnswer::Take | SignalAnswer::Accept => {
                let now = self.now();
                let mut guarded = cell.lock();
                if let Some(engine) = guarded.engine.udp_mut() {
                    // It was made from this very signal: what else is in it counts, too.
                    let _ = engine.handle_signal(now, signal);
                }
                if answer == SignalAnswer::Accept {
                    let result: Result<(), ResultCode> = guarded.engine.accept(now);
                    // What did not work the connection tells by its state.
                    let _ = result;
                }
                cell.settle(self, now, guarded);
                Taken::FOUND
            }
        }
    }
}

/// What tells a caller that it will not be answered otherwise: with the identity and both ids, which Valve's library asks
/// for (wire-p2p section 1.8).
fn rejection(signal: &Signal, identity: &Identity, own_id: u32, reject: Reject) -> Option<Vec<u8>> {
    let (code, text) = match reject {
        Reject::Ignore(_) => return None,
        Reject::Fail { code, text } => (code, text),
    };
    let closed = SignalClosed { debug: Some(text.into()), reason_code: Some(code.0 as u32) };
    debug_assert_ne!(code, ConnectionEnd::INVALID);
    let answer = Signal {
        to_connection_id: signal.from_connection_id,
        from_connection_id: Some(own_id),
        from_identity: Some(identity.to_string()),
        to_identity: signal.from_identity.clone(),
        connection_closed: Some(closed),
        ..Signal::default()
    };
    Some(answer.to_bytes())
}
