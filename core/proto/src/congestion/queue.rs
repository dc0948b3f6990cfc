//! How long packets wait on the path: the round trip beyond the shortest one.

use core::time::Duration;

use crate::time::Timestamp;

/// The shortest round trip is that of the last two windows of this length.
const WINDOW: Duration = Duration::from_secs(5);
/// A sample this close to the shortest round trip confirms it, seconds.
const CONFIRMS: f64 = 0.000_7;
/// The wait is the least of so many samples: a single late packet is no queue.
const RECENT: usize = 3;
/// Weight of a sample in the jitter.
const JITTER_WEIGHT: f64 = 1.0 / 16.0;

/// Packets of at least so many bytes are compared with each other only, and smaller ones too: on a slow path a packet
/// takes its time by its size.
const LARGE: u32 = 600;

/// Measures the wait. Times in seconds.
#[derive(Clone, Debug)]
pub struct QueueMeter {
    small: Shortest,
    large: Shortest,
    /// Of both; until there are samples, what the handshake took. It is asked for with every packet.
    shortest: f64,
    confirmed: Timestamp,
    recent: [f64; RECENT],
    count: usize,
    round_min: Option<f64>,
    jitter: f64,
}

/// The shortest round trips of the current window and of the one before.
#[derive(Clone, Copy, Debug, Default)]
struct Shortest {
    current: Option<f64>,
    before: Option<f64>,
    window_end: Timestamp,
}

impl QueueMeter {
    /// Begins with what the handshake measured.
    pub fn new(now: Timestamp, ping: Option<Duration>) -> Self {
        Self {
            small: Shortest::default(),
            large: Shortest::default(),
            shortest: ping.map_or(0.2, |ping| ping.as_secs_f64() + 0.001),
            confirmed: now,
            recent: [0.0; RECENT],
            count: 0,
            round_min: None,
            jitter: 0.0,
        }
    }

    /// A packet of `size` bytes came back after `round_trip`; answers by how much that was shorter than thought possible.
    pub fn record(&mut self, now: Timestamp, round_trip: Duration, size: u32) -> f64 {
        let sample = round_trip.as_secs_f64().max(0.000_1);
        let kind = if size >= LARGE { &mut self.large } else { &mut self.small };
        let shorter = kind.get().map_or(0.0, |shortest| (shortest - sample).max(0.0));
        let wait = kind.record(now, sample);
        let of_both = [self.small.get(), self.large.get()].into_iter().flatten().reduce(f64::min);
        self.shortest = of_both.unwrap_or(self.shortest);
        if wait <= CONFIRMS {
            self.confirmed = now;
        }
        let last = self.recent[self.count.wrapping_sub(1) % RECENT];
        self.jitter += JITTER_WEIGHT * ((wait - last).abs() - self.jitter);
        self.recent[self.count % RECENT] = wait;
        self.count += 1;
        self.round_min = Some(self.round_min.map_or(wait, |min| min.min(wait)));
        shorter
    }

    /// The shortest round trip.
    pub fn shortest_round_trip(&self) -> f64 {
        self.shortest
    }

    /// When a sample last was about as short as the shortest.
    pub fn confirmed(&self) -> Timestamp {
        self.confirmed
    }

    /// The path was emptied on purpose: what it shows now counts, and what was before is forgotten soon.
    pub fn emptied(&mut self, now: Timestamp) {
        self.confirmed = now;
        self.small.window_end = now;
        self.large.window_end = now;
    }

    /// The wait of late; 0 until there are samples enough.
    pub fn recent(&self) -> f64 {
        if self.count < RECENT { 0.0 } else { self.recent.iter().copied().fold(f64::MAX, f64::min) }
    }

    /// By how much the wait differs from one sample to the next: a queue changes slowly, what changes fast is none.
    pub fn jitter(&self) -> f64 {
        self.jitter
    }

    /// The least wait since the last call.
    pub fn take_round(&mut self) -> Option<f64> {
        self.round_min.take()
    }
}

impl Shortest {
    /// Takes a sample; answers by how much it exceeds the shortest.
    fn record(&mut self, now: Timestamp, sample: f64) -> f64 {
        if now >= self.window_end {
            self.before = self.current.take();
            self.window_end = now + WINDOW;
        }
        self.current = Some(self.current.map_or(sample, |shortest| shortest.min(sample)));
        self.get().map_or(0.0, |shortest| sample - shortest)
    }

    fn get(&self) -> Option<f64> {
        [self.current, self.before].into_iter().flatten().reduce(f64::min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_micros(ms * 1_000)
    }

    fn is(got: f64, wanted_ms: f64) -> bool {
        (got * 1_000.0 - wanted_ms).abs() < 0.01
    }

    #[test]
    fn the_wait_is_what_exceeds_the_shortest_round_trip() {
        let mut queue = QueueMeter::new(at(0), Some(35 * MS));
        assert!(is(queue.shortest_round_trip(), 36.0));
        queue.record(at(10), 30 * MS, 1_000);
        assert!(is(queue.shortest_round_trip(), 30.0));
        for (ms, trip) in [(20, 45), (30, 40), (40, 50)] {
            queue.record(at(ms), trip * MS, 1_000);
        }
        assert!(is(queue.recent(), 10.0));
        assert!(is(queue.take_round().unwrap(), 0.0));
        assert_eq!(queue.take_round(), None);
    }

    #[test]
    fn large_packets_are_not_thought_to_wait_because_small_ones_are_faster() {
        let mut queue = QueueMeter::new(at(0), None);
        for i in 0..10 {
            queue.record(at(i), 20 * MS, 60);
            queue.record(at(i), 40 * MS, 1_250);
        }
        assert!(is(queue.recent(), 0.0) && is(queue.shortest_round_trip(), 20.0));
    }

    #[test]
    fn a_path_that_grew_longer_is_believed_after_two_windows() {
        let mut queue = QueueMeter::new(at(0), None);
        for i in 0..40 {
            queue.record(at(i * 100), 20 * MS, 0);
        }
        assert_eq!(queue.confirmed(), at(3_900));
        for i in 40..170 {
            queue.record(at(i * 100), 60 * MS, 0);
        }
        assert!(is(queue.shortest_round_trip(), 60.0));
        assert!(is(queue.recent(), 0.0));
    }
}
