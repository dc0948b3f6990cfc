//! Poll groups: in which order to read the messages of many connections.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use gamesockets_proto::Timestamp;
use parking_lot::Mutex;
use smallvec::SmallVec;

use super::Driver;
use super::connection::ConnectionCell;
use crate::message::ReceivedMessage;
use crate::signal::Signal;

/// Taken-back arrivals are left in the queue until there are this many of them, and more than half of it.
const COMPACT_AT: i64 = 1_024;

/// A poll group. The messages stay with their connections; the group remembers in which order they arrived.
#[derive(Default)]
pub(crate) struct PollGroupCell {
    queue: Mutex<Queue>,
    pub(crate) readable: Signal,
}

/// Arrivals in order, and how many arrivals of a connection no longer count, because their messages were read from the
/// connection itself or left with it. The oldest arrivals of the connection are the ones that do not count.
///
/// A reader may take back an arrival that is announced a moment later, so single counts may be below zero for a moment.
#[derive(Default)]
struct Queue {
    arrivals: VecDeque<Arrival>,
    arrived: i64,
    taken_back: HashMap<u32, i64>,
    taken_back_total: i64,
    destroyed: bool,
}

struct Arrival {
    cell: Arc<ConnectionCell>,
    messages: usize,
}

impl PollGroupCell {
    /// Messages arrived on a connection of this group.
    pub(crate) fn announce(&self, cell: &Arc<ConnectionCell>, messages: usize) {
        let mut queue = self.queue.lock();
        if queue.destroyed || messages == 0 {
            return;
        }
        queue.arrived += as_i64(messages);
        match queue.arrivals.back_mut() {
            Some(last) if Arc::ptr_eq(&last.cell, cell) => last.messages += messages,
            _ => queue.arrivals.push_back(Arrival { cell: Arc::clone(cell), messages }),
        }
        drop(queue);
        self.readable.give();
    }

    /// Messages of a connection of this group were read otherwise, or left the group.
    pub(crate) fn take_back(&self, cell: &ConnectionCell, messages: i64) {
        let mut queue = self.queue.lock();
        if !queue.destroyed && messages != 0 {
            queue.take_back(cell, messages);
            queue.compact_if_worthwhile();
        }
    }

    /// Moves up to `max` messages to `out`, in order of arrival.
    pub(crate) fn receive(&self, driver: &Driver, max: usize, out: &mut Vec<ReceivedMessage>) {
        let now = driver.now();
        let mut read_from: SmallVec<[Arc<ConnectionCell>; 16]> = SmallVec::new();
        self.take(now, max, out, |cell| read_from.push(cell));
        for cell in read_from {
            cell.settle(driver, now, cell.lock());
        }
    }

    fn take(
        &self,
        now: Timestamp,
        max: usize,
        out: &mut Vec<ReceivedMessage>,
        mut to_settle: impl FnMut(Arc<ConnectionCell>),
    ) {
        let mut queue = self.queue.lock();
        let mut room = max;
        while room > 0 {
            queue.skip_taken_back();
            let Some(front) = queue.arrivals.front_mut() else { return };
            let wanted = front.messages.min(room);
            let cell = Arc::clone(&front.cell);
            front.messages -= wanted;
            queue.arrived -= as_i64(wanted);
            let (got, settle) = cell.take_messages_for(self, now, wanted, out);
            room -= got;
            // Somebody else read the rest and is about to say so.
            queue.take_back(&cell, -as_i64(wanted - got));
            if settle {
                to_settle(cell);
            }
        }
    }

    pub(crate) fn is_readable(&self) -> bool {
        let queue = self.queue.lock();
        queue.arrived > queue.taken_back_total
    }

    pub(crate) fn is_destroyed(&self) -> bool {
        self.queue.lock().destroyed
    }

    /// No message is announced here any more; those waiting stay with their connections.
    pub(crate) fn destroy(&self) {
        *self.queue.lock() = Queue { destroyed: true, ..Queue::default() };
        self.readable.give();
    }
}

impl Queue {
    fn take_back(&mut self, cell: &ConnectionCell, messages: i64) {
        let key = cell.handle().raw();
        let count = self.taken_back.entry(key).or_default();
        *count += messages;
        if *count == 0 {
            self.taken_back.remove(&key);
        }
        self.taken_back_total += messages;
    }

    /// Drops arrivals that do not count from the front.
    fn skip_taken_back(&mut self) {
        while let Some(front) = self.arrivals.front_mut() {
            let count = self.taken_back.get(&front.cell.handle().raw()).copied().unwrap_or(0).max(0);
            let skipped = count.min(as_i64(front.messages));
            front.messages -= usize::try_from(skipped).unwrap_or(0);
            let cell = Arc::clone(&front.cell);
            if front.messages > 0 && skipped == 0 {
                return;
            }
            if front.messages == 0 {
                self.arrivals.pop_front();
            }
            self.arrived -= skipped;
            self.take_back(&cell, -skipped);
        }
    }

    fn compact_if_worthwhile(&mut self) {
        if self.taken_back_total < COMPACT_AT || self.taken_back_total < self.arrived / 2 {
            return;
        }
        let mut kept = VecDeque::new();
        while !self.arrivals.is_empty() {
            self.skip_taken_back();
            kept.extend(self.arrivals.pop_front());
        }
        self.arrivals = kept;
    }
}

pub(super) fn as_i64(messages: usize) -> i64 {
    i64::try_from(messages).unwrap_or(i64::MAX)
}
