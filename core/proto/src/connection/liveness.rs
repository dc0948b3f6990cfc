//! Is the peer still there? Keepalives, the reply timer, and giving up (spec sections 9.1 to 9.4).
//!
//! ```text
//!            heard                                     heard
//!   +---------------------+               +---------------------------+
//!   v                     |               v                           |
//! Quiet --10 s silence--> Probed --no reply in time--> TimingOut --TimeoutConnected--> gone
//!   |                     ^
//!   +--packet that expects a reply--------+
//! ```

use core::time::Duration;

use crate::packets::ping::PingTracker;
use crate::time::Timestamp;

/// The peer owes an acknowledgement; it may come within the usual delay.
pub(super) const FLAG_ACK_REQUEST: u32 = 2;
/// The peer owes an acknowledgement at once.
pub(super) const FLAG_ACK_IMMEDIATE: u32 = 4;
/// The sender's packets go by another route than this one (wire-p2p section 2.10).
pub(super) const FLAG_NOT_PRIMARY: u32 = 16;

/// Silence after which the peer is asked for a sign of life.
const KEEPALIVE: Duration = Duration::from_secs(10);
/// Spacing of probes once a reply is overdue.
const URGENT_PROBE: Duration = Duration::from_millis(200);
/// A packet that leaves this long after the last round-trip sample asks for one.
const TRACER: Duration = Duration::from_secs(7);
/// Replies that must be missing before a peer is given up.
const MISSED_MIN: u32 = 4;
/// The reply timeout is twice the worst ping plus this, at most [`REPLY_MAX_MS`], plus the delay the peer may take.
const REPLY_SLACK_MS: u64 = 250;
const REPLY_MAX_MS: u64 = 1_250;
const DELAYED_REPLY_MS: u64 = 200;

/// Watches over the peer's signs of life.
#[derive(Clone, Debug)]
pub(super) struct Liveness {
    last_heard: Timestamp,
    reply_due: Option<Timestamp>,
    missed: u32,
    /// When the first reply was missed since the peer was last heard.
    timing_out_since: Option<Timestamp>,
    next_urgent: Timestamp,
    last_request: Timestamp,
    /// The next packet asks for an acknowledgement, and leaves now.
    asks: bool,
}

impl Liveness {
    /// The peer was heard just now: the handshake ended.
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            last_heard: now,
            reply_due: None,
            missed: 0,
            timing_out_since: None,
            next_urgent: now,
            last_request: now,
            asks: false,
        }
    }

    /// The peer is to acknowledge something at once.
    pub(super) fn ask_at_once(&mut self) {
        self.asks = true;
    }

    /// The peer gave a sign of life.
    pub(super) fn heard(&mut self, now: Timestamp) {
        self.last_heard = now;
        self.reply_due = None;
        self.missed = 0;
        self.timing_out_since = None;
    }

    /// A packet left that the peer has to answer, within its usual delay or at once.
    pub(super) fn reply_expected(&mut self, now: Timestamp, ping: &PingTracker, may_be_delayed: bool) {
        let worst_ms = ping.worst_ms().map_or(REPLY_MAX_MS, |ms| 2 * u64::from(ms) + REPLY_SLACK_MS);
        let delay_ms = if may_be_delayed { DELAYED_REPLY_MS } else { 0 };
        let timeout = Duration::from_millis(worst_ms.min(REPLY_MAX_MS) + delay_ms);
        self.reply_due.get_or_insert(now + timeout);
    }

    /// Time passed. Counts missed replies.
    pub(super) fn handle_timeout(&mut self, now: Timestamp) {
        if self.reply_due.is_some_and(|due| due <= now) {
            self.reply_due = None;
            self.missed += 1;
            if self.timing_out_since.is_none() {
                self.timing_out_since = Some(now);
                self.next_urgent = now;
            }
        }
    }

    /// Replies that are missing since the peer was last heard.
    pub(super) fn missed(&self) -> u32 {
        self.missed
    }

    /// Whether the peer has to be given up.
    pub(super) fn is_timed_out(&self, now: Timestamp, timeout: Duration) -> bool {
        self.missed >= MISSED_MIN && self.give_up_at(timeout).is_some_and(|at| at <= now)
    }

    /// Whether replies are missing.
    pub(super) fn is_timing_out(&self) -> bool {
        self.timing_out_since.is_some()
    }

    /// Flags of a probe that must leave now even if there is nothing else to send.
    pub(super) fn probe(&self, now: Timestamp) -> Option<u32> {
        if self.asks {
            Some(FLAG_ACK_REQUEST | FLAG_ACK_IMMEDIATE)
        } else if self.is_timing_out() {
            (self.next_urgent <= now).then_some(FLAG_ACK_REQUEST | FLAG_ACK_IMMEDIATE)
        } else {
            (self.reply_due.is_none() && self.last_heard + KEEPALIVE <= now).then_some(FLAG_ACK_REQUEST)
        }
    }

    /// Flags to add to a packet that leaves anyway.
    pub(super) fn piggyback(&self, now: Timestamp, ping: &PingTracker) -> Option<u32> {
        let latest = ping.last_sample().map_or(self.last_request, |sample| sample.max(self.last_request));
        (now.since(latest) > TRACER).then_some(FLAG_ACK_REQUEST)
    }

    /// A packet with these flags left.
    pub(super) fn requested(&mut self, now: Timestamp, flags: u32, ping: &PingTracker) {
        self.last_request = now;
        self.asks = false;
        if self.is_timing_out() {
            // Each urgent probe stands for a reply that should have come.
            self.next_urgent = now + URGENT_PROBE;
            self.reply_due.get_or_insert(now + URGENT_PROBE);
        } else {
            self.reply_expected(now, ping, flags & FLAG_ACK_IMMEDIATE == 0);
        }
    }

    /// When something has to be done next.
    pub(super) fn next_timeout(&self, timeout: Duration) -> Timestamp {
        if self.asks {
            return self.last_heard;
        }
        let probe = if self.is_timing_out() { self.next_urgent } else { self.last_heard + KEEPALIVE };
        let due = match self.reply_due {
            Some(due) if self.is_timing_out() => due.min(probe),
            Some(due) => due,
            None => probe,
        };
        match self.give_up_at(timeout) {
            Some(at) if self.missed >= MISSED_MIN => due.min(at),
            _ => due,
        }
    }

    fn give_up_at(&self, timeout: Duration) -> Option<Timestamp> {
        self.timing_out_since.map(|since| since.max(self.last_heard) + timeout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_micros(ms * 1_000)
    }

    /// Runs the machine alone, as a peer sees it that never answers; gives the times of its probes and of giving up.
    fn silence(timeout: Duration) -> (Vec<u64>, u64) {
        let mut ping = PingTracker::default();
        ping.record(at(0), 0);
        let mut liveness = Liveness::new(at(0));
        let mut probes = vec![];
        loop {
            let now = liveness.next_timeout(timeout);
            liveness.handle_timeout(now);
            if liveness.is_timed_out(now, timeout) {
                return (probes, now.as_micros() / 1_000);
            }
            if let Some(flags) = liveness.probe(now) {
                probes.push(now.as_micros() / 1_000);
                liveness.requested(now, flags, &ping);
            }
        }
    }

    #[test]
    fn an_idle_peer_that_vanishes_is_given_up_on_schedule() {
        let (probes, end) = silence(Duration::from_secs(10));
        assert_eq!(probes[..4], [10_000, 10_450, 10_650, 10_850]);
        assert_eq!(end, 20_450);
    }

    #[test]
    fn a_short_timeout_still_waits_for_four_missing_replies() {
        let (_, end) = silence(Duration::ZERO);
        assert_eq!(end, 11_050);
    }

    #[test]
    fn hearing_from_the_peer_starts_over() {
        let ping = PingTracker::default();
        let mut liveness = Liveness::new(at(0));
        liveness.reply_expected(at(0), &ping, true);
        assert_eq!(liveness.next_timeout(Duration::ZERO), at(1_450));
        liveness.handle_timeout(at(1_450));
        assert!(liveness.is_timing_out());
        liveness.heard(at(1_500));
        assert!(!liveness.is_timing_out());
        assert_eq!(liveness.next_timeout(Duration::ZERO), at(11_500));
        assert_eq!(liveness.piggyback(at(7_000), &ping), None);
        assert_eq!(liveness.piggyback(at(7_001), &ping), Some(FLAG_ACK_REQUEST));
    }
}
