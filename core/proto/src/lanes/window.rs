//! How much reliable data the peer takes, where both ends have the extension (docs/WIRE_FORMAT.md, "Extensions"): the
//! sender stops beginning messages before the receiver's queue is full, instead of sending them again and again.

use crate::wire::frame::Credit;

/// What the sender may begin.
#[derive(Clone, Copy, Debug)]
pub struct SendWindow {
    limit: Credit,
    begun: Credit,
}

impl SendWindow {
    /// The peer takes this much, to begin with.
    pub fn new(limit: Credit) -> Self {
        Self { limit, begun: Credit::default() }
    }

    /// The peer takes this much in all. What it promised once it keeps.
    pub fn grant(&mut self, limit: Credit) {
        self.limit = self.limit.max(limit);
    }

    /// Whether another message may begin.
    pub fn is_open(&self) -> bool {
        self.begun.messages < self.limit.messages && self.begun.bytes < self.limit.bytes
    }

    /// Messages have begun.
    pub fn begin(&mut self, more: Credit) {
        self.begun = self.begun + more;
    }
}

/// What the receiver has promised, and when to promise more: always what the application has read and a queue beyond.
///
/// Unread unreliable messages do not count: they cannot keep the reliable ones out, so twice the queue may be kept in all.
#[derive(Clone, Copy, Debug)]
pub struct ReceiveWindow {
    promised: Credit,
    /// Reliable messages that have come, and those that were read.
    taken: Credit,
    read: Credit,
    /// The peer may not have heard the last promise.
    lost: bool,
    /// Nobody reads any more, and everything is taken.
    lifted: bool,
}

/// How badly the peer needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// It knows enough.
    None,
    /// With the next packet that leaves anyway.
    WithNext,
    /// It runs out: at once.
    Now,
}

impl ReceiveWindow {
    /// The peer knows of this much from the handshake.
    pub fn new(promised: Credit) -> Self {
        let none = Credit::default();
        Self { promised, taken: none, read: none, lost: false, lifted: false }
    }

    /// A reliable message has come.
    pub fn take(&mut self, bytes: usize) {
        self.taken = self.taken + message(bytes);
    }

    /// Reliable messages were read.
    pub fn read(&mut self, messages: Credit) {
        self.read = self.read + messages;
    }

    /// The packet that told the peer got lost.
    pub fn lost(&mut self) {
        self.lost = true;
    }

    /// From now on everything is taken, and thrown away.
    pub fn lift(&mut self) {
        self.lifted = true;
    }

    /// Whether to tell the peer more, given what the queue holds.
    pub fn need(&self, capacity: Credit) -> Need {
        let (promised, capacity) = (self.promised, self.effective(capacity));
        if self.lost {
            return Need::Now;
        }
        let need = |promised: u64, taken: u64, read: u64, capacity: u64| {
            let more = read.saturating_add(capacity).saturating_sub(promised);
            if more < (capacity / 4).max(1) {
                Need::None
            } else if promised.saturating_sub(taken) <= capacity / 2 {
                Need::Now
            } else {
                Need::WithNext
            }
        };
        need(promised.messages, self.taken.messages, self.read.messages, capacity.messages).max(need(
            promised.bytes,
            self.taken.bytes,
            self.read.bytes,
            capacity.bytes,
        ))
    }

    /// Promises as much as the queue allows, and never less than before; answers what the peer is to be told.
    pub fn promise(&mut self, capacity: Credit) -> Credit {
        self.promised = self.promised.max(self.read + self.effective(capacity));
        self.lost = false;
        self.promised
    }

    /// Whether the peer was promised that another message is taken. The last message may exceed the bytes, and messages arrive
    /// in another order than they were begun in; hence `slack`, the largest message.
    pub fn covers(&self, slack: u64) -> bool {
        self.taken.messages < self.promised.messages && self.taken.bytes < self.promised.bytes.saturating_add(slack)
    }

    fn effective(&self, capacity: Credit) -> Credit {
        if self.lifted { Credit { messages: u64::MAX, bytes: u64::MAX } } else { capacity }
    }
}

fn message(bytes: usize) -> Credit {
    Credit { messages: 1, bytes: bytes as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn credit(messages: u64, bytes: u64) -> Credit {
        Credit { messages, bytes }
    }

    #[test]
    fn the_sender_stops_at_either_limit_and_old_grants_change_nothing() {
        let mut window = SendWindow::new(credit(2, 100));
        window.begin(credit(1, 40));
        assert!(window.is_open());
        window.begin(credit(1, 10));
        assert!(!window.is_open(), "two messages");
        window.grant(credit(9, 100));
        assert!(window.is_open());
        window.begin(credit(1, 500));
        assert!(!window.is_open(), "the last may exceed the bytes");
        window.grant(credit(3, 600));
        assert!(window.is_open(), "messages 9, bytes 600");
    }

    #[test]
    fn a_receiver_speaks_up_when_it_matters() {
        let capacity = credit(100, 10_000);
        let mut window = ReceiveWindow::new(capacity);
        assert_eq!(window.need(capacity), Need::None);
        (0..100).for_each(|_| window.take(10));
        assert!(!window.covers(0), "100 messages have come");
        (0..24).for_each(|_| window.read(message(10)));
        assert_eq!(window.need(capacity), Need::None, "little was read");
        window.read(message(10));
        assert_eq!(window.need(capacity), Need::Now);
        assert_eq!(window.promise(capacity), credit(125, 10_250));
        assert_eq!(window.need(capacity), Need::None);
        window.lost();
        assert_eq!(window.need(capacity), Need::Now);
        assert_eq!(window.promise(credit(10, 20_000)), credit(125, 20_250), "a promise is kept");
        assert_eq!(window.need(capacity), Need::None);
        window.lift();
        assert_eq!(window.need(capacity), Need::Now);
        assert_eq!(window.promise(capacity), credit(u64::MAX, u64::MAX));
        assert_eq!(window.need(capacity), Need::None);
    }

    #[test]
    fn the_bytes_count_too() {
        let capacity = credit(100, 1_000);
        let mut window = ReceiveWindow::new(capacity);
        window.take(1_200);
        assert!(window.covers(300) && !window.covers(200));
        assert_eq!(window.need(capacity), Need::None);
        window.read(message(1_200));
        assert_eq!(window.need(capacity), Need::Now);
        assert_eq!(window.promise(capacity), credit(101, 2_200));
    }
}
