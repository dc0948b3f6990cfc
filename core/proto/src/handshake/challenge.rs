//! Proof that a client owns its address, without keeping anything about it (spec section 5.2).

use core::hash::Hasher;
use core::net::{IpAddr, SocketAddr};

use siphasher::sip::SipHasher24;

use crate::time::Timestamp;

/// The low bits of a challenge say when it was made, lest we try several. All of the time is in the hash: these bits come
/// again after 19 hours, the challenge never does.
const TIME_BITS: u64 = 0xffff;
/// A tick is 2^20 microseconds: 1.048576 s.
const TICK_SHIFT: u32 = 20;
/// Challenges are good for 3.1 to 4.2 s.
const MAX_AGE_TICKS: u64 = 3;

/// Makes challenges and recognises them. One per listen socket.
#[derive(Clone)]
pub struct ChallengeKey(SipHasher24);

impl ChallengeKey {
    /// From random bytes that nobody else knows.
    pub fn new(seed: [u8; 16]) -> Self {
        Self(SipHasher24::new_with_key(&seed))
    }

    /// The challenge for an address at a time.
    pub fn make(&self, now: Timestamp, from: SocketAddr) -> u64 {
        self.at(ticks(now), from)
    }

    /// Whether we made this challenge for this address, not long ago.
    pub fn check(&self, now: Timestamp, from: SocketAddr, challenge: u64) -> bool {
        let now = ticks(now);
        let age = now.wrapping_sub(challenge) & TIME_BITS;
        age <= MAX_AGE_TICKS && now.checked_sub(age).is_some_and(|made_at| self.at(made_at, from) == challenge)
    }

    fn at(&self, ticks: u64, from: SocketAddr) -> u64 {
        let ip = match from.ip() {
            IpAddr::V4(ip) => ip.to_ipv6_mapped(),
            IpAddr::V6(ip) => ip,
        };
        let mut hasher = self.0;
        hasher.write(&ticks.to_le_bytes());
        hasher.write(&from.port().to_le_bytes());
        hasher.write(&ip.octets());
        hasher.finish() & !TIME_BITS | ticks & TIME_BITS
    }
}

fn ticks(now: Timestamp) -> u64 {
    now.as_micros() >> TICK_SHIFT
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;

    const TICK: Duration = Duration::from_micros(1 << TICK_SHIFT);

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_challenge_is_good_for_three_ticks() {
        let (key, from) = (ChallengeKey::new([1; 16]), address("127.0.0.1:5000"));
        // The last start lies just before the ticks in a challenge begin anew.
        for start in [0, 1 << TICK_SHIFT, 0xfffe << TICK_SHIFT] {
            let made = Timestamp::from_micros(start);
            let challenge = key.make(made, from);
            assert!(key.check(made, from, challenge));
            assert!(key.check(made + 3 * TICK, from, challenge));
            assert!(key.check(made + Duration::from_micros((4 << TICK_SHIFT) - 1), from, challenge));
            assert!(!key.check(made + 4 * TICK, from, challenge));
            assert!(!key.check(made + 1000 * TICK, from, challenge));
        }
    }

    #[test]
    fn a_challenge_never_becomes_valid_again() {
        let (key, from) = (ChallengeKey::new([1; 16]), address("127.0.0.1:5000"));
        let made = Timestamp::from_micros(7 << TICK_SHIFT);
        let challenge = key.make(made, from);
        assert!(key.check(made, from, challenge));
        // 19 h 5 min later the ticks in it are those of now again.
        for round in 1..1_000 {
            let later = made + TICK * 0x1_0000 * round;
            assert_eq!(key.make(later, from) & TIME_BITS, challenge & TIME_BITS);
            assert!(!key.check(later, from, challenge), "after {round} rounds");
        }
    }

    #[test]
    fn a_challenge_from_the_future_is_not_ours() {
        let (key, from) = (ChallengeKey::new([1; 16]), address("127.0.0.1:5000"));
        let challenge = key.make(Timestamp::from_micros(5 << TICK_SHIFT), from);
        assert!(!key.check(Timestamp::from_micros(4 << TICK_SHIFT), from, challenge));
    }

    #[test]
    fn a_challenge_belongs_to_an_address_and_a_key() {
        let (key, now) = (ChallengeKey::new([1; 16]), Timestamp::from_micros(7));
        let challenge = key.make(now, address("127.0.0.1:5000"));
        for other in ["127.0.0.1:5001", "127.0.0.2:5000", "[::1]:5000"] {
            assert!(!key.check(now, address(other), challenge), "{other}");
        }
        assert!(key.check(now, address("[::ffff:127.0.0.1]:5000"), challenge));
        let other = ChallengeKey::new([2; 16]);
        assert!(!other.check(now, address("127.0.0.1:5000"), challenge));
        for bit in 0..64 {
            assert!(!key.check(now, address("127.0.0.1:5000"), challenge ^ 1 << bit), "bit {bit}");
        }
    }
}
