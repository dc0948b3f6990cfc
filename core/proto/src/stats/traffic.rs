//! Packets and bytes of one direction: totals, and rates over about the last second.

use crate::time::Timestamp;

/// How much flows in one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// Datagrams per second.
    pub packets_per_second: f32,
    /// UDP payload bytes per second.
    pub bytes_per_second: f32,
}

const SLOT_MICROS: u64 = 125_000;
/// Slots that make up the second looked back on.
const FULL_SLOTS: usize = 8;
/// The full slots and the one that is being filled.
const SLOTS: usize = FULL_SLOTS + 1;

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    packets: u32,
    bytes: u32,
}

/// Counts the datagrams of one direction.
#[derive(Clone, Debug)]
pub(super) struct Traffic {
    packets: u64,
    bytes: u64,
    start: Timestamp,
    /// How many slots have passed since `start`.
    slot_number: u64,
    /// The slot being filled is number `slot_number`, at that index modulo [`SLOTS`].
    slots: [Slot; SLOTS],
}

impl Traffic {
    pub(super) fn new(now: Timestamp) -> Self {
        Self { packets: 0, bytes: 0, start: now, slot_number: 0, slots: [Slot::default(); SLOTS] }
    }

    /// Counts a datagram with `bytes` bytes of UDP payload.
    pub(super) fn count(&mut self, now: Timestamp, bytes: usize) {
        self.packets = self.packets.saturating_add(1);
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        self.advance(now);
        let slot = &mut self.slots[slot_index(self.slot_number)];
        slot.packets = slot.packets.saturating_add(1);
        slot.bytes = slot.bytes.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
    }

    /// The rates over the last second. In the first second: what there was so far, as though the time before were silence.
    pub(super) fn rates(&mut self, now: Timestamp) -> Rates {
        self.advance(now);
        let (mut packets, mut bytes) = (0u64, 0u64);
        for slot in &self.slots {
            packets += u64::from(slot.packets);
            bytes += u64::from(slot.bytes);
        }
        let seconds = self.window_micros(now) as f64 / 1e6;
        Rates {
            packets_per_second: (packets as f64 / seconds) as f32,
            bytes_per_second: (bytes as f64 / seconds) as f32,
        }
    }

    /// Datagrams so far.
    pub(super) fn packets(&self) -> u64 {
        self.packets
    }

    /// UDP payload so far, in KiB, rounded.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn kibibytes(&self) -> u64 {
        self.bytes.saturating_add(512) / 1024
    }

    /// How much time the slots cover: the full ones, and the part of the current one that has passed.
    fn window_micros(&self, now: Timestamp) -> u64 {
        let full = SLOT_MICROS * FULL_SLOTS as u64;
        let age = now.micros_since(self.start);
        if age < full {
            return full;
        }
        let slot_start = self.slot_number.saturating_mul(SLOT_MICROS);
        full + age.saturating_sub(slot_start).min(SLOT_MICROS)
    }

    /// Moves on to the slot of `now`, emptying those passed on the way: each at most once, however long the silence.
    fn advance(&mut self, now: Timestamp) {
        let number = now.micros_since(self.start) / SLOT_MICROS;
        let passed = number.saturating_sub(self.slot_number);
        if passed == 0 {
            return; // Also if the clock went back.
        }
        if passed >= SLOTS as u64 {
            self.slots = [Slot::default(); SLOTS];
        } else {
            for offset in 1..=passed {
                self.slots[slot_index(self.slot_number + offset)] = Slot::default();
            }
        }
        self.slot_number = number;
    }
}

fn slot_index(number: u64) -> usize {
    (number % SLOTS as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_micros(7_000_000 + millis * 1000)
    }

    fn near(actual: f32, expected: f32) {
        assert!((actual - expected).abs() <= expected * 0.02 + 1e-3, "{actual} instead of {expected}");
    }

    #[test]
    fn rates_of_a_steady_stream_are_right_from_the_first_second_on() {
        let mut traffic = Traffic::new(at(0));
        for millis in (0..5000).step_by(10) {
            traffic.count(at(millis), 200);
            if millis >= 1000 {
                let rates = traffic.rates(at(millis));
                near(rates.packets_per_second, 100.0);
                near(rates.bytes_per_second, 20_000.0);
            }
        }
        assert_eq!(traffic.packets(), 500);
        assert_eq!(traffic.kibibytes(), 98); // 100,000 / 1024 = 97.66
    }

    #[test]
    fn rates_fall_to_zero_after_silence() {
        let mut traffic = Traffic::new(at(0));
        for millis in 0..1500 {
            traffic.count(at(millis), 100);
        }
        let half = traffic.rates(at(2000)).packets_per_second;
        assert!((400.0..600.0).contains(&half), "{half}");
        assert_eq!(traffic.rates(at(2700)), Rates::default());
        assert_eq!(traffic.rates(at(1_000_000_000)), Rates::default());
        traffic.count(at(1_000_000_000), 10);
        near(traffic.rates(at(1_000_000_000)).packets_per_second, 1.0);
    }

    #[test]
    fn every_length_of_silence_forgets_exactly_what_is_too_old() {
        for silence in 0..2500 {
            let mut traffic = Traffic::new(at(0));
            traffic.count(at(60), 1000);
            let rate = traffic.rates(at(60 + silence)).packets_per_second;
            // The window reaches back 1 s from the start of the current slot.
            let slot_start = (60 + silence) / 125 * 125;
            assert_eq!(rate > 0.0, slot_start < 1000 + 125, "silence {silence}");
        }
    }

    #[test]
    fn the_first_second_does_not_exaggerate() {
        let mut traffic = Traffic::new(at(0));
        traffic.count(at(0), 1200);
        let rates = traffic.rates(at(0));
        near(rates.packets_per_second, 1.0);
        near(rates.bytes_per_second, 1200.0);
    }

    #[test]
    fn a_clock_going_back_and_extreme_values_do_no_harm() {
        let mut traffic = Traffic::new(at(0));
        traffic.count(at(3000), 100);
        traffic.count(at(1000), 100);
        traffic.count(Timestamp::from_micros(0), usize::MAX);
        near(traffic.rates(at(500)).packets_per_second, 3.0);
        traffic.count(Timestamp::MAX, usize::MAX);
        let rates = traffic.rates(Timestamp::MAX);
        assert!(rates.packets_per_second.is_finite() && rates.packets_per_second > 0.0);
        assert_eq!(traffic.packets(), 4);
        assert_eq!(traffic.kibibytes(), u64::MAX / 1024);
    }
}
