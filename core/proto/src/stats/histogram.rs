//! Counts of samples by bucket, and percentiles from them (spec section 2.15).

/// Upper bounds of the ping buckets in ms, inclusive; the last bucket takes the rest.
const PING_BOUNDS_MS: [u32; 8] = [25, 50, 75, 100, 125, 150, 200, 300];
pub(super) const PING_BUCKETS: usize = PING_BOUNDS_MS.len() + 1;

/// Upper bounds of the jitter buckets in microseconds, exclusive; the last bucket takes the rest.
const JITTER_BOUNDS_MICROS: [u32; 5] = [1000, 2000, 5000, 10_000, 20_000];
pub(super) const JITTER_BUCKETS: usize = JITTER_BOUNDS_MICROS.len() + 1;

/// Lower bounds of the quality buckets in percent, inclusive; the last bucket takes the rest: dead intervals.
const QUALITY_BOUNDS_PERCENT: [u8; 8] = [100, 99, 97, 95, 90, 75, 50, 1];
pub(super) const QUALITY_BUCKETS: usize = QUALITY_BOUNDS_PERCENT.len() + 1;

/// The bucket of a ping of `ms` milliseconds: 25, 50, 75, 100, 125, 150, 200, 300, max.
pub(super) fn ping_bucket(ms: u32) -> usize {
    PING_BOUNDS_MS.partition_point(|&bound| bound < ms)
}

/// The bucket of a jitter of `micros` microseconds: negligible, 1, 2, 5, 10, 20.
pub(super) fn jitter_bucket(micros: u32) -> usize {
    JITTER_BOUNDS_MICROS.partition_point(|&bound| bound <= micros)
}

/// The bucket of an interval with a quality of `percent` percent: 100, 99, 97, 95, 90, 75, 50, 1, dead.
pub(super) fn quality_bucket(percent: u8) -> usize {
    QUALITY_BOUNDS_PERCENT.partition_point(|&bound| percent < bound)
}

/// Counts by bucket.
#[derive(Clone, Debug)]
pub(super) struct Histogram<const BUCKETS: usize>([u32; BUCKETS]);

impl<const BUCKETS: usize> Histogram<BUCKETS> {
    pub(super) const fn new() -> Self {
        Self([0; BUCKETS])
    }

    pub(super) fn add(&mut self, bucket: usize) {
        if let Some(count) = self.0.get_mut(bucket) {
            *count = count.saturating_add(1);
        }
    }

    /// The counts as the message has them: empty buckets are left out.
    pub(super) fn counts(&self) -> [Option<u32>; BUCKETS] {
        self.0.map(|count| (count > 0).then_some(count))
    }
}

/// Finer counts by value, for percentiles.
///
/// The counts are small to save memory. When one is full all are halved, which keeps their proportions: from then on
/// (65,535 equal samples) the percentiles favour what is recent.
#[derive(Clone, Debug)]
pub(super) struct Distribution<const VALUES: usize> {
    counts: [u16; VALUES],
    total: u32,
}

impl<const VALUES: usize> Distribution<VALUES> {
    pub(super) const fn new() -> Self {
        Self { counts: [0; VALUES], total: 0 }
    }

    /// Counts a sample of the value with this index; beyond the last one it counts as the last.
    pub(super) fn add(&mut self, index: usize) {
        let index = index.min(VALUES.saturating_sub(1));
        if self.counts.get(index) == Some(&u16::MAX) {
            self.halve();
        }
        if let Some(count) = self.counts.get_mut(index) {
            *count += 1; // Less than the maximum: checked above.
            self.total += 1; // At most VALUES * 65,535.
        }
    }

    /// The index of the least value that at least `percent` percent of the samples do not exceed; `None` with fewer than
    /// `min_samples` samples.
    pub(super) fn percentile(&self, percent: u8, min_samples: u32) -> Option<usize> {
        if self.total < min_samples.max(1) {
            return None;
        }
        let rank = (u64::from(self.total) * u64::from(percent)).div_ceil(100).max(1);
        let mut seen = 0;
        self.counts.iter().position(|&count| {
            seen += u64::from(count);
            seen >= rank
        })
    }

    fn halve(&mut self) {
        self.total = 0;
        for count in &mut self.counts {
            *count /= 2;
            self.total += u32::from(*count);
        }
    }
}

/// Up to here every ping has an index of its own in its [`Distribution`].
const EXACT_PINGS: u32 = 16;
/// Above that each doubling of the ping is divided into this many steps: the error is at most 1/16.
const STEPS: u32 = 8;
/// Enough for 2047 ms; samples above 2000 ms are discarded before they get here (spec section 8.4).
pub(super) const PING_VALUES: usize = 72;

/// The index of a ping of `ms` milliseconds in a [`Distribution`].
pub(super) fn ping_index(ms: u32) -> usize {
    if ms < EXACT_PINGS {
        return ms as usize;
    }
    let doubling = ms.ilog2() - EXACT_PINGS.ilog2();
    let step = (ms >> (doubling + 1)) - STEPS;
    (EXACT_PINGS + doubling * STEPS + step) as usize
}

/// The middle of the pings with this index, ms.
pub(super) fn ping_at_index(index: usize) -> u32 {
    let index = index.min(PING_VALUES - 1) as u32;
    if index < EXACT_PINGS {
        return index;
    }
    let (doubling, step) = ((index - EXACT_PINGS) / STEPS, (index - EXACT_PINGS) % STEPS);
    let width = 2 << doubling;
    (STEPS + step) * width + (width - 1) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ping_bounds_are_inclusive() {
        let expected = [
            (0, 0),
            (25, 0),
            (26, 1),
            (50, 1),
            (51, 2),
            (75, 2),
            (76, 3),
            (100, 3),
            (101, 4),
            (125, 4),
            (126, 5),
            (150, 5),
            (151, 6),
            (200, 6),
            (201, 7),
            (300, 7),
            (301, 8),
            (u32::MAX, 8),
        ];
        for (ms, bucket) in expected {
            assert_eq!(ping_bucket(ms), bucket, "{ms} ms");
        }
    }

    #[test]
    fn jitter_bounds_are_exclusive() {
        let expected = [
            (0, 0),
            (999, 0),
            (1000, 1),
            (1999, 1),
            (2000, 2),
            (4999, 2),
            (5000, 3),
            (9999, 3),
            (10_000, 4),
            (19_999, 4),
            (20_000, 5),
            (u32::MAX, 5),
        ];
        for (micros, bucket) in expected {
            assert_eq!(jitter_bucket(micros), bucket, "{micros} us");
        }
    }

    #[test]
    fn quality_bounds_are_lower_bounds() {
        let expected = [
            (100, 0),
            (99, 1),
            (98, 2),
            (97, 2),
            (96, 3),
            (95, 3),
            (94, 4),
            (90, 4),
            (89, 5),
            (75, 5),
            (74, 6),
            (50, 6),
            (49, 7),
            (1, 7),
            (0, 8),
        ];
        for (percent, bucket) in expected {
            assert_eq!(quality_bucket(percent), bucket, "{percent} %");
        }
    }

    #[test]
    fn empty_buckets_are_left_out_and_full_ones_stay_full() {
        let mut histogram = Histogram::<3>::new();
        histogram.0[2] = u32::MAX;
        histogram.add(0);
        histogram.add(2);
        histogram.add(99);
        assert_eq!(histogram.counts(), [Some(1), None, Some(u32::MAX)]);
    }

    #[test]
    fn percentiles_are_nearest_rank() {
        let mut distribution = Distribution::<101>::new();
        assert_eq!(distribution.percentile(50, 0), None);
        for value in 1..=100 {
            distribution.add(value);
        }
        for percent in [2, 5, 25, 50, 75, 95, 98, 100] {
            assert_eq!(distribution.percentile(percent, 100), Some(usize::from(percent)));
        }
        assert_eq!(distribution.percentile(0, 0), Some(1));
        assert_eq!(distribution.percentile(50, 101), None);
    }

    #[test]
    fn a_full_count_keeps_the_proportions() {
        let mut distribution = Distribution::<4>::new();
        for _ in 0..40_000 {
            distribution.add(1);
            distribution.add(1);
            distribution.add(1);
            distribution.add(usize::MAX);
        }
        assert_eq!(distribution.percentile(74, 50), Some(1));
        assert_eq!(distribution.percentile(76, 50), Some(3));
        let sum: u32 = distribution.counts.iter().map(|&count| u32::from(count)).sum();
        assert_eq!(distribution.total, sum);
    }

    #[test]
    fn ping_indices_are_monotonic_and_accurate_to_a_sixteenth() {
        let mut last = 0;
        for ms in 0..=2047 {
            let index = ping_index(ms);
            assert!(index == last || index == last + 1, "{ms} ms");
            last = index;
            let middle = ping_at_index(index);
            assert!(middle.abs_diff(ms) * 16 <= ms, "{ms} ms became {middle}");
        }
        assert_eq!(last, PING_VALUES - 1);
        assert!(ping_index(u32::MAX) > last);
        assert_eq!(ping_at_index(usize::MAX), ping_at_index(last));
    }
}
