//! The plan, and its run: one measurement after another, the peers taking turns, within the time that there is.

pub(crate) mod measure;
pub(crate) mod plan;
mod process;
pub(crate) mod results;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use self::measure::{Figures, measure};
use self::plan::{Work, plan};
use self::process::Child;
use self::results::{Limit, Machine, Results};
use crate::child::Say;
use crate::job::{Job, PeerId};
use crate::peers::{PROFILES, profile, refusal};
use crate::report;

/// What to measure, and where to put it.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// In 4 minutes instead of 20: fewer loads, shorter, once.
    #[arg(long)]
    quick: bool,
    /// Only work whose name contains this; several may be given.
    #[arg(long, value_name = "WORK")]
    only: Vec<String>,
    /// Only this peer; several may be given.
    #[arg(long, value_name = "PEER")]
    peer: Vec<PeerId>,
    /// Say what would be measured, and do not.
    #[arg(long)]
    list: bool,
    /// Write docs/PERFORMANCE.md and its chart.
    #[arg(long)]
    write: bool,
    /// Where the JSON and the chart go.
    #[arg(long, value_name = "FOLDER", default_value = "target/bench")]
    output: PathBuf,
    /// Make the tables of this JSON of an earlier run again, and measure nothing.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

/// What the whole run takes at most, without building.
const TIME: Duration = Duration::from_secs(18 * 60);
const TIME_QUICK: Duration = Duration::from_secs(3 * 60 + 40);
/// By how much the first round may exceed it.
const FIRST_ROUND_MORE: Duration = Duration::from_secs(60);
/// Starting the processes of a measurement.
const STARTING: Duration = Duration::from_millis(250);

/// Measures everything, and reports.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    let results = match &args.from {
        Some(file) => Results::read(file)?,
        None => {
            let works: Vec<Work> = plan(args.quick).into_iter().filter(|work| is_wanted(args, work)).collect();
            if works.is_empty() {
                return Err(format!("no work is named like {:?}: see --list", args.only));
            }
            if args.list {
                works.iter().for_each(|work| println!("{:28} {}", work.id, work.title));
                return Ok(());
            }
            Run::new(args, works).run()?
        }
    };
    report::write(&results, &args.output, args.write)
}

fn is_wanted(args: &Args, work: &Work) -> bool {
    args.only.is_empty() || args.only.iter().any(|name| work.id.contains(name.as_str()))
}

struct Run {
    works: Vec<Work>,
    peers: Vec<PeerId>,
    with_limits: bool,
    time: Duration,
    started: Instant,
    bar: ProgressBar,
    results: Results,
}

impl Run {
    fn new(args: &Args, works: Vec<Work>) -> Self {
        let peers = PROFILES.iter().map(|profile| profile.id);
        let peers = peers.filter(|peer| args.peer.is_empty() || args.peer.contains(peer)).collect();
        let style = ProgressStyle::with_template("{elapsed_precise} {wide_bar} {percent} %  {msg}");
        let bar = ProgressBar::new(1).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let with_limits = args.only.is_empty() || args.only.iter().any(|name| "limits".contains(name.as_str()));
        Self {
            works,
            peers,
            with_limits,
            time: if args.quick { TIME_QUICK } else { TIME },
            started: Instant::now(),
            bar,
            results: Results::new(Machine::read(), args.quick),
        }
    }

    /// Everything once, and then again what there is time for.
    fn run(mut self) -> Result<Results, String> {
        let rounds = self.works.iter().map(|work| work.repeats).max().unwrap_or(1);
        let turns: u32 = self.works.iter().map(|work| work.repeats).sum();
        self.bar.set_length(u64::from(turns) * self.peers.len() as u64);
        if self.with_limits {
            self.bar.set_message("the machine's limits");
            self.results.limits = limits(self.works.len() > 20)?;
        }
        for round in 0..rounds {
            for work in self.works.clone().into_iter().filter(|work| round < work.repeats) {
                self.work(&work, round as usize);
            }
        }
        self.results.seconds = self.started.elapsed().as_secs_f64();
        self.bar.finish_and_clear();
        Ok(self.results)
    }

    /// One round of a work: each peer in turn, another one first each time; or all at the same time.
    fn work(&mut self, work: &Work, round: usize) {
        let mut jobs = Vec::new();
        for index in 0..self.peers.len() {
            let peer = self.peers[(index + round) % self.peers.len()];
            let tunings = self.tunings(work, peer);
            jobs.extend(tunings.into_iter().map(|tuning| work.job(peer, tuning)));
        }
        if work.at_once {
            let cost = work.times.connecting.min(Duration::from_secs(2)) + work.times.warm_up + work.times.window;
            if self.may_start(round, cost) {
                self.measure(work, &jobs);
            }
        } else {
            for job in jobs {
                let cost = self.results.cost(&work.id, job.peer).unwrap_or(Duration::ZERO);
                if self.may_start(round, cost) {
                    self.measure(work, &[job]);
                    // Some ends depend on luck: quinn gives a connection up if too many holes come together.
                    if self.results.has_failed(&work.id, job.peer) && self.may_start(round, cost) {
                        self.measure(work, &[job]);
                    }
                } else if round == 0 {
                    self.results.refuse(&work.id, job.peer, "the time of the run was over");
                }
            }
        }
        self.bar.inc(self.peers.len() as u64);
    }

    /// Every tuning is tried until the best is known; none where the peer does not do this work.
    fn tunings(&mut self, work: &Work, peer: PeerId) -> Vec<u64> {
        let job = work.job(peer, 0);
        if let Some(reason) = refusal(&job) {
            self.results.refuse(&work.id, peer, reason);
            return Vec::new();
        }
        if self.results.has_failed(&work.id, peer) {
            return Vec::new();
        }
        let tunings = (profile(peer).tunings)(&job);
        let known = std::iter::once(&work.id).chain(&work.tuned_like).find_map(|id| self.results.tuning(id, peer));
        match known.filter(|known| tunings.values.contains(known)) {
            Some(best) => vec![best],
            None => tunings.values.to_vec(),
        }
    }

    fn measure(&mut self, work: &Work, jobs: &[Job]) {
        let names: Vec<&str> = jobs.iter().map(|job| profile(job.peer).name).collect();
        self.bar.set_message(format!("{}: {}", work.title, names.join(", ")));
        let started = Instant::now();
        let outcomes: Vec<Result<Figures, String>> = std::thread::scope(|scope| {
            let threads: Vec<_> = jobs.iter().map(|job| scope.spawn(|| measure(job, work.times))).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|_| Err("a bug of the suite".into())))
                .collect()
        });
        let cost = (started.elapsed() + STARTING).div_f64(jobs.len().max(1) as f64);
        for (job, outcome) in jobs.iter().zip(outcomes) {
            if let Err(reason) = &outcome {
                let line = format!("{}: {}: {reason}", work.title, profile(job.peer).name);
                self.bar.suspend(|| eprintln!("{line}"));
            }
            self.results.add(work, job, outcome, cost);
        }
    }

    /// The first round has everything, unless the machine is so slow that even that takes too long.
    fn may_start(&self, round: usize, cost: Duration) -> bool {
        let time = if round == 0 { self.time + FIRST_ROUND_MORE } else { self.time };
        self.started.elapsed() + cost < time
    }
}

/// What the machine can do at all.
fn limits(thorough: bool) -> Result<Vec<Limit>, String> {
    let seconds = if thorough { 1.0 } else { 0.4 };
    let child = Child::limits(seconds, Duration::from_secs(60))?;
    let mut limits = Vec::new();
    while let Some(said) = child.next_until_end()? {
        if let Say::Limit { name, value, unit } = said {
            limits.push(Limit { name, value, unit });
        }
    }
    Ok(limits)
}
