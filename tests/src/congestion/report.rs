//! What a run measured.

use core::time::Duration;

/// The figures of a run. The warm-up is left out unless said otherwise.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Payload that arrived, per flow, as a share of the bottleneck: 0..1.
    pub shares: Vec<f64>,
    /// Waits of the packets in the bottleneck's queue, µs, sorted.
    waits: Vec<u32>,
    /// The same for the whole run.
    all_waits: Vec<u32>,
    /// Packets the full buffer dropped, as a share of all, the warm-up included.
    pub dropped: f64,
    /// The same without the warm-up.
    pub dropped_later: f64,
    /// When payload first arrived at 80 % of the bottleneck's rate over 100 ms.
    pub full_after: Option<Duration>,
    /// How long updates took, µs, sorted; of all flows.
    latencies: Vec<u32>,
    /// Share of the updates that arrived, the whole run: 0..1.
    pub updates_arrived: f64,
}

/// What a run counts while it goes on.
#[derive(Default)]
pub struct Counters {
    /// Waits, µs, the warm-up's first.
    pub waits: Vec<u32>,
    /// Packets that met a full buffer.
    pub dropped: u64,
    /// Length of `waits` and value of `dropped` when the warm-up ended.
    pub warm: (usize, u64),
}

impl Report {
    /// Sums up.
    pub fn new(counters: &Counters, shares: Vec<f64>, full_after: Option<Duration>) -> Self {
        let sorted = |waits: &[u32]| {
            let mut waits = waits.to_vec();
            waits.sort_unstable();
            waits
        };
        let (warm_waits, warm_dropped) = counters.warm;
        let share = |dropped: u64, passed: usize| dropped as f64 / (dropped as f64 + passed as f64).max(1.0);
        Self {
            shares,
            waits: sorted(&counters.waits[warm_waits..]),
            all_waits: sorted(&counters.waits),
            dropped: share(counters.dropped, counters.waits.len()),
            dropped_later: share(counters.dropped - warm_dropped, counters.waits.len() - warm_waits),
            full_after,
            latencies: Vec::new(),
            updates_arrived: 0.0,
        }
    }

    /// With the updates' latencies.
    pub fn with_updates(mut self, latencies: &[Duration], sent: u64) -> Self {
        self.updates_arrived = latencies.len() as f64 / (sent as f64).max(1.0);
        self.latencies = latencies.iter().map(|latency| latency.as_micros() as u32).collect();
        self.latencies.sort_unstable();
        self
    }

    /// What all flows together got: 0..1.
    pub fn goodput(&self) -> f64 {
        self.shares.iter().sum()
    }

    /// Jain's index of the flows' shares: 1 when all are equal, 1/n when one has everything.
    pub fn fairness(&self) -> f64 {
        let sum: f64 = self.shares.iter().sum();
        let squares: f64 = self.shares.iter().map(|share| share * share).sum();
        if squares > 0.0 { sum * sum / (self.shares.len() as f64 * squares) } else { 0.0 }
    }

    /// The wait that this share of the packets does not exceed, ms.
    pub fn wait_ms(&self, share: f64) -> f64 {
        quantile_ms(&self.waits, share)
    }

    /// The same with the warm-up.
    pub fn wait_with_start_ms(&self, share: f64) -> f64 {
        quantile_ms(&self.all_waits, share)
    }

    /// The latency that this share of the updates does not exceed, ms.
    pub fn latency_ms(&self, share: f64) -> f64 {
        quantile_ms(&self.latencies, share)
    }
}

fn quantile_ms(sorted: &[u32], share: f64) -> f64 {
    let index = (sorted.len() as f64 * share) as usize;
    sorted.get(index.min(sorted.len().saturating_sub(1))).map_or(0.0, |micros| f64::from(*micros) / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_shares_and_fairness() {
        let counters = Counters { waits: (0..200).map(|i| i * 1_000).collect(), dropped: 50, warm: (100, 40) };
        let report = Report::new(&counters, vec![0.2, 0.2, 0.4], None);
        assert!((report.wait_ms(0.5) - 150.0).abs() < 0.1 && (report.wait_with_start_ms(0.5) - 100.0).abs() < 0.1);
        assert!((report.dropped - 0.2).abs() < 1e-9 && (report.dropped_later - 10.0 / 110.0).abs() < 1e-9);
        assert!((report.goodput() - 0.8).abs() < 1e-9);
        assert!((report.fairness() - 0.64 / 0.72).abs() < 1e-9);
    }
}
