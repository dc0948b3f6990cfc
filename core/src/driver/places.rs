//! How many connections an instance has, and how many it may have.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicUsize, Ordering};

use gamesockets_proto::endpoint::Prefix;
use parking_lot::Mutex;

/// How many connections one instance keeps, those included that linger. GNS stops at 8,191 (spec section 5.4).
pub(crate) const MAX_CONNECTIONS: usize = 16_383;
/// How many more, closed already, still answer stragglers. With the living ones that is half of the connection ids.
const MAX_PARTING: usize = 16_383;
/// So few free places are for those who hold few: one prefix gets seven of eight.
const FEW_FREE: (usize, usize) = (2_048, 16);
/// And the last of them for those who hold next to none. It takes hundreds of prefixes to keep a newcomer out.
const HARDLY_ANY_FREE: (usize, usize) = (256, 2);

/// The places of the connections of one instance.
#[derive(Default)]
pub(crate) struct Places {
    living: AtomicUsize,
    parting: AtomicUsize,
    /// How many of the living come from where.
    held: Mutex<HashMap<Prefix, usize>>,
}

/// What a connection occupies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// One of [`MAX_CONNECTIONS`]; from where, if somebody else began it.
    Living(Option<Prefix>),
    /// One of those that only answer stragglers: it keeps no new connection out.
    Parting,
}

impl Places {
    /// Gives a connection of our own a place, unless there are too many.
    pub(crate) fn admit(&self) -> bool {
        take(&self.living, MAX_CONNECTIONS)
    }

    /// Gives a connection a place that comes from there, unless there are too many, or too many of `most` from there; 0
    /// stands for as many as leave room for others.
    pub(super) fn admit_from(&self, prefix: Prefix, most: usize) -> bool {
        let mut held = self.held.lock();
        let own = held.get(&prefix).copied().unwrap_or(0);
        let free = MAX_CONNECTIONS.saturating_sub(self.living.load(Ordering::Acquire));
        let scarce = |(few, share): (usize, usize)| free <= few && own >= share;
        let is_greedy = scarce(FEW_FREE) || scarce(HARDLY_ANY_FREE) || most > 0 && own >= most;
        let admitted = !is_greedy && take(&self.living, MAX_CONNECTIONS);
        if admitted {
            held.insert(prefix, own + 1);
        }
        admitted
    }

    /// A living connection has nothing left but to answer stragglers. `false` if too many do so already, which means that
    /// it has to stay where it is until it is dead, and that should be soon.
    pub(super) fn part(&self, living: Place) -> bool {
        let parts = take(&self.parting, MAX_PARTING);
        if parts {
            self.leave(living);
        }
        parts
    }

    /// Gives a place back.
    pub(crate) fn leave(&self, place: Place) {
        let count = match place {
            Place::Living(from) => {
                if let Some(prefix) = from {
                    self.forget(prefix);
                }
                &self.living
            }
            Place::Parting => &self.parting,
        };
        count.fetch_sub(1, Ordering::AcqRel);
    }

    fn forget(&self, prefix: Prefix) {
        if let Entry::Occupied(mut held) = self.held.lock().entry(prefix) {
            *held.get_mut() -= 1;
            if *held.get() == 0 {
                held.remove();
            }
        }
    }
}

fn take(count: &AtomicUsize, most: usize) -> bool {
    let one_more = |taken| (taken < most).then_some(taken + 1);
    count.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: Place = Place::Living(None);

    fn prefix(number: u32) -> Prefix {
        Prefix::of(std::net::Ipv4Addr::from_bits(number).into())
    }

    #[test]
    fn those_that_part_keep_nobody_out() {
        let places = Places::default();
        assert!((0..MAX_CONNECTIONS).all(|_| places.admit()));
        assert!(!places.admit());
        assert!(places.part(OURS));
        assert!(places.admit() && !places.admit());
        places.leave(Place::Parting);
        assert!(!places.admit(), "it had given its place back already");
        places.leave(OURS);
        assert!(places.admit());
    }

    #[test]
    fn only_so_many_part() {
        let places = Places::default();
        for _ in 0..MAX_PARTING {
            assert!(places.admit() && places.part(OURS));
        }
        assert!(places.admit() && !places.part(OURS));
        places.leave(Place::Parting);
        assert!(places.part(OURS));
    }

    #[test]
    fn one_address_leaves_places_for_others() {
        let places = Places::default();
        let greedy = (0..MAX_CONNECTIONS).filter(|_| places.admit_from(prefix(0), 0)).count();
        assert_eq!(greedy, MAX_CONNECTIONS - 2_048, "seven of eight");
        // And so do many together.
        for number in 1..=200 {
            while places.admit_from(prefix(number), 0) {}
        }
        for newcomer in 300..310 {
            assert!(places.admit_from(prefix(newcomer), 0), "{newcomer}");
        }
        assert!(!places.admit_from(prefix(0), 0));
    }

    #[test]
    fn what_goes_is_free_again() {
        let places = Places::default();
        let place = Place::Living(Some(prefix(1)));
        assert!(places.admit_from(prefix(1), 2) && places.admit_from(prefix(1), 2));
        assert!(!places.admit_from(prefix(1), 2) && places.admit_from(prefix(2), 2));
        assert!(places.part(place));
        assert!(places.admit_from(prefix(1), 2) && !places.admit_from(prefix(1), 2));
        places.leave(place);
        places.leave(place);
        places.leave(Place::Living(Some(prefix(2))));
        assert!(places.held.lock().is_empty(), "nothing is remembered of who is gone");
        assert_eq!(places.living.load(Ordering::Relaxed), 0);
    }
}
