//! What a child counts: written by the work, read by the thread that answers for it.

use std::sync::atomic::{AtomicU64, Ordering};

use nix::time::{ClockId, clock_gettime};

/// Each power of two is divided into so many buckets: 1.6 % apart.
const STEPS: u64 = 64;
const STEPS_LOG: u32 = STEPS.trailing_zeros();
const BUCKETS: usize = ((64 - STEPS_LOG + 1) as usize) * STEPS as usize;

/// The one of this process.
pub(crate) static BOARD: Board = Board {
    messages: AtomicU64::new(0),
    bytes: AtomicU64::new(0),
    sent: AtomicU64::new(0),
    connected: AtomicU64::new(0),
    connecting: AtomicU64::new(0),
    dropped: AtomicU64::new(0),
    latency: Histogram([const { AtomicU64::new(0) }; BUCKETS]),
};

/// Counters; the fields of [`super::Sample`].
pub(crate) struct Board {
    pub(crate) messages: AtomicU64,
    pub(crate) bytes: AtomicU64,
    pub(crate) sent: AtomicU64,
    pub(crate) connected: AtomicU64,
    pub(crate) connecting: AtomicU64,
    pub(crate) dropped: AtomicU64,
    pub(crate) latency: Histogram,
}

/// Counts of durations in nanoseconds, in buckets that are 1.6 % wide.
pub(crate) struct Histogram([AtomicU64; BUCKETS]);

/// What was received in one go: added to the board at its end.
#[derive(Default)]
pub(crate) struct Received {
    messages: u64,
    bytes: u64,
}

impl Received {
    pub(crate) fn add(&mut self, payload: &[u8]) {
        self.messages += 1;
        self.bytes += payload.len() as u64;
    }

    /// As [`Self::add`], of a message with a stamp.
    pub(crate) fn add_stamped(&mut self, payload: &[u8], now: u64) {
        self.add(payload);
        if let Some(stamp) = payload.first_chunk() {
            BOARD.latency.record(now.saturating_sub(u64::from_le_bytes(*stamp)));
        }
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        if self.messages > 0 {
            BOARD.messages.fetch_add(self.messages, Ordering::Relaxed);
            BOARD.bytes.fetch_add(self.bytes, Ordering::Relaxed);
        }
    }
}

impl Histogram {
    pub(crate) fn record(&self, nanoseconds: u64) {
        self.0[bucket_of(nanoseconds)].fetch_add(1, Ordering::Relaxed);
    }

    /// The buckets that are not empty.
    pub(crate) fn read(&self) -> Vec<(u32, u64)> {
        let counts = self.0.iter().map(|count| count.load(Ordering::Relaxed));
        (0..).zip(counts).filter(|(_, count)| *count > 0).collect()
    }
}

fn bucket_of(value: u64) -> usize {
    if value < STEPS {
        return value as usize;
    }
    let exponent = value.ilog2();
    let step = (value >> (exponent - STEPS_LOG)) & (STEPS - 1);
    ((u64::from(exponent - STEPS_LOG + 1)) * STEPS + step) as usize
}

/// The middle of a bucket.
pub(crate) fn value_of(bucket: u32) -> f64 {
    let (row, step) = (u64::from(bucket) / STEPS, u64::from(bucket) % STEPS);
    if row == 0 {
        return step as f64;
    }
    ((STEPS + step) as f64 + 0.5) * 2_f64.powi(row as i32 - 1)
}

/// The machine's monotonic clock, the same in every process, nanoseconds.
pub(crate) fn now() -> u64 {
    let time = clock_gettime(ClockId::CLOCK_MONOTONIC)
        .map_or(0, |time| time.tv_sec().unsigned_abs() * 1_000_000_000 + time.tv_nsec().unsigned_abs());
    time.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_near_to_what_it_counts() {
        for value in [0, 1, 63, 64, 65, 127, 128, 1_000, 123_456, 1 << 40, u64::MAX] {
            let middle = value_of(bucket_of(value) as u32);
            assert!((middle - value as f64).abs() <= value as f64 * 0.008 + 0.5, "{value}: {middle}");
        }
        assert!(bucket_of(u64::MAX) < BUCKETS);
    }
}
