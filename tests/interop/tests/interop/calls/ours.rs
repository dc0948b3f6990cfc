//! Any one call of gamesockets.

use gamesockets::{
    ConfigData, ConfigScope, ConfigTarget, ConfigValue, Connection, Error, Event, GetConfigValueResult, ListenSocket,
    OutgoingMessage, PollGroup, ReceivedMessage, SendFlags, Sockets,
};
use gamesockets_interop::calls::{Answer, Call, Input};
use gamesockets_interop::payload::pattern;
use gamesockets_interop::protocol::{Outgoing, StatusChanged};

use super::stage::Library;
use crate::ours::{arrived, code, describe, entries};

/// An instance that is made to do single calls.
pub(super) struct Ours {
    sockets: Sockets,
}

impl Ours {
    pub(super) fn start(identity: &str) -> Result<Self, String> {
        let identity = identity.parse().map_err(|error| format!("{identity}: {error}"))?;
        Ok(Self { sockets: Sockets::new(identity).map_err(|error| error.to_string())? })
    }

    /// The calls about handles and what they stand for.
    fn inquire(&self, call: Call) -> Answer {
        let sockets = &self.sockets;
        match call {
            Call::Info { connection } => {
                let info = sockets.connection_info(Connection::from_raw(connection)).ok();
                Answer::Info(info.map(|info| describe(&info).unwrap_or_else(|error| panic!("{error}"))))
            }
            Call::Status { connection, lanes } => self.status(Connection::from_raw(connection), lanes),
            Call::DetailedStatus { connection } => {
                let page = sockets.detailed_connection_status(Connection::from_raw(connection));
                Answer::Number(page.map_or(-1, |_| 0))
            }
            Call::SetName { connection, name } => {
                let connection = Connection::from_raw(connection);
                let set = sockets.set_connection_name(connection, &name);
                Answer::Text(set.and_then(|()| sockets.connection_name(connection)).ok())
            }
            Call::Name { connection } => Answer::Text(sockets.connection_name(Connection::from_raw(connection)).ok()),
            Call::SetUserData { connection, value } => {
                done(&sockets.set_connection_user_data(Connection::from_raw(connection), value))
            }
            Call::UserData { connection } => {
                Answer::Number(sockets.connection_user_data(Connection::from_raw(connection)).unwrap_or(-1))
            }
            Call::ConfigureLanes { connection, priorities, weights } => {
                let weights = weights.unwrap_or_else(|| vec![1; priorities.len()]);
                let connection = Connection::from_raw(connection);
                Answer::Result(code(sockets.configure_connection_lanes(connection, &priorities, &weights)))
            }
            Call::SocketPair { network, identities } => {
                let read = |text: String| text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
                let [first, second] = identities.map(|identity| identity.map(read));
                let pair = sockets.create_socket_pair(network, first, second).ok();
                Answer::Pair(pair.map(|(first, second)| [first.raw(), second.raw()]))
            }
            Call::Identity => Answer::Text(Some(sockets.identity().to_string())),
            other => self.configure(other),
        }
    }

    fn status(&self, connection: Connection, lanes: u16) -> Answer {
        match self.sockets.connection_lane_status(connection, lanes.into()) {
            Ok((status, lanes)) => Answer::Status {
                result: 1,
                state: status.state as i32,
                ping: status.ping,
                unacknowledged: status.pending_reliable + status.sent_unacknowledged_reliable,
                lanes: lanes.iter().map(|lane| lane.pending_reliable).collect(),
            },
            Err(error) => {
                let result = error.code() as i32;
                Answer::Status { result, state: 0, ping: 0, unacknowledged: 0, lanes: Vec::new() }
            }
        }
    }

    fn configure(&self, call: Call) -> Answer {
        match call {
            Call::SetConfig { scope, object, id, value } => {
                let Some(target) = target(scope, object) else { return Answer::Done(false) };
                let option = ConfigValue(id);
                done(&match value {
                    Some(input) => self.sockets.set_config_value(target, option, data(input)),
                    None => self.sockets.clear_config_value(target, option),
                })
            }
            Call::Config { scope, object, id } => {
                let Some(target) = target(scope, object) else {
                    return Answer::Setting { result: GetConfigValueResult::BadScopeObj.value(), value: None };
                };
                match self.sockets.config_value(target, ConfigValue(id)) {
                    Ok(setting) => {
                        let value = (setting.value.data_type().value(), setting.value.to_string());
                        Answer::Setting { result: setting.result().value(), value: Some(value) }
                    }
                    Err(error) => Answer::Setting { result: error.config_result().value(), value: None },
                }
            }
            Call::ConfigInfo { id } => {
                let info = gamesockets::config_value_info(ConfigValue(id)).ok();
                Answer::SettingInfo(info.map(|info| (info.name, info.data_type.value(), info.scope.value())))
            }
            Call::NextConfig { after, developer } => {
                let next = gamesockets::next_editable_config_value(ConfigValue(after), developer);
                Answer::Number(next.map_or(0, |option| option.id.0.into()))
            }
            other => unreachable!("{other:?} is not known here"),
        }
    }

    /// The calls that send and receive.
    fn pass_messages(&self, call: Call) -> Answer {
        let sockets = &self.sockets;
        match call {
            Call::Send { connection, message: Outgoing { len, seed, flags, .. } } => {
                let connection = Connection::from_raw(connection);
                match sockets.send_message_to_connection(connection, &pattern(len, seed), SendFlags(flags)) {
                    Ok(number) => Answer::Sent { result: 1, number: i64::try_from(number).unwrap_or(i64::MAX) },
                    Err(error) => Answer::Sent { result: error.code() as i32, number: 0 },
                }
            }
            Call::SendBatch { messages } => self.send_batch(&messages),
            Call::Flush { connection } => {
                Answer::Result(code(sockets.flush_messages_on_connection(Connection::from_raw(connection))))
            }
            Call::Receive { connection, max } => {
                received(sockets.receive_messages_on_connection(Connection::from_raw(connection), count(max)))
            }
            Call::CreatePollGroup => Answer::Handle(sockets.create_poll_group().map_or(0, PollGroup::raw)),
            Call::DestroyPollGroup { group } => done(&sockets.destroy_poll_group(PollGroup::from_raw(group))),
            Call::SetPollGroup { connection, group } => {
                let group = (group != 0).then(|| PollGroup::from_raw(group));
                done(&sockets.set_connection_poll_group(Connection::from_raw(connection), group))
            }
            Call::ReceiveOnPollGroup { group, max } => {
                received(sockets.receive_messages_on_poll_group(PollGroup::from_raw(group), count(max)))
            }
            other => self.inquire(other),
        }
    }

    fn send_batch(&self, messages: &[(u32, Outgoing)]) -> Answer {
        let payloads: Vec<_> = messages.iter().map(|(_, message)| pattern(message.len, message.seed)).collect();
        let batch = messages.iter().zip(&payloads).map(|(&(connection, Outgoing { flags, lane, .. }), payload)| {
            OutgoingMessage { connection: Connection::from_raw(connection), payload, lane, flags: SendFlags(flags) }
        });
        Answer::Numbers(self.sockets.send_messages(batch).iter().map(gamesockets::SendOutcome::value).collect())
    }
}

impl Library for Ours {
    fn make(&mut self, call: Call) -> Answer {
        let sockets = &self.sockets;
        match call {
            Call::Listen { address, options } => {
                let socket = sockets.create_listen_socket_ip(address, &entries(&options));
                Answer::Handle(socket.map_or(0, ListenSocket::raw))
            }
            Call::CloseListenSocket { socket } => done(&sockets.close_listen_socket(ListenSocket::from_raw(socket))),
            Call::ListenSocketAddress { socket } => {
                Answer::Address(sockets.listen_socket_address(ListenSocket::from_raw(socket)).ok())
            }
            Call::Connect { address, options } => {
                let connection = sockets.connect_by_ip_address(address, &entries(&options));
                Answer::Handle(connection.map_or(0, Connection::raw))
            }
            Call::Accept { connection } => {
                Answer::Result(code(sockets.accept_connection(Connection::from_raw(connection))))
            }
            Call::Close { connection, reason, debug, linger } => {
                done(&sockets.close_connection(Connection::from_raw(connection), reason, &debug, linger))
            }
            other => self.pass_messages(other),
        }
    }

    fn next_event(&mut self) -> Option<StatusChanged> {
        loop {
            if let Event::ConnectionStatusChanged { connection, info, old_state } = self.sockets.poll_event()? {
                let info = describe(&info).unwrap_or_else(|error| panic!("{error}"));
                return Some(StatusChanged { connection: connection.raw(), old_state: old_state as i32, info });
            }
        }
    }
}

fn done(result: &Result<(), Error>) -> Answer {
    Answer::Done(result.is_ok())
}

fn received(messages: Result<Vec<ReceivedMessage>, Error>) -> Answer {
    match messages {
        Ok(messages) => {
            let messages: Vec<_> = messages.iter().map(arrived).collect();
            Answer::Messages { count: i32::try_from(messages.len()).unwrap_or(i32::MAX), messages }
        }
        Err(_) => Answer::Messages { count: -1, messages: Vec::new() },
    }
}

fn count(max: i32) -> usize {
    usize::try_from(max).unwrap_or(0)
}

fn target(scope: i32, object: u32) -> Option<ConfigTarget> {
    ConfigScope::from_value(scope).map(|scope| ConfigTarget::new(scope, object))
}

fn data(input: Input) -> ConfigData {
    match input {
        Input::Int32(value) => value.into(),
        Input::Int64(value) => value.into(),
        Input::Float(value) => value.into(),
        Input::Text(value) => value.into(),
    }
}
