//! Datagrams that are held back.

use std::collections::BTreeMap;

use gamesockets_proto::Timestamp;

/// More than this many are not held: the rest is lost, as in a router that is full.
const MAX_HELD: usize = 65_536;

/// What is held back until its time; first in, first out among equal times.
pub(super) struct DelayQueue<D> {
    held: BTreeMap<(Timestamp, u64), D>,
    next_number: u64,
}

impl<D> DelayQueue<D> {
    pub(super) const fn new() -> Self {
        Self { held: BTreeMap::new(), next_number: 0 }
    }

    /// Holds `item` until `at`; answers whether it is now the first.
    pub(super) fn push(&mut self, at: Timestamp, item: D) -> bool {
        if self.held.len() >= MAX_HELD {
            return false;
        }
        let number = self.next_number;
        self.next_number += 1;
        self.held.insert((at, number), item);
        self.held.first_key_value().is_some_and(|(&(_, first), _)| first == number)
    }

    /// Takes out the next item whose time has come.
    pub(super) fn pop_due(&mut self, now: Timestamp) -> Option<D> {
        if self.next_due()? > now {
            return None;
        }
        self.held.pop_first().map(|(_, item)| item)
    }

    /// The time of the first item.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.held.first_key_value().map(|(&(at, _), _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: u64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    #[test]
    fn items_come_out_in_order_of_time_then_of_arrival() {
        let mut queue = DelayQueue::new();
        assert!(queue.push(at(20), "c"));
        assert!(queue.push(at(10), "a"));
        assert!(!queue.push(at(10), "b"));
        assert_eq!(queue.next_due(), Some(at(10)));
        assert_eq!(queue.pop_due(at(9)), None);
        assert_eq!([queue.pop_due(at(10)), queue.pop_due(at(10)), queue.pop_due(at(10))], [Some("a"), Some("b"), None]);
        assert_eq!(queue.pop_due(at(30)), Some("c"));
        assert_eq!(queue.next_due(), None);
    }

    #[test]
    fn what_is_too_much_is_lost() {
        let mut queue = DelayQueue::new();
        for number in 0..MAX_HELD as u64 + 10 {
            queue.push(at(number), ());
        }
        assert_eq!(std::iter::from_fn(|| queue.pop_due(at(u64::MAX))).count(), MAX_HELD);
    }
}
