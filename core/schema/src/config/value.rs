//! Values of options: how they are converted and brought into range (spec section 13, "Setting").

use alloc::string::{String, ToString as _};
use core::fmt;

use super::{Access, Bounds, ConfigOption, OptionKind};
use crate::enums::ConfigDataType;

/// The value of an option. Pointers are not here: bindings replace them by events.
#[derive(Clone, Debug, PartialEq)]
pub enum ConfigData {
    /// A 32-bit integer.
    Int32(i32),
    /// A 64-bit integer.
    Int64(i64),
    /// A 32-bit float.
    Float(f32),
    /// A text.
    String(String),
}

/// Why a value was not taken. The caller is at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// The number is reserved, or the option is a pointer.
    NotSettable {
        /// The name of the option.
        option: &'static str,
    },
    /// The value follows from other options.
    ReadOnly {
        /// The name of the option.
        option: &'static str,
    },
    /// The value has no meaning in the option's type.
    Unconvertible {
        /// The value, as text.
        value: String,
        /// The type it should have.
        wanted: ConfigDataType,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSettable { option } => write!(f, "{option} cannot be set to a value"),
            Self::ReadOnly { option } => write!(f, "{option} is read-only: it follows from other options"),
            Self::Unconvertible { value, wanted } => write!(f, "\"{value}\" cannot be read as {wanted:?}"),
        }
    }
}

impl core::error::Error for ConfigError {}

impl ConfigOption {
    /// What is stored when this value is set: converted to the option's type, then clamped to its range.
    ///
    /// # Errors
    /// When the option cannot be set, or the value cannot be converted. A value out of range is no error.
    pub fn accept(&self, value: &ConfigData) -> Result<ConfigData, ConfigError> {
        if self.access == Access::ReadOnly {
            return Err(ConfigError::ReadOnly { option: self.name });
        }
        let (Some(wanted), Some(_)) = (self.data_type(), self.scope) else {
            return Err(ConfigError::NotSettable { option: self.name });
        };
        if wanted == ConfigDataType::Pointer {
            return Err(ConfigError::NotSettable { option: self.name });
        }
        Ok(self.clamp(value.convert(wanted)?))
    }

    /// The default; `None` for pointers, and where it is not public.
    pub fn default(&self) -> Option<ConfigData> {
        match self.kind {
            OptionKind::Int32(bounds) => bounds.map(|bounds| ConfigData::Int32(bounds.default)),
            OptionKind::Int64(bounds) => bounds.map(|bounds| ConfigData::Int64(bounds.default)),
            OptionKind::Float(bounds) => bounds.map(|bounds| ConfigData::Float(bounds.default)),
            OptionKind::String(text) => text.map(|text| ConfigData::String(text.to_string())),
            OptionKind::NotASetting | OptionKind::Pointer => None,
        }
    }

    fn clamp(&self, value: ConfigData) -> ConfigData {
        match (value, self.kind) {
            (ConfigData::Int32(number), OptionKind::Int32(Some(bounds))) => ConfigData::Int32(bounds.clamp(number)),
            (ConfigData::Int64(number), OptionKind::Int64(Some(bounds))) => ConfigData::Int64(bounds.clamp(number)),
            (ConfigData::Float(number), OptionKind::Float(Some(bounds))) => ConfigData::Float(bounds.clamp(number)),
            (value, _) => value,
        }
    }
}

impl<T: PartialOrd + Copy> Bounds<T> {
    /// The nearest value in range.
    pub fn clamp(&self, value: T) -> T {
        if value < self.min {
            self.min
        } else if value > self.max {
            self.max
        } else {
            value
        }
    }
}

impl ConfigData {
    /// The type of this value.
    pub const fn data_type(&self) -> ConfigDataType {
        match self {
            Self::Int32(_) => ConfigDataType::Int32,
            Self::Int64(_) => ConfigDataType::Int64,
            Self::Float(_) => ConfigDataType::Float,
            Self::String(_) => ConfigDataType::String,
        }
    }

    /// The same value in another type. Integers must fit; floats are rounded, halves up; texts are read as decimal
    /// numbers; any number becomes a text.
    ///
    /// # Errors
    /// When the value has no meaning in that type.
    pub fn convert(&self, wanted: ConfigDataType) -> Result<Self, ConfigError> {
        let converted = match wanted {
            ConfigDataType::Int32 => self.integer().and_then(|number| i32::try_from(number).ok()).map(Self::Int32),
            ConfigDataType::Int64 => self.integer().map(Self::Int64),
            ConfigDataType::Float => self.float().map(Self::Float),
            ConfigDataType::String => Some(Self::String(self.to_string())),
            ConfigDataType::Pointer => None,
        };
        converted.ok_or_else(|| ConfigError::Unconvertible { value: self.to_string(), wanted })
    }

    fn integer(&self) -> Option<i64> {
        match self {
            Self::Int32(number) => Some(i64::from(*number)),
            Self::Int64(number) => Some(*number),
            Self::Float(number) => round_half_up(*number),
            Self::String(text) => text.trim().parse().ok(),
        }
    }

    fn float(&self) -> Option<f32> {
        match self {
            #[allow(clippy::cast_precision_loss, reason = "a float option takes the nearest float")]
            Self::Int32(number) => Some(*number as f32),
            #[allow(clippy::cast_precision_loss, reason = "a float option takes the nearest float")]
            Self::Int64(number) => Some(*number as f32),
            Self::Float(number) => Some(*number).filter(|number| number.is_finite()),
            Self::String(text) => text.trim().parse().ok().filter(|number: &f32| number.is_finite()),
        }
    }
}

/// The nearest integer, halves up; `None` for what no `i64` holds.
fn round_half_up(number: f32) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let shifted = f64::from(number) + 0.5;
    if !(-LIMIT..LIMIT).contains(&shifted) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, reason = "in range, as checked above")]
    let towards_zero = shifted as i64;
    #[allow(clippy::cast_precision_loss, reason = "only numbers with a fraction matter here, and those are small")]
    let rounded_up = towards_zero as f64 > shifted;
    Some(towards_zero - i64::from(rounded_up))
}

impl fmt::Display for ConfigData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int32(number) => number.fmt(f),
            Self::Int64(number) => number.fmt(f),
            Self::Float(number) => number.fmt(f),
            Self::String(text) => text.fmt(f),
        }
    }
}

impl From<i32> for ConfigData {
    fn from(number: i32) -> Self {
        Self::Int32(number)
    }
}

impl From<i64> for ConfigData {
    fn from(number: i64) -> Self {
        Self::Int64(number)
    }
}

impl From<f32> for ConfigData {
    fn from(number: f32) -> Self {
        Self::Float(number)
    }
}

impl From<&str> for ConfigData {
    fn from(text: &str) -> Self {
        Self::String(text.to_string())
    }
}

impl From<String> for ConfigData {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for ConfigData {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Int32(number) => serializer.serialize_i32(*number),
            Self::Int64(number) => serializer.serialize_i64(*number),
            Self::Float(number) => serializer.serialize_f32(*number),
            Self::String(text) => serializer.serialize_str(text),
        }
    }
}
