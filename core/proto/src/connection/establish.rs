//! How a connection begins: the timers around the handshake (spec sections 5.3 to 5.5).

use core::time::Duration;
use std::collections::VecDeque;
use std::net::SocketAddr;

use gamesockets_schema::{ConnectionEnd, ConnectionState, ResultCode};

use super::session::{Session, SessionStart};
use super::unproven::Unproven;
use super::{ConnectParams, Connection, Dropped};
use crate::ConnectionConfig;
use crate::handshake::{ClientHandshake, Established, Reject, ServerHandshake};
use crate::lanes::receive_queue::ReceiveQueue;
use crate::lanes::send_lanes::SendLanes;
use crate::packets::ping::PingTracker;
use crate::signals::SignalOk;
use crate::stats::LateStats;
use crate::time::Timestamp;
use crate::wire::control::ControlPacket;
use crate::wire::messages::{ChallengeReply, ConnectOk};

/// A client that hears nothing starts again from the challenge after this.
const RETRY: Duration = Duration::from_millis(500);

const NO_CERTIFICATE_TEXT: &str =
    "Need a cert authority! IP_AllowWithoutAuth below 2 wants a certificate for our identity, and there is none";

const UNPROVEN_TEXT: &str = "The client was accepted and never proved that it has the keys";

/// Which side of the handshake this is.
pub(super) enum Role {
    Client {
        /// Gone once it has done its work.
        handshake: Option<Box<ClientHandshake>>,
        last_request: Option<Timestamp>,
    },
    Server {
        /// Gone once the client has shown that it heard the ConnectOK: until then it may ask for it again.
        handshake: Option<Box<ServerHandshake>>,
    },
}

impl Connection {
    /// Starts connecting: the first poll gives a ChallengeRequest. Fails at once, with 5002, if we have a name but no
    /// certificate, and IP_AllowWithoutAuth asks for one (spec section 5.7).
    pub fn connect(now: Timestamp, params: ConnectParams) -> Self {
        let handshake = ClientHandshake::with_certificate(
            params.identity,
            params.certificate.as_ref(),
            &params.config,
            params.seed,
            params.connection_id,
            params.trust,
        );
        let lacks_certificate = handshake.lacks_certificate(params.remote);
        let role = Role::Client { handshake: Some(Box::new(handshake)), last_request: None };
        let mut connection = Self::new(now, params.remote, role, params.config, params.connection_id);
        connection.unix_seconds_at_zero = params.unix_seconds_at_zero;
        if lacks_certificate {
            connection.fail(now, ConnectionEnd::MISC_INTERNAL_ERROR, NO_CERTIFICATE_TEXT);
        } else {
            connection.request_challenge(now);
        }
        connection
    }

    /// A client asked for it: waits in `Connecting` to be accepted, and for a packet of the client that decrypts. Made by
    /// [`crate::Endpoint`]. For `received` bytes of the client we may send three times as many before that.
    pub fn incoming(
        now: Timestamp,
        remote: SocketAddr,
        handshake: ServerHandshake,
        config: ConnectionConfig,
        local_connection_id: u32,
        ping_est_ms: Option<u32>,
        received: usize,
    ) -> Self {
        let remote_identity = handshake.remote_identity().clone();
        let remote_id = handshake.client_connection_id();
        let authenticated = handshake.is_authenticated();
        let role = Role::Server { handshake: Some(Box::new(handshake)) };
        let mut connection = Self::new(now, remote, role, config, local_connection_id);
        connection.remote_identity = Some(remote_identity);
        connection.remote_id = remote_id;
        connection.authenticated = authenticated;
        connection.unproven = Some(Unproven::new(received, 0));
        if let Some(ping_ms) = ping_est_ms {
            connection.sample_ping(now, ping_ms);
        }
        connection
    }

    /// Accepts an incoming connection that is in `Connecting`. It stays there until a packet of the client proves that it
    /// has the keys: a round trip, or 3 s and it fails. What is sent meanwhile leaves as far as what came allows.
    ///
    /// Errors: `InvalidParam` for an outgoing one that connects, `InvalidState` if it is answered or gone already,
    /// `HandshakeFailed` (it is then in `ProblemDetectedLocally`).
    pub fn accept(&mut self, now: Timestamp) -> Result<(), ResultCode> {
        if self.state != ConnectionState::Connecting || self.session.is_some() {
            return Err(ResultCode::InvalidState);
        }
        let Role::Server { handshake: Some(handshake) } = &mut self.role else {
            return Err(ResultCode::InvalidParam);
        };
        match handshake.accept(now, self.local_id, &self.config) {
            Ok((ControlPacket::ConnectOk(ok), established)) if self.rendezvous.is_some() => {
                self.establish(now, established);
                self.seek_route(now, Some(SignalOk { crypt: ok.crypt, cert: ok.cert }));
                Ok(())
            }
            Ok((connect_ok, established)) => {
                self.push_control(connect_ok);
                self.establish(now, established);
                if let Some(unproven) = &mut self.unproven {
                    unproven.accept(now);
                }
                self.ask_for_proof();
                Ok(())
            }
            Err(Reject::Fail { code, text }) => {
                self.fail(now, code, &text);
                Err(ResultCode::HandshakeFailed)
            }
            Err(Reject::Ignore(text)) => {
                self.fail(now, ConnectionEnd::REMOTE_BAD_CRYPT, text);
                Err(ResultCode::HandshakeFailed)
            }
        }
    }

    /// When `Connecting` wants attention next.
    pub(super) fn next_handshake_step(&self) -> Timestamp {
        let give_up = self.created + self.config.timeout_initial;
        match &self.role {
            Role::Client { last_request: Some(at), .. } => give_up.min(*at + RETRY),
            _ => give_up,
        }
    }

    pub(super) fn drive_handshake(&mut self, now: Timestamp) {
        if now.since(self.created) >= self.config.timeout_initial {
            let text = match self.role {
                Role::Client { .. } => "Timed out attempting to connect",
                Role::Server { .. } => "Timed out waiting to be accepted",
            };
            self.fail(now, ConnectionEnd::MISC_TIMEOUT, text);
            return;
        }
        if let Role::Client { last_request, .. } = &self.role
            && self.rendezvous.is_none()
            && last_request.is_none_or(|at| now.since(at) >= RETRY)
        {
            self.request_challenge(now);
        }
    }

    pub(super) fn take_challenge_reply(&mut self, now: Timestamp, reply: &ChallengeReply) {
        let ping_est_ms = self.ping.smoothed_ms();
        let Role::Client { handshake: Some(handshake), last_request } = &mut self.role else {
            self.dropped.unexpected += 1;
            return;
        };
        if self.state != ConnectionState::Connecting {
            self.dropped.unexpected += 1;
            return;
        }
        match handshake.on_challenge_reply(reply, now, ping_est_ms) {
            Ok((request, ping_ms)) => {
                *last_request = Some(now);
                self.push_control(request);
                if let Some(ping_ms) = ping_ms {
                    self.sample_ping(now, ping_ms);
                }
            }
            Err(reject) => self.reject(now, reject),
        }
    }

    pub(super) fn take_connect_ok(&mut self, now: Timestamp, ok: &ConnectOk) {
        let unix_seconds = self.unix_seconds_at_zero.saturating_add(now.as_micros() / 1_000_000);
        match self.state {
            ConnectionState::Connecting => {}
            ConnectionState::FinWait | ConnectionState::ProblemDetectedLocally | ConnectionState::ClosedByPeer => {
                return self.answer_straggler(now);
            }
            _ => {
                self.dropped.unexpected += 1;
                return;
            }
        }
        let Role::Client { handshake: Some(handshake), .. } = &mut self.role else {
            self.dropped.unexpected += 1;
            return;
        };
        match handshake.on_connect_ok(ok, now, self.remote, unix_seconds) {
            Ok(established) => {
                self.remote_identity = Some(established.remote_identity.clone());
                self.remote_id = established.remote_connection_id;
                if let Some(ping_ms) = established.ping_sample_ms {
                    self.sample_ping(now, ping_ms);
                }
                self.establish(now, established);
                self.become_connected(now);
                if let Role::Client { handshake, .. } = &mut self.role {
                    *handshake = None;
                }
                // With an acknowledgement of the handshake the server learns at once that it may forget it.
                if let Some(session) = self.session.as_deref_mut() {
                    session.received.request_ack(now, Duration::ZERO);
                }
            }
            Err(reject) => self.reject(now, reject),
        }
    }

    /// A client repeats itself: our ConnectOK may have been lost (spec section 5.5).
    pub(super) fn take_repeated_request(&mut self, now: Timestamp, client_id: u32) {
        let Role::Server { handshake } = &self.role else {
            self.dropped.unexpected += 1;
            return;
        };
        if client_id != self.remote_id {
            self.dropped.wrong_connection += 1;
            return;
        }
        match self.state {
            ConnectionState::Connecting | ConnectionState::Connected | ConnectionState::Linger => {
                if let Some(connect_ok) = handshake.as_ref().and_then(|handshake| handshake.connect_ok(now)) {
                    self.push_control(connect_ok);
                    // What was asked before the client had the keys it could not read.
                    self.ask_for_proof();
                }
            }
            _ => self.answer_straggler(now),
        }
    }

    pub(super) fn new(now: Timestamp, remote: SocketAddr, role: Role, config: ConnectionConfig, local_id: u32) -> Self {
        let mut connection = Self {
            remote,
            config,
            local_id,
            remote_id: 0,
            remote_identity: None,
            role,
            unproven: None,
            state: ConnectionState::None,
            created: now,
            unix_seconds_at_zero: 0,
            cipher: None,
            authenticated: false,
            rendezvous: None,
            peer_key: None,
            session: None,
            stalled: None,
            send_lanes: SendLanes::default(),
            queue: ReceiveQueue::default(),
            ping: PingTracker::default(),
            stats: LateStats::new(now),
            nagle_due: None,
            refused_send: false,
            control: VecDeque::new(),
            events: VecDeque::new(),
            end_reason: ConnectionEnd::INVALID,
            end_debug: String::new(),
            peer_closed: false,
            peer_knows_end: false,
            linger_until: None,
            fin_wait_until: None,
            last_stray_answer: None,
            dropped: Dropped::default(),
            watch: None,
        };
        connection.apply_limits();
        connection.set_state(ConnectionState::Connecting);
        connection
    }

    fn request_challenge(&mut self, now: Timestamp) {
        if let Role::Client { handshake: Some(handshake), last_request } = &mut self.role {
            *last_request = Some(now);
            let request = handshake.challenge_request(now);
            self.push_control(request);
        }
    }

    pub(super) fn establish(&mut self, now: Timestamp, established: Established) {
        self.cipher = Some(established.cipher);
        self.authenticated = established.authenticated;
        self.peer_key = Some(established.peer_key);
        if let Some(windows) = established.windows {
            self.send_lanes.limit_to_window(windows.remote);
            self.queue.open_window(windows.local);
        }
        let start = SessionStart {
            send_key: established.send_key,
            recv_key: established.recv_key,
            peer_version: established.peer_protocol_version,
            extensions: established.extensions,
            rate: self.rate_bounds(),
            mtu: self.config.mtu_packet_size,
            ping: self.ping.smoothed(),
        };
        let mut session = Box::new(Session::new(now, start));
        if self.watch.is_some() {
            session.sent.record_fates();
        }
        self.session = Some(session);
        tracing::debug!(
            target: "gamesockets::handshake",
            id = self.local_id,
            remote = %self.remote,
            cipher = ?established.cipher,
            authenticated = self.authenticated,
            version = established.peer_protocol_version,
            "the keys are there"
        );
    }

    pub(super) fn become_connected(&mut self, now: Timestamp) {
        self.stats.connected(now);
        self.set_state(ConnectionState::Connected);
    }

    /// The next packet, which leaves at once, has the client acknowledge it at once.
    fn ask_for_proof(&mut self) {
        if self.unproven.is_some()
            && let Some(session) = self.session.as_deref_mut()
        {
            session.liveness.ask_at_once();
        }
    }

    /// A data packet of the peer was authentic: it has what the handshake had to give, and is who it says it is.
    pub(super) fn take_proof(&mut self, now: Timestamp) {
        if let Role::Server { handshake } = &mut self.role {
            *handshake = None;
        }
        if self.unproven.take().is_some() && self.state == ConnectionState::Connecting {
            self.become_connected(now);
        }
    }

    /// An accepted client that has proved nothing in time is given up.
    pub(super) fn give_up_unproven(&mut self, now: Timestamp) {
        let deadline = self.unproven.and_then(|unproven| unproven.deadline());
        if self.session.is_some() && deadline.is_some_and(|deadline| deadline <= now) {
            self.fail(now, ConnectionEnd::MISC_TIMEOUT, UNPROVEN_TEXT);
        }
    }

    fn sample_ping(&mut self, now: Timestamp, ping_ms: u32) {
        self.ping.record(now, ping_ms);
        if !self.awaits_accept() {
            self.stats.ping(ping_ms);
        }
    }

    pub(super) fn reject(&mut self, now: Timestamp, reject: Reject) {
        match reject {
            Reject::Ignore(reason) => {
                tracing::debug!(target: "gamesockets::handshake", id = self.local_id, reason, "ignored");
                self.dropped.unexpected += 1;
            }
            Reject::Fail { code, text } => self.fail(now, code, &text),
        }
    }
}
