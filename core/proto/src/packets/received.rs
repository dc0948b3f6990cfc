//! What to acknowledge: the packets that arrived, kept as the holes between them (spec sections 7.8, 8.1 to 8.3).

use core::time::Duration;

use crate::time::Timestamp;
use crate::wire::frame::{AckBlock, MAX_ACK_COUNT};

/// A hole may be reported this long after it was noticed: the packet may only be late.
const NACK_GRACE: Duration = Duration::from_micros(3_000);
/// More holes than this are merged; the packets between them will be reported as lost.
const HOLES_MAX: usize = 60;
/// Among how many of the oldest pairs of holes the cheapest to merge is looked for.
const MERGE_CANDIDATES: usize = 10;
/// Units of the delay field of an ack, microseconds, as a shift.
const DELAY_SHIFT: u32 = 5;
/// A bulk sender gets an acknowledgement at least every so many packets, without waiting for the delay.
const PACKETS_PER_ACK: u32 = 32;

/// A run of packet numbers that did not arrive.
#[derive(Clone, Copy, Debug)]
struct Hole {
    begin: u64,
    end: u64,
    /// When it may be reported.
    report_at: Timestamp,
    reported: bool,
    /// When the packet just below the hole arrived, if that is known.
    before_received: Option<Timestamp>,
}

/// What arrived, and when to say so.
#[derive(Clone, Debug)]
pub struct ReceivedPackets {
    /// Ascending, disjoint, never adjacent, all below `max`.
    holes: Vec<Hole>,
    max: u64,
    max_received: Option<Timestamp>,
    /// The peer wants no report on numbers below this.
    stop_waiting: u64,
    /// The number of the packet that set `stop_waiting`.
    stop_waiting_set_by: u64,
    ack_due: Option<Timestamp>,
    unacknowledged: u32,
}

/// The peer's stop-waiting value makes no sense: the connection cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadStopWaiting;

/// An ack frame, ready to encode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AckReport {
    /// The newest packet reported on.
    pub latest: u64,
    /// Delay field of the frame; `None` if unknown.
    pub delay: Option<u16>,
}

impl ReceivedPackets {
    /// Every number up to `max` counts as received.
    pub fn new(max: u64) -> Self {
        Self {
            holes: Vec::new(),
            max,
            max_received: None,
            stop_waiting: 0,
            stop_waiting_set_by: 0,
            ack_due: None,
            unacknowledged: 0,
        }
    }

    /// Records a packet that was taken in full.
    pub fn record(&mut self, now: Timestamp, number: u64) {
        if number > self.max {
            if number > self.max + 1 {
                self.holes.push(Hole {
                    begin: self.max + 1,
                    end: number,
                    report_at: now + NACK_GRACE,
                    reported: false,
                    before_received: self.max_received,
                });
            }
            self.max = number;
            self.max_received = Some(now);
        } else {
            self.fill(now, number);
        }
        if self.holes.len() > HOLES_MAX {
            self.merge_two_holes();
        }
    }

    /// An acknowledgement must leave within `delay`.
    pub fn request_ack(&mut self, now: Timestamp, delay: Duration) {
        let due = now + delay;
        self.ack_due = Some(self.ack_due.map_or(due, |earlier| earlier.min(due)));
    }

    /// A packet with reliable data arrived: acknowledge within `delay`, or at once if many have piled up.
    pub fn request_data_ack(&mut self, now: Timestamp, delay: Duration) {
        self.unacknowledged += 1;
        let delay = if self.unacknowledged >= PACKETS_PER_ACK { Duration::ZERO } else { delay };
        self.request_ack(now, delay);
    }

    /// The peer's stop-waiting frame in packet `number` (spec section 7.6).
    pub fn stop_waiting(&mut self, number: u64, offset: u64) -> Result<(), BadStopWaiting> {
        let value = offset.checked_add(1).and_then(|back| number.checked_sub(back)).ok_or(BadStopWaiting)?;
        if value < self.stop_waiting {
            return if number > self.stop_waiting_set_by { Err(BadStopWaiting) } else { Ok(()) };
        }
        self.stop_waiting_set_by = self.stop_waiting_set_by.max(number);
        self.stop_waiting = value.min(self.max);
        let keep_from = self.holes.partition_point(|hole| hole.end <= self.stop_waiting);
        self.holes.drain(..keep_from);
        if let Some(first) = self.holes.first_mut()
            && first.begin < self.stop_waiting
        {
            first.begin = self.stop_waiting;
            first.before_received = None;
        }
        Ok(())
    }

    /// When an ack packet must leave even if there is nothing else to send.
    pub fn next_ack(&self) -> Option<Timestamp> {
        let unreported = self.holes.iter().find(|hole| !hole.reported).map(|hole| hole.report_at);
        match (self.ack_due, unreported) {
            (Some(ack), Some(nack)) => Some(ack.min(nack)),
            (ack, nack) => ack.or(nack),
        }
    }

    /// The ack frame for a packet that leaves now, with at most `blocks_max` blocks, which are written to `blocks`, newest first.
    ///
    /// Never reports above a hole it does not name: what is left out is left out at the top, by a smaller `latest`.
    pub fn report(&mut self, now: Timestamp, blocks_max: usize, blocks: &mut Vec<AckBlock>) -> AckReport {
        blocks.clear();
        let ack_is_due = self.ack_due.is_some_and(|due| due <= now);
        let mut count = 0;
        while count < self.holes.len().min(blocks_max) && (self.holes[count].report_at <= now || ack_is_due) {
            count += 1;
        }
        let (mut latest, mut received) = match self.holes.get(count) {
            Some(unreported) => (unreported.begin - 1, unreported.before_received),
            None => (self.max, self.max_received),
        };
        if let Some((cut, expressible)) = self.expressible(latest, count) {
            (count, latest, received) = (cut, expressible, None);
        }
        let mut end = latest + 1;
        for hole in self.holes[..count].iter_mut().rev() {
            hole.reported = true;
            blocks.push(AckBlock { acks: count_u32(end - hole.end), nacks: count_u32(hole.end - hole.begin) });
            end = hole.begin;
        }
        if count == self.holes.len() {
            self.ack_due = None;
            self.unacknowledged = 0;
        } else if ack_is_due {
            self.ack_due = Some(now + NACK_GRACE);
        }
        // What did not fit goes into a later packet; put off, so that nobody spins on it.
        for hole in self.holes[count..].iter_mut().filter(|hole| hole.report_at <= now) {
            hole.report_at = now + NACK_GRACE;
        }
        AckReport { latest, delay: received.and_then(|at| delay_field(now, at)) }
    }

    /// Counts on the wire are limited. Where one of the lowest `count` holes, or the run above it up to `latest`, is too long:
    /// how many holes can be named, and the newest packet to report on then. Only a peer that heeds no report gets there.
    fn expressible(&self, latest: u64, count: usize) -> Option<(usize, u64)> {
        let count_max = u64::from(MAX_ACK_COUNT);
        let named = self.holes.get(..count)?;
        named.iter().enumerate().find_map(|(index, hole)| {
            let above = named.get(index + 1).map_or(latest + 1, |next| next.begin);
            if hole.end - hole.begin > count_max {
                Some((index, hole.begin - 1))
            } else if above - hole.end > count_max {
                Some((index + 1, hole.end + count_max - 1))
            } else {
                None
            }
        })
    }

    /// A late packet: shrinks, splits or removes the hole it was missing from.
    fn fill(&mut self, now: Timestamp, number: u64) {
        let index = self.holes.partition_point(|hole| hole.end <= number);
        let Some(hole) = self.holes.get_mut(index).filter(|hole| hole.begin <= number) else {
            return;
        };
        match (hole.begin == number, hole.end == number + 1) {
            (true, true) => {
                self.holes.remove(index);
            }
            (true, false) => {
                hole.begin += 1;
                hole.before_received = Some(now);
            }
            (false, true) => hole.end -= 1,
            (false, false) => {
                let above = Hole { begin: number + 1, before_received: Some(now), ..*hole };
                hole.end = number;
                self.holes.insert(index + 1, above);
            }
        }
    }

    fn merge_two_holes(&mut self) {
        let pairs = MERGE_CANDIDATES.min(self.holes.len() - 1);
        let cheapest = (0..pairs).min_by_key(|&i| self.holes[i + 1].begin - self.holes[i].end);
        if let Some(i) = cheapest {
            self.holes[i].end = self.holes[i + 1].end;
            self.holes.remove(i + 1);
        }
    }
}

/// What [`ReceivedPackets::expressible`] lets through fits.
fn count_u32(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn delay_field(now: Timestamp, received: Timestamp) -> Option<u16> {
    let units = now.micros_since(received) >> DELAY_SHIFT;
    u16::try_from(units).ok().filter(|&units| units != u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_micros(ms * 1_000)
    }

    fn report(received: &mut ReceivedPackets, now: Timestamp, max: usize) -> (u64, Vec<(u32, u32)>) {
        let mut blocks = Vec::new();
        let report = received.report(now, max, &mut blocks);
        (report.latest, blocks.iter().map(|b| (b.acks, b.nacks)).collect())
    }

    #[test]
    fn a_hole_is_reported_after_its_grace() {
        let mut received = ReceivedPackets::new(1);
        (2..9).for_each(|n| received.record(at(0), n));
        received.record(at(1), 10);
        assert_eq!(received.next_ack(), Some(at(4)));
        assert_eq!(report(&mut received, at(2), 8), (8, vec![]), "below the hole while it may only be late");
        assert_eq!(report(&mut received, at(4), 8), (10, vec![(1, 1)]));
        assert_eq!(received.next_ack(), None, "reported once");
        received.record(at(5), 9);
        assert_eq!(report(&mut received, at(5), 8), (10, vec![]));
    }

    #[test]
    fn what_does_not_fit_is_left_out_at_the_top() {
        let mut received = ReceivedPackets::new(1);
        for n in [3, 5, 7, 9] {
            received.record(at(0), n);
        }
        assert_eq!(report(&mut received, at(10), 2), (5, vec![(1, 1), (1, 1)]));
        assert_eq!(received.next_ack(), Some(at(13)), "the rest later, without spinning");
        assert_eq!(report(&mut received, at(13), 9), (9, vec![(1, 1), (1, 1), (1, 1), (1, 1)]));
    }

    #[test]
    fn counts_that_the_wire_cannot_express_end_the_report() {
        let count_max = u64::from(MAX_ACK_COUNT);
        let mut received = ReceivedPackets::new(1);
        (3..count_max + 10).for_each(|n| received.record(at(0), n));
        received.request_ack(at(10), Duration::ZERO);
        assert_eq!(report(&mut received, at(10), 9), (count_max + 2, vec![(MAX_ACK_COUNT, 1)]));
        assert!(received.next_ack().is_none_or(|due| due > at(10)), "nothing to hurry for");
        // A hole made of many, since the peer leaves out all but one packet in 16,000.
        let mut received = ReceivedPackets::new(1);
        (1..200).for_each(|n| received.record(at(0), n * 16_000));
        let (_, blocks) = report(&mut received, at(10), 64);
        assert!(blocks.iter().all(|&(acks, nacks)| acks.max(nacks) <= MAX_ACK_COUNT), "{blocks:?}");
        assert!(received.next_ack().is_none_or(|due| due > at(10)));
    }

    #[test]
    fn late_packets_split_and_close_holes() {
        let mut received = ReceivedPackets::new(1);
        received.record(at(0), 10);
        received.record(at(1), 5);
        assert_eq!(report(&mut received, at(9), 9), (10, vec![(1, 4), (1, 3)]));
        for n in [2, 4, 3, 6, 9, 7, 8] {
            received.record(at(10), n);
        }
        assert_eq!(report(&mut received, at(20), 9), (10, vec![]));
    }

    #[test]
    fn holes_beyond_the_limit_merge_the_cheapest_old_pair() {
        let mut received = ReceivedPackets::new(1);
        (0..100).for_each(|i| received.record(at(0), 3 + 2 * i));
        let (latest, blocks) = report(&mut received, at(10), 64);
        assert_eq!((latest, blocks.len()), (201, HOLES_MAX));
        let covered: u32 = blocks.iter().map(|(acks, nacks)| acks + nacks).sum();
        assert_eq!(covered, 200, "every packet from 2 up is accounted for");
    }

    #[test]
    fn stop_waiting_forgets_and_refuses_nonsense() {
        let mut received = ReceivedPackets::new(1);
        received.record(at(0), 4);
        received.record(at(0), 9);
        assert_eq!(received.stop_waiting(9, 9), Err(BadStopWaiting));
        assert_eq!(received.stop_waiting(9, 5), Ok(()));
        assert_eq!(report(&mut received, at(9), 9), (9, vec![(1, 4), (1, 1)]));
        assert_eq!(received.stop_waiting(10, 7), Err(BadStopWaiting), "lower in a newer packet");
        assert_eq!(received.stop_waiting(8, 5), Ok(()), "lower in an older packet is only late");
        assert_eq!(received.stop_waiting(20, 0), Ok(()));
        assert_eq!(report(&mut received, at(9), 9), (9, vec![]), "clamped to the highest received");
    }

    #[test]
    fn delay_is_in_units_of_32_microseconds() {
        assert_eq!(delay_field(Timestamp::from_micros(50_176), Timestamp::from_micros(0)), Some(1_568));
        assert_eq!(delay_field(at(2_098), at(0)), None);
    }
}
