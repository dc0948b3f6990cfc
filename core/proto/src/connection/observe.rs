//! Tells an observer what happens: packets one by one, everything else by comparing with what was told last.

use gamesockets_schema::ConnectionState;

use super::Connection;
use crate::time::Timestamp;
use crate::trace::{Metrics, Observer, PacketFate, TraceEvent};

/// An observer and what it knows.
pub(super) struct Watch {
    observer: Box<dyn Observer>,
    state: ConnectionState,
    metrics: Metrics,
    /// Of packets of a session that is gone.
    fates: Vec<PacketFate>,
}

impl Watch {
    pub(super) fn record(&mut self, now: Timestamp, event: TraceEvent) {
        self.observer.record(now, &event);
    }
}

impl Connection {
    /// From now on, this observer is told what happens.
    pub fn set_observer(&mut self, now: Timestamp, observer: Box<dyn Observer>) {
        if let Some(session) = self.session.as_deref_mut() {
            session.sent.record_fates();
        }
        self.watch = Some(Box::new(Watch {
            observer,
            state: ConnectionState::None,
            metrics: Metrics::default(),
            fates: Vec::new(),
        }));
        self.observe(now);
    }

    /// Whether an observer is told what happens.
    pub fn is_observed(&self) -> bool {
        self.watch.is_some()
    }

    /// A packet came or went.
    pub(super) fn observe_packet(&mut self, now: Timestamp, event: TraceEvent) {
        if let Some(watch) = &mut self.watch {
            watch.record(now, event);
        }
    }

    /// Something was done with the connection: tells what that changed.
    pub(super) fn observe(&mut self, now: Timestamp) {
        if self.watch.is_none() {
            return;
        }
        self.keep_fates();
        let metrics = self.metrics();
        let Some(watch) = &mut self.watch else { return };
        for PacketFate { number, arrived } in core::mem::take(&mut watch.fates) {
            let event =
                if arrived { TraceEvent::PacketAcknowledged { number } } else { TraceEvent::PacketLost { number } };
            watch.record(now, event);
        }
        // Without a session nothing is steered.
        if watch.metrics != metrics && self.session.is_some() {
            watch.metrics = metrics;
            watch.record(now, TraceEvent::Metrics(metrics));
        }
        if watch.state != self.state {
            let old = core::mem::replace(&mut watch.state, self.state);
            watch.record(now, TraceEvent::StateChanged { old, new: self.state });
        }
    }

    /// Keeps what became of packets, also when the session that knows it ends before anything is told.
    pub(super) fn keep_fates(&mut self) {
        if let Some(watch) = &mut self.watch
            && let Some(session) = self.session.as_deref_mut()
        {
            watch.fates.extend(session.sent.take_fates());
        }
    }

    fn metrics(&self) -> Metrics {
        let bytes = self.send_lanes.bytes();
        Metrics {
            ping_ms: self.ping.smoothed_ms(),
            send_rate: self.current_rate(),
            pending_reliable: bytes.reliable,
            pending_unreliable: bytes.unreliable,
            in_flight: bytes.in_flight,
            readable: self.queue.len(),
        }
    }
}
