//! Writing frames (spec sections 7.3 to 7.8). Everything here appends and cannot fail; a `_len` function beside each
//! writer tells what it will take, so that a packet can be planned before it is written.
//!
//! Whether a segment is the last of its packet, and so needs no size byte, is only known once the packet is complete.
//! Therefore write every segment with [`SizeEncoding::Explicit`], keep the [`SegmentMark`] of the latest one, and call
//! [`SegmentMark::extend_to_end`] when the packet is done: it saves the byte in place.

use super::super::varint;
use super::{
    ACK_DELAY_UNKNOWN, AckBlock, Credit, MAX_ACK_BLOCKS, MAX_ACK_COUNT, MAX_EXPLICIT_SIZE, PADDING_LEAD,
    RECEIVE_WINDOW_LEAD,
};

/// The size code that stands for "to the end of the packet".
const SIZE_CODE_TO_END: u8 = 7;
/// Size of an ack frame without blocks, in bytes.
pub const ACK_MIN_LEN: usize = 5;
/// The most blocks that an ack frame holds without a byte for their count.
const ACK_BLOCKS_IN_LEAD: usize = 6;

/// Appends a stop-waiting frame in its shortest form; `offset` is the field v (spec section 7.6).
pub fn stop_waiting(out: &mut Vec<u8>, offset: u64) {
    let (code, width) = stop_waiting_form(offset);
    out.push(0x80 | code);
    push_uint(out, offset, width);
}

/// Size in bytes (2 to 9) of what [`stop_waiting`] appends.
pub const fn stop_waiting_len(offset: u64) -> usize {
    1 + stop_waiting_form(offset).1
}

/// The width code and the width in bytes.
const fn stop_waiting_form(offset: u64) -> (u8, usize) {
    match offset {
        0..=0xff => (0, 1),
        0x100..=0xffff => (1, 2),
        0x1_0000..=0xff_ffff => (2, 3),
        _ => (3, 8),
    }
}

/// Appends a select-lane frame. A packet starts on lane 0, so lane 0 needs one only after another lane (spec section 7.7).
pub fn select_lane(out: &mut Vec<u8>, lane: u16) {
    match lane {
        1..=7 => out.push(0x88 | (lane - 1) as u8),
        _ => {
            out.push(0x8f);
            varint::encode_u64(u64::from(lane), out);
        }
    }
}

/// Size in bytes of what [`select_lane`] appends.
pub const fn select_lane_len(lane: u16) -> usize {
    match lane {
        1..=7 => 1,
        _ => 1 + varint::len(lane as u64),
    }
}

/// Fills a packet up to `len` bytes: only for peers that announced the extension, and as the last frame.
pub fn padding(out: &mut Vec<u8>, len: usize) {
    if out.len() < len {
        out.push(PADDING_LEAD);
        out.resize(len, 0);
    }
}

/// The most that [`receive_window`] appends, in bytes.
pub const RECEIVE_WINDOW_LEN_MAX: usize = 1 + 2 * varint::MAX_LEN_U64;

/// Appends a receive-window frame: only for peers that announced the extension.
pub fn receive_window(out: &mut Vec<u8>, credit: Credit) {
    out.push(RECEIVE_WINDOW_LEAD);
    varint::encode_u64(credit.messages, out);
    varint::encode_u64(credit.bytes, out);
}

/// Appends an ack frame with the 16-bit form of `latest`. `delay` is in units of 32 microseconds and below 0xFFFF;
/// `blocks` are newest first, at most [`MAX_ACK_BLOCKS`] (spec section 7.8).
pub fn ack(out: &mut Vec<u8>, latest: u16, delay: Option<u16>, blocks: &[AckBlock]) {
    debug_assert!(delay != Some(ACK_DELAY_UNKNOWN), "a known delay must be below 0xFFFF");
    debug_assert!(blocks.len() <= MAX_ACK_BLOCKS, "{} ack blocks", blocks.len());
    let in_lead = blocks.len() <= ACK_BLOCKS_IN_LEAD;
    out.push(0x98 | if in_lead { blocks.len() as u8 } else { 7 });
    out.extend_from_slice(&latest.to_le_bytes());
    out.extend_from_slice(&delay.unwrap_or(ACK_DELAY_UNKNOWN).to_le_bytes());
    if !in_lead {
        out.push(blocks.len() as u8);
    }
    for block in blocks {
        ack_block(out, block);
    }
}

fn ack_block(out: &mut Vec<u8>, block: &AckBlock) {
    debug_assert!(block.acks <= MAX_ACK_COUNT && block.nacks <= MAX_ACK_COUNT, "{block:?}");
    let nibble = |count: u32| (count & 7) as u8 | if count > 7 { 8 } else { 0 };
    out.push(nibble(block.acks) << 4 | nibble(block.nacks));
    for count in [block.acks, block.nacks] {
        if count > 7 {
            varint::encode_u64(u64::from(count >> 3), out);
        }
    }
}

/// Size in bytes of what [`ack`] appends.
pub fn ack_len(blocks: &[AckBlock]) -> usize {
    let count_byte = usize::from(blocks.len() > ACK_BLOCKS_IN_LEAD);
    ACK_MIN_LEN + count_byte + blocks.iter().map(ack_block_len).sum::<usize>()
}

/// What `block` adds to an ack frame, in bytes (1 to 7).
pub fn ack_block_len(block: &AckBlock) -> usize {
    let count_len = |count: u32| {
        if count > 7 { varint::len(u64::from(count >> 3)) } else { 0 }
    };
    1 + count_len(block.acks) + count_len(block.nacks)
}

/// How to write the message number of an unreliable segment (spec section 7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberEncoding {
    /// The low 32 bits: for the first unreliable segment of a lane context, and only for that.
    Absolute32(u32),
    /// What to add to the number of the previous unreliable segment in this lane context, less 1 for every reliable
    /// segment in between. 0 goes on with the same message.
    Relative(u64),
}

impl NumberEncoding {
    const fn len(self) -> usize {
        match self {
            Self::Absolute32(_) => 4,
            Self::Relative(1) => 0,
            Self::Relative(step) => varint::len(step),
        }
    }
}

/// How to write the stream position of a reliable segment (spec section 7.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PositionEncoding {
    /// The low 48 bits: for the first reliable segment of a lane context, and only for that.
    Absolute48(u64),
    /// The gap in bytes after the end of the previous reliable segment in this lane context.
    Relative(u32),
}

impl PositionEncoding {
    /// The position code and the width of the field in bytes.
    const fn form(self) -> (u8, usize) {
        match self {
            Self::Absolute48(_) => (2, 6),
            Self::Relative(0) => (0, 0),
            Self::Relative(1..=0xff) => (1, 1),
            Self::Relative(0x100..=0xffff) => (2, 2),
            Self::Relative(_) => (3, 4),
        }
    }
}

/// How a segment tells its size (spec section 7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeEncoding {
    /// By a size byte; for at most [`MAX_EXPLICIT_SIZE`] bytes of data.
    Explicit,
    /// By reaching to the end of the packet; only for the last segment of a packet.
    ToEnd,
}

impl SizeEncoding {
    const fn len(self) -> usize {
        match self {
            Self::Explicit => 1,
            Self::ToEnd => 0,
        }
    }
}

/// Where a segment that has just been written keeps its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentMark {
    /// Index of the segment's lead byte.
    pub header_start: usize,
    /// Index of its size byte, if it has one.
    pub size_byte_at: Option<usize>,
}

impl SegmentMark {
    /// Turns the segment, which must be the last in `out`, from [`SizeEncoding::Explicit`] into [`SizeEncoding::ToEnd`];
    /// `out` gets a byte shorter. Does nothing to a segment without a size byte.
    pub fn extend_to_end(self, out: &mut Vec<u8>) {
        if let Some(size_byte_at) = self.size_byte_at {
            patch_last_to_end(out, self.header_start, size_byte_at);
        }
    }
}

/// Drops the size byte at index `size_byte_at` of the last segment, whose lead byte is at `header_start`, and marks the
/// segment as reaching to the end of the packet. Moves only the data of that one segment.
pub fn patch_last_to_end(out: &mut Vec<u8>, header_start: usize, size_byte_at: usize) {
    debug_assert!(header_start < size_byte_at && size_byte_at < out.len(), "no size byte at {size_byte_at}");
    debug_assert_eq!(
        usize::from(out[header_start] & 7) << 8 | usize::from(out[size_byte_at]),
        out.len() - size_byte_at - 1,
        "not the last segment"
    );
    out[header_start] |= SIZE_CODE_TO_END;
    out.remove(size_byte_at);
}

/// Appends an unreliable segment (spec section 7.4). `offset` is where `data` begins in its message, in bytes.
pub fn unreliable(
    out: &mut Vec<u8>,
    number: NumberEncoding,
    offset: u32,
    last: bool,
    size: SizeEncoding,
    data: &[u8],
) -> SegmentMark {
    let mark = unreliable_header(out, number, offset, last, size, data.len());
    out.extend_from_slice(data);
    mark
}

/// Appends an unreliable segment without its `data_len` bytes of data, which the caller appends.
pub fn unreliable_header(
    out: &mut Vec<u8>,
    number: NumberEncoding,
    offset: u32,
    last: bool,
    size: SizeEncoding,
    data_len: usize,
) -> SegmentMark {
    let header_start = out.len();
    let wide = number != NumberEncoding::Relative(1);
    let last_bit = if last { 0x20 } else { 0 };
    let wide_bit = if wide { 0x10 } else { 0 };
    let offset_bit = if offset > 0 { 0x08 } else { 0 };
    out.push(last_bit | wide_bit | offset_bit | size_code(size, data_len));
    match number {
        NumberEncoding::Absolute32(low) => out.extend_from_slice(&low.to_le_bytes()),
        NumberEncoding::Relative(1) => {}
        NumberEncoding::Relative(step) => varint::encode_u64(step, out),
    }
    if offset > 0 {
        varint::encode_u64(u64::from(offset), out);
    }
    SegmentMark { header_start, size_byte_at: push_size_byte(out, size, data_len) }
}

/// Size in bytes of what [`unreliable_header`] appends, for a segment with an explicit size (`size_bytes` is the size of
/// its data) or one that reaches to the end of the packet (`None`).
pub fn unreliable_header_len(number: NumberEncoding, offset: u32, size_bytes: Option<usize>) -> usize {
    let offset_len = if offset > 0 { varint::len(u64::from(offset)) } else { 0 };
    1 + number.len() + offset_len + usize::from(size_bytes.is_some())
}

/// Appends a reliable segment without its `data_len` bytes of data, which the caller appends (spec section 7.5).
pub fn reliable_header(
    out: &mut Vec<u8>,
    position: PositionEncoding,
    size: SizeEncoding,
    data_len: usize,
) -> SegmentMark {
    let header_start = out.len();
    let (code, width) = position.form();
    out.push(0x40 | code << 3 | size_code(size, data_len));
    let field = match position {
        PositionEncoding::Absolute48(position) => position,
        PositionEncoding::Relative(gap) => u64::from(gap),
    };
    push_uint(out, field, width);
    SegmentMark { header_start, size_byte_at: push_size_byte(out, size, data_len) }
}

/// Size in bytes of what [`reliable_header`] appends.
pub const fn reliable_header_len(position: PositionEncoding, size: SizeEncoding) -> usize {
    1 + position.form().1 + size.len()
}

fn size_code(size: SizeEncoding, data_len: usize) -> u8 {
    match size {
        SizeEncoding::Explicit => {
            debug_assert!(data_len <= MAX_EXPLICIT_SIZE, "segment of {data_len} bytes");
            (data_len >> 8) as u8 & 7
        }
        SizeEncoding::ToEnd => SIZE_CODE_TO_END,
    }
}

fn push_size_byte(out: &mut Vec<u8>, size: SizeEncoding, data_len: usize) -> Option<usize> {
    match size {
        SizeEncoding::Explicit => {
            out.push(data_len as u8);
            Some(out.len() - 1)
        }
        SizeEncoding::ToEnd => None,
    }
}

/// Appends the low `width` bytes (at most 8) of `value`, little-endian.
fn push_uint(out: &mut Vec<u8>, value: u64, width: usize) {
    out.extend_from_slice(&value.to_le_bytes()[..width]);
}

#[cfg(test)]
#[path = "encode_tests.rs"]
mod tests;
