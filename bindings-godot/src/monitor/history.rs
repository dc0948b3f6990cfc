//! The last seconds of a connection, in a ring of fixed size.

use std::collections::VecDeque;

use gamesockets::{LaneStatus, RealTimeStatus};

/// How many samples are kept.
pub(super) const LENGTH: usize = 120;
/// How long a sample stands for, seconds.
pub(super) const INTERVAL: f64 = 0.1;

/// One look at a connection.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) status: RealTimeStatus,
    /// What waits on each lane and what is unacknowledged, bytes.
    pub(super) queued: Vec<f32>,
}

/// The samples, oldest first.
#[derive(Debug, Default)]
pub(super) struct History {
    samples: VecDeque<Sample>,
}

impl Sample {
    pub(super) fn new(status: RealTimeStatus, lanes: &[LaneStatus]) -> Self {
        let bytes = |lane: &LaneStatus| {
            let sum = lane.pending_unreliable.saturating_add(lane.pending_reliable);
            sum.saturating_add(lane.sent_unacknowledged_reliable) as f32
        };
        Self { status, queued: lanes.iter().map(bytes).collect() }
    }
}

impl History {
    pub(super) fn push(&mut self, sample: Sample) {
        if self.samples.len() == LENGTH {
            self.samples.pop_front();
        }
        self.samples.push_back(sample);
    }

    pub(super) fn clear(&mut self) {
        self.samples.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.samples.len()
    }

    pub(super) fn latest(&self) -> Option<&Sample> {
        self.samples.back()
    }

    /// One figure over time; what is not known (-1) is `None`.
    pub(super) fn series(&self, figure: impl Fn(&RealTimeStatus) -> f32) -> Vec<Option<f32>> {
        self.samples.iter().map(|sample| Some(figure(&sample.status)).filter(|&value| value >= 0.0)).collect()
    }

    /// What waits on a lane over time.
    pub(super) fn queue(&self, lane: usize) -> Vec<Option<f32>> {
        self.samples.iter().map(|sample| sample.queued.get(lane).copied()).collect()
    }

    /// Up to `count` lanes that had something waiting, the longest queues first.
    pub(super) fn busiest_lanes(&self, count: usize) -> Vec<usize> {
        let lanes = self.samples.iter().map(|sample| sample.queued.len()).max().unwrap_or(0);
        let mut lanes: Vec<(usize, f32)> = (0..lanes).map(|lane| (lane, peak(&self.queue(lane)))).collect();
        lanes.retain(|&(_, peak)| peak > 0.0);
        lanes.sort_by(|a, b| b.1.total_cmp(&a.1));
        lanes.truncate(count);
        lanes.sort_by_key(|&(lane, _)| lane);
        lanes.into_iter().map(|(lane, _)| lane).collect()
    }
}

/// The largest value.
pub(super) fn peak(series: &[Option<f32>]) -> f32 {
    series.iter().flatten().copied().fold(0.0, f32::max)
}
