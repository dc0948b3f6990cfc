//! Which lane sends next: strict priorities, weighted fairness among equals (spec section 11.5).

/// How a lane competes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneShare {
    /// Lower is sent first, strictly.
    pub priority: i32,
    /// Share among lanes of the same priority; at least 1.
    pub weight: u16,
}

impl Default for LaneShare {
    fn default() -> Self {
        Self { priority: 1, weight: 1 }
    }
}

/// Start-time fair queueing: each lane carries a tag, the virtual time at which its next segment starts. A segment
/// advances the tag by its bytes over the weight. Of the lanes that have something to send, the one with the lowest tag in the
/// most urgent class is next. What it costs depends on the lanes that are ready, not on those that exist.
#[derive(Clone, Debug, Default)]
pub struct Scheduler {
    lanes: Vec<Entry>,
    /// Virtual time of each class of equal priority, most urgent first: the tag of what it sent last.
    clocks: Vec<Tag>,
    /// The lanes that have something to send; the next one is last.
    ready: Vec<Key>,
}

/// Virtual time. Bytes times [`SCALE`] would fill 64 bits in a month of full speed.
type Tag = u128;

/// What lanes are compared by: the lowest is next. Class, tag, lane.
type Key = (u8, Tag, u8);

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    share: LaneShare,
    /// Index in `Scheduler::clocks`.
    class: u8,
    tag: Tag,
    ready: bool,
}

/// Resolution of virtual time, so that small segments on heavy lanes count.
const SCALE: u64 = 65_536;

impl Scheduler {
    /// Sets the shares of all lanes, at most 255. A lane that stays in its class keeps its place there.
    pub fn configure(&mut self, shares: impl IntoIterator<Item = LaneShare>) {
        let shares: Vec<LaneShare> = shares.into_iter().collect();
        let mut priorities: Vec<i32> = shares.iter().map(|share| share.priority).collect();
        priorities.sort_unstable();
        priorities.dedup();
        let lanes = shares.into_iter().enumerate().map(|(index, share)| {
            let old = self.lanes.get(index).copied().unwrap_or_default();
            let lead = match self.clocks.get(usize::from(old.class)) {
                Some(&clock) if old.share.priority == share.priority => old.tag.saturating_sub(clock),
                _ => 0,
            };
            let class = priorities.partition_point(|&priority| priority < share.priority) as u8;
            Entry { share, class, tag: lead, ready: old.ready }
        });
        self.lanes = lanes.collect();
        self.clocks = vec![0; priorities.len()];
        let ready = self.lanes.iter().enumerate().filter(|(_, entry)| entry.ready);
        self.ready = ready.map(|(index, entry)| entry.key(index)).collect();
        self.ready.sort_unstable_by(|a, b| b.cmp(a));
    }

    /// Whether no lane has anything to send.
    pub fn is_idle(&self) -> bool {
        self.ready.is_empty()
    }

    /// The lane that sends next.
    pub fn pick(&self) -> Option<usize> {
        self.ready.last().map(|&(_, _, lane)| usize::from(lane))
    }

    /// Whether lane `index` has something to send. One that had nothing does not get what it missed.
    pub fn set_ready(&mut self, index: usize, ready: bool) {
        let Some(entry) = self.lanes.get_mut(index).filter(|entry| entry.ready != ready) else {
            return;
        };
        let key = entry.key(index);
        entry.ready = ready;
        if ready {
            entry.tag = entry.tag.max(self.clocks[usize::from(entry.class)]);
            let key = entry.key(index);
            self.insert(key);
        } else {
            self.remove(key);
        }
    }

    /// `bytes` of lane `index` went into a packet. Empty messages count as a byte, lest they be free.
    pub fn sent(&mut self, index: usize, bytes: usize) {
        let Some(entry) = self.lanes.get_mut(index) else {
            return;
        };
        let old = entry.key(index);
        self.clocks[usize::from(entry.class)] = entry.tag;
        entry.tag += Tag::from(bytes.max(1) as u64 * SCALE / u64::from(entry.share.weight.max(1)));
        if entry.ready {
            let new = entry.key(index);
            match &mut self.ready[..] {
                [only] => *only = new,
                _ => {
                    self.remove(old);
                    self.insert(new);
                }
            }
        }
    }

    /// The shares in the order of the lanes.
    pub fn shares(&self) -> impl Iterator<Item = LaneShare> + '_ {
        self.lanes.iter().map(|entry| entry.share)
    }

    fn insert(&mut self, key: Key) {
        let place = self.ready.partition_point(|other| *other > key);
        self.ready.insert(place, key);
    }

    fn remove(&mut self, key: Key) {
        let place = self.ready.partition_point(|other| *other > key);
        debug_assert_eq!(self.ready.get(place), Some(&key));
        self.ready.remove(place);
    }
}

impl Entry {
    fn key(&self, index: usize) -> Key {
        (self.class, self.tag, index as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scheduler(shares: &[(i32, u16)]) -> Scheduler {
        let mut scheduler = Scheduler::default();
        scheduler.configure(shares.iter().map(|&(priority, weight)| LaneShare { priority, weight }));
        scheduler
    }

    /// Sends segments of `size` until `total` bytes are out; answers the bytes of each lane.
    fn saturate(scheduler: &mut Scheduler, total: usize, size: impl Fn(usize) -> usize) -> Vec<usize> {
        let mut bytes = vec![0; scheduler.lanes.len()];
        while bytes.iter().sum::<usize>() < total {
            let lane = scheduler.pick().expect("a lane is ready");
            let size = size(lane);
            scheduler.sent(lane, size);
            bytes[lane] += size;
        }
        bytes
    }

    #[test]
    fn lower_priority_numbers_go_first() {
        let mut scheduler = scheduler(&[(5, 1), (-1, 1)]);
        assert_eq!(scheduler.pick(), None);
        scheduler.set_ready(0, true);
        scheduler.set_ready(1, true);
        assert_eq!(scheduler.pick(), Some(1));
        scheduler.sent(1, 1_000_000);
        assert_eq!(scheduler.pick(), Some(1));
        scheduler.set_ready(1, false);
        assert_eq!(scheduler.pick(), Some(0));
        scheduler.set_ready(0, false);
        assert!(scheduler.is_idle());
    }

    #[test]
    fn an_idle_lane_saves_nothing_up() {
        let mut scheduler = scheduler(&[(1, 1), (1, 1)]);
        scheduler.set_ready(0, true);
        saturate(&mut scheduler, 1_000_000, |_| 1_000);
        // Both come from idleness, the one that has not sent for long first.
        scheduler.set_ready(0, false);
        scheduler.set_ready(1, true);
        scheduler.set_ready(0, true);
        let bytes = saturate(&mut scheduler, 10_000, |_| 1_000);
        assert!(bytes.iter().all(|bytes| (4_000..=6_000).contains(bytes)), "{bytes:?}");
    }

    #[test]
    fn new_shares_count_from_now_on() {
        let mut scheduler = scheduler(&[(1, 1)]);
        scheduler.set_ready(0, true);
        saturate(&mut scheduler, 1_000_000, |_| 1_000);
        scheduler.configure([(1, 1), (1, 3)].map(|(priority, weight)| LaneShare { priority, weight }));
        scheduler.set_ready(1, true);
        let bytes = saturate(&mut scheduler, 400_000, |_| 1_000);
        assert!(bytes[0].abs_diff(100_000) < 5_000, "{bytes:?}");
        scheduler.configure([(0, 1), (1, 3)].map(|(priority, weight)| LaneShare { priority, weight }));
        assert_eq!(saturate(&mut scheduler, 50_000, |_| 1_000), [50_000, 0]);
    }

    proptest! {
        /// A second of the default rate, segments as large as packets take: each lane gets its share.
        #[test]
        fn shares_hold_within_five_percent(
            weights in proptest::collection::vec(1u16..=1_000, 2..8),
            sizes in proptest::collection::vec(100usize..=1_137, 8),
        ) {
            let shares: Vec<_> = weights.iter().map(|&weight| (1, weight)).collect();
            let mut scheduler = scheduler(&shares);
            (0..weights.len()).for_each(|lane| scheduler.set_ready(lane, true));
            let bytes = saturate(&mut scheduler, 262_144, |lane| sizes[lane]);
            let (sum, sent) = (weights.iter().map(|&w| f64::from(w)).sum::<f64>(), bytes.iter().sum::<usize>() as f64);
            for (&weight, &bytes) in weights.iter().zip(&bytes) {
                let (expected, got) = (f64::from(weight) / sum, bytes as f64 / sent);
                prop_assert!((got - expected).abs() < 0.05, "{got} instead of {expected}");
            }
        }

        /// Whatever becomes ready when: the pick is of the most urgent class, and no lane that stays ready in that
        /// class is passed over for longer than fairness allows.
        #[test]
        fn urgent_first_and_nobody_starves(
            shares in proptest::collection::vec((0i32..3, 1u16..50), 1..12),
            steps in proptest::collection::vec((0usize..12, any::<bool>(), 1usize..1_300), 1..400),
        ) {
            let mut scheduler = scheduler(&shares);
            let mut ready = vec![false; shares.len()];
            let mut waited = vec![0u64; shares.len()];
            for (lane, on, size) in steps {
                let lane = lane % shares.len();
                scheduler.set_ready(lane, on);
                ready[lane] = on;
                let urgent = (0..shares.len()).filter(|&l| ready[l]).map(|l| shares[l].0).min();
                let picked = scheduler.pick();
                prop_assert_eq!(picked.map(|l| shares[l].0), urgent);
                prop_assert!(picked.is_none_or(|l| ready[l]));
                let Some(picked) = picked else { continue };
                scheduler.sent(picked, size);
                for (l, share) in shares.iter().enumerate() {
                    let weights: u64 = shares.iter().filter(|s| s.0 == share.0).map(|s| u64::from(s.1)).sum();
                    let waits = ready[l] && l != picked && share.0 == shares[picked].0;
                    waited[l] = if waits { waited[l] + size as u64 } else if ready[l] && l != picked { waited[l] } else { 0 };
                    // One's own segment at one's share, and one of every other lane that may be under way.
                    let bound = 1_300 * weights / u64::from(share.1) + 1_300 * shares.len() as u64;
                    prop_assert!(waited[l] <= bound, "lane {} waited for {} bytes", l, waited[l]);
                }
            }
        }
    }
}
