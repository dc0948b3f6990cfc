//! What is measured: one load, by one peer, on one path. Orders to the children are these, as JSON.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Who does the work; the settings of each stand in its file in `peers/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PeerId {
    /// This project.
    Ours,
    /// Valve's library.
    Valve,
    /// QUIC; a reliable message is a piece of one stream.
    Quinn,
    /// The same, with the congestion control it has by default, on paths where the first has BBR.
    QuinnCubic,
    /// The same, with a stream for each message.
    QuinnStreams,
    /// renet 2 with netcode.
    Renet,
    /// ENet: no encryption.
    Enet,
}

/// The work of one measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Load {
    /// One connection sends as fast as it is let, and the server counts.
    Flood { len: usize, reliable: bool, nagle: bool },
    /// Each connection sends at a rate; the server tells when what was due when has come. With `both`, it also sends.
    Steady { connections: usize, hz: u32, len: usize, reliable: bool, both: bool },
    /// A reliable message goes there and back, and then the next.
    PingPong { len: usize },
    /// A connection is made and closed, and then the next.
    ConnectInTurn,
    /// So many are begun at once.
    ConnectAtOnce { connections: usize },
}

/// A path that is worse than loopback. Both directions have delay and loss; the way to the server has the bottleneck.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Path {
    /// Of a datagram that meets no queue, there and back.
    pub(crate) round_trip: Duration,
    /// Of a hundred datagrams, at random.
    pub(crate) loss_percent: f64,
    /// Bytes per second of the bottleneck, all headers counted.
    pub(crate) rate: u64,
    /// What waits before the bottleneck; more is dropped.
    pub(crate) queue_bytes: u64,
}

/// Everything a child has to know.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) peer: PeerId,
    pub(crate) load: Load,
    /// The path to the server, if it is not loopback as it is.
    pub(crate) path: Option<Path>,
    /// Largest UDP payload, for those that can choose.
    pub(crate) mtu: u16,
    /// Which of the peer's tunings; see [`crate::peers::Profile::tunings`].
    pub(crate) tuning: u64,
}

impl Load {
    /// How many connections the client has at a time.
    pub(crate) fn connections(self) -> usize {
        match self {
            Self::Steady { connections, .. } | Self::ConnectAtOnce { connections } => connections,
            Self::Flood { .. } | Self::PingPong { .. } | Self::ConnectInTurn => 1,
        }
    }
}

impl Job {
    /// Whether small messages may wait for company.
    pub(crate) fn nagle(&self) -> bool {
        matches!(self.load, Load::Flood { nagle: true, .. })
    }

    /// Whether the client sends as much as it can.
    pub(crate) fn is_flood(&self) -> bool {
        matches!(self.load, Load::Flood { .. })
    }
}
