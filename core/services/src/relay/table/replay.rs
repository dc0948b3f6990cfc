//! Which counters of a direction have been seen.

/// How far back a counter may be.
const WINDOW: u32 = 64;

/// The newest counter, and which of those right before it have come. 0 is never used.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::relay) struct ReplayWindow {
    newest: u32,
    /// Bit n: `newest - n` has come.
    seen: u64,
}

impl ReplayWindow {
    /// Whether it has not come yet, and is not too old to know.
    pub(in crate::relay) fn is_new(&self, counter: u32) -> bool {
        match self.newest.checked_sub(counter) {
            None => true,
            Some(age) => counter != 0 && age < WINDOW && self.seen & 1 << age == 0,
        }
    }

    /// Whether it is newer than all that came.
    pub(in crate::relay) fn is_newest(&self, counter: u32) -> bool {
        counter > self.newest
    }

    /// It has come.
    pub(in crate::relay) fn insert(&mut self, counter: u32) {
        match self.newest.checked_sub(counter) {
            None => {
                let ahead = counter - self.newest;
                self.seen = if ahead < WINDOW { self.seen << ahead } else { 0 } | 1;
                self.newest = counter;
            }
            Some(age) if age < WINDOW => self.seen |= 1 << age,
            Some(_) => {}
        }
    }

    /// Both: whether it is new, and from now on it is not.
    pub(in crate::relay) fn take(&mut self, counter: u32) -> bool {
        let is_new = self.is_new(counter);
        if is_new {
            self.insert(counter);
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_counter_is_taken_once_and_none_that_is_too_old() {
        let mut window = ReplayWindow::default();
        assert!(!window.take(0));
        assert!(window.take(1) && !window.take(1));
        assert!(window.take(100) && window.take(99) && window.take(37) && !window.take(37));
        assert!(!window.take(36), "too old to know");
        assert!(window.take(u32::MAX) && !window.take(u32::MAX) && window.take(u32::MAX - 63));
        assert!(!window.take(u32::MAX - 64));
    }
}
