//! Messages that wait to be read, and how many may (spec section 12).

use std::collections::{BTreeMap, VecDeque};

use super::payload::Buffer;
use super::window::{Need, ReceiveWindow};
use super::{KEEP_CAPACITY, release};
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
///
/// That is the order in which they came, except that a message which was overtaken by later ones of its lane goes before
/// them. What a message costs does not depend on how many wait.
#[derive(Debug, Default)]
pub struct ReceiveQueue {
    /// Messages that overtook nobody, in the order in which they came; of a lane they ascend.
    slots: VecDeque<Slot>,
    /// The number of `slots[0]`, counted from the beginning.
    first_slot: u64,
    /// By lane, the numbers of its slots.
    by_lane: Vec<VecDeque<u64>>,
    len: usize,
    shared: SharedMemory,
    /// Bytes that the messages keep.
    bytes: usize,
    messages_max: usize,
    bytes_max: usize,
    newly_readable: usize,
    /// A message was added of late.
    used: bool,
    /// Where the peer is told how much there is room for.
    window: Option<ReceiveWindow>,
    steps: u64,
}

#[derive(Debug)]
struct Slot {
    entry: Entry,
    /// Messages of the lane that it overtook: to be read before it. By number, and then as they came.
    overtaken: BTreeMap<(u64, u64), Entry>,
}

#[derive(Debug)]
struct Entry {
    message: Message,
    /// The memory it shares, if it does.
    shared: Option<u64>,
}

/// Memory that several messages share, in the order in which it came into the queue. All of it counts until the last
/// message has left.
#[derive(Debug, Default)]
struct SharedMemory {
    /// How many messages keep each, and what it is.
    buffers: VecDeque<(u32, Buffer)>,
    /// The number of `buffers[0]`, counted from the beginning.
    first: u64,
}

impl SharedMemory {
    /// A message keeps this; answers its number, and how many bytes more are kept now.
    fn keep(&mut self, buffer: Buffer) -> (u64, usize) {
        if let Some((users, _)) = self.buffers.back_mut().filter(|(users, last)| *users > 0 && *last == buffer) {
            *users += 1;
            return (self.first + self.buffers.len() as u64 - 1, 0);
        }
        self.buffers.push_back((1, buffer));
        (self.first + self.buffers.len() as u64 - 1, buffer.len)
    }

    /// A message that kept it has left; answers how many bytes less are kept now.
    fn leave(&mut self, number: u64) -> usize {
        let Some((users, buffer)) = self.buffers.get_mut((number - self.first) as usize) else {
            return 0;
        };
        *users -= 1;
        let freed = if *users == 0 { buffer.len } else { 0 };
        while self.buffers.front().is_some_and(|(users, _)| *users == 0) {
            self.buffers.pop_front();
            self.first += 1;
        }
        freed
    }
}

impl ReceiveQueue {
    /// Changes how much may wait. What waits already stays.
    pub fn set_limits(&mut self, messages_max: usize, bytes_max: usize) {
        self.messages_max = messages_max;
        self.bytes_max = bytes_max;
    }

    /// Whether a further message has to be refused.
    pub fn is_full(&self) -> bool {
        self.len >= self.messages_max || self.bytes >= self.bytes_max
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

    /// Adds a message with memory of its own.
    pub fn push(&mut self, message: Message) {
        self.push_part(message, None);
    }

    /// Adds a message whose payload is a part of something larger.
    pub fn push_part(&mut self, message: Message, buffer: Option<Buffer>) {
        let len = message.payload.len();
        if let Some(window) = self.window.as_mut().filter(|_| message.reliable) {
            window.take(len);
        }
        let (shared, bytes) = match buffer {
            Some(buffer) => {
                let (number, bytes) = self.shared.keep(buffer);
                (Some(number), bytes)
            }
            None => (None, len),
        };
        self.bytes += bytes;
        self.len += 1;
        self.newly_readable += 1;
        self.used = true;
        self.steps += 1;
        self.place(Entry { message, shared });
    }

    fn place(&mut self, entry: Entry) {
        let lane = usize::from(entry.message.lane);
        if lane >= self.by_lane.len() {
            self.by_lane.resize_with(lane + 1, VecDeque::new);
        }
        let of_lane = &mut self.by_lane[lane];
        let number = entry.message.number;
        let number_of = |slot: u64| self.slots[(slot - self.first_slot) as usize].entry.message.number;
        if of_lane.back().is_none_or(|&last| number_of(last) <= number) {
            of_lane.push_back(self.first_slot + self.slots.len() as u64);
            self.slots.push_back(Slot { entry, overtaken: BTreeMap::new() });
            return;
        }
        let overtook = of_lane.partition_point(|&slot| number_of(slot) <= number);
        self.steps += 1;
        let slot = &mut self.slots[(of_lane[overtook] - self.first_slot) as usize];
        // How many have come so far tells those of one number apart.
        slot.overtaken.insert((number, self.steps), entry);
    }

    /// The next message.
    pub fn pop(&mut self) -> Option<Message> {
        let mut popped = None;
        self.pop_many(1, |message| popped = Some(message));
        popped
    }

    /// Hands the next messages to `each`, at most `max`; answers how many.
    pub fn pop_many(&mut self, max: usize, mut each: impl FnMut(Message)) -> usize {
        let (mut count, mut reliable) = (0, Credit::default());
        while count < max
            && let Some(Entry { message, shared }) = self.take_first()
        {
            let len = message.payload.len();
            count += 1;
            self.bytes -= shared.map_or(len, |number| self.shared.leave(number));
            if message.reliable {
                reliable.messages += 1;
                reliable.bytes += len as u64;
            }
            each(message);
        }
        self.len -= count;
        if let Some(window) = &mut self.window {
            window.read(reliable);
        }
        count
    }

    fn take_first(&mut self) -> Option<Entry> {
        let first = self.slots.front_mut()?;
        if let Some((_, entry)) = first.overtaken.pop_first() {
            return Some(entry);
        }
        let entry = self.slots.pop_front()?.entry;
        self.first_slot += 1;
        self.by_lane[usize::from(entry.message.lane)].pop_front();
        Some(entry)
    }

    /// To be called now and then: gives back memory that only a burst needed, if no message was added since the last time.
    pub fn release_idle(&mut self) {
        if !core::mem::take(&mut self.used) {
            release(&mut self.slots);
            release(&mut self.shared.buffers);
            if self.slots.is_empty()
                && self.by_lane.iter().any(|slots| slots.capacity() * size_of::<u64>() > KEEP_CAPACITY)
            {
                self.by_lane = Vec::new();
            }
        }
    }

    /// Messages that wait.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes that the messages keep: of small ones, the packet that they came in.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether an unreliable message of this size has to be refused.
    pub fn refuses_unreliable(&self, size: usize) -> bool {
        self.is_full() || self.bytes.saturating_add(size) > self.bytes_max
    }

    /// Entries that were touched so far: what the work is measured by.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Messages added since the last call.
    pub fn take_newly_readable(&mut self) -> usize {
        core::mem::take(&mut self.newly_readable)
    }

    /// Throws everything away: the application closed its handle.
    pub fn clear(&mut self) {
        (self.slots, self.by_lane, self.shared) = (VecDeque::new(), Vec::new(), SharedMemory::default());
        (self.len, self.bytes, self.newly_readable) = (0, 0, 0);
    }

    fn capacity(&self) -> Credit {
        Credit { messages: self.messages_max as u64, bytes: self.bytes_max as u64 }
    }
}

#[cfg(test)]
mod tests {
    use super::super::payload::{Arrived as _, Payload, Plaintext};
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
    fn agrees_with_a_list_that_is_searched() {
        let (mut queue, mut model) = (ReceiveQueue::default(), Vec::<(u16, u64, usize)>::new());
        let mut state = 7_u64;
        for step in 0..20_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if (state >> 60) % 5 < 2 {
                let popped = queue.pop().map(|m| (m.lane, m.number, m.payload.len()));
                let expected = (!model.is_empty()).then(|| model.remove(0));
                assert_eq!(popped, expected, "step {step}");
            } else {
                let (lane, number) = ((state >> 40) as u16 % 3, (state >> 33) % 60);
                let payload = Bytes::from(vec![0; step % 7]);
                queue.push(Message { payload, ..message(lane, number) });
                let place = model.iter().position(|&(other, n, _)| other == lane && n > number);
                model.insert(place.unwrap_or(model.len()), (lane, number, step % 7));
            }
            assert_eq!((queue.len(), queue.bytes()), (model.len(), model.iter().map(|m| m.2).sum()));
        }
    }

    #[test]
    fn a_message_costs_the_same_however_many_wait() {
        const COUNT: u64 = 100_000;
        let orders: [fn(u64) -> (u16, u64); 3] =
            [|i| (0, COUNT - i), |i| ((i % 256) as u16, COUNT - i), |i| (0, i.wrapping_mul(7_919) % COUNT)];
        for order in orders {
            let mut queue = ReceiveQueue::default();
            for index in 0..COUNT {
                let ((lane, number), before) = (order(index), queue.steps());
                queue.push(message(lane, number));
                assert!(queue.steps() - before <= 2);
            }
            assert_eq!(core::iter::from_fn(|| queue.pop()).count() as u64, COUNT);
            assert_eq!(queue.bytes(), 0);
        }
    }

    #[test]
    fn memory_that_messages_share_counts_until_the_last_has_left() {
        let mut queue = ReceiveQueue::default();
        queue.set_limits(1_000, 2_000);
        let packets: Vec<Vec<u8>> = (0..3).map(|_| vec![1; 1_000]).collect();
        let mut bytes = Vec::new();
        for (number, packet) in packets.iter().enumerate() {
            let plaintext = Plaintext::new(packet);
            // The later of the two goes before the first, and leaves before it.
            for number in [10 + number, number] {
                let Payload { bytes: payload, buffer } = plaintext.keep(&packet[..1]);
                queue.push_part(Message { payload, ..message(0, number as u64) }, buffer);
            }
            bytes.push(queue.bytes());
        }
        assert_eq!(bytes, [1_000, 2_000, 3_000], "six bytes keep three packets");
        assert!(queue.is_full());
        let left: Vec<usize> = core::iter::from_fn(|| queue.pop().map(|_| queue.bytes())).collect();
        assert_eq!(left, [3_000, 3_000, 3_000, 2_000, 1_000, 0]);
        assert!(queue.shared.buffers.is_empty());
    }

    #[test]
    fn is_full_by_count_or_by_bytes() {
        let mut queue = ReceiveQueue::default();
        queue.set_limits(3, 10);
        queue.push(message(0, 1));
        assert!(!queue.is_full());
        queue.push(message(0, 2));
        assert!(queue.is_full(), "10 bytes");
        queue.set_limits(3, 12);
        assert!(!queue.refuses_unreliable(2) && queue.refuses_unreliable(3), "it may not exceed the bytes");
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
