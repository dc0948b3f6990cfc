//! How much work strangers may make: checking signatures is by far the most expensive thing that they can ask for.
//!
//! All checks together may take so many a second. What one prefix cannot use up is kept for those that ask rarely; and who
//! was seen failing gets next to nothing, for a while. A prefix is remembered in two cells of a table of fixed size, that a
//! secret chooses: it counts as busy or failing only if both cells say so.

use core::hash::Hasher;
use core::time::Duration;

use siphasher::sip::SipHasher24;

use super::prefix::Prefix;
use crate::time::Timestamp;

/// The checks a second: this much time lies between two.
const CHECK: Duration = Duration::from_micros(500);
/// How far checks may run ahead of that; 200 of them.
const AHEAD_MAX: Duration = Duration::from_millis(100);
/// So much further for a prefix that asks rarely; another 200.
const AHEAD_MAX_RARE: Duration = Duration::from_millis(200);
/// A prefix that asks more often, over a second or so, does not ask rarely.
const RARE: Duration = Duration::from_millis(50);
const RARE_AHEAD_MAX: Duration = Duration::from_millis(800);
/// What a failing prefix has to wait between two checks, after a few at once.
const FAILING: Duration = Duration::from_millis(50);
const FAILING_AHEAD_MAX: Duration = Duration::from_millis(200);
/// How long a failure is remembered.
const MEMORY: Duration = Duration::from_mins(10);
/// Cells of the table: 24 KiB.
const CELLS: usize = 1_024;

/// Says who may have a signature checked, and when.
pub(super) struct Budget {
    hasher: SipHasher24,
    /// When the checks so far are paid for.
    paid_at: Timestamp,
    /// Empty until the first check.
    cells: Vec<Cell>,
}

/// What is known of the prefixes that share a cell.
#[derive(Clone, Copy, Default)]
struct Cell {
    paid_at: Timestamp,
    failed_at: Option<Timestamp>,
}

impl Budget {
    /// With a secret, so that nobody chooses whom to share a cell with.
    pub(super) fn new(secret: [u8; 16]) -> Self {
        Self { hasher: SipHasher24::new_with_key(&secret), paid_at: Timestamp::default(), cells: Vec::new() }
    }

    /// Whether a check may be made for this prefix now. It is paid for then.
    pub(super) fn take(&mut self, now: Timestamp, prefix: Prefix) -> bool {
        if self.cells.is_empty() {
            self.cells = vec![Cell::default(); CELLS];
        }
        let cells = self.cells_of(prefix);
        let [first, second] = cells.map(|index| self.cells.get(index).copied().unwrap_or_default());
        let ahead = first.paid_at.min(second.paid_at).since(now);
        let fails = |cell: Cell| cell.failed_at.is_some_and(|at| now.since(at) < MEMORY);
        let is_failing = fails(first) && fails(second);
        let (own_max, all_max) = match ahead {
            _ if is_failing => (FAILING_AHEAD_MAX, AHEAD_MAX),
            ahead if ahead <= RARE_AHEAD_MAX => (Duration::MAX, AHEAD_MAX_RARE),
            _ => (Duration::MAX, AHEAD_MAX),
        };
        if ahead > own_max || self.paid_at.since(now) + CHECK > all_max {
            return false;
        }
        self.paid_at = self.paid_at.max(now) + CHECK;
        let price = if is_failing { FAILING } else { RARE };
        // A busy prefix is busy; how busy does not matter, and is to be forgotten soon.
        let paid_at = |cell: Cell| (cell.paid_at.max(now) + price).min(now + RARE_AHEAD_MAX + price);
        let paid = [first, second].map(paid_at);
        for (index, paid_at) in cells.into_iter().zip(paid) {
            if let Some(cell) = self.cells.get_mut(index) {
                cell.paid_at = paid_at;
            }
        }
        true
    }

    /// A check for this prefix failed.
    pub(super) fn note_failure(&mut self, now: Timestamp, prefix: Prefix) {
        for index in self.cells_of(prefix) {
            if let Some(cell) = self.cells.get_mut(index) {
                cell.failed_at = Some(now);
            }
        }
    }

    fn cells_of(&self, prefix: Prefix) -> [usize; 2] {
        let mut hasher = self.hasher;
        hasher.write_u64(prefix.to_bits());
        let hash = hasher.finish();
        [hash, hash >> 32].map(|half| half as usize % CELLS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_000_000_000);

    fn prefix(number: u32) -> Prefix {
        Prefix::of(core::net::Ipv4Addr::from_bits(number).into())
    }

    /// How many checks these prefixes get, each asking so often for a second.
    fn checks(budget: &mut Budget, prefixes: core::ops::Range<u32>, each: u32, fails: bool) -> u32 {
        let mut checks = 0;
        for round in 0..each {
            let now = NOW + Duration::from_secs(1) * round / each;
            for number in prefixes.clone() {
                if budget.take(now, prefix(number)) {
                    checks += 1;
                    if fails {
                        budget.note_failure(now, prefix(number));
                    }
                }
            }
        }
        checks
    }

    #[test]
    fn one_address_may_use_nearly_all_of_it() {
        let used = checks(&mut Budget::new([1; 16]), 0..1, 50_000, false);
        assert!((2_000..=2_250).contains(&used), "{used}");
    }

    #[test]
    fn many_addresses_get_no_more_together() {
        let used = checks(&mut Budget::new([1; 16]), 0..10_000, 5, false);
        assert!((2_000..=2_450).contains(&used), "{used}");
    }

    #[test]
    fn who_fails_gets_next_to_nothing_and_spoils_nothing_for_others() {
        let mut budget = Budget::new([1; 16]);
        let used = checks(&mut budget, 0..1, 50_000, true);
        assert!(used <= 30, "{used}");
        assert!(budget.take(NOW + Duration::from_secs(1), prefix(1)));
        // It is forgotten in the end.
        let later = NOW + MEMORY + Duration::from_secs(2);
        assert!((0..100).all(|_| budget.take(later, prefix(0))));
    }

    #[test]
    fn a_newcomer_is_heard_beside_any_busy_address() {
        let mut budget = Budget::new([1; 16]);
        for step in 0..50_000u32 {
            let now = NOW + Duration::from_micros(20) * step;
            budget.take(now, prefix(step % 4));
            if step % 1_000 == 999 {
                assert!(budget.take(now, prefix(step)), "after {step}");
            }
        }
    }

    #[test]
    fn the_memory_is_of_fixed_size() {
        let mut budget = Budget::new([1; 16]);
        assert_eq!(budget.cells.capacity(), 0);
        for number in 0..100_000 {
            budget.take(NOW + Duration::from_millis(1) * number, prefix(number));
            budget.note_failure(NOW, prefix(number));
        }
        assert_eq!(budget.cells.capacity(), CELLS);
        assert!(size_of::<Cell>() * CELLS <= 24 * 1_024);
    }
}
