//! How fast to send: [`pacer`] spends a rate, the rate itself is fixed between its bounds (spec section 11.4).

pub mod pacer;

use core::time::Duration;

/// Bounds of the bounds, bytes per second.
const RATE_MIN: u32 = 1_024;
const RATE_MAX: u32 = 100 * 1024 * 1024;
/// Bytes a new connection may have on its way before it knows the path (RFC 6928's small initial window, as GNS has it).
const INITIAL_WINDOW_BYTES: f64 = 4_380.0;

/// The send rate for a path whose round trip is `ping`, bytes per second.
///
/// Equal bounds give exactly that rate; otherwise it is what fills the initial window once per round trip.
pub fn initial_rate(send_rate_min: u32, send_rate_max: u32, ping: Option<Duration>) -> u32 {
    let min = send_rate_min.clamp(RATE_MIN, RATE_MAX);
    let max = send_rate_max.clamp(min, RATE_MAX);
    let round_trip = match ping {
        None => 0.2,
        Some(ping) => ping.as_secs_f64().max(0.000_5),
    };
    ((INITIAL_WINDOW_BYTES / round_trip) as u32).clamp(min, max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bounds_fix_the_rate() {
        assert_eq!(initial_rate(262_144, 262_144, None), 262_144);
        assert_eq!(initial_rate(0, 0, None), RATE_MIN);
        assert_eq!(initial_rate(1_000_000_000, 5, None), RATE_MAX);
    }

    #[test]
    fn otherwise_the_round_trip_decides_within_them() {
        assert_eq!(initial_rate(1_024, RATE_MAX, None), 21_900);
        assert_eq!(initial_rate(1_024, RATE_MAX, Some(Duration::from_millis(100))), 43_800);
        assert_eq!(initial_rate(1_024, RATE_MAX, Some(Duration::ZERO)), 8_760_000);
        assert_eq!(initial_rate(50_000, RATE_MAX, Some(Duration::from_secs(1))), 50_000);
    }
}
