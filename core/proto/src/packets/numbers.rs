//! Packet numbers: expansion from 16 bits and the window that drops duplicates (spec section 6.7).

/// How far ahead of the highest number seen a packet may be before the connection is given up.
pub const LURCH_MAX: u64 = 0x4000;

/// Packets older than the newest by this much cannot be told from duplicates and are dropped.
const WINDOW: u64 = 512;
const WORDS: usize = (WINDOW / 64) as usize;

/// What the window says of a packet number before its packet is decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Not seen before: worth decrypting.
    New,
    /// Seen before.
    Duplicate,
    /// Too old to know.
    TooOld,
}

/// The highest packet number accepted and a bitmap of those just below it.
#[derive(Clone, Debug)]
pub struct ReplayWindow {
    max: u64,
    seen: [u64; WORDS],
}

impl ReplayWindow {
    /// A window in which every number up to `max` counts as received: 1 after a handshake, which stands for packet 1.
    pub fn new(max: u64) -> Self {
        Self { max, seen: [u64::MAX; WORDS] }
    }

    /// The highest number accepted so far.
    pub fn max(&self) -> u64 {
        self.max
    }

    /// The full number nearest the highest one seen; `None` if that would be negative.
    pub fn expand(&self, low: u16) -> Option<u64> {
        let distance = low.wrapping_sub(self.max as u16) as i16;
        self.max.checked_add_signed(i64::from(distance))
    }

    /// Whether a packet with this number is worth decrypting.
    pub fn check(&self, number: u64) -> Freshness {
        if number > self.max {
            Freshness::New
        } else if number + WINDOW <= self.max {
            Freshness::TooOld
        } else if self.bit(number) {
            Freshness::Duplicate
        } else {
            Freshness::New
        }
    }

    /// Records a packet that authenticated. To be called for numbers that [`check`](Self::check) calls new.
    pub fn insert(&mut self, number: u64) {
        if number > self.max {
            let skipped = number - self.max - 1;
            if skipped >= WINDOW {
                self.seen = [0; WORDS];
            } else {
                (self.max + 1..number).for_each(|skipped| self.clear(skipped));
            }
            self.max = number;
        }
        self.seen[Self::word(number)] |= 1 << (number % 64);
    }

    fn bit(&self, number: u64) -> bool {
        self.seen[Self::word(number)] & (1 << (number % 64)) != 0
    }

    fn clear(&mut self, number: u64) {
        self.seen[Self::word(number)] &= !(1 << (number % 64));
    }

    fn word(number: u64) -> usize {
        ((number / 64) as usize) % WORDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expands_to_the_number_nearest_the_highest_seen() {
        let window = ReplayWindow::new(0x1_0005);
        assert_eq!(window.expand(0x0006), Some(0x1_0006));
        assert_eq!(window.expand(0xFFFF), Some(0xFFFF));
        assert_eq!(window.expand(0x8004), Some(0x1_8004));
        assert_eq!(window.expand(0x8005), Some(0x8005));
        assert_eq!(ReplayWindow::new(1).expand(0xFFF0), None);
    }

    #[test]
    fn drops_duplicates_and_what_is_too_old() {
        let mut window = ReplayWindow::new(1);
        assert_eq!(window.check(1), Freshness::Duplicate);
        assert_eq!(window.check(2), Freshness::New);
        window.insert(2);
        window.insert(5);
        assert_eq!(window.check(2), Freshness::Duplicate);
        assert_eq!(window.check(3), Freshness::New);
        window.insert(3);
        assert_eq!(window.check(3), Freshness::Duplicate);
        assert_eq!(window.check(4), Freshness::New);
        window.insert(2_000);
        assert_eq!(window.check(5), Freshness::TooOld);
        assert_eq!(window.check(2_000 - WINDOW), Freshness::TooOld);
        assert_eq!(window.check(2_001 - WINDOW), Freshness::New);
        assert_eq!(window.max(), 2_000);
    }

    #[test]
    fn agrees_with_a_set_of_numbers() {
        let mut window = ReplayWindow::new(0);
        let mut model = std::collections::BTreeSet::new();
        let mut state = 12_345_u64;
        let mut base = 1_u64;
        for _ in 0..20_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            base += (state >> 60) % 3;
            let number = base + (state >> 33) % 300;
            let fresh = window.check(number) == Freshness::New;
            let expected = number > window.max() || (number + WINDOW > window.max() && !model.contains(&number));
            assert_eq!(fresh, expected, "number {number}, max {}", window.max());
            if fresh {
                window.insert(number);
                model.insert(number);
            }
        }
    }
}
