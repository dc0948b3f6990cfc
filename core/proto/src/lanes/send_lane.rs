//! One lane's outgoing messages: a reliable byte stream that is kept until it is acknowledged, and unreliable messages
//! that are forgotten once sent, in the order the application sent both.

use core::ops::Range;
use std::collections::VecDeque;

use smallvec::SmallVec;

use super::ranges::RangeSet;
use super::release;
use super::unreliable_queue::{Delivery, UnreliableQueue};
use super::window::SendWindow;
use crate::time::Timestamp;
use crate::wire::frame::Credit;
use crate::wire::frame::stream::{MAX_MESSAGE_HEADER_LEN, encode_message_header};

/// How far the number of a reliable message may be above the lane's previous one (spec section 7.9).
const NUMBER_GAP_MAX: u64 = 1_000_000;
/// How far it may be above the highest that the receiver has seen on the lane (spec section 7.9).
const NUMBER_JUMP_MAX: u64 = 10_000;
/// No packet takes more of the stream than this in one piece.
const SEGMENT_MAX: u64 = 2_048;

/// What a lane wants to put into a packet next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextSegment {
    /// Bytes `[start, start + len)` of the reliable stream.
    Reliable {
        /// Stream position.
        start: u64,
        /// Bytes available from there on.
        len: usize,
    },
    /// Part of an unreliable message.
    Unreliable {
        /// Message number.
        number: u64,
        /// Offset of the first byte not sent yet.
        offset: usize,
        /// Bytes of the message from there on.
        len: usize,
    },
}

/// A reliable message none of whose bytes has been sent.
#[derive(Clone, Copy, Debug)]
struct Unbegun {
    /// Stream position of its header.
    start: u64,
    /// Size of its payload, bytes.
    len: u32,
}

/// A gap in the numbers of reliable messages that the receiver has to be prepared for.
#[derive(Clone, Copy, Debug)]
struct Jump {
    /// Message number to show first.
    number: u64,
    /// Stream position behind the header with the gap.
    header_end: u64,
}

/// What waits on a lane and what is on its way, bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LaneBytes {
    /// Of unreliable messages not sent yet.
    pub unreliable: usize,
    /// Of the reliable stream never sent, or to be sent again.
    pub reliable: usize,
    /// Of the reliable stream, to be sent again.
    pub retransmit: usize,
    /// Of the reliable stream on their way.
    pub in_flight: usize,
}

impl LaneBytes {
    /// Bytes not sent yet, or to be sent again.
    pub fn pending(self) -> usize {
        self.unreliable + self.reliable
    }

    /// In a sum over lanes: one of them has changed.
    pub(super) fn replace(&mut self, old: Self, new: Self) {
        self.unreliable = self.unreliable + new.unreliable - old.unreliable;
        self.reliable = self.reliable + new.reliable - old.reliable;
        self.retransmit = self.retransmit + new.retransmit - old.retransmit;
        self.in_flight = self.in_flight + new.in_flight - old.in_flight;
    }
}

/// The sending side of a lane.
#[derive(Clone, Debug)]
pub struct SendLane {
    /// Reliable bytes that are not acknowledged, or not sent.
    stream: VecDeque<u8>,
    /// Stream position of `stream[0]`: everything below has been acknowledged.
    base: u64,
    /// Stream position of the first byte never sent.
    unsent: u64,
    /// Acknowledged above `base`.
    acked: RangeSet,
    /// Sent, and to be sent again.
    retransmit: RangeSet,
    unbegun: VecDeque<Unbegun>,
    unreliable: UnreliableQueue,
    last_number: u64,
    last_reliable_number: u64,
    jump: Option<Jump>,
}

impl Default for SendLane {
    fn default() -> Self {
        Self {
            stream: VecDeque::new(),
            base: 1,
            unsent: 1,
            acked: RangeSet::default(),
            retransmit: RangeSet::default(),
            unbegun: VecDeque::new(),
            unreliable: UnreliableQueue::default(),
            last_number: 0,
            last_reliable_number: 0,
            jump: None,
        }
    }
}

impl SendLane {
    /// Queues a reliable message; answers its number.
    ///
    /// That is one more than the lane's last. Only after a million unreliable messages without a reliable one it is less, since
    /// receivers take no larger gap between reliable messages; unreliable ones go on where they were.
    pub fn queue_reliable(&mut self, payload: &[u8]) -> u64 {
        let number = (self.last_number + 1).min(self.last_reliable_number + NUMBER_GAP_MAX);
        let gap = number - self.last_reliable_number;
        self.last_number = self.last_number.max(number);
        self.last_reliable_number = number;
        let (start, len) = (self.end(), payload.len() as u32);
        let mut header = SmallVec::<[u8; MAX_MESSAGE_HEADER_LEN]>::new();
        encode_message_header(&mut header, gap, len);
        self.stream.extend(&header[..]);
        if gap > NUMBER_JUMP_MAX {
            self.jump = Some(Jump { number: number - 1, header_end: self.end() });
        }
        self.stream.extend(payload);
        self.unbegun.push_back(Unbegun { start, len });
        number
    }

    /// Queues an unreliable message, or replaces the one with its key; answers its number.
    pub fn queue_unreliable(&mut self, payload: &[u8], delivery: Delivery) -> u64 {
        if let Some(number) = self.unreliable.replace(payload, delivery) {
            return number;
        }
        self.last_number += 1;
        self.unreliable.push(self.last_number, payload, self.end(), delivery);
        self.last_number
    }

    /// Size of the unreliable message that one with this key would replace.
    pub fn replaceable_len(&self, key: u64) -> Option<usize> {
        self.unreliable.replaceable_len(key)
    }

    /// Drops the unreliable messages that have not begun before their deadline; answers whether there were any.
    pub fn expire(&mut self, now: Timestamp) -> bool {
        self.unreliable.expire(now)
    }

    /// The earliest deadline of an unreliable message that has not begun.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.unreliable.next_deadline()
    }

    /// What waits and what is on its way.
    pub fn bytes(&self) -> LaneBytes {
        let (unsent, retransmit) = (self.end() - self.unsent, self.retransmit.len());
        LaneBytes {
            unreliable: self.unreliable.bytes(),
            reliable: (unsent + retransmit) as usize,
            retransmit: retransmit as usize,
            in_flight: (self.unsent - self.base - self.acked.len() - retransmit) as usize,
        }
    }

    /// Whether something is there that was never sent. A message may be empty, so bytes do not tell.
    pub fn has_new(&self) -> bool {
        self.unsent < self.end() || !self.unreliable.is_empty()
    }

    /// Whether something may be sent, given whether the peer lets reliable messages begin.
    pub fn is_sendable(&self, may_begin: bool) -> bool {
        let begun_end = || self.unbegun.front().map_or(self.end(), |message| message.start);
        !self.retransmit.is_empty()
            || !self.unreliable.is_empty()
            || self.unsent < if may_begin { self.end() } else { begun_end() }
    }

    /// The next bytes to send again.
    pub fn next_retransmit(&self) -> Option<NextSegment> {
        let range = self.retransmit.first()?;
        Some(NextSegment::Reliable { start: range.start, len: (range.end - range.start) as usize })
    }

    /// The next bytes that were never sent, as far as the peer takes them.
    pub fn next_new(&self, window: Option<SendWindow>) -> Option<NextSegment> {
        let front = self.unreliable.front();
        let wanted = front.map_or(self.end(), |front| front.after);
        let end = window.map_or(wanted, |window| self.begin_until(window, wanted));
        let reliable_until = |end: u64| {
            let len = end.checked_sub(self.unsent).filter(|&len| len > 0)?;
            Some(NextSegment::Reliable { start: self.unsent, len: len as usize })
        };
        let Some(front) = front else {
            return reliable_until(end);
        };
        let unreliable =
            NextSegment::Unreliable { number: front.number, offset: front.sent, len: front.len - front.sent };
        // It overtakes what a full receiver holds back.
        reliable_until(end).or(Some(unreliable))
    }

    /// A message number that the receiver has to see before it is given bytes of the stream: the number in one of their
    /// headers would be too far above the highest it knows, if it has lost all unreliable messages in between.
    pub fn number_to_show(&self) -> Option<u64> {
        self.jump.map(|jump| jump.number)
    }

    /// Appends stream bytes to a packet.
    pub fn copy_stream(&self, start: u64, len: usize, out: &mut Vec<u8>) {
        let from = (start - self.base) as usize;
        copy_range(&self.stream, from..from + len, out);
    }

    /// Stream bytes `[start, start + len)` were put into a packet; answers the messages that have begun with them.
    pub fn reliable_sent(&mut self, start: u64, len: usize) -> Credit {
        let end = start + len as u64;
        let mut begun = Credit::default();
        if start < self.unsent {
            self.retransmit.remove(start..end);
            return begun;
        }
        self.unsent = end;
        while let Some(message) = self.unbegun.front().filter(|message| message.start < end) {
            begun.messages += 1;
            begun.bytes += u64::from(message.len);
            self.unbegun.pop_front();
        }
        begun
    }

    /// Moves the next `len` bytes of the unreliable message in front into a packet.
    pub fn take_unreliable(&mut self, len: usize, out: &mut Vec<u8>) {
        self.unreliable.take(len, out);
    }

    /// The peer has these stream bytes.
    pub fn acknowledged(&mut self, range: Range<u64>) {
        let range = range.start.max(self.base)..range.end.min(self.unsent);
        if range.is_empty() {
            return;
        }
        self.retransmit.remove(range.clone());
        if range.start > self.base {
            self.acked.insert(range);
            return;
        }
        let mut base = range.end;
        while let Some(next) = self.acked.first().filter(|next| next.start <= base) {
            base = base.max(next.end);
            self.acked.remove(next);
        }
        self.stream.drain(..(base - self.base) as usize);
        self.base = base;
        self.jump = self.jump.filter(|jump| jump.header_end > base);
    }

    /// A packet with these stream bytes is lost: what the peer has not got otherwise is sent again.
    pub fn lost(&mut self, range: Range<u64>) {
        let range = range.start.max(self.base)..range.end.min(self.unsent);
        if range.is_empty() {
            return;
        }
        for missing in self.acked.missing(range) {
            self.retransmit.insert(missing);
        }
    }

    /// Gives back memory that only a burst needed.
    pub fn release(&mut self) {
        release(&mut self.stream);
        release(&mut self.unbegun);
        self.unreliable.release();
    }

    /// Forgets everything that waits.
    pub fn clear(&mut self) {
        let numbers = (self.last_number, self.last_reliable_number);
        *self = Self { last_number: numbers.0, last_reliable_number: numbers.1, ..Self::default() };
    }

    /// Where the messages end that the window lets begin, looking no further than a packet reaches, nor than `wanted`.
    fn begin_until(&self, mut window: SendWindow, wanted: u64) -> u64 {
        for message in &self.unbegun {
            if message.start >= wanted {
                return wanted;
            }
            if message.start >= self.unsent + SEGMENT_MAX || !window.is_open() {
                return message.start;
            }
            window.begin(Credit { messages: 1, bytes: message.len.into() });
        }
        wanted
    }

    fn end(&self) -> u64 {
        self.base + self.stream.len() as u64
    }
}

fn copy_range(bytes: &VecDeque<u8>, range: Range<usize>, out: &mut Vec<u8>) {
    let (head, tail) = bytes.as_slices();
    let split = head.len();
    if range.start < split {
        out.extend_from_slice(&head[range.start..range.end.min(split)]);
    }
    if range.end > split {
        out.extend_from_slice(&tail[range.start.max(split) - split..range.end - split]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn send_all_new(lane: &mut SendLane) -> Vec<u8> {
        let mut out = Vec::new();
        while let Some(NextSegment::Reliable { start, len }) = lane.next_new(None) {
            lane.copy_stream(start, len, &mut out);
            lane.reliable_sent(start, len);
        }
        out
    }

    fn in_flight_and_pending(lane: &SendLane) -> (usize, usize) {
        (lane.bytes().in_flight, lane.bytes().reliable)
    }

    #[test]
    fn a_closed_window_lets_begun_messages_end_and_unreliable_ones_pass() {
        let mut lane = SendLane::default();
        lane.queue_reliable(&[1; 10]);
        lane.queue_reliable(&[2; 10]);
        lane.queue_unreliable(b"fast", Delivery::default());
        let mut window = SendWindow::new(Credit { messages: 1, bytes: 1_000 });
        assert_eq!(lane.next_new(Some(window)), Some(NextSegment::Reliable { start: 1, len: 11 }));
        window.begin(lane.reliable_sent(1, 4));
        assert!(!window.is_open() && lane.is_sendable(false));
        assert_eq!(lane.next_new(Some(window)), Some(NextSegment::Reliable { start: 5, len: 7 }));
        assert_eq!(lane.reliable_sent(5, 7), Credit::default());
        assert_eq!(lane.next_new(Some(window)), Some(NextSegment::Unreliable { number: 3, offset: 0, len: 4 }));
        lane.take_unreliable(4, &mut Vec::new());
        assert_eq!(lane.next_new(Some(window)), None);
        assert!(!lane.is_sendable(false) && lane.is_sendable(true) && lane.has_new());
    }

    #[test]
    fn numbers_stay_within_what_receivers_take() {
        let mut lane = SendLane::default();
        for expected in 1..=NUMBER_GAP_MAX + 5 {
            assert_eq!(lane.queue_unreliable(b"", Delivery::default()), expected);
            lane.take_unreliable(0, &mut Vec::new());
        }
        assert_eq!(lane.queue_reliable(b"x"), NUMBER_GAP_MAX);
        assert_eq!(lane.number_to_show(), Some(NUMBER_GAP_MAX - 1));
        let header_end = lane.end() - 1;
        assert_eq!(lane.queue_unreliable(b"", Delivery::default()), NUMBER_GAP_MAX + 6);
        assert_eq!(lane.queue_reliable(b"y"), NUMBER_GAP_MAX + 7);
        let end = lane.end();
        lane.reliable_sent(1, (end - 1) as usize);
        lane.acknowledged(1..header_end - 1);
        assert!(lane.number_to_show().is_some());
        lane.acknowledged(1..header_end);
        assert_eq!(lane.number_to_show(), None);
    }

    #[test]
    fn keeps_the_order_of_reliable_and_unreliable() {
        let mut lane = SendLane::default();
        assert_eq!(lane.queue_reliable(b"a"), 1);
        assert_eq!(lane.queue_unreliable(b"bc", Delivery::default()), 2);
        assert_eq!(lane.queue_reliable(b"d"), 3);
        assert_eq!(lane.next_new(None), Some(NextSegment::Reliable { start: 1, len: 2 }));
        lane.reliable_sent(1, 2);
        assert_eq!(lane.next_new(None), Some(NextSegment::Unreliable { number: 2, offset: 0, len: 2 }));
        let mut out = Vec::new();
        lane.take_unreliable(1, &mut out);
        assert_eq!(lane.next_new(None), Some(NextSegment::Unreliable { number: 2, offset: 1, len: 1 }));
        lane.take_unreliable(1, &mut out);
        assert_eq!(out, b"bc");
        // Header with a gap of two (0x40), then "d".
        assert_eq!(lane.next_new(None), Some(NextSegment::Reliable { start: 3, len: 3 }));
        assert_eq!(send_all_new(&mut lane), b"\x41\x02d");
        assert!(!lane.has_new());
    }

    #[test]
    fn loses_and_acknowledges_in_any_order() {
        let mut lane = SendLane::default();
        lane.queue_reliable(&[7; 99]);
        assert_eq!(lane.bytes().reliable, 101);
        let bytes = send_all_new(&mut lane);
        assert_eq!((bytes.len(), in_flight_and_pending(&lane)), (101, (101, 0)));
        lane.acknowledged(11..21);
        lane.lost(1..31);
        assert_eq!(lane.next_retransmit(), Some(NextSegment::Reliable { start: 1, len: 10 }));
        assert_eq!(in_flight_and_pending(&lane), (71, 20));
        lane.acknowledged(1..11);
        assert_eq!(lane.next_retransmit(), Some(NextSegment::Reliable { start: 21, len: 10 }));
        lane.reliable_sent(21, 10);
        lane.lost(5..8);
        assert_eq!(lane.next_retransmit(), None, "already acknowledged");
        lane.acknowledged(21..102);
        assert_eq!(in_flight_and_pending(&lane), (0, 0));
    }

    #[test]
    fn an_empty_unreliable_message_is_something_to_send() {
        let mut lane = SendLane::default();
        lane.queue_unreliable(b"", Delivery::default());
        assert!(lane.has_new());
        assert_eq!(lane.next_new(None), Some(NextSegment::Unreliable { number: 1, offset: 0, len: 0 }));
        lane.take_unreliable(0, &mut Vec::new());
        assert!(!lane.has_new());
    }
}
