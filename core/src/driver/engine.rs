//! What drives a connection: the protocol over UDP, or a pipe to the other end in this process. To everybody else, both
//! are one.

use std::net::SocketAddr;

use gamesockets_proto as proto;
use gamesockets_proto::stats::Lifetime;
use gamesockets_proto::{
    ConnectionConfig, Event, Identity, LaneConfigError, LaneStatus, Message, SendError, SendOptions, Status, Timestamp,
};
use gamesockets_schema::{ConnectionEnd, ConnectionState, ResultCode};

use super::pipe::PipeEnd;

/// The machine behind a connection.
#[expect(clippy::large_enum_variant, reason = "nearly every connection is UDP, and has it at hand")]
pub(crate) enum Engine {
    /// Packets through sockets.
    Udp(proto::Connection),
    /// Messages handed over in memory.
    Pipe(Box<PipeEnd>),
}

/// Calls the same method of either.
macro_rules! either {
    ($engine:expr, $end:ident => $call:expr) => {
        match $engine {
            Engine::Udp($end) => $call,
            Engine::Pipe($end) => $call,
        }
    };
}

impl Engine {
    pub(crate) fn send_with(&mut self, now: Timestamp, payload: &[u8], options: SendOptions) -> Result<u64, SendError> {
        either!(self, end => end.send_with(now, payload, options))
    }

    pub(crate) fn configure_lanes(
        &mut self,
        now: Timestamp,
        priorities: &[i32],
        weights: &[u16],
    ) -> Result<(), LaneConfigError> {
        match self {
            Self::Udp(connection) => connection.configure_lanes(now, priorities, weights),
            Self::Pipe(end) => end.configure_lanes(priorities, weights),
        }
    }

    pub(crate) fn lane_count(&self) -> u16 {
        either!(self, end => end.lane_count())
    }

    pub(crate) fn lane_status(&mut self, now: Timestamp, lane: u16) -> Option<LaneStatus> {
        match self {
            Self::Udp(connection) => connection.lane_status(now, lane),
            Self::Pipe(end) => end.lane_status(lane),
        }
    }

    pub(crate) fn flush(&mut self, now: Timestamp) -> Result<(), ResultCode> {
        match self {
            Self::Udp(connection) => connection.flush(now),
            Self::Pipe(end) => end.flush(),
        }
    }

    pub(crate) fn receive_many(&mut self, now: Timestamp, max: usize, each: impl FnMut(Message)) -> usize {
        match self {
            Self::Udp(connection) => connection.receive_many(now, max, each),
            Self::Pipe(end) => end.receive_many(max, each),
        }
    }

    pub(crate) fn close(&mut self, now: Timestamp, reason: i32, debug: &str, linger: bool) {
        match self {
            Self::Udp(connection) => connection.close(now, reason, debug, linger),
            // Everything is with the other end already: there is nothing to wait for.
            Self::Pipe(end) => end.close(reason, debug),
        }
    }

    /// See [`proto::Connection::accept`]; the end of a pipe is connected from the start.
    pub(crate) fn accept(&mut self, now: Timestamp) -> Result<(), ResultCode> {
        match self {
            Self::Udp(connection) => connection.accept(now),
            Self::Pipe(_) => Err(ResultCode::InvalidState),
        }
    }

    pub(crate) fn poll_event(&mut self) -> Option<Event> {
        either!(self, end => end.poll_event())
    }

    pub(crate) fn take_newly_readable(&mut self) -> usize {
        either!(self, end => end.take_newly_readable())
    }

    pub(crate) fn readable_messages(&self) -> usize {
        either!(self, end => end.readable_messages())
    }

    /// A pipe has no deadlines.
    pub(crate) fn poll_timeout(&self) -> Option<Timestamp> {
        self.udp().and_then(proto::Connection::poll_timeout)
    }

    pub(crate) fn state(&self) -> ConnectionState {
        either!(self, end => end.state())
    }

    pub(crate) fn end_reason(&self) -> ConnectionEnd {
        either!(self, end => end.end_reason())
    }

    pub(crate) fn end_debug(&self) -> &str {
        either!(self, end => end.end_debug())
    }

    pub(crate) fn local_connection_id(&self) -> u32 {
        either!(self, end => end.local_connection_id())
    }

    pub(crate) fn remote_identity(&self) -> Option<&Identity> {
        either!(self, end => end.remote_identity())
    }

    pub(crate) fn config(&self) -> &ConnectionConfig {
        either!(self, end => end.config())
    }

    pub(crate) fn set_config(&mut self, now: Timestamp, config: ConnectionConfig) {
        match self {
            Self::Udp(connection) => connection.set_config(now, config),
            Self::Pipe(end) => end.set_config(config),
        }
    }

    pub(crate) fn status(&mut self, now: Timestamp) -> Status {
        either!(self, end => end.status(now))
    }

    /// The figures of its whole life.
    pub(crate) fn lifetime(&mut self, now: Timestamp) -> Lifetime {
        match self {
            Self::Udp(connection) => connection.report(now).lifetime,
            Self::Pipe(end) => end.lifetime(now),
        }
    }

    /// Where the peer is; nowhere, when it is in this process, or was met through signals.
    pub(crate) fn remote_address(&self) -> Option<SocketAddr> {
        self.udp().filter(|connection| connection.meeting().is_none()).map(proto::Connection::remote_address)
    }

    /// The connection, if it is over UDP.
    pub(crate) const fn udp(&self) -> Option<&proto::Connection> {
        match self {
            Self::Udp(connection) => Some(connection),
            Self::Pipe(_) => None,
        }
    }

    /// The same, to change it.
    pub(crate) const fn udp_mut(&mut self) -> Option<&mut proto::Connection> {
        match self {
            Self::Udp(connection) => Some(connection),
            Self::Pipe(_) => None,
        }
    }

    /// The end of a pipe, if it is one.
    pub(crate) fn pipe_mut(&mut self) -> Option<&mut PipeEnd> {
        match self {
            Self::Udp(_) => None,
            Self::Pipe(end) => Some(end),
        }
    }
}
