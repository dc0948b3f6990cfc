//! The rendezvous message (wire-p2p section 1.3): proto2, every field optional, unknown fields ignored.

use bytes::Bytes;
use prost::Message as _;

use super::SIGNAL_LEN_MAX;
use crate::Identity;
use crate::wire::{CertificateSigned, SessionCryptInfoSigned};

/// One signal, whole: `CMsgSteamNetworkingP2PRendezvous`.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct Signal {
    /// The receiver's connection id; missing where the sender does not know it yet.
    #[prost(fixed32, optional, tag = "1")]
    pub to_connection_id: Option<u32>,
    /// The relay routes on which the sender can be reached. Never sent by GNS.
    #[prost(bytes = "bytes", optional, tag = "2")]
    pub relay_routes: Option<Bytes>,
    /// The latest revision of the receiver's relay routes that the sender has seen.
    #[prost(uint32, optional, tag = "3")]
    pub ack_relay_routes_revision: Option<u32>,
    /// May I connect?
    #[prost(message, optional, tag = "4")]
    pub connect_request: Option<SignalRequest>,
    /// Accepted.
    #[prost(message, optional, tag = "5")]
    pub connect_ok: Option<SignalOk>,
    /// It is over.
    #[prost(message, optional, tag = "6")]
    pub connection_closed: Option<SignalClosed>,
    /// True if the sender tries ICE now; else missing.
    #[prost(bool, optional, tag = "7")]
    pub ice_enabled: Option<bool>,
    /// Who sends it; there in every signal.
    #[prost(string, optional, tag = "8")]
    pub from_identity: Option<String>,
    /// The sender's connection id.
    #[prost(fixed32, optional, tag = "9")]
    pub from_connection_id: Option<u32>,
    /// Whom the sender means.
    #[prost(string, optional, tag = "10")]
    pub to_identity: Option<String>,
    /// The latest reliable message that the sender has received in order.
    #[prost(uint32, optional, tag = "11")]
    pub ack_reliable_message: Option<u32>,
    /// The number of the first of `reliable_messages`.
    #[prost(uint32, optional, tag = "12")]
    pub first_reliable_message: Option<u32>,
    /// Of consecutive numbers.
    #[prost(message, repeated, tag = "13")]
    pub reliable_messages: Vec<ReliableMessage>,
    /// The sender is a hosted server, and this is a ticket to it.
    #[prost(bytes = "bytes", optional, tag = "14")]
    pub hosted_server_ticket: Option<Bytes>,
    /// Data that comes before there is a route.
    #[prost(message, repeated, tag = "15")]
    pub application_messages: Vec<ApplicationMessage>,
}

/// What a ConnectRequest is on direct UDP.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct SignalRequest {
    /// The sender's share of the key exchange.
    #[prost(message, optional, tag = "6")]
    pub crypt: Option<SessionCryptInfoSigned>,
    /// The sender's certificate.
    #[prost(message, optional, tag = "7")]
    pub cert: Option<CertificateSigned>,
    /// The virtual port that is called.
    #[prost(uint32, optional, tag = "9")]
    pub to_virtual_port: Option<u32>,
    /// The caller's own; the one that is called where it is missing.
    #[prost(uint32, optional, tag = "10")]
    pub from_virtual_port: Option<u32>,
    /// The caller's fake address, if it has one.
    #[prost(string, optional, tag = "11")]
    pub from_fake_ip: Option<String>,
}

/// What a ConnectOK is on direct UDP.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct SignalOk {
    /// The sender's share of the key exchange.
    #[prost(message, optional, tag = "5")]
    pub crypt: Option<SessionCryptInfoSigned>,
    /// The sender's certificate.
    #[prost(message, optional, tag = "6")]
    pub cert: Option<CertificateSigned>,
}

/// Why a connection is over.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct SignalClosed {
    /// For humans. Any bytes: text that is not UTF-8 must not cost the whole signal.
    #[prost(bytes = "bytes", optional, tag = "5")]
    pub debug: Option<Bytes>,
    /// [`SignalClosed::NO_CONNECTION`] says that there is no such connection, and wants no answer.
    #[prost(uint32, optional, tag = "6")]
    pub reason_code: Option<u32>,
}

impl SignalClosed {
    /// The sender knows nothing of the connection; never answered (wire-p2p section 1.10).
    pub const NO_CONNECTION: u32 = 9_999;
}

/// Something that is repeated until it is acknowledged: only ICE's so far.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct ReliableMessage {
    /// For the ICE agent.
    #[prost(message, optional, tag = "1")]
    pub ice: Option<IceRendezvous>,
}

/// A candidate, or the credentials.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct IceRendezvous {
    /// An address to try.
    #[prost(message, optional, tag = "1")]
    pub add_candidate: Option<IceCandidate>,
    /// What the checks are signed with.
    #[prost(message, optional, tag = "2")]
    pub auth: Option<IceAuth>,
}

/// A candidate in ICE's text form.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct IceCandidate {
    /// As in wire-p2p section 2.6.
    #[prost(string, optional, tag = "3")]
    pub candidate: Option<String>,
}

/// The password of the checks.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct IceAuth {
    /// As in wire-p2p section 2.3.
    #[prost(string, optional, tag = "1")]
    pub pwd_frag: Option<String>,
}

/// Early, unreliable data of the application.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct ApplicationMessage {
    /// The payload.
    #[prost(bytes = "bytes", optional, tag = "1")]
    pub data: Option<Bytes>,
    /// Its number on its lane.
    #[prost(uint64, optional, tag = "2")]
    pub number: Option<u64>,
    /// How it was sent.
    #[prost(uint32, optional, tag = "3")]
    pub flags: Option<u32>,
    /// Ignored.
    #[prost(uint32, optional, tag = "4")]
    pub lane: Option<u32>,
}

/// Why a signal is refused (wire-p2p section 1.8). Such a signal changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignalError {
    /// Larger than [`SIGNAL_LEN_MAX`].
    #[error("a signal of {0} bytes is too large: the limit is 16384")]
    TooLarge(usize),
    /// The protobuf message does not parse.
    #[error("not a rendezvous message")]
    Malformed,
    /// `from_identity` is missing or none, or a fake address.
    #[error("without the identity of its sender")]
    NoSender,
    /// Neither end's connection id is there.
    #[error("without a connection id")]
    NoConnectionId,
    /// It comes from somebody else than the peer.
    #[error("from another identity than the connection's peer")]
    WrongSender,
    /// The peer has another connection id.
    #[error("from another connection of the peer")]
    WrongConnection,
    /// A request without certificate or key exchange, or with such that do not hold.
    #[error("a request whose credentials do not hold")]
    Credentials,
    /// Not expected in the connection's state.
    #[error("not expected in this state of the connection")]
    Unexpected,
}

impl Signal {
    /// Reads a whole signal. Allocates no more than a small multiple of its size.
    ///
    /// # Errors
    /// When it is too large or does not parse.
    pub fn read(bytes: &[u8]) -> Result<Self, SignalError> {
        if bytes.len() > SIGNAL_LEN_MAX {
            return Err(SignalError::TooLarge(bytes.len()));
        }
        Self::decode(bytes).map_err(|_| SignalError::Malformed)
    }

    /// The bytes for the service.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encode_to_vec()
    }

    /// Who sent it.
    ///
    /// # Errors
    /// When it does not say so.
    pub fn sender(&self) -> Result<Identity, SignalError> {
        self.from_identity.as_deref().and_then(|text| text.parse().ok()).ok_or(SignalError::NoSender)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_the_fields_are_those_of_the_specification() {
        let signal = Signal {
            to_connection_id: Some(0x0403_0201),
            connection_closed: Some(SignalClosed { debug: Some("bye".into()), reason_code: Some(1_234) }),
            ice_enabled: Some(true),
            from_identity: Some("str:a".into()),
            from_connection_id: Some(0x0807_0605),
            to_identity: Some("str:b".into()),
            ack_reliable_message: Some(0),
            first_reliable_message: Some(1),
            reliable_messages: vec![ReliableMessage {
                ice: Some(IceRendezvous { auth: Some(IceAuth { pwd_frag: Some("p".into()) }), add_candidate: None }),
            }],
            ..Signal::default()
        };
        let expected = "0d0102030432082a0362796530d209380142057374723a614d050607085205\
                        7374723a62580060016a070a0512030a0170";
        assert_eq!(hex::encode(signal.to_bytes()), expected);
        assert_eq!(Signal::read(&signal.to_bytes()), Ok(signal));
    }

    #[test]
    fn a_signal_that_is_none_is_refused() {
        assert_eq!(Signal::read(&[0xff]), Err(SignalError::Malformed));
        assert_eq!(Signal::read(&vec![0; SIGNAL_LEN_MAX + 1]), Err(SignalError::TooLarge(SIGNAL_LEN_MAX + 1)));
        assert_eq!(Signal::default().sender(), Err(SignalError::NoSender));
        let bad = Signal { from_identity: Some("nobody".into()), ..Signal::default() };
        assert_eq!(bad.sender(), Err(SignalError::NoSender));
    }
}
