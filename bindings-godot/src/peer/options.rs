//! Options of a peer's sockets, from the values of a script.

use gamesockets::{ConfigEntry, ConfigValue, config_value_info};
use godot::prelude::*;

/// An option and its value; in words what is wrong with them.
pub(super) fn entry(option: i64, value: &Variant) -> Result<ConfigEntry, String> {
    let number = i32::try_from(option).map_err(|_| format!("there is no option {option}"))?;
    let option = ConfigValue(number);
    config_value_info(option).map_err(|error| error.to_string())?;
    match value.get_type() {
        VariantType::BOOL => Ok(ConfigEntry::new(option, i32::from(value.to::<bool>()))),
        VariantType::INT => Ok(ConfigEntry::new(option, value.to::<i64>())),
        VariantType::FLOAT => Ok(ConfigEntry::new(option, value.to::<f64>() as f32)),
        VariantType::STRING | VariantType::STRING_NAME => {
            Ok(ConfigEntry::new(option, value.stringify().to_string().as_str()))
        }
        other => Err(format!("option {number} takes a number or a text, not {other:?}")),
    }
}
