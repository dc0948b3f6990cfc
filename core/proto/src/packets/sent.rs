//! What was sent in each packet, until its fate is known (spec section 8.5).

use core::time::Duration;
use std::collections::VecDeque;

use smallvec::SmallVec;

use crate::time::Timestamp;
use crate::trace::PacketFate;

/// A run of a lane's reliable stream that travelled in a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentSegment {
    /// The lane.
    pub lane: u16,
    /// Stream position of the first byte.
    pub start: u64,
    /// Bytes.
    pub len: u32,
}

/// A packet of ours.
#[derive(Clone, Debug)]
pub struct SentPacket {
    /// When it left.
    pub sent_at: Timestamp,
    /// Bytes of the datagram.
    pub size: u32,
    /// Reliable data in it.
    pub segments: SmallVec<[SentSegment; 1]>,
    /// Whether it carried the statistics message that is in flight.
    pub carries_stats: bool,
    /// Whether it told the peer how much we take.
    pub carries_window: bool,
    /// Whether it was padded to find out what the path carries.
    pub is_mtu_probe: bool,
    /// Declared lost; kept in case an acknowledgement comes after all.
    lost: bool,
}

impl SentPacket {
    /// A packet that leaves at `sent_at`, carrying nothing yet.
    pub fn new(sent_at: Timestamp) -> Self {
        Self {
            sent_at,
            size: 0,
            segments: SmallVec::new(),
            carries_stats: false,
            carries_window: false,
            is_mtu_probe: false,
            lost: false,
        }
    }

    /// Bytes of it that count as in flight.
    fn open_bytes(&self) -> u64 {
        if self.lost { 0 } else { self.size.into() }
    }

    /// Whether anything happens when it is lost.
    fn matters(&self) -> bool {
        !self.segments.is_empty() || self.carries_stats || self.carries_window || self.is_mtu_probe
    }
}

/// The packets of ours whose fate is open, by number.
#[derive(Clone, Debug)]
pub struct SentPackets {
    /// Slot `i` is packet `base + i`.
    slots: VecDeque<Option<SentPacket>>,
    base: u64,
    /// The oldest packet that matters and is neither acknowledged nor lost, or the next number if there is none.
    oldest_outstanding: u64,
    /// The highest packet number the peer reported on: what our stop-waiting frames say (spec section 8.6).
    stop_waiting: u64,
    /// Bytes of the packets whose fate is open, those declared lost left out.
    in_flight: u64,
    deliveries: Deliveries,
    /// What was decided since somebody last looked, if anybody does.
    fates: Option<Vec<PacketFate>>,
    /// Slots that are looked at, and words of marks: what the work of acknowledgements is measured by.
    steps: u64,
    /// Which packets are not acknowledged, and which of these are not lost either: repeated reports on what is decided
    /// need not look at each packet.
    open: Marks,
    unlost: Marks,
}

/// A mark for each packet number: 64 of them in a word.
#[derive(Clone, Debug, Default)]
struct Marks {
    words: VecDeque<u64>,
    /// The number of the first word.
    first: u64,
}

impl Marks {
    fn set(&mut self, number: u64, marked: bool) {
        let word = number / 64;
        if self.words.is_empty() {
            self.first = word;
        }
        let Some(index) = word.checked_sub(self.first).map(|index| index as usize) else {
            return;
        };
        if index >= self.words.len() {
            self.words.resize(index + 1, 0);
        }
        let bit = 1 << (number % 64);
        self.words[index] = if marked { self.words[index] | bit } else { self.words[index] & !bit };
    }

    /// The first marked number of `[from, to)`.
    fn next(&self, from: u64, to: u64, steps: &mut u64) -> Option<u64> {
        let mut number = from.max(self.first * 64);
        while number < to {
            *steps += 1;
            let word = self.words.get((number / 64 - self.first) as usize)? >> (number % 64);
            if word != 0 {
                return Some(number + u64::from(word.trailing_zeros())).filter(|&found| found < to);
            }
            number = (number / 64 + 1) * 64;
        }
        None
    }

    /// Numbers below this are forgotten.
    fn forget_below(&mut self, number: u64) {
        while self.first < number / 64 && self.words.pop_front().is_some() {
            self.first += 1;
        }
    }
}

/// How many packets have arrived, and how many have not: the latest count most.
#[derive(Clone, Copy, Debug, Default)]
struct Deliveries {
    arrived: u32,
    lost: u32,
}

/// When so many are counted, both counts are halved.
const DELIVERIES_MAX: u32 = 2000;
/// No share is known of fewer packets; as many as an interval has to have (spec section 9.5).
const DELIVERIES_MIN: u32 = 6;

impl Deliveries {
    fn arrived(&mut self, was_lost: bool) {
        self.lost = self.lost.saturating_sub(was_lost.into());
        self.arrived += 1;
        self.age();
    }

    /// A probe of the path's size gets lost by its size, which says nothing of others.
    fn lost(&mut self, is_mtu_probe: bool) {
        if !is_mtu_probe {
            self.lost += 1;
            self.age();
        }
    }

    fn age(&mut self) {
        if self.arrived + self.lost >= DELIVERIES_MAX {
            self.arrived /= 2;
            self.lost /= 2;
        }
    }

    fn share(self) -> Option<f32> {
        let decided = self.arrived + self.lost;
        (decided >= DELIVERIES_MIN).then(|| self.arrived as f32 / decided as f32)
    }
}

impl SentPackets {
    /// `next` is the number the first packet will have.
    pub fn new(next: u64) -> Self {
        Self {
            slots: VecDeque::new(),
            base: next,
            oldest_outstanding: next,
            stop_waiting: 0,
            in_flight: 0,
            deliveries: Deliveries::default(),
            fates: None,
            steps: 0,
            open: Marks::default(),
            unlost: Marks::default(),
        }
    }

    /// The number the next packet will have.
    pub fn next_number(&self) -> u64 {
        self.base + self.slots.len() as u64
    }

    /// What the stop-waiting frame says: the highest number the peer has reported on.
    pub fn stop_waiting(&self) -> u64 {
        self.stop_waiting
    }

    /// Bytes that left and are neither acknowledged, lost nor forgotten.
    pub fn in_flight(&self) -> u64 {
        self.in_flight
    }

    /// The share of the latest packets that arrived, 0..=1, as far as acknowledgements tell; `None` while they tell of too
    /// few.
    pub fn delivered_share(&self) -> Option<f32> {
        self.deliveries.share()
    }

    /// How many numbers were used since the highest that the peer reported on.
    pub fn unreported(&self) -> u64 {
        self.next_number().saturating_sub(self.stop_waiting)
    }

    /// A packet with number [`next_number`](Self::next_number) left.
    pub fn push(&mut self, packet: SentPacket) {
        if self.oldest_outstanding == self.next_number() && !packet.matters() {
            self.oldest_outstanding += 1;
        }
        self.in_flight += u64::from(packet.size);
        self.open.set(self.next_number(), true);
        self.unlost.set(self.next_number(), true);
        self.slots.push_back(Some(packet));
    }

    /// When packet `number` left, if its fate is still open.
    pub fn sent_at(&self, number: u64) -> Option<Timestamp> {
        self.get(number).map(|packet| packet.sent_at)
    }

    /// Bytes of packet `number`, if its fate is still open.
    pub fn size(&self, number: u64) -> Option<u32> {
        self.get(number).map(|packet| packet.size)
    }

    /// The packets `[from, to)` arrived: hands each one whose fate was open to `acked`.
    pub fn acknowledge(&mut self, from: u64, to: u64, mut acked: impl FnMut(SentPacket)) {
        let (mut from, to) = self.tracked(from, to);
        while let Some(number) = self.open.next(from, to, &mut self.steps) {
            from = number + 1;
            let index = (number - self.base) as usize;
            self.open.set(number, false);
            self.unlost.set(number, false);
            if let Some(packet) = self.slots[index].take() {
                self.in_flight -= packet.open_bytes();
                self.deliveries.arrived(packet.lost);
                self.decided(index, true);
                acked(packet);
            }
        }
        self.seek_outstanding();
    }

    /// Entries that were looked at so far: what the work is measured by.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// From now on, keeps what becomes of packets for [`take_fates`](Self::take_fates), which has to be called often.
    pub fn record_fates(&mut self) {
        self.fates.get_or_insert_default();
    }

    /// What became of packets since the last call, in order.
    pub fn take_fates(&mut self) -> Vec<PacketFate> {
        self.fates.as_mut().map(core::mem::take).unwrap_or_default()
    }

    /// The packets `[from, to)` are reported missing: hands each one newly lost to `lost`.
    pub fn declare_lost(&mut self, from: u64, to: u64, mut lost: impl FnMut(&SentPacket)) {
        let (mut from, to) = self.tracked(from, to);
        while let Some(number) = self.unlost.next(from, to, &mut self.steps) {
            from = number + 1;
            let index = (number - self.base) as usize;
            self.unlost.set(number, false);
            if let Some(packet) = self.slots[index].as_mut().filter(|packet| !packet.lost) {
                self.in_flight -= packet.open_bytes();
                packet.lost = true;
                lost(packet);
                self.deliveries.lost(packet.is_mtu_probe);
                self.decided(index, false);
            }
        }
        self.seek_outstanding();
    }

    /// Packets that left at or before `sent_before` and matter are lost. Hands each to `lost`.
    pub fn time_out(&mut self, sent_before: Timestamp, mut lost: impl FnMut(&SentPacket)) {
        while let Some(packet) = self.outstanding_mut().filter(|packet| packet.sent_at <= sent_before) {
            let bytes = packet.open_bytes();
            packet.lost = true;
            lost(packet);
            let is_mtu_probe = packet.is_mtu_probe;
            self.deliveries.lost(is_mtu_probe);
            self.in_flight -= bytes;
            self.unlost.set(self.oldest_outstanding, false);
            self.decided((self.oldest_outstanding - self.base) as usize, false);
            self.seek_outstanding();
        }
    }

    /// When the oldest packet left that matters and is neither acknowledged nor lost.
    pub fn oldest_outstanding(&self) -> Option<Timestamp> {
        self.sent_at(self.oldest_outstanding)
    }

    /// The peer reported on `latest`: it need not report on anything below any more.
    pub fn advance_stop_waiting(&mut self, latest: u64) {
        self.stop_waiting = self.stop_waiting.max(latest);
    }

    /// Forgets what is decided, and what is older than `keep`.
    pub fn expire(&mut self, now: Timestamp, keep: Duration) {
        while let Some(front) = self.slots.front() {
            let keep_it = front.as_ref().is_some_and(|packet| {
                let undecided = packet.matters() && !packet.lost;
                undecided || now.since(packet.sent_at) <= keep
            });
            if keep_it {
                break;
            }
            if let Some(Some(packet)) = self.slots.pop_front() {
                self.in_flight -= packet.open_bytes();
            }
            self.base += 1;
        }
        self.open.forget_below(self.base);
        self.unlost.forget_below(self.base);
        if self.slots.is_empty() && self.slots.capacity() > 64 {
            self.slots.shrink_to(16);
        }
    }

    fn decided(&mut self, index: usize, arrived: bool) {
        if let Some(fates) = &mut self.fates {
            fates.push(PacketFate { number: self.base + index as u64, arrived });
        }
    }

    /// Restores what `oldest_outstanding` promises after packets were decided.
    fn seek_outstanding(&mut self) {
        let (mut from, end) = self.tracked(self.oldest_outstanding, u64::MAX);
        self.oldest_outstanding = end;
        while let Some(number) = self.unlost.next(from, end, &mut self.steps) {
            if self.get(number).is_some_and(SentPacket::matters) {
                self.oldest_outstanding = number;
                break;
            }
            from = number + 1;
        }
    }

    fn outstanding_mut(&mut self) -> Option<&mut SentPacket> {
        let index = self.oldest_outstanding.checked_sub(self.base)?;
        self.slots.get_mut(usize::try_from(index).ok()?)?.as_mut()
    }

    fn get(&self, number: u64) -> Option<&SentPacket> {
        let index = number.checked_sub(self.base)?;
        self.slots.get(usize::try_from(index).ok()?)?.as_ref()
    }

    /// The part of the numbers `[from, to)` that is tracked.
    fn tracked(&self, from: u64, to: u64) -> (u64, u64) {
        (from.max(self.base), to.min(self.next_number()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_micros(ms * 1_000)
    }

    fn packet(ms: u64, start: u64) -> SentPacket {
        let mut packet = SentPacket::new(at(ms));
        packet.size = 100;
        packet.segments.push(SentSegment { lane: 0, start, len: 10 });
        packet
    }

    #[test]
    fn the_share_of_what_arrives_is_that_of_the_latest_packets() {
        let mut deliveries = Deliveries::default();
        (0..5).for_each(|_| deliveries.arrived(false));
        assert_eq!(deliveries.share(), None);
        (0..3).for_each(|_| deliveries.lost(false));
        deliveries.lost(true);
        assert_eq!(deliveries.share(), Some(5.0 / 8.0));
        // One of the lost was only late.
        deliveries.arrived(true);
        assert_eq!(deliveries.share(), Some(6.0 / 8.0));
        (0..10_000).for_each(|_| deliveries.lost(false));
        assert!(deliveries.share().unwrap() < 0.001);
        (0..20_000).for_each(|_| deliveries.arrived(true));
        assert!(deliveries.share().unwrap() > 0.99);
    }

    #[test]
    fn each_packet_is_acknowledged_or_lost_once() {
        let mut sent = SentPackets::new(2);
        (0..4).for_each(|i| sent.push(packet(i, 1 + 10 * i)));
        assert_eq!(sent.in_flight(), 400);
        let mut acked = vec![];
        sent.acknowledge(0, 4, |p| acked.push(p.segments[0].start));
        sent.acknowledge(0, 4, |p| acked.push(p.segments[0].start));
        assert_eq!(acked, [1, 11]);
        let mut lost = vec![];
        sent.declare_lost(4, 5, |p| lost.push(p.segments[0].start));
        sent.declare_lost(4, 5, |p| lost.push(p.segments[0].start));
        sent.time_out(at(100), |p| lost.push(p.segments[0].start));
        assert_eq!(lost, [21, 31]);
        assert_eq!(sent.oldest_outstanding(), None);
        assert_eq!(sent.in_flight(), 0);
        sent.acknowledge(4, 100, |p| acked.push(p.segments[0].start));
        assert_eq!(acked, [1, 11, 21, 31], "an acknowledgement after all");
        assert_eq!(sent.in_flight(), 0);
    }

    #[test]
    fn only_what_matters_times_out_and_everything_expires() {
        let mut sent = SentPackets::new(2);
        sent.push(SentPacket::new(at(0)));
        sent.push(packet(5, 1));
        assert_eq!(sent.oldest_outstanding(), Some(at(5)));
        sent.expire(at(10_000), Duration::from_millis(100));
        assert_eq!(sent.sent_at(2), None);
        assert_eq!(sent.sent_at(3), Some(at(5)), "undecided reliable data is never forgotten");
        sent.time_out(at(5), |_| {});
        sent.expire(at(10_000), Duration::from_millis(100));
        assert_eq!(sent.sent_at(3), None);
        assert_eq!(sent.next_number(), 4);
    }

    #[test]
    fn repeated_reports_on_many_packets_cost_little() {
        const COUNT: u64 = 12_000;
        let mut sent = SentPackets::new(2);
        (0..COUNT).for_each(|i| sent.push(packet(0, 1 + 10 * i)));
        let mut decided = 0;
        sent.declare_lost(100, COUNT, |_| decided += 1);
        for round in 0..100 {
            let before = sent.steps();
            sent.declare_lost(0, u64::MAX, |_| decided += 1);
            sent.acknowledge(2, 90 + round % 2, |_| decided += 1);
            let steps = sent.steps() - before;
            assert!(round == 0 || steps < 3 * COUNT / 64, "{steps} steps to look at nothing new");
        }
        assert_eq!(decided, COUNT + 89);
    }
}
