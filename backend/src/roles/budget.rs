//! How much of something somebody may do in a time.

/// So many at once, and one more whenever a time has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many at once.
    pub burst: u32,
    /// When the next one may follow, ms.
    pub every_ms: u64,
}

/// What is left of a rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// When all of it will be there again, ms.
    full_at: u64,
}

impl Budget {
    /// Takes one.
    ///
    /// # Errors
    /// When there is none: how long it takes until there is, ms.
    pub fn take(&mut self, now: u64, rate: Rate) -> Result<(), u64> {
        let used = self.full_at.saturating_sub(now);
        let room = rate.every_ms.saturating_mul(u64::from(rate.burst));
        let after = used.saturating_add(rate.every_ms);
        if after > room {
            return Err(after - room);
        }
        self.full_at = now.saturating_add(after);
        Ok(())
    }

    /// Whether nothing of it is used: it need not be kept.
    pub const fn is_full(&self, now: u64) -> bool {
        self.full_at <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_let_through_and_then_one_at_a_time() {
        let rate = Rate { burst: 3, every_ms: 100 };
        let mut budget = Budget::default();
        assert!((0..3).all(|_| budget.take(1_000, rate).is_ok()));
        assert_eq!(budget.take(1_000, rate), Err(100));
        assert_eq!(budget.take(1_099, rate), Err(1));
        assert_eq!(budget.take(1_100, rate), Ok(()));
        assert_eq!(budget.take(1_100, rate), Err(100));
        assert!(budget.is_full(1_400));
    }
}
