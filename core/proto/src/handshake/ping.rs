//! Round-trip times seen in the handshake (spec section 5.8).

use crate::time::Timestamp;

/// Longer ones tell of a lost packet or a wrong clock, not of the path.
const MAX_RTT_MICROS: u64 = 2_000_000;
/// Longest estimate that a server takes from a client, ms.
pub const MAX_PING_EST_MS: u32 = 1_500;

/// The round-trip time in ms, if `echoed`, our clock in a packet that came back after `delay_micros` at the peer, makes
/// sense.
pub(super) fn sample_ms(now: Timestamp, echoed: Option<u64>, delay_micros: u32) -> Option<u32> {
    let rtt = now.as_micros().checked_sub(echoed?)?.checked_sub(u64::from(delay_micros))?;
    if rtt > MAX_RTT_MICROS {
        return None;
    }
    u32::try_from((rtt + 500) / 1000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_rounded_and_bounded() {
        let sample = |now, echoed, delay| sample_ms(Timestamp::from_micros(now), echoed, delay);
        assert_eq!(sample(10_000, Some(9_501), 0), Some(0));
        assert_eq!(sample(10_000, Some(9_500), 0), Some(1));
        assert_eq!(sample(10_000, Some(0), 4_000), Some(6));
        assert_eq!(sample(2_000_000, Some(0), 0), Some(2000));
        assert_eq!(sample(2_000_001, Some(0), 0), None);
        assert_eq!(sample(10, Some(11), 0), None);
        assert_eq!(sample(10, Some(5), 6), None);
        assert_eq!(sample(10, None, 0), None);
        assert_eq!(sample(u64::MAX, Some(0), 0), None);
        assert_eq!(sample(0, Some(u64::MAX), u32::MAX), None);
    }
}
