//! Which way the packets of a connection go, where there is more than one (wire-p2p section 2.11).
//!
//! A route is a number; whoever owns the sockets knows what is behind it: a session on a relay, a pair of addresses. Each
//! end chooses for itself the one that it sends on, and takes packets from all. Packet numbers are shared by all routes,
//! so that a change neither loses, doubles nor reorders a reliable message: what was lost on the old one is repeated on
//! the new one, as ever.
//!
//! ```text
//!            heard on it                 replies are missing
//! Unproven --------------> Confirmed --------------------------> Suspect (as Unproven, for a while the last to be taken)
//!    ^ probed every 250 ms     | probed every 10 s while another is in use           |
//!    +-----------------------------------------heard on it---------------------------+
//! ```

use core::time::Duration;

use crate::time::Timestamp;

/// What the owner of the sockets calls a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RouteId(pub u32);

/// What a route is made of (wire-p2p section 2.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteKind {
    /// An address of the peer.
    Direct,
    /// An address of the peer on our own network.
    Local,
    /// A TURN server.
    Turn,
    /// A relay of the network.
    Relay,
}

/// How good a route is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteQuality {
    /// What it is made of.
    pub kind: RouteKind,
    /// Round-trip time from end to end, ms; unknown until measured.
    pub ping_ms: Option<u32>,
    /// What the options add to its score, ms.
    pub penalty_ms: u32,
}

/// Routes of one connection; beyond these none is tried.
pub const ROUTES_MAX: usize = 8;

/// An unproven route is probed this often, at first and while there is no other.
const PROBE: Duration = Duration::from_millis(250);
/// So many times; then as rarely as one that is only kept warm.
const PROBES_QUICK: u32 = 8;
/// A route that is not in use is kept warm this often.
const WARM: Duration = Duration::from_secs(10);
/// A better route is taken only after this long on the old one...
const SETTLED: Duration = Duration::from_secs(5);
/// ... and if it is better by a tenth and this, ms.
const BETTER_MS: u32 = 5;
/// For this long a route that failed is the last to be taken.
const SUSPICION: Duration = Duration::from_secs(5);

/// Added to the score where a route is not within our own network (wire-p2p section 2.11), ms.
const NOT_LOCAL_MS: u32 = 10;
/// The score of a route without a round-trip time: behind every measured one.
const UNKNOWN_PING_MS: u32 = 5_000;

/// The routes of one connection.
#[derive(Debug, Default)]
pub struct Routes {
    routes: Vec<Route>,
    current: Option<RouteId>,
    /// When the current one was chosen.
    chosen: Timestamp,
}

#[derive(Debug)]
struct Route {
    id: RouteId,
    quality: RouteQuality,
    /// An authentic packet came this way, and nothing has spoken against it since.
    confirmed: bool,
    suspect_until: Timestamp,
    probes: u32,
    probe_due: Timestamp,
}

impl Route {
    /// Lower is better, ms.
    fn score(&self) -> u32 {
        let ping = self.quality.ping_ms.unwrap_or(UNKNOWN_PING_MS);
        let path = if self.quality.kind == RouteKind::Local { 0 } else { ping / 10 + NOT_LOCAL_MS };
        ping.saturating_add(path).saturating_add(self.quality.penalty_ms)
    }

    /// What is confirmed comes first, then what has not just failed, then the score.
    fn rank(&self, now: Timestamp) -> (bool, bool, u32) {
        (!self.confirmed, self.suspect_until > now, self.score())
    }
}

impl Routes {
    /// There is such a route, or it is now of this quality. With [`ROUTES_MAX`] routes there is no room for another:
    /// false.
    pub fn set(&mut self, now: Timestamp, id: RouteId, quality: RouteQuality) -> bool {
        if let Some(route) = self.find(id) {
            route.quality = quality;
        } else if self.routes.len() < ROUTES_MAX {
            self.routes.push(Route {
                id,
                quality,
                confirmed: false,
                suspect_until: Timestamp::default(),
                probes: 0,
                probe_due: now,
            });
        } else {
            return false;
        }
        self.choose(now);
        true
    }

    /// There are no such routes any more.
    pub fn remove_where(&mut self, now: Timestamp, gone: impl Fn(RouteId) -> bool) {
        self.routes.retain(|route| !gone(route.id));
        if self.current.is_some_and(gone) {
            self.current = None;
            self.choose(now);
        }
    }

    /// An authentic packet came this way. Whether the route is confirmed by it.
    pub fn heard(&mut self, now: Timestamp, id: RouteId) -> bool {
        let Some(route) = self.find(id) else { return false };
        let news = !route.confirmed;
        route.confirmed = true;
        route.suspect_until = Timestamp::default();
        if news {
            route.probe_due = now + WARM;
            self.choose(now);
        }
        news
    }

    /// Replies are missing: the current route has to prove itself anew, and another goes first. Whether there is one.
    pub fn suspect_current(&mut self, now: Timestamp) -> bool {
        let before = self.current;
        if let Some(route) = before.and_then(|id| self.find(id)) {
            route.confirmed = false;
            route.suspect_until = now + SUSPICION;
            route.probes = 0;
            route.probe_due = now;
        }
        self.choose(now);
        self.current != before
    }

    /// The route to send on: the best of those that are confirmed, or of all while none is.
    pub fn current(&self) -> Option<RouteId> {
        self.current
    }

    /// Whether there is such a route.
    pub fn has(&self, id: RouteId) -> bool {
        self.routes.iter().any(|route| route.id == id)
    }

    /// What the route in use is made of.
    pub fn current_quality(&self) -> Option<RouteQuality> {
        let current = self.current?;
        self.routes.iter().find(|route| route.id == current).map(|route| route.quality)
    }

    /// Whether the route to send on is known to work.
    pub fn is_confirmed(&self) -> bool {
        self.routes.iter().any(|route| Some(route.id) == self.current && route.confirmed)
    }

    /// A route on which a packet has to leave now that asks for an answer.
    pub fn probe(&self, now: Timestamp) -> Option<RouteId> {
        self.probed().find(|route| route.probe_due <= now).map(|route| route.id)
    }

    /// That packet has left.
    pub fn probe_sent(&mut self, now: Timestamp, id: RouteId) {
        if let Some(route) = self.find(id) {
            route.probes = route.probes.saturating_add(1);
            let quick = !route.confirmed && route.probes < PROBES_QUICK;
            route.probe_due = now + if quick { PROBE } else { WARM };
        }
    }

    /// When a probe is due, or a better route may be taken.
    pub fn next_timeout(&self) -> Option<Timestamp> {
        let probe = self.probed().map(|route| route.probe_due).min();
        let settled = (self.routes.len() > 1 && self.better().is_some()).then(|| self.chosen + SETTLED);
        [probe, settled].into_iter().flatten().min()
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.choose(now);
    }

    /// The current one, once it is confirmed, is probed by what is sent on it.
    fn probed(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter().filter(|route| !(route.confirmed && Some(route.id) == self.current))
    }

    /// A confirmed route that is better than the current one by so much that a change pays.
    fn better(&self) -> Option<RouteId> {
        let current = self.routes.iter().find(|route| Some(route.id) == self.current)?;
        let worth = |route: &&Route| {
            let score = route.score();
            route.confirmed && score.saturating_add(score / 10).saturating_add(BETTER_MS) < current.score()
        };
        self.routes.iter().filter(worth).min_by_key(|route| route.score()).map(|route| route.id)
    }

    fn choose(&mut self, now: Timestamp) {
        let best = self.routes.iter().min_by_key(|route| route.rank(now)).map(|route| route.id);
        let stays = self.is_confirmed() && self.chosen + SETTLED > now;
        let next = if self.is_confirmed() { self.better().filter(|_| !stays).or(self.current) } else { best };
        if next != self.current {
            self.current = next;
            self.chosen = now;
        }
    }

    fn find(&mut self, id: RouteId) -> Option<&mut Route> {
        self.routes.iter_mut().find(|route| route.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_micros(ms * 1_000)
    }

    fn relay(ping_ms: u32) -> RouteQuality {
        RouteQuality { kind: RouteKind::Relay, ping_ms: Some(ping_ms), penalty_ms: 0 }
    }

    const A: RouteId = RouteId(1);
    const B: RouteId = RouteId(2);

    #[test]
    fn the_first_route_that_works_is_taken() {
        let mut routes = Routes::default();
        assert!(routes.set(at(0), A, relay(10)) && routes.set(at(0), B, relay(50)));
        assert_eq!((routes.current(), routes.is_confirmed()), (Some(A), false));
        assert!(routes.heard(at(40), B));
        assert_eq!((routes.current(), routes.is_confirmed()), (Some(B), true));
        assert!(!routes.heard(at(41), B));
    }

    #[test]
    fn a_better_route_is_taken_after_a_while_and_only_if_it_pays() {
        let mut routes = Routes::default();
        assert!(routes.set(at(0), A, relay(50)) && routes.heard(at(0), A));
        assert!(routes.set(at(10), B, relay(20)) && routes.heard(at(20), B));
        assert_eq!(routes.current(), Some(A));
        let due = routes.next_timeout().expect("a change is due");
        assert_eq!(due, at(5_000));
        routes.handle_timeout(due);
        assert_eq!(routes.current(), Some(B));
        routes.set(at(20_000), A, relay(17));
        assert_eq!(routes.current(), Some(B), "three milliseconds are not worth a change");
    }

    #[test]
    fn a_route_that_fails_is_left_at_once_and_comes_back_when_it_is_heard() {
        let mut routes = Routes::default();
        assert!(routes.set(at(0), A, relay(10)) && routes.set(at(0), B, relay(90)));
        assert!(routes.heard(at(30), A) && routes.heard(at(30), B));
        assert_eq!(routes.current(), Some(A));
        assert!(routes.suspect_current(at(1_000)));
        assert_eq!(routes.current(), Some(B));
        assert_eq!(routes.probe(at(1_000)), Some(A));
        assert!(routes.heard(at(1_100), A));
        assert_eq!(routes.current(), Some(B), "it was only just left");
        routes.handle_timeout(at(6_000));
        assert_eq!(routes.current(), Some(A));
        routes.remove_where(at(6_100), |id| id == A);
        assert_eq!(routes.current(), Some(B));
    }

    #[test]
    fn a_lone_route_is_kept_whatever_happens() {
        let mut routes = Routes::default();
        assert!(routes.set(at(0), A, relay(10)) && routes.heard(at(30), A));
        assert!(!routes.suspect_current(at(100)));
        assert_eq!((routes.current(), routes.is_confirmed()), (Some(A), false));
    }

    #[test]
    fn unproven_routes_are_probed_quickly_at_first_and_rarely_afterwards() {
        let mut routes = Routes::default();
        assert!(routes.set(at(0), A, relay(10)));
        let mut probes = 0;
        while let Some(now) = routes.next_timeout().filter(|&now| now < at(30_000)) {
            assert_eq!(routes.probe(now), Some(A));
            routes.probe_sent(now, A);
            probes += 1;
        }
        assert_eq!(probes, PROBES_QUICK + 2);
    }

    #[test]
    fn there_is_a_bound_on_routes() {
        let mut routes = Routes::default();
        let taken = (0..100).filter(|&id| routes.set(at(0), RouteId(id), relay(id))).count();
        assert_eq!(taken, ROUTES_MAX);
    }
}
