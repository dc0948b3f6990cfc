//! The controller: chooses the rate so that the path is full and its queue is not.
//!
//! ```text
//!                 queue, loss, or no          wait is at
//!                 growth in 3 rounds          its target
//!     Startup ------------------------> Drain ----------> Steady <------------------+
//!        |                                                 |   |                    |
//!        |                      shortest round trip not    |   |                    | drained
//!        |                      confirmed for 5 s          |   +--> ProbeRoundTrip -+
//!        |                                                 |
//!        +------ no acknowledgement in time ---> Stalled <-+
//!                                                   |
//!                                                   +-- acknowledgement --> where it was
//!
//! phase            rate                                  purpose
//! Startup          2.9 x delivered                       doubles each round trip
//! Drain            0.5 x delivered                       takes out the queue that Startup made
//! Steady           delivered, steered by the wait        holds the wait at its target
//! ProbeRoundTrip   0.5 x Steady's                        empties the queue, so that the path's length shows
//! Stalled          a few packets per second              finds out when the path is back
//! ```
//!
//! In `Steady` the rate follows what the path delivers, a little above while packets wait for less than the target and
//! below while they wait for longer. The target is a time that shrinks with the square root of the own rate: of flows
//! that share a queue, and so see the same wait, the larger ones find it too long and the smaller ones too short, until
//! they are equal. While there is no wait at all, growth speeds up. Random loss is made up for; loss that comes with a
//! higher rate stops its growth. A queue that others keep full no matter how we yield raises the target until we get
//! our part of it, and loss lowers it again.

use core::time::Duration;

use super::delivery::{Ack, DeliveryMeter, Round};
use super::pacer::Pacer;
use super::queue::QueueMeter;
use super::steering::{Steering, Trip};
use super::{InFlight, RateBounds};
use crate::time::Timestamp;

/// Startup multiplies the rate by this each round: 2 / ln 2, the least that doubles what is delivered.
const STARTUP_GAIN: f64 = 2.885;
/// Startup ends after so many rounds ...
const PLATEAU_ROUNDS: u32 = 3;
/// ... in which what is delivered grew by less than this factor ...
const PLATEAU_GROWTH: f64 = 1.25;
/// ... or when packets wait for longer than the target by this, seconds ...
const STARTUP_WAIT: f64 = 0.004;
/// ... or with more loss than this in one round.
const STARTUP_LOSS: f64 = 0.2;
/// What is sent while the queue is to drain, as a share of the rate.
const DRAIN_GAIN: f64 = 0.5;
/// Drain ends after this even if the wait stays.
const DRAIN_MAX: Duration = Duration::from_millis(1_000);
/// How long the shortest round trip may go unconfirmed.
const CONFIRM_WITHIN: Duration = Duration::from_secs(5);
/// Even so: a queue that never empties looks like a longer path.
const PROBE_WITHIN: Duration = Duration::from_secs(10);
/// A round trip shorter by this than thought possible, seconds, and how often it counts.
const JOIN: f64 = 0.001;
const JOIN_SPACING: Duration = Duration::from_secs(2);
/// ProbeRoundTrip lasts for the time that empties the queue and this, seconds; at most the other.
const PROBE_MARGIN: f64 = 0.04;
const PROBE_MAX: f64 = 0.2;
/// An acknowledgement that is overdue by this means that the path stalls, seconds; twice the round trip comes on top.
const STALL_MARGIN: f64 = 0.15;
/// While the path stalls: enough to find out when it is back, bytes per second.
const STALLED_RATE: u32 = 32_768;
/// Bytes that may be on their way whatever the rate.
const IN_FLIGHT_MIN: f64 = 13_000.0;
/// How long an acknowledgement may take on top of the round trip: GNS's delay and its grace for holes, seconds.
const ACK_DELAY: f64 = 0.06;
/// Acknowledgements are asked for at most this often.
const ASK_SPACING: Duration = Duration::from_millis(20);
const ASK_SPACING_STARTUP: Duration = Duration::from_millis(5);
/// A receiver gives the connection up when packet numbers jump by 16,384 (spec section 6.7): so many may be without a
/// report, those of acknowledgements left out of account; and from so many on one is asked for, however soon that is.
const NUMBERS_MAX: u64 = 12_288;
const ASK_NUMBERS: u64 = 2_048;
const ASK_SPACING_FAST: Duration = Duration::from_millis(1);
/// An acknowledgement that has not come after one and a half round trips and this is asked for again.
const ASK_PATIENCE: Duration = Duration::from_millis(30);

/// What the controller is at; see the table above.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Phase {
    /// The path is unknown.
    Startup,
    /// The queue that `Startup` made has to go.
    Drain {
        /// Since when.
        since: Timestamp,
    },
    /// The path is full and its queue short.
    Steady,
    /// The queue is emptied for a moment.
    ProbeRoundTrip {
        /// Until when.
        until: Timestamp,
    },
    /// Nothing comes back.
    Stalled {
        /// `Startup` goes on afterwards.
        in_startup: bool,
    },
}

/// Decides when data may leave.
#[derive(Clone, Debug)]
pub struct Controller {
    bounds: RateBounds,
    phase: Phase,
    pacer: Pacer,
    delivery: DeliveryMeter,
    queue: QueueMeter,
    steering: Steering,
    /// What the model says, before a phase changes it for a while; bytes per second.
    rate: f64,
    /// The most a round delivered, bytes per second.
    peak: f64,
    /// What was delivered when it last grew in Startup, and for how many rounds it has not since.
    plateau_rate: f64,
    plateau: u32,
    /// When the oldest packet left that the peer has to acknowledge and has not.
    awaited_since: Option<Timestamp>,
    last_probe: Timestamp,
    last_asked: Timestamp,
}

impl Controller {
    /// A controller for a path of which only `ping` is known.
    pub fn new(now: Timestamp, bounds: RateBounds, ping: Option<Duration>) -> Self {
        let rate = bounds.initial_rate(ping);
        Self {
            bounds,
            phase: Phase::Startup,
            pacer: Pacer::new(now, rate),
            delivery: DeliveryMeter::default(),
            queue: QueueMeter::new(now, ping),
            steering: Steering::default(),
            rate: rate.into(),
            peak: 0.0,
            plateau_rate: 0.0,
            plateau: 0,
            awaited_since: None,
            last_probe: now,
            last_asked: now,
        }
    }

    /// New bounds. A fixed rate holds at once, others limit what the controller chooses.
    pub fn set_bounds(&mut self, now: Timestamp, bounds: RateBounds) {
        self.bounds = bounds;
        self.apply(now);
    }

    /// The rate, bytes per second.
    pub fn rate(&self) -> u32 {
        self.pacer.rate()
    }

    /// The phase.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// When data may leave, with this on its way: the pacer lets it, and the path is not stalled.
    pub fn next_send(&self, in_flight: InFlight) -> Timestamp {
        let paced = self.pacer.next_send();
        match self.awaited_since {
            Some(since) if self.is_full(in_flight) => paced.max(since + self.stall_timeout()),
            _ => paced,
        }
    }

    /// Whether a packet that leaves now should ask for an acknowledgement at once: without, nothing would be learnt.
    ///
    /// Reliable data is acknowledged by itself. Only what nobody acknowledges, if it is enough for the rate to matter,
    /// and the first round trips are asked about.
    pub fn wants_ack(&self, now: Timestamp, in_flight: InFlight) -> bool {
        let silence = now.since(self.last_asked);
        if self.bounds.is_fixed() || silence < ASK_SPACING_FAST {
            return false;
        }
        let round_trip = Duration::from_secs_f64(self.queue.shortest_round_trip());
        let (share, spacing) = match self.phase {
            Phase::Startup => (0.1, (round_trip / 4).max(ASK_SPACING_STARTUP)),
            _ => (0.25, round_trip.max(ASK_SPACING)),
        };
        let matters = in_flight.bytes as f64 >= share * self.in_flight_max();
        // An acknowledgement that is on its way is not asked for again, unless it seems to be lost.
        let patience = round_trip * 3 / 2 + ASK_PATIENCE;
        let coming = self.awaited_since.is_some_and(|since| now.since(since) < patience);
        if in_flight.numbers >= ASK_NUMBERS && silence >= round_trip.max(ASK_SPACING_FAST) {
            return true;
        }
        matters && (self.phase == Phase::Startup || !coming) && silence >= spacing
    }

    /// A packet of `bytes` left; `awaited` if the peer has to acknowledge it, `asked` if it was asked to do so.
    pub fn sent(&mut self, now: Timestamp, bytes: usize, in_flight: InFlight, awaited: bool, asked: bool) {
        if self.is_full(in_flight) && self.is_overdue(now) {
            self.stall(now);
        }
        self.pacer.spend(now, bytes);
        if awaited {
            self.awaited_since.get_or_insert(now);
        }
        if asked {
            self.last_asked = now;
        }
        self.finish_probe(now, None);
    }

    /// Nothing waits to be sent. `next_number` is the number of the next packet.
    pub fn idle(&mut self, now: Timestamp, next_number: u64) {
        if self.pacer.may_send(now) {
            self.delivery.app_limited(next_number);
        }
        self.pacer.idle(now);
    }

    /// An ack frame arrived.
    pub fn acknowledged(&mut self, now: Timestamp, ack: &Ack) {
        if ack.acked_bytes > 0 {
            self.awaited_since = None;
            self.resume(now, ack.next_number);
        }
        self.steering.heard(now);
        let mut join = false;
        if let (Some((sent, size)), Some(delay)) = (ack.latest_sent, ack.delay) {
            let shorter = self.queue.record(now, now.since(sent).saturating_sub(delay), size);
            // Somebody else empties the queue that we took for the path: together it goes faster.
            join = shorter >= JOIN && now.since(self.last_probe) >= JOIN_SPACING;
        }
        let so_far = self.delivery.rate_so_far(now, ack);
        let round = self.delivery.acknowledged(now, ack);
        if let Some(round) = round {
            self.peak = self.peak.max(round.delivery_rate);
        }
        match self.phase {
            Phase::Startup => self.start_up(now, round, so_far, ack.next_number),
            Phase::Drain { since } => self.drain(now, since, round, ack.next_number),
            Phase::Steady => self.steer(now, round, join),
            Phase::ProbeRoundTrip { .. } => self.finish_probe(now, Some(ack.next_number)),
            Phase::Stalled { .. } => {}
        }
        self.apply(now);
    }

    /// Packets were not acknowledged in time.
    pub fn timed_out(&mut self, now: Timestamp) {
        if self.is_overdue(now) {
            self.stall(now);
        }
    }

    fn start_up(&mut self, now: Timestamp, round: Option<Round>, so_far: Option<f64>, next_number: u64) {
        let grown = self.peak.max(so_far.unwrap_or(0.0));
        if grown > 0.0 && self.queue.recent() > self.target(grown) + STARTUP_WAIT {
            return self.end_startup(now, grown, next_number);
        }
        let Some(round) = round.filter(|round| !round.app_limited || round.delivery_rate > self.rate) else {
            return;
        };
        self.steering.starting(&round);
        if round.delivery_rate >= PLATEAU_GROWTH * self.plateau_rate {
            self.plateau_rate = round.delivery_rate;
            self.plateau = 0;
        } else {
            self.plateau += 1;
        }
        self.rate = self.rate.max(STARTUP_GAIN * round.delivery_rate);
        if self.plateau >= PLATEAU_ROUNDS || round.loss > STARTUP_LOSS {
            self.end_startup(now, self.peak, next_number);
        }
    }

    fn end_startup(&mut self, now: Timestamp, delivered: f64, next_number: u64) {
        self.phase = Phase::Drain { since: now };
        self.peak = delivered;
        self.rate = delivered;
        self.delivery.restart(next_number);
    }

    fn drain(&mut self, now: Timestamp, since: Timestamp, round: Option<Round>, next_number: u64) {
        if let Some(round) = round {
            // While the queue is not empty the path delivers all it can.
            self.rate = self.rate.max(round.delivery_rate);
        }
        // At least a round trip: a queue that was there from the start shows as such only once it is gone.
        let round_trip = Duration::from_secs_f64(self.queue.shortest_round_trip());
        let drained = self.queue.recent() <= self.target(self.rate) && now.since(since) >= round_trip;
        if drained || now.since(since) >= DRAIN_MAX.max(2 * round_trip) {
            self.phase = Phase::Steady;
            self.delivery.restart(next_number);
            self.steering.begin(self.rate);
            self.queue.take_round();
        }
    }

    fn steer(&mut self, now: Timestamp, round: Option<Round>, join: bool) {
        if let Some(round) = round
            && let Some(wait) = self.queue.take_round()
        {
            let path = Trip { round_trip: self.queue.shortest_round_trip(), jitter: self.queue.jitter() };
            self.rate = self.steering.steer(self.rate, &round, wait, path);
            self.rate = f64::from(self.bounds.clamp(self.rate)).max(1.0);
        }
        let unconfirmed = now.since(self.queue.confirmed()) >= CONFIRM_WITHIN;
        let alone = !self.steering.is_contended();
        let suspect = self.steering.loses_much() && now.since(self.last_probe) >= JOIN_SPACING;
        if (alone && (join || unconfirmed || suspect)) || now.since(self.last_probe) >= PROBE_WITHIN {
            self.last_probe = now;
            let empty_after = (self.queue.recent() / (1.0 - DRAIN_GAIN) + PROBE_MARGIN).min(PROBE_MAX);
            self.phase = Phase::ProbeRoundTrip { until: now + Duration::from_secs_f64(empty_after) };
        }
    }

    /// Ends ProbeRoundTrip when it is over. Its packets say nothing about the bandwidth.
    fn finish_probe(&mut self, now: Timestamp, next_number: Option<u64>) {
        if let (Phase::ProbeRoundTrip { until }, Some(next_number)) = (self.phase, next_number)
            && now >= until
        {
            self.phase = Phase::Steady;
            self.delivery.restart(next_number);
            self.queue.emptied(now);
            self.steering.resume();
            self.apply(now);
        }
    }

    fn stall(&mut self, now: Timestamp) {
        if self.bounds.is_fixed() || matches!(self.phase, Phase::Stalled { .. }) {
            return;
        }
        self.phase = Phase::Stalled { in_startup: self.phase == Phase::Startup };
        self.apply(now);
    }

    fn resume(&mut self, now: Timestamp, next_number: u64) {
        let Phase::Stalled { in_startup } = self.phase else {
            return;
        };
        self.phase = if in_startup { Phase::Startup } else { Phase::Steady };
        self.delivery.restart(next_number);
        self.apply(now);
    }

    fn apply(&mut self, now: Timestamp) {
        let rate = self.bounds.clamp(match self.phase {
            Phase::Startup | Phase::Steady => self.rate,
            Phase::Drain { .. } | Phase::ProbeRoundTrip { .. } => DRAIN_GAIN * self.rate,
            Phase::Stalled { .. } => self.rate.min(STALLED_RATE.into()),
        });
        if rate != self.pacer.rate() {
            self.pacer.set_rate(now, rate);
        }
    }

    fn target(&self, rate: f64) -> f64 {
        self.steering.target(rate, self.queue.jitter())
    }

    fn is_full(&self, in_flight: InFlight) -> bool {
        let limited = !self.bounds.is_fixed() && !matches!(self.phase, Phase::Stalled { .. });
        limited && (in_flight.bytes as f64 >= self.in_flight_max() || in_flight.numbers >= NUMBERS_MAX)
    }

    /// Twice what the path and the acknowledgements' delay hold.
    fn in_flight_max(&self) -> f64 {
        let time = 2.0 * (self.queue.shortest_round_trip() + ACK_DELAY) + self.queue.recent();
        self.rate.max(self.bounds.min.into()) * time + IN_FLIGHT_MIN
    }

    fn is_overdue(&self, now: Timestamp) -> bool {
        self.awaited_since.is_some_and(|since| since + self.stall_timeout() <= now)
    }

    fn stall_timeout(&self) -> Duration {
        let round_trip = self.queue.shortest_round_trip() + self.queue.recent();
        Duration::from_secs_f64(2.0 * round_trip + STALL_MARGIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);
    const PACKET: u64 = 1_250;
    const ADAPTIVE: RateBounds = RateBounds { min: 16_384, max: i32::MAX as u32 };

    /// A sender whose packets of 1250 bytes pass a path of `spacing` µs each and come back acknowledged one by one.
    struct Bench {
        controller: Controller,
        now: Timestamp,
        next: u64,
        /// When each acknowledgement arrives, and when its packet left.
        flight: std::collections::VecDeque<(Timestamp, Timestamp)>,
        busy_until: Timestamp,
        spacing: Duration,
    }

    impl Bench {
        fn new(bounds: RateBounds, spacing_micros: u64) -> Self {
            let now = Timestamp::from_micros(1_000_000);
            Self {
                controller: Controller::new(now, bounds, Some(40 * MS)),
                now,
                next: 2,
                flight: std::collections::VecDeque::new(),
                busy_until: now,
                spacing: Duration::from_micros(spacing_micros),
            }
        }

        fn in_flight(&self) -> InFlight {
            let numbers = self.flight.len() as u64;
            InFlight { bytes: numbers * PACKET, numbers }
        }

        /// Runs with always something to send; without acknowledgements if `dark`. Answers how many packets left.
        fn run(&mut self, span: Duration, dark: bool) -> u64 {
            let (end, first) = (self.now + span, self.next);
            loop {
                let send = self.controller.next_send(self.in_flight()).max(self.now);
                let ack = self.flight.front().filter(|_| !dark).map_or(Timestamp::MAX, |(at, _)| (*at).max(self.now));
                if send.min(ack) >= end {
                    self.now = end;
                    return self.next - first;
                }
                if ack <= send {
                    self.acknowledge(ack);
                } else {
                    self.now = send;
                    self.busy_until = self.busy_until.max(send) + self.spacing;
                    self.controller.sent(send, PACKET as usize, self.in_flight(), true, false);
                    self.flight.push_back((self.busy_until + 40 * MS, send));
                    self.next += 1;
                }
            }
        }

        fn acknowledge(&mut self, at: Timestamp) {
            self.now = at;
            let latest = self.next - self.flight.len() as u64;
            let Some((_, sent)) = self.flight.pop_front() else { return };
            let ack = Ack {
                latest,
                latest_sent: Some((sent, PACKET as u32)),
                delay: Some(Duration::ZERO),
                acked_bytes: PACKET,
                lost_bytes: 0,
                next_number: self.next,
            };
            self.controller.acknowledged(at, &ack);
        }
    }

    #[test]
    fn finds_the_bandwidth_and_stays_there() {
        let mut bench = Bench::new(ADAPTIVE, 1_000);
        bench.run(3_000 * MS, false);
        assert_eq!(bench.controller.phase(), Phase::Steady);
        let packets = bench.run(4_000 * MS, false);
        assert!((3_900..4_100).contains(&packets), "{packets} packets in 4 s of 1 ms each");
        let queued = bench.busy_until.since(bench.now);
        assert!(queued < 15 * MS, "{queued:?} wait");
    }

    #[test]
    fn equal_bounds_are_a_fixed_rate_whatever_happens() {
        let mut bench = Bench::new(RateBounds::new(262_144, 262_144), 1_000);
        let packets = bench.run(2_000 * MS, false) + bench.run(2_000 * MS, true) + bench.run(2_000 * MS, false);
        assert_eq!(bench.controller.rate(), 262_144);
        assert!((1_255..1_262).contains(&packets), "{packets}");
        assert!(!bench.controller.wants_ack(bench.now, InFlight { bytes: 1_000_000, numbers: 800 }));
    }

    #[test]
    fn a_stalled_path_is_not_flooded_and_used_again_at_once() {
        let mut bench = Bench::new(ADAPTIVE, 1_000);
        bench.run(3_000 * MS, false);
        let rate = bench.controller.rate();
        let packets = bench.run(2_000 * MS, true);
        assert_eq!(bench.controller.phase(), Phase::Stalled { in_startup: false });
        assert!((30..400).contains(&packets), "{packets} packets into two seconds that could carry 2000");
        assert_eq!(bench.controller.rate(), STALLED_RATE);
        bench.acknowledge(bench.now);
        assert_eq!(bench.controller.phase(), Phase::Steady);
        assert!(bench.controller.rate() >= rate / 2);
    }

    #[test]
    fn the_path_is_emptied_now_and_then_to_see_its_length() {
        let mut bench = Bench::new(ADAPTIVE, 1_000);
        let mut probed = false;
        for _ in 0..14_000 {
            bench.run(MS, false);
            probed |= matches!(bench.controller.phase(), Phase::ProbeRoundTrip { .. });
        }
        assert!(probed);
    }

    #[test]
    fn no_receiver_sees_packet_numbers_jump_too_far() {
        let mut bench = Bench::new(ADAPTIVE, 1);
        bench.run(5_000 * MS, false);
        let wide = (NUMBERS_MAX / 2..=NUMBERS_MAX).contains(&bench.in_flight().numbers);
        assert!(wide, "{:?}", bench.in_flight());
        bench.run(9_000 * MS, true);
        assert!(bench.in_flight().numbers < 0x4000, "{:?}", bench.in_flight());
    }

    #[test]
    fn acks_are_asked_for_only_while_nothing_else_tells() {
        let mut bench = Bench::new(ADAPTIVE, 1_000);
        assert!(!bench.controller.wants_ack(bench.now + 100 * MS, InFlight::default()), "nothing was sent");
        bench.run(3_000 * MS, false);
        bench.controller.awaited_since = None;
        let in_flight = |bytes| InFlight { bytes, numbers: bytes / PACKET };
        let (now, much) = (bench.now + 500 * MS, in_flight(100_000));
        assert!(bench.controller.wants_ack(now, much));
        assert!(!bench.controller.wants_ack(now, in_flight(5_000)), "too little for the rate to matter");
        bench.controller.sent(now, 1_250, much, true, true);
        assert!(!bench.controller.wants_ack(now + 30 * MS, much), "it is on its way");
        assert!(bench.controller.wants_ack(now + 100 * MS, much), "it seems to be lost");
    }
}
