//! Reading frames (spec sections 7.1 to 7.8).

use super::super::{Extensions, varint};
use super::{
    ACK_DELAY_UNKNOWN, AckBlock, AckFrame, AckLatest, Credit, Frame, FrameError, FrameErrorKind, NumberField,
    PADDING_LEAD, PositionField, RECEIVE_WINDOW_LEAD,
};

/// Reads the frames of one plaintext, left to right, without copying or allocating.
#[derive(Clone, Debug)]
pub struct FrameDecoder<'a> {
    rest: &'a [u8],
    plaintext_len: usize,
    extensions: Extensions,
    lane: LaneContext,
}

/// What came before in this packet and lane; every select-lane frame starts a new one (spec section 7.2).
#[derive(Clone, Copy, Debug, Default)]
struct LaneContext {
    seen_unreliable: bool,
    seen_reliable: bool,
    reliable_since_unreliable: u64,
}

impl<'a> FrameDecoder<'a> {
    /// A decoder at the start of `plaintext`.
    pub fn new(plaintext: &'a [u8]) -> Self {
        Self::with_extensions(plaintext, Extensions::NONE)
    }

    /// The same, reading the frames of these extensions too; without them their lead bytes are reserved.
    pub fn with_extensions(plaintext: &'a [u8], extensions: Extensions) -> Self {
        Self { rest: plaintext, plaintext_len: plaintext.len(), extensions, lane: LaneContext::default() }
    }

    /// The next frame, or `None` at the end of the plaintext.
    ///
    /// # Errors
    /// When the bytes are no frame. The decoder then stays where it is: every further call gives the same error.
    pub fn next_frame(&mut self) -> Result<Option<Frame<'a>>, FrameError> {
        let Some((&lead, rest)) = self.rest.split_first() else {
            return Ok(None);
        };
        let mut reader = Reader { rest };
        let decoded = match lead {
            RECEIVE_WINDOW_LEAD if self.extensions.contains(Extensions::RECEIVE_WINDOW) => decode_window(&mut reader),
            PADDING_LEAD if self.extensions.contains(Extensions::PATH_MTU) => {
                reader.rest = &[];
                Ok(Frame::Padding)
            }
            _ => self.lane.decode_frame(lead, &mut reader),
        };
        let frame = decoded.map_err(|kind| {
            let offset = self.plaintext_len - self.rest.len();
            FrameError { offset, kind }
        })?;
        self.lane.note(&frame);
        self.rest = reader.rest;
        Ok(Some(frame))
    }
}

impl LaneContext {
    fn decode_frame<'a>(&self, lead: u8, reader: &mut Reader<'a>) -> Result<Frame<'a>, FrameErrorKind> {
        match lead {
            0x00..=0x3f => self.decode_unreliable(lead, reader),
            0x40..=0x5f => self.decode_reliable(lead, reader),
            0x80..=0x83 => {
                let width = [1, 2, 3, 8][usize::from(lead & 3)];
                Ok(Frame::StopWaiting { offset: reader.uint(width)? })
            }
            0x88..=0x8e => Ok(Frame::SelectLane(u32::from(lead & 7) + 1)),
            0x8f => Ok(Frame::SelectLane(reader.varint_u32()?)),
            0x90..=0x9f => decode_ack(lead, reader).map(Frame::Ack),
            0x60..=0x7f | 0x84..=0x87 | 0xa0..=0xff => Err(FrameErrorKind::ReservedLeadByte(lead)),
        }
    }

    fn decode_unreliable<'a>(&self, lead: u8, reader: &mut Reader<'a>) -> Result<Frame<'a>, FrameErrorKind> {
        let wide = lead & 0x10 != 0;
        let number = match (self.seen_unreliable, wide) {
            (false, false) => NumberField::Absolute16(reader.uint(2)? as u16),
            (false, true) => NumberField::Absolute32(reader.uint(4)? as u32),
            (true, false) => NumberField::Relative(self.reliable_since_unreliable + 1),
            (true, true) => {
                let step = reader.varint_u64()?;
                NumberField::Relative(self.reliable_since_unreliable.saturating_add(step))
            }
        };
        let offset = if lead & 0x08 == 0 { 0 } else { reader.varint_u32()? };
        let data = reader.segment_data(lead)?;
        Ok(Frame::Unreliable { number, offset, last: lead & 0x20 != 0, data })
    }

    fn decode_reliable<'a>(&self, lead: u8, reader: &mut Reader<'a>) -> Result<Frame<'a>, FrameErrorKind> {
        let code = usize::from(lead >> 3 & 3);
        let position = if self.seen_reliable {
            let width = [0, 1, 2, 4][code];
            PositionField::Relative(reader.uint(width)? as u32)
        } else {
            let bits = *[24, 32, 48].get(code).ok_or(FrameErrorKind::ReservedPositionCode)?;
            PositionField::Absolute { bits, value: reader.uint(usize::from(bits) / 8)? }
        };
        let data = reader.segment_data(lead)?;
        Ok(Frame::Reliable { position, data })
    }

    fn note(&mut self, frame: &Frame<'_>) {
        match frame {
            Frame::SelectLane(_) => *self = Self::default(),
            Frame::Unreliable { .. } => {
                self.seen_unreliable = true;
                self.reliable_since_unreliable = 0;
            }
            Frame::Reliable { .. } => {
                self.seen_reliable = true;
                self.reliable_since_unreliable += u64::from(self.seen_unreliable);
            }
            Frame::StopWaiting { .. } | Frame::Ack(_) | Frame::ReceiveWindow(_) | Frame::Padding => {}
        }
    }
}

fn decode_window<'a>(reader: &mut Reader<'a>) -> Result<Frame<'a>, FrameErrorKind> {
    let (messages, bytes) = (reader.varint_u64()?, reader.varint_u64()?);
    Ok(Frame::ReceiveWindow(Credit { messages, bytes }))
}

fn decode_ack<'a>(lead: u8, reader: &mut Reader<'a>) -> Result<AckFrame<'a>, FrameErrorKind> {
    let latest = if lead & 0x08 != 0 {
        AckLatest::Low16(reader.uint(2)? as u16)
    } else {
        AckLatest::Low32(reader.uint(4)? as u32)
    };
    let delay = Some(reader.uint(2)? as u16).filter(|&delay| delay != ACK_DELAY_UNKNOWN);
    let count = match lead & 7 {
        7 => reader.uint(1)? as u8,
        count => count,
    };
    let blocks_start = reader.rest;
    for _ in 0..count {
        AckBlock::decode(&mut reader.rest)?;
    }
    let raw_blocks = &blocks_start[..blocks_start.len() - reader.rest.len()];
    Ok(AckFrame { latest, delay, raw_blocks })
}

/// Takes fields off the front of what is left.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn bytes(&mut self, len: usize) -> Result<&'a [u8], FrameErrorKind> {
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or(FrameErrorKind::Truncated)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// A little-endian integer of `width` bytes, at most 8.
    fn uint(&mut self, width: usize) -> Result<u64, FrameErrorKind> {
        let bytes = self.bytes(width)?;
        Ok(bytes.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte)))
    }

    fn varint_u32(&mut self) -> Result<u32, FrameErrorKind> {
        varint::decode_u32(&mut self.rest).ok_or(FrameErrorKind::Truncated)
    }

    fn varint_u64(&mut self) -> Result<u64, FrameErrorKind> {
        varint::decode_u64(&mut self.rest).ok_or(FrameErrorKind::Truncated)
    }

    /// The data of a segment, whose size the low 3 bits of the lead byte govern (spec section 7.3).
    fn segment_data(&mut self, lead: u8) -> Result<&'a [u8], FrameErrorKind> {
        match lead & 7 {
            7 => Ok(core::mem::take(&mut self.rest)),
            code @ 5..=6 => Err(FrameErrorKind::ReservedSizeCode(code)),
            code => {
                let low = self.uint(1)? as usize;
                self.bytes(usize::from(code) << 8 | low)
            }
        }
    }
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
