//! Everything a connection knows of itself, and what its peer has told: for humans.

use super::{Connection, Dropped, Status};
use crate::stats::{Lifetime, remote_quality};
use crate::time::Timestamp;
use crate::wire::messages::{ConnectionQuality, LinkInstantaneousStats, LinkLifetimeStats};

/// A connection's figures, in full.
#[derive(Clone, Debug)]
pub struct Report {
    /// Live figures; `max_jitter_micros` is that of the last complete interval of 5 s.
    pub status: Status,
    /// The last seconds, as the peer is told.
    pub instantaneous: LinkInstantaneousStats,
    /// The whole life.
    pub lifetime: Lifetime,
    /// What the peer told.
    pub peer: PeerReport,
    /// The protocol version of the peer; `None` outside a session.
    pub peer_version: Option<u32>,
    /// How long a packet may stay unanswered before what it carried is sent again, microseconds.
    pub retransmission_timeout_micros: u64,
    /// Datagrams that were dropped, by cause.
    pub dropped: Dropped,
    /// Microseconds since the connection was made.
    pub age_micros: u64,
}

/// The latest statistics of the peer, of either kind (spec sections 2.14 and 2.15).
#[derive(Clone, Debug, Default)]
pub struct PeerReport {
    /// Of the last seconds, and when they came.
    pub instantaneous: Option<(Timestamp, Box<LinkInstantaneousStats>)>,
    /// Of the whole life, and when they came.
    pub lifetime: Option<(Timestamp, Box<LinkLifetimeStats>)>,
}

impl PeerReport {
    pub(super) fn take(&mut self, now: Timestamp, told: &ConnectionQuality) {
        if let Some(instantaneous) = &told.instantaneous {
            self.instantaneous = Some((now, Box::new(instantaneous.clone())));
        }
        if let Some(lifetime) = &told.lifetime {
            self.lifetime = Some((now, Box::new(lifetime.clone())));
        }
    }

    /// How much of what we send arrives as it should, 0..=1.
    pub fn quality(&self) -> Option<f32> {
        remote_quality(&self.instantaneous.as_ref()?.1)
    }
}

impl Connection {
    /// Everything there is to know. Costs more than [`status`](Self::status) and changes nothing.
    pub fn report(&mut self, now: Timestamp) -> Report {
        let instantaneous = self.stats.instantaneous(now, self.ping.smoothed_ms());
        let session = self.session.as_deref();
        let peer = session.map(|session| session.peer_report.clone()).unwrap_or_default();
        let peer_version = session.map(|session| session.peer_version);
        Report {
            status: self.figures(now, instantaneous.peak_jitter_usec),
            instantaneous,
            lifetime: Lifetime::of(&mut self.stats, now),
            peer,
            peer_version,
            retransmission_timeout_micros: self.ping.retransmission_timeout().as_micros() as u64,
            dropped: self.dropped,
            age_micros: now.micros_since(self.created),
        }
    }
}
