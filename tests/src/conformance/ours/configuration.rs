//! Options.

use gamesockets::{
    ConfigData, ConfigScope, ConfigTarget, ConfigValue, Error, GetConfigValueResult, Sockets, config_value_info,
    next_editable_config_value,
};
use gamesockets_schema::enums::ConfigDataType;

use super::args::{Args, entry};
use super::{done, empty};
use crate::conformance::answer::Answer;

pub(super) fn call(sockets: &Sockets, name: &str, args: &Args<'_>) -> Option<Answer> {
    let (connection, option) = (args.connection(0), args.option(1));
    Some(match name {
        "GetConfigValue" => value(sockets, args),
        "GetConfigValueInfo" => config_value_info(args.option(0)).map_or_else(|_| empty(), |info| Answer::of(&info)),
        "IterateGenericEditableConfigValues" => {
            next_editable_config_value(args.option(0), args.bool(1)).map_or(0, |option| option.id.0).into()
        }
        "SetConfigValue" => {
            let target = target(args.i32(1), args.u32(2));
            match target.zip(typed(args.i32(3), args.given.get(4))) {
                Some((target, value)) => done(&sockets.set_config_value(target, args.option(0), value)),
                None => false.into(),
            }
        }
        "SetConfigValueStruct" => {
            let part = |key| args.given.first().and_then(|given| given.part(key));
            let number = match part("option") {
                Some(Answer::Int(number)) => i32::try_from(*number).ok(),
                _ => None,
            };
            let entry = number.zip(part("value")).and_then(|(number, value)| entry(number, value));
            match target(args.i32(1), args.u32(2)).zip(entry) {
                Some((target, entry)) => done(&sockets.set_config_value_struct(target, &entry)),
                None => false.into(),
            }
        }
        "SetConnectionConfigValueFloat" => {
            done(&sockets.set_connection_config_value_float(connection, option, args.float(2)))
        }
        "SetConnectionConfigValueInt32" => {
            done(&sockets.set_connection_config_value_int32(connection, option, args.i32(2)))
        }
        "SetConnectionConfigValueString" => {
            done(&sockets.set_connection_config_value_string(connection, option, args.text(2)))
        }
        _ => return global(sockets, name, args),
    })
}

/// The setters of the global scope.
fn global(sockets: &Sockets, name: &str, args: &Args<'_>) -> Option<Answer> {
    let option: ConfigValue = args.option(0);
    Some(match name {
        "SetGlobalConfigValueFloat" => done(&sockets.set_global_config_value_float(option, args.float(1))),
        "SetGlobalConfigValueInt32" => done(&sockets.set_global_config_value_int32(option, args.i32(1))),
        "SetGlobalConfigValueString" => done(&sockets.set_global_config_value_string(option, args.text(1))),
        _ => return None,
    })
}

fn value(sockets: &Sockets, args: &Args<'_>) -> Answer {
    let Some(target) = target(args.i32(1), args.u32(2)) else {
        return Answer::record([("result", GetConfigValueResult::BadScopeObj.value().into())]);
    };
    match sockets.config_value(target, args.option(0)) {
        Err(error) => Answer::record([("result", Error::config_result(&error).value().into())]),
        Ok(setting) => Answer::record([
            ("result", setting.result().value().into()),
            ("type", setting.value.data_type().value().into()),
            ("value", Answer::Bytes(raw(&setting.value))),
            ("decoded", setting.value.into()),
        ]),
    }
}

/// The value as its bytes.
fn raw(value: &ConfigData) -> Vec<u8> {
    match value {
        ConfigData::Int32(number) => number.to_le_bytes().to_vec(),
        ConfigData::Int64(number) => number.to_le_bytes().to_vec(),
        ConfigData::Float(number) => number.to_le_bytes().to_vec(),
        ConfigData::String(text) => text.as_bytes().to_vec(),
    }
}

fn target(scope: i32, object: u32) -> Option<ConfigTarget> {
    ConfigScope::from_value(scope).map(|scope| ConfigTarget::new(scope, object))
}

/// A value of the type that the caller names; `None` if it is of another.
fn typed(data_type: i32, value: Option<&Answer>) -> Option<ConfigData> {
    match (ConfigDataType::from_value(data_type)?, value?) {
        (ConfigDataType::Int32, Answer::Int(number)) => i32::try_from(*number).ok().map(ConfigData::Int32),
        (ConfigDataType::Int64, Answer::Int(number)) => Some(ConfigData::Int64(*number)),
        (ConfigDataType::Float, Answer::Float(number)) => Some(ConfigData::Float(*number as f32)),
        (ConfigDataType::String, Answer::Text(text)) => Some(ConfigData::String(text.clone())),
        _ => None,
    }
}
