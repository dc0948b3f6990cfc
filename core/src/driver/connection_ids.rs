//! Connection ids: what a peer's data packets name us by (spec section 5.4).

use std::collections::{HashSet, VecDeque};

/// Ids of destroyed connections stay unused for this many destructions, so that stragglers find nobody.
const REMEMBERED: usize = 256;

/// Deals connection ids: both 16-bit halves non-zero, the low half unique among live and lately destroyed connections.
#[derive(Default)]
pub(crate) struct ConnectionIds {
    taken: HashSet<u16>,
    destroyed: VecDeque<u16>,
}

impl ConnectionIds {
    /// An id from `random` numbers. There are far more ids than connections may live, so this ends soon.
    pub(crate) fn take(&mut self, mut random: impl FnMut() -> u32) -> u32 {
        loop {
            let id = random();
            let low = (id & 0xFFFF) as u16;
            if low != 0 && id >> 16 != 0 && self.taken.insert(low) {
                return id;
            }
        }
    }

    /// The connection is destroyed.
    pub(crate) fn release(&mut self, id: u32) {
        self.destroyed.push_back((id & 0xFFFF) as u16);
        if self.destroyed.len() > REMEMBERED
            && let Some(oldest) = self.destroyed.pop_front()
        {
            self.taken.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_never_zero_and_low_halves_unique() {
        let mut ids = ConnectionIds::default();
        let mut numbers = [0x0001_0000, 0x0000_0001, 0x0001_0001, 0x0002_0001, 0x0002_0002].into_iter();
        assert_eq!(ids.take(|| numbers.next().unwrap()), 0x0001_0001);
        assert_eq!(ids.take(|| numbers.next().unwrap()), 0x0002_0002);
    }

    #[test]
    fn a_released_id_comes_back_late() {
        let mut ids = ConnectionIds::default();
        ids.take(|| 0x0001_0001);
        ids.release(0x0001_0001);
        for low in 2..=REMEMBERED as u32 + 1 {
            let mut numbers = [0x0001_0001, 0x0001_0000 | low].into_iter();
            assert_eq!(ids.take(|| numbers.next().unwrap()), 0x0001_0000 | low);
            ids.release(low);
        }
        assert_eq!(ids.take(|| 0x0001_0001), 0x0001_0001);
    }
}
