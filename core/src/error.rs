//! What can go wrong, in words that name the value and the fix.

use std::io;
use std::net::SocketAddr;

use gamesockets_proto::crypto::LocalCertificateError;
use gamesockets_proto::{LaneConfigError, SendError};
use gamesockets_schema::{ConfigScope, ConnectionState, GetConfigValueResult, ResultCode};

use crate::handles::HandleKind;

/// Why a call was refused. Nothing else changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The handle is stale, of another kind or was never given out.
    #[error("{raw:#010x} is no live {kind}: it was closed, or belongs to another kind or another Sockets value")]
    InvalidHandle {
        /// What was looked for.
        kind: HandleKind,
        /// The number that was given.
        raw: u32,
    },
    /// The same, in calls that answer `NoConnection` to it.
    #[error("there is no connection {raw:#010x}: it was closed, or the handle is of another kind")]
    NoSuchConnection {
        /// The number that was given.
        raw: u32,
    },
    /// An address that is not `IP:port`.
    #[error("\"{text}\" is not an address: write IP:port, as 127.0.0.1:27015 or [::1]:27015")]
    AddressSyntax {
        /// What was given.
        text: String,
    },
    /// An address that nothing can be sent to.
    #[error("cannot connect to {address}: name the peer's own IP address and a port that is not 0")]
    AddressNotConnectable {
        /// What was given.
        address: SocketAddr,
    },
    /// The port is taken.
    #[error("UDP port {} of {} is in use: close the other program or listen on another port (0: any)", address.port(), address.ip())]
    AddressInUse {
        /// What was given.
        address: SocketAddr,
    },
    /// The operating system refused to bind the socket.
    #[error("cannot open a UDP socket on {address}: {reason}; use an address of this machine, and a port above 1023")]
    SocketNotBound {
        /// What was given.
        address: SocketAddr,
        /// The operating system's words.
        reason: String,
    },
    /// The process or the system has no file descriptor left for another socket.
    #[error(
        "no UDP socket for {address}: {reason}; close some connections, or raise the limit of open files (ulimit -n)"
    )]
    TooManyFiles {
        /// What was given.
        address: SocketAddr,
        /// The operating system's words.
        reason: String,
    },
    /// The directory for traces cannot be made.
    #[error("cannot write traces to {directory}: {reason}; name a directory that may be written")]
    TraceDirectory {
        /// What was given.
        directory: String,
        /// The operating system's words.
        reason: String,
    },
    /// No thread, poll or randomness.
    #[error("cannot start: the operating system gave no {what}: {reason}")]
    NotStarted {
        /// What was asked for.
        what: &'static str,
        /// The operating system's words.
        reason: String,
    },
    /// The process was forked after the instance was made, and this is the child.
    #[error(
        "this process is a fork of the one that made this Sockets value, which lives on there: make a new one here"
    )]
    Forked,
    /// Too many objects of one kind.
    #[error("no more {kind}s: {limit} may be open at once; close some first")]
    TooMany {
        /// Of what.
        kind: HandleKind,
        /// How many there may be.
        limit: usize,
    },
    /// An option that does not exist, cannot be set here or has a value of the wrong type.
    #[error("option {option}: {problem}")]
    Option {
        /// The number of the option.
        option: i32,
        /// What is wrong with it, and what would be right.
        problem: String,
    },
    /// An option of the whole instance, at a narrower scope.
    #[error("{option} applies to the whole instance: set or read it at scope Global, not {scope:?}")]
    OptionScope {
        /// The name of the option.
        option: &'static str,
        /// The scope that was given.
        scope: ConfigScope,
    },
    /// An option that the handshake has used already.
    #[error("{option} is locked: the handshake has used it; set it before the connection is made or accepted")]
    OptionLocked {
        /// The name of the option.
        option: &'static str,
    },
    /// Only listen sockets on UDP have an address.
    #[error("a virtual port has no address: peers call it by our identity")]
    NoAddress,
    /// A virtual port out of range.
    #[error("virtual port {port} is none: 0 to 65535 are")]
    VirtualPort {
        /// What was given.
        port: i32,
    },
    /// Somebody listens there already.
    #[error("virtual port {port} is taken: close the other listen socket, or listen on another port")]
    VirtualPortInUse {
        /// What was given.
        port: i32,
    },
    /// A signal that is none, or that its sender may not send.
    #[error("the signal was refused: {reason}")]
    SignalRefused {
        /// Why.
        reason: String,
    },
    /// There is no network.
    #[error("this instance is in no network: name one when it is made (Builder::network)")]
    NoNetwork,
    /// Something that is longer than it may be.
    #[error("a {what} of {len} is too long: {max} is the most")]
    TooLong {
        /// What it is.
        what: &'static str,
        /// Its length.
        len: usize,
        /// The most.
        max: usize,
    },
    /// Only an incoming connection can be accepted.
    #[error("connection {raw:#010x} was started here: only an incoming connection is accepted")]
    NotIncoming {
        /// The handle.
        raw: u32,
    },
    /// The call does not fit the state of the connection.
    #[error("not possible in state {state:?}")]
    WrongState {
        /// The state.
        state: ConnectionState,
    },
    /// The connection ended; its handle still has to be closed.
    #[error("the connection has ended ({reason}): {debug}; close its handle")]
    ConnectionEnded {
        /// The reason code.
        reason: i32,
        /// The text that came with it.
        debug: String,
    },
    /// A connection that never came about.
    #[error("no connection to {address} ({reason}): {debug}")]
    ConnectFailed {
        /// The peer that was asked.
        address: SocketAddr,
        /// The reason code: the peer's, or ours.
        reason: i32,
        /// The text that came with it.
        debug: String,
    },
    /// The handshake of an accepted connection failed.
    #[error("the handshake failed: {debug}")]
    HandshakeFailed {
        /// Why.
        debug: String,
    },
    /// Only a connected connection can be flushed.
    #[error("not connected yet: nothing was flushed, messages leave once connected")]
    NotConnectedYet,
    /// A certificate that cannot be ours.
    #[error("certificate refused: {problem}")]
    Certificate {
        /// What does not fit.
        problem: String,
    },
    /// Neither a key nor a certificate of a CA.
    #[error("no CA to trust: {problem}")]
    TrustedCa {
        /// Why not.
        problem: String,
    },
    /// A list of revoked keys with something else in it.
    #[error("nothing was revoked: {problem}")]
    RevocationList {
        /// Where, and what.
        problem: String,
    },
    /// Whoever requires authentication must have a certificate.
    #[error("IP_AllowWithoutAuth 0 needs a certificate of our own: call set_certificate first, or allow 1 or 2")]
    CertificateRequired,
    /// Lanes were not configured.
    #[error(transparent)]
    Lanes(#[from] LaneConfigError),
    /// There are not as many lanes.
    #[error("{asked} lanes were asked for: this connection has {count}")]
    NoSuchLanes {
        /// How many were asked for.
        asked: usize,
        /// How many there are.
        count: u16,
    },
    /// A message was not taken.
    #[error(transparent)]
    Send(#[from] SendError),
}

impl Error {
    /// The result code of the API (spec section 14).
    pub fn code(&self) -> ResultCode {
        match self {
            Self::InvalidHandle { .. }
            | Self::AddressSyntax { .. }
            | Self::AddressNotConnectable { .. }
            | Self::Option { .. }
            | Self::Certificate { .. }
            | Self::TrustedCa { .. }
            | Self::RevocationList { .. }
            | Self::OptionScope { .. }
            | Self::NotIncoming { .. }
            | Self::VirtualPort { .. }
            | Self::SignalRefused { .. }
            | Self::NoSuchLanes { .. } => ResultCode::InvalidParam,
            Self::AddressInUse { .. }
            | Self::SocketNotBound { .. }
            | Self::TraceDirectory { .. }
            | Self::NotStarted { .. }
            | Self::Forked
            | Self::NoAddress
            | Self::VirtualPortInUse { .. }
            | Self::CertificateRequired => ResultCode::Fail,
            Self::TooLong { .. } | Self::TooMany { .. } | Self::TooManyFiles { .. } => ResultCode::LimitExceeded,
            Self::WrongState { .. } | Self::OptionLocked { .. } => ResultCode::InvalidState,
            Self::NoSuchConnection { .. } | Self::ConnectionEnded { .. } | Self::NoNetwork => ResultCode::NoConnection,
            Self::ConnectFailed { .. } => ResultCode::ConnectFailed,
            Self::HandshakeFailed { .. } => ResultCode::HandshakeFailed,
            Self::NotConnectedYet => ResultCode::Ignored,
            Self::Send(error) => error.code(),
            Self::Lanes(error) => error.code(),
        }
    }

    /// What `GetConfigValue` answers when asking for a value fails with this (spec section 13).
    pub const fn config_result(&self) -> GetConfigValueResult {
        match self {
            Self::InvalidHandle { .. } | Self::OptionScope { .. } => GetConfigValueResult::BadScopeObj,
            _ => GetConfigValueResult::BadValue,
        }
    }

    pub(crate) fn binding(address: SocketAddr, error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::AddrInUse {
            Self::AddressInUse { address }
        } else if is_out_of_files(error) {
            Self::TooManyFiles { address, reason: error.to_string() }
        } else {
            Self::SocketNotBound { address, reason: error.to_string() }
        }
    }

    pub(crate) fn trusted_ca(error: impl std::fmt::Display) -> Self {
        Self::TrustedCa { problem: error.to_string() }
    }

    pub(crate) fn starting(what: &'static str, error: impl std::fmt::Display) -> Self {
        Self::NotStarted { what, reason: error.to_string() }
    }
}

/// `EMFILE` and `ENFILE`, which [`io::ErrorKind`] has no name for; on Windows `WSAEMFILE`.
fn is_out_of_files(error: &io::Error) -> bool {
    let codes: &[i32] = if cfg!(windows) { &[10_024] } else { &[23, 24] };
    error.raw_os_error().is_some_and(|code| codes.contains(&code))
}

impl From<LocalCertificateError> for Error {
    fn from(error: LocalCertificateError) -> Self {
        Self::Certificate { problem: error.to_string() }
    }
}
