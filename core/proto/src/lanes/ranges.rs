//! A set of `u64`s kept as disjoint half-open ranges.

use core::ops::Range;
use std::collections::BTreeMap;

/// Ranges of stream positions. In the usual case (nothing lost) it is empty and costs nothing.
#[derive(Clone, Debug, Default)]
pub struct RangeSet {
    /// Start to end; disjoint and never adjacent.
    ranges: BTreeMap<u64, u64>,
    len: u64,
}

impl RangeSet {
    /// How many numbers are in the set.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether nothing is in the set.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The lowest range.
    pub fn first(&self) -> Option<Range<u64>> {
        self.ranges.first_key_value().map(|(&start, &end)| start..end)
    }

    /// Adds a range, joining it with what it touches.
    pub fn insert(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        let Range { mut start, mut end } = range;
        while let Some((&near_start, &near_end)) = self.ranges.range(..=end).next_back() {
            if near_end < start {
                break;
            }
            self.ranges.remove(&near_start);
            self.len -= near_end - near_start;
            start = start.min(near_start);
            end = end.max(near_end);
        }
        self.len += end - start;
        self.ranges.insert(start, end);
    }

    /// Takes a range out.
    pub fn remove(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        while let Some((&start, &end)) = self.ranges.range(..range.end).next_back() {
            if end <= range.start {
                break;
            }
            self.ranges.remove(&start);
            self.len -= end - start;
            if start < range.start {
                self.ranges.insert(start, range.start);
                self.len += range.start - start;
            }
            if range.end < end {
                self.ranges.insert(range.end, end);
                self.len += end - range.end;
            }
        }
    }

    /// The parts of `range` that are not in the set, in order.
    pub fn missing(&self, range: Range<u64>) -> impl Iterator<Item = Range<u64>> + '_ {
        let before = self.ranges.range(..range.start).next_back().map(|(&start, &end)| (start, end));
        let inside = self.ranges.range(range.clone()).map(|(&start, &end)| (start, end));
        let mut at = range.start;
        let end = range.end;
        before.into_iter().chain(inside).chain(core::iter::once((end, end))).filter_map(
            move |(present_start, present_end)| {
                let gap = at..present_start.min(end);
                at = at.max(present_end);
                (!gap.is_empty()).then_some(gap)
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn agrees_with_a_set_of_numbers() {
        let mut set = RangeSet::default();
        let mut model = BTreeSet::new();
        let mut state = 7_u64;
        for step in 0..20_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let start = (state >> 40) % 200;
            let range = start..start + (state >> 33) % 20;
            match step % 3 {
                0 => {
                    set.remove(range.clone());
                    model.retain(|n| !range.contains(n));
                }
                _ => {
                    set.insert(range.clone());
                    model.extend(range.clone());
                }
            }
            assert_eq!(set.len(), model.len() as u64);
            let missing: Vec<u64> = set.missing(50..150).flatten().collect();
            let expected: Vec<u64> = (50..150).filter(|n| !model.contains(n)).collect();
            assert_eq!(missing, expected, "step {step}");
            if step % 100 == 99 {
                set.remove(0..300);
                model.clear();
                assert!(set.is_empty());
            }
        }
    }
}
