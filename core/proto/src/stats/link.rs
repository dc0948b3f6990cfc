//! The statistics of one link, and the two messages that tell the peer about them.

use super::histogram::{
    Distribution, Histogram, JITTER_BUCKETS, PING_BUCKETS, PING_VALUES, QUALITY_BUCKETS, jitter_bucket, ping_at_index,
    ping_bucket, ping_index, quality_bucket,
};
use super::quality::{Arrival, Arrivals, Intervals};
use super::traffic::{Rates, Traffic};
use crate::time::Timestamp;
use crate::wire::{LinkInstantaneousStats, LinkLifetimeStats};

/// Every whole percent from 0 to 100.
const QUALITY_VALUES: usize = 101;

/// The statistics of one link. Under 1 KB, no allocation.
#[derive(Clone, Debug)]
pub struct LinkStats {
    out: Traffic,
    incoming: Traffic,
    connected: Option<Timestamp>,
    arrivals: Arrivals,
    intervals: Intervals,
    quality_histogram: Histogram<QUALITY_BUCKETS>,
    qualities: Distribution<QUALITY_VALUES>,
    ping_histogram: Histogram<PING_BUCKETS>,
    pings: Distribution<PING_VALUES>,
    jitter_histogram: Histogram<JITTER_BUCKETS>,
    /// Since the last query, microseconds.
    max_jitter: Option<u32>,
}

/// The whole life of a link: what the peer is told, and the bytes exactly.
#[derive(Clone, Debug)]
pub struct Lifetime {
    /// What the peer is told.
    pub told: LinkLifetimeStats,
    /// UDP payload sent, bytes.
    pub bytes_sent: u64,
    /// UDP payload received, bytes.
    pub bytes_received: u64,
}

impl Lifetime {
    /// The life of a link until now.
    pub fn of(stats: &mut LinkStats, now: Timestamp) -> Self {
        Self { told: stats.lifetime(now), bytes_sent: stats.out.bytes(), bytes_received: stats.incoming.bytes() }
    }
}

impl LinkStats {
    /// The statistics of a link that starts connecting.
    pub fn new(now: Timestamp) -> Self {
        Self {
            out: Traffic::new(now),
            incoming: Traffic::new(now),
            connected: None,
            arrivals: Arrivals::default(),
            intervals: Intervals::new(),
            quality_histogram: Histogram::new(),
            qualities: Distribution::new(),
            ping_histogram: Histogram::new(),
            pings: Distribution::new(),
            jitter_histogram: Histogram::new(),
            max_jitter: None,
        }
    }

    /// The connection is made: its life and its first interval start. Only the first call counts.
    pub fn connected(&mut self, now: Timestamp) {
        if self.connected.is_none() {
            self.connected = Some(now);
            self.intervals.start(now);
        }
    }

    /// We sent a datagram of any kind, of `bytes` bytes of UDP payload.
    pub fn sent(&mut self, now: Timestamp, bytes: usize) {
        self.roll_over(now);
        self.out.count(now, bytes);
        let interval = self.intervals.current();
        interval.sent = interval.sent.saturating_add(1);
    }

    /// A datagram of any kind came from the peer, of `bytes` bytes of UDP payload.
    pub fn received(&mut self, now: Timestamp, bytes: usize) {
        self.roll_over(now);
        self.incoming.count(now, bytes);
        let interval = self.intervals.current();
        interval.received = interval.received.saturating_add(1);
    }

    /// A data packet authenticated, or was dropped as a duplicate or as too old.
    pub fn sequenced(&mut self, now: Timestamp, arrival: Arrival) {
        self.roll_over(now);
        self.arrivals.count(arrival);
        self.intervals.current().arrivals.count(arrival);
    }

    /// A round trip took `sample_ms` milliseconds (spec section 8.4).
    pub fn ping(&mut self, sample_ms: u32) {
        self.ping_histogram.add(ping_bucket(sample_ms));
        self.pings.add(ping_index(sample_ms));
    }

    /// The gap between two packets here and at the sender differed by `micros` microseconds (spec section 11.6).
    pub fn jitter(&mut self, micros: u32) {
        self.jitter_histogram.add(jitter_bucket(micros));
        self.max_jitter = self.max_jitter.max(Some(micros));
        let interval = self.intervals.current();
        interval.peak_jitter = interval.peak_jitter.max(Some(micros));
    }

    /// What we sent over about the last second.
    pub fn out_rate(&mut self, now: Timestamp) -> Rates {
        self.out.rates(now)
    }

    /// What came from the peer over about the last second.
    pub fn in_rate(&mut self, now: Timestamp) -> Rates {
        self.incoming.rates(now)
    }

    /// 1 - dropped - weird of the last complete interval of 5 s, in 0..=1; `None` if it had 5 packets or fewer
    /// (spec section 9.5).
    pub fn local_quality(&mut self, now: Timestamp) -> Option<f32> {
        self.roll_over(now);
        Some(self.intervals.last_judgement()?.quality())
    }

    /// The largest jitter since the last call, microseconds (spec section 11.6).
    pub fn take_max_jitter_micros(&mut self) -> Option<u32> {
        self.max_jitter.take()
    }

    /// Datagrams of any kind that we sent.
    pub fn packets_sent(&self) -> u64 {
        self.out.packets()
    }

    /// Datagrams of any kind that came from the peer.
    pub fn packets_received(&self) -> u64 {
        self.incoming.packets()
    }

    /// The message about the last few seconds (spec section 2.14). `ping_ms` is the smoothed ping.
    pub fn instantaneous(&mut self, now: Timestamp, ping_ms: Option<u32>) -> LinkInstantaneousStats {
        self.roll_over(now);
        let (out, incoming) = (self.out.rates(now), self.incoming.rates(now));
        let judgement = self.intervals.last_judgement();
        // Casting a float to an integer saturates.
        LinkInstantaneousStats {
            out_packets_per_sec_x10: Some((out.packets_per_second * 10.0) as u32),
            out_bytes_per_sec: Some(out.bytes_per_second as u32),
            in_packets_per_sec_x10: Some((incoming.packets_per_second * 10.0) as u32),
            in_bytes_per_sec: Some(incoming.bytes_per_second as u32),
            ping_ms,
            packets_dropped_pct: judgement.map(|judgement| judgement.dropped_percent()),
            packets_weird_sequence_pct: judgement.map(|judgement| judgement.weird_percent()),
            peak_jitter_usec: self.intervals.last_peak_jitter(),
        }
    }

    /// The message about the whole life of the connection (spec section 2.15).
    pub fn lifetime(&mut self, now: Timestamp) -> LinkLifetimeStats {
        self.roll_over(now);
        let mut stats = LinkLifetimeStats {
            connected_seconds: Some(self.connected_seconds(now)),
            packets_sent: Some(self.out.packets()),
            kb_sent: Some(self.out.kibibytes()),
            packets_recv: Some(self.incoming.packets()),
            kb_recv: Some(self.incoming.kibibytes()),
            packets_recv_sequenced: Some(self.arrivals.received),
            packets_recv_dropped: Some(self.arrivals.dropped),
            packets_recv_out_of_order: Some(self.arrivals.out_of_order),
            packets_recv_duplicate: Some(self.arrivals.duplicate),
            packets_recv_lurch: Some(self.arrivals.lurch),
            // Packets are used in the order in which they come.
            packets_recv_out_of_order_corrected: Some(0),
            ..LinkLifetimeStats::default()
        };
        self.write_qualities(&mut stats);
        self.write_pings(&mut stats);
        self.write_jitters(&mut stats);
        stats
    }

    /// Closes the interval if its time is over.
    fn roll_over(&mut self, now: Timestamp) {
        if let Some(percent) = self.intervals.roll_over(now) {
            self.quality_histogram.add(quality_bucket(percent));
            self.qualities.add(usize::from(percent));
        }
    }

    /// Rounded, but at least 1 once connected.
    fn connected_seconds(&self, now: Timestamp) -> u32 {
        self.connected.map_or(0, |connected| {
            let micros = now.micros_since(connected).saturating_add(500_000);
            u32::try_from(micros / 1_000_000).unwrap_or(u32::MAX).max(1)
        })
    }

    fn write_qualities(&self, stats: &mut LinkLifetimeStats) {
        [
            stats.quality_histogram_100,
            stats.quality_histogram_99,
            stats.quality_histogram_97,
            stats.quality_histogram_95,
            stats.quality_histogram_90,
            stats.quality_histogram_75,
            stats.quality_histogram_50,
            stats.quality_histogram_1,
            stats.quality_histogram_dead,
        ] = self.quality_histogram.counts();
        let percentile = |percent, min_samples| {
            let index = self.qualities.percentile(percent, min_samples)?;
            u32::try_from(index).ok()
        };
        stats.quality_ntile_2nd = percentile(2, 50);
        stats.quality_ntile_5th = percentile(5, 20);
        stats.quality_ntile_25th = percentile(25, 4);
        stats.quality_ntile_50th = percentile(50, 2);
    }

    fn write_pings(&self, stats: &mut LinkLifetimeStats) {
        [
            stats.ping_histogram_25,
            stats.ping_histogram_50,
            stats.ping_histogram_75,
            stats.ping_histogram_100,
            stats.ping_histogram_125,
            stats.ping_histogram_150,
            stats.ping_histogram_200,
            stats.ping_histogram_300,
            stats.ping_histogram_max,
        ] = self.ping_histogram.counts();
        let percentile = |percent, min_samples| {
            let index = self.pings.percentile(percent, min_samples)?;
            Some(ping_at_index(index))
        };
        stats.ping_ntile_5th = percentile(5, 20);
        stats.ping_ntile_50th = percentile(50, 2);
        stats.ping_ntile_75th = percentile(75, 4);
        stats.ping_ntile_95th = percentile(95, 20);
        stats.ping_ntile_98th = percentile(98, 50);
    }

    fn write_jitters(&self, stats: &mut LinkLifetimeStats) {
        [
            stats.jitter_histogram_negligible,
            stats.jitter_histogram_1,
            stats.jitter_histogram_2,
            stats.jitter_histogram_5,
            stats.jitter_histogram_10,
            stats.jitter_histogram_20,
        ] = self.jitter_histogram.counts();
    }
}

#[cfg(test)]
mod tests {
    use super::super::remote_quality;
    use super::*;
    use core::time::Duration;

    const IN_ORDER: Arrival = Arrival::Newer { skipped: 0 };

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_micros(9_000_000 + millis * 1000)
    }

    fn connected() -> LinkStats {
        let mut stats = LinkStats::new(at(0));
        stats.connected(at(0));
        stats
    }

    /// One interval of 10 packets, of which `skipped` were lost, ending at the returned time.
    fn interval(stats: &mut LinkStats, start: Timestamp, skipped: u64) -> Timestamp {
        for _ in skipped + 1..10 {
            stats.sequenced(start, IN_ORDER);
        }
        stats.sequenced(start, Arrival::Newer { skipped });
        start + Duration::from_secs(5)
    }

    #[test]
    fn stays_small() {
        assert!(size_of::<LinkStats>() <= 896, "{} bytes", size_of::<LinkStats>());
    }

    #[test]
    fn local_quality_is_that_of_the_last_complete_interval() {
        let mut stats = connected();
        assert_eq!(stats.local_quality(at(0)), None);
        let end = interval(&mut stats, at(100), 2);
        assert_eq!(stats.local_quality(at(4_900)), None);
        assert_eq!(stats.local_quality(end), Some(0.8));
        let end = interval(&mut stats, end, 0);
        assert_eq!(stats.local_quality(end), Some(1.0));
        assert_eq!(stats.local_quality(end + Duration::from_secs(5)), None);
        assert_eq!(stats.local_quality(end + Duration::from_secs(1_000_000)), None);
    }

    #[test]
    fn what_came_while_connecting_is_not_judged() {
        let mut stats = LinkStats::new(at(0));
        interval(&mut stats, at(0), 4);
        assert_eq!(stats.local_quality(at(7_000)), None);
        stats.connected(at(7_000));
        stats.connected(at(9_000)); // No second life.
        assert_eq!(stats.local_quality(at(12_000)), None);
        let lifetime = stats.lifetime(at(17_000));
        assert_eq!(lifetime.connected_seconds, Some(10));
        assert_eq!(lifetime.packets_recv_sequenced, Some(6));
        assert_eq!(lifetime.quality_histogram_50, None);
    }

    #[test]
    fn max_jitter_is_since_the_last_query_and_peak_jitter_of_the_last_interval() {
        let mut stats = connected();
        assert_eq!(stats.take_max_jitter_micros(), None);
        stats.jitter(300);
        stats.jitter(4000);
        stats.jitter(20);
        assert_eq!(stats.take_max_jitter_micros(), Some(4000));
        assert_eq!(stats.take_max_jitter_micros(), None);
        assert_eq!(stats.instantaneous(at(100), None).peak_jitter_usec, None);
        assert_eq!(stats.instantaneous(at(5_100), None).peak_jitter_usec, Some(4000));
        assert_eq!(stats.instantaneous(at(10_100), None).peak_jitter_usec, None);
    }

    #[test]
    fn instantaneous_has_the_first_four_always_and_the_percentages_together() {
        let mut stats = connected();
        let idle = stats.instantaneous(at(0), None);
        let expected = LinkInstantaneousStats {
            out_packets_per_sec_x10: Some(0),
            out_bytes_per_sec: Some(0),
            in_packets_per_sec_x10: Some(0),
            in_bytes_per_sec: Some(0),
            ..Default::default()
        };
        assert_eq!(idle, expected);
        assert_eq!(remote_quality(&idle), None);

        for millis in (0..5_000).step_by(20) {
            stats.sent(at(millis), 100);
            stats.received(at(millis), 1000);
            stats.sequenced(at(millis), IN_ORDER);
        }
        for _ in 0..50 {
            stats.sequenced(at(4_999), Arrival::Duplicate);
        }
        for _ in 0..2 {
            stats.sequenced(at(4_999), Arrival::Newer { skipped: 49 });
        }
        let busy = stats.instantaneous(at(5_000), Some(42));
        assert!((495..=505).contains(&busy.out_packets_per_sec_x10.unwrap()), "{busy:?}");
        assert!((49_500..=50_500).contains(&busy.in_bytes_per_sec.unwrap()), "{busy:?}");
        assert_eq!(busy.ping_ms, Some(42));
        // 250 + 50 + 2 came and 98 did not.
        assert_eq!(busy.packets_dropped_pct, Some(24));
        assert_eq!(busy.packets_weird_sequence_pct, Some(12));
        assert_eq!(remote_quality(&busy), Some(0.64));
        // More precise than the whole percentages, which are rounded down.
        assert_eq!(stats.local_quality(at(5_000)), Some(0.63));
    }

    #[test]
    fn lifetime_of_an_idle_link_has_only_what_is_always_there() {
        let mut stats = LinkStats::new(at(0));
        let expected = LinkLifetimeStats {
            connected_seconds: Some(0),
            packets_sent: Some(0),
            kb_sent: Some(0),
            packets_recv: Some(0),
            kb_recv: Some(0),
            packets_recv_sequenced: Some(0),
            packets_recv_dropped: Some(0),
            packets_recv_out_of_order: Some(0),
            packets_recv_duplicate: Some(0),
            packets_recv_lurch: Some(0),
            packets_recv_out_of_order_corrected: Some(0),
            ..Default::default()
        };
        assert_eq!(stats.lifetime(at(1000)), expected);
    }

    #[test]
    fn lifetime_counts_everything() {
        let mut stats = connected();
        for _ in 0..3 {
            stats.sent(at(10), 1000);
        }
        stats.received(at(20), 500);
        stats.received(at(30), 600);
        stats.sequenced(at(30), Arrival::Newer { skipped: 3 });
        stats.sequenced(at(40), Arrival::Duplicate);
        stats.sequenced(at(40), Arrival::Lurch);
        // Late by more than an interval: no longer lost in the end.
        stats.sequenced(at(8_000), Arrival::OutOfOrder);
        let lifetime = stats.lifetime(at(8_600));
        assert_eq!(lifetime.connected_seconds, Some(9));
        assert_eq!((lifetime.packets_sent, lifetime.kb_sent), (Some(3), Some(3)));
        assert_eq!((lifetime.packets_recv, lifetime.kb_recv), (Some(2), Some(1)));
        assert_eq!(lifetime.packets_recv_sequenced, Some(4));
        assert_eq!(lifetime.packets_recv_dropped, Some(2));
        assert_eq!(lifetime.packets_recv_out_of_order, Some(1));
        assert_eq!(lifetime.packets_recv_duplicate, Some(1));
        assert_eq!(lifetime.packets_recv_lurch, Some(1));
        assert_eq!((stats.packets_sent(), stats.packets_received()), (3, 2));
    }

    #[test]
    fn quality_percentiles_wait_for_enough_samples() {
        let mut stats = connected();
        let mut now = at(0);
        for count in 1..=60 {
            // Every fourth interval loses one of ten.
            now = interval(&mut stats, now, u64::from(count % 4 == 0));
            let lifetime = stats.lifetime(now);
            assert_eq!(lifetime.quality_ntile_50th, (count >= 2).then_some(100), "{count}");
            assert_eq!(lifetime.quality_ntile_25th.is_some(), count >= 4, "{count}");
            assert_eq!(lifetime.quality_ntile_5th, (count >= 20).then_some(90), "{count}");
            assert_eq!(lifetime.quality_ntile_2nd, (count >= 50).then_some(90), "{count}");
        }
        let lifetime = stats.lifetime(now);
        assert_eq!(lifetime.quality_histogram_100, Some(45));
        assert_eq!(lifetime.quality_histogram_90, Some(15));
        assert_eq!(lifetime.quality_histogram_99, None);
    }

    #[test]
    fn dead_intervals_count_as_zero() {
        let mut stats = connected();
        for millis in (0..10_000).step_by(200) {
            stats.sent(at(millis), 40);
        }
        let lifetime = stats.lifetime(at(10_000));
        assert_eq!(lifetime.quality_histogram_dead, Some(2));
        assert_eq!(lifetime.quality_ntile_50th, Some(0));
        assert_eq!(stats.local_quality(at(10_000)), None);
    }

    #[test]
    fn ping_percentiles_wait_for_enough_samples() {
        let mut stats = connected();
        for count in 1..=60 {
            stats.ping(7);
            let lifetime = stats.lifetime(at(count));
            assert_eq!(lifetime.ping_ntile_50th, (count >= 2).then_some(7), "{count}");
            assert_eq!(lifetime.ping_ntile_75th, (count >= 4).then_some(7), "{count}");
            assert_eq!(lifetime.ping_ntile_5th, (count >= 20).then_some(7), "{count}");
            assert_eq!(lifetime.ping_ntile_95th, (count >= 20).then_some(7), "{count}");
            assert_eq!(lifetime.ping_ntile_98th, (count >= 50).then_some(7), "{count}");
        }
        for ms in 1..=60 {
            stats.ping(ms * 5);
        }
        let lifetime = stats.lifetime(at(100));
        assert_eq!(lifetime.ping_histogram_25, Some(65));
        assert_eq!(lifetime.ping_histogram_50, Some(5));
        assert_eq!(lifetime.ping_histogram_300, Some(20));
        assert_eq!(lifetime.ping_histogram_max, None);
        let p95 = lifetime.ping_ntile_95th.unwrap();
        assert!(p95.abs_diff(270) <= 17, "{p95}");
    }

    #[test]
    fn jitter_goes_to_its_bucket() {
        let mut stats = connected();
        for micros in [0, 999, 1000, 1999, 4999, 5000, 19_999, 20_000, u32::MAX] {
            stats.jitter(micros);
        }
        let lifetime = stats.lifetime(at(0));
        assert_eq!(lifetime.jitter_histogram_negligible, Some(2));
        assert_eq!(lifetime.jitter_histogram_1, Some(2));
        assert_eq!(lifetime.jitter_histogram_2, Some(1));
        assert_eq!(lifetime.jitter_histogram_5, Some(1));
        assert_eq!(lifetime.jitter_histogram_10, Some(1));
        assert_eq!(lifetime.jitter_histogram_20, Some(2));
    }

    #[test]
    fn extreme_values_do_no_harm() {
        let mut stats = LinkStats::new(Timestamp::from_micros(0));
        stats.connected(Timestamp::from_micros(0));
        for now in [Timestamp::from_micros(0), Timestamp::MAX, at(1), Timestamp::MAX] {
            stats.sent(now, usize::MAX);
            stats.received(now, usize::MAX);
            stats.sequenced(now, Arrival::Newer { skipped: u64::MAX });
            stats.ping(u32::MAX);
            stats.jitter(u32::MAX);
            stats.instantaneous(now, Some(u32::MAX));
            stats.lifetime(now);
        }
        let lifetime = stats.lifetime(Timestamp::MAX);
        assert_eq!(lifetime.connected_seconds, Some(u32::MAX));
        assert_eq!(lifetime.packets_recv_lurch, Some(4));
        assert_eq!(lifetime.ping_histogram_max, Some(4));
        assert_eq!(lifetime.ping_ntile_50th, Some(1983));
    }
}
