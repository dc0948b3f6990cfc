//! What must hold for every connection at every moment, whatever the network does.

use core::time::Duration;

use gamesockets_proto::{Connection, Timestamp};
use gamesockets_schema::ConnectionState::{self, *};

/// The transitions of spec section 10.2; everything else is a bug.
const TRANSITIONS: &[(ConnectionState, ConnectionState)] = &[
    (None, Connecting),
    (Connecting, Connected),
    (Connecting, ProblemDetectedLocally),
    (Connecting, ClosedByPeer),
    (Connecting, FinWait),
    // Accepted, and closed before the client has proved anything.
    (Connecting, Linger),
    (Connected, ProblemDetectedLocally),
    (Connected, ClosedByPeer),
    (Connected, FinWait),
    (Connected, Linger),
    (Linger, FinWait),
    (ProblemDetectedLocally, FinWait),
    (ClosedByPeer, FinWait),
    (FinWait, Dead),
];

/// Wake-ups per virtual second that need no datagram to explain them: 50 ms polling while timing out, Nagle, acks.
const IDLE_WAKE_UPS_PER_SECOND_MAX: u32 = 400;
/// Wake-ups per datagram sent or received: pacing, retransmission, delayed ack.
const WAKE_UPS_PER_DATAGRAM_MAX: u32 = 4;
/// How long a connection stays in FinWait (spec section 10.2), and how late a timer may be served.
const FIN_WAIT: Duration = Duration::from_secs(5);
const TIMER_TOLERANCE: Duration = Duration::from_millis(20);

/// Whether spec section 10.2 knows this transition.
pub fn is_legal(old: ConnectionState, new: ConnectionState) -> bool {
    TRANSITIONS.contains(&(old, new))
}

/// Watches one connection from its creation to its death; panics when it misbehaves.
#[derive(Debug)]
pub struct Watch {
    state: ConnectionState,
    since: Timestamp,
    second: u64,
    wake_ups: u32,
    datagrams: u32,
    futile_wake_ups: u32,
    refused_a_send: bool,
}

impl Watch {
    /// Watches a connection that is in `state`.
    pub fn new(state: ConnectionState, now: Timestamp) -> Self {
        Self { state, since: now, second: 0, wake_ups: 0, datagrams: 0, futile_wake_ups: 0, refused_a_send: false }
    }

    /// Since when it is in its state.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// A send was refused for lack of buffer: `Writable` has to follow.
    pub fn note_refused_send(&mut self) {
        self.refused_a_send = true;
    }

    /// `Writable` came.
    pub fn note_writable(&mut self) {
        assert!(self.refused_a_send, "Writable without a refused send");
        self.refused_a_send = false;
    }

    /// Whether `Writable` is still owed.
    pub fn is_writable_owed(&self) -> bool {
        self.refused_a_send
    }

    /// The engine said so.
    pub fn note_transition(&mut self, now: Timestamp, old: ConnectionState, new: ConnectionState) {
        // The event that announces the very first state may tell where it came from.
        let announces_start = old == None && new == self.state;
        assert!(announces_start || old == self.state, "{old:?} -> {new:?} announced, but it was in {:?}", self.state);
        assert!(is_legal(old, new), "illegal transition {old:?} -> {new:?}");
        if !announces_start {
            self.since = now;
        }
        self.state = new;
    }

    /// A datagram went out or came in.
    pub fn note_datagram(&mut self, now: Timestamp) {
        self.roll(now);
        self.datagrams += 1;
    }

    /// `handle_timeout` was called at `now`, and `next` is wanted after it.
    pub fn note_wake_up(&mut self, now: Timestamp, next: Option<Timestamp>) {
        self.roll(now);
        self.wake_ups += 1;
        let limit = IDLE_WAKE_UPS_PER_SECOND_MAX + WAKE_UPS_PER_DATAGRAM_MAX * self.datagrams;
        assert!(self.wake_ups <= limit, "timer storm: {} wake-ups in second {}", self.wake_ups, self.second);
        let futile = next.is_some_and(|next| next <= now);
        self.futile_wake_ups = if futile { self.futile_wake_ups + 1 } else { 0 };
        assert!(self.futile_wake_ups < 20, "poll_timeout stays at {next:?} although it is {now:?}");
    }

    /// After every drain.
    pub fn check(&self, now: Timestamp, connection: &Connection) {
        let state = connection.state();
        assert_eq!(state, self.state, "the state changed without an event");
        if state == FinWait {
            let stay = now.since(self.since);
            assert!(stay <= FIN_WAIT + TIMER_TOLERANCE, "in FinWait for {stay:?}");
        }
        let lives = state != Dead;
        let needs_timer = lives && !matches!(state, ClosedByPeer | ProblemDetectedLocally);
        assert!(!needs_timer || connection.poll_timeout().is_some(), "no timer in {state:?}: it could hang");
    }

    fn roll(&mut self, now: Timestamp) {
        let second = now.as_micros() / 1_000_000;
        if second != self.second {
            (self.second, self.wake_ups, self.datagrams) = (second, 0, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_no_way_back() {
        assert!(is_legal(Connecting, Connected) && is_legal(FinWait, Dead));
        assert!(!is_legal(Connected, Connecting) && !is_legal(Dead, Connecting) && !is_legal(Linger, ClosedByPeer));
    }

    #[test]
    #[should_panic(expected = "illegal transition")]
    fn an_illegal_transition_is_caught() {
        Watch::new(FinWait, Timestamp::default()).note_transition(Timestamp::default(), FinWait, Connected);
    }

    #[test]
    #[should_panic(expected = "timer storm")]
    fn a_timer_storm_is_caught() {
        let mut watch = Watch::new(Connected, Timestamp::default());
        for i in 0..1_000 {
            watch.note_wake_up(Timestamp::from_micros(i * 10), Some(Timestamp::from_micros(i * 10 + 10)));
        }
    }

    #[test]
    #[should_panic(expected = "poll_timeout stays")]
    fn a_timer_in_the_past_is_caught() {
        let mut watch = Watch::new(Connected, Timestamp::default());
        (0..50).for_each(|_| {
            watch.note_wake_up(Timestamp::from_micros(5), Some(Timestamp::from_micros(5)));
        });
    }
}
