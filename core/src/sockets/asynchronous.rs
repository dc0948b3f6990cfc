//! Connecting, accepting, sending and receiving as futures, for any executor: none is needed, and none is preferred.

use std::net::SocketAddr;

use gamesockets_proto::SendError;
use gamesockets_schema::{ConnectionState, SendFlags};

use super::waiting::until;
use super::{Sockets, invalid_connection, listening};
use crate::config::ConfigEntry;
use crate::driver::connection::ConnectionCell;
use crate::driver::listen::ListenCell;
use crate::error::Error;
use crate::handles::{Connection, ListenSocket};
use crate::message::ReceivedMessage;
use crate::topics::MessageSource;

impl Sockets {
    /// Connects to a peer that listens at this address; completes when messages can flow. When the future is dropped
    /// before, so is the connection.
    ///
    /// # Errors
    /// As [`Self::connect_by_ip_address`]; [`Error::ConnectFailed`] when the peer refuses or does not answer, with its
    /// reason or ours: there is no handle left to close.
    pub async fn connect(&self, address: SocketAddr, options: &[ConfigEntry]) -> Result<Connection, Error> {
        let begun = Begun { sockets: self, connection: self.connect_by_ip_address(address, options)? };
        self.connected(begun.connection).await.map_err(|error| match error {
            Error::ConnectionEnded { reason, debug } => Error::ConnectFailed { address, reason, debug },
            other => other,
        })?;
        Ok(begun.keep())
    }

    /// Accepts the next connection that comes in by a listen socket. It may be used at once: what is sent leaves when it
    /// is up, which [`Self::connected`] tells. A connection that somebody else accepts or closes meanwhile, as those who
    /// look at events do, is passed over.
    ///
    /// # Errors
    /// [`Error::InvalidHandle`], also when the listen socket is closed meanwhile.
    pub async fn accept(&self, socket: ListenSocket) -> Result<Connection, Error> {
        let cell = self.driver()?.listen_cell(socket).ok_or_else(|| listening::invalid(socket))?;
        until(&self.instance.driver.events.arrived, || self.poll_accept(&cell)).await
    }

    /// Completes when a connection is up; at once when it is.
    ///
    /// # Errors
    /// [`Error::InvalidHandle`], also when the handle is closed meanwhile; [`Error::ConnectionEnded`].
    pub async fn connected(&self, connection: Connection) -> Result<(), Error> {
        let cell = self.connection(connection)?;
        until(&cell.writable, || poll_connected(&cell)).await
    }

    /// Queues a message as [`Self::send_message_to_connection`] does, once there is room for it.
    ///
    /// # Errors
    /// The same, but for `BufferFull`.
    pub async fn send(&self, connection: Connection, payload: &[u8], flags: SendFlags) -> Result<u64, Error> {
        loop {
            match self.send_message_to_connection(connection, payload, flags) {
                Err(Error::Send(SendError::BufferFull { .. })) => self.writable(connection).await?,
                answer => return answer,
            }
        }
    }

    /// The next message of a connection or a poll group. When the future is dropped before, no message is lost.
    ///
    /// # Errors
    /// As [`Self::readable`].
    pub async fn receive(&self, source: impl Into<MessageSource>) -> Result<ReceivedMessage, Error> {
        let source = source.into();
        let mut messages = Vec::with_capacity(1);
        loop {
            match source {
                MessageSource::Connection(connection) => {
                    self.receive_messages_on_connection_into(connection, 1, &mut messages)?;
                }
                MessageSource::PollGroup(group) => {
                    self.receive_messages_on_poll_group_into(group, 1, &mut messages)?;
                }
            }
            if let Some(message) = messages.pop() {
                return Ok(message);
            }
            self.readable(source).await?;
        }
    }

    fn poll_accept(&self, cell: &ListenCell) -> Option<Result<Connection, Error>> {
        if self.instance.driver.listen_cell(cell.handle).is_none() {
            return Some(Err(listening::invalid(cell.handle)));
        }
        loop {
            let connection = cell.knocking.pop()?;
            match self.accept_connection(connection) {
                Ok(()) => return Some(Ok(connection)),
                Err(Error::HandshakeFailed { .. }) => {
                    // It has ended unseen: nobody else would close its handle.
                    let _ = self.close_connection(connection, 0, "", false);
                }
                // Gone, or accepted by somebody else.
                Err(_) => {}
            }
        }
    }
}

/// A connection that is closed unless it is kept.
struct Begun<'a> {
    sockets: &'a Sockets,
    connection: Connection,
}

impl Begun<'_> {
    fn keep(self) -> Connection {
        std::mem::ManuallyDrop::new(self).connection
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        // Somebody may have closed it by its event.
        let _ = self.sockets.close_connection(self.connection, 0, "", false);
    }
}

fn poll_connected(cell: &ConnectionCell) -> Option<Result<(), Error>> {
    let guarded = cell.lock();
    if cell.is_closed() {
        return Some(Err(invalid_connection(cell.handle())));
    }
    match guarded.engine.state() {
        ConnectionState::Connected => Some(Ok(())),
        ConnectionState::ClosedByPeer | ConnectionState::ProblemDetectedLocally => Some(Err(guarded.ended())),
        _ => None,
    }
}
