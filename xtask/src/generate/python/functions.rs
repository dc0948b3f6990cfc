//! Which functions of the schema the class `Sockets` has, and how they look in Python.
//!
//! What the API answers by a code or by `false` is an exception in Python, so that only the rest of an answer is left.

use gamesockets_schema::enums::ResultCode;
use gamesockets_schema::field::FieldKind;
use gamesockets_schema::functions::{ArgInfo, FunctionInfo, Needs, all};
use gamesockets_schema::table::Group;

use super::{split_words, type_name};

/// Functions that wait for a service by the schema, but of which this library can do its part alone.
const POSSIBLE: &[&str] =
    &["getIdentity", "resetIdentity", "getIPv4FakeIPType", "isFakeIPv4", "get_current_app_id", "set_current_app_id"];

/// What a function takes beyond the schema.
const MORE_PARAMETERS: &[(&str, &str)] = &[
    ("send_message_to_connection", "*, lane: int = 0, deadline: float | None = None, replace_key: int | None = None"),
    ("send_messages", "*, lane: int = 0"),
    ("run_networking_callbacks", "callback: Callable[[Event], object]"),
    ("set_certificate", "private_key: _Payload | None = None"),
];

/// Defaults beyond those of the schema.
const MORE_DEFAULTS: &[(&str, &str, &str)] = &[
    ("close_connection", "reason", "0"),
    ("close_connection", "debug_message", "\"\""),
    ("close_connection", "linger", "False"),
    ("create_socket_pair", "loopback", "False"),
    ("create_socket_pair", "remote_steam_id1", "None"),
    ("create_socket_pair", "remote_steam_id2", "None"),
    ("get_connection_real_time_status", "lanes", "0"),
    ("reset_identity", "remote_steam_id", "None"),
    ("get_config_value", "scope_type", "1"),
    ("get_config_value", "connection_handle", "0"),
];

/// A function, as Python has it.
pub(super) struct Method {
    pub(super) name: String,
    pub(super) function: &'static FunctionInfo,
}

/// Every function that the class has.
pub(super) fn methods() -> Vec<Method> {
    let offered = all().filter(|function| is_offered(function));
    let method = |function: &'static FunctionInfo| {
        let name = split_words(function.godot_name?).to_lowercase();
        Some(Method { name, function })
    };
    offered.filter_map(method).collect()
}

fn is_offered(function: &FunctionInfo) -> bool {
    let Some(name) = function.godot_name else { return false };
    if POSSIBLE.contains(&name) {
        return true;
    }
    // Callbacks are not registered here: events are taken.
    let is_wanted = matches!(function.group, Group::Sockets | Group::Utils) && !name.starts_with("setGlobalCallback");
    is_wanted && matches!(function.needs, Needs::Local | Needs::CertificateAuthority)
}

impl Method {
    /// What stands between the parentheses, after `self`.
    pub(super) fn parameters(&self) -> Vec<String> {
        let mut parameters: Vec<String> = self.function.args.iter().flat_map(|arg| self.parameter(arg)).collect();
        let more = MORE_PARAMETERS.iter().filter(|(name, _)| *name == self.name);
        parameters.extend(more.map(|(_, parameters)| (*parameters).to_owned()));
        parameters
    }

    fn parameter(&self, arg: &ArgInfo) -> Vec<String> {
        if matches!(arg.kind, FieldKind::Options) {
            return vec!["options: Options | None = None".into(), "**config: Unpack[ConfigOptions]".into()];
        }
        let default = MORE_DEFAULTS
            .iter()
            .find(|(name, of, _)| *name == self.name && *of == arg.name)
            .map(|(_, _, default)| *default)
            .or(arg.default)
            .map(python_literal);
        let kind = parameter_type(arg);
        vec![match default {
            Some(default) => format!("{}: {kind} = {default}", arg.name),
            None => format!("{}: {kind}", arg.name),
        }]
    }

    /// What is left of the answer when failures are exceptions.
    pub(super) fn returns(&self) -> String {
        let kind = self.function.returns;
        match kind {
            FieldKind::Enum(info) if info.rust_name == ResultCode::INFO.rust_name => "None".into(),
            // Questions; any other `bool` says whether it worked.
            FieldKind::Bool if self.name.starts_with("is_") => "bool".into(),
            FieldKind::Bool => "None".into(),
            FieldKind::List(FieldKind::Record(_)) => "list[ReceivedMessage]".into(),
            FieldKind::Record(info) => match info.rust_name {
                "SendAnswer" => "int".into(),
                "SocketPair" => "tuple[int, int]".into(),
                "DetailedStatus" => "str".into(),
                "CertificateRequest" => "bytes".into(),
                "CertificateAnswer" => "None".into(),
                _ => type_name(kind),
            },
            _ => type_name(kind),
        }
    }
}

/// What a caller may give: more than one type where Python has more than one way.
fn parameter_type(arg: &ArgInfo) -> String {
    match arg.kind {
        FieldKind::Bytes => "_Payload".into(),
        FieldKind::List(FieldKind::Bytes) => "Iterable[_Payload]".into(),
        FieldKind::List(_) => "Sequence[int]".into(),
        FieldKind::Enum(info) if info.rust_name == "ConfigValue" => "int | str".into(),
        FieldKind::Enum(_) | FieldKind::Flags(_) => "int".into(),
        FieldKind::U64 if arg.name.starts_with("remote_steam_id") => "int | str | None".into(),
        kind => type_name(kind),
    }
}

fn python_literal(literal: &str) -> &str {
    match literal {
        "true" => "True",
        "false" => "False",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_addition_belongs_to_a_method() {
        let methods = methods();
        let has = |name: &str| methods.iter().any(|method| method.name == name);
        assert!(MORE_PARAMETERS.iter().all(|(name, _)| has(name)));
        for (name, arg, _) in MORE_DEFAULTS {
            let method = methods.iter().find(|method| method.name == *name).expect(name);
            assert!(method.function.args.iter().any(|other| other.name == *arg), "{name} {arg}");
        }
        for name in POSSIBLE {
            assert!(methods.iter().any(|method| method.function.godot_name == Some(name)), "{name}");
        }
    }
}
