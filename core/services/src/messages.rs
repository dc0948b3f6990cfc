//! What client and backend say to each other: one message of their connection is one [`Frame`] (protobuf, derived by hand).
//!
//! Unknown fields are ignored and missing ones have their type's zero value, so that an older end meets a newer one. A
//! frame whose body is unknown has none.

mod lobby;
mod login;

use core::fmt;

use prost::Message as _;

pub use lobby::*;
pub use login::*;

use crate::limits::{FRAME_LEN_MAX, REQUEST_LEN_MAX};

/// Whatever goes over the connection.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct Frame {
    /// Of a request its number, from 1; of an answer that of its request; 0 for everything else.
    #[prost(uint32, tag = "1")]
    pub seq: u32,
    /// How long the client waits for the answer.
    #[prost(uint32, tag = "2")]
    pub deadline_ms: u32,
    /// What it says.
    #[prost(
        oneof = "Body",
        tags = "3, 4, 5, 6, 7, 8, 10, 20, 21, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 55, 56, 57, 58, 60, 61, 62, 63, 64, 65"
    )]
    pub body: Option<Body>,
}

/// What a frame says.
#[derive(Clone, PartialEq, ::prost::Oneof)]
#[allow(missing_docs, reason = "each is documented where it is defined")]
pub enum Body {
    #[prost(message, tag = "3")]
    Hello(Hello),
    #[prost(message, tag = "4")]
    Welcome(Welcome),
    #[prost(message, tag = "5")]
    Error(Error),
    #[prost(message, tag = "6")]
    Ping(Ping),
    #[prost(message, tag = "7")]
    Pong(Pong),
    #[prost(message, tag = "8")]
    Bye(Bye),
    #[prost(message, tag = "10")]
    Signal(Signal),
    #[prost(message, tag = "20")]
    CertRequest(CertRequest),
    #[prost(message, tag = "21")]
    Cert(Cert),
    #[prost(message, tag = "40")]
    LobbyCreate(LobbyCreate),
    #[prost(message, tag = "41")]
    LobbyJoin(LobbyJoin),
    #[prost(message, tag = "42")]
    LobbyLeave(LobbyLeave),
    #[prost(message, tag = "43")]
    LobbyEdit(LobbyEdit),
    #[prost(message, tag = "44")]
    LobbyChat(LobbyChat),
    #[prost(message, tag = "45")]
    LobbySearch(LobbySearch),
    #[prost(message, tag = "46")]
    LobbyGet(LobbyGet),
    #[prost(message, tag = "47")]
    LobbyInvite(LobbyInvite),
    #[prost(message, tag = "48")]
    LobbyKick(LobbyKick),
    #[prost(message, tag = "49")]
    LobbyCodeAsk(LobbyCodeAsk),
    #[prost(message, tag = "55")]
    Done(Done),
    #[prost(message, tag = "56")]
    LobbyEntered(LobbyEntered),
    #[prost(message, tag = "57")]
    LobbyList(LobbyList),
    #[prost(message, tag = "58")]
    LobbyCode(LobbyCode),
    #[prost(message, tag = "60")]
    LobbySync(LobbySync),
    #[prost(message, tag = "61")]
    LobbyState(LobbyState),
    #[prost(message, tag = "62")]
    LobbyChange(LobbyChange),
    #[prost(message, tag = "63")]
    LobbyChatted(LobbyChatted),
    #[prost(message, tag = "64")]
    LobbyInvited(LobbyInvited),
    #[prost(message, tag = "65")]
    LobbyRemoved(LobbyRemoved),
}

/// Why bytes are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// Longer than any.
    TooLong(usize),
    /// Cut off, or something else.
    Malformed,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(len) => write!(f, "a frame of {len} bytes is too long"),
            Self::Malformed => f.write_str("no frame: cut off, or something else"),
        }
    }
}

impl std::error::Error for FrameError {}

impl Frame {
    /// What nobody asked for, and nobody answers.
    pub const fn event(body: Body) -> Self {
        Self { seq: 0, deadline_ms: 0, body: Some(body) }
    }

    /// The answer to the request of this number.
    pub const fn answer(seq: u32, body: Body) -> Self {
        Self { seq, deadline_ms: 0, body: Some(body) }
    }

    /// Takes apart what a client sent.
    ///
    /// # Errors
    /// When it is too long or none.
    pub fn decode_request(bytes: &[u8]) -> Result<Self, FrameError> {
        Self::read(bytes, REQUEST_LEN_MAX)
    }

    /// Takes apart what a backend sent.
    ///
    /// # Errors
    /// When it is too long or none.
    pub fn decode_answer(bytes: &[u8]) -> Result<Self, FrameError> {
        Self::read(bytes, FRAME_LEN_MAX)
    }

    fn read(bytes: &[u8], max: usize) -> Result<Self, FrameError> {
        if bytes.len() > max {
            return Err(FrameError::TooLong(bytes.len()));
        }
        Self::decode(bytes).map_err(|_| FrameError::Malformed)
    }
}

#[cfg(test)]
mod tests;
