//! What the path delivers and loses, measured over rounds.
//!
//! A round ends when a packet is acknowledged that left after the round began. An acknowledgement tells how long ago its
//! newest packet arrived, so rates are measured between two arrivals: that acknowledgements come late, and several
//! packets at a time, does not blur them.

use core::time::Duration;

use crate::time::Timestamp;

/// A round shorter than this many bytes, about 16 packets, goes on ...
const ROUND_BYTES_MIN: u64 = 18_000;
/// ... but not for longer than this.
const ROUND_MAX: Duration = Duration::from_millis(200);

/// What one ack frame said.
#[derive(Clone, Copy, Debug)]
pub struct Ack {
    /// The newest packet it reports on.
    pub latest: u64,
    /// When that packet left, and its size; `None` if its fate was known before.
    pub latest_sent: Option<(Timestamp, u32)>,
    /// For how long the peer held the acknowledgement back, if it said so.
    pub delay: Option<Duration>,
    /// Bytes that are now known to have arrived.
    pub acked_bytes: u64,
    /// Bytes that are now known to be missing.
    pub lost_bytes: u64,
    /// The number the next packet will have.
    pub next_number: u64,
}

/// A finished round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Round {
    /// What was delivered, bytes per second.
    pub delivery_rate: f64,
    /// Share of the bytes that was lost: 0..1.
    pub loss: f64,
    /// The application had less to send than the rate allowed, so the path may be able to do more.
    pub app_limited: bool,
}

/// An arrival at the peer, and the totals by then.
#[derive(Clone, Copy, Debug)]
struct Point {
    number: u64,
    sent: Timestamp,
    arrived: Timestamp,
    delivered: u64,
    lost: u64,
}

/// Measures rounds.
#[derive(Clone, Debug, Default)]
pub struct DeliveryMeter {
    delivered: u64,
    lost: u64,
    start: Option<Point>,
    /// The round ends with a packet of at least this number.
    end_number: u64,
    /// Packets below this number left while the application had too little to send.
    app_limited_below: u64,
}

impl DeliveryMeter {
    /// Takes an acknowledgement; answers the round that it ended.
    pub fn acknowledged(&mut self, now: Timestamp, ack: &Ack) -> Option<Round> {
        self.delivered += ack.acked_bytes;
        self.lost += ack.lost_bytes;
        let (sent, _) = ack.latest_sent?;
        let arrived = now - ack.delay.unwrap_or_default();
        let point = Point { number: ack.latest, sent, arrived, delivered: self.delivered, lost: self.lost };
        let Some(start) = self.start else {
            self.begin(point, ack.next_number);
            return None;
        };
        let elapsed = arrived.since(start.arrived);
        let delivered = point.delivered - start.delivered;
        if ack.latest < self.end_number || (delivered < ROUND_BYTES_MIN && elapsed < ROUND_MAX) {
            return None;
        }
        let round = self.measure(&start, &point);
        self.begin(point, ack.next_number);
        round
    }

    /// The delivery rate of the round so far, bytes per second; `None` while it is too short to tell.
    pub fn rate_so_far(&self, now: Timestamp, ack: &Ack) -> Option<f64> {
        let start = self.start?;
        let (sent, _) = ack.latest_sent?;
        let arrived = now - ack.delay.unwrap_or_default();
        let delivered = self.delivered - start.delivered;
        (delivered >= ROUND_BYTES_MIN / 2)
            .then(|| rate(delivered, arrived.since(start.arrived), sent.since(start.sent)))?
    }

    /// The application has nothing more to send, although the rate would allow it.
    pub fn app_limited(&mut self, next_number: u64) {
        self.app_limited_below = next_number;
    }

    /// Begins a new round with the next acknowledgement; what left so far does not count as sent at the full rate.
    pub fn restart(&mut self, next_number: u64) {
        self.start = None;
        self.app_limited_below = next_number;
    }

    fn begin(&mut self, point: Point, next_number: u64) {
        self.start = Some(point);
        self.end_number = next_number;
    }

    fn measure(&self, start: &Point, end: &Point) -> Option<Round> {
        let delivered = end.delivered - start.delivered;
        let lost = end.lost - start.lost;
        let delivery_rate = rate(delivered, end.arrived.since(start.arrived), end.sent.since(start.sent))?;
        let loss = lost as f64 / (delivered + lost).max(1) as f64;
        Some(Round { delivery_rate, loss, app_limited: self.app_limited_below > start.number })
    }
}

/// Bytes per second. Packets arrive a little faster than they left while a queue drains; much faster is an artefact of
/// the way back.
fn rate(bytes: u64, arrivals: Duration, departures: Duration) -> Option<f64> {
    let elapsed = arrivals.max(departures * 3 / 4);
    (!elapsed.is_zero()).then(|| bytes as f64 / elapsed.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RTT_MICROS: u64 = 20_000;

    fn at(micros: u64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    /// Packets of 1000 bytes leave every `gap` µs and arrive no closer than `spacing` µs; every eighth is acknowledged,
    /// `delay` µs late.
    fn rounds(meter: &mut DeliveryMeter, gap: u64, spacing: u64, delay: u64) -> Vec<Round> {
        let mut rounds = vec![];
        for number in (8..400).step_by(8) {
            let sent = number * gap;
            let now = number * gap.max(spacing) + RTT_MICROS + delay;
            let ack = Ack {
                latest: number,
                latest_sent: Some((at(sent), 1_000)),
                delay: Some(Duration::from_micros(delay)),
                acked_bytes: 7_000,
                lost_bytes: 1_000,
                next_number: now / gap,
            };
            rounds.extend(meter.acknowledged(at(now), &ack));
        }
        rounds
    }

    #[test]
    fn measures_the_path_however_late_the_acks() {
        for delay in [0, 3_000, 50_000] {
            let rounds = rounds(&mut DeliveryMeter::default(), 900, 1_000, delay);
            assert!(rounds.len() > 2);
            for round in rounds {
                assert!((round.delivery_rate - 875_000.0).abs() < 1.0, "{round:?}");
                assert!((round.loss - 0.125).abs() < 1e-9 && !round.app_limited, "{round:?}");
            }
        }
    }

    #[test]
    fn rounds_with_packets_of_a_limited_application_say_so() {
        let mut meter = DeliveryMeter::default();
        meter.app_limited(100);
        let rounds = rounds(&mut meter, 1_000, 1_000, 0);
        assert!(rounds[0].app_limited && !rounds.last().unwrap().app_limited);
    }

    #[test]
    fn packets_do_not_arrive_much_faster_than_they_leave() {
        let mut meter = DeliveryMeter::default();
        let ack = |number: u64| Ack {
            latest: number,
            latest_sent: Some((at(number * 1_000), 1_000)),
            delay: None,
            acked_bytes: 20_000,
            lost_bytes: 0,
            next_number: number + 1,
        };
        assert_eq!(meter.acknowledged(at(100_000), &ack(20)), None);
        let round = meter.acknowledged(at(100_100), &ack(40)).unwrap();
        assert!((round.delivery_rate - 1_333_333.0).abs() < 1.0, "{round:?}");
    }
}
