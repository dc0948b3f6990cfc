//! How many connections an instance has, and how many it may have.

use std::sync::atomic::{AtomicUsize, Ordering};

/// How many connections one instance keeps, those included that linger. GNS stops at 8,191 (spec section 5.4).
pub(crate) const MAX_CONNECTIONS: usize = 16_383;
/// How many more, closed already, still answer stragglers. With the living ones that is half of the connection ids.
const MAX_PARTING: usize = 16_383;

/// The places of the connections of one instance.
#[derive(Default)]
pub(crate) struct Places {
    living: AtomicUsize,
    parting: AtomicUsize,
}

/// What a connection occupies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// One of [`MAX_CONNECTIONS`].
    Living,
    /// One of those that only answer stragglers: it keeps no new connection out.
    Parting,
}

impl Places {
    /// Gives a new connection a place, unless there are too many.
    pub(crate) fn admit(&self) -> bool {
        take(&self.living, MAX_CONNECTIONS)
    }

    /// A living connection has nothing left but to answer stragglers. `false` if too many do so already, which means that
    /// it has to stay where it is until it is dead, and that should be soon.
    pub(super) fn part(&self) -> bool {
        let parts = take(&self.parting, MAX_PARTING);
        if parts {
            self.leave(Place::Living);
        }
        parts
    }

    /// Gives a place back.
    pub(crate) fn leave(&self, place: Place) {
        let count = match place {
            Place::Living => &self.living,
            Place::Parting => &self.parting,
        };
        count.fetch_sub(1, Ordering::AcqRel);
    }
}

fn take(count: &AtomicUsize, most: usize) -> bool {
    let one_more = |taken| (taken < most).then_some(taken + 1);
    count.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_part_keep_nobody_out() {
        let places = Places::default();
        assert!((0..MAX_CONNECTIONS).all(|_| places.admit()));
        assert!(!places.admit());
        assert!(places.part());
        assert!(places.admit() && !places.admit());
        places.leave(Place::Parting);
        assert!(!places.admit(), "it had given its place back already");
        places.leave(Place::Living);
        assert!(places.admit());
    }

    #[test]
    fn only_so_many_part() {
        let places = Places::default();
        for _ in 0..MAX_PARTING {
            assert!(places.admit() && places.part());
        }
        assert!(places.admit() && !places.part());
        places.leave(Place::Parting);
        assert!(places.part());
    }
}
