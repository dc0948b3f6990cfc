//! The gamesockets protocol engine: what two ends of a connection say to each other over UDP, without a socket,
//! a thread, a clock or a random number generator of its own.
//!
//! Time comes in as [`Timestamp`], randomness as a seed, datagrams as byte slices; datagrams, timeouts and events come
//! out. The modules below stand in the order a received byte meets them; a module uses only those above it.
#![forbid(unsafe_code)]

pub mod time;
pub mod printable;
pub mod config;
pub mod message;
pub mod wire;
pub mod identity;
pub mod crypto;
pub mod handshake;
pub mod signals;
pub mod trace;
pub mod packets;
pub mod lanes;
pub mod congestion;
pub mod stats;
pub mod routes;
pub mod connection;
pub mod endpoint;

pub use config::ConnectionConfig;
pub use connection::{
    Connection, Event, LaneConfigError, LaneStatus, Report, SendError, SendOptions, Status, Transmit,
};
pub use endpoint::{Endpoint, Incoming};
pub use identity::Identity;
pub use message::Message;
pub use time::Timestamp;
pub use trace::{Metrics, Observer, TraceEvent};

/// The protocol version we speak (spec section 0.3).
pub const PROTOCOL_VERSION: u32 = 13;
/// The oldest protocol version we talk to (spec section 0.3).
pub const PROTOCOL_VERSION_MIN: u32 = 8;
