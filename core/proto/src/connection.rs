//! One connection: routes between the machines below it and owns no algorithm of its own.

use std::net::SocketAddr;

use gamesockets_schema::{ConnectionEnd, ConnectionState, ResultCode};

use crate::{ConnectionConfig, Identity, Message, OutgoingMessage, Timestamp};

/// One end of a connection.
///
/// Feed it with [`handle_datagram`](Self::handle_datagram) and [`handle_timeout`](Self::handle_timeout); after each of
/// these, and after every call of the application ([`accept`](Self::accept), [`send`](Self::send),
/// [`close`](Self::close), ...), drain in this order:
///
/// 1. [`poll_transmit`](Self::poll_transmit) until it gives `None`,
/// 2. [`poll_event`](Self::poll_event) until it gives `None`,
/// 3. [`take_newly_readable`](Self::take_newly_readable),
/// 4. [`poll_timeout`](Self::poll_timeout), and call `handle_timeout` at that time.
///
/// A connection whose [`state`](Self::state) is `Dead` is finished and can be dropped.
pub struct Connection {
    remote: SocketAddr,
    handshake: crate::handshake::ServerHandshake,
}

/// Datagrams to send: `len` bytes were appended to the buffer, cut into datagrams of `segment_size` (the last may be shorter).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transmit {
    /// Where to.
    pub destination: SocketAddr,
    /// Bytes appended to the buffer by this call.
    pub len: usize,
    /// Size of each datagram but the last.
    pub segment_size: usize,
}

/// What the application should hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The state changed. Internal states appear as they are; the application sees them as `None`.
    StateChanged { old: ConnectionState, new: ConnectionState },
    /// A send was refused for lack of buffer, and there is room again.
    Writable,
}

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Over 512 KiB. `InvalidParam`.
    #[error("a message of {size} bytes is too large: the limit is 524288")]
    TooLarge { size: usize },
    /// `InvalidParam`.
    #[error("lane {lane} is not configured: this connection has {count}")]
    NoSuchLane { lane: u16, count: u16 },
    /// Not connected yet and the message may not wait. `Ignored`.
    #[error("not connected yet, and the message was sent with NoDelay")]
    NotConnectedYet,
    /// `NoConnection`.
    #[error("the connection is closed")]
    Closed,
    /// Closed by the application itself. `InvalidState`.
    #[error("the connection has been closed by this side")]
    InvalidState,
    /// `LimitExceeded`.
    #[error("the send buffer is full: {pending} bytes wait, {limit} may; wait for Writable or raise SendBufferSize")]
    BufferFull { pending: usize, limit: usize },
}

impl SendError {
    /// The result code of the API for this error (spec section 11.1).
    pub fn code(&self) -> ResultCode {
        match self {
            Self::TooLarge { .. } | Self::NoSuchLane { .. } => ResultCode::InvalidParam,
            Self::NotConnectedYet => ResultCode::Ignored,
            Self::Closed => ResultCode::NoConnection,
            Self::InvalidState => ResultCode::InvalidState,
            Self::BufferFull { .. } => ResultCode::LimitExceeded,
        }
    }
}

/// Live figures of a connection (spec section 11.6).
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// Round-trip time, ms.
    pub ping_ms: Option<u32>,
    /// Share of our packets' expected arrivals that came as they should, seen here: 0..1.
    pub local_quality: Option<f32>,
    /// The same, as the peer reported it.
    pub remote_quality: Option<f32>,
    /// Packets sent per second.
    pub out_packets_per_second: f32,
    /// UDP payload bytes sent per second.
    pub out_bytes_per_second: f32,
    /// Packets received per second.
    pub in_packets_per_second: f32,
    /// UDP payload bytes received per second.
    pub in_bytes_per_second: f32,
    /// Bytes per second we may send.
    pub send_rate_bytes_per_second: u32,
    /// Bytes of unreliable messages not sent yet.
    pub pending_unreliable_bytes: usize,
    /// Bytes of reliable messages not sent yet, or to be sent again.
    pub pending_reliable_bytes: usize,
    /// Bytes of reliable messages sent and not acknowledged.
    pub sent_unacknowledged_reliable_bytes: usize,
    /// How long a message sent now would wait before its first byte leaves.
    pub queue_time: core::time::Duration,
    /// Largest jitter since the last query, microseconds.
    pub max_jitter_micros: Option<u32>,
}

/// Everything a new outgoing connection needs. (An incoming one comes from [`crate::Endpoint`].)
pub struct ConnectParams {
    /// Where to.
    pub remote: SocketAddr,
    /// Who we are; `Identity::localhost()` for anonymous.
    pub identity: Identity,
    /// Settings.
    pub config: ConnectionConfig,
    /// Randomness: 32 bytes of entropy (tests: a counter).
    pub seed: [u8; 32],
    /// Our connection id, unique among the caller's connections, both 16-bit halves non-zero.
    pub connection_id: u32,
    /// Unix time in seconds at `Timestamp` zero, for certificate expiry.
    pub unix_seconds_at_zero: u64,
}

#[allow(unused_variables, clippy::todo, missing_docs, reason = "contract, being filled in")]
impl Connection {
    /// Starts connecting: the first poll gives a ChallengeRequest.
    pub fn connect(now: Timestamp, params: ConnectParams) -> Self { todo!() }
    /// A connection that a client asked for, in `Connecting`.
    pub(crate) fn incoming(now: Timestamp, remote: SocketAddr, handshake: crate::handshake::ServerHandshake, config: ConnectionConfig, local_connection_id: u32, ping_est_ms: Option<u32>) -> Self { Self { remote, handshake } }
    /// Accepts an incoming connection that is in `Connecting`. Errors: `InvalidState`, `HandshakeFailed` (the
    /// connection is then in `ProblemDetectedLocally`), `InvalidParam` for an outgoing connection.
    pub fn accept(&mut self, now: Timestamp) -> Result<(), ResultCode> { todo!() }
    /// Closes: reason 0 becomes 1000, anything outside 1000..=2999 becomes 1999. With `linger`, reliable data is delivered first.
    pub fn close(&mut self, now: Timestamp, reason: i32, debug: &str, linger: bool) { todo!() }
    /// A datagram arrived from the peer's address. Decrypts in place. Bad input is counted and dropped.
    pub fn handle_datagram(&mut self, now: Timestamp, datagram: &mut [u8]) { todo!() }
    /// To be called at or after [`Self::poll_timeout`]; harmless at any other time.
    pub fn handle_timeout(&mut self, now: Timestamp) { todo!() }
    /// Appends up to `max_datagrams` datagrams of equal size to `out`.
    pub fn poll_transmit(&mut self, now: Timestamp, out: &mut Vec<u8>, max_datagrams: usize) -> Option<Transmit> { todo!() }
    /// When `handle_timeout` wants to be called next.
    pub fn poll_timeout(&self) -> Option<Timestamp> { todo!() }
    pub fn poll_event(&mut self) -> Option<Event> { todo!() }
    /// Messages that became readable since the last call.
    pub fn take_newly_readable(&mut self) -> usize { todo!() }
    /// Queues a message; answers its number. Never blocks. Follow with `poll_transmit` (it may leave at once).
    pub fn send(&mut self, now: Timestamp, message: OutgoingMessage) -> Result<u64, SendError> { todo!() }
    /// Sends what Nagle holds back. `Ignored` when not connected yet, `NoConnection` when closed.
    pub fn flush(&mut self, now: Timestamp) -> Result<(), ResultCode> { todo!() }
    /// The next message to read, in arrival order.
    pub fn receive(&mut self) -> Option<Message> { todo!() }
    pub fn readable_messages(&self) -> usize { todo!() }
    pub fn state(&self) -> ConnectionState { todo!() }
    /// Whether the other side started it.
    pub fn is_incoming(&self) -> bool { todo!() }
    pub fn remote_address(&self) -> SocketAddr { self.remote }
    pub fn remote_identity(&self) -> Option<&Identity> { Some(self.handshake.remote_identity()) }
    pub fn end_reason(&self) -> ConnectionEnd { todo!() }
    pub fn end_debug(&self) -> &str { todo!() }
    /// `NETWORKING_CONNECTION_INFO_FLAG_*` bits (spec section 14).
    pub fn info_flags(&self) -> i32 { todo!() }
    pub fn local_connection_id(&self) -> u32 { todo!() }
    /// The peer's connection id, 0 while unknown.
    pub fn remote_connection_id(&self) -> u32 { self.handshake.client_connection_id() }
    pub fn status(&mut self, now: Timestamp) -> Status { todo!() }
    pub fn config(&self) -> &ConnectionConfig { todo!() }
    /// New settings; those locked by the handshake keep their values once it is over (spec section 5.7).
    pub fn set_config(&mut self, now: Timestamp, config: ConnectionConfig) { todo!() }
}
