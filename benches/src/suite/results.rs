//! What a run has given: to be kept as JSON, and to be made tables of.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use gamesockets_interop::valve::Installation;
use serde::{Deserialize, Serialize};

use super::measure::{Figures, figure};
use super::plan::Work;
use crate::job::{Job, PeerId};

/// A run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Results {
    pub(crate) machine: Machine,
    pub(crate) quick: bool,
    /// What it took.
    pub(crate) seconds: f64,
    pub(crate) limits: Vec<Limit>,
    /// By work and peer.
    pub(crate) cells: BTreeMap<String, BTreeMap<PeerId, Cell>>,
}

/// Where it ran.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) kernel: String,
    /// Processes that wanted to run at the start, on average of a minute: above a half, the figures are noisy.
    pub(crate) load: f64,
    /// Valve's library was compiled with the C++ library's debug checks, which cost much of its time.
    pub(crate) valve_is_debug_build: bool,
}

/// A figure of the machine itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Limit {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) unit: String,
}

/// One peer at one work.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Cell {
    /// With the best tuning.
    pub(crate) runs: Vec<Figures>,
    /// Which that was, and what it set.
    pub(crate) tuning: Option<u64>,
    /// Why there is no figure, or one less.
    pub(crate) reason: Option<String>,
    /// Of one measurement.
    #[serde(skip)]
    cost: Duration,
}

/// The middle, the least and the most of several runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Results {
    pub(crate) fn new(machine: Machine, quick: bool) -> Self {
        Self { machine, quick, ..Self::default() }
    }

    pub(crate) fn read(file: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))
    }

    /// A figure of a peer at a work.
    pub(crate) fn figure(&self, work: &str, peer: PeerId, figure: &str) -> Option<Spread> {
        let cell = self.cells.get(work)?.get(&peer)?;
        spread(cell.runs.iter().filter_map(|figures| figures.get(figure).copied()))
    }

    pub(crate) fn cell(&self, work: &str, peer: PeerId) -> Option<&Cell> {
        self.cells.get(work)?.get(&peer)
    }

    pub(super) fn tuning(&self, work: &str, peer: PeerId) -> Option<u64> {
        self.cell(work, peer)?.tuning
    }

    pub(super) fn cost(&self, work: &str, peer: PeerId) -> Option<Duration> {
        self.cell(work, peer).map(|cell| cell.cost)
    }

    /// Whether it was tried, and has never succeeded: it need not be tried again.
    pub(super) fn has_failed(&self, work: &str, peer: PeerId) -> bool {
        self.cell(work, peer).is_some_and(|cell| cell.runs.is_empty() && cell.reason.is_some())
    }

    pub(super) fn refuse(&mut self, work: &str, peer: PeerId, reason: &str) {
        let cell = self.cells.entry(work.to_owned()).or_default().entry(peer).or_default();
        cell.reason = Some(reason.to_owned());
    }

    /// Adds a measurement. Of several tunings, only the runs of the best stay.
    pub(super) fn add(&mut self, work: &Work, job: &Job, outcome: Result<Figures, String>, cost: Duration) {
        let cell = self.cells.entry(work.id.clone()).or_default().entry(job.peer).or_default();
        cell.cost = cost;
        let figures = match outcome {
            Ok(figures) => figures,
            Err(reason) => {
                cell.reason = Some(reason);
                return;
            }
        };
        let speed = |figures: &Figures| figures.get(figure::GOODPUT).copied().unwrap_or(0.0);
        match cell.runs.first() {
            Some(_) if cell.tuning == Some(job.tuning) => cell.runs.push(figures),
            Some(best) if speed(best) >= speed(&figures) => {}
            _ => {
                cell.runs = vec![figures];
                cell.tuning = Some(job.tuning);
            }
        }
    }
}

impl Machine {
    pub(crate) fn read() -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let info = read("/proc/cpuinfo");
        let model = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
        Self {
            processor: model.trim_start_matches([' ', '\t', ':']).to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            valve_is_debug_build: valve_is_debug_build(),
            load: read("/proc/loadavg").split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0),
        }
    }
}

/// Looks for the names of `_GLIBCXX_DEBUG` in the library. One that is not there is not slow.
fn valve_is_debug_build() -> bool {
    let file = Installation::find().ok().and_then(|installation| installation.library_file());
    let contents = file.and_then(|file| std::fs::read(file).ok()).unwrap_or_default();
    let mark = b"__gnu_debug";
    contents.windows(mark.len()).any(|window| window == mark)
}

fn spread(values: impl Iterator<Item = f64>) -> Option<Spread> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let (min, max) = (*values.first()?, *values.last()?);
    let (low, high) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
    Some(Spread { median: f64::midpoint(low, high), min, max })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        let spread = |values: &[f64]| spread(values.iter().copied());
        assert_eq!(spread(&[]), None);
        assert_eq!(spread(&[3.0, 1.0, 2.0]), Some(Spread { median: 2.0, min: 1.0, max: 3.0 }));
        assert_eq!(spread(&[4.0, 1.0]), Some(Spread { median: 2.5, min: 1.0, max: 4.0 }));
    }
}
