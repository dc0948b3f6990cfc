//! Enums, constants, configuration options and records of the gamesockets API, as tables.
#![forbid(unsafe_code)]
#![no_std]

/// The state of a connection, as `NetworkingConnectionState` numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum ConnectionState {
    /// No connection, or one whose handle has been closed.
    None = 0,
    /// The handshake is under way, or waits to be accepted.
    Connecting = 1,
    /// A route is being looked for (never on direct UDP).
    FindingRoute = 2,
    /// Messages flow.
    Connected = 3,
    /// The peer closed the connection; the handle still has to be closed.
    ClosedByPeer = 4,
    /// A timeout or an error on this side ended the connection; the handle still has to be closed.
    ProblemDetectedLocally = 5,
    /// Closed here; stragglers are still answered. Seen as `None` by the application.
    FinWait = -1,
    /// Closed here; reliable data is still being delivered. Seen as `None` by the application.
    Linger = -2,
    /// Nothing is left.
    Dead = -3,
}

/// Why a connection ended: `NetworkingConnectionEnd`. Open set: a peer may send any number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct ConnectionEnd(pub i32);

impl ConnectionEnd {
    pub const INVALID: Self = Self(0);
    pub const APP_GENERIC: Self = Self(1000);
    pub const APP_MAX: Self = Self(1999);
    pub const APP_EXCEPTION_GENERIC: Self = Self(2000);
    pub const APP_EXCEPTION_MAX: Self = Self(2999);
    pub const REMOTE_BAD_CRYPT: Self = Self(4002);
    pub const REMOTE_BAD_CERT: Self = Self(4003);
    pub const REMOTE_BAD_PROTOCOL_VERSION: Self = Self(4006);
    pub const MISC_GENERIC: Self = Self(5001);
    pub const MISC_INTERNAL_ERROR: Self = Self(5002);
    pub const MISC_TIMEOUT: Self = Self(5003);
    pub const MISC_PEER_SENT_NO_CONNECTION: Self = Self(5010);
}

/// What a call answers: `Result` in the Godot class, `EResult` in C++.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum ResultCode {
    Ok = 1,
    Fail = 2,
    NoConnection = 3,
    InvalidParam = 8,
    InvalidState = 11,
    LimitExceeded = 25,
    DuplicateRequest = 29,
    HandshakeFailed = 36,
    Ignored = 41,
}

/// How a message is sent: a set of `NETWORKING_SEND_*` bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct SendFlags(pub i32);

impl SendFlags {
    pub const UNRELIABLE: Self = Self(0);
    pub const NO_NAGLE: Self = Self(1);
    pub const NO_DELAY: Self = Self(4);
    pub const RELIABLE: Self = Self(8);
    pub const USE_CURRENT_THREAD: Self = Self(16);

    /// Whether every bit of `other` is set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl core::ops::BitOr for SendFlags {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
