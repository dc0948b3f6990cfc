//! What two ends tell each other beside their packets, through a service that may lose, double, delay and reorder it
//! (wire-p2p section 1): the messages, and the machine that repeats what has not been heard.
//!
//! The service is the application's or the network's own; it knows identities and carries bytes. When a signal leaves,
//! and what a received one means for its connection, is the business of [`crate::Connection`].

pub mod message;
mod signaling;

pub use message::{
    ApplicationMessage, IceAuth, IceCandidate, IceRendezvous, ReliableMessage, Signal, SignalClosed, SignalError,
    SignalOk, SignalRequest,
};
pub use signaling::Signaling;

/// Largest signal that is read or sent, bytes: what a service has to carry at least.
pub const SIGNAL_LEN_MAX: usize = 16_384;
