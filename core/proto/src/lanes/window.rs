//! How much reliable data the peer takes, where both ends have the extension (docs/WIRE_FORMAT.md, "Extensions"): the
//! sender stops beginning messages before the receiver's queue is full, instead of sending them again and again.

use crate::wire::frame::Credit;

/// What the sender may begin.
#[derive(Clone, Copy, Debug)]
pub struct SendWindow {
    limit: Credit,
    begun: Credit,
}

impl Default for SendWindow {
    /// Nothing is held back until the peer says how much it takes.
    fn default() -> Self {
        Self { limit: Credit { messages: u64::MAX, bytes: u64::MAX }, begun: Credit::default() }
    }
}

impl SendWindow {
    /// The peer takes this much in all. What it promised once it keeps.
    pub fn grant(&mut self, limit: Credit) {
        let known = self.limit != Self::default().limit;
        let max = |old: u64, new: u64| if known { old.max(new) } else { new };
        self.limit =
            Credit { messages: max(self.limit.messages, limit.messages), bytes: max(self.limit.bytes, limit.bytes) };
    }

    /// Whether another message may begin.
    pub fn is_open(&self) -> bool {
        self.begun.messages < self.limit.messages && self.begun.bytes < self.limit.bytes
    }

    /// Messages have begun.
    pub fn begin(&mut self, more: Credit) {
        self.begun.messages = self.begun.messages.saturating_add(more.messages);
        self.begun.bytes = self.begun.bytes.saturating_add(more.bytes);
    }
}

/// What the receiver has promised, and when to promise more.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReceiveWindow {
    promised: Option<Credit>,
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
    /// What the peer has been told.
    pub fn promised(&self) -> Option<Credit> {
        self.promised
    }

    /// Whether to say that `limit` is taken in all. `taken` of it has come, and the queue holds `capacity`.
    pub fn need(&self, taken: Credit, limit: Credit, capacity: Credit) -> Need {
        let Some(promised) = self.promised else {
            return if taken == Credit::default() { Need::None } else { Need::WithNext };
        };
        let need = |promised: u64, taken: u64, limit: u64, capacity: u64| {
            let more = limit.saturating_sub(promised);
            if more < (capacity / 4).max(1) {
                Need::None
            } else if promised.saturating_sub(taken) <= capacity / 2 {
                Need::Now
            } else {
                Need::WithNext
            }
        };
        need(promised.messages, taken.messages, limit.messages, capacity.messages).max(need(
            promised.bytes,
            taken.bytes,
            limit.bytes,
            capacity.bytes,
        ))
    }

    /// The peer is told of `limit`; answers what it is to be told, since no promise is taken back.
    pub fn promise(&mut self, limit: Credit) -> Credit {
        let old = self.promised.unwrap_or_default();
        let new = Credit { messages: old.messages.max(limit.messages), bytes: old.bytes.max(limit.bytes) };
        self.promised = Some(new);
        new
    }

    /// Whether the peer was promised that another message is taken. A message may exceed the bytes, and several can arrive in
    /// another order than they were begun in, hence the slack of `message_max`.
    pub fn covers(&self, taken: Credit, message_max: u64) -> bool {
        self.promised.is_some_and(|promised| {
            taken.messages < promised.messages && taken.bytes < promised.bytes.saturating_add(message_max)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn credit(messages: u64, bytes: u64) -> Credit {
        Credit { messages, bytes }
    }

    #[test]
    fn the_sender_stops_at_either_limit_and_old_grants_change_nothing() {
        let mut window = SendWindow::default();
        window.begin(credit(1_000_000, 1 << 40));
        assert!(window.is_open(), "free until told");
        let mut window = SendWindow::default();
        window.grant(credit(2, 100));
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
        let (mut window, capacity) = (ReceiveWindow::default(), credit(100, 1_000));
        let need = |window: &ReceiveWindow, taken, limit| window.need(taken, limit, capacity);
        assert_eq!(need(&window, credit(0, 0), credit(100, 1_000)), Need::None, "nothing has come");
        assert_eq!(need(&window, credit(1, 10), credit(100, 1_000)), Need::WithNext);
        assert_eq!(window.promise(credit(100, 1_000)), credit(100, 1_000));
        assert_eq!(need(&window, credit(24, 24), credit(124, 1_024)), Need::None);
        assert_eq!(need(&window, credit(30, 30), credit(130, 1_030)), Need::WithNext);
        assert_eq!(need(&window, credit(50, 50), credit(150, 1_050)), Need::Now);
        assert_eq!(need(&window, credit(100, 100), credit(110, 1_100)), Need::None, "little was read");
        assert_eq!(need(&window, credit(100, 100), credit(125, 1_100)), Need::Now);
        assert_eq!(window.promise(credit(90, 2_000)), credit(100, 2_000));
        assert!(window.covers(credit(99, 2_400), 500) && !window.covers(credit(100, 0), 500));
        assert!(!window.covers(credit(99, 2_500), 500));
    }
}
