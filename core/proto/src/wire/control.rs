//! Control packets, the whole datagram: a lead byte and one protobuf message (spec sections 1.2 to 1.4).

use prost::Message;

use super::DecodeError;
use super::messages::{ChallengeReply, ChallengeRequest, ConnectOk, ConnectRequest, ConnectionClosed, NoConnection};

/// Largest UDP payload to send, in bytes (spec section 1.1). Larger ones are nevertheless accepted.
pub const MAX_UDP_PAYLOAD: usize = 1300;
/// Largest datagram to receive, in bytes; what is beyond gets cut off (spec section 1.1).
pub const MAX_DATAGRAM_RECEIVED: usize = 2324;
/// Datagrams shorter than this, in bytes, are not looked at (spec section 1.1).
pub const MIN_DATAGRAM: usize = 5;
/// A padded control packet has at least this many bytes, so that it cannot provoke more than it cost (spec section 1.4).
pub const MIN_PADDED: usize = 512;
/// Size in bytes of a data packet's header without its optional fields (spec section 1.5).
pub const DATA_HEADER_LEN: usize = 7;
/// Largest encrypted chunk to send, in bytes, tag included (spec section 1.1).
pub const MAX_CHUNK_SENT: usize = 1248;
/// Size of the tag that encryption adds to the plaintext, in bytes.
pub const TAG_LEN: usize = 16;
/// Largest plaintext to send, in bytes (spec section 1.1).
pub const MAX_PLAINTEXT_SENT: usize = MAX_CHUNK_SENT - TAG_LEN;
/// Largest plaintext accepted, in bytes (spec section 1.1).
pub const MAX_PLAINTEXT_ACCEPTED: usize = 1300;
/// Largest UDP payload for a peer of ours that searches for what the path carries, in bytes: Ethernet's frames with IPv4.
pub const MAX_UDP_PAYLOAD_SEARCHED: usize = 1472;
/// Bytes of [`ConnectionClosed::debug`] that count; more are not sent (spec section 2.10).
pub const MAX_DEBUG_TEXT: usize = 127;

/// Lead byte of a [`ChallengeRequest`]: client to server, padded.
pub const LEAD_CHALLENGE_REQUEST: u8 = 0x20;
/// Lead byte of a [`ChallengeReply`]: server to client.
pub const LEAD_CHALLENGE_REPLY: u8 = 0x21;
/// Lead byte of a [`ConnectRequest`]: client to server.
pub const LEAD_CONNECT_REQUEST: u8 = 0x22;
/// Lead byte of a [`ConnectOk`]: server to client.
pub const LEAD_CONNECT_OK: u8 = 0x23;
/// Lead byte of a [`ConnectionClosed`]: either direction, padded.
pub const LEAD_CONNECTION_CLOSED: u8 = 0x24;
/// Lead byte of a [`NoConnection`]: either direction.
pub const LEAD_NO_CONNECTION: u8 = 0x25;
/// The bit that the lead byte of a data packet has and that of a control packet has not.
pub const LEAD_DATA_BIT: u8 = 0x80;

/// The lead byte and the length of the message, before the message of a padded packet.
const PADDED_PREFIX: usize = 3;

/// Whether the datagram claims to be a control packet of a kind we know.
pub fn is_control(datagram: &[u8]) -> bool {
    matches!(datagram.first(), Some(LEAD_CHALLENGE_REQUEST..=LEAD_NO_CONNECTION))
}

/// Whether a client asks for a connection with this datagram.
pub fn is_request(datagram: &[u8]) -> bool {
    matches!(datagram.first(), Some(&(LEAD_CHALLENGE_REQUEST | LEAD_CONNECT_REQUEST)))
}

/// Whether the datagram claims to be a data packet.
pub fn is_data(datagram: &[u8]) -> bool {
    datagram.first().is_some_and(|lead| lead & LEAD_DATA_BIT != 0)
}

/// A control packet.
#[derive(Clone, Debug, PartialEq)]
pub enum ControlPacket {
    /// The client asks for a challenge.
    ChallengeRequest(ChallengeRequest),
    /// The server gives one.
    ChallengeReply(ChallengeReply),
    /// The client answers it and asks for a connection.
    ConnectRequest(Box<ConnectRequest>),
    /// The server accepts.
    ConnectOk(Box<ConnectOk>),
    /// Either end has closed the connection.
    ConnectionClosed(ConnectionClosed),
    /// Either end knows of no such connection.
    NoConnection(NoConnection),
}

impl ControlPacket {
    /// Reads a whole datagram. Allocates no more than a small multiple of its size.
    ///
    /// # Errors
    /// When it is too short, of an unknown kind, badly padded, or when its message does not parse.
    pub fn decode(datagram: &[u8]) -> Result<Self, DecodeError> {
        let (&lead, body) = match datagram.split_first() {
            Some(parts) if datagram.len() >= MIN_DATAGRAM => parts,
            _ => {
                return Err(DecodeError::Truncated { len: datagram.len() });
            }
        };
        Ok(match lead {
            LEAD_CHALLENGE_REQUEST => Self::ChallengeRequest(Message::decode(padded_body(datagram)?)?),
            LEAD_CHALLENGE_REPLY => Self::ChallengeReply(Message::decode(body)?),
            LEAD_CONNECT_REQUEST => Self::ConnectRequest(Box::new(Message::decode(body)?)),
            LEAD_CONNECT_OK => Self::ConnectOk(Box::new(Message::decode(body)?)),
            LEAD_CONNECTION_CLOSED => Self::ConnectionClosed(Message::decode(padded_body(datagram)?)?),
            LEAD_NO_CONNECTION => Self::NoConnection(Message::decode(body)?),
            other => return Err(DecodeError::UnknownLeadByte(other)),
        })
    }

    /// Appends the whole datagram, padded where its kind asks for it. A [`ConnectionClosed::debug`] longer than
    /// [`MAX_DEBUG_TEXT`] is cut.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::ChallengeRequest(message) => encode_padded(LEAD_CHALLENGE_REQUEST, message, out),
            Self::ChallengeReply(message) => encode_plain(LEAD_CHALLENGE_REPLY, message, out),
            Self::ConnectRequest(message) => encode_plain(LEAD_CONNECT_REQUEST, &**message, out),
            Self::ConnectOk(message) => encode_plain(LEAD_CONNECT_OK, &**message, out),
            Self::ConnectionClosed(message) => {
                let mut message = message.clone();
                if let Some(debug) = &mut message.debug {
                    debug.truncate(MAX_DEBUG_TEXT);
                }
                encode_padded(LEAD_CONNECTION_CLOSED, &message, out);
            }
            Self::NoConnection(message) => encode_plain(LEAD_NO_CONNECTION, message, out),
        }
    }
}

/// The message inside a padded packet (spec section 1.4); the content of the padding does not matter.
fn padded_body(datagram: &[u8]) -> Result<&[u8], DecodeError> {
    if datagram.len() < MIN_PADDED {
        return Err(DecodeError::NotPadded { len: datagram.len() });
    }
    let &[_, low, high, ref rest @ ..] = datagram else {
        return Err(DecodeError::Truncated { len: datagram.len() });
    };
    let message_len = usize::from(u16::from_le_bytes([low, high]));
    match rest.get(..message_len) {
        Some(body) if !body.is_empty() => Ok(body),
        _ => Err(DecodeError::BadPaddedLength { message_len }),
    }
}

fn encode_plain(lead: u8, message: &impl Message, out: &mut Vec<u8>) {
    out.push(lead);
    message.encode_raw(out);
}

/// Both messages that get padded are far below 512 bytes, so the padding always comes to the whole minimum.
fn encode_padded(lead: u8, message: &impl Message, out: &mut Vec<u8>) {
    let start = out.len();
    let message_len = message.encoded_len();
    debug_assert!(message_len <= MIN_PADDED - PADDED_PREFIX, "message of {message_len} bytes");
    out.push(lead);
    out.extend_from_slice(&(message_len as u16).to_le_bytes());
    message.encode_raw(out);
    out.resize(out.len().max(start + MIN_PADDED), 0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn encoded(packet: &ControlPacket) -> Vec<u8> {
        let mut out = Vec::new();
        packet.encode(&mut out);
        out
    }

    /// A padded datagram of `len` bytes that claims a message of `message_len` bytes and has `body`.
    fn padded(lead: u8, message_len: u16, body: &[u8], len: usize) -> Vec<u8> {
        let mut out = vec![lead];
        out.extend_from_slice(&message_len.to_le_bytes());
        out.extend_from_slice(body);
        out.resize(len, 0xee);
        out
    }

    #[test]
    fn challenge_request_matches_the_spec() {
        let packet = ControlPacket::ChallengeRequest(ChallengeRequest {
            connection_id: Some(0x1122_3344),
            my_timestamp: Some(0x8899_aabb_ccdd_eeff),
            protocol_version: Some(13),
        });
        let bytes = encoded(&packet);
        assert_eq!(bytes.len(), 512);
        assert_eq!(hex::encode(&bytes[..19]), "2010000d4433221119ffeeddccbbaa9988200d");
        assert!(bytes[19..].iter().all(|&byte| byte == 0));
        assert_eq!(ControlPacket::decode(&bytes).unwrap(), packet);
    }

    #[test]
    fn challenge_reply_matches_the_spec() {
        let packet = ControlPacket::ChallengeReply(ChallengeReply {
            connection_id: Some(0x1122_3344),
            challenge: Some(0x0102_0304_0506_0708),
            your_timestamp: Some(0x8899_aabb_ccdd_eeff),
            protocol_version: Some(13),
        });
        let bytes = encoded(&packet);
        assert_eq!(hex::encode(&bytes), "210d4433221111080706050403020119ffeeddccbbaa9988200d");
        assert_eq!(bytes.len(), 26);
        assert_eq!(ControlPacket::decode(&bytes).unwrap(), packet);
    }

    #[test]
    fn connection_closed_matches_the_spec() {
        let packet = ControlPacket::ConnectionClosed(ConnectionClosed {
            debug: Some(Bytes::from_static(b"bye")),
            reason_code: Some(1000),
            to_connection_id: Some(0x5566_7788),
            from_connection_id: Some(0x1122_3344),
        });
        let bytes = encoded(&packet);
        assert_eq!(bytes.len(), 512);
        assert_eq!(hex::encode(&bytes[..21]), "241200120362796518e80725887766552d44332211");
        assert_eq!(ControlPacket::decode(&bytes).unwrap(), packet);
    }

    #[test]
    fn no_connection_matches_the_spec() {
        let packet = ControlPacket::NoConnection(NoConnection {
            from_connection_id: Some(0x1122_3344),
            to_connection_id: Some(0x5566_7788),
        });
        let bytes = encoded(&packet);
        assert_eq!(hex::encode(&bytes), "2515443322111d88776655");
        assert_eq!(ControlPacket::decode(&bytes).unwrap(), packet);
    }

    #[test]
    fn debug_text_is_cut_and_need_not_be_utf8() {
        let packet = ControlPacket::ConnectionClosed(ConnectionClosed {
            debug: Some(Bytes::from(vec![0xff; 5000])),
            ..Default::default()
        });
        let bytes = encoded(&packet);
        assert_eq!(bytes.len(), 512);
        match ControlPacket::decode(&bytes).unwrap() {
            ControlPacket::ConnectionClosed(closed) => {
                assert_eq!(closed.debug.unwrap(), vec![0xff; 127]);
            }
            other => panic!("decoded as {other:?}"),
        }
    }

    #[test]
    fn padding_rules() {
        let body = hex::decode("0d44332211").unwrap();
        for len in [512, 513, 1300, 1400] {
            assert!(ControlPacket::decode(&padded(0x20, 5, &body, len)).is_ok(), "{len} bytes");
        }
        let error = |datagram: &[u8]| ControlPacket::decode(datagram).unwrap_err();
        assert_eq!(error(&padded(0x20, 5, &body, 511)), DecodeError::NotPadded { len: 511 });
        assert_eq!(error(&padded(0x24, 0, &[], 512)), DecodeError::BadPaddedLength { message_len: 0 });
        assert_eq!(error(&padded(0x24, 510, &[], 512)), DecodeError::BadPaddedLength { message_len: 510 });
    }

    #[test]
    fn a_padded_message_may_fill_the_datagram() {
        // An unknown length-delimited field of 506 bytes, which with its tag and length makes 509.
        let mut body = vec![0x7a, 0xfa, 0x03];
        body.resize(509, 0);
        assert!(ControlPacket::decode(&padded(0x20, 509, &body, 512)).is_ok());
    }

    #[test]
    fn what_is_no_control_packet() {
        assert_eq!(ControlPacket::decode(&[]), Err(DecodeError::Truncated { len: 0 }));
        assert_eq!(ControlPacket::decode(&[0x25, 0, 0, 0]), Err(DecodeError::Truncated { len: 4 }));
        for lead in [0x00, 0x1f, 0x26, 0x7f, 0x80, 0xff] {
            let datagram = [lead; 600];
            assert_eq!(ControlPacket::decode(&datagram), Err(DecodeError::UnknownLeadByte(lead)));
            assert!(!is_control(&datagram));
            assert_eq!(is_data(&datagram), lead >= 0x80);
        }
        assert!(!is_control(&[]) && !is_data(&[]));
        assert!(is_control(&[0x20]) && is_control(&[0x25]));
        assert!(matches!(ControlPacket::decode(&[0x21, 0x0d, 1, 2, 3]), Err(DecodeError::Protobuf(_))));
    }
}
