//! When a signal leaves, and what of it is repeated (wire-p2p sections 1.6, 1.11 and 1.12).

use core::time::Duration;
use std::collections::VecDeque;

use bytes::Bytes;

use super::message::{ReliableMessage, Signal};
use crate::time::Timestamp;

/// What happens within this time leaves in one signal.
const COALESCE: Duration = Duration::from_millis(10);
/// Two signals that were not asked for are at least this far apart.
const SPACING: Duration = Duration::from_millis(100);
/// A reliable message, or relay routes, that nobody acknowledged are told again after this.
const REPEAT: Duration = Duration::from_secs(1);
/// Reliable messages that may wait for their acknowledgement; an agent has far fewer candidates.
const QUEUE_MAX: usize = 256;

/// One end's half of the conversation beside the packets.
#[derive(Debug, Default)]
pub struct Signaling {
    /// What the peer has not acknowledged, in order.
    queue: VecDeque<Queued>,
    /// The number of the last message that left the queue.
    acknowledged: u32,
    /// The last message that the peer sent in order.
    received: u32,
    /// Where we can be reached.
    routes: Option<Routes>,
    /// The latest of the peer's that we have seen.
    peer_routes_revision: u32,
    wanted: Option<Timestamp>,
    last_sent: Option<Timestamp>,
}

#[derive(Debug)]
struct Queued {
    message: ReliableMessage,
    due: Timestamp,
}

#[derive(Debug)]
struct Routes {
    revision: u32,
    bytes: Bytes,
    /// `None` once the peer has them.
    due: Option<Timestamp>,
}

/// The answer to what a signal carried.
#[derive(Debug, Default, PartialEq)]
pub struct Carried {
    /// Messages that are new, in order.
    pub messages: Vec<ReliableMessage>,
    /// The peer's relay routes, if the signal has any.
    pub routes: Option<Bytes>,
}

impl Signaling {
    /// Something has to be told.
    pub fn want(&mut self, now: Timestamp) {
        let at = now + COALESCE;
        self.wanted = Some(self.wanted.map_or(at, |earlier| earlier.min(at)));
    }

    /// Queues what is repeated until the peer has it. A queue that is full takes no more: false.
    pub fn queue(&mut self, now: Timestamp, message: ReliableMessage) -> bool {
        if self.queue.len() >= QUEUE_MAX {
            return false;
        }
        self.queue.push_back(Queued { message, due: now });
        self.want(now);
        true
    }

    /// From now on we can be reached on these; told until the peer has heard.
    pub fn publish_routes(&mut self, now: Timestamp, revision: u32, bytes: Bytes) {
        self.routes = Some(Routes { revision, bytes, due: Some(now) });
        self.want(now);
    }

    /// We have seen this revision of the peer's routes.
    pub fn saw_routes(&mut self, now: Timestamp, revision: u32) {
        self.peer_routes_revision = revision;
        self.want(now);
    }

    /// The connection is over: nothing has to be repeated any more.
    pub fn clear(&mut self) {
        self.queue.clear();
        self.routes = None;
        self.wanted = None;
    }

    /// When the next signal leaves, if nothing happens before.
    pub fn next(&self) -> Option<Timestamp> {
        let repeat = self.queue.front().map(|queued| queued.due);
        let routes = self.routes.as_ref().and_then(|routes| routes.due);
        let due = [self.wanted, repeat, routes].into_iter().flatten().min()?;
        Some(self.last_sent.map_or(due, |last| due.max(last + SPACING)))
    }

    /// Adds what is due to a signal that leaves now. One that begins or accepts the connection carries all there is.
    pub fn fill(&mut self, now: Timestamp, signal: &mut Signal) {
        let whole = signal.connect_request.is_some() || signal.connect_ok.is_some();
        signal.ack_reliable_message = Some(self.received);
        let from = self.queue.iter().position(|queued| whole || queued.due <= now);
        if let Some(from) = from {
            signal.first_reliable_message = Some(self.acknowledged + 1 + from as u32);
            for queued in self.queue.range_mut(from..) {
                queued.due = now + REPEAT;
                signal.reliable_messages.push(queued.message.clone());
            }
        }
        if let Some(routes) = &mut self.routes
            && (whole || routes.due.is_some_and(|due| due <= now))
        {
            routes.due = routes.due.map(|_| now + REPEAT);
            signal.relay_routes = Some(routes.bytes.clone());
        }
        signal.ack_relay_routes_revision = Some(self.peer_routes_revision).filter(|&revision| revision != 0);
        self.wanted = None;
        self.last_sent = Some(now);
    }

    /// Takes in what a signal of the peer acknowledges and carries (wire-p2p section 1.10, steps 1, 5 and 6).
    pub fn take(&mut self, now: Timestamp, signal: &Signal) -> Carried {
        let acknowledged = signal.ack_reliable_message.unwrap_or(0).min(self.acknowledged + self.queue.len() as u32);
        while self.acknowledged < acknowledged {
            self.queue.pop_front();
            self.acknowledged += 1;
        }
        if let (Some(routes), Some(revision)) = (&mut self.routes, signal.ack_relay_routes_revision)
            && revision == routes.revision
        {
            routes.due = None;
        }
        let mut carried = Carried { messages: Vec::new(), routes: signal.relay_routes.clone() };
        if let Some(first) = signal.first_reliable_message {
            self.want(now);
            // Behind a gap nothing counts: the peer repeats everything from the first that we lack.
            if first <= self.received.saturating_add(1) {
                let known = (self.received.saturating_add(1) - first) as usize;
                carried.messages.extend(signal.reliable_messages.iter().skip(known).cloned());
                self.received = self.received.saturating_add(carried.messages.len() as u32);
            }
        }
        carried
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::message::{IceAuth, IceRendezvous};

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_micros(ms * 1_000)
    }

    fn message(text: &str) -> ReliableMessage {
        let auth = IceAuth { pwd_frag: Some(text.into()) };
        ReliableMessage { ice: Some(IceRendezvous { add_candidate: None, auth: Some(auth) }) }
    }

    fn signal(signaling: &mut Signaling, now: Timestamp) -> Signal {
        let mut signal = Signal::default();
        signaling.fill(now, &mut signal);
        signal
    }

    #[test]
    fn what_happens_together_leaves_together_and_not_too_often() {
        let mut signaling = Signaling::default();
        assert_eq!(signaling.next(), None);
        signaling.want(at(0));
        signaling.want(at(5));
        assert_eq!(signaling.next(), Some(at(10)));
        signal(&mut signaling, at(10));
        assert_eq!(signaling.next(), None);
        signaling.want(at(20));
        assert_eq!(signaling.next(), Some(at(110)));
    }

    #[test]
    fn a_message_is_repeated_until_it_is_acknowledged() {
        let (mut ours, mut theirs) = (Signaling::default(), Signaling::default());
        assert!(ours.queue(at(0), message("a")) && ours.queue(at(0), message("b")));
        let lost = signal(&mut ours, at(10));
        assert_eq!((lost.first_reliable_message, lost.reliable_messages.len()), (Some(1), 2));
        assert_eq!(ours.next(), Some(at(1_010)));
        assert!(ours.queue(at(500), message("c")));
        // Only what is new, since the others may still arrive; behind the gap it counts for nothing.
        let early = signal(&mut ours, at(510));
        assert_eq!((early.first_reliable_message, early.reliable_messages.len()), (Some(3), 1));
        assert_eq!(theirs.take(at(520), &early).messages, []);
        let again = signal(&mut ours, at(1_010));
        assert_eq!(theirs.take(at(1_020), &again).messages, [message("a"), message("b"), message("c")]);
        assert_eq!(theirs.take(at(1_021), &again).messages, [], "a copy changes nothing");
        let acknowledgement = signal(&mut theirs, at(1_030));
        ours.take(at(1_040), &acknowledgement);
        assert_eq!(ours.next(), None);
    }

    #[test]
    fn routes_are_told_until_their_revision_is_acknowledged() {
        let mut ours = Signaling::default();
        ours.publish_routes(at(0), 2, Bytes::from_static(b"routes"));
        assert_eq!(signal(&mut ours, at(10)).relay_routes.as_deref(), Some(&b"routes"[..]));
        assert_eq!(ours.next(), Some(at(1_010)));
        ours.take(at(20), &Signal { ack_relay_routes_revision: Some(1), ..Signal::default() });
        assert_eq!(ours.next(), Some(at(1_010)), "an older revision");
        ours.take(at(30), &Signal { ack_relay_routes_revision: Some(2), ..Signal::default() });
        assert_eq!(ours.next(), None);
    }

    #[test]
    fn acknowledgements_of_what_was_never_sent_and_wild_numbers_change_nothing() {
        let mut ours = Signaling::default();
        assert!(ours.queue(at(0), message("a")));
        ours.take(at(0), &Signal { ack_reliable_message: Some(u32::MAX), ..Signal::default() });
        assert!(ours.queue(at(0), message("b")));
        assert_eq!(signal(&mut ours, at(10)).first_reliable_message, Some(2));
        for first in [0, u32::MAX] {
            let wild = Signal {
                first_reliable_message: Some(first),
                reliable_messages: vec![message("x")],
                ..Signal::default()
            };
            ours.take(at(20), &wild);
        }
        let full = (0..2 * QUEUE_MAX).filter(|_| ours.queue(at(30), message("c"))).count();
        assert_eq!(full, QUEUE_MAX - 1);
    }
}
