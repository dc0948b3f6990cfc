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
    unix_seconds_at_zero: u64,
}

impl Clock {
    pub(crate) fn start() -> Self {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Self { start: Instant::now(), unix_seconds_at_zero: unix.saturating_sub(EPOCH_SECONDS) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_micros(EPOCH_SECONDS * 1_000_000) + self.start.elapsed()
    }

    /// Unix time in seconds at [`Timestamp`] zero.
    pub(crate) const fn unix_seconds_at_zero(&self) -> u64 {
        self.unix_seconds_at_zero
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
