//! The path: one queue that all flows share, and for each packet how long it waited there.

use core::time::Duration;

use gamesockets_proto::Timestamp;

use crate::sim::{Decision, Link, LinkConfig, Rng};

/// A buffer is never smaller than this many full packets, as no router's is.
const BUFFER_PACKETS_MIN: u64 = 6;
const PACKET_BYTES: u64 = 1_300;

/// What a path is like.
#[derive(Clone, Debug)]
pub struct Path {
    /// Bits per second of the bottleneck.
    pub bits_per_second: u64,
    /// One way, without waiting; the same back.
    pub delay: Duration,
    /// Share of packets lost at random on the way there: 0..1.
    pub loss: f64,
    /// Up to how much later packets arrive, each by its own draw; order is kept.
    pub jitter: Duration,
    /// When nothing passes, in either direction.
    pub stall: Option<(Timestamp, Timestamp)>,
}

impl Path {
    /// A path without loss.
    pub fn new(bits_per_second: u64, delay_ms: u64) -> Self {
        Self { bits_per_second, delay: Duration::from_millis(delay_ms), loss: 0.0, jitter: Duration::ZERO, stall: None }
    }

    /// With this share lost at random.
    pub fn with_loss(self, loss: f64) -> Self {
        Self { loss, ..self }
    }

    /// Bytes per second of the bottleneck.
    pub fn bytes_per_second(&self) -> u64 {
        self.bits_per_second / 8
    }

    /// There and back without waiting.
    pub fn round_trip(&self) -> Duration {
        2 * self.delay
    }

    /// The buffer: what the path holds in a round trip, bytes.
    pub fn buffer_bytes(&self) -> u64 {
        let product = (self.bytes_per_second() as f64 * self.round_trip().as_secs_f64()) as u64;
        product.max(BUFFER_PACKETS_MIN * PACKET_BYTES)
    }

    fn link(&self, forward: bool) -> LinkConfig {
        LinkConfig {
            loss: if forward { self.loss } else { 0.0 },
            delay: self.delay,
            jitter: self.jitter,
            bandwidth: forward.then(|| self.bytes_per_second()),
            queue_bytes: self.buffer_bytes(),
            blackouts: self.stall.into_iter().collect(),
            ..LinkConfig::default()
        }
    }
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// It arrives then, after waiting for so long.
    Arrives(Timestamp, Duration),
    /// Lost at random, or in a stall.
    Lost,
    /// The buffer was full.
    Dropped,
}

/// The bottleneck and the way back.
pub struct Bottleneck {
    path: Path,
    forward: Link,
    back: Link,
    /// When the queue is empty.
    busy_until: Timestamp,
}

impl Bottleneck {
    /// A path with its own draws.
    pub fn new(path: Path, rng: &mut Rng) -> Self {
        let forward = Link::new(path.link(true), rng.fork(1));
        let back = Link::new(path.link(false), rng.fork(2));
        Self { path, forward, back, busy_until: Timestamp::default() }
    }

    /// A packet enters the queue.
    pub fn enter(&mut self, now: Timestamp, len: usize) -> Passage {
        let wait = self.busy_until.since(now);
        match self.forward.decide(now, len) {
            Decision::Deliver(after) => {
                let on_the_wire = (len as u64 * 1_000_000).div_ceil(self.path.bytes_per_second().max(1));
                self.busy_until = self.busy_until.max(now) + Duration::from_micros(on_the_wire);
                Passage::Arrives(now + after, wait)
            }
            Decision::Pass | Decision::DeliverTwice(..) => Passage::Arrives(now, wait),
            Decision::Drop => {
                let waiting = wait.as_secs_f64() * self.path.bytes_per_second() as f64;
                // A microsecond of rounding per packet that waits is less than a byte or ten.
                let full = waiting as u64 + len as u64 + 16 > self.path.buffer_bytes();
                if full { Passage::Dropped } else { Passage::Lost }
            }
        }
    }

    /// A packet goes back; there is room for all.
    pub fn go_back(&mut self, now: Timestamp, len: usize) -> Option<Timestamp> {
        match self.back.decide(now, len) {
            Decision::Deliver(after) => Some(now + after),
            Decision::Pass | Decision::DeliverTwice(..) => Some(now),
            Decision::Drop => None,
        }
    }

    /// The path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
