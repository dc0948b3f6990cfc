//! Which lane sends next: strict priorities, weighted fairness among equals (spec section 11.5).

/// How a lane competes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneShare {
    /// Lower is sent first, strictly.
    pub priority: i32,
    /// Share among lanes of the same priority.
    pub weight: u16,
}

impl Default for LaneShare {
    fn default() -> Self {
        Self { priority: 1, weight: 1 }
    }
}

/// Keeps a virtual time per lane: bytes sent, divided by the weight. The lane that lags furthest sends next.
#[derive(Clone, Debug, Default)]
pub struct Scheduler {
    lanes: Vec<Entry>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    share: LaneShare,
    virtual_time: u64,
    /// Whether it had something to send when last looked at: a lane that comes back does not get what it missed.
    backlogged: bool,
}

/// Resolution of virtual time, so that small segments on heavy lanes count.
const SCALE: u64 = 65_536;

impl Scheduler {
    /// Sets the shares of all lanes. Lanes that exist keep their virtual time.
    pub fn configure(&mut self, shares: impl IntoIterator<Item = LaneShare>) {
        for (index, share) in shares.into_iter().enumerate() {
            match self.lanes.get_mut(index) {
                Some(entry) => entry.share = share,
                None => self.lanes.push(Entry { share, ..Entry::default() }),
            }
        }
    }

    /// Chooses among the lanes for which `has_data` says so.
    pub fn pick(&mut self, mut has_data: impl FnMut(usize) -> bool) -> Option<usize> {
        if self.lanes.len() == 1 {
            return has_data(0).then_some(0);
        }
        let mut best: Option<usize> = None;
        for index in 0..self.lanes.len() {
            let ready = has_data(index);
            if ready && !self.lanes[index].backlogged {
                self.catch_up(index);
            }
            self.lanes[index].backlogged = ready;
            let key = |index: usize| (self.lanes[index].share.priority, self.lanes[index].virtual_time);
            if ready && best.is_none_or(|best| key(index) < key(best)) {
                best = Some(index);
            }
        }
        best
    }

    /// `bytes` of lane `index` went into a packet.
    pub fn sent(&mut self, index: usize, bytes: usize) {
        if let Some(entry) = self.lanes.get_mut(index) {
            entry.virtual_time += bytes as u64 * SCALE / u64::from(entry.share.weight.max(1));
        }
    }

    /// A lane that was idle starts at the time of its class, not at the time it fell idle.
    fn catch_up(&mut self, index: usize) {
        let priority = self.lanes[index].share.priority;
        let class_time = self
            .lanes
            .iter()
            .filter(|entry| entry.backlogged && entry.share.priority == priority)
            .map(|entry| entry.virtual_time)
            .min();
        if let Some(time) = class_time {
            self.lanes[index].virtual_time = self.lanes[index].virtual_time.max(time);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scheduler(shares: &[(i32, u16)]) -> Scheduler {
        let mut scheduler = Scheduler::default();
        scheduler.configure(shares.iter().map(|&(priority, weight)| LaneShare { priority, weight }));
        scheduler
    }

    #[test]
    fn lower_priority_numbers_go_first() {
        let mut scheduler = scheduler(&[(5, 1), (1, 1)]);
        assert_eq!(scheduler.pick(|_| true), Some(1));
        scheduler.sent(1, 1_000_000);
        assert_eq!(scheduler.pick(|_| true), Some(1));
        assert_eq!(scheduler.pick(|lane| lane == 0), Some(0));
        assert_eq!(scheduler.pick(|_| false), None);
    }

    #[test]
    fn equal_priorities_share_by_weight() {
        let mut scheduler = scheduler(&[(1, 3), (1, 1)]);
        let mut bytes = [0_usize; 2];
        for step in 0..4_000 {
            let lane = scheduler.pick(|_| true).expect("both have data");
            let size = 100 + step % 7 * 150;
            scheduler.sent(lane, size);
            bytes[lane] += size;
        }
        let ratio = bytes[0] as f64 / bytes[1] as f64;
        assert!((2.9..3.1).contains(&ratio), "{ratio}");
    }

    #[test]
    fn an_idle_lane_saves_nothing_up() {
        let mut scheduler = scheduler(&[(1, 1), (1, 1)]);
        for _ in 0..100 {
            assert_eq!(scheduler.pick(|lane| lane == 0), Some(0));
            scheduler.sent(0, 1_000);
        }
        let picks: Vec<_> = (0..4)
            .map(|_| {
                let lane = scheduler.pick(|_| true).expect("both have data");
                scheduler.sent(lane, 1_000);
                lane
            })
            .collect();
        assert_eq!(picks.iter().filter(|&&lane| lane == 1).count(), 2, "{picks:?}");
    }
}
