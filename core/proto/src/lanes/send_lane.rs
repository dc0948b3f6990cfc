//! One lane's outgoing messages: a reliable byte stream that is kept until it is acknowledged, and unreliable messages
//! that are forgotten once sent, in the order the application sent both.

use core::ops::Range;
use std::collections::VecDeque;

use super::ranges::RangeSet;
use crate::wire::frame::stream::{encode_message_header, message_header_len};

/// Buffers larger than this are given back when they run empty.
const KEEP_CAPACITY: usize = 16 * 1024;

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

/// An unreliable message not sent in full. Its bytes stand in `SendLane::unreliable_bytes`.
#[derive(Clone, Copy, Debug)]
struct UnreliableMessage {
    number: u64,
    len: usize,
    sent: usize,
    /// It goes after the reliable bytes below this position, which were sent before it.
    after: u64,
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
    unreliable: VecDeque<UnreliableMessage>,
    unreliable_bytes: VecDeque<u8>,
    last_number: u64,
    last_reliable_number: u64,
}

impl Default for SendLane {
    fn default() -> Self {
        Self {
            stream: VecDeque::new(),
            base: 1,
            unsent: 1,
            acked: RangeSet::default(),
            retransmit: RangeSet::default(),
            unreliable: VecDeque::new(),
            unreliable_bytes: VecDeque::new(),
            last_number: 0,
            last_reliable_number: 0,
        }
    }
}

impl SendLane {
    /// Queues a reliable message; answers its number.
    pub fn queue_reliable(&mut self, payload: &[u8]) -> u64 {
        self.last_number += 1;
        let gap = self.last_number - self.last_reliable_number;
        self.last_reliable_number = self.last_number;
        let size = payload.len() as u32;
        let mut header = Vec::new();
        if payload.len() < 32 && gap == 1 {
            // The most common header is one byte: no allocation for it.
            self.stream.push_back(size as u8);
        } else {
            header.reserve(message_header_len(gap, size));
            encode_message_header(&mut header, gap, size);
            self.stream.extend(&header);
        }
        self.stream.extend(payload);
        self.last_number
    }

    /// Queues an unreliable message; answers its number.
    pub fn queue_unreliable(&mut self, payload: &[u8]) -> u64 {
        self.last_number += 1;
        let message = UnreliableMessage { number: self.last_number, len: payload.len(), sent: 0, after: self.end() };
        self.unreliable.push_back(message);
        self.unreliable_bytes.extend(payload);
        self.last_number
    }

    /// Bytes of unreliable messages not sent yet.
    pub fn pending_unreliable(&self) -> usize {
        self.unreliable_bytes.len()
    }

    /// Bytes of the reliable stream never sent, or to be sent again.
    pub fn pending_reliable(&self) -> usize {
        (self.end() - self.unsent + self.retransmit.len()) as usize
    }

    /// Bytes of the reliable stream on their way.
    pub fn in_flight(&self) -> usize {
        (self.unsent - self.base - self.acked.len() - self.retransmit.len()) as usize
    }

    /// Whether something is there that was never sent. A message may be empty, so bytes do not tell.
    pub fn has_new(&self) -> bool {
        self.unsent < self.end() || !self.unreliable.is_empty()
    }

    /// The next bytes to send again.
    pub fn next_retransmit(&self) -> Option<NextSegment> {
        let range = self.retransmit.first()?;
        Some(NextSegment::Reliable { start: range.start, len: (range.end - range.start) as usize })
    }

    /// The next bytes that were never sent.
    pub fn next_new(&self) -> Option<NextSegment> {
        let reliable_end = match self.unreliable.front() {
            Some(message) if message.after <= self.unsent => {
                let &UnreliableMessage { number, sent, len, .. } = message;
                return Some(NextSegment::Unreliable { number, offset: sent, len: len - sent });
            }
            Some(message) => message.after,
            None => self.end(),
        };
        let len = (reliable_end - self.unsent) as usize;
        (len > 0).then_some(NextSegment::Reliable { start: self.unsent, len })
    }

    /// Appends stream bytes to a packet.
    pub fn copy_stream(&self, start: u64, len: usize, out: &mut Vec<u8>) {
        let from = (start - self.base) as usize;
        copy_range(&self.stream, from..from + len, out);
    }

    /// Stream bytes `[start, start + len)` were put into a packet.
    pub fn reliable_sent(&mut self, start: u64, len: usize) {
        let end = start + len as u64;
        if start >= self.unsent {
            self.unsent = end;
        } else {
            self.retransmit.remove(start..end);
        }
    }

    /// Moves the next `len` bytes of the unreliable message in front into a packet.
    pub fn take_unreliable(&mut self, len: usize, out: &mut Vec<u8>) {
        copy_range(&self.unreliable_bytes, 0..len, out);
        self.unreliable_bytes.drain(..len);
        if let Some(message) = self.unreliable.front_mut() {
            message.sent += len;
            if message.sent >= message.len {
                self.unreliable.pop_front();
            }
        }
        release(&mut self.unreliable_bytes);
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
        release(&mut self.stream);
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

    /// Whether every reliable byte has been acknowledged.
    pub fn is_delivered(&self) -> bool {
        self.base == self.end()
    }

    /// Forgets everything that waits.
    pub fn clear(&mut self) {
        let numbers = (self.last_number, self.last_reliable_number);
        *self = Self { last_number: numbers.0, last_reliable_number: numbers.1, ..Self::default() };
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

fn release(bytes: &mut VecDeque<u8>) {
    if bytes.is_empty() && bytes.capacity() > KEEP_CAPACITY {
        *bytes = VecDeque::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn send_all_new(lane: &mut SendLane) -> Vec<u8> {
        let mut out = Vec::new();
        while let Some(NextSegment::Reliable { start, len }) = lane.next_new() {
            lane.copy_stream(start, len, &mut out);
            lane.reliable_sent(start, len);
        }
        out
    }

    #[test]
    fn keeps_the_order_of_reliable_and_unreliable() {
        let mut lane = SendLane::default();
        assert_eq!(lane.queue_reliable(b"a"), 1);
        assert_eq!(lane.queue_unreliable(b"bc"), 2);
        assert_eq!(lane.queue_reliable(b"d"), 3);
        assert_eq!(lane.next_new(), Some(NextSegment::Reliable { start: 1, len: 2 }));
        lane.reliable_sent(1, 2);
        assert_eq!(lane.next_new(), Some(NextSegment::Unreliable { number: 2, offset: 0, len: 2 }));
        let mut out = Vec::new();
        lane.take_unreliable(1, &mut out);
        assert_eq!(lane.next_new(), Some(NextSegment::Unreliable { number: 2, offset: 1, len: 1 }));
        lane.take_unreliable(1, &mut out);
        assert_eq!(out, b"bc");
        // Header with a gap of two (0x40), then "d".
        assert_eq!(lane.next_new(), Some(NextSegment::Reliable { start: 3, len: 3 }));
        assert_eq!(send_all_new(&mut lane), b"\x41\x02d");
        assert!(!lane.has_new());
    }

    #[test]
    fn loses_and_acknowledges_in_any_order() {
        let mut lane = SendLane::default();
        lane.queue_reliable(&[7; 99]);
        assert_eq!(lane.pending_reliable(), 101);
        let bytes = send_all_new(&mut lane);
        assert_eq!((bytes.len(), lane.in_flight(), lane.pending_reliable()), (101, 101, 0));
        lane.acknowledged(11..21);
        lane.lost(1..31);
        assert_eq!(lane.next_retransmit(), Some(NextSegment::Reliable { start: 1, len: 10 }));
        assert_eq!((lane.in_flight(), lane.pending_reliable()), (71, 20));
        lane.acknowledged(1..11);
        assert_eq!(lane.next_retransmit(), Some(NextSegment::Reliable { start: 21, len: 10 }));
        lane.reliable_sent(21, 10);
        lane.lost(5..8);
        assert_eq!(lane.next_retransmit(), None, "already acknowledged");
        lane.acknowledged(21..102);
        assert!(lane.is_delivered());
        assert_eq!((lane.in_flight(), lane.pending_reliable()), (0, 0));
    }

    #[test]
    fn an_empty_unreliable_message_is_something_to_send() {
        let mut lane = SendLane::default();
        lane.queue_unreliable(b"");
        assert!(lane.has_new());
        assert_eq!(lane.next_new(), Some(NextSegment::Unreliable { number: 1, offset: 0, len: 0 }));
        lane.take_unreliable(0, &mut Vec::new());
        assert!(!lane.has_new());
    }
}
