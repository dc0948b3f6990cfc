//! Puts a lane's reliable stream together and cuts it into messages (spec sections 7.9 and 7.10).

use std::collections::BTreeMap;

use bytes::Bytes;
use smallvec::SmallVec;

use super::budget::{Allowance, Books, StreamLimits};
use super::payload::{Arrived, Payload};
use super::receive_queue::ReceiveQueue;
use crate::message::Message;
use crate::time::Timestamp;
use crate::wire::frame::FrameError;
use crate::wire::frame::stream::{HeaderDecode, MAX_MESSAGE_HEADER_LEN, decode_message_header};

/// Runs that touch become one up to this size, bytes.
const RUN_MAX: usize = 2_048;
/// A segment takes the place of at most so many runs; the rest of it is refused. No honest one covers as many.
const COVERED_MAX: usize = 64;
/// What a run costs that is taken out, in steps.
const STEPS_PER_RUN: u32 = 4;
/// How far a message number may be above the highest seen on the lane.
const NUMBER_JUMP_MAX: u64 = 10_000;
/// No more is reserved ahead of the bytes that have arrived than this, whatever size a header claims; when they are there,
/// the message gets all its memory, so that it moves only while it is small.
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

/// Where the messages of a lane go once they are complete, and what may be held until they are.
pub struct Outlet<'a> {
    /// The lane.
    pub lane: u16,
    /// When the packet came, or the application made room.
    pub now: Timestamp,
    /// Bounds on what is held.
    pub limits: StreamLimits,
    /// What is held.
    pub books: &'a mut Books,
    /// Messages that are complete.
    pub queue: &'a mut ReceiveQueue,
    /// How much may be done now.
    pub allowance: &'a mut Allowance,
}

impl Outlet<'_> {
    fn is_full(&self) -> bool {
        !self.queue.takes_reliable()
    }

    /// Whether something of so many steps may be done now. If not, it is to be done soon.
    fn step(&mut self, steps: u32) -> bool {
        let may = self.allowance.step(steps);
        if !may {
            self.allowance.defer();
        }
        may
    }

    /// Whether a message may begin of which so many bytes are here.
    fn takes(&self, size: usize, here: usize) -> bool {
        if here >= size {
            self.books.takes_whole(size, self.limits)
        } else {
            self.books.takes_unfinished(size, self.limits)
        }
    }

    /// A part of what arrived, without the rest of it where there is no room for that.
    fn keep(&self, part: &[u8], arrived: &impl Arrived) -> Payload {
        if self.books.leaves_room(arrived.memory(), self.limits) {
            arrived.keep(part)
        } else {
            Payload::own(Bytes::copy_from_slice(part))
        }
    }

    fn deliver(&mut self, number: u64, payload: Payload) {
        let (lane, time_received) = (self.lane, self.now);
        self.queue
            .push_part(Message { payload: payload.bytes, number, lane, reliable: true, time_received }, payload.buffer);
        self.books.queued = self.queue.bytes();
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
    /// Runs that wait for their turn, disjoint, by position.
    ahead: BTreeMap<u64, Vec<u8>>,
    parser: Parser,
}

impl Default for StreamReceiver {
    fn default() -> Self {
        Self { next: 1, ahead: BTreeMap::new(), parser: Parser::default() }
    }
}

impl StreamReceiver {
    /// The position after the last byte that arrived, holes included: what truncated positions are expanded around.
    pub fn expected(&self) -> u64 {
        self.ahead.last_key_value().map_or(self.next, |(&start, run)| self.next.max(start + run.len() as u64))
    }

    /// A segment arrived. Complete messages go to the outlet. `highest` is the highest message number of the lane.
    ///
    /// What goes on with a message that has begun is taken whatever else is held: nothing could go on without it.
    pub fn insert(
        &mut self,
        Segment { position, data, packet }: Segment<'_, impl Arrived>,
        highest: &mut u64,
        outlet: &mut Outlet<'_>,
    ) -> Result<Taken, StreamError> {
        let end = position.saturating_add(data.len() as u64);
        if end <= self.next {
            return Ok(Taken::Yes);
        }
        if end - self.next > outlet.limits.buffer_bytes as u64 || (position <= self.next && outlet.is_full()) {
            return Ok(Taken::Refused);
        }
        let mut rest = &data[self.next.saturating_sub(position) as usize..];
        if position <= self.next && !self.has_next() {
            let used = self.parser.feed(rest, packet, highest, outlet)?;
            self.next += used as u64;
            rest = &rest[used..];
        }
        let taken = if rest.is_empty() { Taken::Yes } else { self.keep(end - rest.len() as u64, rest, outlet) };
        if self.has_next() {
            self.pump(highest, outlet)?;
        }
        Ok(taken)
    }

    /// Goes on with what arrived, as far as it is free of holes and the outlet takes messages.
    pub fn pump(&mut self, highest: &mut u64, outlet: &mut Outlet<'_>) -> Result<(), StreamError> {
        self.parser.feed(&[], &Bytes::new(), highest, outlet)?;
        while let Some(entry) = self.ahead.first_entry().filter(|entry| *entry.key() <= self.next) {
            if outlet.is_full() || self.parser.is_held_back(entry.get().len(), outlet) || !outlet.step(STEPS_PER_RUN) {
                break;
            }
            let seen = (self.next - entry.key()) as usize;
            let run = entry.remove();
            outlet.books.ahead -= run.len();
            outlet.books.runs -= 1;
            if seen >= run.len() {
                continue;
            }
            let run = Bytes::from(run).slice(seen..);
            let used = self.parser.feed(&run, &run, highest, outlet)?;
            self.next += used as u64;
            if used < run.len() {
                outlet.books.ahead += run.len() - used;
                outlet.books.runs += 1;
                self.ahead.insert(self.next, run[used..].to_vec());
                break;
            }
        }
        Ok(())
    }

    /// Whether something waits that only the outlet holds back.
    pub fn is_stalled(&self) -> bool {
        self.parser.holds_a_complete_message() || self.has_next()
    }

    /// Whether bytes wait whose turn it is.
    fn has_next(&self) -> bool {
        self.ahead.first_key_value().is_some_and(|(&start, _)| start <= self.next)
    }

    /// Keeps what is new of a segment, if there is room for it.
    fn keep(&mut self, position: u64, data: &[u8], outlet: &mut Outlet<'_>) -> Taken {
        let segment_end = position + data.len() as u64;
        let before = self.ahead.range(..=position).next_back();
        let before = before.map(|(&start, run)| (start, start + run.len() as u64, run.len()));
        let at = before.map_or(position, |(_, end, _)| end.max(position));
        if at >= segment_end {
            return Taken::Yes;
        }
        // Runs within the segment are replaced; one that reaches beyond it ends what is new.
        let (mut end, mut covered, mut cut) = (segment_end, SmallVec::<[u64; 4]>::new(), false);
        for (&start, run) in self.ahead.range(at..segment_end) {
            cut = covered.len() == COVERED_MAX;
            if cut || start + run.len() as u64 >= segment_end {
                end = start;
                break;
            }
            covered.push(start);
        }
        outlet.allowance.count(covered.len());
        let fresh = &data[(at - position) as usize..(end - position) as usize];
        let joined = before.filter(|&(_, end, len)| end == at && len + fresh.len() <= RUN_MAX);
        let has_room = outlet.books.takes_ahead(fresh.len(), outlet.limits)
            && (joined.is_some()
                || fresh.is_empty()
                || (outlet.books.takes_run(outlet.limits) && outlet.allowance.new_run()));
        if !has_room {
            return Taken::Refused;
        }
        for start in covered {
            outlet.books.ahead -= self.ahead.remove(&start).map_or(0, |run| run.len());
            outlet.books.runs -= 1;
        }
        if let Some(run) = joined.and_then(|(start, ..)| self.ahead.get_mut(&start)) {
            run.reserve_exact(fresh.len());
            run.extend_from_slice(fresh);
        } else if !fresh.is_empty() {
            self.ahead.insert(at, fresh.to_vec());
            outlet.books.runs += 1;
        }
        outlet.books.ahead += fresh.len();
        if cut { Taken::Refused } else { Taken::Yes }
    }
}

/// Cuts contiguous stream bytes into messages.
#[derive(Debug, Default)]
struct Parser {
    /// Start of a header whose end has not arrived.
    header: Vec<u8>,
    /// A message that there was no room to begin.
    head: Option<Head>,
    body: Option<Body>,
    /// Number of the previous reliable message.
    last_number: u64,
}

/// What its header says of a message.
#[derive(Clone, Copy, Debug)]
struct Head {
    number: u64,
    size: usize,
}

#[derive(Debug)]
struct Body {
    head: Head,
    payload: Vec<u8>,
}

impl Body {
    /// Takes its share of some bytes; answers how many.
    fn take(&mut self, bytes: &[u8]) -> usize {
        let (arrived, size) = (self.payload.len(), self.head.size);
        let len = bytes.len().min(size - arrived);
        if self.payload.capacity() - arrived < len {
            let ahead = if arrived == 0 { RESERVE_MIN } else { size };
            self.payload.reserve_exact(len.max(ahead.min(size - arrived)));
        }
        self.payload.extend_from_slice(&bytes[..len]);
        len
    }

    fn is_complete(&self) -> bool {
        self.payload.len() == self.head.size
    }
}

impl Parser {
    fn holds_a_complete_message(&self) -> bool {
        self.body.as_ref().is_some_and(Body::is_complete) || self.head.is_some_and(|head| head.size == 0)
    }

    /// Whether the next message may not begin, `here` bytes of which are known.
    fn is_held_back(&self, here: usize, outlet: &Outlet<'_>) -> bool {
        self.head.is_some_and(|head| !outlet.takes(head.size, here))
    }

    /// Takes bytes until they end or the outlet takes no more; answers how many.
    fn feed(
        &mut self,
        data: &[u8],
        arrived: &impl Arrived,
        highest: &mut u64,
        outlet: &mut Outlet<'_>,
    ) -> Result<usize, StreamError> {
        let mut rest = data;
        loop {
            if let Some(body) = &mut self.body {
                let taken = body.take(rest);
                rest = &rest[taken..];
                if !body.is_complete() {
                    return Ok(data.len());
                }
                if outlet.is_full() || !outlet.step(1) {
                    return Ok(data.len() - rest.len());
                }
                if let Some(Body { head, payload }) = self.body.take() {
                    outlet.books.unfinished -= head.size;
                    outlet.books.unfinished_messages -= 1;
                    outlet.deliver(head.number, Payload::own(payload.into()));
                }
            }
            if outlet.is_full() || (rest.is_empty() && self.head.is_none()) {
                return Ok(data.len() - rest.len());
            }
            if self.head.is_none() {
                self.head = self.header(&mut rest, outlet.limits, highest)?;
            }
            let Some(head) = self.head else {
                return Ok(data.len());
            };
            if !outlet.takes(head.size, rest.len()) {
                return Ok(data.len() - rest.len());
            }
            // The common case: the whole message is here.
            if let Some(payload) = rest.get(..head.size) {
                if !outlet.step(1) {
                    return Ok(data.len() - rest.len());
                }
                outlet.deliver(head.number, outlet.keep(payload, arrived));
                rest = &rest[head.size..];
            } else {
                outlet.books.unfinished += head.size;
                outlet.books.unfinished_messages += 1;
                self.body = Some(Body { head, payload: Vec::new() });
            }
            self.head = None;
        }
    }

    /// Takes the next message header off `rest`; `None` if it is not complete yet.
    fn header(
        &mut self,
        rest: &mut &[u8],
        limits: StreamLimits,
        highest: &mut u64,
    ) -> Result<Option<Head>, StreamError> {
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
        Ok(Some(Head { number, size }))
    }
}

#[cfg(test)]
mod tests;
