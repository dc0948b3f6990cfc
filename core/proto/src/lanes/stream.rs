//! Puts a lane's reliable stream together and cuts it into messages (spec sections 7.9 and 7.10).

use core::ops::{Add, Sub};
use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};

use super::payload::Arrived;
use crate::wire::frame::FrameError;
use crate::wire::frame::stream::{HeaderDecode, MAX_MESSAGE_HEADER_LEN, decode_message_header};

/// Runs kept beyond gaps, on all lanes: so many, and more where the buffer is larger than this many bytes for each. A
/// segment that would make more is refused and comes again.
const RUNS_MAX: usize = 1_024;
const BYTES_PER_RUN: usize = 512;
/// How far a message number may be above the highest seen on the lane.
const NUMBER_JUMP_MAX: u64 = 10_000;
/// No more is reserved ahead of the bytes that have arrived, whatever size a header claims, than this or three times as
/// much as has arrived: so no message moves often while it grows, and none costs much that is never sent.
const RESERVE_MIN: usize = 16 * 1024;

/// What the peer did wrong: the connection is closed with 5002.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// The framing inside the stream does not decode.
    #[error(transparent)]
    Framing(#[from] FrameError),
    /// A message is larger than we accept.
    #[error("a message of {size} bytes exceeds the limit of {limit}")]
    MessageTooLarge {
        /// Its size, bytes.
        size: usize,
        /// `RecvMaxMessageSize`, bytes.
        limit: usize,
    },
    /// A message number jumped too far.
    #[error("message number {number} is too far above {highest}")]
    NumberLurch {
        /// The number.
        number: u64,
        /// The highest number seen on the lane.
        highest: u64,
    },
}

/// Whether a segment was taken. One that was not must not be acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Kept, delivered, or already known.
    Yes,
    /// There is no room for it now; the peer sends it again.
    Refused,
}

/// Where complete messages go.
pub trait MessageSink {
    /// Whether no further message can be taken now.
    fn is_full(&self) -> bool;
    /// Takes a message.
    fn deliver(&mut self, number: u64, payload: Bytes);
}

/// Bounds on what a peer may make us keep.
#[derive(Clone, Copy, Debug)]
pub struct StreamLimits {
    /// Bytes beyond gaps, on all lanes together; also how far they may be beyond the first that was not delivered.
    pub buffer_bytes: usize,
    /// Largest message, bytes.
    pub message_bytes: usize,
}

/// What is kept of streams whose turn has not come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Bytes.
    pub bytes: usize,
    /// In so many pieces.
    pub runs: usize,
}

impl Kept {
    /// Whether another run of `len` bytes may be kept too.
    fn leaves_room(self, len: usize, limits: StreamLimits) -> bool {
        let runs_max = RUNS_MAX.max(limits.buffer_bytes / BYTES_PER_RUN);
        self.bytes.saturating_add(len) <= limits.buffer_bytes && self.runs < runs_max
    }
}

impl Add for Kept {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self { bytes: self.bytes + more.bytes, runs: self.runs + more.runs }
    }
}

impl Sub for Kept {
    type Output = Self;

    fn sub(self, part: Self) -> Self {
        Self { bytes: self.bytes - part.bytes, runs: self.runs - part.runs }
    }
}

/// A piece of the stream.
pub struct Segment<'a, A> {
    /// Of its first byte.
    pub position: u64,
    /// Its bytes.
    pub data: &'a [u8],
    /// What they are a part of.
    pub packet: &'a A,
}

/// The receiving side of a lane's reliable stream.
#[derive(Debug)]
pub struct StreamReceiver {
    /// Position of the first byte the parser has not seen.
    next: u64,
    /// Runs above `next`, disjoint, by position.
    ahead: BTreeMap<u64, Bytes>,
    /// Bytes in `ahead`.
    ahead_bytes: usize,
    parser: Parser,
}

impl Default for StreamReceiver {
    fn default() -> Self {
        Self { next: 1, ahead: BTreeMap::new(), ahead_bytes: 0, parser: Parser::default() }
    }
}

impl StreamReceiver {
    /// The position after the last byte that arrived, holes included: what truncated positions are expanded around.
    pub fn expected(&self) -> u64 {
        self.ahead.last_key_value().map_or(self.next, |(&start, run)| start + run.len() as u64)
    }

    /// What is kept although its turn has not come.
    pub fn kept(&self) -> Kept {
        Kept { bytes: self.ahead_bytes, runs: self.ahead.len() }
    }

    /// A segment arrived. Complete messages go to `sink`. `highest` is the highest message number of the lane.
    ///
    /// What is next in order is taken whenever the sink has room, whatever the `other_lanes` keep: nothing could go on
    /// without it.
    pub fn insert(
        &mut self,
        Segment { position, data, packet }: Segment<'_, impl Arrived>,
        limits: StreamLimits,
        other_lanes: Kept,
        highest: &mut u64,
        sink: &mut impl MessageSink,
    ) -> Result<Taken, StreamError> {
        let end = position.saturating_add(data.len() as u64);
        if end <= self.next {
            return Ok(Taken::Yes);
        }
        if end - self.next > limits.buffer_bytes as u64 || (position <= self.next && sink.is_full()) {
            return Ok(Taken::Refused);
        }
        if position > self.next || !self.ahead.is_empty() {
            if position > self.next && !(self.kept() + other_lanes).leaves_room(data.len(), limits) {
                return Ok(Taken::Refused);
            }
            self.keep(position, data);
            self.pump(limits, highest, sink)?;
            return Ok(Taken::Yes);
        }
        let fresh = &data[(self.next - position) as usize..];
        let used = self.parser.feed(fresh, packet, limits, highest, sink)?;
        self.next += used as u64;
        if used < fresh.len() {
            self.keep(self.next, &fresh[used..]);
        }
        Ok(Taken::Yes)
    }

    /// Goes on with what arrived, as far as it is free of holes and the sink takes messages.
    pub fn pump(
        &mut self,
        limits: StreamLimits,
        highest: &mut u64,
        sink: &mut impl MessageSink,
    ) -> Result<(), StreamError> {
        self.parser.feed(&[], &Bytes::new(), limits, highest, sink)?;
        while let Some(entry) = self.ahead.first_entry().filter(|entry| *entry.key() <= self.next) {
            let run = entry.remove();
            self.ahead_bytes -= run.len();
            let used = self.parser.feed(&run, &run, limits, highest, sink)?;
            self.next += used as u64;
            if used < run.len() {
                self.ahead_bytes += run.len() - used;
                self.ahead.insert(self.next, run.slice(used..));
                break;
            }
        }
        Ok(())
    }

    /// Whether bytes wait that only a full sink holds back.
    pub fn is_stalled(&self) -> bool {
        self.parser.holds_a_complete_message()
            || self.ahead.first_key_value().is_some_and(|(&start, _)| start <= self.next)
    }

    /// Keeps the parts of a segment that are new.
    fn keep(&mut self, position: u64, data: &[u8]) {
        let end = position + data.len() as u64;
        let mut at = position.max(self.next);
        if let Some((&start, run)) = self.ahead.range(..=at).next_back() {
            at = at.max(start + run.len() as u64);
        }
        while at < end {
            let (gap_end, resume) = match self.ahead.range(at..end).next() {
                Some((&start, run)) => (start, start + run.len() as u64),
                None => (end, end),
            };
            if at < gap_end {
                let part = &data[(at - position) as usize..(gap_end - position) as usize];
                self.ahead_bytes += part.len();
                self.ahead.insert(at, Bytes::copy_from_slice(part));
            }
            at = resume;
        }
    }
}

/// Cuts contiguous stream bytes into messages.
#[derive(Debug, Default)]
struct Parser {
    /// Start of a header whose end has not arrived.
    header: Vec<u8>,
    body: Option<Body>,
    /// Number of the previous reliable message.
    last_number: u64,
}

#[derive(Debug)]
struct Body {
    number: u64,
    size: usize,
    payload: BytesMut,
}

impl Body {
    /// Makes room for `len` bytes, and for some of those that are still to come.
    fn reserve(&mut self, len: usize) {
        let arrived = self.payload.len();
        if self.payload.capacity() - arrived < len {
            let ahead = (self.size - arrived).min(RESERVE_MIN.max(3 * arrived));
            self.payload.reserve(len.max(ahead));
        }
    }
}

impl Parser {
    fn holds_a_complete_message(&self) -> bool {
        self.body.as_ref().is_some_and(|body| body.payload.len() == body.size)
    }

    /// Takes bytes until they end or the sink is full; answers how many.
    fn feed(
        &mut self,
        data: &[u8],
        arrived: &impl Arrived,
        limits: StreamLimits,
        highest: &mut u64,
        sink: &mut impl MessageSink,
    ) -> Result<usize, StreamError> {
        let mut rest = data;
        loop {
            if let Some(body) = &mut self.body {
                let take = rest.len().min(body.size - body.payload.len());
                body.reserve(take);
                body.payload.extend_from_slice(&rest[..take]);
                rest = &rest[take..];
                if body.payload.len() < body.size {
                    return Ok(data.len());
                }
                if sink.is_full() {
                    return Ok(data.len() - rest.len());
                }
                if let Some(body) = self.body.take() {
                    sink.deliver(body.number, body.payload.freeze());
                }
            }
            if rest.is_empty() || sink.is_full() {
                return Ok(data.len() - rest.len());
            }
            let Some((number, size)) = self.header(&mut rest, limits, highest)? else {
                return Ok(data.len());
            };
            // The common case: the whole message is here.
            if let Some(payload) = rest.get(..size) {
                sink.deliver(number, arrived.keep(payload));
                rest = &rest[size..];
            } else {
                self.body = Some(Body { number, size, payload: BytesMut::new() });
            }
        }
    }

    /// Takes the next message header off `rest`; `None` if it is not complete yet.
    fn header(
        &mut self,
        rest: &mut &[u8],
        limits: StreamLimits,
        highest: &mut u64,
    ) -> Result<Option<(u64, usize)>, StreamError> {
        let known = self.header.len();
        let decoded = if known == 0 {
            decode_message_header(rest)?
        } else {
            let more = rest.len().min(MAX_MESSAGE_HEADER_LEN.saturating_sub(known));
            self.header.extend_from_slice(&rest[..more]);
            decode_message_header(&self.header)?
        };
        let HeaderDecode::Complete { header, len } = decoded else {
            if known == 0 {
                self.header.extend_from_slice(rest);
            }
            *rest = &[];
            return Ok(None);
        };
        self.header.clear();
        *rest = &rest[len - known..];
        let size = header.size as usize;
        if size > limits.message_bytes {
            return Err(StreamError::MessageTooLarge { size, limit: limits.message_bytes });
        }
        let number = self.last_number.saturating_add(header.gap);
        if number > highest.saturating_add(NUMBER_JUMP_MAX) {
            return Err(StreamError::NumberLurch { number, highest: *highest });
        }
        self.last_number = number;
        *highest = (*highest).max(number);
        Ok(Some((number, size)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Sink {
        messages: Vec<(u64, Vec<u8>)>,
        room: usize,
    }

    impl MessageSink for Sink {
        fn is_full(&self) -> bool {
            self.messages.len() >= self.room
        }
        fn deliver(&mut self, number: u64, payload: Bytes) {
            self.messages.push((number, payload.to_vec()));
        }
    }

    const LIMITS: StreamLimits = StreamLimits { buffer_bytes: 10_000, message_bytes: 1_000 };
    const ALONE: Kept = Kept { bytes: 0, runs: 0 };

    struct Copied;

    impl Arrived for Copied {
        fn keep(&self, part: &[u8]) -> Bytes {
            Bytes::copy_from_slice(part)
        }
    }

    fn segment(position: u64, data: &[u8]) -> Segment<'_, Copied> {
        Segment { position, data, packet: &Copied }
    }

    fn stream() -> Vec<u8> {
        let mut bytes = vec![3, b'a', b'b', b'c', 0];
        bytes.extend([0x60, 5, 2]); // number += 5, size 2 << 5
        bytes.extend([9; 64]);
        bytes.extend([1, b'z']);
        bytes
    }

    fn expected() -> Vec<(u64, Vec<u8>)> {
        vec![(1, b"abc".to_vec()), (2, vec![]), (7, vec![9; 64]), (8, b"z".to_vec())]
    }

    #[test]
    fn any_cut_in_any_order_gives_the_same_messages() {
        let bytes = stream();
        for cut in 1..bytes.len() {
            for reversed in [false, true] {
                let mut parts: Vec<_> = bytes.chunks(cut).enumerate().collect();
                if reversed {
                    parts.reverse();
                }
                let (mut receiver, mut sink, mut highest) =
                    (StreamReceiver::default(), Sink { room: 99, ..Sink::default() }, 0);
                for (index, part) in parts {
                    let position = 1 + (index * cut) as u64;
                    for _ in 0..2 {
                        let taken = receiver.insert(segment(position, part), LIMITS, ALONE, &mut highest, &mut sink);
                        assert_eq!(taken, Ok(Taken::Yes));
                    }
                }
                assert_eq!(sink.messages, expected(), "cut {cut}, reversed {reversed}");
                assert_eq!((highest, receiver.expected()), (8, 1 + bytes.len() as u64));
            }
        }
    }

    #[test]
    fn the_longest_header_can_come_in_any_two_pieces() {
        // Gap 1 and size 32, with every integer as long as it may be.
        let mut bytes = vec![0x60, 0x81];
        bytes.extend([0x80; 8]);
        bytes.extend([0, 0x81]);
        bytes.extend([0x80; 8]);
        bytes.push(0);
        assert_eq!(bytes.len(), MAX_MESSAGE_HEADER_LEN);
        bytes.extend([7; 32]);
        for cut in 1..bytes.len() {
            let (mut receiver, mut sink, mut highest) =
                (StreamReceiver::default(), Sink { room: 9, ..Sink::default() }, 0);
            let (first, second) = bytes.split_at(cut);
            for (position, part) in [(1, first), (1 + cut as u64, second)] {
                assert_eq!(
                    receiver.insert(segment(position, part), LIMITS, ALONE, &mut highest, &mut sink),
                    Ok(Taken::Yes)
                );
            }
            assert_eq!(sink.messages, [(1, vec![7; 32])], "cut at {cut}");
        }
    }

    #[test]
    fn a_full_sink_refuses_and_later_goes_on() {
        let bytes = stream();
        let (mut receiver, mut sink, mut highest) = (StreamReceiver::default(), Sink { room: 1, ..Sink::default() }, 0);
        assert_eq!(receiver.insert(segment(1, &bytes), LIMITS, ALONE, &mut highest, &mut sink), Ok(Taken::Yes));
        assert_eq!(sink.messages.len(), 1);
        assert!(receiver.is_stalled());
        assert_eq!(receiver.insert(segment(1, &[0; 100]), LIMITS, ALONE, &mut highest, &mut sink), Ok(Taken::Refused));
        sink.room = 3;
        assert_eq!(receiver.pump(LIMITS, &mut highest, &mut sink), Ok(()));
        sink.room = 99;
        assert_eq!(receiver.pump(LIMITS, &mut highest, &mut sink), Ok(()));
        assert_eq!(sink.messages, expected());
        assert!(!receiver.is_stalled());
    }

    #[test]
    fn bounds_what_a_peer_may_make_us_keep() {
        let (mut receiver, mut sink, mut highest) = (StreamReceiver::default(), Sink { room: 9, ..Sink::default() }, 0);
        let far = receiver.insert(segment(1 + 10_000, b"x"), LIMITS, ALONE, &mut highest, &mut sink);
        assert_eq!(far, Ok(Taken::Refused));
        for i in 0..RUNS_MAX as u64 {
            let taken = receiver.insert(segment(3 + 2 * i, b"x"), LIMITS, ALONE, &mut highest, &mut sink);
            assert_eq!(taken, Ok(Taken::Yes));
        }
        let more = receiver.insert(segment(9_000, b"x"), LIMITS, ALONE, &mut highest, &mut sink);
        assert_eq!(more, Ok(Taken::Refused));
        assert_eq!(
            receiver.insert(segment(u64::MAX, b"x"), LIMITS, ALONE, &mut highest, &mut sink),
            Ok(Taken::Refused)
        );
    }

    #[test]
    fn refuses_large_messages_and_lurching_numbers() {
        let feed = |bytes: &[u8]| {
            let mut sink = Sink { room: 9, ..Sink::default() };
            StreamReceiver::default().insert(segment(1, bytes), LIMITS, ALONE, &mut 0, &mut sink)
        };
        assert!(matches!(feed(&[0x20 | 9, 31]), Err(StreamError::MessageTooLarge { size: 1_001, .. })));
        assert!(matches!(feed(&[0x40, 0x91, 0x4E]), Err(StreamError::NumberLurch { number: 10_001, .. })));
        assert_eq!(feed(&[0x40, 0x90, 0x4E]), Ok(Taken::Yes));
        assert!(matches!(feed(&[0x80]), Err(StreamError::Framing(_))));
    }
}
