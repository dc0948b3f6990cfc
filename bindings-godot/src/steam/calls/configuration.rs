//! Options, and what is logged.

use gamesockets::schema::config;
use gamesockets::schema::field::Bytes;
use gamesockets::schema::records::ConfigValueInfo;
use gamesockets::schema::{ConfigDataType, ConfigScope};
use gamesockets::{ConfigData, ConfigTarget, ConfigValue, Connection, DebugOutputType, Error, GetConfigValueResult};
use godot::prelude::*;
use serde::Serialize;

use super::options::data;
use crate::steam::Steam;

/// The schema's `ConfigValueAnswer`; a failure has type 0, no bytes and no decoded value.
#[derive(Serialize)]
pub(in crate::steam) struct ConfigValueAnswer {
    result: GetConfigValueResult,
    #[serde(rename = "type")]
    data_type: i32,
    value: Bytes,
    #[serde(skip_serializing_if = "Option::is_none")]
    decoded: Option<ConfigData>,
}

pub(in crate::steam) fn get_config_value(
    steam: &Steam,
    option: ConfigValue,
    scope: Option<ConfigScope>,
    handle: u32,
) -> ConfigValueAnswer {
    let failure = |result| ConfigValueAnswer { result, data_type: 0, value: Bytes(Vec::new()), decoded: None };
    let Some(scope) = scope else { return failure(GetConfigValueResult::BadScopeObj) };
    let Some(sockets) = steam.sockets() else { return failure(GetConfigValueResult::BadScopeObj) };
    match sockets.config_value(ConfigTarget::new(scope, handle), option) {
        Ok(setting) => ConfigValueAnswer {
            result: setting.result(),
            data_type: setting.value.data_type().value(),
            value: Bytes(raw_bytes(&setting.value)),
            decoded: Some(setting.value),
        },
        Err(error) => failure(error.config_result()),
    }
}

/// A value as C++ has it in memory.
fn raw_bytes(value: &ConfigData) -> Vec<u8> {
    match value {
        ConfigData::Int32(number) => number.to_le_bytes().to_vec(),
        ConfigData::Int64(number) => number.to_le_bytes().to_vec(),
        ConfigData::Float(number) => number.to_le_bytes().to_vec(),
        ConfigData::String(text) => text.as_bytes().to_vec(),
    }
}

pub(in crate::steam) fn get_config_value_info(_: &Steam, option: ConfigValue) -> Option<ConfigValueInfo> {
    gamesockets::config_value_info(option).ok()
}

pub(in crate::steam) fn iterate_generic_editable_config_values(
    _: &Steam,
    after: ConfigValue,
    developer: bool,
) -> ConfigValue {
    gamesockets::next_editable_config_value(after, developer).map_or(ConfigValue::INVALID, |option| option.id)
}

pub(in crate::steam) fn set_config_value(
    steam: &Steam,
    option: ConfigValue,
    scope: Option<ConfigScope>,
    handle: u32,
    data_type: Option<ConfigDataType>,
    value: Variant,
) -> bool {
    const NAME: &str = "setConfigValue";
    let Some(scope) = scope else {
        steam.watch.warn_once(&format!("{NAME}: scope_type is one of Steam.NETWORKING_CONFIG_SCOPE_*"));
        return false;
    };
    let target = ConfigTarget::new(scope, handle);
    if value.is_nil() {
        return steam.ask(NAME, |sockets| sockets.clear_config_value(target, option)).is_some();
    }
    let value = data(&value).zip(data_type).and_then(|(value, data_type)| value.convert(data_type).ok());
    let Some(value) = value else {
        steam.watch.warn_once(&format!(
            "{NAME}: {}: the value has not the type that data_type says, or none that an option can have",
            option_name(option)
        ));
        return false;
    };
    set(steam, NAME, target, option, value)
}

pub(in crate::steam) fn set_global_config_value_float(steam: &Steam, option: ConfigValue, value: f32) -> bool {
    set(steam, "setGlobalConfigValueFloat", ConfigTarget::Global, option, value)
}

pub(in crate::steam) fn set_global_config_value_int32(steam: &Steam, option: ConfigValue, value: i64) -> bool {
    set(steam, "setGlobalConfigValueInt32", ConfigTarget::Global, option, value)
}

pub(in crate::steam) fn set_global_config_value_string(steam: &Steam, option: ConfigValue, value: String) -> bool {
    set(steam, "setGlobalConfigValueString", ConfigTarget::Global, option, ConfigData::String(value))
}

pub(in crate::steam) fn set_connection_config_value_float(
    steam: &Steam,
    connection: u32,
    option: ConfigValue,
    value: f32,
) -> bool {
    set(steam, "setConnectionConfigValueFloat", Connection::from_raw(connection).into(), option, value)
}

pub(in crate::steam) fn set_connection_config_value_int32(
    steam: &Steam,
    connection: u32,
    option: ConfigValue,
    value: i64,
) -> bool {
    set(steam, "setConnectionConfigValueInt32", Connection::from_raw(connection).into(), option, value)
}

pub(in crate::steam) fn set_connection_config_value_string(
    steam: &Steam,
    connection: u32,
    option: ConfigValue,
    value: String,
) -> bool {
    let target = Connection::from_raw(connection).into();
    set(steam, "setConnectionConfigValueString", target, option, ConfigData::String(value))
}

fn set(steam: &Steam, name: &str, target: ConfigTarget, option: ConfigValue, value: impl Into<ConfigData>) -> bool {
    let value = value.into();
    steam.ask(name, |sockets| -> Result<(), Error> { sockets.set_config_value(target, option, value) }).is_some()
}

fn option_name(option: ConfigValue) -> String {
    config::option(option).map_or_else(|| format!("option {}", option.0), |row| row.name.to_owned())
}

pub(in crate::steam) fn set_debug_output_function(steam: &Steam, level: Option<DebugOutputType>) {
    match level {
        Some(level) => {
            if let Some(sockets) = steam.sockets() {
                sockets.set_debug_output_level(level);
            }
        }
        None => steam
            .watch
            .warn_once("setDebugOutputFunction: detail_level is one of Steam.NETWORKING_SOCKET_DEBUG_OUTPUT_TYPE_*"),
    }
}

/// The signal is always there.
pub(in crate::steam) fn set_global_callback_steam_net_connection_status_changed(_: &Steam) -> bool {
    true
}

/// The signal is always there.
pub(in crate::steam) fn set_global_callback_steam_net_authentication_status_changed(_: &Steam) -> bool {
    true
}
