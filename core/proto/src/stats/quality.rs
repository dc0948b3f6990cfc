//! What packet numbers tell about a link: how many packets were lost, late or twice, by intervals (spec section 9.5).

use crate::time::Timestamp;
use crate::wire::LinkInstantaneousStats;
use core::time::Duration;

/// How a data packet arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// With a number above all before.
    Newer {
        /// How many numbers lie between it and the highest before; 0: it came in order. From 99 on it is a lurch.
        skipped: u64,
    },
    /// Late, but for the first time.
    OutOfOrder,
    /// Not for the first time.
    Duplicate,
    /// With a number too far from the others: too old or far ahead.
    Lurch,
}

/// A jump by this many numbers tells nothing about loss any more (spec section 9.5).
const LURCH_GAP: u64 = 100;

/// How long packets are counted before they are judged (spec section 9.1).
pub(super) const INTERVAL: Duration = Duration::from_secs(5);
const INTERVAL_MICROS: u64 = INTERVAL.as_micros() as u64;

/// An interval with no more packets is not judged (spec section 9.5).
const TOO_FEW_PACKETS: u64 = 5;

/// The peer's own view of what it receives, from its instantaneous statistics: 1 - dropped - weird, in 0..=1. `None` unless
/// both percentages are there: one alone means nothing (spec section 2.14).
pub fn remote_quality(stats: &LinkInstantaneousStats) -> Option<f32> {
    let dropped = stats.packets_dropped_pct?.min(100);
    let weird = stats.packets_weird_sequence_pct?.min(100);
    Some(100u32.saturating_sub(dropped + weird) as f32 / 100.0)
}

/// How data packets arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Arrivals {
    /// All that came, the weird ones included.
    pub(super) received: u64,
    pub(super) dropped: u64,
    pub(super) out_of_order: u64,
    pub(super) duplicate: u64,
    pub(super) lurch: u64,
}

impl Arrivals {
    pub(super) fn count(&mut self, arrival: Arrival) {
        self.received = self.received.saturating_add(1);
        match arrival {
            Arrival::Newer { skipped } if skipped < LURCH_GAP - 1 => {
                self.dropped = self.dropped.saturating_add(skipped);
            }
            Arrival::OutOfOrder => {
                self.out_of_order = self.out_of_order.saturating_add(1);
                // It was taken for lost when its successor came: perhaps in the interval before, which stays as it is.
                self.dropped = self.dropped.saturating_sub(1);
            }
            Arrival::Duplicate => self.duplicate = self.duplicate.saturating_add(1),
            Arrival::Newer { .. } | Arrival::Lurch => self.lurch = self.lurch.saturating_add(1),
        }
    }

    /// Packets that came, but not as they should.
    fn weird(&self) -> u64 {
        self.out_of_order.saturating_add(self.duplicate).saturating_add(self.lurch)
    }

    /// The judgement on them; `None` if they are too few.
    fn judge(&self) -> Option<Judgement> {
        (self.received > TOO_FEW_PACKETS).then(|| Judgement {
            expected: self.received.saturating_add(self.dropped),
            dropped: self.dropped,
            weird: self.weird().min(self.received),
        })
    }
}

/// The judgement on an interval with enough packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Judgement {
    /// Received or dropped; more than 0.
    expected: u64,
    dropped: u64,
    weird: u64,
}

impl Judgement {
    /// 1 - dropped - weird, in 0..=1.
    pub(super) fn quality(&self) -> f32 {
        let good = self.expected.saturating_sub(self.bad());
        (good as f64 / self.expected as f64) as f32
    }

    /// Whole percent of the packets that were dropped, rounded down.
    pub(super) fn dropped_percent(&self) -> u32 {
        percent_of(self.dropped, self.expected)
    }

    /// Whole percent of the packets that came, but not as they should, rounded down.
    pub(super) fn weird_percent(&self) -> u32 {
        percent_of(self.weird, self.expected)
    }

    /// Whole percent for the histogram: 100 only without any flaw, 0 never (that is a dead interval).
    fn rating(&self) -> u8 {
        if self.bad() == 0 {
            return 100;
        }
        let good = self.expected.saturating_sub(self.bad());
        percent_of(good, self.expected).clamp(1, 99) as u8
    }

    fn bad(&self) -> u64 {
        self.dropped.saturating_add(self.weird)
    }
}

fn percent_of(part: u64, whole: u64) -> u32 {
    let percent = u128::from(part) * 100 / u128::from(whole.max(1));
    percent.min(100) as u32
}

/// What is counted in an interval, and what is kept of the last complete one.
#[derive(Clone, Debug)]
pub(super) struct Intervals {
    /// When the current interval started; `None` while connecting, when nothing is judged.
    start: Option<Timestamp>,
    current: Interval,
    last_judgement: Option<Judgement>,
    last_peak_jitter: Option<u32>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Interval {
    pub(super) arrivals: Arrivals,
    /// Datagrams of any kind.
    pub(super) sent: u64,
    /// Datagrams of any kind.
    pub(super) received: u64,
    /// Microseconds.
    pub(super) peak_jitter: Option<u32>,
}

impl Intervals {
    pub(super) fn new() -> Self {
        Self { start: None, current: Interval::default(), last_judgement: None, last_peak_jitter: None }
    }

    /// Starts to judge: forgets what was counted so far.
    pub(super) fn start(&mut self, now: Timestamp) {
        *self = Self { start: Some(now), ..Self::new() };
    }

    /// The interval that counts now. Call [`Intervals::roll_over`] before.
    pub(super) fn current(&mut self) -> &mut Interval {
        &mut self.current
    }

    /// The judgement on the last complete interval, if it had enough packets.
    pub(super) fn last_judgement(&self) -> Option<Judgement> {
        self.last_judgement
    }

    /// The largest jitter in the last complete interval, microseconds.
    pub(super) fn last_peak_jitter(&self) -> Option<u32> {
        self.last_peak_jitter
    }

    /// Closes the current interval if its time is over, and says how it is rated in percent (0: dead), unless too little
    /// happened. Intervals that passed since then without anybody looking were empty: they need no work.
    #[must_use]
    pub(super) fn roll_over(&mut self, now: Timestamp) -> Option<u8> {
        let start = self.start?;
        let passed = now.micros_since(start) / INTERVAL_MICROS;
        if passed == 0 {
            return None;
        }
        let micros = passed.saturating_mul(INTERVAL_MICROS);
        self.start = Some(start + Duration::from_micros(micros));
        let closed = core::mem::take(&mut self.current);
        let judgement = closed.arrivals.judge();
        let is_last = passed == 1;
        self.last_judgement = judgement.filter(|_| is_last);
        self.last_peak_jitter = closed.peak_jitter.filter(|_| is_last);
        match judgement {
            Some(judgement) => Some(judgement.rating()),
            None => closed.is_dead().then_some(0),
        }
    }
}

impl Interval {
    /// We kept talking, more than once a second, and heard nothing at all. (An idle link is not dead.)
    fn is_dead(&self) -> bool {
        self.received == 0 && self.arrivals.received == 0 && self.sent > INTERVAL.as_secs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(list: &[(u64, Arrival)]) -> Arrivals {
        let mut arrivals = Arrivals::default();
        for &(times, arrival) in list {
            for _ in 0..times {
                arrivals.count(arrival);
            }
        }
        arrivals
    }

    const IN_ORDER: Arrival = Arrival::Newer { skipped: 0 };

    #[test]
    fn gaps_count_as_dropped_until_the_late_packet_comes() {
        let mut counted = arrivals(&[(7, IN_ORDER), (1, Arrival::Newer { skipped: 2 })]);
        assert_eq!((counted.received, counted.dropped), (8, 2));
        counted.count(Arrival::OutOfOrder);
        assert_eq!((counted.received, counted.dropped, counted.out_of_order), (9, 1, 1));
        counted.count(Arrival::OutOfOrder);
        counted.count(Arrival::OutOfOrder); // Its gap was in an earlier interval.
        assert_eq!((counted.received, counted.dropped, counted.out_of_order), (11, 0, 3));
    }

    #[test]
    fn a_jump_by_a_hundred_is_a_lurch_and_not_a_loss() {
        let counted = arrivals(&[(1, Arrival::Newer { skipped: 98 })]);
        assert_eq!((counted.dropped, counted.lurch), (98, 0));
        for arrival in [Arrival::Newer { skipped: 99 }, Arrival::Newer { skipped: u64::MAX }, Arrival::Lurch] {
            let counted = arrivals(&[(1, arrival)]);
            assert_eq!((counted.received, counted.dropped, counted.lurch), (1, 0, 1));
        }
    }

    #[test]
    fn judgement_follows_the_formula() {
        // 96 received, of them 2 duplicates, 1 late and 1 lurch; 4 lost.
        let judgement = arrivals(&[
            (91, IN_ORDER),
            (1, Arrival::Newer { skipped: 5 }),
            (1, Arrival::OutOfOrder),
            (2, Arrival::Duplicate),
            (1, Arrival::Lurch),
        ])
        .judge()
        .unwrap();
        assert_eq!(judgement.dropped_percent(), 4);
        assert_eq!(judgement.weird_percent(), 4);
        assert!((judgement.quality() - 0.92).abs() < 1e-6);
        assert_eq!(judgement.rating(), 92);
    }

    #[test]
    fn five_packets_are_too_few() {
        assert_eq!(arrivals(&[(5, IN_ORDER)]).judge(), None);
        let judgement = arrivals(&[(6, IN_ORDER)]).judge().unwrap();
        assert_eq!((judgement.quality(), judgement.rating()), (1.0, 100));
    }

    #[test]
    fn rating_keeps_100_for_the_flawless_and_0_for_the_dead() {
        let nearly = arrivals(&[(9999, IN_ORDER), (1, Arrival::Newer { skipped: 1 })]);
        assert_eq!(nearly.judge().unwrap().rating(), 99);
        let hopeless = arrivals(&[(50, Arrival::Duplicate)]).judge().unwrap();
        assert_eq!((hopeless.quality(), hopeless.rating()), (0.0, 1));
    }

    #[test]
    fn extreme_counts_do_not_overflow() {
        let mut counted = Arrivals {
            received: u64::MAX,
            dropped: u64::MAX,
            out_of_order: u64::MAX,
            duplicate: u64::MAX,
            lurch: u64::MAX,
        };
        for arrival in [Arrival::Newer { skipped: 98 }, Arrival::OutOfOrder, Arrival::Duplicate, Arrival::Lurch] {
            counted.count(arrival);
        }
        let judgement = counted.judge().unwrap();
        assert!((0.0..=1.0).contains(&judgement.quality()));
        assert!(judgement.dropped_percent() <= 100 && judgement.weird_percent() <= 100);
        assert_eq!(judgement.rating(), 1);
    }

    #[test]
    fn remote_quality_needs_both_percentages_and_clamps_them() {
        let quality = |dropped, weird| {
            remote_quality(&LinkInstantaneousStats {
                packets_dropped_pct: dropped,
                packets_weird_sequence_pct: weird,
                ..Default::default()
            })
        };
        assert_eq!(quality(None, None), None);
        assert_eq!(quality(Some(5), None), None);
        assert_eq!(quality(None, Some(5)), None);
        assert_eq!(quality(Some(0), Some(0)), Some(1.0));
        assert_eq!(quality(Some(10), Some(15)), Some(0.75));
        assert_eq!(quality(Some(80), Some(80)), Some(0.0));
        assert_eq!(quality(Some(u32::MAX), Some(u32::MAX)), Some(0.0));
    }

    #[test]
    fn an_interval_ends_after_five_seconds_and_counts_only_until_the_next_ends() {
        let at = |millis: u64| Timestamp::from_micros(1_000_000 + millis * 1000);
        let mut intervals = Intervals::new();
        assert_eq!(intervals.roll_over(at(60_000)), None); // Connecting.
        intervals.start(at(0));
        intervals.current().arrivals = arrivals(&[(10, IN_ORDER)]);
        assert_eq!(intervals.roll_over(at(4_999)), None);
        assert_eq!(intervals.last_judgement(), None);
        assert_eq!(intervals.roll_over(at(5_000)), Some(100));
        assert!(intervals.last_judgement().is_some());
        assert_eq!(intervals.roll_over(at(9_999)), None);
        assert!(intervals.last_judgement().is_some());
        assert_eq!(intervals.roll_over(at(10_000)), None);
        assert_eq!(intervals.last_judgement(), None);
    }

    #[test]
    fn after_a_long_silence_the_old_interval_is_rated_but_not_the_last_one() {
        let mut intervals = Intervals::new();
        intervals.start(Timestamp::from_micros(0));
        intervals.current().arrivals = arrivals(&[(10, IN_ORDER)]);
        intervals.current().peak_jitter = Some(7);
        assert_eq!(intervals.roll_over(Timestamp::MAX), Some(100));
        assert_eq!(intervals.last_judgement(), None);
        assert_eq!(intervals.last_peak_jitter(), None);
        assert_eq!(intervals.roll_over(Timestamp::MAX), None);
        assert_eq!(intervals.roll_over(Timestamp::from_micros(0)), None);
    }

    #[test]
    fn an_interval_is_dead_only_if_we_talked_and_heard_nothing() {
        let rating = |sent, received| {
            let mut intervals = Intervals::new();
            intervals.start(Timestamp::from_micros(0));
            intervals.current().sent = sent;
            intervals.current().received = received;
            intervals.roll_over(Timestamp::from_micros(INTERVAL_MICROS))
        };
        assert_eq!(rating(6, 0), Some(0));
        assert_eq!(rating(5, 0), None);
        assert_eq!(rating(100, 1), None);
    }
}
