//! The attacks, and what is wanted of each. A new one is a file beside the others and a line in [`ATTACKS`].

mod certificates;
mod fragments;
mod linger;
mod places;
mod queue;
mod reflection;
mod replay;
mod restart;
mod signatures;
mod streams;

use std::time::{Duration, Instant};

use crate::process::{Honest, Latency, Victim};
use crate::server;

/// One attack.
pub(crate) struct Attack {
    /// Its number in the table.
    pub(crate) row: u8,
    pub(crate) name: &'static str,
    /// What is wanted, in words.
    pub(crate) wanted: &'static str,
    run: fn(Terms) -> Result<Outcome, String>,
}

/// In the order of the table.
const ATTACKS: &[Attack] = &[
    fragments::ATTACK,
    streams::ATTACK,
    replay::ATTACK,
    certificates::ATTACK,
    signatures::ATTACK,
    places::ATTACK,
    linger::ATTACK,
    queue::ATTACK,
    reflection::ATTACK,
    restart::ATTACK,
];

/// How to attack, and how to judge.
#[derive(Clone, Copy)]
pub(crate) struct Terms {
    /// How long each flood lasts.
    pub(crate) time: Duration,
    /// Judge by what happened alone, never by times.
    pub(crate) outcomes: bool,
}

/// What came of an attack.
pub(crate) struct Outcome {
    /// What it cost the attacker.
    pub(crate) attacker: String,
    /// What it cost the server.
    pub(crate) server: String,
    /// How honest clients fared before and meanwhile, where that matters.
    pub(crate) honest: Option<(Latency, Latency)>,
    /// What has to hold on any machine, and whether it does.
    pub(crate) held: bool,
    /// What has to hold on a machine that has nothing else to do, and whether it does.
    pub(crate) in_time: bool,
}

/// A line of the table.
pub(crate) struct Row {
    pub(crate) attack: &'static Attack,
    pub(crate) outcome: Result<Outcome, String>,
}

impl Row {
    /// Whether what is wanted was found.
    pub(crate) fn is_met(&self, terms: Terms) -> bool {
        self.outcome.as_ref().is_ok_and(|outcome| outcome.held && (outcome.in_time || terms.outcomes))
    }
}

/// Runs the attacks of these numbers, or all, one after the other.
pub(crate) fn run(only: &[u8], terms: Terms) -> Vec<Row> {
    let wanted = ATTACKS.iter().filter(|attack| only.is_empty() || only.contains(&attack.row));
    wanted
        .map(|attack| {
            eprintln!("attack {}: {} ...", attack.row, attack.name);
            let began = Instant::now();
            let row = Row { attack, outcome: (attack.run)(terms) };
            let verdict = if row.is_met(terms) { "as wanted" } else { "SHORT" };
            eprintln!("attack {}: {verdict} after {:.1} s", attack.row, began.elapsed().as_secs_f64());
            row
        })
        .collect()
}

/// A server and honest clients beside it, and how these fare while nobody attacks.
struct Scene {
    victim: Victim,
    honest: Honest,
    quiet: Latency,
    /// What the honest clients cost the server, microseconds of processor time a second.
    base_cpu: f64,
}

impl Scene {
    fn new(terms: Terms, options: &server::Options) -> Result<Self, String> {
        let victim = Victim::start(options)?;
        let mut honest = Honest::start(victim.address)?;
        let warm = if terms.outcomes { Duration::from_millis(300) } else { Duration::from_secs(1) };
        std::thread::sleep(warm);
        honest.report()?;
        let (began, cpu) = (Instant::now(), victim.cpu_us()?);
        std::thread::sleep(warm);
        let base_cpu = (victim.cpu_us()? - cpu) as f64 / began.elapsed().as_secs_f64();
        let quiet = honest.report()?;
        Ok(Self { victim, honest, quiet, base_cpu })
    }

    /// Attacks with `one` for as long as the terms say, at most so many times a second; answers how often, what each cost
    /// the server, microseconds of processor time, and how the honest clients fared.
    fn flood(
        &mut self,
        terms: Terms,
        per_second: u32,
        mut one: impl FnMut(u64) -> Result<(), String>,
    ) -> Result<Flood, String> {
        self.honest.report()?;
        let (began, cpu) = (Instant::now(), self.victim.cpu_us()?);
        let mut count = 0_u64;
        while began.elapsed() < terms.time {
            let due = (began.elapsed().as_secs_f64() * f64::from(per_second)) as u64;
            while count < due && began.elapsed() < terms.time {
                one(count)?;
                count += 1;
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        let meanwhile = self.honest.report()?;
        let seconds = began.elapsed().as_secs_f64();
        let used = (self.victim.cpu_us()? - cpu) as f64 - self.base_cpu * seconds;
        Ok(Flood { count, per_second: count as f64 / seconds, cost_us: used.max(0.0) / count.max(1) as f64, meanwhile })
    }
}

/// What came of a flood.
struct Flood {
    count: u64,
    per_second: f64,
    cost_us: f64,
    meanwhile: Latency,
}

/// Whether honest clients still got echoes, and connections.
fn is_served(latency: Latency) -> bool {
    latency.echoes > 0 && latency.arrivals > 0
}

/// Waits until it is so, at most so long; whether it became so.
fn wait_until(limit: Duration, mut so: impl FnMut() -> Result<bool, String>) -> Result<bool, String> {
    let deadline = Instant::now() + limit;
    while Instant::now() < deadline {
        if so()? {
            return Ok(true);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    so()
}

/// Addresses of the loopback, all different.
fn loopback(n: u64) -> [u8; 4] {
    [127, 1 + (n / 62_500 % 250) as u8, (n / 250 % 250) as u8, 2 + (n % 250) as u8]
}
