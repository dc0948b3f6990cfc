//! The handshake: the client asks for a number, the host gives it one. Both packets have the same form:
//!
//! ```text
//! "GSMP"  kind u8 (1: hello, 2: welcome)  version u8  id u32, little-endian
//! ```
//!
//! They travel reliably on lane 0, once each; anything else there ends the connection.

use crate::reasons;

/// The number of the host.
pub const HOST: i32 = 1;
/// The version of the handshake, and of the use of lanes.
pub const VERSION: u8 = 1;

const MAGIC: [u8; 4] = *b"GSMP";
pub(crate) const LENGTH: usize = 10;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The client: the number is the one it would like, 0 for any.
    Hello = 1,
    /// The host: the number is the client's.
    Welcome = 2,
}

/// Why a packet is no handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("the handshake is malformed: is the other end another kind of program?")]
    Form,
    #[error("this end has version {VERSION} of the handshake, the other has {theirs}: update the older one")]
    Version { theirs: u8 },
}

impl Malformed {
    /// The reason to close the connection with.
    pub(crate) const fn reason(self) -> i32 {
        match self {
            Self::Form => reasons::BAD_HANDSHAKE,
            Self::Version { .. } => reasons::OTHER_VERSION,
        }
    }
}

pub(crate) fn encode(kind: Kind, id: i32) -> [u8; LENGTH] {
    let mut packet = [0; LENGTH];
    packet[..4].copy_from_slice(&MAGIC);
    packet[4] = kind as u8;
    packet[5] = VERSION;
    packet[6..].copy_from_slice(&id.to_le_bytes());
    packet
}

/// The number in a packet of this kind.
pub(crate) fn decode(expected: Kind, packet: &[u8]) -> Result<i32, Malformed> {
    let (magic, rest) = packet.split_first_chunk().ok_or(Malformed::Form)?;
    let (&[kind, version], rest) = rest.split_first_chunk().ok_or(Malformed::Form)?;
    if *magic != MAGIC || kind != expected as u8 {
        return Err(Malformed::Form);
    }
    if version != VERSION {
        return Err(Malformed::Version { theirs: version });
    }
    let id = i32::from_le_bytes(rest.try_into().map_err(|_| Malformed::Form)?);
    let fits = match expected {
        Kind::Hello => id == 0 || is_client(id),
        Kind::Welcome => is_client(id),
    };
    if fits { Ok(id) } else { Err(Malformed::Form) }
}

/// Whether a client can have this number: those below name the host, everybody, or everybody but one.
pub(crate) const fn is_client(id: i32) -> bool {
    id > HOST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_these() {
        assert_eq!(encode(Kind::Hello, 0x0102_0304), *b"GSMP\x01\x01\x04\x03\x02\x01");
        assert_eq!(decode(Kind::Hello, b"GSMP\x01\x01\x04\x03\x02\x01"), Ok(0x0102_0304));
        assert_eq!(decode(Kind::Welcome, b"GSMP\x02\x01\x02\0\0\0"), Ok(2));
        assert_eq!(decode(Kind::Hello, b"GSMP\x01\x01\0\0\0\0"), Ok(0));
    }

    #[test]
    fn whatever_else_comes_is_refused() {
        let good = encode(Kind::Hello, 7);
        for length in 0..good.len() {
            assert_eq!(decode(Kind::Hello, &good[..length]), Err(Malformed::Form), "{length} bytes");
        }
        let longer = [&good[..], &[0]].concat();
        assert_eq!(decode(Kind::Hello, &longer), Err(Malformed::Form));
        assert_eq!(decode(Kind::Welcome, &good), Err(Malformed::Form), "the wrong end speaks");
        for id in [-1, i32::MIN, HOST] {
            assert_eq!(decode(Kind::Hello, &encode(Kind::Hello, id)), Err(Malformed::Form), "{id}");
        }
        assert_eq!(decode(Kind::Welcome, &encode(Kind::Welcome, 0)), Err(Malformed::Form));
        let mut newer = good;
        newer[5] = 2;
        let refused = decode(Kind::Hello, &newer).unwrap_err();
        assert_eq!((refused, refused.reason()), (Malformed::Version { theirs: 2 }, reasons::OTHER_VERSION));
    }
}
