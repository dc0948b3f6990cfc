//! Reliable and unreliable game networking over UDP.
//!
//! A [`Sockets`] value is one player or one server: an identity, its listen sockets, connections and poll groups, and a
//! thread that does the reading and writing. A process may have many.
//!
//! Connections, listen sockets and poll groups are named by small handles ([`Connection`], [`ListenSocket`],
//! [`PollGroup`]) that are never reused. Nothing calls back: [`Sockets::run_callbacks`], [`Sockets::poll_event`] and
//! the `receive_*` calls hand over what has come, and the `wait_*` calls wait for it. Async code has [`Sockets::connect`],
//! [`Sockets::accept`], [`Sockets::send`] and [`Sockets::receive`], on any executor.
#![forbid(unsafe_code)]

mod address;
mod config;
mod driver;
mod error;
mod events;
mod handles;
mod info;
mod lobbies;
mod log;
mod network;
mod status;
mod trace;
mod message;
mod signal;
mod topics;
mod sockets;
mod watches;

pub use address::{
    address_fake_ip_type, address_to_string, ipv4_fake_ip_type, is_fake_ipv4, loopback_address, parse_address,
    parse_ip_address,
};
pub use bytes::Bytes;
pub use config::{ConfigEntry, ConfigSetting, ConfigTarget, config_value_info, next_editable_config_value};
pub use driver::p2p::{Relay, RelayAccess, SignalAnswer};
pub use error::Error;
pub use events::Event;
pub use gamesockets_proto::identity::{IdentityError, IdentityErrorCause};
pub use gamesockets_proto::{Identity, LaneConfigError, SendError, SendOptions};
pub use gamesockets_schema as schema;
pub use gamesockets_schema::enums::FakeIpType;
pub use gamesockets_schema::{
    AuthenticationStatus, Availability, ConfigData, ConfigScope, ConfigValue, ConnectionEnd, ConnectionInfo,
    ConnectionState, DebugOutputType, GetConfigValueResult, InfoFlags, LaneStatus, LifetimeStatistics, RealTimeStatus,
    ResultCode, SendFlags,
};
pub use gamesockets_services::{NetworkAddress, NetworkAddressError};
pub use handles::{Connection, HandleKind, ListenSocket, PollGroup};
pub use lobbies::events::{LobbyEvent, LobbyServer};
pub use message::{OutgoingMessage, ReceivedMessage, SendOutcome};
pub use network::events::{NetworkEvent, NetworkStatus};
pub use network::options::{Network, PlayerKey};
pub use sockets::Sockets;
pub use sockets::builder::Builder;
pub use topics::{MessageSource, Topic};
pub use watches::Watches;

/// The README's example is compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct ReadmeExample;
