//! How a connection ends (spec section 10).
//!
//! ```text
//! Connecting --proved-----> Connected            Connecting, Connected:
//!                             |   |                 timeout, violation --> ProblemDetectedLocally
//!              close(linger)  |   | close           peer closes         --> ClosedByPeer
//!                             v   v
//!                       Linger--> FinWait --5 s--> Dead
//!                    delivered,      ^
//!                    timeout,        |
//!                    LingerTime      +-- close, from ProblemDetectedLocally and ClosedByPeer
//! ```
//!
//! Connecting, once accepted, lingers like Connected.
//!
//! FinWait is there to tell a peer that has not heard. An outgoing connection whose peer has confirmed the end, or was
//! the one to close, has nobody to tell, and is dead at once. An incoming one stays: as long as its client's address is
//! taken, a late copy of the ConnectRequest does not begin it anew.

use core::time::Duration;

use gamesockets_schema::{ConnectionEnd, ConnectionState};

use super::session::{self, Session, final_limits};
use super::{Connection, Event};
use crate::printable::printable;
use crate::time::Timestamp;
use crate::wire::control::{ControlPacket, MAX_DEBUG_TEXT};
use crate::wire::messages::{ConnectionClosed, NoConnection};

/// How long a closed connection answers stragglers.
const FIN_WAIT: Duration = Duration::from_secs(5);
/// Answers to stray packets are at least this far apart.
const STRAY_ANSWER_SPACING: Duration = Duration::from_millis(250);

impl Connection {
    pub(super) fn close_by_application(&mut self, now: Timestamp, reason: i32, debug: &str, linger: bool) {
        self.queue.clear();
        self.stalled = None;
        match self.state {
            ConnectionState::Connecting | ConnectionState::FindingRoute if self.session.is_none() => {
                (self.end_reason, self.end_debug) = application_end(reason, debug);
                self.finish(now, Goodbye::ConnectionClosed);
            }
            ConnectionState::Connecting | ConnectionState::FindingRoute | ConnectionState::Connected => {
                (self.end_reason, self.end_debug) = application_end(reason, debug);
                if linger && !self.send_lanes.is_delivered() {
                    // What Nagle holds back has no reason to wait any more.
                    self.nagle_due = self.nagle_due.map(|_| now);
                    self.queue.lift_window();
                    self.linger_until = Some(now + self.config.linger_time);
                    self.set_state(ConnectionState::Linger);
                } else {
                    self.finish(now, Goodbye::ConnectionClosed);
                }
            }
            ConnectionState::ProblemDetectedLocally => self.finish(now, Goodbye::ConnectionClosed),
            ConnectionState::ClosedByPeer => self.finish(now, Goodbye::NoConnection),
            ConnectionState::None | ConnectionState::FinWait | ConnectionState::Linger | ConnectionState::Dead => {}
        }
    }

    /// A timeout or an error of the peer: the connection is over.
    pub(super) fn fail(&mut self, now: Timestamp, end: ConnectionEnd, text: &str) {
        match self.state {
            ConnectionState::Connecting | ConnectionState::FindingRoute | ConnectionState::Connected => {
                self.set_end(end, text.to_owned());
                self.say_closed();
                self.keep_stalled(now);
                self.drop_outgoing();
                self.set_state(ConnectionState::ProblemDetectedLocally);
            }
            ConnectionState::Linger => {
                self.set_end(end, text.to_owned());
                self.finish(now, Goodbye::ConnectionClosed);
            }
            _ => {}
        }
    }

    /// A lingering connection has delivered everything.
    pub(super) fn finish_linger(&mut self, now: Timestamp) {
        if self.state == ConnectionState::Linger && self.send_lanes.is_delivered() {
            self.finish(now, Goodbye::ConnectionClosed);
        }
    }

    /// A lingering connection has had its time, whatever the peer has acknowledged.
    pub(super) fn expire_linger(&mut self, now: Timestamp) {
        if self.state == ConnectionState::Linger && self.linger_until.is_some_and(|at| at <= now) {
            tracing::info!(target: "gamesockets::connection", id = self.local_id, "ended with messages undelivered");
            self.finish(now, Goodbye::ConnectionClosed);
        }
    }

    /// The peer says that it closed the connection (spec section 10.3).
    pub(super) fn take_connection_closed(&mut self, now: Timestamp, closed: &ConnectionClosed) {
        let to = closed.to_connection_id.unwrap_or(0);
        let from = closed.from_connection_id.unwrap_or(0);
        let matches = to == self.local_id || (to == 0 && from != 0 && from == self.remote_id);
        if !matches {
            if self.may_answer_stray(now) {
                self.push_control(no_connection(closed.to_connection_id, closed.from_connection_id));
            }
            return;
        }
        self.push_control(no_connection(closed.to_connection_id, closed.from_connection_id));
        self.peer_knows_end = true;
        let end = ConnectionEnd(closed.reason_code.unwrap_or(0) as i32);
        let debug = closed.debug.as_deref().unwrap_or_default();
        let text = printable(&String::from_utf8_lossy(&debug[..debug.len().min(MAX_DEBUG_TEXT)]), MAX_DEBUG_TEXT);
        let text = if text.trim().is_empty() { text_of_closed(end).to_owned() } else { text };
        self.closed_by_peer(now, end, text);
    }

    /// The peer says that it knows nothing of the connection (spec section 10.3).
    pub(super) fn take_no_connection(&mut self, now: Timestamp, message: &NoConnection) {
        let matches = message.to_connection_id.unwrap_or(0) == self.local_id
            && message.from_connection_id.unwrap_or(0) == self.remote_id;
        if matches {
            // Without an id of the peer's, our ConnectRequest may yet arrive, behind this, and be answered.
            self.peer_knows_end |= self.remote_id != 0;
            self.closed_by_peer(now, ConnectionEnd::MISC_PEER_SENT_NO_CONNECTION, "Received NoConnection".to_owned());
        } else {
            self.dropped.wrong_connection += 1;
        }
    }

    /// A packet for a connection that is over: the peer has not heard (spec section 10.4).
    pub(super) fn answer_straggler(&mut self, now: Timestamp) {
        let is_over = matches!(
            self.state,
            ConnectionState::FinWait | ConnectionState::ProblemDetectedLocally | ConnectionState::ClosedByPeer
        );
        if is_over && self.may_answer_stray(now) {
            if self.peer_closed {
                self.push_control(no_connection(Some(self.local_id), Some(self.remote_id)));
            } else {
                self.say_closed();
            }
        }
    }

    /// Whether another answer to a stray packet may leave: they are limited, lest they can be provoked at will.
    pub(super) fn may_answer_stray(&mut self, now: Timestamp) -> bool {
        let may = self.last_stray_answer.is_none_or(|at| now.since(at) >= STRAY_ANSWER_SPACING);
        if may {
            self.last_stray_answer = Some(now);
        }
        may
    }

    /// The client has begun anew from the same address (see [`crate::Endpoint::insert`]): nobody is there any more who could
    /// be told.
    pub fn give_way(&mut self, now: Timestamp) {
        self.peer_knows_end = true;
        self.fail(now, ConnectionEnd::MISC_REPLACED, "The client has connected anew from the same address");
        self.control.clear();
        self.observe(now);
    }

    /// Ends FinWait before its time, for want of room: the next [`handle_timeout`](Self::handle_timeout) is its last. A
    /// peer that has not heard of the end finds out by its own timeout.
    pub fn cut_fin_wait(&mut self, now: Timestamp) {
        self.fin_wait_until = self.fin_wait_until.map(|until| until.min(now));
    }

    /// FinWait is over.
    pub(super) fn expire_fin_wait(&mut self, now: Timestamp) {
        if self.state == ConnectionState::FinWait && self.fin_wait_until.is_some_and(|at| at <= now) {
            self.set_state(ConnectionState::Dead);
        }
    }

    pub(super) fn set_state(&mut self, new: ConnectionState) {
        let old = core::mem::replace(&mut self.state, new);
        if old != new {
            tracing::debug!(target: "gamesockets::connection", id = self.local_id, ?old, ?new, "changed its state");
            self.events.push_back(Event::StateChanged { old, new });
        }
    }

    pub(super) fn closed_by_peer(&mut self, now: Timestamp, end: ConnectionEnd, text: String) {
        match self.state {
            ConnectionState::Connecting | ConnectionState::FindingRoute | ConnectionState::Connected => {
                self.set_end(end, text);
                self.peer_closed = true;
                self.keep_stalled(now);
                self.drop_outgoing();
                self.set_state(ConnectionState::ClosedByPeer);
            }
            ConnectionState::Linger => self.finish(now, Goodbye::ConnectionClosed),
            ConnectionState::FinWait => self.cut_needless_fin_wait(now),
            _ => {}
        }
    }

    /// The last act: say so once, then answer stragglers for a while.
    fn finish(&mut self, now: Timestamp, goodbye: Goodbye) {
        match goodbye {
            Goodbye::ConnectionClosed => self.say_closed(),
            Goodbye::NoConnection => {
                self.push_control(no_connection(Some(self.local_id), Some(self.remote_id)));
            }
        }
        self.drop_outgoing();
        self.fin_wait_until = Some(now + FIN_WAIT);
        self.set_state(ConnectionState::FinWait);
        self.cut_needless_fin_wait(now);
    }

    /// Nobody has to be told any more, and nothing can begin it anew.
    fn cut_needless_fin_wait(&mut self, now: Timestamp) {
        if self.peer_knows_end && !self.is_incoming() {
            self.cut_fin_wait(now);
        }
    }

    /// By a packet, or by a signal where there is no route yet.
    fn say_closed(&mut self) {
        if self.end_reason == ConnectionEnd::MISC_REPLACED {
            return;
        }
        if self.rendezvous.is_some()
            && matches!(self.state, ConnectionState::Connecting | ConnectionState::FindingRoute)
        {
            return self.signal_end();
        }
        let packet = ConnectionClosed {
            debug: Some(self.end_debug.clone().into()),
            reason_code: Some(self.end_reason.0 as u32),
            to_connection_id: (self.remote_id != 0).then_some(self.remote_id),
            from_connection_id: Some(self.local_id),
        };
        self.push_control(ControlPacket::ConnectionClosed(packet));
    }

    /// What was acknowledged is delivered: messages that only a full queue held back go on becoming readable as others are
    /// read. Not all at once: tiny ones take far more memory as messages than they do as parts of a stream.
    fn keep_stalled(&mut self, now: Timestamp) {
        self.stalled = self.session.as_deref_mut().and_then(Session::take_stalled);
        self.pump_stalled(now);
    }

    /// There may be room for messages that were held back when the connection ended.
    pub(super) fn pump_stalled(&mut self, now: Timestamp) {
        if let Some(stalled) = self.stalled.as_deref_mut()
            && (session::pump(stalled, now, final_limits(&self.config), &mut self.queue).is_err()
                || !stalled.is_stalled())
        {
            // A peer that broke the protocol behind the messages that count does not matter any more.
            self.stalled = None;
        }
    }

    /// Nothing more will be delivered: frees what waits to be sent, and the keys.
    fn drop_outgoing(&mut self) {
        self.send_lanes.clear();
        self.nagle_due = None;
        self.keep_fates();
        self.session = None;
    }

    fn set_end(&mut self, end: ConnectionEnd, text: String) {
        tracing::info!(
            target: "gamesockets::connection",
            id = self.local_id,
            remote = %self.remote,
            reason = end.0,
            text,
            "ended"
        );
        self.end_reason = end;
        self.end_debug = bounded(text);
    }
}

enum Goodbye {
    ConnectionClosed,
    NoConnection,
}

/// The answer to a packet `to` us `from` the peer: both ids echoed, swapped. A missing id stays missing.
fn no_connection(to: Option<u32>, from: Option<u32>) -> ControlPacket {
    let known = |id: Option<u32>| id.filter(|&id| id != 0);
    ControlPacket::NoConnection(NoConnection { from_connection_id: known(to), to_connection_id: known(from) })
}

/// What becomes of the reason and the text that an application closes with: 0 stands for 1000, anything outside
/// 1000..=2999 for 1999; an empty text gets a standard one, a long one is cut to 127 bytes.
pub fn application_end(reason: i32, debug: &str) -> (ConnectionEnd, String) {
    let end = match reason {
        0 => ConnectionEnd::APP_GENERIC,
        1_000..=2_999 => ConnectionEnd(reason),
        _ => ConnectionEnd::APP_MAX,
    };
    (end, bounded(application_text(reason, debug)))
}

fn application_text(reason: i32, debug: &str) -> String {
    match reason {
        0 | 1_000..=2_999 if !debug.is_empty() => debug.to_owned(),
        0 | 1_000..2_000 => "Application closed connection".to_owned(),
        2_000..=2_999 => "Application closed connection in an unusual way".to_owned(),
        _ => "Invalid numeric reason code".to_owned(),
    }
}

/// What happened when a peer says that it has closed the connection, and not why. Peers of ours always say something.
const fn text_of_closed(end: ConnectionEnd) -> &'static str {
    match end.0 {
        0 => "The peer closed the connection, without a reason or a text",
        1_000..2_000 => "The peer's application closed the connection, without a text",
        2_000..3_000 => "The peer's application closed the connection in an unusual way, without a text",
        _ => "The peer's end of the connection failed, without a text",
    }
}

fn bounded(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(MAX_DEBUG_TEXT));
    text
}
