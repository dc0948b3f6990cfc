//! How large a datagram the path carries: a search by probes, after RFC 8899.
//!
//! ```text
//! Searching --probe arrived--> Searching, from its size on
//!     |     --three probes of a size lost--> Searching, below that size
//!     +--nothing left to try--> Complete --ten minutes--> Searching, from the same size on
//! any --large packets lost in a row, while small ones arrive--> Searching, from the base
//! ```
//!
//! Probes need a peer that understands padding (docs/WIRE_FORMAT.md, "Extensions"). With any other there is no search, but
//! a path that does not carry large packets is still found out.

use core::time::Duration;

use crate::time::Timestamp;

/// A size that nearly every path carries, bytes (RFC 8899, section 5.1.2: BASE_PLPMTU).
const BASE: u16 = 1_200;
/// Sizes closer to each other than this are not worth a probe, bytes.
const STEP_MIN: u16 = 20;
/// Probes of one size that have to be lost before it is given up: one may be lost by chance.
const PROBES_MAX: u8 = 3;
/// Large packets in a row whose loss means that the path no longer carries them, if small ones arrive.
const BLACK_HOLE_LOSSES: u8 = 10;
/// A lost probe is not repeated at once.
const PROBE_SPACING: Duration = Duration::from_millis(500);
/// After this the path may have changed for the better.
const RAISE_AGAIN: Duration = Duration::from_secs(600);

/// The search for the largest datagram that arrives. Sizes are UDP payload bytes.
#[derive(Clone, Debug)]
pub struct MtuSearch {
    /// Known, or at the start believed, to arrive.
    current: u16,
    /// Not known to fail.
    ceiling: u16,
    /// Never to be exceeded.
    max: u16,
    can_probe: bool,
    probe_in_flight: bool,
    lost_probes: u8,
    lost_large: u8,
    /// A small packet has arrived since the first of those.
    small_arrived: bool,
    next_probe: Timestamp,
}

impl MtuSearch {
    /// Begins at `start` and never exceeds `max`.
    pub fn new(now: Timestamp, start: u16, max: u16, can_probe: bool) -> Self {
        Self {
            current: start.min(max),
            ceiling: max,
            max,
            can_probe,
            probe_in_flight: false,
            lost_probes: 0,
            lost_large: 0,
            small_arrived: false,
            next_probe: now,
        }
    }

    /// The largest datagram to send.
    pub fn current(&self) -> u16 {
        self.current
    }

    /// A new limit. What was found out stays.
    pub fn set_max(&mut self, now: Timestamp, max: u16) {
        if max != self.max {
            self.max = max;
            self.ceiling = max;
            self.current = self.current.min(max);
            self.next_probe = now;
        }
    }

    /// The size of the probe that may leave now. Probes ride on busy times: nobody has to wake up for one.
    pub fn probe_size(&self, now: Timestamp) -> Option<u16> {
        let wanted = self.can_probe && !self.probe_in_flight && self.current < self.max && self.next_probe <= now;
        wanted.then(|| self.candidate())
    }

    /// A probe left.
    pub fn probe_sent(&mut self, now: Timestamp) {
        self.probe_in_flight = true;
        self.next_probe = now + PROBE_SPACING;
    }

    /// A packet of `size` bytes arrived.
    pub fn acknowledged(&mut self, now: Timestamp, size: u16, is_probe: bool) {
        if is_probe {
            self.probe_in_flight = false;
            self.lost_probes = 0;
            self.current = self.current.max(size.min(self.max));
            self.next_probe = now;
            self.complete_if_done(now);
        }
        if size > BASE {
            self.lost_large = 0;
            self.small_arrived = false;
        } else {
            self.small_arrived |= self.lost_large > 0;
        }
    }

    /// A packet of `size` bytes is lost.
    pub fn lost(&mut self, now: Timestamp, size: u16, is_probe: bool) {
        if !is_probe {
            self.lost_large = self.lost_large.saturating_add(u8::from(size > BASE));
            if self.lost_large >= BLACK_HOLE_LOSSES && self.small_arrived {
                *self = Self { next_probe: now + PROBE_SPACING, ..Self::new(now, BASE, self.max, self.can_probe) };
            }
            return;
        }
        self.probe_in_flight = false;
        self.lost_probes += 1;
        if self.lost_probes >= PROBES_MAX {
            self.lost_probes = 0;
            self.ceiling = size.saturating_sub(1).max(self.current);
            self.next_probe = now;
            self.complete_if_done(now);
        }
    }

    /// The maximum first, since most paths carry it; then half way between what arrives and what is not known to fail.
    fn candidate(&self) -> u16 {
        if self.ceiling == self.max { self.max } else { self.current + (self.ceiling - self.current).div_ceil(2) }
    }

    fn complete_if_done(&mut self, now: Timestamp) {
        if self.ceiling.saturating_sub(self.current) < STEP_MIN {
            self.ceiling = self.max;
            self.next_probe = now + RAISE_AGAIN;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a search over a path that carries `path` bytes; gives what it found and how many probes that took.
    fn search(start: u16, max: u16, path: u16) -> (u16, u32) {
        let mut now = Timestamp::from_micros(0);
        let mut mtu = MtuSearch::new(now, start, max, true);
        let mut probes = 0;
        for _ in 0..10_000 {
            now += Duration::from_millis(10);
            let Some(size) = mtu.probe_size(now) else { continue };
            probes += 1;
            mtu.probe_sent(now);
            if size <= path {
                mtu.acknowledged(now, size, true);
            } else {
                mtu.lost(now, size, true);
            }
        }
        (mtu.current(), probes)
    }

    #[test]
    fn finds_what_the_path_carries() {
        assert_eq!(search(1_300, 1_452, 9_000), (1_452, 1), "the maximum at the first try");
        assert_eq!(search(1_300, 1_300, 9_000), (1_300, 0), "nothing to find");
        assert_eq!(search(1_300, 400, 9_000), (400, 0));
        for path in [1_300, 1_310, 1_372, 1_400, 1_440, 1_451] {
            let (found, probes) = search(1_300, 1_452, path);
            assert!(found <= path && path - found < STEP_MIN, "found {found} on a path of {path}");
            assert!(probes <= 20, "{probes} probes");
        }
    }

    #[test]
    fn a_chance_loss_of_a_probe_changes_nothing() {
        let mut now = Timestamp::from_micros(0);
        let mut mtu = MtuSearch::new(now, 1_300, 1_452, true);
        mtu.probe_sent(now);
        mtu.lost(now, 1_452, true);
        assert_eq!(mtu.probe_size(now), None, "not at once");
        now += PROBE_SPACING;
        assert_eq!(mtu.probe_size(now), Some(1_452));
    }

    #[test]
    fn without_padding_there_are_no_probes() {
        let now = Timestamp::from_micros(0);
        assert_eq!(MtuSearch::new(now, 1_200, 1_300, false).probe_size(now), None);
    }

    #[test]
    fn a_path_that_narrows_is_found_out() {
        let now = Timestamp::from_micros(0);
        let mut mtu = MtuSearch::new(now, 1_300, 1_452, true);
        mtu.probe_sent(now);
        mtu.acknowledged(now, 1_452, true);
        (0..9).for_each(|_| mtu.lost(now, 1_452, false));
        mtu.acknowledged(now, 1_452, false);
        (0..9).for_each(|_| mtu.lost(now, 1_452, false));
        mtu.acknowledged(now, 90, false);
        assert_eq!(mtu.current(), 1_452, "something large still arrives now and then");
        mtu.acknowledged(now, 1_452, false);
        (0..20).for_each(|_| mtu.lost(now, 1_452, false));
        assert_eq!(mtu.current(), 1_452, "perhaps nothing at all arrives");
        mtu.acknowledged(now, 90, false);
        mtu.lost(now, 1_452, false);
        assert_eq!(mtu.current(), BASE);
        assert!(mtu.probe_size(now + PROBE_SPACING).is_some());
    }

    #[test]
    fn a_new_limit_is_kept() {
        let now = Timestamp::from_micros(0);
        let mut mtu = MtuSearch::new(now, 1_300, 1_300, true);
        mtu.set_max(now, 1_400);
        assert_eq!((mtu.current(), mtu.probe_size(now)), (1_300, Some(1_400)));
        mtu.set_max(now, 500);
        assert_eq!((mtu.current(), mtu.probe_size(now)), (500, None));
    }
}
