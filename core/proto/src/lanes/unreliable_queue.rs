//! A lane's unreliable messages that wait to be sent: forgotten once sent, dropped when their time is over, or replaced
//! by a newer one with the same key.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::release;
use crate::time::Timestamp;

/// If more messages than this are late at a time, they are taken out in one pass: one by one, each would move all others.
const REMOVED_SINGLY_MAX: usize = 8;

/// What becomes of an unreliable message that waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Not begun by then, it is dropped.
    pub deadline: Option<Timestamp>,
    /// It takes the place of the message with this key that waits on the same lane.
    pub replace_key: Option<u64>,
}

/// The message in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Front {
    /// Its number.
    pub number: u64,
    /// Its size, bytes.
    pub len: usize,
    /// How many of them have left.
    pub sent: usize,
    /// It goes after the reliable bytes below this position, which were sent before it.
    pub after: u64,
}

/// Messages in the order of their numbers.
#[derive(Clone, Debug, Default)]
pub struct UnreliableQueue {
    messages: VecDeque<Entry>,
    /// The bytes of the messages without a box, one after the other.
    plain: VecDeque<u8>,
    /// The messages with a key that have not begun, by key.
    keys: BTreeMap<u64, u64>,
    /// The messages with a deadline that have not begun.
    deadlines: BTreeSet<(Timestamp, u64)>,
    bytes: usize,
}

#[derive(Clone, Debug)]
struct Entry {
    number: u64,
    len: u32,
    sent: u32,
    after: u64,
    /// A message that may go before its turn has bytes of its own.
    special: Option<Box<Special>>,
}

#[derive(Clone, Debug)]
struct Special {
    payload: Vec<u8>,
    delivery: Delivery,
}

impl UnreliableQueue {
    /// Adds a message; its number is higher than those before.
    pub fn push(&mut self, number: u64, payload: &[u8], after: u64, delivery: Delivery) {
        let special = if delivery == Delivery::default() {
            self.plain.extend(payload);
            None
        } else {
            self.register(number, delivery);
            Some(Box::new(Special { payload: payload.to_vec(), delivery }))
        };
        self.messages.push_back(Entry { number, len: payload.len() as u32, sent: 0, after, special });
        self.bytes += payload.len();
    }

    /// Puts a message in the place of the one with its key that has not begun; answers the number, which stays.
    pub fn replace(&mut self, payload: &[u8], delivery: Delivery) -> Option<u64> {
        let number = *self.keys.get(&delivery.replace_key?)?;
        let index = self.index(number)?;
        let entry = self.messages.get_mut(index)?;
        let special = entry.special.as_deref_mut()?;
        let old = core::mem::replace(&mut special.delivery, delivery);
        special.payload.clear();
        special.payload.extend_from_slice(payload);
        self.bytes = self.bytes - entry.len as usize + payload.len();
        entry.len = payload.len() as u32;
        self.unregister(number, old);
        self.register(number, delivery);
        Some(number)
    }

    /// Size of the message that one with this key would replace.
    pub fn replaceable_len(&self, key: u64) -> Option<usize> {
        let index = self.index(*self.keys.get(&key)?)?;
        self.messages.get(index).map(|entry| entry.len as usize)
    }

    /// Drops the messages that have not begun before their deadline; answers whether there were any.
    pub fn expire(&mut self, now: Timestamp) -> bool {
        let mut late = Vec::new();
        while self.deadlines.first().is_some_and(|&(deadline, _)| deadline < now) {
            late.extend(self.deadlines.pop_first().map(|(_, number)| number));
        }
        if late.len() <= REMOVED_SINGLY_MAX {
            for &number in &late {
                let entry = self.index(number).and_then(|index| self.messages.remove(index));
                entry.into_iter().for_each(|entry| self.forget(&entry));
            }
        } else {
            late.sort_unstable();
            let mut messages = core::mem::take(&mut self.messages);
            messages.retain(|entry| {
                let is_late = late.binary_search(&entry.number).is_ok();
                if is_late {
                    self.forget(entry);
                }
                !is_late
            });
            self.messages = messages;
        }
        !late.is_empty()
    }

    /// A message was dropped.
    fn forget(&mut self, entry: &Entry) {
        self.bytes -= entry.len as usize;
        if let Some(special) = &entry.special {
            self.unregister(entry.number, special.delivery);
        }
    }

    /// The earliest deadline.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.first().map(|&(deadline, _)| deadline)
    }

    /// The message to send next.
    pub fn front(&self) -> Option<Front> {
        let &Entry { number, len, sent, after, .. } = self.messages.front()?;
        Some(Front { number, len: len as usize, sent: sent as usize, after })
    }

    /// Moves the next `len` bytes of the message in front to `out`.
    pub fn take(&mut self, len: usize, out: &mut Vec<u8>) {
        let Some(front) = self.messages.front_mut() else {
            return;
        };
        let (number, from) = (front.number, front.sent as usize);
        front.sent += len as u32;
        let is_complete = front.sent >= front.len;
        self.bytes -= len;
        match front.special.as_deref() {
            Some(special) => {
                out.extend_from_slice(&special.payload[from..from + len]);
                if from == 0 {
                    let delivery = special.delivery;
                    self.unregister(number, delivery);
                }
            }
            None => {
                let (first, rest) = self.plain.as_slices();
                // Byte by byte, as an iterator would, it costs a quarter of the time of sending.
                out.extend_from_slice(&first[..len.min(first.len())]);
                out.extend_from_slice(&rest[..len.saturating_sub(first.len())]);
                self.plain.drain(..len);
            }
        }
        if is_complete {
            self.messages.pop_front();
        }
    }

    /// Gives back memory that only a burst needed.
    pub fn release(&mut self) {
        release(&mut self.plain);
        release(&mut self.messages);
    }

    /// Bytes not sent.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether no message waits; one may be empty, so bytes do not tell.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    fn register(&mut self, number: u64, delivery: Delivery) {
        if let Some(key) = delivery.replace_key {
            self.keys.insert(key, number);
        }
        if let Some(deadline) = delivery.deadline {
            self.deadlines.insert((deadline, number));
        }
    }

    fn unregister(&mut self, number: u64, delivery: Delivery) {
        if let Some(key) = delivery.replace_key
            && self.keys.get(&key) == Some(&number)
        {
            self.keys.remove(&key);
        }
        if let Some(deadline) = delivery.deadline {
            self.deadlines.remove(&(deadline, number));
        }
    }

    fn index(&self, number: u64) -> Option<usize> {
        self.messages.binary_search_by_key(&number, |entry| entry.number).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_micros(ms * 1_000)
    }

    #[test]
    fn a_replacement_takes_place_and_number() {
        let mut queue = UnreliableQueue::default();
        let keyed = Delivery { replace_key: Some(7), deadline: None };
        queue.push(1, b"old", 1, keyed);
        queue.push(2, b"other", 1, Delivery::default());
        assert_eq!(queue.replaceable_len(7), Some(3));
        assert_eq!(queue.replace(b"newer", keyed), Some(1));
        assert_eq!(queue.bytes(), 10);
        let mut out = Vec::new();
        queue.take(2, &mut out);
        assert_eq!(queue.replace(b"too late", keyed), None, "a part of it has left");
        queue.take(3, &mut out);
        assert_eq!(out, b"newer");
        assert_eq!(queue.front().map(|front| front.number), Some(2));
    }

    #[test]
    fn a_deadline_drops_what_has_not_begun() {
        let mut queue = UnreliableQueue::default();
        let until = |ms| Delivery { deadline: Some(at(ms)), replace_key: Some(ms) };
        queue.push(1, b"begun", 1, until(10));
        queue.push(2, b"", 1, until(20));
        queue.push(3, b"late", 1, until(15));
        queue.push(4, b"stays", 1, Delivery::default());
        let mut out = Vec::new();
        queue.take(1, &mut out);
        assert_eq!(queue.next_deadline(), Some(at(15)));
        queue.expire(at(15));
        assert_eq!(queue.bytes(), 13, "its time is not over before the deadline has passed");
        queue.expire(at(30));
        assert_eq!((queue.bytes(), queue.next_deadline()), (9, None));
        queue.take(4, &mut out);
        queue.take(5, &mut out);
        assert_eq!(out, b"begunstays");
        assert!(queue.is_empty() && queue.keys.is_empty());
    }

    #[test]
    fn many_that_are_late_at_once_are_dropped_in_one_pass() {
        const COUNT: u64 = 200_000;
        let mut queue = UnreliableQueue::default();
        for number in 1..=COUNT {
            // In no order; every fourth stays.
            let deadline = (number % 4 > 0).then(|| at(number.wrapping_mul(7_919) % 1_000));
            queue.push(number, b"x", 1, Delivery { deadline, replace_key: Some(number) });
        }
        assert!(queue.expire(at(2_000)) && !queue.expire(at(3_000)));
        assert_eq!(
            (queue.bytes() as u64, queue.keys.len() as u64, queue.next_deadline()),
            (COUNT / 4, COUNT / 4, None)
        );
        assert_eq!(queue.front().map(|front| front.number), Some(4));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Push(usize, Option<u64>, Option<u64>),
        Take(usize),
        Pass(u64),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let push = (0usize..40, proptest::option::of(0u64..4), proptest::option::of(0u64..50));
        proptest::collection::vec(
            prop_oneof![
                push.prop_map(|(len, key, deadline)| Step::Push(len, key, deadline)),
                (0usize..40).prop_map(Step::Take),
                (0u64..20).prop_map(Step::Pass),
            ],
            0..200,
        )
    }

    /// What the queue stands for: number, payload, sent, deadline, key.
    type Model = Vec<(u64, Vec<u8>, usize, Option<Timestamp>, Option<u64>)>;

    proptest! {
        #[test]
        fn agrees_with_a_list(steps in steps()) {
            let (mut queue, mut model) = (UnreliableQueue::default(), Model::new());
            let (mut now, mut last) = (0, 0);
            for (index, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Push(len, replace_key, deadline) => {
                        let payload = vec![index as u8; len];
                        let deadline = deadline.map(|ms| at(now + ms));
                        let delivery = Delivery { deadline, replace_key };
                        let waiting = |entry: &&mut (u64, Vec<u8>, usize, Option<Timestamp>, Option<u64>)| {
                            entry.2 == 0 && replace_key.is_some() && entry.4 == replace_key
                        };
                        let replaced = queue.replace(&payload, delivery);
                        if let Some(entry) = model.iter_mut().find(waiting) {
                            prop_assert_eq!(replaced, Some(entry.0));
                            (entry.1, entry.3) = (payload, deadline);
                        } else {
                            prop_assert_eq!(replaced, None);
                            last += 1;
                            queue.push(last, &payload, 1, delivery);
                            model.push((last, payload, 0, deadline, replace_key));
                        }
                    }
                    Step::Take(len) => {
                        prop_assert_eq!(queue.front().map(|f| (f.number, f.len, f.sent)),
                            model.first().map(|m| (m.0, m.1.len(), m.2)));
                        let Some(front) = model.first_mut() else { continue };
                        let len = len.min(front.1.len() - front.2);
                        // A message of which nothing fits is not begun, unless it is empty.
                        if len == 0 && !front.1.is_empty() { continue }
                        let mut out = Vec::new();
                        queue.take(len, &mut out);
                        prop_assert_eq!(&out[..], &front.1[front.2..front.2 + len]);
                        front.2 += len;
                        if front.2 == front.1.len() { model.remove(0); }
                    }
                    Step::Pass(ms) => {
                        now += ms;
                        queue.expire(at(now));
                        model.retain(|m| m.2 > 0 || m.3.is_none_or(|deadline| deadline >= at(now)));
                    }
                }
                prop_assert_eq!(queue.bytes(), model.iter().map(|m| m.1.len() - m.2).sum::<usize>());
                prop_assert_eq!(queue.is_empty(), model.is_empty());
                let next = model.iter().filter(|m| m.2 == 0).filter_map(|m| m.3).min();
                prop_assert_eq!(queue.next_deadline(), next);
            }
        }
    }
}
