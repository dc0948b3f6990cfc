//! Sending, receiving, lanes and poll groups.

use gamesockets::{Error, OutgoingMessage, PollGroup, ReceivedMessage, ResultCode, SendFlags, SendOutcome, Sockets};

use super::args::Args;
use super::{code, done};
use crate::conformance::answer::Answer;

pub(super) fn call(sockets: &Sockets, name: &str, args: &Args<'_>) -> Option<Answer> {
    let connection = args.connection(0);
    Some(match name {
        "ConfigureConnectionLanes" => configure_lanes(sockets, args),
        "FlushMessagesOnConnection" => code(sockets.flush_messages_on_connection(connection)),
        "SendMessageToConnection" => {
            let sent = sockets.send_message_to_connection(connection, args.bytes(1), SendFlags(args.i32(2)));
            let result = sent.as_ref().map_or_else(Error::code, |_| ResultCode::Ok);
            let number = sent.map_or(Answer::Int(-1), Answer::from);
            Answer::record([("result", result.value().into()), ("message_number", number)])
        }
        "SendMessages" => {
            let flags = SendFlags(args.i32(2));
            let batch = args.list(1).iter().filter_map(|payload| match payload {
                Answer::Bytes(payload) => Some(OutgoingMessage { connection, payload, lane: 0, flags }),
                _ => None,
            });
            let outcomes = sockets.send_messages(batch);
            Answer::List(outcomes.iter().map(SendOutcome::value).map(Answer::Int).collect())
        }
        "ReceiveMessagesOnConnection" => messages(sockets.receive_messages_on_connection(connection, args.size(1))),
        "ReceiveMessagesOnListenSocket" => {
            messages(sockets.receive_messages_on_listen_socket(args.listen_socket(0), args.size(1)))
        }
        "ReceiveMessagesOnPollGroup" => {
            messages(sockets.receive_messages_on_poll_group(args.poll_group(0), args.size(1)))
        }
        "CreatePollGroup" => sockets.create_poll_group().map_or(0, PollGroup::raw).into(),
        "DestroyPollGroup" => done(&sockets.destroy_poll_group(args.poll_group(0))),
        "SetConnectionPollGroup" => {
            let group = (args.u32(1) != 0).then(|| args.poll_group(1));
            done(&sockets.set_connection_poll_group(connection, group))
        }
        _ => return None,
    })
}

/// The flat call counts the lanes apart from their lists.
fn configure_lanes(sockets: &Sockets, args: &Args<'_>) -> Answer {
    let numbers =
        |index| args.list(index).iter().map(|value| if let Answer::Int(number) = value { *number } else { 0 });
    let priorities: Vec<i32> = numbers(2).map(|number| i32::try_from(number).unwrap_or_default()).collect();
    let weights: Vec<u16> = numbers(3).map(|number| u16::try_from(number).unwrap_or_default()).collect();
    let connection = args.connection(0);
    if [priorities.len(), weights.len()] != [args.size(1); 2] {
        return ResultCode::InvalidParam.value().into();
    }
    code(sockets.configure_connection_lanes(connection, &priorities, &weights))
}

fn messages(received: Result<Vec<ReceivedMessage>, Error>) -> Answer {
    Answer::List(received.unwrap_or_default().iter().map(message).collect())
}

fn message(message: &ReceivedMessage) -> Answer {
    Answer::record([
        ("payload", Answer::Bytes(message.payload.to_vec())),
        ("size", (message.payload.len() as u64).into()),
        ("connection", message.connection.raw().into()),
        ("identity", message.identity.steam_id().unwrap_or(0).into()),
        ("receiver_user_data", message.user_data.into()),
        ("time_received", message.time_received.into()),
        ("message_number", message.message_number.into()),
        ("flags", message.flags.value().into()),
        ("lane", u32::from(message.lane).into()),
    ])
}
