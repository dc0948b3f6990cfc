//! Sending and receiving on one connection.

use std::sync::Arc;

use gamesockets_proto::{SendError, SendOptions, Timestamp};
use gamesockets_schema::{ResultCode, SendFlags};

use super::{Sockets, listening};
use crate::driver::connection::{ConnectionCell, Guarded};
use crate::error::Error;
use crate::handles::{Connection, ListenSocket};
use crate::info;
use crate::message::{OutgoingMessage, ReceivedMessage, SendOutcome};

impl Sockets {
    /// Queues a message, and sends at once what may leave at once. Answers the message number. Never waits. Before the
    /// connection is up, messages wait for it, those with `NO_DELAY` excepted. An unreliable message of more than 16,500
    /// bytes is sent reliably.
    ///
    /// # Errors
    /// [`Error::InvalidHandle`]; [`Error::Send`] with `TooLarge`, `NotConnectedYet` (flag `NO_DELAY`), `Closed`,
    /// `InvalidState`, `ExceedsBuffer`, or `BufferFull`: then wait for [`Event::ConnectionWritable`](crate::Event::ConnectionWritable) or
    /// with [`Self::wait_writable`].
    #[doc(alias = "SendMessageToConnection")]
    pub fn send_message_to_connection(
        &self,
        connection: Connection,
        payload: &[u8],
        flags: SendFlags,
    ) -> Result<u64, Error> {
        self.send_message(OutgoingMessage { connection, payload, lane: 0, flags })
    }

    /// As [`Self::send_message_to_connection`], on any lane.
    ///
    /// # Errors
    /// The same, and `NoSuchLane`.
    pub fn send_message(&self, message: OutgoingMessage<'_>) -> Result<u64, Error> {
        self.send_message_with_options(message.connection, message.payload, options(&message))
    }

    /// As [`Self::send_message_to_connection`], with everything that can be said about a message: its lane, and for
    /// unreliable messages a deadline and a key by which it replaces one that waits.
    ///
    /// # Errors
    /// The same, `NoSuchLane`, and `MustBeUnreliable`.
    pub fn send_message_with_options(
        &self,
        connection: Connection,
        payload: &[u8],
        options: SendOptions,
    ) -> Result<u64, Error> {
        let cell = self.connection(connection)?;
        let driver = &self.instance.driver;
        let now = driver.now();
        let mut guarded = cell.lock();
        let result = queue(&mut guarded, now, payload, options);
        cell.settle(driver, now, guarded);
        result
    }

    /// Queues many messages. After the first failure on a connection, later ones for it are not tried
    /// (spec section 11.1). The outcomes are in the order of the messages.
    #[doc(alias = "SendMessages")]
    pub fn send_messages<'a>(&self, messages: impl IntoIterator<Item = OutgoingMessage<'a>>) -> Vec<SendOutcome> {
        let mut messages = messages.into_iter().peekable();
        let mut outcomes = Vec::with_capacity(messages.size_hint().0);
        let mut failed = Vec::new();
        while let Some(first) = messages.next() {
            let connection = first.connection;
            let cell = match self.connection(connection) {
                _ if failed.contains(&connection) => {
                    outcomes.push(SendOutcome::NotAttempted);
                    continue;
                }
                Err(error) => {
                    outcomes.push(SendOutcome::Failed(error.into()));
                    continue;
                }
                Ok(cell) => cell,
            };
            let now = self.instance.driver.now();
            let mut guarded = cell.lock();
            let mut next = Some(first);
            while let Some(message) = next {
                outcomes.push(match queue(&mut guarded, now, message.payload, options(&message)) {
                    Ok(number) => SendOutcome::Queued(number),
                    Err(error) => {
                        failed.push(connection);
                        SendOutcome::Failed(error.into())
                    }
                });
                let in_a_row =
                    |next: &OutgoingMessage<'_>| next.connection == connection && !failed.contains(&connection);
                next = messages.next_if(in_a_row);
            }
            cell.settle(&self.instance.driver, now, guarded);
        }
        outcomes
    }

    /// Sends what is held back in the hope of company (Nagle).
    ///
    /// # Errors
    /// [`Error::InvalidHandle`], [`Error::NotConnectedYet`], [`Error::ConnectionEnded`], [`Error::WrongState`].
    #[doc(alias = "FlushMessagesOnConnection")]
    pub fn flush_messages_on_connection(&self, connection: Connection) -> Result<(), Error> {
        let cell = self.connection(connection)?;
        let driver = &self.instance.driver;
        let now = driver.now();
        let mut guarded = cell.lock();
        let result = guarded.engine.flush(now).map_err(|code| match code {
            ResultCode::Ignored => Error::NotConnectedYet,
            ResultCode::NoConnection => guarded.ended(),
            _ => Error::WrongState { state: info::visible(guarded.engine.state()) },
        });
        cell.settle(driver, now, guarded);
        result
    }

    /// Takes up to `max` messages that have arrived. Those of a connection that has ended stay readable until its handle
    /// is closed.
    ///
    /// # Errors
    /// [`Error::InvalidHandle`].
    #[doc(alias = "ReceiveMessagesOnConnection")]
    pub fn receive_messages_on_connection(
        &self,
        connection: Connection,
        max: usize,
    ) -> Result<Vec<ReceivedMessage>, Error> {
        let mut messages = Vec::new();
        self.receive_messages_on_connection_into(connection, max, &mut messages)?;
        Ok(messages)
    }

    /// As [`Self::receive_messages_on_connection`], appended to a vector that may be used again and again. Answers how
    /// many there were.
    ///
    /// # Errors
    /// [`Error::InvalidHandle`].
    pub fn receive_messages_on_connection_into(
        &self,
        connection: Connection,
        max: usize,
        messages: &mut Vec<ReceivedMessage>,
    ) -> Result<usize, Error> {
        let before = messages.len();
        self.connection(connection)?.receive(&self.instance.driver, max, messages);
        Ok(messages.len() - before)
    }

    /// Takes up to `max` messages that have arrived on connections accepted through this listen socket, connection by
    /// connection. The older way: a poll group keeps the order of arrival, can be waited for, and costs less.
    ///
    /// # Errors
    /// [`Error::InvalidHandle`].
    #[doc(alias = "ReceiveMessagesOnListenSocket")]
    pub fn receive_messages_on_listen_socket(
        &self,
        socket: ListenSocket,
        max: usize,
    ) -> Result<Vec<ReceivedMessage>, Error> {
        let driver = self.driver()?;
        driver.listen_cell(socket).ok_or_else(|| listening::invalid(socket))?;
        let came_in = |cell: &&Arc<ConnectionCell>| cell.listen_socket() == Some(socket);
        let cells: Vec<_> = driver.tables.read().connections.values().filter(came_in).cloned().collect();
        // First an equal share for each, lest one that is busy keep the others from being heard.
        let share = max.div_ceil(cells.len().max(1));
        let mut messages = Vec::new();
        for limit in [share, max] {
            for cell in &cells {
                cell.receive(driver, limit.min(max - messages.len()), &mut messages);
            }
        }
        Ok(messages)
    }
}

fn options(message: &OutgoingMessage<'_>) -> SendOptions {
    SendOptions { lane: message.lane, flags: message.flags, ..SendOptions::default() }
}

fn queue(guarded: &mut Guarded, now: Timestamp, payload: &[u8], options: SendOptions) -> Result<u64, Error> {
    let result = guarded.engine.send_with(now, payload, options);
    if matches!(result, Err(SendError::BufferFull { .. })) {
        guarded.send_refused = true;
    }
    Ok(result?)
}
