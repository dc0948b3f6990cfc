//! What happens on a connection, told to whoever watches: the events of a trace, named as in qlog
//! (draft-ietf-quic-qlog-main-schema) as far as they go together.
//!
//! The engine tells an [`Observer`] when it has one. Without one, each place costs a look at an `Option`.

use crate::time::Timestamp;
use gamesockets_schema::ConnectionState;

/// Who is told.
pub trait Observer: Send {
    /// Something happened. Called in the order in which it did; must not block.
    fn record(&mut self, at: Timestamp, event: &TraceEvent);
}

/// Something that happened on a connection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TraceEvent {
    /// A data packet left.
    PacketSent {
        /// Its number.
        number: u64,
        /// UDP payload, bytes.
        size: usize,
    },
    /// A data packet arrived and was taken in.
    PacketReceived {
        /// Its number.
        number: u64,
        /// UDP payload, bytes.
        size: usize,
    },
    /// A packet of the handshake, or a goodbye, left.
    ControlSent {
        /// UDP payload, bytes.
        size: usize,
    },
    /// A packet of the handshake, or a goodbye, arrived.
    ControlReceived {
        /// UDP payload, bytes.
        size: usize,
    },
    /// A datagram arrived and was dropped.
    PacketDropped {
        /// UDP payload, bytes.
        size: usize,
    },
    /// The peer has a packet of ours.
    PacketAcknowledged {
        /// Its number.
        number: u64,
    },
    /// A packet of ours is taken for lost: what it carried is sent again.
    PacketLost {
        /// Its number.
        number: u64,
    },
    /// What the engine steers by has changed.
    Metrics(Metrics),
    /// The connection is in another state.
    StateChanged {
        /// Before.
        old: ConnectionState,
        /// Now.
        new: ConnectionState,
    },
}

/// What the engine steers by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    /// The smoothed round trip, milliseconds.
    pub ping_ms: Option<u32>,
    /// Bytes per second we may send.
    pub send_rate: u32,
    /// Bytes of reliable messages not sent yet, or to be sent again.
    pub pending_reliable: usize,
    /// Bytes of unreliable messages not sent yet.
    pub pending_unreliable: usize,
    /// Bytes of reliable messages sent and not acknowledged.
    pub in_flight: usize,
    /// Messages that wait to be read.
    pub readable: usize,
}

/// What became of a packet of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketFate {
    /// Its number.
    pub number: u64,
    /// The peer has it; otherwise it is lost.
    pub arrived: bool,
}
