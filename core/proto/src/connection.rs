//! One connection: routes between the machines above it and owns no algorithm of its own.
//!
//! `establish` begins it, `inbound` takes datagrams, `session` passes packets through the machines, `transmit`
//! makes packets, `sending` takes messages, `closing` ends it; `rendezvous` meets a peer through signals; `liveness` and `exchange` are machines of time.

mod closing;
mod establish;
mod exchange;
mod inbound;
mod liveness;
mod observe;
mod rendezvous;
mod report;
mod sending;
mod session;
mod transmit;
mod types;
mod unproven;

use std::collections::VecDeque;
use std::net::SocketAddr;

use gamesockets_schema::{ConnectionEnd, ConnectionState};

use crate::congestion::RateBounds;
use crate::congestion::controller::Controller;
use crate::crypto::Cipher;
use crate::lanes::receive_lane::ReceiveLanes;
use crate::lanes::receive_queue::{ReceiveQueue, take_up_to};
use crate::lanes::send_lanes::SendLanes;
use crate::packets::ping::PingTracker;
use crate::stats::LateStats;
use crate::wire::control::ControlPacket;
use crate::{ConnectionConfig, Identity, Message, Timestamp};

pub use closing::application_end;
use establish::Role;
use observe::Watch;
use rendezvous::Rendezvous;
pub use rendezvous::{CalledParams, Meeting};
pub use report::{PeerReport, Report};
use session::Session;
pub use types::{ConnectParams, Dropped, Event, LaneConfigError, LaneStatus, SendError, SendOptions, Status, Transmit};
use unproven::Unproven;

/// Control packets that may wait to leave. Each datagram causes at most two; the owner drains after each.
const CONTROL_MAX: usize = 8;

/// One end of a connection.
///
/// Feed it with [`handle_datagram`](Self::handle_datagram) and [`handle_timeout`](Self::handle_timeout); after each of
/// these, and after every call of the application ([`accept`](Self::accept), [`send`](Self::send),
/// [`receive`](Self::receive), [`close`](Self::close), ...), drain in this order:
///
/// 1. [`poll_transmit`](Self::poll_transmit) until it gives `None`,
/// 2. [`poll_event`](Self::poll_event) until it gives `None`,
/// 3. [`take_newly_readable`](Self::take_newly_readable),
/// 4. [`poll_timeout`](Self::poll_timeout), and call `handle_timeout` at that time.
///
/// A connection whose [`state`](Self::state) is `Dead` is finished and can be dropped.
pub struct Connection {
    remote: SocketAddr,
    config: ConnectionConfig,
    local_id: u32,
    /// The peer's connection id, 0 while unknown.
    remote_id: u32,
    remote_identity: Option<Identity>,
    role: Role,
    /// Until an incoming connection's client has proved that it is there and has the keys.
    unproven: Option<Unproven>,
    state: ConnectionState,
    created: Timestamp,
    unix_seconds_at_zero: u64,
    /// Known from the handshake on.
    cipher: Option<Cipher>,
    authenticated: bool,
    /// Of a connection whose ends meet through signals.
    rendezvous: Option<Box<Rendezvous>>,
    /// Known from the handshake on.
    peer_key: Option<[u8; 32]>,
    /// The machines of an established connection; gone again once nothing more can be delivered.
    session: Option<Box<Session>>,
    /// Of a session that is over: what a full queue still holds back.
    stalled: Option<Box<ReceiveLanes>>,
    send_lanes: SendLanes,
    queue: ReceiveQueue,
    ping: PingTracker,
    stats: LateStats,
    /// Until when the oldest message may wait for company.
    nagle_due: Option<Timestamp>,
    /// A send was refused for lack of buffer.
    refused_send: bool,
    control: VecDeque<ControlPacket>,
    events: VecDeque<Event>,
    end_reason: ConnectionEnd,
    end_debug: String,
    /// The peer ended it.
    peer_closed: bool,
    /// The peer ended it, or has confirmed our end: it sends nothing more.
    peer_knows_end: bool,
    linger_until: Option<Timestamp>,
    fin_wait_until: Option<Timestamp>,
    last_stray_answer: Option<Timestamp>,
    dropped: Dropped,
    watch: Option<Box<Watch>>,
}

impl Connection {
    /// To be called at or after [`Self::poll_timeout`]; harmless at any other time.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.expire_messages(now);
        self.send_lanes.release_idle();
        self.queue.release_idle();
        self.give_up_unproven(now);
        match self.state {
            ConnectionState::Connecting | ConnectionState::FindingRoute if self.session.is_none() => {
                self.drive_handshake(now);
            }
            ConnectionState::FinWait => self.expire_fin_wait(now),
            _ if self.session.is_some() => {
                self.take_deferred(now);
                self.drive_session(now);
                self.expire_linger(now);
            }
            _ => {}
        }
        self.drive_rendezvous(now);
        self.observe(now);
    }

    /// When `handle_timeout` wants to be called next.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let own = match self.state {
            ConnectionState::Connecting | ConnectionState::FindingRoute if self.session.is_none() => {
                let step = self.next_handshake_step();
                Some(self.next_expiry().map_or(step, |expiry| expiry.min(step)))
            }
            ConnectionState::FinWait => self.fin_wait_until,
            _ => self.next_session_step(),
        };
        [own, self.next_rendezvous_step()].into_iter().flatten().min()
    }

    fn next_session_step(&self) -> Option<Timestamp> {
        let session = self.session.as_deref()?;
        let retransmission =
            session.sent.oldest_outstanding().map(|sent_at| sent_at + self.ping.retransmission_timeout());
        let liveness = self.may_probe().then(|| session.liveness.next_timeout(self.config.timeout_connected));
        let proof = self.unproven.and_then(|unproven| unproven.deadline());
        let deferred = self.has_deferred().then(Timestamp::default);
        let next = [retransmission, self.next_packet(), self.next_expiry(), liveness, proof, self.linger_until];
        next.into_iter().chain([deferred]).flatten().min()
    }

    /// Appends up to `max_datagrams` datagrams of equal size to `out`; the last may be shorter.
    pub fn poll_transmit(&mut self, now: Timestamp, out: &mut Vec<u8>, max_datagrams: usize) -> Option<Transmit> {
        self.transmit(now, out, max_datagrams)
    }

    /// What the application should hear of next.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Messages that became readable since the last call.
    pub fn take_newly_readable(&mut self) -> usize {
        self.queue.take_newly_readable()
    }

    /// The next message to read, in arrival order.
    pub fn receive(&mut self, now: Timestamp) -> Option<Message> {
        let mut received = None;
        self.receive_many(now, 1, |message| received = Some(message));
        received
    }

    /// Hands the next messages to `each`, in arrival order, at most `max`; answers how many.
    pub fn receive_many(&mut self, now: Timestamp, max: usize, mut each: impl FnMut(Message)) -> usize {
        take_up_to(max, |wanted| {
            let taken = self.queue.pop_many(wanted, &mut each);
            if taken > 0 {
                self.pump(now);
            }
            taken
        })
    }

    /// Messages that wait to be read.
    pub fn readable_messages(&self) -> usize {
        self.queue.len()
    }

    /// The wall clock was set, or a machine has slept: from now on, the peer's certificate is judged by this time at
    /// `Timestamp` zero.
    pub fn set_unix_seconds_at_zero(&mut self, unix_seconds: u64) {
        self.unix_seconds_at_zero = unix_seconds;
    }

    /// Closes: reason 0 becomes 1000, anything outside 1000..=2999 becomes 1999. With `linger`, reliable data is
    /// delivered first. Unread messages are thrown away.
    pub fn close(&mut self, now: Timestamp, reason: i32, debug: &str, linger: bool) {
        self.close_by_application(now, reason, debug, linger);
        self.observe(now);
    }

    /// The state, internal ones included.
    pub fn state(&self) -> ConnectionState {
        self.state
    }

    /// Whether it has ended, for whatever reason: what it still does is to tell a peer that has not heard.
    pub fn has_ended(&self) -> bool {
        use ConnectionState::{ClosedByPeer, Dead, FinWait, ProblemDetectedLocally};
        matches!(self.state, FinWait | Dead | ProblemDetectedLocally | ClosedByPeer)
    }

    /// Whether the other side started it.
    pub fn is_incoming(&self) -> bool {
        matches!(self.role, Role::Server { .. })
    }

    /// Whether the other side started it, and the application has not answered yet.
    pub fn awaits_accept(&self) -> bool {
        self.state == ConnectionState::Connecting && self.is_incoming() && self.session.is_none()
    }

    /// Where the peer is.
    pub fn remote_address(&self) -> SocketAddr {
        self.remote
    }

    /// Who the peer is, once known.
    pub fn remote_identity(&self) -> Option<&Identity> {
        self.remote_identity.as_ref()
    }

    /// The handshake did not take place on the network: its packets and its round trip say nothing. And the peer is to be
    /// taken for this one, whatever it said of itself.
    pub(crate) fn disregard_handshake(&mut self, now: Timestamp, identity: Identity) {
        self.remote_identity = Some(identity);
        self.stats = LateStats::new(now);
        self.stats.connected(now);
        self.measure_anew(now, None);
    }

    /// Why it ended; `INVALID` while it has not.
    pub fn end_reason(&self) -> ConnectionEnd {
        self.end_reason
    }

    /// The same for humans.
    pub fn end_debug(&self) -> &str {
        &self.end_debug
    }

    /// Our id for it: data packets from the peer carry it.
    pub fn local_connection_id(&self) -> u32 {
        self.local_id
    }

    /// The peer's id for it, 0 while unknown.
    pub fn remote_connection_id(&self) -> u32 {
        self.remote_id
    }

    /// The smoothed round-trip time in milliseconds, once known.
    pub fn ping_ms(&self) -> Option<u32> {
        self.ping.smoothed_ms()
    }

    /// The cipher in use, once negotiated.
    pub fn cipher(&self) -> Option<Cipher> {
        self.cipher
    }

    /// Whether a trusted CA vouches for the peer's identity. As long as it is `Connecting`, that is a claim: only a packet
    /// that decrypts proves that this is not a recorded request.
    pub fn is_authenticated(&self) -> bool {
        self.authenticated
    }

    /// The Ed25519 key of the peer's certificate, known from the handshake on. Who could say a word on this connection has
    /// proved to own it, whether anybody vouches for the certificate or not.
    pub fn peer_key(&self) -> Option<[u8; 32]> {
        self.peer_key
    }

    /// Datagrams that were dropped, by cause.
    pub fn dropped(&self) -> Dropped {
        self.dropped
    }

    /// Entries of its tables that datagrams made it touch so far: what a datagram costs, on any machine.
    pub fn steps(&self) -> u64 {
        self.session.as_deref().map_or(0, Session::steps) + self.queue.steps()
    }

    /// Bytes that are held of what has arrived: messages to be read, incomplete ones, data ahead of its turn.
    pub fn held_bytes(&self) -> usize {
        self.session.as_deref().map_or(self.queue.bytes(), |session| session.held_bytes(&self.queue))
    }

    /// Its settings.
    pub fn config(&self) -> &ConnectionConfig {
        &self.config
    }

    /// New settings; those that the handshake used keep their values once it is over (spec section 5.7).
    pub fn set_config(&mut self, now: Timestamp, config: ConnectionConfig) {
        let locked = !self.awaits_accept();
        let old = core::mem::replace(&mut self.config, config);
        if locked {
            self.config.unencrypted = old.unencrypted;
            self.config.ip_allow_without_auth = old.ip_allow_without_auth;
            self.config.ip_local_host_allow_without_auth = old.ip_local_host_allow_without_auth;
        }
        self.apply_limits();
        self.apply_rate(now);
    }

    /// Live figures.
    pub fn status(&mut self, now: Timestamp) -> Status {
        let max_jitter_micros = self.stats.take_max_jitter_micros();
        self.figures(now, max_jitter_micros)
    }

    fn figures(&mut self, now: Timestamp, max_jitter_micros: Option<u32>) -> Status {
        self.send_lanes.expire(now);
        let bytes = self.send_lanes.bytes();
        let (out_rate, in_rate) = (self.stats.out_rate(now), self.stats.in_rate(now));
        let rate = self.current_rate();
        let session = self.session.as_deref();
        let told = session.and_then(|session| session.peer_report.quality());
        let estimate = session.and_then(|session| session.sent.delivered_share());
        Status {
            ping_ms: self.ping.smoothed_ms(),
            local_quality: self.stats.local_quality(now),
            remote_quality: told.or(estimate),
            remote_quality_is_estimate: told.is_none() && estimate.is_some(),
            out_packets_per_second: out_rate.packets_per_second,
            out_bytes_per_second: out_rate.bytes_per_second,
            in_packets_per_second: in_rate.packets_per_second,
            in_bytes_per_second: in_rate.bytes_per_second,
            send_rate_bytes_per_second: rate,
            pending_unreliable_bytes: bytes.unreliable,
            pending_reliable_bytes: bytes.reliable,
            sent_unacknowledged_reliable_bytes: bytes.in_flight,
            queue_time: self.time_to_send(bytes.pending(), rate),
            max_jitter_micros,
        }
    }

    /// There is room in the queue: goes on where it was full.
    fn pump(&mut self, now: Timestamp) {
        if let Some(session) = self.session.as_deref_mut()
            && self.state == ConnectionState::Connected
            && let Err(violation) = session.pump(now, &self.config, &mut self.queue)
        {
            self.fail(now, ConnectionEnd::MISC_INTERNAL_ERROR, &violation.to_string());
        }
        self.pump_stalled(now);
    }

    /// Whether some of what arrived was left over, to be taken in as soon as there is time.
    fn has_deferred(&self) -> bool {
        self.state == ConnectionState::Connected && self.session.as_deref().is_some_and(Session::has_deferred)
    }

    fn take_deferred(&mut self, now: Timestamp) {
        if self.has_deferred()
            && let Some(session) = self.session.as_deref_mut()
            && let Err(violation) = session.take_deferred(now, &self.config, &mut self.queue)
        {
            self.fail(now, ConnectionEnd::MISC_INTERNAL_ERROR, &violation.to_string());
        }
    }

    fn drive_session(&mut self, now: Timestamp) {
        let timeout = self.config.timeout_connected;
        let Some(session) = self.session.as_deref_mut() else {
            return;
        };
        // Before there is a route, its probes are what asks for replies.
        if self.state != ConnectionState::FindingRoute {
            let missed = session.liveness.missed();
            session.liveness.handle_timeout(now);
            let news = session.liveness.missed() > missed;
            if session.liveness.is_timed_out(now, timeout) {
                self.fail(now, ConnectionEnd::MISC_TIMEOUT, "Connection dropped");
                return;
            }
            if news {
                self.suspect_route(now);
            }
        }
        if let Some(session) = self.session.as_deref_mut() {
            session.expire_sent(now, &self.ping, &mut self.send_lanes, &mut self.queue);
        }
    }

    /// The path is another one: its rate and its round trip have to be found anew.
    fn measure_anew(&mut self, now: Timestamp, ping_ms: Option<u32>) {
        self.ping = PingTracker::default();
        if let Some(ping_ms) = ping_ms {
            self.ping.record(now, ping_ms);
        }
        let (bounds, ping) = (self.rate_bounds(), self.ping.smoothed());
        if let Some(session) = self.session.as_deref_mut() {
            session.congestion = Controller::new(now, bounds, ping);
        }
    }

    fn push_control(&mut self, packet: ControlPacket) {
        if self.control.len() < CONTROL_MAX {
            self.control.push_back(packet);
        }
    }

    fn apply_limits(&mut self) {
        let (messages, bytes) = (self.config.recv_buffer_messages, self.config.recv_buffer_size_bytes);
        self.queue.set_limits(messages as usize, bytes as usize);
    }

    fn apply_rate(&mut self, now: Timestamp) {
        let bounds = self.rate_bounds();
        if let Some(session) = self.session.as_deref_mut() {
            session.congestion.set_bounds(now, bounds);
            session.mtu.set_max(now, session::mtu_max(self.config.mtu_packet_size, session.extensions));
        }
    }

    /// The rate that holds now, or will at the start, bytes per second.
    fn current_rate(&self) -> u32 {
        match self.session.as_deref() {
            Some(session) => session.congestion.rate(),
            None => self.rate_bounds().initial_rate(self.ping.smoothed()),
        }
    }

    fn rate_bounds(&self) -> RateBounds {
        RateBounds::new(self.config.send_rate_min, self.config.send_rate_max)
    }
}
