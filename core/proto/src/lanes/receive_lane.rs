//! The receiving side of the lanes: expands the truncated numbers of segments and hands their data on (spec sections
//! 7.2 to 7.5).

use bytes::Bytes;

use super::LANE_MAX;
use super::budget::{Allowance, Books, StreamLimits};
use super::fragments::Fragments;
use super::payload::{Arrived as _, Payload, Plaintext};
use super::receive_queue::ReceiveQueue;
use super::stream::{Outlet, Segment, StreamError, StreamReceiver, Taken};
use crate::message::Message;
use crate::time::Timestamp;
use crate::wire::control::MAX_DATAGRAM_RECEIVED;
use crate::wire::frame::{NumberField, PositionField};

/// Unreliable segments with more data than this are ignored: no datagram carries them.
const SEGMENT_SIZE_MAX: usize = MAX_DATAGRAM_RECEIVED;
/// So are those that reach beyond this: no sender makes them.
const MESSAGE_END_MAX: usize = 26_000;
/// Message numbers and stream positions stay below this, so that sums with them never overflow.
const NUMBER_END: u64 = 1 << 62;
/// How many lanes there can be.
const LANES: u16 = LANE_MAX + 1;

/// What the peer did wrong: the connection is closed with 5002.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LaneError {
    /// In the reliable stream, or a message is too large.
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
    /// What it may cause.
    pub allowance: &'a mut Allowance,
}

/// All lanes the peer has sent on.
#[derive(Debug, Default)]
pub struct ReceiveLanes {
    /// By lane number; lanes spring into existence when first mentioned.
    lanes: Vec<Option<Box<ReceiveLane>>>,
    /// Incomplete unreliable messages of all lanes.
    fragments: Fragments,
    /// What is held, on all lanes.
    books: Books,
    /// Lanes with something that only a full queue, or the end of an allowance, holds back.
    stalled: LaneSet,
    /// Where the next [`pump`](Self::pump) begins, so that each lane has its turn.
    turn: u16,
    /// Something was left over that need not wait for the application.
    deferred: bool,
    steps: u64,
}

#[derive(Debug, Default)]
struct ReceiveLane {
    /// The highest message number seen.
    highest: u64,
    stream: StreamReceiver,
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
        let index = context.lane;
        let lane = self.lane(index);
        let expanded = match number {
            NumberField::Absolute16(low) => near(lane.highest, i64::from(low.wrapping_sub(lane.highest as u16) as i16)),
            NumberField::Absolute32(low) => near(lane.highest, i64::from(low.wrapping_sub(lane.highest as u32) as i32)),
            NumberField::Relative(step) => i128::from(context.number) + i128::from(step),
        };
        let number = u64::try_from(expanded)
            .ok()
            .filter(|&number| number > 0 && number < NUMBER_END)
            .ok_or(LaneError::BadNumber { lane: index, number: expanded })?;
        context.number = number;
        lane.highest = lane.highest.max(number);
        let (offset, limits) = (offset as usize, intake.limits);
        let end = offset.saturating_add(data.len());
        if data.len() > SEGMENT_SIZE_MAX || end > MESSAGE_END_MAX {
            return Ok(Taken::Yes);
        }
        if end > limits.unreliable_bytes {
            let error = StreamError::MessageTooLarge { size: end, limit: limits.unreliable_bytes };
            return Err(LaneError::Stream { lane: index, error });
        }
        self.books.queued = intake.queue.bytes();
        if offset > 0 || !last {
            return Ok(self.piece((index, number), offset, last, data, intake));
        }
        if !self.takes_unreliable(data.len(), intake) || !intake.allowance.step(1) {
            return Ok(Taken::Refused);
        }
        let shares = self.books.leaves_room(intake.packet.memory(), limits);
        let payload = if shares { intake.packet.keep(data) } else { Payload::own(Bytes::copy_from_slice(data)) };
        self.deliver_unreliable((index, number), payload, intake);
        Ok(Taken::Yes)
    }

    /// A piece of an unreliable message. More than there may be in a packet are not looked at: they may be lost.
    fn piece(&mut self, key: (u16, u64), offset: usize, last: bool, data: &[u8], intake: &mut Intake<'_>) -> Taken {
        if !intake.allowance.piece() {
            return Taken::Yes;
        }
        let complete = self.fragments.insert(key, offset, last, data);
        self.limit_fragments(intake.limits);
        match complete {
            Some(payload) if !self.takes_unreliable(payload.len(), intake) => Taken::Refused,
            Some(payload) => {
                self.deliver_unreliable(key, Payload::own(payload), intake);
                Taken::Yes
            }
            None => Taken::Yes,
        }
    }

    fn takes_unreliable(&self, size: usize, intake: &Intake<'_>) -> bool {
        !intake.queue.refuses_unreliable(size) && self.books.takes_whole(size, intake.limits)
    }

    fn deliver_unreliable(&mut self, (lane, number): (u16, u64), payload: Payload, intake: &mut Intake<'_>) {
        let time_received = intake.now;
        let message = Message { payload: payload.bytes, number, lane, reliable: false, time_received };
        intake.queue.push_part(message, payload.buffer);
        self.books.queued = intake.queue.bytes();
        self.limit_fragments(intake.limits);
    }

    /// A segment of the reliable stream arrived.
    pub fn reliable(
        &mut self,
        context: &mut SegmentContext,
        position: PositionField,
        data: &[u8],
        intake: &mut Intake<'_>,
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
        let segment = Segment { position, data, packet: intake.packet };
        let Intake { queue, limits, now, allowance, .. } = intake;
        self.on_stream(index, *limits, queue, *now, allowance, |lane, outlet| {
            lane.stream.insert(segment, &mut lane.highest, outlet)
        })
    }

    /// The application read messages, or there is time: goes on where a full queue or the end of an allowance stopped the
    /// streams.
    pub fn pump(&mut self, limits: StreamLimits, queue: &mut ReceiveQueue, now: Timestamp) -> Result<(), LaneError> {
        let mut allowance = Allowance::default();
        self.deferred = false;
        let first = self.turn;
        for stalled in self.stalled.from(first) {
            if !queue.takes_reliable() || allowance.is_deferred() {
                break;
            }
            self.turn = stalled;
            self.on_stream(stalled, limits, queue, now, &mut allowance, |lane, outlet| {
                lane.stream.pump(&mut lane.highest, outlet)
            })?;
        }
        self.end_datagram(&allowance);
        Ok(())
    }

    /// All of a datagram has been taken in.
    pub fn end_datagram(&mut self, allowance: &Allowance) {
        self.deferred |= allowance.is_deferred();
        self.steps += allowance.touched();
    }

    /// Whether a full queue, or the end of an allowance, holds back messages that have arrived.
    pub fn is_stalled(&self) -> bool {
        !self.stalled.is_empty()
    }

    /// Whether something was left over that need not wait for the application: [`pump`](Self::pump) is to be called soon.
    pub fn is_deferred(&self) -> bool {
        self.deferred
    }

    /// Bytes that are held, or spoken for, pieces of unreliable messages among them.
    pub fn held(&self, queue: &ReceiveQueue) -> usize {
        Books { queued: queue.bytes(), ..self.books }.held() + self.fragments.bytes()
    }

    /// Entries that were touched so far: what the work is measured by.
    pub fn steps(&self) -> u64 {
        self.steps + self.fragments.steps()
    }

    /// Has a lane's stream do something, and keeps the books.
    fn on_stream<T>(
        &mut self,
        index: u16,
        limits: StreamLimits,
        queue: &mut ReceiveQueue,
        now: Timestamp,
        allowance: &mut Allowance,
        change: impl FnOnce(&mut ReceiveLane, &mut Outlet<'_>) -> Result<T, StreamError>,
    ) -> Result<T, LaneError> {
        let Self { lanes, books, stalled, .. } = self;
        books.queued = queue.bytes();
        let mut outlet = Outlet { lane: index, now, limits, books, queue, allowance };
        let lane = lane_of(lanes, index);
        let changed = change(lane, &mut outlet);
        stalled.set(index, lane.stream.is_stalled());
        self.limit_fragments(limits);
        changed.map_err(|error| LaneError::Stream { lane: index, error })
    }

    /// Pieces of unreliable messages make room for everything else.
    fn limit_fragments(&mut self, limits: StreamLimits) {
        let room = limits.held_max().saturating_sub(self.books.held());
        self.fragments.limit(room.min(limits.buffer_bytes));
    }

    fn lane(&mut self, lane: u16) -> &mut ReceiveLane {
        lane_of(&mut self.lanes, lane)
    }
}

fn lane_of(lanes: &mut Vec<Option<Box<ReceiveLane>>>, lane: u16) -> &mut ReceiveLane {
    let index = usize::from(lane);
    if index >= lanes.len() {
        lanes.resize_with(index + 1, || None);
    }
    lanes[index].get_or_insert_default()
}

/// A set of lanes.
#[derive(Clone, Copy, Debug, Default)]
struct LaneSet([u64; 4]);

impl LaneSet {
    fn set(&mut self, lane: u16, is_in: bool) {
        let (word, bit) = (usize::from(lane / 64), 1 << (lane % 64));
        if let Some(word) = self.0.get_mut(word) {
            *word = if is_in { *word | bit } else { *word & !bit };
        }
    }

    fn is_empty(&self) -> bool {
        self.0 == [0; 4]
    }

    /// Those behind `first`, then the others up to it.
    fn from(self, first: u16) -> impl Iterator<Item = u16> {
        (1..=LANES)
            .map(move |step| (first + step) % LANES)
            .filter(move |&lane| self.0[usize::from(lane / 64)] & 1 << (lane % 64) != 0)
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

    const LIMITS: StreamLimits =
        StreamLimits { buffer_bytes: 1 << 20, message_bytes: 1 << 19, unreliable_bytes: 20_000 };
    const NOW: Timestamp = Timestamp::from_micros(1);

    #[derive(Default)]
    struct Bench {
        lanes: ReceiveLanes,
        queue: ReceiveQueue,
        limits: Option<StreamLimits>,
    }

    impl Bench {
        fn new() -> Self {
            let mut bench = Self::default();
            bench.queue.set_limits(100, 1 << 20);
            bench
        }

        /// Hands a packet of one segment in.
        fn take<T>(&mut self, data: &[u8], take: impl FnOnce(&mut ReceiveLanes, &mut Intake<'_>) -> T) -> T {
            let (packet, mut allowance) = (Plaintext::new(data), Allowance::default());
            let limits = self.limits.unwrap_or(LIMITS);
            let mut intake =
                Intake { packet: &packet, queue: &mut self.queue, limits, now: NOW, allowance: &mut allowance };
            let taken = take(&mut self.lanes, &mut intake);
            self.lanes.end_datagram(&allowance);
            assert!(self.lanes.held(&self.queue) <= limits.held_max(), "{:?}", self.lanes.books);
            taken
        }

        fn unreliable(
            &mut self,
            context: &mut SegmentContext,
            number: NumberField,
            offset: u32,
            last: bool,
            data: &[u8],
        ) -> Result<Taken, LaneError> {
            self.take(data, |lanes, intake| lanes.unreliable(context, number, offset, last, data, intake))
        }

        fn reliable(&mut self, lane: u16, position: u64, data: &[u8]) -> Taken {
            let (context, field) =
                (&mut SegmentContext::select(lane), PositionField::Absolute { bits: 48, value: position });
            self.take(data, |lanes, intake| lanes.reliable(context, field, data, intake)).unwrap()
        }

        fn pump(&mut self) {
            let limits = self.limits.unwrap_or(LIMITS);
            self.lanes.pump(limits, &mut self.queue, NOW).unwrap();
        }
    }

    #[test]
    fn numbers_expand_around_the_highest_seen() {
        let mut bench = Bench::new();
        let mut send = |context: &mut SegmentContext, number| {
            bench.unreliable(context, number, 0, true, b"x").map(|_| bench.queue.pop().map(|m| m.number))
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
        let mut bench = Bench::new();
        // On each lane the first message is missing, and 128 messages of a KiB came.
        let message = [&[0x20, 0x20][..], &[0; 1_024]].concat();
        let position = |index: u64| 3 + (index - 1) * message.len() as u64;
        let mut kept = 0;
        for lane in 0..=255 {
            kept += (1..=128).filter(|&i| bench.reliable(lane, position(i), &message) == Taken::Yes).count()
                * message.len();
        }
        let most = LIMITS.buffer_bytes - LIMITS.message_bytes / 8;
        assert!(kept <= most && kept > most - 2_000, "{kept}");
        assert_eq!(bench.reliable(255, 3, &message), Taken::Refused);
        assert_eq!(bench.reliable(255, 1, b"\x01a"), Taken::Yes, "next in order");
        assert_eq!(bench.reliable(255, 3, &message), Taken::Yes, "next in order");
        assert_eq!(bench.reliable(0, 1, b"\x01a"), Taken::Yes);
        while bench.lanes.is_deferred() {
            bench.pump();
        }
        assert_eq!(bench.queue.len(), 100, "lane 0 fills the queue");
        while bench.queue.pop().is_some() {
            bench.pump();
        }
        assert!(!bench.lanes.is_stalled());
        assert_eq!(bench.reliable(255, 5_000, &message), Taken::Yes, "what was delivered makes room");
    }

    #[test]
    fn all_lanes_share_what_is_kept_of_unreliable_messages() {
        let mut bench = Bench::new();
        bench.limits = Some(StreamLimits { buffer_bytes: 100_000, message_bytes: 20_000, ..LIMITS });
        let mut send = |lane, number, offset, last| {
            let (mut context, number) = (SegmentContext::select(lane), NumberField::Absolute32(number));
            bench.unreliable(&mut context, number, offset, last, &[0; 1_000]).unwrap();
            (bench.lanes.fragments.bytes(), bench.queue.len())
        };
        for lane in 0..=255 {
            for number in 1..=60 {
                assert!(send(lane, number, 1_000, true).0 <= 100_000);
            }
        }
        assert_eq!(send(255, 60, 0, false).1, 1, "the newest is still there");
        assert_eq!(send(0, 1, 0, false).1, 1, "the oldest is not");
    }

    #[test]
    fn unfinished_messages_on_all_lanes_share_one_budget_and_all_arrive() {
        // Messages of 512 KiB, a packet of each lane in turn, as an honest sender with many lanes does it; it sends again
        // what is refused. Small messages on another lane are not kept waiting.
        let message = [&[0x20, 0x80, 0x80, 0x01][..], &[7; 1 << 19]].concat();
        let (mut bench, mut sent, mut got, mut small) = (Bench::new(), [0_usize; 40], [0; 41], 0_u64);
        let mut read = |bench: &mut Bench| {
            while let Some(message) = bench.queue.pop() {
                bench.pump();
                got[usize::from(message.lane)] += u64::from(message.reliable);
            }
            got
        };
        let mut rounds = 0;
        while read(&mut bench)[..40].contains(&0) {
            for (lane, sent) in sent.iter_mut().enumerate() {
                let piece = &message[*sent..message.len().min(*sent + 1_200)];
                if !piece.is_empty() && bench.reliable(lane as u16, 1 + *sent as u64, piece) == Taken::Yes {
                    *sent += piece.len();
                }
                read(&mut bench);
            }
            assert_eq!(bench.reliable(40, 1 + 2 * small, b"\x01a"), Taken::Yes, "{:?}", bench.lanes.books);
            let (context, number) = (&mut SegmentContext::select(40), NumberField::Absolute32(1));
            assert_eq!(bench.unreliable(context, number, 0, true, b"state"), Ok(Taken::Yes));
            small += 1;
            rounds += 1;
            assert!(rounds < 40 * 500, "{sent:?}");
        }
        assert_eq!(read(&mut bench)[40], small, "none of them had to wait");
    }

    #[test]
    fn messages_above_the_limit_end_the_connection_whether_reliable_or_not() {
        let mut bench = Bench::new();
        bench.limits = Some(StreamLimits { unreliable_bytes: 1_000, ..LIMITS });
        let mut send = |offset, len| {
            let (context, number) = (&mut SegmentContext::default(), NumberField::Absolute32(1));
            bench.unreliable(context, number, offset, true, &vec![0; len])
        };
        assert_eq!(send(0, 1_000), Ok(Taken::Yes));
        assert_eq!(send(500, 500), Ok(Taken::Yes));
        assert_eq!(send(26_001, 0), Ok(Taken::Yes), "it only shows a number");
        for (offset, len) in [(0, 1_001), (501, 500)] {
            let error = StreamError::MessageTooLarge { size: 1_001, limit: 1_000 };
            assert_eq!(send(offset, len), Err(LaneError::Stream { lane: 0, error }));
        }
    }

    #[test]
    fn lanes_are_separate_streams() {
        let mut bench = Bench::new();
        for lane in [9, 0, 255] {
            let mut context = SegmentContext::select(lane);
            let first = PositionField::Absolute { bits: 48, value: 1 };
            let next = PositionField::Relative(0);
            bench.take(b"\x01a\x01b", |lanes, intake| {
                assert_eq!(lanes.reliable(&mut context, first, b"\x01a", intake), Ok(Taken::Yes));
                assert_eq!(lanes.reliable(&mut context, next, b"\x01b", intake), Ok(Taken::Yes));
            });
        }
        let got: Vec<_> = core::iter::from_fn(|| bench.queue.pop()).map(|m| (m.lane, m.number, m.payload)).collect();
        let expected: Vec<_> =
            [9, 0, 255].iter().flat_map(|&lane| [(lane, 1, "a".into()), (lane, 2, "b".into())]).collect();
        assert_eq!(got, expected);
    }
}
