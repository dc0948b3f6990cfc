//! The bytes on the wire: pure functions from bytes to values and back (spec sections 1 to 3 and 7).
//!
//! A datagram is either a control packet ([`control`], the handshake and the closing) or a data packet
//! ([`data_header`], whose decrypted content is a run of frames, [`frame`]). Nothing here keeps state between
//! packets, and no input makes anything here panic.

pub mod control;
pub mod data_header;
pub mod extensions;
pub mod frame;
pub mod messages;
pub mod varint;

pub use control::*;
pub use data_header::*;
pub use extensions::Extensions;
pub use messages::*;

/// Why a datagram could not be decoded. Such a datagram is counted and dropped, nothing else.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The datagram ends before the fields it announces.
    #[error("truncated datagram of {len} bytes")]
    Truncated {
        /// Size of the datagram in bytes.
        len: usize,
    },
    /// The first byte is none that the decoder in question knows.
    #[error("unknown lead byte {0:#04x}")]
    UnknownLeadByte(u8),
    /// A padded control packet is shorter than [`MIN_PADDED`] (spec section 1.4).
    #[error("padded packet of {len} bytes is too short")]
    NotPadded {
        /// Size of the datagram in bytes.
        len: usize,
    },
    /// The length field of a padded control packet is 0 or exceeds the datagram (spec section 1.4).
    #[error("bad message length {message_len} in a padded packet")]
    BadPaddedLength {
        /// The length field in bytes.
        message_len: usize,
    },
    /// The protobuf message does not parse.
    #[error("bad protobuf message: {0}")]
    Protobuf(#[from] prost::DecodeError),
}
