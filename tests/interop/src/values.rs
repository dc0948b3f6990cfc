//! What commands, calls and answers are about: handles, messages, settings.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// A connection of Valve's library.
pub type Connection = u32;
/// A listen socket of Valve's library.
pub type ListenSocket = u32;

/// One message to send.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Outgoing {
    /// Bytes.
    pub len: usize,
    /// What [`crate::payload::pattern`] makes its contents of.
    pub seed: u64,
    /// The API's send flags.
    pub flags: i32,
    /// The lane; 0 always exists.
    pub lane: u16,
}

/// One configuration value.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Setting {
    /// The API's number of it.
    pub id: i32,
    /// Its new value.
    pub value: Value,
}

/// The value of a [`Setting`], of the type the API wants.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// `k_ESteamNetworkingConfig_Int32`.
    Int32(i32),
    /// `k_ESteamNetworkingConfig_Float`.
    Float(f32),
}

/// `SteamNetConnectionInfo_t`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Info {
    /// `ESteamNetworkingConnectionState`.
    pub state: i32,
    /// `ESteamNetConnectionEnd`, 0 while there is none.
    pub end_reason: i32,
    /// Why it ended.
    pub end_debug: String,
    /// The listen socket it came through, or 0.
    pub listen_socket: ListenSocket,
    /// The peer's address.
    pub remote_address: SocketAddr,
    /// The peer's identity, as text.
    pub remote_identity: String,
    /// What the application attached, -1 without.
    pub user_data: i64,
    /// `k_nSteamNetworkConnectionInfoFlags_*`.
    pub flags: i32,
}

/// A message that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    /// Over which connection.
    pub connection: Connection,
    /// On which lane.
    pub lane: u16,
    /// The API's flags; only the reliable bit (8) means anything.
    pub flags: i32,
    /// Its number on its lane, from 1.
    pub number: i64,
    /// Bytes.
    pub len: usize,
    /// [`crate::payload::hash`] of its contents.
    pub hash: u64,
}
