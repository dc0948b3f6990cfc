//! The receiving side of the lanes: expands the truncated numbers of segments and hands their data on (spec sections
//! 7.2 to 7.5).

use bytes::Bytes;

use super::fragments::Fragments;
use super::payload::{Arrived as _, Plaintext};
use super::receive_queue::ReceiveQueue;
use super::stream::{Kept, MessageSink, Segment, StreamError, StreamLimits, StreamReceiver, Taken};
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

/// The packet that the segments stand in, and where their messages go.
pub struct Intake<'a> {
    /// The packet.
    pub packet: &'a Plaintext<'a>,
    /// Messages that are complete.
    pub queue: &'a mut ReceiveQueue,
    /// Bounds on what is kept of others.
    pub limits: StreamLimits,
    /// When the packet came.
    pub now: Timestamp,
}

/// All lanes the peer has sent on.
#[derive(Debug, Default)]
pub struct ReceiveLanes {
    /// By lane number, ascending.
    lanes: Vec<ReceiveLane>,
    /// What the streams of all lanes keep.
    kept: Kept,
    /// Bytes of incomplete unreliable messages on all lanes.
    fragment_bytes: usize,
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
    pub fn unreliable(
        &mut self,
        context: &mut SegmentContext,
        number: NumberField,
        offset: u32,
        last: bool,
        data: &[u8],
        intake: &mut Intake<'_>,
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
            Some(intake.packet.keep(data))
        } else {
            let before = lane.fragments.bytes();
            let complete = lane.fragments.insert(number, offset as usize, last, data);
            let after = lane.fragments.bytes();
            self.fragment_bytes = self.fragment_bytes - before + after;
            self.limit_fragments(intake.limits.buffer_bytes);
            complete
        };
        let Some(payload) = payload else {
            return Ok(Taken::Yes);
        };
        if intake.queue.is_full() {
            return Ok(Taken::Refused);
        }
        let (lane, time_received) = (context.lane, intake.now);
        intake.queue.push(Message { payload, number, lane, reliable: false, time_received });
        Ok(Taken::Yes)
    }

    /// A segment of the reliable stream arrived.
    pub fn reliable(
        &mut self,
        context: &mut SegmentContext,
        position: PositionField,
        data: &[u8],
        intake: &mut Intake<'_>,
    ) -> Result<Taken, LaneError> {
        let (index, kept) = (context.lane, self.kept);
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
        let Intake { packet, queue, limits, now } = intake;
        let mut sink = LaneSink { lane: index, now: *now, queue };
        let other_lanes = kept - lane.stream.kept();
        let segment = Segment { position, data, packet: *packet };
        let taken = lane.stream.insert(segment, *limits, other_lanes, &mut lane.highest, &mut sink);
        self.kept = other_lanes + lane.stream.kept();
        taken.map_err(|error| LaneError::Stream { lane: index, error })
    }

    /// The application read messages: goes on where a full queue stopped the streams.
    pub fn pump(&mut self, limits: StreamLimits, queue: &mut ReceiveQueue, now: Timestamp) -> Result<(), LaneError> {
        for lane in self.lanes.iter_mut().filter(|lane| lane.stream.is_stalled()) {
            let index = lane.lane;
            let mut sink = LaneSink { lane: index, now, queue };
            let other_lanes = self.kept - lane.stream.kept();
            let pumped = lane.stream.pump(limits, &mut lane.highest, &mut sink);
            self.kept = other_lanes + lane.stream.kept();
            pumped.map_err(|error| LaneError::Stream { lane: index, error })?;
        }
        Ok(())
    }

    /// Whether a full queue holds back messages that have arrived.
    pub fn is_stalled(&self) -> bool {
        self.lanes.iter().any(|lane| lane.stream.is_stalled())
    }

    /// Makes room for new pieces of unreliable messages by giving up old ones, where most are kept.
    fn limit_fragments(&mut self, bytes_max: usize) {
        while self.fragment_bytes > bytes_max
            && let Some(fragments) = self.lanes.iter_mut().map(|lane| &mut lane.fragments).max_by_key(|f| f.bytes())
        {
            let before = fragments.bytes();
            fragments.drop_oldest_message();
            self.fragment_bytes = self.fragment_bytes - before + fragments.bytes();
        }
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

    fn intake<'a>(packet: &'a Plaintext<'a>, queue: &'a mut ReceiveQueue) -> Intake<'a> {
        Intake { packet, queue, limits: LIMITS, now: NOW }
    }

    #[test]
    fn numbers_expand_around_the_highest_seen() {
        let (mut lanes, mut queue) = (ReceiveLanes::default(), queue());
        let mut send = |context: &mut SegmentContext, number| {
            lanes
                .unreliable(context, number, 0, true, b"x", &mut intake(&Plaintext::new(b"x"), &mut queue))
                .map(|_| queue.pop().map(|m| m.number))
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
    fn all_lanes_share_what_is_kept_out_of_order_and_order_is_always_taken() {
        let (mut lanes, mut queue) = (ReceiveLanes::default(), queue());
        let at = |value| PositionField::Absolute { bits: 48, value };
        let mut send = |lane, position, data: &[u8]| {
            let mut context = SegmentContext::select(lane);
            lanes.reliable(&mut context, at(position), data, &mut intake(&Plaintext::new(data), &mut queue)).unwrap()
        };
        // On each lane the first message is missing, and 128 messages of a KiB came.
        let message = [&[0x20, 0x20][..], &[0; 1_024]].concat();
        let position = |index: u64| 3 + (index - 1) * message.len() as u64;
        let mut kept = 0;
        for lane in 0..=255 {
            kept += (1..=128).filter(|&i| send(lane, position(i), &message) == Taken::Yes).count() * message.len();
        }
        assert!(kept <= LIMITS.buffer_bytes && kept > LIMITS.buffer_bytes - 2_000, "{kept}");
        assert_eq!(send(255, 3, &message), Taken::Refused);
        assert_eq!(send(255, 1, b"\x01a"), Taken::Yes, "next in order");
        assert_eq!(send(255, 3, &message), Taken::Yes, "next in order");
        assert_eq!(send(0, 1, b"\x01a"), Taken::Yes);
        assert_eq!(queue.len(), 100, "lane 0 fills the queue");
        while queue.pop().is_some() {
            lanes.pump(LIMITS, &mut queue, NOW).unwrap();
        }
        assert_eq!(lanes.kept, lanes.lanes.iter().fold(Kept::default(), |sum, lane| sum + lane.stream.kept()));
        let mut context = SegmentContext::select(255);
        let freed =
            lanes.reliable(&mut context, at(5_000), &message, &mut intake(&Plaintext::new(&message), &mut queue));
        assert_eq!(freed, Ok(Taken::Yes), "what was delivered makes room");
    }

    #[test]
    fn all_lanes_share_what_is_kept_of_unreliable_messages() {
        let (mut lanes, mut queue) = (ReceiveLanes::default(), queue());
        let mut send = |lane, number, offset, last| {
            let (mut context, number) = (SegmentContext::select(lane), NumberField::Absolute32(number));
            let data = [0; 1_000];
            let packet = Plaintext::new(&data);
            lanes.unreliable(&mut context, number, offset, last, &data, &mut intake(&packet, &mut queue)).unwrap();
            (lanes.fragment_bytes, queue.len())
        };
        for lane in 0..=255 {
            for number in 1..=60 {
                assert!(send(lane, number, 1_000, true).0 <= LIMITS.buffer_bytes);
            }
        }
        assert_eq!(send(255, 60, 0, false).1, 1, "the newest is still there");
        assert_eq!(send(0, 1, 0, false).1, 1, "the oldest is not");
    }

    #[test]
    fn lanes_are_separate_streams() {
        let (mut lanes, mut queue) = (ReceiveLanes::default(), queue());
        for lane in [9, 0, 255] {
            let mut context = SegmentContext::select(lane);
            let first = PositionField::Absolute { bits: 48, value: 1 };
            let packet = Plaintext::new(b"\x01a\x01b");
            let mut intake = intake(&packet, &mut queue);
            assert_eq!(lanes.reliable(&mut context, first, b"\x01a", &mut intake), Ok(Taken::Yes));
            let next = PositionField::Relative(0);
            assert_eq!(lanes.reliable(&mut context, next, b"\x01b", &mut intake), Ok(Taken::Yes));
        }
        let got: Vec<_> = core::iter::from_fn(|| queue.pop()).map(|m| (m.lane, m.number, m.payload)).collect();
        let expected: Vec<_> = [9, 0, 255]
            .iter()
            .flat_map(|&lane| [(lane, 1, Bytes::from_static(b"a")), (lane, 2, Bytes::from_static(b"b"))])
            .collect();
        assert_eq!(got, expected);
    }
}
