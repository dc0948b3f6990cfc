//! What the application hears of its network.

use bytes::Bytes;
use gamesockets_proto::Identity;
use gamesockets_schema::{Availability, ResultCode};

/// Something happened between us and the backend.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetworkEvent {
    /// Logged in, for the first time or again.
    Connected,
    /// An attempt to log in has failed.
    ConnectFailed {
        /// Why.
        result: ResultCode,
        /// Another attempt follows by itself.
        retrying: bool,
        /// Why, in words, and what to do.
        text: String,
    },
    /// The connection to the backend is lost; attempts to log in again follow.
    Disconnected {
        /// Why.
        result: ResultCode,
    },
    /// A signal from another client, whose identity the backend vouches for.
    Signal {
        /// Who sent it.
        from: Identity,
        /// The sender's connection that it is about, or 0.
        from_connection: u32,
        /// What it says.
        payload: Bytes,
    },
}

/// How things stand with the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkStatus {
    /// Whether its services can be used: `Current` when logged in.
    pub available: Availability,
    /// In words.
    pub text: String,
    /// What we are called, once logged in.
    pub name: String,
}
