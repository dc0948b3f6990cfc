//! What becomes of a datagram under simulated conditions: a pure machine.

use std::time::Duration;

use gamesockets_proto::Timestamp;
use rand_chacha::ChaCha12Rng;
use rand_core::{Rng as _, SeedableRng as _};

use crate::config::ConditionSettings;

/// Random delays follow `-ln(u)`; the smallest `u` (spec section 15).
const SMALLEST_DRAW: f64 = 1e-6;
const MICRO: i64 = 1_000_000;

/// Simulated conditions in one direction (spec section 15). Unlike GNS's, the rate limit limits from the first byte on.
pub(super) struct Machine {
    settings: ConditionSettings,
    random: ChaCha12Rng,
    bucket: Option<Bucket>,
    /// Jitter delays and clumps, but never reorders: no datagram with jitter comes before this.
    earliest: Timestamp,
}

/// When a datagram passes, and when its copy does. Not after now: at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fate {
    pub(super) original: Option<Timestamp>,
    pub(super) copy: Option<Timestamp>,
}

/// The bytes that may pass now, in millionths; negative after a datagram that was larger.
struct Bucket {
    micro_bytes: i64,
    filled_at: Timestamp,
}

impl Machine {
    pub(super) fn new(seed: [u8; 32]) -> Self {
        Self {
            settings: ConditionSettings::default(),
            random: ChaCha12Rng::from_seed(seed),
            bucket: None,
            earliest: Timestamp::default(),
        }
    }

    /// From now on these conditions hold.
    pub(super) fn configure(&mut self, settings: ConditionSettings) {
        if (settings.rate, settings.burst) != (self.settings.rate, self.settings.burst) {
            self.bucket = None;
        }
        self.settings = settings;
    }

    /// Whether every datagram passes at once.
    pub(super) fn is_off(&self) -> bool {
        self.settings.is_off()
    }

    /// Decides about one datagram.
    pub(super) fn judge(&mut self, now: Timestamp, bytes: usize) -> Fate {
        if !self.has_budget(now, bytes) || self.happens(self.settings.loss) {
            return Fate::default();
        }
        let reorders = self.happens(self.settings.reorder);
        let jitter = self.jitter();
        let duplicates = self.happens(self.settings.duplicate);
        let mut at = now + self.settings.lag;
        let jitter = jitter.max(self.earliest.since(at));
        if jitter.is_zero() {
            self.earliest = Timestamp::default();
        } else {
            at += jitter;
            self.earliest = at + Duration::from_micros(1);
        }
        if reorders {
            at += self.settings.reorder_time;
        }
        let copy =
            duplicates.then(|| at + Duration::from_micros(1) + self.settings.duplicate_time_max.mul_f64(self.draw()));
        Fate { original: Some(at), copy }
    }

    /// Takes the datagram out of the bucket, if the rate limit lets it pass.
    fn has_budget(&mut self, now: Timestamp, bytes: usize) -> bool {
        if self.settings.rate == 0 {
            return true;
        }
        // Without any burst the bucket could never be more than empty, and nothing would ever pass.
        let full = i64::from(self.settings.burst.max(1)).saturating_mul(MICRO);
        let bucket = self.bucket.get_or_insert(Bucket { micro_bytes: full, filled_at: now });
        let elapsed = i64::try_from(now.since(bucket.filled_at).as_micros()).unwrap_or(i64::MAX);
        let gained = elapsed.saturating_mul(self.settings.rate.into());
        bucket.micro_bytes = bucket.micro_bytes.saturating_add(gained).min(full);
        bucket.filled_at = now;
        if bucket.micro_bytes <= 0 {
            return false;
        }
        let size = i64::try_from(bytes).unwrap_or(i64::MAX).saturating_mul(MICRO);
        bucket.micro_bytes = bucket.micro_bytes.saturating_sub(size);
        true
    }

    fn jitter(&mut self) -> Duration {
        let (mean, max) = (self.settings.jitter_mean, self.settings.jitter_max);
        if mean.is_zero() || max.is_zero() || !self.happens(self.settings.jitter) {
            return Duration::ZERO;
        }
        let draw = SMALLEST_DRAW + (1.0 - SMALLEST_DRAW) * (1.0 - self.draw());
        mean.mul_f64(-draw.min(1.0).ln()).min(max)
    }

    fn happens(&mut self, share: f64) -> bool {
        share > 0.0 && self.draw() < share
    }

    /// A number from 0 up to, not including, 1.
    fn draw(&mut self) -> f64 {
        f64::from(self.random.next_u32()) / (f64::from(u32::MAX) + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNT: u32 = 20_000;

    fn start() -> Timestamp {
        Timestamp::from_micros(1_000_000_000)
    }

    fn machine(settings: ConditionSettings) -> Machine {
        let mut machine = Machine::new([7; 32]);
        machine.configure(settings);
        machine
    }

    /// The fates of datagrams of 100 bytes, one per millisecond, with the time of each.
    fn fates(settings: ConditionSettings) -> Vec<(Timestamp, Fate)> {
        let mut machine = machine(settings);
        let times = (0..COUNT).map(|number| start() + Duration::from_millis(number.into()));
        times.map(|now| (now, machine.judge(now, 100))).collect()
    }

    /// The delays of those that passed, in milliseconds.
    fn delays(fates: &[(Timestamp, Fate)]) -> Vec<f64> {
        let delay = |(now, fate): &(Timestamp, Fate)| Some(fate.original?.since(*now).as_secs_f64() * 1000.0);
        fates.iter().filter_map(delay).collect()
    }

    fn share(fates: &[(Timestamp, Fate)], counts: impl Fn(&Fate) -> bool) -> f64 {
        fates.iter().filter(|(_, fate)| counts(fate)).count() as f64 / fates.len() as f64
    }

    fn mean(numbers: &[f64]) -> f64 {
        numbers.iter().sum::<f64>() / numbers.len() as f64
    }

    #[test]
    fn without_conditions_everything_passes_at_once() {
        let fates = fates(ConditionSettings::default());
        assert!(fates.iter().all(|&(now, fate)| fate == Fate { original: Some(now), copy: None }));
    }

    #[test]
    fn the_share_that_is_lost_is_the_share_that_was_asked_for() {
        let lost =
            |loss| share(&fates(ConditionSettings { loss, ..Default::default() }), |fate| fate.original.is_none());
        assert!((lost(0.25) - 0.25).abs() < 0.01);
        assert!((lost(1.0) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn lag_delays_all_by_the_same_time() {
        let lag = Duration::from_millis(50);
        let delays = delays(&fates(ConditionSettings { lag, ..Default::default() }));
        assert!(delays.iter().all(|delay| (delay - 50.0).abs() < 1e-9));
    }

    #[test]
    fn reordered_datagrams_are_overtaken() {
        let reorder_time = Duration::from_millis(15);
        let fates = fates(ConditionSettings { reorder: 0.2, reorder_time, ..Default::default() });
        assert!((mean(&delays(&fates)) - 0.2 * 15.0).abs() < 0.2);
        let overtaken = fates.windows(2).filter(|pair| pair[0].1.original > pair[1].1.original).count();
        assert!(overtaken > COUNT as usize / 10, "{overtaken}");
    }

    #[test]
    fn copies_come_soon_after_and_nothing_else_changes() {
        let duplicate_time_max = Duration::from_millis(10);
        let fates = fates(ConditionSettings { duplicate: 0.5, duplicate_time_max, ..Default::default() });
        assert!((share(&fates, |fate| fate.copy.is_some()) - 0.5).abs() < 0.01);
        for (now, fate) in fates {
            assert_eq!(fate.original, Some(now));
            if let Some(copy) = fate.copy {
                assert!(copy > now && copy <= now + Duration::from_micros(10_001));
            }
        }
    }

    #[test]
    fn jitter_has_its_mean_and_maximum_and_keeps_the_order() {
        let settings = ConditionSettings {
            jitter: 1.0,
            jitter_mean: Duration::from_millis(5),
            jitter_max: Duration::from_millis(20),
            ..Default::default()
        };
        // So far apart that no datagram waits for the one before it.
        let mut apart = machine(settings.clone());
        let delays: Vec<_> = (0..COUNT)
            .map(|number| start() + Duration::from_millis(100) * number)
            .map(|now| apart.judge(now, 100).original.unwrap().since(now).as_secs_f64() * 1000.0)
            .collect();
        // The mean of an exponential distribution that is cut at four times its mean.
        let expected = 5.0 * (1.0 - (-4.0_f64).exp());
        assert!((mean(&delays) - expected).abs() < 0.1, "{}", mean(&delays));
        assert!(delays.iter().all(|&delay| (0.0..=20.001).contains(&delay)));
        let fates = fates(settings);
        assert!(fates.windows(2).all(|pair| pair[0].1.original < pair[1].1.original));
    }

    #[test]
    fn the_rate_limit_limits() {
        // 100 kB/s are offered.
        let limited = |rate, burst| {
            let passed =
                share(&fates(ConditionSettings { rate, burst, ..Default::default() }), |fate| fate.original.is_some());
            passed * 100_000.0
        };
        assert!((limited(20_000, 2_000) - 20_000.0).abs() < 300.0, "{}", limited(20_000, 2_000));
        assert!((limited(20_000, 0) - 20_000.0).abs() < 300.0, "{}", limited(20_000, 0));
        assert!((limited(1_073_741_824, 16_384) - 100_000.0).abs() < 1.0);
    }

    #[test]
    fn a_burst_passes_at_once() {
        let mut machine = machine(ConditionSettings { rate: 1000, burst: 10_000, ..Default::default() });
        let passed = (0..100).filter(|_| machine.judge(start(), 1000).original.is_some()).count();
        assert_eq!(passed, 10);
        let later = start() + Duration::from_secs(2);
        assert_eq!((0..100).filter(|_| machine.judge(later, 1000).original.is_some()).count(), 2);
    }

    #[test]
    fn the_same_seed_gives_the_same_fates() {
        let settings = ConditionSettings { loss: 0.5, duplicate: 0.5, ..Default::default() };
        assert_eq!(fates(settings.clone()), fates(settings));
    }
}
