//! A flow that does as TCP Cubic does (RFC 9438): a window that grows until the queue overflows.
//!
//! Only the window is modelled: packets are counted, one acknowledgement comes per packet, and what is lost is noticed
//! when three later packets have been acknowledged.

use core::time::Duration;
use std::collections::BTreeMap;

use gamesockets_proto::Timestamp;

/// Bytes of each packet.
pub const PACKET_BYTES: usize = 1_250;
/// The constants of RFC 9438.
const C: f64 = 0.4;
const BETA: f64 = 0.7;
/// So many later packets acknowledged: it is lost.
const DUPLICATES: u64 = 3;

/// The sender.
pub struct Cubic {
    window: f64,
    threshold: f64,
    window_max: f64,
    epoch: Option<Timestamp>,
    next: u64,
    /// Packets on their way: number and when they left.
    flight: BTreeMap<u64, Timestamp>,
    /// Losses of packets below this belong to a cut that has been made.
    recovered_at: u64,
    round_trip: Duration,
}

impl Default for Cubic {
    fn default() -> Self {
        Self {
            window: 10.0,
            threshold: f64::MAX,
            window_max: 0.0,
            epoch: None,
            next: 0,
            flight: BTreeMap::new(),
            recovered_at: 0,
            round_trip: Duration::from_millis(100),
        }
    }
}

impl Cubic {
    /// The packets that may leave now: their numbers.
    pub fn take_sendable(&mut self, now: Timestamp) -> core::ops::Range<u64> {
        let room = (self.window as u64).saturating_sub(self.flight.len() as u64);
        let range = self.next..self.next + room;
        self.flight.extend(range.clone().map(|number| (number, now)));
        self.next = range.end;
        range
    }

    /// Packet `number` is acknowledged.
    pub fn acknowledged(&mut self, now: Timestamp, number: u64) {
        let Some(sent) = self.flight.remove(&number) else { return };
        self.round_trip = now.since(sent);
        self.grow(now);
        let lost: Vec<u64> = self.flight.range(..number.saturating_sub(DUPLICATES)).map(|(lost, _)| *lost).collect();
        for lost in lost {
            self.flight.remove(&lost);
            if lost >= self.recovered_at {
                self.cut();
            }
        }
    }

    /// When everything counts as lost if nothing is acknowledged before.
    pub fn timeout(&self) -> Option<Timestamp> {
        let newest = self.flight.values().max()?;
        Some(*newest + 3 * self.round_trip + Duration::from_millis(200))
    }

    /// Nothing was acknowledged for too long.
    pub fn timed_out(&mut self) {
        self.flight.clear();
        self.cut();
        self.window = 2.0;
    }

    fn grow(&mut self, now: Timestamp) {
        if self.window < self.threshold {
            self.window += 1.0;
            return;
        }
        let epoch = *self.epoch.get_or_insert(now);
        let elapsed = (now.since(epoch) + self.round_trip).as_secs_f64();
        let k = ((self.window_max - self.threshold).max(0.0) / C).cbrt();
        let target = (C * (elapsed - k).powi(3) + self.window_max).clamp(self.window, 1.5 * self.window);
        // As fast as Reno at least.
        let reno = 3.0 * (1.0 - BETA) / (1.0 + BETA) / self.window;
        self.window += ((target - self.window) / self.window).max(reno);
    }

    fn cut(&mut self) {
        self.recovered_at = self.next;
        self.window_max = self.window;
        self.window = (self.window * BETA).max(2.0);
        self.threshold = self.window;
        self.epoch = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_doubles_then_is_cut_by_a_loss_and_comes_back() {
        let at = |ms: u64| Timestamp::from_micros(ms * 1_000);
        let mut cubic = Cubic::default();
        assert_eq!(cubic.take_sendable(at(0)), 0..10);
        (0..10).for_each(|number| cubic.acknowledged(at(50), number));
        assert_eq!(cubic.take_sendable(at(50)), 10..30);
        // Packet 10 is missing.
        (11..30).for_each(|number| cubic.acknowledged(at(100), number));
        let after_cut = cubic.window;
        assert!((15.0..25.0).contains(&after_cut), "{after_cut}");
        for round in 3..80 {
            let range = cubic.take_sendable(at(round * 50 - 50));
            range.for_each(|number| cubic.acknowledged(at(round * 50), number));
        }
        assert!(cubic.window > 1.3 * after_cut, "{}", cubic.window);
    }
}
