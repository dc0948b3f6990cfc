//! What the payload of a KEEPALIVE says: a run of records, each a type, a length and its fields.

use super::token::{Endpoint, IdentityHash, RouteToken, TOKEN_LEN};
use crate::signed::first;

const BIND: u8 = 1;
const BOUND: u8 = 2;
const REFUSED: u8 = 3;
const PING: u8 = 4;
const PONG: u8 = 5;
const MOVED: u8 = 6;

/// The token is none, has expired, or is for another identity.
pub const REFUSED_TOKEN: u8 = 1;
/// Whom the token leads to has no session here, now.
pub const REFUSED_NO_ENDPOINT: u8 = 2;
/// One of the two ends has no slot free.
pub const REFUSED_NO_ROOM: u8 = 3;

/// One record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// Client: I want to exchange packets with whom this token leads to.
    Bind {
        /// Comes back in the answer; not 0.
        reference: u16,
        /// Made by the peer, for us.
        token: RouteToken,
    },
    /// Relay: from now on packets to and from this peer go in this slot. Repeated at will; the same for both ends.
    Bound {
        /// Of the BIND; 0 for the end that was bound by the other.
        reference: u16,
        /// The receiver's own number for the peer.
        slot: u8,
        /// Who the peer is.
        endpoint: Endpoint,
        /// As whom the peer's ticket names it.
        identity: IdentityHash,
    },
    /// Relay: that did not work.
    Refused {
        /// Of the BIND.
        reference: u16,
        /// One of the `REFUSED_` numbers.
        reason: u8,
    },
    /// Client: are you there?
    Ping(u32),
    /// Relay: yes.
    Pong(u32),
    /// Relay: I am about to stop; go elsewhere.
    Moved,
}

impl Record {
    /// Appends it.
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut record = |kind: u8, parts: &[&[u8]]| {
            let len: usize = parts.iter().map(|part| part.len()).sum();
            out.extend_from_slice(&[kind, len as u8]);
            parts.iter().for_each(|part| out.extend_from_slice(part));
        };
        match self {
            Self::Bind { reference, token } => record(BIND, &[&reference.to_le_bytes(), &token.to_bytes()]),
            Self::Bound { reference, slot, endpoint, identity } => {
                record(BOUND, &[&reference.to_le_bytes(), &[*slot], &endpoint.0, &identity.0]);
            }
            Self::Refused { reference, reason } => record(REFUSED, &[&reference.to_le_bytes(), &[*reason]]),
            Self::Ping(number) => record(PING, &[&number.to_le_bytes()]),
            Self::Pong(number) => record(PONG, &[&number.to_le_bytes()]),
            Self::Moved => record(MOVED, &[]),
        }
    }

    /// The records in a payload, up to the first that is cut off; those of unknown types or wrong lengths are left out.
    pub fn read_all(mut payload: &[u8]) -> impl Iterator<Item = Self> {
        std::iter::from_fn(move || {
            loop {
                let (&[kind, len], rest) = payload.split_first_chunk::<2>()?;
                let (fields, rest) = rest.split_at_checked(usize::from(len))?;
                payload = rest;
                if let Some(record) = Self::read(kind, fields) {
                    return Some(record);
                }
            }
        })
    }

    fn read(kind: u8, fields: &[u8]) -> Option<Self> {
        let reference = || Some(u16::from_le_bytes(*fields.first_chunk()?));
        let number = || fields.try_into().ok().map(u32::from_le_bytes);
        Some(match (kind, fields.len()) {
            (BIND, len) if len == 2 + TOKEN_LEN => {
                Self::Bind { reference: reference()?, token: RouteToken::from_bytes(&fields[2..])? }
            }
            (BOUND, 35) => Self::Bound {
                reference: reference()?,
                slot: fields[2],
                endpoint: Endpoint(first(&fields[3..19])),
                identity: IdentityHash(first(&fields[19..35])),
            },
            (REFUSED, 3) => Self::Refused { reference: reference()?, reason: fields[2] },
            (PING, 4) => Self::Ping(number()?),
            (PONG, 4) => Self::Pong(number()?),
            (MOVED, _) => Self::Moved,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::token::TokenKey;
    use super::*;

    #[test]
    fn records_come_back_and_unknown_ones_are_passed_over() {
        let endpoint = Endpoint::of(&[1; 32]);
        let identity = IdentityHash::of("str:a");
        let token = RouteToken::make(&TokenKey::derive(&[2; 32], endpoint), endpoint, 5, identity);
        let records = [
            Record::Bind { reference: 1, token },
            Record::Bound { reference: 0, slot: 3, endpoint, identity },
            Record::Refused { reference: 1, reason: REFUSED_TOKEN },
            Record::Ping(7),
            Record::Pong(7),
            Record::Moved,
        ];
        let mut bytes = vec![200, 3, 1, 2, 3, BIND, 1, 0];
        records.iter().for_each(|record| record.write(&mut bytes));
        assert!(Record::read_all(&bytes).eq(records));
        for len in 0..bytes.len() {
            assert!(Record::read_all(&bytes[..len]).count() < records.len() || len >= bytes.len());
        }
    }
}
