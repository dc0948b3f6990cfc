//! Logging in, staying there, certificates and signals.

/// The first word of a client. Who it is, the key of the connection's handshake has proved.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct Hello {
    /// The newest version that the client speaks.
    #[prost(uint32, tag = "1")]
    pub version: u32,
    /// What the game's own account system has given it.
    #[prost(string, tag = "2")]
    pub token: String,
    /// The game.
    #[prost(uint32, tag = "3")]
    pub app: u32,
    /// Who it wants to be; empty: whom its key or its token names.
    #[prost(string, tag = "4")]
    pub identity: String,
    /// A random number of this process: with it, a request that is told again is known again.
    #[prost(fixed64, tag = "5")]
    pub instance: u64,
    /// The name of the player.
    #[prost(string, tag = "6")]
    pub name: String,
    /// Which library speaks.
    #[prost(string, tag = "7")]
    pub sdk: String,
    /// Its time of day, Unix milliseconds.
    #[prost(fixed64, tag = "8")]
    pub unix_ms: u64,
    /// After a break: the ids of its connections.
    #[prost(fixed32, repeated, tag = "9")]
    pub connections: Vec<u32>,
}

/// The client is in.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct Welcome {
    /// The version that is spoken: the smaller one.
    #[prost(uint32, tag = "1")]
    pub version: u32,
    /// Who the client is.
    #[prost(string, tag = "2")]
    pub identity: String,
    /// What it is called.
    #[prost(string, tag = "3")]
    pub name: String,
    /// The time of the network, Unix milliseconds.
    #[prost(fixed64, tag = "4")]
    pub unix_ms: u64,
    /// The newest directory; 0 while there is none.
    #[prost(uint64, tag = "5")]
    pub directory_revision: u64,
    /// How often the client has to say that it is there, seconds.
    #[prost(uint32, tag = "6")]
    pub heartbeat_s: u32,
}

/// A request that failed, or a login that did.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct Error {
    /// A number of the enum Result.
    #[prost(uint32, tag = "1")]
    pub result: u32,
    /// Why, for a human.
    #[prost(string, tag = "2")]
    pub text: String,
    /// When it may be tried again, ms; 0: it need not be.
    #[prost(uint32, tag = "3")]
    pub retry_ms: u32,
}

/// Is somebody there?
#[derive(Clone, Copy, PartialEq, Eq, ::prost::Message)]
pub struct Ping {}

/// Somebody is.
#[derive(Clone, Copy, PartialEq, Eq, ::prost::Message)]
pub struct Pong {
    /// The newest directory; 0 while there is none.
    #[prost(uint64, tag = "1")]
    pub directory_revision: u64,
}

/// The client goes and will not be back: its lobbies need not wait for it.
#[derive(Clone, Copy, PartialEq, Eq, ::prost::Message)]
pub struct Bye {}

/// What two clients say to each other to meet.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct Signal {
    /// Whom it is for.
    #[prost(string, tag = "1")]
    pub to: String,
    /// What it says; the backend does not look.
    #[prost(bytes = "bytes", tag = "2")]
    pub payload: bytes::Bytes,
    /// The sender's connection that it is about.
    #[prost(fixed32, tag = "3")]
    pub from_conn: u32,
    /// Who sent it. The backend writes it.
    #[prost(string, tag = "4")]
    pub from: String,
    /// The receiver's connection that it is about, if that is known: it goes to the process that has it.
    #[prost(fixed32, tag = "5")]
    pub to_conn: u32,
}

/// Asks for a certificate for the key of the connection.
#[derive(Clone, Copy, PartialEq, Eq, ::prost::Message)]
pub struct CertRequest {}

/// A certificate, and what it takes to check those of others.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct Cert {
    /// `CMsgSteamDatagramCertificateSigned`.
    #[prost(bytes = "bytes", tag = "1")]
    pub certificate: bytes::Bytes,
    /// Those of the authorities between it and the root, the root's child first.
    #[prost(bytes = "bytes", repeated, tag = "2")]
    pub authorities: Vec<bytes::Bytes>,
    /// How long it is valid from now on, seconds.
    #[prost(uint32, tag = "3")]
    pub valid_s: u32,
}
