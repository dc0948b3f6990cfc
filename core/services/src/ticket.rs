//! Tickets: what a relay asks of a client. Signed by a key that the network's root has certified, bound to the key in the
//! client's certificate, verified without asking anybody.

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use prost::Message as _;

use crate::signed;

/// What the signature of a ticket begins with.
const KIND: &str = "gamesockets ticket 1";
/// Largest ticket, bytes.
pub const TICKET_LEN_MAX: usize = 512;
/// Clocks may differ by this, seconds.
pub const SKEW_S: u32 = 600;
/// No ticket lives longer, seconds: as long as a player's certificate, and an hour to renew it.
pub const LIFETIME_MAX_S: u32 = 26 * 3_600;

/// A signed ticket.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct Ticket {
    /// The [`TicketBody`], byte-exact: this is what is signed.
    #[prost(bytes = "bytes", tag = "1")]
    pub body: Bytes,
    /// Whose signature it is.
    #[prost(fixed64, tag = "2")]
    pub key_id: u64,
    /// Ed25519: 64 bytes.
    #[prost(bytes = "bytes", tag = "3")]
    pub signature: Bytes,
}

/// What a ticket says.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct TicketBody {
    /// 8 bytes: the name by which it can be denied.
    #[prost(bytes = "bytes", tag = "1")]
    pub id: Bytes,
    /// The identity that it is for.
    #[prost(string, tag = "2")]
    pub client: String,
    /// The key in that identity's certificate: 32 bytes.
    #[prost(bytes = "bytes", tag = "3")]
    pub client_key: Bytes,
    /// The hosted server that it leads to; empty: other players.
    #[prost(string, tag = "4")]
    pub server: String,
    /// The app.
    #[prost(uint32, tag = "5")]
    pub app: u32,
    /// The server's virtual port; -1: any.
    #[prost(sint32, tag = "6")]
    pub virtual_port: i32,
    /// Unix seconds.
    #[prost(fixed32, tag = "7")]
    pub not_before: u32,
    /// Unix seconds.
    #[prost(fixed32, tag = "8")]
    pub expiry: u32,
    /// Data that its session may send, kbit/s; 0: what the relay's operator has set.
    #[prost(uint32, tag = "12")]
    pub kbps: u32,
    /// Packets that its session may send, 1/s; 0: what the relay's operator has set.
    #[prost(uint32, tag = "13")]
    pub pps: u32,
}

/// Why a ticket is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// Above [`TICKET_LEN_MAX`].
    #[error("a ticket of {0} bytes is too large: the limit is 512")]
    TooLarge(usize),
    /// Does not parse, or a field has not its length.
    #[error("not a ticket")]
    Malformed,
    /// No key of this number is known, or its signature does not hold.
    #[error("not signed by a key of this network")]
    BadSignature,
    /// Expired, not valid yet, or valid for too long.
    #[error("the ticket is not valid at this time")]
    BadTime,
}

impl TicketBody {
    /// Signs it.
    ///
    /// # Errors
    /// `TooLarge`.
    pub fn sign(&self, key: &SigningKey) -> Result<Vec<u8>, TicketError> {
        let body = self.encode_to_vec();
        let signature = signed::sign(key, KIND, &[&body]);
        let key_id = signed::key_id(key.verifying_key().as_bytes());
        let ticket = Ticket { body: body.into(), key_id, signature: Bytes::copy_from_slice(&signature) };
        match ticket.encoded_len() {
            len if len > TICKET_LEN_MAX => Err(TicketError::TooLarge(len)),
            _ => Ok(ticket.encode_to_vec()),
        }
    }

    /// What a ticket says, whoever made it.
    pub fn peek(ticket: &[u8]) -> Option<Self> {
        Ticket::decode(ticket).ok().and_then(|ticket| Self::decode(&ticket.body[..]).ok())
    }

    /// Checks a ticket to the end. `key` gives the public key of a number, if it is one that may sign tickets.
    ///
    /// # Errors
    /// The first that does not hold, the cheap ones first.
    pub fn verify(
        ticket: &[u8],
        unix_seconds: u32,
        key: impl FnOnce(u64) -> Option<[u8; 32]>,
    ) -> Result<Self, TicketError> {
        if ticket.len() > TICKET_LEN_MAX {
            return Err(TicketError::TooLarge(ticket.len()));
        }
        let ticket = Ticket::decode(ticket).map_err(|_| TicketError::Malformed)?;
        let body = Self::decode(&ticket.body[..]).map_err(|_| TicketError::Malformed)?;
        if body.id.len() != 8 || body.client_key.len() != 32 || body.client.is_empty() {
            return Err(TicketError::Malformed);
        }
        let starts = body.not_before.saturating_sub(SKEW_S);
        let too_long = body.expiry.saturating_sub(body.not_before) > LIFETIME_MAX_S;
        if unix_seconds < starts || unix_seconds >= body.expiry || too_long {
            return Err(TicketError::BadTime);
        }
        let key = key(ticket.key_id).ok_or(TicketError::BadSignature)?;
        if signed::verify(&key, KIND, &[&ticket.body], &ticket.signature) {
            Ok(body)
        } else {
            Err(TicketError::BadSignature)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body() -> TicketBody {
        TicketBody {
            id: Bytes::from_static(&[7; 8]),
            client: "steamid:328762728475885569".into(),
            client_key: Bytes::from_static(&[8; 32]),
            app: 480,
            virtual_port: -1,
            not_before: 1_000_000,
            expiry: 1_090_000,
            ..TicketBody::default()
        }
    }

    fn check(ticket: &[u8], unix_seconds: u32) -> Result<TicketBody, TicketError> {
        let public = SigningKey::from_bytes(&[1; 32]).verifying_key().to_bytes();
        TicketBody::verify(ticket, unix_seconds, |id| (id == signed::key_id(&public)).then_some(public))
    }

    #[test]
    fn a_ticket_is_taken_in_its_time_from_its_signer() {
        let ticket = body().sign(&SigningKey::from_bytes(&[1; 32])).expect("small");
        assert!(ticket.len() < 240, "{}", ticket.len());
        assert_eq!(check(&ticket, 1_000_000), Ok(body()));
        assert_eq!(check(&ticket, 999_401), Ok(body()), "a clock that is behind");
        assert_eq!(check(&ticket, 999_399), Err(TicketError::BadTime));
        assert_eq!(check(&ticket, 1_090_000), Err(TicketError::BadTime));
        let foreign = body().sign(&SigningKey::from_bytes(&[2; 32])).expect("small");
        assert_eq!(check(&foreign, 1_000_000), Err(TicketError::BadSignature));
        let eternal = TicketBody { expiry: u32::MAX, ..body() }.sign(&SigningKey::from_bytes(&[1; 32])).expect("small");
        assert_eq!(check(&eternal, 1_000_000), Err(TicketError::BadTime));
    }

    #[test]
    fn no_changed_byte_passes() {
        let ticket = body().sign(&SigningKey::from_bytes(&[1; 32])).expect("small");
        for index in 0..ticket.len() {
            for bit in 0..8 {
                let mut changed = ticket.clone();
                changed[index] ^= 1 << bit;
                assert!(check(&changed, 1_000_000).is_err(), "bit {bit} of byte {index}");
            }
        }
        assert_eq!(check(&[0; 513], 1_000_000), Err(TicketError::TooLarge(513)));
        let large = TicketBody { client: "s".repeat(500), ..body() };
        assert!(matches!(large.sign(&SigningKey::from_bytes(&[1; 32])), Err(TicketError::TooLarge(_))));
    }
}
