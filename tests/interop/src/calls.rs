//! Single calls of the API, as data: the same call can be made on either library, and the answers compared.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::values::{Connection, Incoming, Info, ListenSocket, Outgoing, Setting};

/// A poll group of either library.
pub type PollGroup = u32;

/// One call. The answer that belongs to each is named in its text.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are the parameters of the functions named")]
pub enum Call {
    /// `CreateListenSocketIP`: [`Answer::Handle`].
    Listen { address: SocketAddr, options: Vec<Setting> },
    /// `CloseListenSocket`: [`Answer::Done`].
    CloseListenSocket { socket: ListenSocket },
    /// `GetListenSocketAddress`: [`Answer::Address`].
    ListenSocketAddress { socket: ListenSocket },
    /// `ConnectByIPAddress`: [`Answer::Handle`].
    Connect { address: SocketAddr, options: Vec<Setting> },
    /// `AcceptConnection`: [`Answer::Result`].
    Accept { connection: Connection },
    /// `CloseConnection`: [`Answer::Done`].
    Close { connection: Connection, reason: i32, debug: String, linger: bool },
    /// `SendMessageToConnection`: [`Answer::Sent`].
    Send { connection: Connection, message: Outgoing },
    /// `SendMessages`: [`Answer::Numbers`].
    SendBatch { messages: Vec<(Connection, Outgoing)> },
    /// `FlushMessagesOnConnection`: [`Answer::Result`].
    Flush { connection: Connection },
    /// `ReceiveMessagesOnConnection`: [`Answer::Messages`].
    Receive { connection: Connection, max: i32 },
    /// `CreatePollGroup`: [`Answer::Handle`].
    CreatePollGroup,
    /// `DestroyPollGroup`: [`Answer::Done`].
    DestroyPollGroup { group: PollGroup },
    /// `SetConnectionPollGroup`, 0 for none: [`Answer::Done`].
    SetPollGroup { connection: Connection, group: PollGroup },
    /// `ReceiveMessagesOnPollGroup`: [`Answer::Messages`].
    ReceiveOnPollGroup { group: PollGroup, max: i32 },
    /// `GetConnectionInfo`: [`Answer::Info`].
    Info { connection: Connection },
    /// `GetConnectionRealTimeStatus`: [`Answer::Status`].
    Status { connection: Connection, lanes: u16 },
    /// `GetDetailedConnectionStatus`: [`Answer::Number`], -1 or 0.
    DetailedStatus { connection: Connection },
    /// `SetConnectionName`, then `GetConnectionName`: [`Answer::Text`].
    SetName { connection: Connection, name: String },
    /// `GetConnectionName`: [`Answer::Text`].
    Name { connection: Connection },
    /// `SetConnectionUserData`: [`Answer::Done`].
    SetUserData { connection: Connection, value: i64 },
    /// `GetConnectionUserData`: [`Answer::Number`].
    UserData { connection: Connection },
    /// `ConfigureConnectionLanes`: [`Answer::Result`]. As many lanes as priorities; as many weights, or none at all.
    ConfigureLanes { connection: Connection, priorities: Vec<i32>, weights: Option<Vec<u16>> },
    /// `CreateSocketPair`: [`Answer::Pair`].
    SocketPair { network: bool, identities: [Option<String>; 2] },
    /// `GetIdentity`: [`Answer::Text`].
    Identity,
    /// `SetConfigValue`: [`Answer::Done`]. Without a value, what was set is taken back.
    SetConfig { scope: i32, object: u32, id: i32, value: Option<Input> },
    /// `GetConfigValue`: [`Answer::Setting`].
    Config { scope: i32, object: u32, id: i32 },
    /// `GetConfigValueInfo`: [`Answer::SettingInfo`].
    ConfigInfo { id: i32 },
    /// `IterateGenericEditableConfigValues`: [`Answer::Number`].
    NextConfig { after: i32, developer: bool },
}

/// A value for [`Call::SetConfig`], of a type that the option need not have.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// `k_ESteamNetworkingConfig_Int32`.
    Int32(i32),
    /// `k_ESteamNetworkingConfig_Int64`.
    Int64(i64),
    /// `k_ESteamNetworkingConfig_Float`.
    Float(f32),
    /// `k_ESteamNetworkingConfig_String`.
    Text(String),
}

/// What a [`Call`] answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Of calls that answer a boolean.
    Done(bool),
    /// A result code.
    Result(i32),
    /// A new handle; 0 where the call failed.
    Handle(u32),
    /// The result code; of a message that was taken, its number.
    Sent {
        /// The result code.
        result: i32,
        /// The number, 0 without one.
        number: i64,
    },
    /// Per message its number, the negative result code, or 0 if it was not attempted.
    Numbers(Vec<i64>),
    /// What arrived.
    Messages {
        /// The function's answer: how many, or -1.
        count: i32,
        /// These.
        messages: Vec<Incoming>,
    },
    /// Of a connection that exists.
    Info(Option<Info>),
    /// How a connection does.
    Status {
        /// The result code.
        result: i32,
        /// Its state.
        state: i32,
        /// Milliseconds, or -1.
        ping: i32,
        /// Reliable bytes that are pending or not acknowledged.
        unacknowledged: i32,
        /// Pending reliable bytes of each lane that was asked for.
        lanes: Vec<i32>,
    },
    /// A text, if the call found one.
    Text(Option<String>),
    /// A plain number.
    Number(i64),
    /// Of a listen socket that exists.
    Address(Option<SocketAddr>),
    /// Two new handles.
    Pair(Option<[Connection; 2]>),
    /// A configuration value.
    Setting {
        /// `ESteamNetworkingGetConfigValueResult`.
        result: i32,
        /// `ESteamNetworkingConfigDataType` and the value, where there is one.
        value: Option<(i32, String)>,
    },
    /// Name, type and scope of a configuration value that exists.
    SettingInfo(Option<(String, i32, i32)>),
}
