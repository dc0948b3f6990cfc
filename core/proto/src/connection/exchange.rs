//! When to tell the peer our statistics: one message in flight at a time, sent until acknowledged (spec section 9.2).

use core::time::Duration;

use crate::stats::LinkStats;
use crate::time::Timestamp;

/// The two kinds of statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StatsKind {
    /// Of the last seconds.
    Instantaneous,
    /// Since the connection began.
    Lifetime,
}

/// After the last one was acknowledged: when it may ride along, and when a packet is sent for it.
const INSTANTANEOUS: Schedule = Schedule { ready: Duration::from_secs(20), due: Duration::from_secs(30) };
const LIFETIME: Schedule = Schedule { ready: Duration::from_secs(120), due: Duration::from_secs(140) };
/// Lifetime statistics are worth sending after so many packets.
const LIFETIME_PACKETS_MIN: u64 = 100;
/// Instantaneous statistics are worth sending after one packet in so many seconds.
const SECONDS_PER_PACKET: u64 = 3;

#[derive(Clone, Copy, Debug)]
struct Schedule {
    ready: Duration,
    due: Duration,
}

/// Packets so far, each way.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Traffic {
    pub(super) sent: u64,
    pub(super) received: u64,
}

impl Traffic {
    pub(super) fn of(stats: &LinkStats) -> Self {
        Self { sent: stats.packets_sent(), received: stats.packets_received() }
    }

    /// Packets since `earlier`, of the busier direction.
    fn since(self, earlier: Self) -> u64 {
        self.sent.saturating_sub(earlier.sent).max(self.received.saturating_sub(earlier.received))
    }
}

#[derive(Clone, Copy, Debug)]
struct Progress {
    since: Timestamp,
    traffic: Traffic,
}

/// Both schedules and what is in flight.
#[derive(Clone, Debug)]
pub(super) struct StatsExchange {
    instantaneous: Progress,
    lifetime: Progress,
    in_flight: Option<StatsKind>,
    /// What was in flight and got lost: goes with the next packet.
    lost: Option<StatsKind>,
}

impl StatsExchange {
    /// The connection is established.
    pub(super) fn new(now: Timestamp) -> Self {
        let start = Progress { since: now, traffic: Traffic::default() };
        Self { instantaneous: start, lifetime: start, in_flight: None, lost: None }
    }

    /// What a packet that leaves now should carry.
    pub(super) fn piggyback(&mut self, now: Timestamp, traffic: Traffic) -> Option<StatsKind> {
        if self.in_flight.is_some() {
            return None;
        }
        self.lost.or_else(|| self.at_stage(now, traffic, |schedule| schedule.ready))
    }

    /// What a packet must be sent for now, if nothing else is sent.
    pub(super) fn due(&mut self, now: Timestamp, traffic: Traffic) -> Option<StatsKind> {
        if self.in_flight.is_some() || self.lost.is_some() {
            return None;
        }
        self.at_stage(now, traffic, |schedule| schedule.due)
    }

    /// When [`due`](Self::due) has to be asked next.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        if self.in_flight.is_some() || self.lost.is_some() {
            return None;
        }
        Some((self.instantaneous.since + INSTANTANEOUS.due).min(self.lifetime.since + LIFETIME.due))
    }

    /// A packet left with these statistics.
    pub(super) fn sent(&mut self, kind: StatsKind) {
        self.in_flight = Some(kind);
        self.lost = None;
    }

    /// The packet that carried them arrived.
    pub(super) fn acknowledged(&mut self, now: Timestamp, traffic: Traffic) {
        if let Some(kind) = self.in_flight.take().or(self.lost.take()) {
            self.restart(kind, now, traffic);
        }
    }

    /// The packet that carried them is lost.
    pub(super) fn lost(&mut self) {
        self.lost = self.in_flight.take();
    }

    /// The kind whose `stage` is reached and that is worth sending; one that is not worth it starts over.
    fn at_stage(&mut self, now: Timestamp, traffic: Traffic, stage: fn(Schedule) -> Duration) -> Option<StatsKind> {
        let kinds = [(StatsKind::Instantaneous, INSTANTANEOUS), (StatsKind::Lifetime, LIFETIME)];
        for (kind, schedule) in kinds {
            let progress = *self.progress(kind);
            let elapsed = now.since(progress.since);
            if elapsed < stage(schedule) {
                continue;
            }
            let exchanged = traffic.since(progress.traffic);
            let needed = match kind {
                StatsKind::Instantaneous => elapsed.as_secs() / SECONDS_PER_PACKET,
                StatsKind::Lifetime => LIFETIME_PACKETS_MIN,
            };
            if exchanged > needed {
                return Some(kind);
            }
            self.restart(kind, now, traffic);
        }
        None
    }

    fn restart(&mut self, kind: StatsKind, now: Timestamp, traffic: Traffic) {
        *self.progress(kind) = Progress { since: now, traffic };
    }

    fn progress(&mut self, kind: StatsKind) -> &mut Progress {
        match kind {
            StatsKind::Instantaneous => &mut self.instantaneous,
            StatsKind::Lifetime => &mut self.lifetime,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn sent(sent: u64) -> Traffic {
        Traffic { sent, received: sent / 2 }
    }

    #[test]
    fn rides_along_when_ready_and_is_sent_when_due() {
        let mut exchange = StatsExchange::new(at(0));
        assert_eq!(exchange.piggyback(at(19), sent(1_000)), None);
        assert_eq!(exchange.piggyback(at(20), sent(1_000)), Some(StatsKind::Instantaneous));
        assert_eq!(exchange.due(at(29), sent(1_000)), None);
        assert_eq!(exchange.next_due(), Some(at(30)));
        assert_eq!(exchange.due(at(30), sent(1_000)), Some(StatsKind::Instantaneous));
        exchange.sent(StatsKind::Instantaneous);
        assert_eq!(exchange.piggyback(at(31), sent(1_000)), None, "one in flight at a time");
        exchange.lost();
        assert_eq!(exchange.piggyback(at(32), sent(1_000)), Some(StatsKind::Instantaneous));
        exchange.sent(StatsKind::Instantaneous);
        exchange.acknowledged(at(33), sent(1_000));
        assert_eq!(exchange.piggyback(at(52), sent(2_000)), None);
        assert_eq!(exchange.piggyback(at(53), sent(2_000)), Some(StatsKind::Instantaneous));
    }

    #[test]
    fn an_idle_connection_has_nothing_to_tell() {
        let mut exchange = StatsExchange::new(at(0));
        assert_eq!(exchange.due(at(30), sent(10)), None);
        assert_eq!(exchange.next_due(), Some(at(60)));
        assert_eq!(exchange.due(at(140), sent(47)), Some(StatsKind::Instantaneous));
        exchange.sent(StatsKind::Instantaneous);
        exchange.acknowledged(at(140), sent(111));
        assert_eq!(exchange.due(at(141), sent(111)), Some(StatsKind::Lifetime));
    }
}
