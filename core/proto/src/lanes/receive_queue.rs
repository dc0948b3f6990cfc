//! Messages that wait to be read, and how many may (spec section 12).

use std::collections::VecDeque;

use super::release;
use super::window::{Need, ReceiveWindow};
use crate::message::Message;
use crate::wire::frame::Credit;

/// Takes messages with `some`, which is told how many more are wanted and answers how many there were, until `max` are
/// taken or there are no more: taking some makes room, and may bring others. Answers how many there were in all.
pub fn take_up_to(max: usize, mut some: impl FnMut(usize) -> usize) -> usize {
    let mut taken = 0;
    while taken < max {
        let more = some(max - taken);
        if more == 0 {
            break;
        }
        taken += more;
    }
    taken
}

/// Complete messages in the order in which they are to be read.
#[derive(Debug, Default)]
pub struct ReceiveQueue {
    messages: VecDeque<Message>,
    bytes: usize,
    messages_max: usize,
    bytes_max: usize,
    newly_readable: usize,
    /// A message was added of late.
    used: bool,
    /// Where the peer is told how much there is room for.
    window: Option<ReceiveWindow>,
}

impl ReceiveQueue {
    /// Changes how much may wait. What waits already stays.
    pub fn set_limits(&mut self, messages_max: usize, bytes_max: usize) {
        self.messages_max = messages_max;
        self.bytes_max = bytes_max;
    }

    /// Whether a further message has to be refused.
    pub fn is_full(&self) -> bool {
        self.messages.len() >= self.messages_max || self.bytes >= self.bytes_max
    }

    /// Whether a further reliable message is taken: there is room, or the peer was promised that there would be.
    pub fn takes_reliable(&self) -> bool {
        !self.is_full() || self.window.is_some_and(|window| window.covers(self.bytes_max as u64))
    }

    /// From now on the peer is told how much reliable data there is room for.
    /// `promised` is what it knows already.
    pub fn open_window(&mut self, promised: Credit) {
        self.window = Some(ReceiveWindow::new(promised));
    }

    /// From now on everything is taken, and thrown away: the peer need not hold back.
    pub fn lift_window(&mut self) {
        if let Some(window) = &mut self.window {
            window.lift();
        }
    }

    /// Whether the peer has to be told how much there is room for.
    pub fn window_need(&self) -> Need {
        self.window.map_or(Need::None, |window| window.need(self.capacity()))
    }

    /// The peer is told now; answers of what.
    pub fn promise(&mut self) -> Option<Credit> {
        let capacity = self.capacity();
        self.window.as_mut().map(|window| window.promise(capacity))
    }

    /// The packet that told the peer got lost.
    pub fn promise_lost(&mut self) {
        if let Some(window) = &mut self.window {
            window.lost();
        }
    }

    /// Adds a message; one that was overtaken by later ones of its lane goes before them.
    pub fn push(&mut self, message: Message) {
        self.bytes += message.payload.len();
        self.newly_readable += 1;
        self.used = true;
        if let Some(window) = self.window.as_mut().filter(|_| message.reliable) {
            window.take(message.payload.len());
        }
        if self.messages.back().is_none_or(|last| last.lane == message.lane && last.number <= message.number) {
            self.messages.push_back(message);
            return;
        }
        let overtaken_by = |other: &Message| other.lane == message.lane && other.number > message.number;
        // Messages of a lane stand in order, so the first that overtook it is found from the back, past other lanes.
        let mut place = self.messages.len();
        for (index, other) in self.messages.iter().enumerate().rev() {
            if overtaken_by(other) {
                place = index;
            } else if other.lane == message.lane {
                break;
            }
        }
        self.messages.insert(place, message);
    }

    /// The next message.
    pub fn pop(&mut self) -> Option<Message> {
        let mut popped = None;
        self.pop_many(1, |message| popped = Some(message));
        popped
    }

    /// Hands the next messages to `each`, at most `max`; answers how many.
    pub fn pop_many(&mut self, max: usize, mut each: impl FnMut(Message)) -> usize {
        let count = max.min(self.messages.len());
        let (mut bytes, mut reliable) = (0, Credit::default());
        for message in self.messages.drain(..count) {
            let len = message.payload.len();
            bytes += len;
            if message.reliable {
                reliable.messages += 1;
                reliable.bytes += len as u64;
            }
            each(message);
        }
        self.bytes -= bytes;
        if let Some(window) = &mut self.window {
            window.read(reliable);
        }
        count
    }

    /// To be called now and then: gives back memory that only a burst needed, if no message was added since the last time.
    pub fn release_idle(&mut self) {
        if !core::mem::take(&mut self.used) {
            release(&mut self.messages);
        }
    }

    /// Messages that wait.
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Messages added since the last call.
    pub fn take_newly_readable(&mut self) -> usize {
        core::mem::take(&mut self.newly_readable)
    }

    /// Throws everything away: the application closed its handle.
    pub fn clear(&mut self) {
        self.messages = VecDeque::new();
        self.bytes = 0;
        self.newly_readable = 0;
    }

    fn capacity(&self) -> Credit {
        Credit { messages: self.messages_max as u64, bytes: self.bytes_max as u64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use bytes::Bytes;

    fn message(lane: u16, number: u64) -> Message {
        Message {
            payload: Bytes::from_static(b"12345"),
            number,
            lane,
            reliable: true,
            time_received: Timestamp::default(),
        }
    }

    #[test]
    fn overtaken_messages_go_before_those_that_overtook_them() {
        let mut queue = ReceiveQueue::default();
        for (lane, number) in [(0, 5), (1, 1), (0, 3), (0, 4), (1, 2), (0, 9), (0, 1)] {
            queue.push(message(lane, number));
        }
        let lane_0: Vec<u64> = core::iter::from_fn(|| queue.pop()).filter(|m| m.lane == 0).map(|m| m.number).collect();
        assert_eq!(lane_0, [1, 3, 4, 5, 9]);
    }

    #[test]
    fn is_full_by_count_or_by_bytes() {
        let mut queue = ReceiveQueue::default();
        queue.set_limits(3, 10);
        queue.push(message(0, 1));
        assert!(!queue.is_full());
        queue.push(message(0, 2));
        assert!(queue.is_full(), "10 bytes");
        queue.set_limits(3, 100);
        assert!(!queue.is_full());
        queue.push(message(0, 3));
        assert!(queue.is_full(), "3 messages");
        assert_eq!(queue.take_newly_readable(), 3);
        queue.pop();
        assert!(!queue.is_full());
        assert_eq!(queue.take_newly_readable(), 0);
    }
}
