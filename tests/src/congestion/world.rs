//! Flows, the bottleneck they share, and a virtual clock.

use core::cmp::Reverse;
use core::time::Duration;
use std::collections::BinaryHeap;

use gamesockets_proto::Timestamp;

use super::bottleneck::{Bottleneck, Passage, Path};
use super::cubic::{Cubic, PACKET_BYTES};
use super::flow::{End, Flow, Load};
use super::report::{Counters, Report};
use crate::sim::Rng;

/// When the clock starts.
pub const START: Timestamp = Timestamp::from_micros(3_000_000);
/// Over what time the rate of arrival is looked at.
const BIN: Duration = Duration::from_millis(100);
const FULL: f64 = 0.8;

/// A run.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The path they share.
    pub path: Path,
    /// What each connection carries, and when it starts.
    pub flows: Vec<(Load, Duration)>,
    /// Bounds of the send rate; the defaults if none.
    pub rates: Option<(u32, u32)>,
    /// A flow that does as Cubic does takes part.
    pub cubic: bool,
    /// How long it lasts.
    pub length: Duration,
    /// How long figures do not count yet.
    pub warm_up: Duration,
    /// The seed of all draws.
    pub seed: u64,
}

impl Trial {
    /// One flow of bulk data.
    pub fn bulk(path: Path, length: Duration, warm_up: Duration) -> Self {
        let flows = vec![(Load::Bulk, Duration::ZERO)];
        Self { path, flows, rates: None, cubic: false, length, warm_up, seed: 1 }
    }

    /// Runs it.
    pub fn run(&self) -> Report {
        World::new(self).run()
    }
}

/// What is on its way.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Cargo {
    Datagram { flow: usize, end: End, bytes: Vec<u8> },
    CubicData(u64),
    CubicAck(u64),
}

/// A running trial.
pub struct World<'a> {
    trial: &'a Trial,
    now: Timestamp,
    bottleneck: Bottleneck,
    flows: Vec<Flow>,
    starts: Vec<Option<Timestamp>>,
    cubic: Option<Cubic>,
    cubic_bytes: u64,
    in_flight: BinaryHeap<Reverse<(Timestamp, u64, Cargo)>>,
    sequence: u64,
    counters: Counters,
    entered_bytes: u64,
    passed_bytes: u64,
}

impl<'a> World<'a> {
    /// Nothing has happened yet.
    pub fn new(trial: &'a Trial) -> Self {
        let mut rng = Rng::new(trial.seed);
        let bottleneck = Bottleneck::new(trial.path.clone(), &mut rng);
        let flow = |(index, (load, start)): (usize, &(Load, Duration))| {
            Flow::new(index, *load, trial.rates, START + *start, &mut rng)
        };
        Self {
            trial,
            now: START,
            bottleneck,
            flows: trial.flows.iter().enumerate().map(flow).collect(),
            starts: trial.flows.iter().map(|(_, start)| Some(START + *start)).collect(),
            cubic: trial.cubic.then(Cubic::default),
            cubic_bytes: 0,
            in_flight: BinaryHeap::new(),
            sequence: 0,
            counters: Counters::default(),
            entered_bytes: 0,
            passed_bytes: 0,
        }
    }

    /// Runs to the end.
    pub fn run(mut self) -> Report {
        let mut before = 0;
        let mut full_after = None;
        let mut warm = None;
        while self.now < START + self.trial.length {
            if warm.is_none() && self.now >= START + self.trial.warm_up {
                self.counters.warm = (self.counters.waits.len(), self.counters.dropped);
                warm = Some(self.received());
                self.flows.iter_mut().for_each(Flow::forget_updates);
            }
            self.run_until(self.now + BIN);
            let total: u64 = self.received().iter().sum();
            let rate = (total - before) as f64 / BIN.as_secs_f64();
            if full_after.is_none() && rate >= FULL * self.trial.path.bytes_per_second() as f64 {
                full_after = Some(self.now.since(START));
            }
            before = total;
        }
        let measured = (self.trial.length - self.trial.warm_up).as_secs_f64();
        let capacity = self.trial.path.bytes_per_second() as f64 * measured;
        let warm = warm.unwrap_or_default();
        let share = |(end, start): (u64, u64)| (end - start) as f64 / capacity;
        let shares = self.received().into_iter().zip(warm).map(share).collect();
        let latencies: Vec<Duration> = self.flows.iter().flat_map(|flow| flow.latencies.iter().copied()).collect();
        let updates = self.flows.iter().map(|flow| flow.updates).sum();
        Report::new(&self.counters, shares, full_after).with_updates(&latencies, updates)
    }

    /// Runs until then.
    pub fn run_until(&mut self, until: Timestamp) {
        while self.step(until) {}
        self.now = until;
    }

    /// The virtual time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Bytes sent into the bottleneck, whatever became of them.
    pub fn entered_bytes(&self) -> u64 {
        self.entered_bytes
    }

    /// Bytes that passed the bottleneck, or will.
    pub fn passed_bytes(&self) -> u64 {
        self.passed_bytes
    }

    /// Payload bytes that have arrived, by flow; Cubic's last.
    pub fn received(&self) -> Vec<u64> {
        let flows = self.flows.iter().map(|flow| flow.bulk_bytes);
        flows.chain(self.cubic.is_some().then_some(self.cubic_bytes)).collect()
    }

    fn step(&mut self, until: Timestamp) -> bool {
        let arrival = self.in_flight.peek().map(|Reverse((at, ..))| *at);
        let timers = self.flows.iter().enumerate().filter_map(|(index, flow)| {
            let (at, end) = match self.starts[index] {
                Some(start) => (start, End::Sender),
                None => flow.next_timeout()?,
            };
            Some((at, index, end))
        });
        let timer = timers.min();
        let cubic = self.cubic.as_ref().and_then(Cubic::timeout);
        let next = [arrival, timer.map(|(at, ..)| at), cubic].into_iter().flatten().min();
        let Some(next) = next.filter(|next| *next <= until) else { return false };
        self.now = self.now.max(next);
        if arrival == Some(next) {
            self.arrive();
        } else if let Some((_, index, end)) = timer.filter(|(at, ..)| *at == next) {
            self.wake(index, end);
        } else if let Some(cubic) = &mut self.cubic {
            cubic.timed_out();
        }
        self.send_cubic();
        true
    }

    fn arrive(&mut self) {
        let Some(Reverse((_, _, cargo))) = self.in_flight.pop() else { return };
        match cargo {
            Cargo::Datagram { flow, end, mut bytes } => {
                let leaves = self.flows[flow].deliver(self.now, end, &mut bytes);
                self.send(flow, end, leaves);
            }
            Cargo::CubicData(number) => {
                self.cubic_bytes += PACKET_BYTES as u64;
                if let Some(at) = self.bottleneck.go_back(self.now, 40) {
                    self.put(at, Cargo::CubicAck(number));
                }
            }
            Cargo::CubicAck(number) => {
                if let Some(cubic) = &mut self.cubic {
                    cubic.acknowledged(self.now, number);
                }
            }
        }
    }

    fn wake(&mut self, index: usize, end: End) {
        let leaves = match self.starts[index].take() {
            Some(_) => self.flows[index].start(self.now),
            None => self.flows[index].wake(self.now, end),
        };
        self.send(index, end, leaves);
    }

    fn send(&mut self, flow: usize, from: End, datagrams: Vec<Vec<u8>>) {
        for bytes in datagrams {
            let arrival = match from {
                End::Sender => self.enter(bytes.len()),
                End::Receiver => self.bottleneck.go_back(self.now, bytes.len()),
            };
            let end = if from == End::Sender { End::Receiver } else { End::Sender };
            if let Some(at) = arrival {
                self.put(at, Cargo::Datagram { flow, end, bytes });
            }
        }
    }

    fn send_cubic(&mut self) {
        let Some(cubic) = &mut self.cubic else { return };
        for number in cubic.take_sendable(self.now) {
            if let Some(at) = self.enter(PACKET_BYTES) {
                self.put(at, Cargo::CubicData(number));
            }
        }
    }

    fn enter(&mut self, len: usize) -> Option<Timestamp> {
        self.entered_bytes += len as u64;
        match self.bottleneck.enter(self.now, len) {
            Passage::Arrives(at, wait) => {
                self.passed_bytes += len as u64;
                self.counters.waits.push(wait.as_micros() as u32);
                Some(at)
            }
            Passage::Dropped => {
                self.counters.dropped += 1;
                None
            }
            Passage::Lost => None,
        }
    }

    fn put(&mut self, at: Timestamp, cargo: Cargo) {
        self.sequence += 1;
        self.in_flight.push(Reverse((at, self.sequence, cargo)));
    }
}
