//! Frames: the decrypted content of a data packet (spec section 7).
//!
//! A plaintext is a run of frames without padding or count. Several fields of a segment frame are relative to the segment
//! before it in the same packet, so reading one frame needs to know which came before: [`FrameDecoder`] does. The frames
//! it hands out still hold the numbers of the wire, truncated or relative; whoever keeps a connection's state expands them.

mod decode;
pub mod encode;
pub mod stream;

pub use decode::FrameDecoder;
pub use encode::{NumberEncoding, PositionEncoding, SegmentMark, SizeEncoding};
pub use stream::{HeaderDecode, MessageHeader};

use core::ops::Add;

use super::varint;

/// The largest segment size that a size byte can express, in bytes (spec section 7.3).
pub const MAX_EXPLICIT_SIZE: usize = 4 * 256 + 255;
/// Upper bits (beyond the low 3) of an ack or nack count above this are an error (spec section 7.8).
pub const MAX_ACK_COUNT_UPPER: u64 = 100_000;
/// The largest count of acks or nacks in one block (spec section 7.8).
pub const MAX_ACK_COUNT: u32 = ((MAX_ACK_COUNT_UPPER as u32) << 3) | 7;
/// The most blocks that one ack frame can hold (spec section 7.8).
pub const MAX_ACK_BLOCKS: usize = 255;
/// The ack delay, in units of 32 microseconds, that stands for "unknown or too long" (spec section 7.8).
pub const ACK_DELAY_UNKNOWN: u16 = 0xffff;
/// Lead byte of a receive-window frame, where both ends understand it.
pub const RECEIVE_WINDOW_LEAD: u8 = 0xa0;
/// Lead byte of padding, where both ends understand it.
pub const PADDING_LEAD: u8 = 0xa1;

/// One frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// Of the sender's packets, nothing below `N - offset - 1` needs reporting, N being the packet's number
    /// (spec section 7.6).
    StopWaiting {
        /// The field v.
        offset: u64,
    },
    /// The segments after this belong to that lane (spec section 7.7). More than 255 is an error for the caller to raise.
    SelectLane(u32),
    /// What the sender of the frame has received (spec section 7.8).
    Ack(AckFrame<'a>),
    /// Nothing, to the end of the packet: only the size counts.
    Padding,
    /// A piece of an unreliable message (spec section 7.4).
    Unreliable {
        /// Which message.
        number: NumberField,
        /// Where in the message the piece begins, in bytes.
        offset: u32,
        /// Whether the message ends with this piece.
        last: bool,
        /// The piece.
        data: &'a [u8],
    },
    /// A piece of the lane's reliable stream (spec section 7.5).
    Reliable {
        /// Where in the stream the piece begins.
        position: PositionField,
        /// The piece.
        data: &'a [u8],
    },
    /// An extension: how much reliable data the sender of the frame has promised to take since the connection began.
    ReceiveWindow(Credit),
}

/// Reliable messages of all lanes together, counted from the beginning of the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Credit {
    /// How many messages.
    pub messages: u64,
    /// Bytes of their payloads.
    pub bytes: u64,
}

impl Credit {
    /// The larger of both, each by itself.
    pub fn max(self, other: Self) -> Self {
        Self { messages: self.messages.max(other.messages), bytes: self.bytes.max(other.bytes) }
    }
}

impl Add for Credit {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self { messages: self.messages.saturating_add(more.messages), bytes: self.bytes.saturating_add(more.bytes) }
    }
}

/// The message number of an unreliable segment as the wire has it (spec section 7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberField {
    /// The low 16 bits.
    Absolute16(u16),
    /// The low 32 bits.
    Absolute32(u32),
    /// To be added to the number of the previous unreliable segment in this lane context. Includes the 1 that every
    /// reliable segment in between counts for. Any value: the sum may overflow.
    Relative(u64),
}

/// The stream position of a reliable segment as the wire has it (spec section 7.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PositionField {
    /// The low bits of the position.
    Absolute {
        /// How many bits: 24, 32 or 48.
        bits: u8,
        /// The bits.
        value: u64,
    },
    /// The gap in bytes after the end of the previous reliable segment in this lane context.
    Relative(u32),
}

/// The newest packet that an ack frame reports on, as the wire has it (spec section 7.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AckLatest {
    /// The low 16 bits of its number.
    Low16(u16),
    /// The low 32 bits of its number.
    Low32(u32),
}

/// A report on received packets (spec section 7.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AckFrame<'a> {
    /// The newest packet reported on.
    pub latest: AckLatest,
    /// Time between receiving `latest` and sending the report, in units of 32 microseconds; `None` if unknown or too long.
    pub delay: Option<u16>,
    /// The blocks as they stand in the packet; the decoder has walked through them.
    raw_blocks: &'a [u8],
}

impl<'a> AckFrame<'a> {
    /// The blocks, newest first. After the last comes an implicit one without nacks, down to the stop-waiting value.
    pub fn blocks(&self) -> impl Iterator<Item = AckBlock> + 'a {
        let mut rest = self.raw_blocks;
        core::iter::from_fn(move || AckBlock::decode(&mut rest).ok())
    }
}

/// Going down in packet numbers: so many received, then so many not received (spec section 7.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AckBlock {
    /// How many packets were received; at most [`MAX_ACK_COUNT`].
    pub acks: u32,
    /// How many packets below those were not; at most [`MAX_ACK_COUNT`].
    pub nacks: u32,
}

impl AckBlock {
    /// Takes a block off the front of `input`, which is unchanged after an error.
    fn decode(input: &mut &[u8]) -> Result<Self, FrameErrorKind> {
        let (&header, mut rest) = input.split_first().ok_or(FrameErrorKind::Truncated)?;
        let acks = Self::decode_count(header >> 4, &mut rest)?;
        let nacks = Self::decode_count(header & 0x0f, &mut rest)?;
        *input = rest;
        Ok(Self { acks, nacks })
    }

    /// A count from its half of the header byte: 3 bits, and whether more follow.
    fn decode_count(nibble: u8, rest: &mut &[u8]) -> Result<u32, FrameErrorKind> {
        let low = u32::from(nibble & 7);
        if nibble & 8 == 0 {
            return Ok(low);
        }
        match varint::decode_u64(rest) {
            None => Err(FrameErrorKind::Truncated),
            Some(upper) if upper > MAX_ACK_COUNT_UPPER => Err(FrameErrorKind::AckCount { upper }),
            Some(upper) => Ok(low | (upper as u32) << 3),
        }
    }
}

/// A frame that no correct peer sends; the connection is to be closed with code 5002 (spec section 7.1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at byte {offset}")]
pub struct FrameError {
    /// Where the bad frame begins: bytes from the start of the plaintext (of the header, for a message header).
    pub offset: usize,
    /// What is wrong with it.
    pub kind: FrameErrorKind,
}

/// What can be wrong with a frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameErrorKind {
    /// It runs past the end of the plaintext, or holds an integer with too many bytes.
    #[error("truncated frame")]
    Truncated,
    /// Its first byte has no meaning.
    #[error("reserved lead byte {0:#04x}")]
    ReservedLeadByte(u8),
    /// A segment with a size code of 5 or 6.
    #[error("reserved segment size code {0}")]
    ReservedSizeCode(u8),
    /// The first reliable segment of a lane context with a position code of 3.
    #[error("reserved stream position code")]
    ReservedPositionCode,
    /// A count of an ack block is too large.
    #[error("ack count of {upper} * 8 is too large")]
    AckCount {
        /// The count without its low 3 bits.
        upper: u64,
    },
    /// A message of the reliable stream whose size does not fit 32 bits, or whose header holds an integer with too many
    /// bytes.
    #[error("reliable message header out of range")]
    MessageHeaderRange,
}
