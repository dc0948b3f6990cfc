//! What goes into and comes out of a [`Connection`](super::Connection).

use core::time::Duration;
use std::net::SocketAddr;
use std::sync::Arc;

use gamesockets_schema::{ConnectionState, ResultCode, SendFlags};

use crate::crypto::{LocalCertificate, TrustStore};
use crate::lanes::LANES_CONFIGURED_MAX;
use crate::routes::RouteId;
use crate::{ConnectionConfig, Identity};

/// Datagrams to send: `len` bytes were appended to the buffer, cut into datagrams of `segment_size` (the last may be shorter).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transmit {
    /// Where to; counts for nothing where there is a route.
    pub destination: SocketAddr,
    /// By which route, for a connection whose ends meet through signals.
    pub route: Option<RouteId>,
    /// Bytes appended to the buffer by this call.
    pub len: usize,
    /// Size of each datagram but the last.
    pub segment_size: usize,
}

/// What the application should hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The state changed. Internal states appear as they are; the application sees them as `None`.
    StateChanged {
        /// Before.
        old: ConnectionState,
        /// Now.
        new: ConnectionState,
    },
    /// A send was refused for lack of buffer, and there is room again.
    Writable,
}

/// How a message is to be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SendOptions {
    /// On which lane.
    pub lane: u16,
    /// Reliable or not, and when.
    pub flags: SendFlags,
    /// Unreliable messages only: dropped if its first byte has not left after this long.
    ///
    /// A reliable message cannot be taken back: its bytes and its number are part of the lane's stream as soon as it is
    /// queued, and those that follow count on them.
    pub deadline: Option<Duration>,
    /// Unreliable messages only: takes the place, and the number, of the message with the same key that waits on the same
    /// lane and of which nothing has left. If there is none, it waits like any other.
    pub replace_key: Option<u64>,
}

/// What waits on a lane (spec section 11.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneStatus {
    /// Bytes of unreliable messages not sent yet.
    pub pending_unreliable_bytes: usize,
    /// Bytes of reliable messages not sent yet, or to be sent again.
    pub pending_reliable_bytes: usize,
    /// Bytes of reliable messages sent and not acknowledged.
    pub sent_unacknowledged_reliable_bytes: usize,
    /// How long a message queued now would wait before its first byte leaves.
    pub queue_time: Duration,
}

/// Why lanes were not configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LaneConfigError {
    /// Every lane needs both. `InvalidParam`.
    #[error("{priorities} priorities and {weights} weights: give one of each for every lane")]
    UnequalLengths {
        /// How many priorities.
        priorities: usize,
        /// How many weights.
        weights: usize,
    },
    /// None, or too many. `InvalidParam`.
    #[error("{count} lanes: a connection has 1 to 255")]
    BadCount {
        /// How many were asked for.
        count: usize,
    },
    /// Lanes cannot be taken away. `InvalidParam`.
    #[error("{count} lanes, and {configured} are configured: lanes can only be added")]
    Fewer {
        /// How many were asked for.
        count: usize,
        /// How many there are.
        configured: u16,
    },
    /// A lane that would never send. `InvalidParam`.
    #[error("lane {lane} has weight 0: weights are 1 to 65535")]
    ZeroWeight {
        /// The lane.
        lane: usize,
    },
    /// Closed, or never begun. `InvalidState`.
    #[error("lanes are configured while connecting or connected")]
    InvalidState,
    /// It knows one lane only. The connection has ended. `Fail`.
    #[error("the peer's software is too old for lanes: version {version}, 11 is needed")]
    PeerTooOld {
        /// Its protocol version.
        version: u32,
    },
}

impl LaneConfigError {
    /// Checks a configuration of lanes against the `configured` ones there are.
    pub fn check(priorities: &[i32], weights: &[u16], configured: u16) -> Result<(), Self> {
        let count = priorities.len();
        if count != weights.len() {
            return Err(Self::UnequalLengths { priorities: count, weights: weights.len() });
        }
        if count == 0 || count > LANES_CONFIGURED_MAX {
            return Err(Self::BadCount { count });
        }
        if count < usize::from(configured) {
            return Err(Self::Fewer { count, configured });
        }
        match weights.iter().position(|&weight| weight == 0) {
            Some(lane) => Err(Self::ZeroWeight { lane }),
            None => Ok(()),
        }
    }

    /// The result code of the API for this error (spec section 14).
    pub fn code(self) -> ResultCode {
        match self {
            Self::UnequalLengths { .. } | Self::BadCount { .. } | Self::Fewer { .. } | Self::ZeroWeight { .. } => {
                ResultCode::InvalidParam
            }
            Self::InvalidState => ResultCode::InvalidState,
            Self::PeerTooOld { .. } => ResultCode::Fail,
        }
    }
}

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Over 512 KiB. `InvalidParam`.
    #[error("a message of {size} bytes is too large: the limit is 524288")]
    TooLarge {
        /// Its size, bytes.
        size: usize,
    },
    /// `InvalidParam`.
    #[error("lane {lane} is not configured: this connection has {count}")]
    NoSuchLane {
        /// The lane asked for.
        lane: u16,
        /// How many there are.
        count: u16,
    },
    /// A deadline or a key that replaces, on a reliable message. `InvalidParam`.
    #[error(
        "a deadline or replace key needs an unreliable message of at most 16500 bytes; this one ({size} bytes) is reliable"
    )]
    MustBeUnreliable {
        /// Its size, bytes.
        size: usize,
    },
    /// Not connected yet and the message may not wait. `Ignored`.
    #[error("not connected yet, and the message was sent with NoDelay")]
    NotConnectedYet,
    /// `NoConnection`.
    #[error("the connection is closed")]
    Closed,
    /// Closed by the application itself. `InvalidState`.
    #[error("the connection has been closed by this side")]
    InvalidState,
    /// It would not even fit an empty send buffer: waiting is of no use. `LimitExceeded`.
    #[error("a message of {size} bytes never fits the send buffer: SendBufferSize is {limit}; raise it, or send less")]
    ExceedsBuffer {
        /// Its size, bytes.
        size: usize,
        /// `SendBufferSize`, bytes.
        limit: usize,
    },
    /// `LimitExceeded`.
    #[error("the send buffer is full: {pending} bytes wait, {limit} may; wait for Writable or raise SendBufferSize")]
    BufferFull {
        /// Bytes that wait.
        pending: usize,
        /// `SendBufferSize`, bytes.
        limit: usize,
    },
}

impl SendError {
    /// The result code of the API for this error (spec section 11.1).
    pub fn code(&self) -> ResultCode {
        match self {
            Self::TooLarge { .. } | Self::NoSuchLane { .. } | Self::MustBeUnreliable { .. } => ResultCode::InvalidParam,
            Self::NotConnectedYet => ResultCode::Ignored,
            Self::Closed => ResultCode::NoConnection,
            Self::InvalidState => ResultCode::InvalidState,
            Self::ExceedsBuffer { .. } | Self::BufferFull { .. } => ResultCode::LimitExceeded,
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
    /// The same, as the peer reported it; until it does, the share of packets that it has acknowledged.
    pub remote_quality: Option<f32>,
    /// The peer has reported nothing yet: `remote_quality` is our estimate.
    pub remote_quality_is_estimate: bool,
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
    pub queue_time: Duration,
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
    /// Whose certificates are believed.
    pub trust: Arc<TrustStore>,
    /// Our CA-signed certificate, if we have one.
    pub certificate: Option<LocalCertificate>,
}

/// Datagrams that were dropped, by cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Too short, or did not decode.
    pub malformed: u64,
    /// Did not authenticate, or too large inside.
    pub undecryptable: u64,
    /// Seen before, or too old to know.
    pub stale: u64,
    /// For another connection.
    pub wrong_connection: u64,
    /// Not expected in this state.
    pub unexpected: u64,
}
