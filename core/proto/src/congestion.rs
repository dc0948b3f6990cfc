//! How fast to send (DESIGN section 5; GNS's fixed rate: spec section 11.4).
//!
//! * [`pacer`] spends a rate evenly,
//! * [`delivery`] measures from acknowledgements what the path delivers, and what it loses, round trip by round trip,
//! * [`queue`] measures how long packets wait on the path beyond its shortest round trip,
//! * [`steering`] is the law by which the rate follows both,
//! * [`controller`] is the state machine around it, and what the connection talks to.
//!
//! Nothing here knows packets, lanes or the wire: the connection says what left and what arrived.

pub mod controller;
pub mod delivery;
pub mod pacer;
pub mod queue;
pub mod steering;

use core::time::Duration;

/// Bounds of the bounds, bytes per second.
const RATE_MIN: u32 = 1_024;
const RATE_MAX: u32 = u32::MAX;
/// Bytes a new connection may have on its way before it knows the path: ten packets (RFC 6928).
const INITIAL_WINDOW_BYTES: f64 = 12_000.0;
/// Where a new connection starts on a path with a long round trip, so that a game can begin at once, bytes per second.
const INITIAL_RATE_MIN: f64 = 65_536.0;

/// Bounds of the send rate, bytes per second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateBounds {
    /// Never slower.
    pub min: u32,
    /// Never faster.
    pub max: u32,
}

/// What left and nobody has heard of yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InFlight {
    /// Bytes that are neither acknowledged nor lost.
    pub bytes: u64,
    /// Packet numbers beyond the highest that the peer has reported on.
    pub numbers: u64,
}

impl RateBounds {
    /// The bounds that the two options give. GNS clamps both at 100 MiB/s; here the path decides.
    pub fn new(send_rate_min: u32, send_rate_max: u32) -> Self {
        let min = send_rate_min.clamp(RATE_MIN, RATE_MAX);
        Self { min, max: send_rate_max.clamp(min, RATE_MAX) }
    }

    /// Equal bounds: GNS's fixed rate, nothing to control.
    pub fn is_fixed(self) -> bool {
        self.min == self.max
    }

    /// The rate for a path whose round trip is `ping` and of which nothing else is known, bytes per second.
    ///
    /// Equal bounds give exactly that rate; otherwise it is what fills the initial window once per round trip.
    pub fn initial_rate(self, ping: Option<Duration>) -> u32 {
        let round_trip = match ping {
            None => 0.2,
            // Below a millisecond it says nothing about the bandwidth.
            Some(ping) => ping.as_secs_f64().max(0.001),
        };
        self.clamp((INITIAL_WINDOW_BYTES / round_trip).max(INITIAL_RATE_MIN))
    }

    fn clamp(self, rate: f64) -> u32 {
        (rate as u32).clamp(self.min, self.max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bounds_fix_the_rate() {
        assert_eq!(RateBounds::new(262_144, 262_144).initial_rate(None), 262_144);
        assert_eq!(RateBounds::new(0, 0).initial_rate(None), RATE_MIN);
        assert_eq!(RateBounds::new(1_000_000_000, 5).initial_rate(None), 1_000_000_000);
    }

    #[test]
    fn otherwise_the_round_trip_decides_within_them() {
        let rate = |min, max, ms: Option<u64>| RateBounds::new(min, max).initial_rate(ms.map(Duration::from_millis));
        assert_eq!(rate(1_024, RATE_MAX, None), 65_536);
        assert_eq!(rate(1_024, RATE_MAX, Some(50)), 240_000);
        assert_eq!(rate(1_024, RATE_MAX, Some(0)), 12_000_000);
        assert_eq!(rate(1_024, 100_000, Some(50)), 100_000);
        assert_eq!(rate(90_000, RATE_MAX, Some(1_000)), 90_000);
    }
}
