//! The only clock, and the only source of randomness.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use gamesockets_proto::Timestamp;
use rand_chacha::ChaCha12Rng;
use rand_core::{Rng as _, SeedableRng as _};

/// Where a clock starts: not at zero, so that the engine's "long ago" stays representable.
const EPOCH_SECONDS: u64 = 3_600;

/// Monotonic time since the instance was made.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { start: Instant::now() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_micros(EPOCH_SECONDS * 1_000_000) + self.start.elapsed()
    }
}

/// The time of day, for certificates. It is read anew each time: people and time servers set it, both ways, and machines
/// sleep, which the monotonic clock of some does not see.
#[derive(Default)]
pub(crate) struct WallClock {
    /// Seconds by which it was set for a test.
    #[cfg(test)]
    pub(crate) set: std::sync::atomic::AtomicI64,
}

impl WallClock {
    /// Unix time in seconds.
    pub(crate) fn unix_seconds(&self) -> u64 {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        #[cfg(test)]
        let seconds = seconds.saturating_add_signed(self.set.load(std::sync::atomic::Ordering::Relaxed));
        seconds
    }
}

/// Seeds for the engine: the operating system is asked once, the rest is stretched from its answer.
pub(crate) struct Random(ChaCha12Rng);

impl Random {
    pub(crate) fn from_system() -> Result<Self, getrandom::Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        Ok(Self(ChaCha12Rng::from_seed(seed)))
    }

    pub(crate) fn seed(&mut self) -> [u8; 32] {
        let mut seed = [0; 32];
        self.0.fill_bytes(&mut seed);
        seed
    }

    pub(crate) fn number(&mut self) -> u32 {
        self.0.next_u32()
    }
}
