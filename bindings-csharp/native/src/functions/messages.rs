//! Sending and receiving.

use std::time::Duration;

use gamesockets::{Connection, ListenSocket, PollGroup, SendFlags, SendOptions};

use crate::arguments::{In, Out};
use crate::border::{Code, Failure, guard};
use crate::structs::{self, MessageBatch, OutgoingMessage};
use crate::{batches, instances};

/// Queues a message, which is copied. The number is written unless its pointer is null.
#[unsafe(no_mangle)]
#[doc(alias = "SendMessageToConnection")]
pub extern "C" fn gamesockets_send_message_to_connection(
    instance: u64,
    connection: u32,
    payload: In<u8>,
    size: usize,
    flags: i32,
    lane: u16,
    message_number: Out<i64>,
) -> Code {
    let options = SendOptions { lane, flags: SendFlags(flags), ..SendOptions::default() };
    send(instance, connection, payload, size, options, message_number)
}

/// As `gamesockets_send_message_to_connection`, with all there is to choose.
#[unsafe(no_mangle)]
pub extern "C" fn gamesockets_send_message_with_options(
    instance: u64,
    connection: u32,
    payload: In<u8>,
    size: usize,
    options: In<structs::SendOptions>,
    message_number: Out<i64>,
) -> Code {
    let options = match options.read("the options") {
        Ok(options) => options,
        Err(failure) => return guard(|| Err(failure)),
    };
    let options = SendOptions {
        lane: options.lane,
        flags: SendFlags(options.flags),
        deadline: (options.has_deadline != 0).then(|| Duration::from_micros(options.deadline_microseconds)),
        replace_key: (options.has_replace_key != 0).then_some(options.replace_key),
    };
    send(instance, connection, payload, size, options, message_number)
}

/// Queues many messages; writes one outcome for each: its number, a negative result code, or 0 when not tried.
#[unsafe(no_mangle)]
#[doc(alias = "SendMessages")]
pub extern "C" fn gamesockets_send_messages(
    instance: u64,
    messages: In<OutgoingMessage>,
    count: usize,
    outcomes: Out<i64>,
) -> Code {
    guard(|| {
        let messages = messages.slice(count, "the messages")?;
        let outcomes = if count > 0 { outcomes.check("the outcomes")? } else { outcomes };
        let message = |message: &OutgoingMessage| {
            let payload = message.payload()?;
            let connection = Connection::from_raw(message.connection);
            let flags = SendFlags(message.flags);
            Ok::<_, Failure>(gamesockets::OutgoingMessage { connection, payload, lane: message.lane, flags })
        };
        let messages = messages.iter().map(message).collect::<Result<Vec<_>, _>>()?;
        let found = instances::get(instance)?.send_messages(messages);
        let values: Vec<i64> = found.iter().map(gamesockets::SendOutcome::value).collect();
        outcomes.fill(count, &values, "the outcomes")
    })
}

/// Sends what is held back.
#[unsafe(no_mangle)]
#[doc(alias = "FlushMessagesOnConnection")]
pub extern "C" fn gamesockets_flush_messages_on_connection(instance: u64, connection: u32) -> Code {
    guard(|| Ok(instances::get(instance)?.flush_messages_on_connection(Connection::from_raw(connection))?))
}

/// Takes up to `max` messages of a connection.
#[unsafe(no_mangle)]
#[doc(alias = "ReceiveMessagesOnConnection")]
pub extern "C" fn gamesockets_receive_messages_on_connection(
    instance: u64,
    connection: u32,
    max: usize,
    batch: Out<MessageBatch>,
) -> Code {
    guard(|| {
        let batch = batch.check("the batch")?;
        let sockets = instances::get(instance)?;
        let connection = Connection::from_raw(connection);
        let received =
            batches::receive(|messages| sockets.receive_messages_on_connection_into(connection, max, messages))?;
        batch.write(received, "the batch")
    })
}

/// Takes up to `max` messages of the connections of a poll group.
#[unsafe(no_mangle)]
#[doc(alias = "ReceiveMessagesOnPollGroup")]
pub extern "C" fn gamesockets_receive_messages_on_poll_group(
    instance: u64,
    poll_group: u32,
    max: usize,
    batch: Out<MessageBatch>,
) -> Code {
    guard(|| {
        let batch = batch.check("the batch")?;
        let sockets = instances::get(instance)?;
        let group = PollGroup::from_raw(poll_group);
        let received = batches::receive(|messages| sockets.receive_messages_on_poll_group_into(group, max, messages))?;
        batch.write(received, "the batch")
    })
}

/// Takes up to `max` messages of the connections that came in by a listen socket.
#[unsafe(no_mangle)]
#[doc(alias = "ReceiveMessagesOnListenSocket")]
pub extern "C" fn gamesockets_receive_messages_on_listen_socket(
    instance: u64,
    socket: u32,
    max: usize,
    batch: Out<MessageBatch>,
) -> Code {
    guard(|| {
        let batch = batch.check("the batch")?;
        let sockets = instances::get(instance)?;
        let received = batches::receive(|messages| {
            *messages = sockets.receive_messages_on_listen_socket(ListenSocket::from_raw(socket), max)?;
            Ok(messages.len())
        })?;
        batch.write(received, "the batch")
    })
}

/// Frees the messages of a batch, from any thread.
#[unsafe(no_mangle)]
pub extern "C" fn gamesockets_release_messages(batch: u64) -> Code {
    guard(|| batches::release(batch))
}

fn send(
    instance: u64,
    connection: u32,
    payload: In<u8>,
    size: usize,
    options: SendOptions,
    message_number: Out<i64>,
) -> Code {
    guard(|| {
        let payload = payload.slice(size, "the payload")?;
        let connection = Connection::from_raw(connection);
        let number = instances::get(instance)?.send_message_with_options(connection, payload, options)?;
        message_number.write_if_wanted(number as i64);
        Ok(())
    })
}
