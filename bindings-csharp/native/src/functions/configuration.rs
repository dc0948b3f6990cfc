//! Options: setting, clearing and asking, at four scopes.

use gamesockets::{
    ConfigData, ConfigScope, ConfigTarget, ConfigValue, GetConfigValueResult, config_value_info,
    next_editable_config_value,
};

use crate::arguments::{self, In, Out};
use crate::border::{Code, Failure, guard};
use crate::instances;
use crate::records::ConfigValueInfo;
use crate::structs::{ConfigEntry, ConfigSetting};

/// Sets an option at a scope (`ConfigScope`) for an object of that scope.
#[unsafe(no_mangle)]
#[doc(alias = "SetConfigValue")]
pub extern "C" fn gamesockets_set_config_value(
    instance: u64,
    scope: i32,
    scope_object: u32,
    entry: In<ConfigEntry>,
) -> Code {
    guard(|| {
        let entry = arguments::option(&entry.read("the option")?)?;
        Ok(instances::get(instance)?.set_config_value_struct(target(scope, scope_object)?, &entry)?)
    })
}

/// Takes back what was set: the option is inherited again; at the global scope it has its default.
#[unsafe(no_mangle)]
pub extern "C" fn gamesockets_clear_config_value(instance: u64, scope: i32, scope_object: u32, option: i32) -> Code {
    guard(|| Ok(instances::get(instance)?.clear_config_value(target(scope, scope_object)?, ConfigValue(option))?))
}

/// What an option is at a scope.
#[unsafe(no_mangle)]
#[doc(alias = "GetConfigValue")]
pub extern "C" fn gamesockets_get_config_value(
    instance: u64,
    scope: i32,
    scope_object: u32,
    option: i32,
    setting: Out<ConfigSetting>,
    buffer: Out<u8>,
    capacity: usize,
    length: Out<usize>,
) -> Code {
    guard(|| {
        let mut answer = ConfigSetting { result: 0, data_type: 0, integer: 0, real: 0.0 };
        let sockets = instances::get(instance)?;
        let found = match target(scope, scope_object) {
            Ok(target) => sockets
                .config_value(target, ConfigValue(option))
                .map_err(|error| (error.config_result(), Failure::from(error))),
            Err(failure) => Err((GetConfigValueResult::BadScopeObj, failure)),
        };
        let found = match found {
            Ok(found) => found,
            Err((result, failure)) => {
                answer.result = result.value();
                setting.write(answer, "the setting")?;
                return Err(failure);
            }
        };
        answer.result = found.result().value();
        answer.data_type = found.value.data_type().value();
        let mut text: &[u8] = &[];
        match &found.value {
            ConfigData::Int32(number) => answer.integer = i64::from(*number),
            ConfigData::Int64(number) => answer.integer = *number,
            ConfigData::Float(number) => answer.real = *number,
            ConfigData::String(value) => text = value.as_bytes(),
        }
        if text.len() > capacity {
            answer.result = GetConfigValueResult::BufferTooSmall.value();
        }
        setting.write(answer, "the setting")?;
        buffer.bytes(capacity, length, text)
    })
}

/// Name, type and narrowest scope of an option.
#[unsafe(no_mangle)]
#[doc(alias = "GetConfigValueInfo")]
pub extern "C" fn gamesockets_get_config_value_info(option: i32, info: Out<ConfigValueInfo>) -> Code {
    guard(|| info.write(ConfigValueInfo::from(&config_value_info(ConfigValue(option))?), "the info"))
}

/// The option that a user interface shows after this one: 0 begins, and stands after the last.
#[unsafe(no_mangle)]
#[doc(alias = "IterateGenericEditableConfigValues")]
pub extern "C" fn gamesockets_iterate_generic_editable_config_values(
    after: i32,
    developer: u8,
    next: Out<i32>,
) -> Code {
    guard(|| {
        let found = next_editable_config_value(ConfigValue(after), developer != 0);
        next.write(found.map_or(ConfigValue::INVALID, |option| option.id).0, "the option")
    })
}

fn target(scope: i32, object: u32) -> Result<ConfigTarget, Failure> {
    let unknown = || Failure::invalid(format!("{scope} is no ConfigScope"));
    Ok(ConfigTarget::new(ConfigScope::from_value(scope).ok_or_else(unknown)?, object))
}
