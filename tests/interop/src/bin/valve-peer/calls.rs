//! Any one call of Valve's library, as its caller describes it.

use gamesockets_interop::calls::{Answer, Call};
use gamesockets_interop::payload::pattern;
use gamesockets_interop::protocol::{Incoming, Outgoing};

use crate::library::{Library, Received};
use crate::session::describe;

/// `k_EResultOK`.
const OK: i32 = 1;

/// Makes a call.
pub(crate) fn make(library: &Library, call: Call) -> Answer {
    match call {
        Call::Listen { address, options } => Answer::Handle(library.listen(address.into(), &options)),
        Call::CloseListenSocket { socket } => Answer::Done(library.close_listen_socket(socket) == OK),
        Call::ListenSocketAddress { socket } => Answer::Address(library.listen_socket_address(socket)),
        Call::Connect { address, options } => Answer::Handle(library.connect(address.into(), &options)),
        Call::Accept { connection } => Answer::Result(library.accept(connection)),
        Call::Close { connection, reason, debug, linger } => {
            Answer::Done(library.close(connection, reason, &debug, linger) == OK)
        }
        Call::Flush { connection } => Answer::Result(library.flush(connection)),
        Call::Info { connection } => Answer::Info(library.info(connection)),
        Call::Status { connection, lanes } => status(library, connection, lanes),
        Call::DetailedStatus { connection } => Answer::Number(library.detailed_status(connection).into()),
        Call::SetName { connection, name } => {
            library.set_name(connection, &name);
            Answer::Text(library.name(connection))
        }
        Call::Name { connection } => Answer::Text(library.name(connection)),
        Call::SetUserData { connection, value } => Answer::Done(library.set_user_data(connection, value)),
        Call::UserData { connection } => Answer::Number(library.user_data(connection)),
        Call::ConfigureLanes { connection, priorities, weights } => {
            Answer::Result(library.configure_lanes(connection, &priorities, weights.as_deref()))
        }
        Call::SocketPair { network, identities } => Answer::Pair(library.socket_pair(network, &identities)),
        Call::Identity => Answer::Text(library.identity()),
        Call::SetConfig { scope, object, id, value } => {
            Answer::Done(library.set_value(scope, object, id, value.as_ref()))
        }
        Call::Config { scope, object, id } => library.value(scope, object, id),
        Call::ConfigInfo { id } => Answer::SettingInfo(library.value_info(id)),
        Call::NextConfig { after, developer } => Answer::Number(library.next_value(after, developer).into()),
        other => pass_messages(library, other),
    }
}

/// The calls that send and receive.
fn pass_messages(library: &Library, call: Call) -> Answer {
    let mut messages: Vec<Incoming> = Vec::new();
    let each = |message: Received<'_>| messages.push(describe(&message));
    let count = match call {
        Call::Send { connection, message } => {
            let (result, number) = library.send_message(connection, message.flags, &pattern(message.len, message.seed));
            return Answer::Sent { result, number: if result == OK { number } else { 0 } };
        }
        Call::SendBatch { messages } => return send_batch(library, &messages),
        Call::CreatePollGroup => return Answer::Handle(library.create_poll_group()),
        Call::DestroyPollGroup { group } => return Answer::Done(library.destroy_poll_group(group)),
        Call::SetPollGroup { connection, group } => return Answer::Done(library.set_poll_group(connection, group)),
        Call::Receive { connection, max } => library.receive_on_connection(connection, max, each),
        Call::ReceiveOnPollGroup { group, max } => library.receive_on_poll_group(group, max, each),
        other => unreachable!("{other:?} is not about messages"),
    };
    Answer::Messages { count, messages }
}

fn send_batch(library: &Library, messages: &[(u32, Outgoing)]) -> Answer {
    let payloads: Vec<_> = messages.iter().map(|(_, message)| pattern(message.len, message.seed)).collect();
    let batch: Vec<_> = messages
        .iter()
        .zip(&payloads)
        .map(|(&(connection, Outgoing { flags, lane, .. }), payload)| Received {
            connection,
            lane,
            flags,
            number: 0,
            payload,
        })
        .collect();
    Answer::Numbers(library.send_each(&batch))
}

fn status(library: &Library, connection: u32, lanes: u16) -> Answer {
    match library.status(connection, lanes) {
        Ok((status, lanes)) => Answer::Status {
            result: OK,
            state: status.state,
            ping: status.ping,
            unacknowledged: status.pending_reliable + status.sent_unacked_reliable,
            lanes,
        },
        Err(result) => Answer::Status { result, state: 0, ping: 0, unacknowledged: 0, lanes: Vec::new() },
    }
}
