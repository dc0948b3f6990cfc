//! A connection whose ends meet through signals (wire-p2p sections 1.6 to 1.10), and the routes that its packets take.
//!
//! ```text
//!          client: connect_ok is good                     a packet of the peer's is authentic,
//!          server: accepted                               on the route that is in use
//! Connecting ------------------------> FindingRoute --------------------------------> Connected
//!    | 10 s: 5003                          | 10 s: 5008
//!    +-------------------------------------+--> ProblemDetectedLocally, told once by a signal
//! ```

use core::net::{Ipv6Addr, SocketAddr};
use core::time::Duration;
use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use gamesockets_schema::{ConnectionEnd, ConnectionState};

use super::establish::Role;
use super::{ConnectParams, Connection};
use crate::crypto::{LocalCertificate, TrustStore};
use crate::handshake::{ClientHandshake, Reject, ServerHandshake, ServerParams, SignalledPeer};
use crate::routes::{RouteId, RouteQuality, Routes};
use crate::signals::{Signal, SignalClosed, SignalError, SignalOk, SignalRequest, Signaling};
use crate::time::Timestamp;
use crate::wire::control::MAX_DEBUG_TEXT;
use crate::wire::{CertificateSigned, SessionCryptInfoSigned};
use crate::{ConnectionConfig, Identity};

/// A caller that hears nothing calls again after this.
const RETRY: Duration = Duration::from_millis(500);
/// Answers that may wait to leave. A signal causes at most one; the owner drains after each.
const REPLIES_MAX: usize = 4;
/// What stands for an address where there is none.
pub(super) const NO_ADDRESS: SocketAddr = SocketAddr::new(core::net::IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0);

/// What meets whom, for either end.
#[derive(Clone, Debug)]
pub struct Meeting {
    /// The peer; `None` for a caller who does not know yet who will answer.
    pub peer: Option<Identity>,
    /// Our virtual port.
    pub local_port: i32,
    /// The peer's.
    pub remote_port: i32,
    /// 0: the peer's certificate must be signed by a CA that we trust; 2: it need not (wire-p2p section 1.9).
    pub allow_without_auth: u8,
}

/// What a called end needs to judge a request.
pub struct CalledParams {
    /// Who we are.
    pub identity: Identity,
    /// Our CA-signed certificate, if we have one.
    pub certificate: Option<LocalCertificate>,
    /// Whose certificates are believed.
    pub trust: Arc<TrustStore>,
    /// Settings.
    pub config: ConnectionConfig,
    /// Randomness for this connection alone.
    pub seed: [u8; 32],
    /// Our connection id.
    pub connection_id: u32,
    /// Unix time in seconds at `Timestamp` zero, for certificate expiry.
    pub unix_seconds_at_zero: u64,
}

/// The machines of a connection whose ends meet through signals.
pub(super) struct Rendezvous {
    pub(super) routes: Routes,
    signaling: Signaling,
    meeting: Meeting,
    /// Who we are, as the signals say it.
    local_identity: String,
    /// What a caller tells until it has been answered.
    request: Option<(CertificateSigned, SessionCryptInfoSigned)>,
    /// What a called end has answered, and whether it has to say it again.
    ok: Option<SignalOk>,
    ok_owed: bool,
    last_request: Option<Timestamp>,
    /// Answers that leave at once.
    replies: VecDeque<Signal>,
    /// Since when a route is sought.
    finding_since: Option<Timestamp>,
    /// The route that the datagram came by that is being looked at.
    arriving: Option<RouteId>,
    /// The route that the latest authentic packet came by.
    last_heard: Option<RouteId>,
    /// Relay routes of the peer's that the owner has not fetched yet.
    peer_routes: Option<Bytes>,
}

impl Rendezvous {
    fn new(local_identity: &Identity, meeting: Meeting) -> Self {
        Self {
            routes: Routes::default(),
            signaling: Signaling::default(),
            meeting,
            local_identity: local_identity.to_string(),
            request: None,
            ok: None,
            ok_owed: false,
            last_request: None,
            replies: VecDeque::new(),
            finding_since: None,
            arriving: None,
            last_heard: None,
            peer_routes: None,
        }
    }

    /// By which route the peer is answered, if not by the one in use.
    pub(super) fn answers_by(&self) -> Option<RouteId> {
        self.last_heard.filter(|&route| self.routes.current() != Some(route) && self.routes.has(route))
    }
}

impl Connection {
    /// Calls a peer through signals. `params.remote` counts for nothing.
    pub fn call(now: Timestamp, params: ConnectParams, meeting: Meeting) -> Self {
        let handshake = ClientHandshake::with_certificate(
            params.identity.clone(),
            params.certificate.as_ref(),
            &params.config,
            params.seed,
            params.connection_id,
            params.trust,
        );
        let mut rendezvous = Box::new(Rendezvous::new(&params.identity, meeting));
        rendezvous.request = Some(handshake.credentials());
        rendezvous.signaling.want(now);
        let role = Role::Client { handshake: Some(Box::new(handshake)), last_request: None };
        let mut connection = Self::new(now, NO_ADDRESS, role, params.config, params.connection_id);
        connection.unix_seconds_at_zero = params.unix_seconds_at_zero;
        connection.remote_identity = rendezvous.meeting.peer.clone();
        connection.rendezvous = Some(rendezvous);
        connection
    }

    /// A peer calls through a signal that has a request: waits in `Connecting` to be accepted, and says nothing until then.
    ///
    /// # Errors
    /// When its credentials do not hold; with what may be told to the peer.
    pub fn called(
        now: Timestamp,
        signal: &Signal,
        params: CalledParams,
        allow_without_auth: u8,
    ) -> Result<Self, Reject> {
        let bad = |_| Reject::Ignore("the signal has no sender");
        let (identity, connection_id) = (signal.sender().map_err(bad)?, signal.from_connection_id.unwrap_or(0));
        let Some(request) = signal.connect_request.as_ref().filter(|_| connection_id & 0xffff != 0) else {
            return Err(Reject::Ignore("the signal is no request"));
        };
        let unix_seconds = params.unix_seconds_at_zero.saturating_add(now.as_micros() / 1_000_000);
        let server = ServerParams {
            identity: &params.identity,
            certificate: params.certificate.as_ref(),
            trust: &params.trust,
            unix_seconds,
            seed: params.seed,
        };
        let (cert, crypt) = (request.cert.as_ref(), request.crypt.as_ref());
        let peer =
            SignalledPeer { identity: identity.clone(), connection_id, cert, crypt, allow_without_auth, unix_seconds };
        let handshake = ServerHandshake::from_credentials(now, peer, &server)?;
        let local_port = request.to_virtual_port.map_or(-1, |port| port as i32);
        let remote_port = request.from_virtual_port.map_or(local_port, |port| port as i32);
        let meeting = Meeting { peer: Some(identity.clone()), local_port, remote_port, allow_without_auth };
        let rendezvous = Box::new(Rendezvous::new(&params.identity, meeting));
        let authenticated = handshake.is_authenticated();
        let role = Role::Server { handshake: Some(Box::new(handshake)) };
        let mut connection = Self::new(now, NO_ADDRESS, role, params.config, params.connection_id);
        connection.unix_seconds_at_zero = params.unix_seconds_at_zero;
        connection.remote_identity = Some(identity);
        connection.remote_id = connection_id;
        connection.authenticated = authenticated;
        connection.rendezvous = Some(rendezvous);
        Ok(connection)
    }

    /// A signal for this connection has come (wire-p2p section 1.10).
    ///
    /// # Errors
    /// When it is not what the peer may send; nothing has changed then.
    pub fn handle_signal(&mut self, now: Timestamp, signal: &Signal) -> Result<(), SignalError> {
        self.check_sender(signal)?;
        let Some(rendezvous) = self.rendezvous.as_deref_mut() else { return Err(SignalError::Unexpected) };
        let carried = rendezvous.signaling.take(now, signal);
        rendezvous.peer_routes = carried.routes.or(rendezvous.peer_routes.take());
        let result = match (&signal.connection_closed, self.state) {
            (Some(closed), _) => {
                self.take_signalled_end(now, closed);
                Ok(())
            }
            (None, ConnectionState::FinWait | ConnectionState::ProblemDetectedLocally) => {
                self.reply_closed();
                Ok(())
            }
            (None, ConnectionState::ClosedByPeer) => {
                self.reply(SignalClosed { debug: None, reason_code: Some(SignalClosed::NO_CONNECTION) });
                Ok(())
            }
            (None, ConnectionState::Connecting) => self.take_signalled_ok(now, signal),
            (None, _) => {
                self.repeat_ok(now, signal);
                Ok(())
            }
        };
        self.observe(now);
        result
    }

    /// The next signal to send to the peer, if one is to leave now.
    pub fn poll_signal(&mut self, now: Timestamp) -> Option<Signal> {
        if let Some(reply) = self.rendezvous.as_deref_mut()?.replies.pop_front() {
            return Some(reply);
        }
        let due = self.next_signal()? <= now;
        let calls = self.state == ConnectionState::Connecting;
        let mut signal = self.addressed_signal()?;
        let rendezvous = self.rendezvous.as_deref_mut()?;
        if !due {
            return None;
        }
        if calls {
            let (cert, crypt) = rendezvous.request.clone()?;
            signal.to_connection_id = None;
            signal.connect_request = Some(SignalRequest {
                crypt: Some(crypt),
                cert: Some(cert),
                to_virtual_port: u32::try_from(rendezvous.meeting.remote_port).ok(),
                from_virtual_port: u32::try_from(rendezvous.meeting.local_port).ok(),
                from_fake_ip: None,
            });
            rendezvous.last_request = Some(now);
        } else if core::mem::take(&mut rendezvous.ok_owed) {
            signal.connect_ok.clone_from(&rendezvous.ok);
        }
        rendezvous.signaling.fill(now, &mut signal);
        Some(signal)
    }

    /// What waits for attention beside the packets, and when.
    pub(super) fn next_rendezvous_step(&self) -> Option<Timestamp> {
        let rendezvous = self.rendezvous.as_deref()?;
        let give_up = rendezvous.finding_since.map(|since| since + self.config.timeout_initial);
        let give_up = give_up.filter(|_| self.state == ConnectionState::FindingRoute);
        let routes = self.session.as_ref().and_then(|_| rendezvous.routes.next_timeout());
        [self.next_signal(), routes, give_up].into_iter().flatten().min()
    }

    /// Time has passed for the routes, and for finding one.
    pub(super) fn drive_rendezvous(&mut self, now: Timestamp) {
        let Some(rendezvous) = self.rendezvous.as_deref_mut() else { return };
        rendezvous.routes.handle_timeout(now);
        let waited = rendezvous.finding_since.map(|since| now.since(since));
        if self.state == ConnectionState::FindingRoute && waited >= Some(self.config.timeout_initial) {
            let text = "Timed out attempting to negotiate rendezvous";
            self.fail(now, ConnectionEnd::MISC_P2P_RENDEZVOUS, text);
        }
    }

    /// The handshake is done: what was agreed on is used as soon as there is a route.
    pub(super) fn seek_route(&mut self, now: Timestamp, ok: Option<SignalOk>) {
        let Some(rendezvous) = self.rendezvous.as_deref_mut() else { return };
        rendezvous.request = None;
        rendezvous.finding_since = Some(now);
        rendezvous.ok_owed = ok.is_some();
        rendezvous.ok = ok;
        if rendezvous.ok_owed {
            rendezvous.signaling.want(now);
        }
        self.set_state(ConnectionState::FindingRoute);
    }

    /// A datagram came by this route. As [`handle_datagram`](Self::handle_datagram).
    pub fn handle_datagram_on(&mut self, now: Timestamp, route: RouteId, datagram: &mut [u8]) {
        if let Some(rendezvous) = self.rendezvous.as_deref_mut() {
            rendezvous.arriving = Some(route);
            self.handle_datagram(now, datagram);
        }
        if let Some(rendezvous) = self.rendezvous.as_deref_mut() {
            rendezvous.arriving = None;
        }
    }

    /// There is such a route, or it is now of this quality. False if there are too many.
    pub fn set_route(&mut self, now: Timestamp, route: RouteId, quality: RouteQuality) -> bool {
        self.rendezvous.as_deref_mut().is_some_and(|rendezvous| rendezvous.routes.set(now, route, quality))
    }

    /// Whether there is such a route.
    pub fn has_route(&self, route: RouteId) -> bool {
        self.rendezvous.as_deref().is_some_and(|rendezvous| rendezvous.routes.has(route))
    }

    /// There are no such routes any more.
    pub fn remove_routes(&mut self, now: Timestamp, gone: impl Fn(RouteId) -> bool) {
        if let Some(rendezvous) = self.rendezvous.as_deref_mut() {
            let before = rendezvous.routes.current();
            rendezvous.routes.remove_where(now, gone);
            if rendezvous.routes.current() != before {
                self.path_changed(now);
            }
        }
    }

    /// The route that packets are sent on, and whether it is known to work.
    pub fn route(&self) -> Option<(RouteId, RouteQuality, bool)> {
        let routes = &self.rendezvous.as_deref()?.routes;
        Some((routes.current()?, routes.current_quality()?, routes.is_confirmed()))
    }

    /// From now on the peer can reach us on these; told until it has heard.
    pub fn publish_routes(&mut self, now: Timestamp, revision: u32, routes: Bytes) {
        if let Some(rendezvous) = self.rendezvous.as_deref_mut() {
            rendezvous.signaling.publish_routes(now, revision, routes);
        }
    }

    /// Where the peer can be reached, if it has said so since the last call. What is understood of it is answered with
    /// [`saw_routes`](Self::saw_routes).
    pub fn take_peer_routes(&mut self) -> Option<Bytes> {
        self.rendezvous.as_deref_mut()?.peer_routes.take()
    }

    /// This revision of the peer's routes was understood.
    pub fn saw_routes(&mut self, now: Timestamp, revision: u32) {
        if let Some(rendezvous) = self.rendezvous.as_deref_mut() {
            rendezvous.signaling.saw_routes(now, revision);
        }
    }

    /// Who meets whom; `None` for a connection between addresses.
    pub fn meeting(&self) -> Option<&Meeting> {
        self.rendezvous.as_deref().map(|rendezvous| &rendezvous.meeting)
    }

    /// An authentic packet came, by the route that is being looked at.
    pub(super) fn heard_on_route(&mut self, now: Timestamp) {
        let Some(rendezvous) = self.rendezvous.as_deref_mut() else { return };
        let Some(route) = rendezvous.arriving else { return };
        rendezvous.last_heard = Some(route);
        let before = rendezvous.routes.current();
        rendezvous.routes.heard(now, route);
        let (current, confirmed) = (rendezvous.routes.current(), rendezvous.routes.is_confirmed());
        if self.state == ConnectionState::FindingRoute && confirmed {
            self.become_connected(now);
        } else if current != before {
            self.path_changed(now);
        }
    }

    /// Replies are missing: another route goes first, if there is one.
    pub(super) fn suspect_route(&mut self, now: Timestamp) {
        if let Some(rendezvous) = self.rendezvous.as_deref_mut()
            && rendezvous.routes.suspect_current(now)
        {
            self.path_changed(now);
        }
    }

    /// A peer that has heard nothing yet of the end of a connection that never was one is told by a signal.
    pub(super) fn signal_end(&mut self) {
        self.reply_closed();
        if let Some(rendezvous) = self.rendezvous.as_deref_mut() {
            rendezvous.signaling.clear();
            rendezvous.request = None;
        }
    }

    fn next_signal(&self) -> Option<Timestamp> {
        let rendezvous = self.rendezvous.as_deref()?;
        if !rendezvous.replies.is_empty() {
            return Some(Timestamp::default());
        }
        let again = rendezvous.last_request.map(|at| at + RETRY);
        match self.state {
            // A called end says nothing before it is accepted.
            ConnectionState::Connecting if rendezvous.request.is_none() => None,
            ConnectionState::Connecting => [rendezvous.signaling.next(), again].into_iter().flatten().min(),
            ConnectionState::FindingRoute | ConnectionState::Connected | ConnectionState::Linger => {
                rendezvous.signaling.next()
            }
            _ => None,
        }
    }

    /// Wire-p2p section 1.8.
    fn check_sender(&mut self, signal: &Signal) -> Result<(), SignalError> {
        let sender = signal.sender()?;
        if signal.to_connection_id.is_some_and(|id| id != self.local_id) {
            return Err(SignalError::WrongConnection);
        }
        let from = signal.from_connection_id.unwrap_or(0);
        match &self.remote_identity {
            Some(known) if *known != sender => return Err(SignalError::WrongSender),
            None if self.state == ConnectionState::Connecting => self.remote_identity = Some(sender),
            _ => {}
        }
        match self.remote_id {
            0 if from & 0xffff != 0 && signal.connection_closed.is_none() => self.remote_id = from,
            0 => {}
            known if from != 0 && from != known => return Err(SignalError::WrongConnection),
            _ => {}
        }
        Ok(())
    }

    fn take_signalled_ok(&mut self, now: Timestamp, signal: &Signal) -> Result<(), SignalError> {
        let Some(ok) = &signal.connect_ok else { return Ok(()) };
        let unix_seconds = self.unix_seconds_at_zero.saturating_add(now.as_micros() / 1_000_000);
        let Role::Client { handshake: Some(handshake), .. } = &self.role else { return Err(SignalError::Unexpected) };
        let (Some(identity), Some(rendezvous)) = (self.remote_identity.clone(), self.rendezvous.as_deref()) else {
            return Err(SignalError::Unexpected);
        };
        let peer = SignalledPeer {
            identity,
            connection_id: self.remote_id,
            cert: ok.cert.as_ref(),
            crypt: ok.crypt.as_ref(),
            allow_without_auth: rendezvous.meeting.allow_without_auth,
            unix_seconds,
        };
        match handshake.on_credentials(&peer) {
            Ok(established) => {
                self.establish(now, established);
                self.seek_route(now, None);
                self.role = Role::Client { handshake: None, last_request: None };
                Ok(())
            }
            Err(reject) => {
                self.reject(now, reject);
                Err(SignalError::Credentials)
            }
        }
    }

    fn take_signalled_end(&mut self, now: Timestamp, closed: &SignalClosed) {
        let reason = closed.reason_code.unwrap_or(0);
        self.peer_knows_end = true;
        if reason == SignalClosed::NO_CONNECTION {
            let text = "Received NoConnection".to_owned();
            self.closed_by_peer(now, ConnectionEnd::MISC_PEER_SENT_NO_CONNECTION, text);
        } else {
            self.reply(SignalClosed { debug: None, reason_code: Some(SignalClosed::NO_CONNECTION) });
            let debug = closed.debug.as_deref().unwrap_or_default();
            let text = String::from_utf8_lossy(&debug[..debug.len().min(MAX_DEBUG_TEXT)]).into_owned();
            self.closed_by_peer(now, ConnectionEnd(reason as i32), text);
        }
        if let Some(rendezvous) = self.rendezvous.as_deref_mut() {
            rendezvous.signaling.clear();
        }
    }

    /// The peer calls again: what it was answered may have been lost.
    fn repeat_ok(&mut self, now: Timestamp, signal: &Signal) {
        if let Some(rendezvous) = self.rendezvous.as_deref_mut()
            && signal.connect_request.is_some()
            && rendezvous.ok.is_some()
        {
            rendezvous.ok_owed = true;
            rendezvous.signaling.want(now);
        }
    }

    fn reply_closed(&mut self) {
        let debug = Some(Bytes::from(self.end_debug.clone()));
        self.reply(SignalClosed { debug, reason_code: Some(self.end_reason.0 as u32) });
    }

    fn reply(&mut self, closed: SignalClosed) {
        let Some(mut signal) = self.addressed_signal() else { return };
        signal.connection_closed = Some(closed);
        if let Some(rendezvous) = self.rendezvous.as_deref_mut()
            && rendezvous.replies.len() < REPLIES_MAX
        {
            rendezvous.replies.push_back(signal);
        }
    }

    /// A signal from us to the peer, with nothing in it yet.
    fn addressed_signal(&self) -> Option<Signal> {
        let rendezvous = self.rendezvous.as_deref()?;
        Some(Signal {
            to_connection_id: Some(self.remote_id).filter(|&id| id != 0),
            from_identity: Some(rendezvous.local_identity.clone()),
            from_connection_id: Some(self.local_id),
            to_identity: self.remote_identity.as_ref().map(Identity::to_string),
            ..Signal::default()
        })
    }

    /// Packets go another way: what was measured on the old one does not hold any more.
    fn path_changed(&mut self, now: Timestamp) {
        let ping = self.rendezvous.as_deref().and_then(|rendezvous| rendezvous.routes.current_quality()?.ping_ms);
        self.measure_anew(now, ping);
    }
}

#[cfg(test)]
mod tests;
