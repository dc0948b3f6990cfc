//! How much somebody may do: what was not used up to a second ago is gone.

use core::net::IpAddr;
use std::collections::HashMap;

use super::SECOND_US;

/// Prefixes that are remembered; with more of them, the new ones share one budget.
const PREFIXES_MAX: usize = 16_384;

/// A bucket that fills at a rate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    /// In it, in millionths.
    level: u64,
    per_second: u64,
    max: u64,
    filled: u64,
}

impl Bucket {
    /// Full.
    pub(super) fn new(now: u64, per_second: u64, max: u64) -> Self {
        Self { level: max * SECOND_US, per_second, max: max * SECOND_US, filled: now }
    }

    /// Takes so much out of it, if it is there.
    pub(super) fn take(&mut self, now: u64, amount: u64) -> bool {
        let elapsed = now.saturating_sub(self.filled).min(SECOND_US);
        self.level = (self.level + elapsed * self.per_second).min(self.max);
        self.filled = self.filled.max(now);
        let amount = amount * SECOND_US;
        let enough = self.level >= amount;
        if enough {
            self.level -= amount;
        }
        enough
    }
}

/// A budget for each prefix of addresses: /32 of IPv4, /56 of IPv6.
pub(super) struct PrefixBudget {
    per_second: u32,
    buckets: HashMap<u128, Bucket>,
    others: Option<Bucket>,
}

impl PrefixBudget {
    pub(super) fn new(per_second: u32) -> Self {
        Self { per_second, buckets: HashMap::new(), others: None }
    }

    /// Takes one out of the budget of this address.
    pub(super) fn take(&mut self, now: u64, address: IpAddr) -> bool {
        let prefix = match address.to_canonical() {
            IpAddr::V4(v4) => u128::from(v4.to_bits()),
            IpAddr::V6(v6) => v6.to_bits() >> 72 << 72 | 1 << 64,
        };
        let full = Bucket::new(now, self.per_second.into(), self.per_second.into());
        if self.buckets.len() < PREFIXES_MAX || self.buckets.contains_key(&prefix) {
            self.buckets.entry(prefix).or_insert(full).take(now, 1)
        } else {
            self.others.get_or_insert(full).take(now, 1)
        }
    }

    /// Who has been away for a second has a full bucket again, and need not be remembered.
    pub(super) fn forget(&mut self, now: u64) {
        self.buckets.retain(|_, bucket| bucket.filled + SECOND_US > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_what_its_rate_gives() {
        let mut bucket = Bucket::new(0, 10, 20);
        assert_eq!((0..100).filter(|_| bucket.take(0, 1)).count(), 20);
        assert_eq!((0..100).filter(|_| bucket.take(SECOND_US / 2, 1)).count(), 5);
        assert_eq!((0..100).filter(|_| bucket.take(100 * SECOND_US, 1)).count(), 10);
    }

    #[test]
    fn prefixes_do_not_share_and_their_number_is_bounded() {
        let mut budget = PrefixBudget::new(1);
        let address = |n: u32| IpAddr::from(n.to_be_bytes());
        assert!(budget.take(0, address(1)) && !budget.take(0, address(1)) && budget.take(0, address(2)));
        let taken = (0..100_000).filter(|&n| budget.take(0, address(n))).count();
        assert!(taken <= PREFIXES_MAX + 1);
        assert!(budget.buckets.len() <= PREFIXES_MAX);
        budget.forget(2 * SECOND_US);
        assert!(budget.buckets.is_empty());
    }
}
