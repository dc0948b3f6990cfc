//! Sending and receiving.

use gamesockets::schema::records::SendAnswer;
use gamesockets::{
    Connection, Error, ListenSocket, OutgoingMessage, PollGroup, ReceivedMessage, ResultCode, SendFlags,
};
use godot::prelude::*;
use serde::{Serialize, Serializer};

use crate::steam::Steam;
use crate::variant::KeyCache;

/// A received message, with the keys of the schema's `MessageRecord`.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct MessageFields<'m> {
    payload: Payload<'m>,
    size: usize,
    connection: u32,
    identity: u64,
    receiver_user_data: i64,
    time_received: u64,
    message_number: u64,
    flags: SendFlags,
    lane: u16,
}

impl<'m> MessageFields<'m> {
    pub(crate) fn of(message: &'m ReceivedMessage) -> Self {
        Self {
            payload: Payload(&message.payload),
            size: message.payload.len(),
            connection: message.connection.raw(),
            identity: message.identity.steam_id().unwrap_or(0),
            receiver_user_data: message.user_data,
            time_received: message.time_received,
            message_number: message.message_number,
            flags: message.flags,
            lane: message.lane,
        }
    }

    /// Whether it differs only in what [`Self::changed`] sets.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        (self.size, self.connection, self.identity, self.receiver_user_data, self.flags, self.lane)
            == (other.size, other.connection, other.identity, other.receiver_user_data, other.flags, other.lane)
    }

    /// The dictionary of a message that this one is like, as that of this one. Most of a thousand messages are like the
    /// one before, and it is cheaper to copy a dictionary than to set all of its values.
    pub(crate) fn changed(&self, dictionary: &VarDictionary, keys: &KeyCache) -> VarDictionary {
        let mut dictionary = dictionary.duplicate_shallow();
        keys.set(&mut dictionary, "payload", PackedByteArray::from(self.payload.0).to_variant());
        keys.set(&mut dictionary, "time_received", self.time_received.cast_signed().to_variant());
        keys.set(&mut dictionary, "message_number", self.message_number.cast_signed().to_variant());
        dictionary
    }
}

#[derive(Clone, Copy)]
struct Payload<'m>(&'m [u8]);

impl Serialize for Payload<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

pub(in crate::steam) fn send_message_to_connection(
    steam: &Steam,
    connection: u32,
    message: PackedByteArray,
    flags: i64,
) -> SendAnswer {
    send_on_lane(steam, "sendMessageToConnection", connection, &message, flags, 0)
}

/// As [`send_message_to_connection`], on any lane.
pub(in crate::steam) fn send_on_lane(
    steam: &Steam,
    name: &str,
    connection: u32,
    message: &PackedByteArray,
    flags: i64,
    lane: u16,
) -> SendAnswer {
    let refused = |result| SendAnswer { result, message_number: -1 };
    let Some(flags) = send_flags(steam, name, flags) else { return refused(ResultCode::InvalidParam) };
    let Some(sockets) = steam.sockets() else { return refused(ResultCode::InvalidParam) };
    let handle = Connection::from_raw(connection);
    let outgoing = OutgoingMessage { connection: handle, payload: message.as_slice(), lane, flags };
    match sockets.send_message(outgoing) {
        Ok(number) => SendAnswer { result: ResultCode::Ok, message_number: number.cast_signed() },
        Err(error) => {
            refusal(steam, name, connection, &error);
            refused(error.code())
        }
    }
}

pub(in crate::steam) fn send_messages(
    steam: &Steam,
    connection: Variant,
    messages: Variant,
    flags: i64,
) -> PackedInt64Array {
    const NAME: &str = "sendMessages";
    // Older versions: (messages, connection_handle, flags).
    let is_older = connection.get_type() == VariantType::ARRAY;
    let (connection, messages) = if is_older { (messages, connection) } else { (connection, messages) };
    let (Ok(handle), Ok(messages)) = (connection.try_to_relaxed::<i64>(), messages.try_to::<AnyArray>()) else {
        steam
            .watch
            .warn_once(&format!("{NAME}: give the handle of a connection, an array of PackedByteArray, and flags"));
        return PackedInt64Array::new();
    };
    let payloads: Vec<Option<PackedByteArray>> = messages.iter_shared().map(|message| bytes(&message)).collect();
    let invalid = -i64::from(ResultCode::InvalidParam.value());
    let failed_from_the_start = |count: usize| (0..count).map(|index| if index == 0 { invalid } else { 0 }).collect();
    let (Some(flags), Some(sockets)) = (send_flags(steam, NAME, flags), steam.sockets()) else {
        return failed_from_the_start(payloads.len());
    };
    let raw = u32::try_from(handle).unwrap_or(0);
    let connection = Connection::from_raw(raw);
    let good = payloads.iter().map_while(|payload| {
        Some(OutgoingMessage { connection, payload: payload.as_ref()?.as_slice(), lane: 0, flags })
    });
    let outcomes = sockets.send_messages(good);
    for outcome in &outcomes {
        if let gamesockets::SendOutcome::Failed(error) = outcome {
            refusal(steam, NAME, raw, error);
        }
    }
    let mut numbers: Vec<i64> = outcomes.iter().map(gamesockets::SendOutcome::value).collect();
    if numbers.len() < payloads.len() {
        steam.watch.warn_once(&format!("{NAME}: message {} is no PackedByteArray", numbers.len()));
        let has_failed = numbers.iter().any(|number| *number <= 0);
        numbers.push(if has_failed { 0 } else { invalid });
        numbers.resize(payloads.len(), 0);
    }
    numbers.into_iter().collect()
}

pub(in crate::steam) fn flush_messages_on_connection(steam: &Steam, connection: u32) -> ResultCode {
    steam.code("flushMessagesOnConnection", ResultCode::InvalidParam, |sockets| {
        sockets.flush_messages_on_connection(Connection::from_raw(connection))
    })
}

pub(in crate::steam) fn receive_messages_on_connection(
    steam: &Steam,
    connection: u32,
    max_messages: u32,
) -> Vec<ReceivedMessage> {
    let (connection, max) = (Connection::from_raw(connection), max_messages as usize);
    let messages =
        steam.ask("receiveMessagesOnConnection", |sockets| sockets.receive_messages_on_connection(connection, max));
    messages.unwrap_or_default()
}

pub(in crate::steam) fn receive_messages_on_poll_group(
    steam: &Steam,
    group: u32,
    max_messages: u32,
) -> Vec<ReceivedMessage> {
    let (group, max) = (PollGroup::from_raw(group), max_messages as usize);
    let messages =
        steam.ask("receiveMessagesOnPollGroup", |sockets| sockets.receive_messages_on_poll_group(group, max));
    messages.unwrap_or_default()
}

pub(in crate::steam) fn receive_messages_on_listen_socket(
    steam: &Steam,
    socket: u32,
    max_messages: u32,
) -> Vec<ReceivedMessage> {
    let (socket, max) = (ListenSocket::from_raw(socket), max_messages as usize);
    let messages =
        steam.ask("receiveMessagesOnListenSocket", |sockets| sockets.receive_messages_on_listen_socket(socket, max));
    messages.unwrap_or_default()
}

/// gdext would make an empty array of any other type.
fn bytes(message: &Variant) -> Option<PackedByteArray> {
    if message.get_type() == VariantType::PACKED_BYTE_ARRAY { message.try_to().ok() } else { None }
}

fn send_flags(steam: &Steam, name: &str, flags: i64) -> Option<SendFlags> {
    let flags = i32::try_from(flags).ok().filter(|flags| *flags >= 0).map(SendFlags);
    if flags.is_none() {
        steam.watch.warn_once(&format!("{name}: flags are a sum of Steam.NETWORKING_SEND_*"));
    }
    flags
}

fn refusal(steam: &Steam, name: &str, connection: u32, error: &Error) {
    if matches!(error, Error::InvalidHandle { .. }) {
        steam.watch.sent_to_dead(connection);
    }
    steam.explain(name, error);
}
