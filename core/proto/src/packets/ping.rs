//! The round-trip time, smoothed the way GNS does it (spec section 8.4).

use core::time::Duration;

use crate::time::Timestamp;

/// Samples above this are not believed.
const SAMPLE_MAX_MS: u32 = 2_000;
/// Samples closer together than this share a slot, which keeps the smallest.
const SLOT_MICROS: u64 = 100_000;

/// The last three round-trip samples and what they amount to.
#[derive(Clone, Debug, Default)]
pub struct PingTracker {
    /// Newest first, milliseconds.
    samples: [u32; 3],
    count: usize,
    last_push: Timestamp,
    last_sample: Option<Timestamp>,
}

impl PingTracker {
    /// Takes a sample in milliseconds; unbelievable ones are ignored.
    pub fn record(&mut self, now: Timestamp, sample_ms: u32) {
        if sample_ms > SAMPLE_MAX_MS {
            return;
        }
        self.last_sample = Some(now);
        if self.count == 3 && now.micros_since(self.last_push) < SLOT_MICROS {
            self.samples[0] = self.samples[0].min(sample_ms);
            return;
        }
        self.samples = [sample_ms, self.samples[0], self.samples[1]];
        self.count = (self.count + 1).min(3);
        self.last_push = now;
    }

    /// The smoothed round-trip time in milliseconds, once there is a sample.
    pub fn smoothed_ms(&self) -> Option<u32> {
        let [a, b, c] = self.samples;
        match self.count {
            0 => None,
            1 => Some(a),
            2 => Some(a.min(b)),
            _ => Some((a + b + c - a.max(b).max(c)) >> 1),
        }
    }

    /// The same as a duration.
    pub fn smoothed(&self) -> Option<Duration> {
        self.smoothed_ms().map(|ms| Duration::from_millis(ms.into()))
    }

    /// The worst of the last three samples, milliseconds.
    pub fn worst_ms(&self) -> Option<u32> {
        self.samples[..self.count].iter().copied().max()
    }

    /// When the last sample came.
    pub fn last_sample(&self) -> Option<Timestamp> {
        self.last_sample
    }

    /// How long an unacknowledged packet is waited for before what it carried is sent again (spec section 8.5).
    pub fn retransmission_timeout(&self) -> Duration {
        match self.smoothed_ms() {
            Some(ping_ms) => Duration::from_millis(u64::from(3 * ping_ms + 60)),
            None => Duration::from_secs(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_micros(ms * 1_000)
    }

    #[test]
    fn smooths_over_the_last_three() {
        let mut ping = PingTracker::default();
        assert_eq!(ping.smoothed_ms(), None);
        assert_eq!(ping.retransmission_timeout(), Duration::from_secs(1));
        ping.record(at(0), 80);
        assert_eq!(ping.smoothed_ms(), Some(80));
        ping.record(at(1), 60);
        assert_eq!(ping.smoothed_ms(), Some(60));
        ping.record(at(2), 100);
        assert_eq!(ping.smoothed_ms(), Some(70));
        // Within 100 ms of the last push a sample only replaces the newest if it is smaller.
        ping.record(at(50), 40);
        assert_eq!(ping.smoothed_ms(), Some(50));
        ping.record(at(60), 2_000);
        assert_eq!(ping.smoothed_ms(), Some(50));
        ping.record(at(200), 20);
        assert_eq!(ping.smoothed_ms(), Some(30));
        assert_eq!(ping.worst_ms(), Some(60));
        assert_eq!(ping.retransmission_timeout(), Duration::from_millis(150));
        ping.record(at(500), 2_001);
        assert_eq!(ping.smoothed_ms(), Some(30));
    }
}
