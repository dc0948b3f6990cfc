//! The datagrams between a client and a relay. All begin with a byte of 0x10 to 0x1f: STUN (RFC 5389) has 0x00 to 0x03
//! there, GNS 0x20 to 0x25 and 0x80 to 0xff. Numbers are little-endian.

use bytes::Bytes;
use prost::Message as _;

use super::keys::{Direction, OPENED_TAG_LEN, SessionKeys, TAG_LEN};
use crate::signed::first;

/// Bytes of a cookie.
pub const COOKIE_LEN: usize = 16;
/// A PING has this many bytes, so that its answer is not longer.
pub const PING_LEN: usize = 64;
/// Bytes of a PONG.
pub const PONG_LEN: usize = 31;
/// Bytes before the payload of a datagram of a session.
pub const HEADER_LEN: usize = 18;
/// An OPEN is as large as the largest DATA: where it does not pass, they would not either.
pub const OPEN_LEN: usize = 1_318;

/// Kinds of datagrams, by their first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Client: are you there?
    Ping = 0x10,
    /// Relay: yes.
    Pong = 0x11,
    /// Client: a session, please.
    Open = 0x12,
    /// Relay: here it is.
    Opened = 0x13,
    /// Either: of a session, for the relay itself.
    KeepAlive = 0x14,
    /// Either: the session is over.
    Close = 0x15,
    /// Relay: I know of no such session.
    NoSession = 0x16,
    /// Either: of a session, for or from a peer.
    Data = 0x18,
}

/// Whether a datagram is one between a client and a relay.
pub fn is_relay(datagram: &[u8]) -> bool {
    datagram.first().is_some_and(|lead| lead & 0xf0 == 0x10)
}

/// What an OPEN asks for.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct Open {
    /// A signed ticket.
    #[prost(bytes = "bytes", tag = "1")]
    pub ticket: Bytes,
    /// X25519 public key for this session alone: 32 bytes.
    #[prost(bytes = "bytes", tag = "2")]
    pub ephemeral: Bytes,
    /// By the key that the ticket names, over relay, cookie, `ephemeral` and ticket: 64 bytes.
    #[prost(bytes = "bytes", tag = "3")]
    pub signature: Bytes,
    /// The version of these datagrams: 1.
    #[prost(uint32, tag = "4")]
    pub version: u32,
}

/// What an OPENED grants.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct Opened {
    /// The number of the session.
    #[prost(fixed32, tag = "1")]
    pub session: u32,
    /// X25519 public key for this session alone: 32 bytes.
    #[prost(bytes = "bytes", tag = "2")]
    pub ephemeral: Bytes,
    /// The key for route tokens, hidden: 32 bytes.
    #[prost(bytes = "bytes", tag = "3")]
    pub token_key: Bytes,
    /// How long a silent session is kept, seconds.
    #[prost(uint32, tag = "4")]
    pub idle_s: u32,
    /// What may be sent, kbit/s.
    #[prost(uint32, tag = "5")]
    pub kbps: u32,
    /// What may be sent, packets per second.
    #[prost(uint32, tag = "6")]
    pub pps: u32,
}

/// What a datagram of a session begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// KEEPALIVE, CLOSE or DATA.
    pub kind: Kind,
    /// The session; its low byte is the number of the relay's worker.
    pub session: u32,
    /// Never repeated in a direction of a session.
    pub counter: u32,
    /// Up: whom it is for; down: from whom, in the receiver's numbering.
    pub slot: u8,
}

impl Header {
    /// Appends header, tag and payload.
    pub fn write(&self, keys: &SessionKeys, direction: Direction, payload: &[u8], out: &mut Vec<u8>) {
        let head = self.bytes();
        out.extend_from_slice(&head);
        out.extend_from_slice(&keys.tag(direction, &head, payload, self.kind == Kind::Data));
        out.extend_from_slice(payload);
    }

    /// Writes header and tag over those of a datagram; the payload stays.
    pub fn overwrite(&self, keys: &SessionKeys, direction: Direction, datagram: &mut [u8]) {
        let head = self.bytes();
        let (start, payload) = datagram.split_at_mut(HEADER_LEN);
        start[..HEADER_LEN - TAG_LEN].copy_from_slice(&head);
        start[HEADER_LEN - TAG_LEN..].copy_from_slice(&keys.tag(direction, &head, payload, self.kind == Kind::Data));
    }

    /// Whether the tag of this datagram, which [`Datagram::read`] gave this header of, is right.
    pub fn is_authentic(&self, keys: &SessionKeys, direction: Direction, datagram: &[u8]) -> bool {
        let (head, rest) = datagram.split_at(HEADER_LEN - TAG_LEN);
        let (tag, payload) = rest.split_at(TAG_LEN);
        keys.tag(direction, head, payload, self.kind == Kind::Data) == tag
    }

    fn bytes(&self) -> [u8; HEADER_LEN - TAG_LEN] {
        let mut head = [0; HEADER_LEN - TAG_LEN];
        head[0] = self.kind as u8;
        head[1..5].copy_from_slice(&self.session.to_le_bytes());
        head[5..9].copy_from_slice(&self.counter.to_le_bytes());
        head[9] = self.slot;
        head
    }
}

/// A datagram, read; nothing in it is believed yet.
#[derive(Clone, Debug, PartialEq)]
pub enum Datagram<'a> {
    /// See [`Kind::Ping`].
    Ping {
        /// Comes back.
        nonce: u64,
    },
    /// See [`Kind::Pong`].
    Pong {
        /// Of the PING.
        nonce: u64,
        /// The relay's point of presence.
        pop: u32,
        /// How busy it is, 0 to 255.
        load: u8,
        /// It is about to stop.
        draining: bool,
        /// For an OPEN from this address within a minute or two.
        cookie: [u8; COOKIE_LEN],
    },
    /// See [`Kind::Open`].
    Open {
        /// From a PONG.
        cookie: [u8; COOKIE_LEN],
        /// An [`Open`], not decoded yet.
        message: &'a [u8],
    },
    /// See [`Kind::Opened`].
    Opened {
        /// An [`Opened`], not decoded yet.
        message: &'a [u8],
        /// Over the message.
        tag: [u8; OPENED_TAG_LEN],
    },
    /// See [`Kind::KeepAlive`], [`Kind::Close`], [`Kind::Data`].
    OfSession(Header),
    /// See [`Kind::NoSession`].
    NoSession {
        /// The one that is not known.
        session: u32,
        /// For an OPEN.
        cookie: [u8; COOKIE_LEN],
    },
}

impl<'a> Datagram<'a> {
    /// Reads a whole datagram; `None` for one that has not the form of any.
    pub fn read(datagram: &'a [u8]) -> Option<Self> {
        let (&lead, body) = datagram.split_first()?;
        Some(match lead {
            0x10 if datagram.len() >= PING_LEN => Self::Ping { nonce: u64::from_le_bytes(first(body)) },
            0x11 if datagram.len() == PONG_LEN => Self::Pong {
                nonce: u64::from_le_bytes(first(body)),
                pop: u32::from_le_bytes(first(&body[8..])),
                load: body[12],
                draining: body[13] & 1 != 0,
                cookie: first(&body[14..]),
            },
            0x12 if body.len() > COOKIE_LEN + 2 => {
                Self::Open { cookie: first(body), message: counted(&body[COOKIE_LEN..])? }
            }
            0x13 if body.len() > OPENED_TAG_LEN + 2 => {
                Self::Opened { tag: first(body), message: counted(&body[OPENED_TAG_LEN..])? }
            }
            0x14 | 0x15 | 0x18 if datagram.len() >= HEADER_LEN => Self::OfSession(Header {
                kind: match lead {
                    0x14 => Kind::KeepAlive,
                    0x15 => Kind::Close,
                    _ => Kind::Data,
                },
                session: u32::from_le_bytes(first(body)),
                counter: u32::from_le_bytes(first(&body[4..])),
                slot: body[8],
            }),
            0x16 if datagram.len() == 5 + COOKIE_LEN => {
                Self::NoSession { session: u32::from_le_bytes(first(body)), cookie: first(&body[4..]) }
            }
            _ => return None,
        })
    }

    /// Appends the datagram; those of a session are written by [`Header::write`].
    pub fn write(&self, out: &mut Vec<u8>) {
        let start = out.len();
        match self {
            Self::Ping { nonce } => {
                out.push(Kind::Ping as u8);
                out.extend_from_slice(&nonce.to_le_bytes());
                out.resize(start + PING_LEN, 0);
            }
            Self::Pong { nonce, pop, load, draining, cookie } => {
                out.push(Kind::Pong as u8);
                out.extend_from_slice(&nonce.to_le_bytes());
                out.extend_from_slice(&pop.to_le_bytes());
                out.extend_from_slice(&[*load, u8::from(*draining)]);
                out.extend_from_slice(cookie);
                // What is left stays zero, for fields to come.
                out.resize(start + PONG_LEN, 0);
            }
            Self::Open { cookie, message } => {
                out.push(Kind::Open as u8);
                out.extend_from_slice(cookie);
                write_counted(message, out);
                out.resize((start + OPEN_LEN).max(out.len()), 0);
            }
            Self::Opened { message, tag } => {
                out.push(Kind::Opened as u8);
                out.extend_from_slice(tag);
                write_counted(message, out);
            }
            Self::OfSession(header) => out.extend_from_slice(&header.bytes()),
            Self::NoSession { session, cookie } => {
                out.push(Kind::NoSession as u8);
                out.extend_from_slice(&session.to_le_bytes());
                out.extend_from_slice(cookie);
            }
        }
    }
}

impl Open {
    /// Reads what an OPEN carries.
    pub fn read(message: &[u8]) -> Option<Self> {
        let open = Self::decode(message).ok()?;
        (open.ephemeral.len() == 32 && open.version == 1).then_some(open)
    }
}

impl Opened {
    /// Reads what an OPENED carries.
    pub fn read(message: &[u8]) -> Option<Self> {
        Self::decode(message).ok().filter(|opened| opened.ephemeral.len() == 32 && opened.token_key.len() == 32)
    }
}

/// Appends a DATA.
pub fn write_data(header: Header, keys: &SessionKeys, direction: Direction, payload: &[u8], out: &mut Vec<u8>) {
    Header { kind: Kind::Data, ..header }.write(keys, direction, payload, out);
}

fn counted(bytes: &[u8]) -> Option<&[u8]> {
    let (len, rest) = bytes.split_first_chunk::<2>()?;
    rest.get(..usize::from(u16::from_le_bytes(*len)))
}

fn write_counted(message: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&(message.len() as u16).to_le_bytes());
    out.extend_from_slice(message);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(datagram: &Datagram<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        datagram.write(&mut out);
        out
    }

    #[test]
    fn the_bytes_of_each_kind_are_pinned() {
        let cookie = [0xcc; 16];
        let ping = bytes(&Datagram::Ping { nonce: 0x0807_0605_0403_0201 });
        assert_eq!((ping.len(), hex::encode(&ping[..10])), (64, "10010203040506070800".into()));
        let pong = bytes(&Datagram::Pong { nonce: 1, pop: 0x006c_6f63, load: 7, draining: true, cookie });
        let expected = "110100000000000000636f6c000701cccccccccccccccccccccccccccccccc";
        assert_eq!((pong.len(), hex::encode(&pong)), (PONG_LEN, expected.into()));
        let open = bytes(&Datagram::Open { cookie, message: b"ab" });
        assert_eq!(
            (open.len(), hex::encode(&open[..22])),
            (OPEN_LEN, format!("12{}02006162{}", "cc".repeat(16), "00"))
        );
        let gone = bytes(&Datagram::NoSession { session: 0x0403_0201, cookie });
        assert_eq!(hex::encode(gone), format!("1601020304{}", "cc".repeat(16)));
        let header = Header { kind: Kind::Data, session: 0x0403_0201, counter: 0x0807_0605, slot: 9 };
        assert_eq!(hex::encode(header.bytes()), "18010203040506070809");
    }

    #[test]
    fn what_is_written_is_read_and_what_is_cut_off_is_nothing() {
        let cookie = [3; 16];
        let all = [
            Datagram::Ping { nonce: 5 },
            Datagram::Pong { nonce: 5, pop: 6, load: 7, draining: false, cookie },
            Datagram::Open { cookie, message: b"open" },
            Datagram::Opened { tag: [4; 16], message: b"opened" },
            Datagram::NoSession { session: 8, cookie },
        ];
        for datagram in all {
            let written = bytes(&datagram);
            assert_eq!(Datagram::read(&written), Some(datagram.clone()));
            assert!(is_relay(&written));
            let shortest = if matches!(datagram, Datagram::Open { .. }) { 1 + 16 + 2 + 4 } else { written.len() };
            assert_eq!(Datagram::read(&written[..shortest - 1]), None, "{datagram:?}");
        }
        for lead in 0..=255_u8 {
            let _ = Datagram::read(&[lead; 3]);
        }
    }
}
