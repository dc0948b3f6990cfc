//! A token bucket that may go into debt (spec section 11.4).

use core::time::Duration;

use crate::time::Timestamp;

/// Tokens that may be saved up while nothing waits: one full packet.
const BURST_BYTES: i64 = 1_248;
/// Tokens are counted in millionths of a byte, so that a rate times microseconds is exact.
const MICRO: i64 = 1_000_000;
/// However late the owner comes back, no more than this is saved up, so that no burst is longer: a stalled process must
/// not flood the path, and what is urgent must not wait behind a burst of bulk data.
const CREDIT_MAX: Duration = Duration::from_millis(20);

/// Spends a rate: data may leave while the bucket is not in debt, and costs its full size.
#[derive(Clone, Debug)]
pub struct Pacer {
    micro_tokens: i64,
    rate: u32,
    updated: Timestamp,
}

impl Pacer {
    /// A full bucket. `rate` in bytes per second.
    pub fn new(now: Timestamp, rate: u32) -> Self {
        Self { micro_tokens: BURST_BYTES * MICRO, rate, updated: now }
    }

    /// Bytes per second.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// Changes the rate from now on.
    pub fn set_rate(&mut self, now: Timestamp, rate: u32) {
        self.accrue(now);
        self.rate = rate;
    }

    /// Whether data may leave now.
    pub fn may_send(&mut self, now: Timestamp) -> bool {
        self.accrue(now);
        self.micro_tokens >= 0
    }

    /// A datagram of `bytes` left.
    pub fn spend(&mut self, now: Timestamp, bytes: usize) {
        self.accrue(now);
        self.micro_tokens -= bytes as i64 * MICRO;
    }

    /// Nothing waits to be sent: tokens are not saved up beyond one packet.
    pub fn idle(&mut self, now: Timestamp) {
        self.accrue(now);
        self.micro_tokens = self.micro_tokens.min(BURST_BYTES * MICRO);
    }

    /// When data may leave, if nothing else is sent before.
    pub fn next_send(&self) -> Timestamp {
        let debt = (-self.micro_tokens).max(0) as u64;
        self.updated + Duration::from_micros(debt.div_ceil(u64::from(self.rate.max(1))))
    }

    /// Debt is paid off by time, all of it; what is saved up beyond zero is bounded.
    fn accrue(&mut self, now: Timestamp) {
        let rate = i64::from(self.rate);
        let elapsed = i64::try_from(now.since(self.updated).as_micros()).unwrap_or(i64::MAX);
        let saved_max = (CREDIT_MAX.as_micros() as i64 * rate).max(BURST_BYTES * MICRO);
        self.micro_tokens = self.micro_tokens.saturating_add(elapsed.saturating_mul(rate)).min(saved_max);
        self.updated = self.updated.max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_the_rate_over_time() {
        let mut now = Timestamp::from_micros(1_000);
        let start = now;
        let mut pacer = Pacer::new(now, 262_144);
        let mut sent = 0_u64;
        while now.since(start) < Duration::from_secs(10) {
            assert!(pacer.may_send(now));
            pacer.spend(now, 1_174);
            sent += 1_174;
            now = now.max(pacer.next_send());
        }
        let rate = sent as f64 / 10.0;
        assert!((262_000.0..262_900.0).contains(&rate), "{rate}");
    }

    #[test]
    fn an_idle_bucket_saves_one_packet() {
        let mut pacer = Pacer::new(Timestamp::from_micros(0), 1_000_000);
        let later = Timestamp::from_micros(10_000_000);
        pacer.idle(later);
        assert!(pacer.may_send(later));
        pacer.spend(later, 1_248);
        assert!(pacer.may_send(later));
        pacer.spend(later, 1_000);
        assert!(!pacer.may_send(later));
        assert_eq!(pacer.next_send(), later + Duration::from_micros(1_000));
    }

    #[test]
    fn a_long_transfer_leaves_no_debt_behind() {
        let mut now = Timestamp::from_micros(1_000);
        let mut pacer = Pacer::new(now, 262_144);
        for _ in 0..1_000 {
            pacer.spend(now, 1_174);
            now = now.max(pacer.next_send());
        }
        pacer.idle(now);
        pacer.spend(now, 1_174);
        assert!(pacer.next_send() <= now + Duration::from_millis(5), "{:?}", pacer.next_send());
    }
}
