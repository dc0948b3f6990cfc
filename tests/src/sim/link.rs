//! One direction of a path: what becomes of each datagram.

use core::time::Duration;

use gamesockets_proto::Timestamp;

use super::Rng;

/// How a link treats datagrams. The default passes everything at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinkConfig {
    /// Share of datagrams lost, each by its own draw: 0..1.
    pub loss: f64,
    /// Losses that come in bursts, on top of `loss`.
    pub bursts: Option<Bursts>,
    /// How long a datagram travels.
    pub delay: Duration,
    /// Up to how much longer, uniformly; order is kept.
    pub jitter: Duration,
    /// Share of datagrams that arrive twice: 0..1. The copy takes up to `reorder_delay` longer.
    pub duplicate: f64,
    /// Share of datagrams held back by up to `reorder_delay`, and so overtaken: 0..1.
    pub reorder: f64,
    /// See `reorder`.
    pub reorder_delay: Duration,
    /// Bytes per second the link carries; `None`: no limit.
    pub bandwidth: Option<u64>,
    /// Bytes that may wait for the bandwidth; a datagram that does not fit any more is lost (tail drop).
    pub queue_bytes: u64,
    /// Largest datagram the link carries, bytes; `None`: no limit.
    pub mtu: Option<usize>,
    /// Windows in which everything is lost: from, until.
    pub blackouts: Vec<(Timestamp, Timestamp)>,
}

/// The Gilbert-Elliott model: a link is good or bad and changes between the two at each datagram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bursts {
    /// Probability to turn bad, per datagram.
    pub enter: f64,
    /// Probability to turn good again, per datagram.
    pub leave: f64,
    /// Share lost while bad.
    pub loss: f64,
}

/// What becomes of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It arrives at once.
    Pass,
    /// It arrives after this time.
    Deliver(Duration),
    /// It arrives after these times: the link made a copy.
    DeliverTwice(Duration, Duration),
    /// It is lost.
    Drop,
}

/// One direction of a path, with its state.
#[derive(Clone, Debug)]
pub struct Link {
    config: LinkConfig,
    rng: Rng,
    bad: bool,
    /// When the last bit of what waits has left.
    busy_until: Timestamp,
    /// No datagram that keeps its place arrives before this.
    in_order_after: Timestamp,
}

impl Link {
    /// A link with its own draws.
    pub fn new(config: LinkConfig, rng: Rng) -> Self {
        Self { config, rng, bad: false, busy_until: Timestamp::default(), in_order_after: Timestamp::default() }
    }

    /// How it treats datagrams; may be changed at any time.
    pub fn config_mut(&mut self) -> &mut LinkConfig {
        &mut self.config
    }

    /// Decides about a datagram of `len` bytes that enters at `now`.
    pub fn decide(&mut self, now: Timestamp, len: usize) -> Decision {
        // Every draw is made for every datagram, so that the fate of one does not shift the draws of the next.
        let (lost, jitter) = (self.draw_loss(), self.rng.unit());
        let (held, hold) = (self.rng.chance(self.config.reorder), self.rng.unit());
        let (copied, copy_delay) = (self.rng.chance(self.config.duplicate), self.rng.unit());
        let too_large = self.config.mtu.is_some_and(|mtu| len > mtu);
        let dark = self.config.blackouts.iter().any(|(from, until)| (*from..*until).contains(&now));
        if lost || too_large || dark {
            return Decision::Drop;
        }
        let Some(left) = self.transmit(now, len) else {
            return Decision::Drop;
        };
        let in_order = (left + self.config.delay + self.config.jitter.mul_f64(jitter)).max(self.in_order_after);
        self.in_order_after = in_order;
        let arrival = if held { in_order + self.config.reorder_delay.mul_f64(hold) } else { in_order };
        if copied {
            let copy = arrival + self.config.reorder_delay.mul_f64(copy_delay) + Duration::from_micros(1);
            return Decision::DeliverTwice(arrival.since(now), copy.since(now));
        }
        if arrival <= now { Decision::Pass } else { Decision::Deliver(arrival.since(now)) }
    }

    fn draw_loss(&mut self) -> bool {
        let (independent, flip, burst) = (self.rng.chance(self.config.loss), self.rng.unit(), self.rng.unit());
        let Some(bursts) = self.config.bursts else {
            return independent;
        };
        let turn = if self.bad { bursts.leave } else { bursts.enter };
        self.bad ^= flip < turn;
        independent || (self.bad && burst < bursts.loss)
    }

    /// When the last bit has left, `None` when the queue is full.
    fn transmit(&mut self, now: Timestamp, len: usize) -> Option<Timestamp> {
        let Some(bandwidth) = self.config.bandwidth else {
            return Some(now);
        };
        let bandwidth = bandwidth.max(1);
        let waiting_bytes = self.busy_until.micros_since(now).saturating_mul(bandwidth) / 1_000_000;
        if waiting_bytes + len as u64 > self.config.queue_bytes.max(len as u64) {
            return None;
        }
        let on_the_wire = Duration::from_micros((len as u64 * 1_000_000).div_ceil(bandwidth));
        self.busy_until = self.busy_until.max(now) + on_the_wire;
        Some(self.busy_until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_micros(ms * 1000)
    }

    fn link(config: LinkConfig) -> Link {
        Link::new(config, Rng::new(42))
    }

    fn arrivals(link: &mut Link, count: u64) -> Vec<u64> {
        let mut times = Vec::new();
        for i in 0..count {
            match link.decide(at(i), 100) {
                Decision::Pass => times.push(at(i).as_micros()),
                Decision::Deliver(d) => times.push((at(i) + d).as_micros()),
                Decision::DeliverTwice(a, b) => {
                    times.extend([(at(i) + a).as_micros(), (at(i) + b).as_micros()]);
                }
                Decision::Drop => {}
            }
        }
        times
    }

    #[test]
    fn a_clean_link_passes_at_once_and_a_long_one_delays() {
        assert_eq!(link(LinkConfig::default()).decide(at(1), 1300), Decision::Pass);
        let mut far = link(LinkConfig { delay: 40 * MS, ..Default::default() });
        assert_eq!(far.decide(at(1), 1300), Decision::Deliver(40 * MS));
    }

    #[test]
    fn loss_matches_its_share_and_bursts_come_in_runs() {
        let mut lossy = link(LinkConfig { loss: 0.3, ..Default::default() });
        let arrived = arrivals(&mut lossy, 10_000).len();
        assert!((6_800..7_200).contains(&arrived), "{arrived}");

        let bursts = Some(Bursts { enter: 0.01, leave: 0.1, loss: 1.0 });
        let mut bursty = link(LinkConfig { bursts, ..Default::default() });
        let fates: Vec<bool> = (0..20_000).map(|i| bursty.decide(at(i), 1) == Decision::Drop).collect();
        let lost = fates.iter().filter(|l| **l).count();
        let runs = fates.windows(2).filter(|w| w[1] && !w[0]).count();
        assert!((1_400..2_300).contains(&lost), "{lost}");
        assert!(lost / runs >= 7, "runs of {} on average", lost / runs);
    }

    #[test]
    fn jitter_keeps_the_order_and_reordering_does_not() {
        let mut jittery = link(LinkConfig { delay: 10 * MS, jitter: 30 * MS, ..Default::default() });
        let times = arrivals(&mut jittery, 1_000);
        assert!(times.is_sorted());
        assert!(times.iter().enumerate().all(|(i, t)| (10_000..=40_000).contains(&(t - i as u64 * 1000))));

        let config = LinkConfig { delay: 10 * MS, reorder: 0.2, reorder_delay: 15 * MS, ..Default::default() };
        let times = arrivals(&mut link(config), 1_000);
        let inversions = times.windows(2).filter(|w| w[1] < w[0]).count();
        assert!((100..250).contains(&inversions), "{inversions}");
    }

    #[test]
    fn duplication_makes_copies() {
        let mut doubling = link(LinkConfig { duplicate: 0.5, ..Default::default() });
        let arrived = arrivals(&mut doubling, 1_000).len();
        assert!((1_450..1_550).contains(&arrived), "{arrived}");
    }

    #[test]
    fn bandwidth_spaces_datagrams_and_the_queue_drops_its_tail() {
        let config = LinkConfig { bandwidth: Some(100_000), queue_bytes: 5_000, ..Default::default() };
        let mut narrow = link(config);
        let fates: Vec<Decision> = (0..8).map(|_| narrow.decide(at(0), 1_000)).collect();
        assert_eq!(fates[0], Decision::Deliver(10 * MS));
        assert_eq!(fates[4], Decision::Deliver(50 * MS));
        assert_eq!(fates[5], Decision::Drop);
        // Ten milliseconds later there is room for exactly one more.
        assert_eq!(narrow.decide(at(10), 1_000), Decision::Deliver(50 * MS));
        assert_eq!(narrow.decide(at(10), 1_000), Decision::Drop);
    }

    #[test]
    fn blackouts_and_the_mtu_swallow_what_they_should() {
        let config = LinkConfig { mtu: Some(1_300), blackouts: vec![(at(10), at(20))], ..Default::default() };
        let mut dark = link(config);
        assert_eq!(dark.decide(at(9), 1_300), Decision::Pass);
        assert_eq!(dark.decide(at(9), 1_301), Decision::Drop);
        assert_eq!(dark.decide(at(10), 1), Decision::Drop);
        assert_eq!(dark.decide(at(20), 1), Decision::Pass);
    }
}
