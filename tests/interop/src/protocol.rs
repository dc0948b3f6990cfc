//! What is said to `valve-peer` and what it says: one JSON object per line.
//!
//! Every [`Command`] has exactly one [`Output::Reply`], in the order of the commands. Events and messages come between.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::calls::{Answer, Call};
pub use crate::values::{Connection, Incoming, Info, ListenSocket, Outgoing, Setting, Value};

/// What `valve-peer` is to do. Each is one call of Valve's flat API unless its text says otherwise.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// `CreateListenSocketIP`; answers [`Reply::Handle`].
    Listen {
        /// Where; Valve's library refuses port 0.
        address: SocketAddr,
        /// Configuration that its connections inherit.
        options: Vec<Setting>,
    },
    /// `ConnectByIPAddress`; answers [`Reply::Handle`].
    Connect {
        /// The server.
        address: SocketAddr,
        /// Configuration of the connection.
        options: Vec<Setting>,
    },
    /// `AcceptConnection`.
    Accept {
        /// A connection that is `Connecting`.
        connection: Connection,
    },
    /// `CloseConnection`.
    Close {
        /// Which.
        connection: Connection,
        /// 1000 to 2999, or 0 for 1000.
        reason: i32,
        /// For the peer's log.
        debug: String,
        /// Whether to deliver what is queued first.
        linger: bool,
    },
    /// `CloseListenSocket`.
    CloseListenSocket {
        /// Which.
        socket: ListenSocket,
    },
    /// `SendMessages` with one message; answers [`Reply::Number`].
    Send {
        /// Over which connection.
        connection: Connection,
        /// What.
        message: Outgoing,
    },
    /// Sends `count` messages, whose seeds count up from that of `message`, as fast as the send buffer takes them.
    /// Answers at once; [`Output::Sent`] follows when the last is queued.
    SendMany {
        /// Over which connection.
        connection: Connection,
        /// The first message.
        message: Outgoing,
        /// How many.
        count: u64,
    },
    /// `ConfigureConnectionLanes`, with as many lanes as there are priorities.
    Lanes {
        /// Of which connection.
        connection: Connection,
        /// Lower goes first.
        priorities: Vec<i32>,
        /// As many.
        weights: Vec<u16>,
    },
    /// `FlushMessagesOnConnection`.
    Flush {
        /// Which.
        connection: Connection,
    },
    /// `GetConnectionInfo`; answers [`Reply::Info`].
    Info {
        /// Which.
        connection: Connection,
    },
    /// `GetConnectionRealTimeStatus`; answers [`Reply::Status`].
    Status {
        /// Which.
        connection: Connection,
    },
    /// `SetConfigValue`.
    Set {
        /// For which part of the library.
        scope: Scope,
        /// What.
        setting: Setting,
    },
    /// Any one call; answers [`Reply::Answer`].
    Call(Call),
    /// What to do with messages from now on. Not a call of the library.
    Receive(Receive),
    /// Answers [`Reply::Tally`] of what arrived since [`Receive::Count`]. Not a call of the library.
    Tally,
    /// `GameNetworkingSockets_Kill`, then the end of the program.
    Quit,
}

/// What a [`Command::Set`] applies to.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The whole process.
    Global,
    /// One connection.
    Connection(Connection),
}

/// What `valve-peer` does with arriving messages.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Receive {
    /// Report each as [`Output::Message`]; so it starts.
    Report,
    /// Send each back on its lane with the reliability it came with.
    Echo,
    /// Only count them, from zero.
    Count,
    /// Leave those of new connections to [`Call::Receive`] and [`Call::ReceiveOnPollGroup`].
    Leave,
}

/// One line of `valve-peer`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// The answer to the oldest command without one.
    Reply(Reply),
    /// A connection changed its state.
    Event(StatusChanged),
    /// A message arrived.
    Message(Incoming),
    /// The last message of a [`Command::SendMany`] is queued.
    Sent {
        /// Its connection.
        connection: Connection,
    },
}

/// The answer to a command.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The API's result code; for calls that answer a boolean 1 (OK) or 2 (Fail).
    Result(i32),
    /// A new handle; 0 where the call failed.
    Handle(u32),
    /// The number the message got, or the negative result code.
    Number(i64),
    /// Of a connection that exists.
    Info(Info),
    /// Of a connection that exists.
    Status(Status),
    /// What was counted.
    Tally(Tally),
    /// To a [`Command::Call`].
    Answer(Answer),
}

/// `SteamNetConnectionStatusChangedCallback_t`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StatusChanged {
    /// Which.
    pub connection: Connection,
    /// The state before.
    pub old_state: i32,
    /// How it is now.
    pub info: Info,
}

/// `SteamNetConnectionRealTimeStatus_t`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Status {
    /// `ESteamNetworkingConnectionState`.
    pub state: i32,
    /// Round trip in milliseconds, or -1.
    pub ping: i32,
    /// Share of packets that arrived in order, or -1.
    pub quality_local: f32,
    /// The same as the peer sees it, or -1.
    pub quality_remote: f32,
    /// Packets per second sent.
    pub out_packets_per_second: f32,
    /// Bytes per second sent.
    pub out_bytes_per_second: f32,
    /// Packets per second received.
    pub in_packets_per_second: f32,
    /// Bytes per second received.
    pub in_bytes_per_second: f32,
    /// Bytes not yet sent for the first time.
    pub pending_reliable: i32,
    /// Bytes not yet sent.
    pub pending_unreliable: i32,
    /// Bytes sent but not acknowledged.
    pub sent_unacked_reliable: i32,
}

/// What arrived since [`Receive::Count`].
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Messages.
    pub messages: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Microseconds from the arrival of the first to that of the last.
    pub micros: u64,
}
