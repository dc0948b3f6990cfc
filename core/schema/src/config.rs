//! The configuration options: one row each, and what may be done with a value.
//!
//! Code reads a default as `config::SEND_BUFFER_SIZE.default`; who has only a number or a name asks [`option`] or
//! [`option_by_name`]. Source: spec section 13.

#[macro_use]
mod macros;
mod buffers;
mod callbacks;
mod logging;
mod p2p;
mod relay;
mod security;
mod simulation;
mod value;

pub use buffers::*;
pub use logging::*;
pub use p2p::*;
pub use relay::*;
pub use security::*;
pub use simulation::*;
pub use value::{ConfigData, ConfigError};

use crate::enums::{ConfigDataType, ConfigScope};
use crate::table::{EnumInfo, EnumValue, Group, Unit, join};

/// The number of a configuration option: `NetworkingConfigValue`. Open set: scripts may ask for any number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct ConfigValue(pub i32);

/// One configuration option.
#[derive(Clone, Copy, Debug)]
pub struct ConfigOption {
    /// Its number.
    pub id: ConfigValue,
    /// Its constant in [`ConfigValue`].
    pub rust_name: &'static str,
    /// Its short name, which [`option_by_name`] finds.
    pub name: &'static str,
    /// Its name in GodotSteam, as it is spelt there.
    pub godot_name: Option<&'static str>,
    /// The correct spelling, where GodotSteam's is not; bindings offer both.
    pub alias: Option<&'static str>,
    /// Its name in Valve's headers.
    pub cpp_name: &'static str,
    /// Type, default and range.
    pub kind: OptionKind,
    /// The narrowest scope it can be set at; `None` if it is no setting. A connection's option can be set at every
    /// scope and is inherited downwards; a global one only globally.
    pub scope: Option<ConfigScope>,
    /// What its value counts.
    pub unit: Unit,
    /// Who may see and set it.
    pub access: Access,
    /// Whether Valve's open-source library knows it.
    pub open_source: Registration,
    /// What it does.
    pub doc: &'static str,
}

/// The type of an option, with default and range where they are known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OptionKind {
    /// A number that is reserved, but no setting.
    NotASetting,
    /// A 32-bit integer.
    Int32(Option<Bounds<i32>>),
    /// A 64-bit integer.
    Int64(Option<Bounds<i64>>),
    /// A 32-bit float.
    Float(Option<Bounds<f32>>),
    /// A text, with its default.
    String(Option<&'static str>),
    /// A pointer; bindings replace these by events.
    Pointer,
}

/// Default and range of a number; the ends belong to the range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds<T> {
    /// The value where nothing is set.
    pub default: T,
    /// The smallest value; smaller ones are raised to it.
    pub min: T,
    /// The largest value; larger ones are lowered to it.
    pub max: T,
}

/// Who may see and set an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Listed when a user interface enumerates the options.
    Listed,
    /// Listed only when developer options are asked for.
    Developer,
    /// Never listed, yet it can be set.
    Hidden,
    /// Listed, but derived from another option: it cannot be set.
    ReadOnly,
}

/// Whether Valve's open-source library knows an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// In every build.
    Yes,
    /// In builds with ICE.
    WithIce,
    /// Where the platform can mark packets (Windows).
    WithEcn,
    /// Declared in the header, but setting it fails.
    No,
    /// Ours alone: no header of Valve's has the number.
    Ours,
}

/// An option that is a number, for code: `config::NAGLE_TIME.default`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NumberOption<T> {
    /// Its number.
    pub id: ConfigValue,
    /// The value where nothing is set.
    pub default: T,
    /// The smallest value.
    pub min: T,
    /// The largest value.
    pub max: T,
}

impl<T: PartialOrd + Copy> NumberOption<T> {
    /// The nearest value in range.
    pub fn clamp(&self, value: T) -> T {
        let Self { default, min, max, .. } = *self;
        Bounds { default, min, max }.clamp(value)
    }
}

/// An option that is a text, for code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextOption {
    /// Its number.
    pub id: ConfigValue,
    /// The value where nothing is set.
    pub default: &'static str,
}

const PARTS: &[&[ConfigOption]] =
    &[buffers::TABLE, security::TABLE, logging::TABLE, simulation::TABLE, p2p::TABLE, relay::TABLE, callbacks::TABLE];
const COUNT: usize = 79;
const SORTED: [ConfigOption; COUNT] = sort(join(PARTS));

/// Every option, by number.
pub const OPTIONS: &[ConfigOption] = &SORTED;

/// The option of this number.
pub fn option(id: ConfigValue) -> Option<&'static ConfigOption> {
    let index = OPTIONS.binary_search_by_key(&id, |option| option.id).ok()?;
    OPTIONS.get(index)
}

/// The option of this name: the short one, GodotSteam's, or that of Valve's header. Case does not matter.
pub fn option_by_name(name: &str) -> Option<&'static ConfigOption> {
    OPTIONS.iter().find(|option| {
        let names = [Some(option.name), option.godot_name, option.alias, Some(option.cpp_name)];
        names.iter().flatten().any(|candidate| candidate.eq_ignore_ascii_case(name))
    })
}

/// The option listed after this one (`INVALID` starts), for a user interface; `None` after the last. Skips what
/// Valve's library would not list: pointers, hidden and read-only options, and developer options unless asked for.
pub fn next_editable(after: ConfigValue, developer: bool) -> Option<&'static ConfigOption> {
    OPTIONS.iter().find(|option| option.id > after && option.is_listed(developer))
}

impl ConfigOption {
    /// The type of its value; `None` if it is no setting.
    pub const fn data_type(&self) -> Option<ConfigDataType> {
        match self.kind {
            OptionKind::NotASetting => None,
            OptionKind::Int32(_) => Some(ConfigDataType::Int32),
            OptionKind::Int64(_) => Some(ConfigDataType::Int64),
            OptionKind::Float(_) => Some(ConfigDataType::Float),
            OptionKind::String(_) => Some(ConfigDataType::String),
            OptionKind::Pointer => Some(ConfigDataType::Pointer),
        }
    }

    /// Whether an enumeration of options shows it.
    pub fn is_listed(&self, developer: bool) -> bool {
        let known =
            !matches!(self.open_source, Registration::No | Registration::Ours) && self.kind != OptionKind::NotASetting;
        known
            && match self.access {
                Access::Listed => true,
                Access::Developer => developer,
                Access::Hidden | Access::ReadOnly => false,
            }
    }
}

impl ConfigValue {
    /// The table of this enum: the options, and the value that pads the C++ enum.
    pub const INFO: &'static EnumInfo = &EnumInfo {
        rust_name: "ConfigValue",
        godot_name: "NetworkingConfigValue",
        cpp_name: Some("ESteamNetworkingConfigValue"),
        group: Group::Sockets,
        open: true,
        doc: "The number of a configuration option.",
        values: &VALUES,
    };
}

crate::enums::macros::newtype_common!(ConfigValue);

const VALUES: [EnumValue; COUNT + 1] = values();

const fn values() -> [EnumValue; COUNT + 1] {
    let padding = EnumValue {
        rust_name: None,
        godot_name: Some("NETWORKING_CONFIG_VALUE_FORCE32BIT"),
        alias: None,
        cpp_name: Some("k_ESteamNetworkingConfigValue__Force32Bit"),
        value: i32::MAX,
        doc: "Pads the C++ enum to 32 bits; no meaning.",
    };
    let mut values = [padding; COUNT + 1];
    let mut index = 0;
    while index < COUNT {
        let option = &SORTED[index];
        values[index] = EnumValue {
            rust_name: Some(option.rust_name),
            godot_name: option.godot_name,
            alias: option.alias,
            cpp_name: Some(option.cpp_name),
            value: option.id.0,
            doc: option.doc,
        };
        index += 1;
    }
    values
}

/// Sorts by number while compiling: the rows stand by topic in the source.
const fn sort(mut options: [ConfigOption; COUNT]) -> [ConfigOption; COUNT] {
    let mut sorted = 1;
    while sorted < COUNT {
        let mut index = sorted;
        while index > 0 && options[index - 1].id.0 > options[index].id.0 {
            let smaller = options[index];
            options[index] = options[index - 1];
            options[index - 1] = smaller;
            index -= 1;
        }
        sorted += 1;
    }
    options
}

#[cfg(test)]
mod tests;
