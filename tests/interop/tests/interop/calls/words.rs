//! Answers and events in words that are the same for both libraries when they mean the same.

use gamesockets::ResultCode;
use gamesockets_interop::calls::Answer;
use gamesockets_interop::protocol::{Incoming, Info, StatusChanged};

/// What a call answered.
pub(super) fn answer(answer: &Answer) -> String {
    match answer {
        Answer::Done(done) => done.to_string(),
        Answer::Result(code) => result(*code),
        Answer::Handle(0) => "no handle".to_owned(),
        Answer::Handle(_) => "a handle".to_owned(),
        Answer::Sent { result: code, number: 0 } => result(*code),
        Answer::Sent { result: code, number } => format!("{} as number {number}", result(*code)),
        Answer::Numbers(numbers) => format!("{numbers:?}"),
        Answer::Messages { count, messages } => {
            let messages: Vec<_> = messages.iter().map(message).collect();
            if messages.is_empty() { count.to_string() } else { format!("{count}: {}", messages.join(", ")) }
        }
        Answer::Info(None) | Answer::Text(None) | Answer::Address(None) | Answer::SettingInfo(None) => {
            "none".to_owned()
        }
        Answer::Info(Some(found)) => info(found),
        Answer::Status { result: code, state: _, .. } if *code != 1 => result(*code),
        Answer::Status { state: now, lanes, .. } => format!("{}, {} lanes", state(*now), lanes.len()),
        Answer::Text(Some(text)) => format!("{text:?}"),
        Answer::Number(number) => number.to_string(),
        Answer::Address(Some(address)) => format!("{} and a port", address.ip()),
        Answer::Pair(pair) => if pair.is_some() { "two handles" } else { "no handles" }.to_owned(),
        Answer::Setting { result, value: None } => format!("result {result}"),
        Answer::Setting { result, value: Some((data_type, value)) } => {
            format!("result {result}, type {data_type}: {value}")
        }
        Answer::SettingInfo(Some((name, data_type, scope))) => format!("{name}, type {data_type}, scope {scope}"),
    }
}

/// A change of state, without whose.
pub(super) fn event(event: &StatusChanged) -> String {
    let StatusChanged { old_state, info, .. } = event;
    let change = format!("{} -> {}", state(*old_state), state(info.state));
    if info.end_reason == 0 { change } else { format!("{change} {}", info.end_reason) }
}

/// A message, without where it came from.
pub(super) fn message(message: &Incoming) -> String {
    let Incoming { lane, flags, number, len, .. } = message;
    format!("number {number} lane {lane} flags {flags} of {len} bytes")
}

fn info(info: &Info) -> String {
    let Info { end_reason, end_debug, remote_address, remote_identity, user_data, flags, .. } = info;
    let way = if info.listen_socket == 0 { "made here" } else { "came in" };
    let ip = if remote_address.ip().is_unspecified() { "nowhere".to_owned() } else { remote_address.ip().to_string() };
    format!(
        "{} {way} to {remote_identity} at {ip}, end {end_reason} {end_debug:?}, user data {user_data}, flags {flags}",
        state(info.state)
    )
}

fn result(code: i32) -> String {
    ResultCode::from_value(code).map_or_else(|| code.to_string(), |name| format!("{code} {name:?}"))
}

fn state(state: i32) -> &'static str {
    match state {
        0 => "None",
        1 => "Connecting",
        2 => "FindingRoute",
        3 => "Connected",
        4 => "ClosedByPeer",
        5 => "ProblemDetectedLocally",
        _ => "an inner state",
    }
}
