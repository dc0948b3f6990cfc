//! The receiving side of the lanes: expands the truncated numbers of segments and hands their data on (spec sections
//! 7.2 to 7.5).

use bytes::Bytes;

use super::fragments::Fragments;
use super::receive_queue::ReceiveQueue;
use super::stream::{MessageSink, StreamError, StreamLimits, StreamReceiver, Taken};
use crate::message::Message;
use crate::time::Timestamp;
use crate::wire::control::MAX_DATAGRAM_RECEIVED;
use crate::wire::frame::{NumberField, PositionField};

/// Unreliable segments with more data than this are ignored: no datagram carries them.
const SEGMENT_SIZE_MAX: usize = MAX_DATAGRAM_RECEIVED;
/// Message numbers and stream positions stay below this, so that sums with them never overflow.
const NUMBER_END: u64 = 1 << 62;

/// What the peer did wrong: the connection is closed with 5002.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LaneError {
    /// In the reliable stream.
    #[error("lane {lane}: {error}")]
    Stream {
        /// The lane.
        lane: u16,
        /// What.
        error: StreamError,
    },
    /// Message numbers start at 1 and stay below 2^62.
    #[error("lane {lane}: message number {number} is out of range")]
    BadNumber {
        /// The lane.
        lane: u16,
        /// The number it expands to.
        number: i128,
    },
    /// Stream positions start at 1 and stay below 2^62.
    #[error("lane {lane}: stream position {position} is out of range")]
    BadPosition {
        /// The lane.
        lane: u16,
        /// The position it expands to.
        position: u128,
    },
}

/// What the segments of one packet are relative to; starts anew with each packet and each select-lane frame.
#[derive(Clone, Copy, Debug, Default)]
pub struct SegmentContext {
    lane: u16,
    /// Number of the previous unreliable segment's message.
    number: u64,
    /// End of the previous reliable segment.
    position: u64,
}

impl SegmentContext {
    /// The context after a select-lane frame.
    pub fn select(lane: u16) -> Self {
        Self { lane, ..Self::default() }
    }
}

/// All lanes the peer has sent on.
#[derive(Debug, Default)]
pub struct ReceiveLanes {
    /// By lane number, ascending.
    lanes: Vec<ReceiveLane>,
}

#[derive(Debug, Default)]
struct ReceiveLane {
    lane: u16,
    /// The highest message number seen.
    highest: u64,
    stream: StreamReceiver,
    fragments: Fragments,
}

impl ReceiveLanes {
    /// A segment of an unreliable message arrived.
    #[expect(clippy::too_many_arguments, reason = "the fields of the frame, and where they lead")]
    pub fn unreliable(
        &mut self,
        context: &mut SegmentContext,
        number: NumberField,
        offset: u32,
        last: bool,
        data: &[u8],
        queue: &mut ReceiveQueue,
        now: Timestamp,
    ) -> Result<Taken, LaneError> {
        let lane = self.lane(context.lane);
        let expanded = match number {
            NumberField::Absolute16(low) => near(lane.highest, i64::from(low.wrapping_sub(lane.highest as u16) as i16)),
            NumberField::Absolute32(low) => near(lane.highest, i64::from(low.wrapping_sub(lane.highest as u32) as i32)),
            NumberField::Relative(step) => i128::from(context.number) + i128::from(step),
        };
        let number = u64::try_from(expanded)
            .ok()
            .filter(|&number| number > 0 && number < NUMBER_END)
            .ok_or(LaneError::BadNumber { lane: context.lane, number: expanded })?;
        context.number = number;
        lane.highest = lane.highest.max(number);
        if data.len() > SEGMENT_SIZE_MAX {
            return Ok(Taken::Yes);
        }
        let payload = if offset == 0 && last {
            Some(Bytes::copy_from_slice(data))
        } else {
            lane.fragments.insert(number, offset as usize, last, data)
        };
        let Some(payload) = payload else {
            return Ok(Taken::Yes);
        };
        if queue.is_full() {
            return Ok(Taken::Refused);
        }
        queue.push(Message { payload, number, lane: context.lane, reliable: false, time_received: now });
        Ok(Taken::Yes)
    }

    /// A segment of the reliable stream arrived.
    pub fn reliable(
        &mut self,
        context: &mut SegmentContext,
        position: PositionField,
        data: &[u8],
        limits: StreamLimits,
        queue: &mut ReceiveQueue,
        now: Timestamp,
    ) -> Result<Taken, LaneError> {
        let index = context.lane;
        let lane = self.lane(index);
        let expanded = match position {
            PositionField::Absolute { bits, value } => expand_position(lane.stream.expected(), bits, value),
            PositionField::Relative(gap) => u128::from(context.position) + u128::from(gap),
        };
        let position = u64::try_from(expanded)
            .ok()
            .filter(|&position| position > 0 && position < NUMBER_END)
            .ok_or(LaneError::BadPosition { lane: index, position: expanded })?;
        context.position = position + data.len() as u64;
        let mut sink = LaneSink { lane: index, now, queue };
        lane.stream
            .insert(position, data, limits, &mut lane.highest, &mut sink)
            .map_err(|error| LaneError::Stream { lane: index, error })
    }

    /// The application read messages: goes on where a full queue stopped the streams.
    pub fn pump(&mut self, limits: StreamLimits, queue: &mut ReceiveQueue, now: Timestamp) -> Result<(), LaneError> {
        for lane in self.lanes.iter_mut().filter(|lane| lane.stream.is_stalled()) {
            let index = lane.lane;
            let mut sink = LaneSink { lane: index, now, queue };
            lane.stream
                .pump(limits, &mut lane.highest, &mut sink)
                .map_err(|error| LaneError::Stream { lane: index, error })?;
        }
        Ok(())
    }

    /// Whether a full queue holds back messages that have arrived.
    pub fn is_stalled(&self) -> bool {
        self.lanes.iter().any(|lane| lane.stream.is_stalled())
    }

    /// Lanes spring into existence when first mentioned.
    fn lane(&mut self, lane: u16) -> &mut ReceiveLane {
        let index = match self.lanes.binary_search_by_key(&lane, |known| known.lane) {
            Ok(index) => index,
            Err(index) => {
                self.lanes.insert(index, ReceiveLane { lane, ..ReceiveLane::default() });
                index
            }
        };
        &mut self.lanes[index]
    }
}

struct LaneSink<'a> {
    lane: u16,
    now: Timestamp,
    queue: &'a mut ReceiveQueue,
}

impl MessageSink for LaneSink<'_> {
    fn is_full(&self) -> bool {
        !self.queue.takes_reliable()
    }

    fn deliver(&mut self, number: u64, payload: Bytes) {
        self.queue.push(Message { payload, number, lane: self.lane, reliable: true, time_received: self.now });
    }
}

fn near(highest: u64, distance: i64) -> i128 {
    i128::from(highest) + i128::from(distance)
}

/// The position a truncated field means: the one not much below what is expected next (spec section 7.5).
fn expand_position(expected: u64, bits: u8, value: u64) -> u128 {
    let mask = (1_u64 << bits.min(62)) - 1;
    let position = (expected & !mask) + (value & mask);
    if position + (mask >> 1) < expected { u128::from(position) + u128::from(mask) + 1 } else { position.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: StreamLimits = StreamLimits { buffer_bytes: 1 << 20, message_bytes: 1 << 19 };
    const NOW: Timestamp = Timestamp::from_micros(1);

    fn queue() -> ReceiveQueue {
        let mut queue = ReceiveQueue::default();
        queue.set_limits(100, 1 << 20);
        queue
    }

    #[test]
    fn numbers_expand_around_the_highest_seen() {
        let (mut lanes, mut queue) = (ReceiveLanes::default(), queue());
        let mut send = |context: &mut SegmentContext, number| {
            lanes.unreliable(context, number, 0, true, b"x", &mut queue, NOW).map(|_| queue.pop().map(|m| m.number))
        };
        let mut context = SegmentContext::default();
        assert_eq!(send(&mut context, NumberField::Absolute32(500_000_000)), Ok(Some(500_000_000)));
        assert_eq!(send(&mut context, NumberField::Relative(1)), Ok(Some(500_000_001)));
        let mut context = SegmentContext::default();
        let low = (500_000_010_u64 & 0xFFFF) as u16;
        assert_eq!(send(&mut context, NumberField::Absolute16(low)), Ok(Some(500_000_010)));
        let mut other = SegmentContext::select(3);
        assert!(send(&mut other, NumberField::Absolute16(0)).is_err());
        assert!(send(&mut other, NumberField::Absolute16(0xFFFF)).is_err());
    }

    #[test]
    fn positions_expand_upwards_only() {
        assert_eq!(expand_position(1, 48, 1), 1);
        assert_eq!(expand_position(0x100_0005, 24, 0x10), 0x100_0010);
        assert_eq!(expand_position(0xFF_FFF0, 24, 0x10), 0x100_0010);
        assert_eq!(expand_position(0x100_0005, 24, 0xFF_FFF0), 0x1FF_FFF0, "never corrected downwards");
    }

    #[test]
    fn lanes_are_separate_streams() {
        let (mut lanes, mut queue) = (ReceiveLanes::default(), queue());
        for lane in [9, 0, 255] {
            let mut context = SegmentContext::select(lane);
            let first = PositionField::Absolute { bits: 48, value: 1 };
            assert_eq!(lanes.reliable(&mut context, first, b"\x01a", LIMITS, &mut queue, NOW), Ok(Taken::Yes));
            let next = PositionField::Relative(0);
            assert_eq!(lanes.reliable(&mut context, next, b"\x01b", LIMITS, &mut queue, NOW), Ok(Taken::Yes));
        }
        let got: Vec<_> = core::iter::from_fn(|| queue.pop()).map(|m| (m.lane, m.number, m.payload)).collect();
        let expected: Vec<_> = [9, 0, 255]
            .iter()
            .flat_map(|&lane| [(lane, 1, Bytes::from_static(b"a")), (lane, 2, Bytes::from_static(b"b"))])
            .collect();
        assert_eq!(got, expected);
    }
}
