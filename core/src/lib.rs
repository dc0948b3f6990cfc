//! Reliable and unreliable game networking over UDP.
//!
//! A [`Sockets`] value is one player or one server: an identity, its listen sockets, connections and poll groups, and a
//! thread that does the reading and writing. A process may have many.
//!
//! Connections, listen sockets and poll groups are named by small handles ([`Connection`], [`ListenSocket`],
//! [`PollGroup`]) that are never reused. Nothing calls back: [`Sockets::run_callbacks`], [`Sockets::poll_event`] and
//! the `receive_*` calls hand over what has come, and the `wait_*` calls and their async forms wait for it.
#![forbid(unsafe_code)]

mod config;
mod driver;
mod error;
mod events;
mod handles;
mod info;
mod message;
mod sockets;

pub use bytes::Bytes;
pub use config::ConfigEntry;
pub use error::{Error, parse_address};
pub use events::Event;
pub use gamesockets_proto::{Identity, SendError};
pub use gamesockets_schema as schema;
pub use gamesockets_schema::{
    ConfigData, ConfigValue, ConnectionEnd, ConnectionInfo, ConnectionState, InfoFlags, RealTimeStatus, ResultCode,
    SendFlags,
};
pub use handles::{Connection, HandleKind, ListenSocket, PollGroup};
pub use message::{OutgoingMessage, ReceivedMessage, SendOutcome};
pub use sockets::{Builder, MessageSource, Sockets};

/// The README's example is compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct ReadmeExample;
