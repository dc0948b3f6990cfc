//! Options: what the application sets at four scopes, and what follows from it.
//!
//! A [`Sockets`](crate::Sockets) value is a world of its own, so its *global* scope holds the defaults of this value, not
//! of the process. Each scope keeps only what was set at it (`scopes`); what an object works with is resolved from the
//! scopes above it (`resolve`). `support` decides which rows of the schema can be set at all.

mod network;
mod resolve;
mod scopes;
mod support;

use gamesockets_schema::config::{self, ConfigData, ConfigOption, ConfigValue};
use gamesockets_schema::field::Bytes;
use gamesockets_schema::records::{ConfigValueAnswer, ConfigValueInfo};
use gamesockets_schema::{ConfigScope, GetConfigValueResult};

pub(crate) use self::network::{ConditionSettings, NetworkSettings};
pub(crate) use self::resolve::{LOCKED_BY_HANDSHAKE, Settings, handshake_value, mtu_data_size};
pub(crate) use self::scopes::{Overrides, Scopes, accept, effective};
pub(crate) use self::support::{Support, check_scope, find, find_settable};
use crate::error::Error;
use crate::handles::{Connection, ListenSocket};

/// One option and its value, given while creating a listen socket, a connection or a [`Sockets`](crate::Sockets).
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigEntry {
    /// Which option.
    pub option: ConfigValue,
    /// Its value: converted to the option's type, and clamped to its range (spec section 13).
    pub value: ConfigData,
}

impl ConfigEntry {
    /// An option and its value: `ConfigEntry::new(ConfigValue::NAGLE_TIME, 0)`.
    pub fn new(option: ConfigValue, value: impl Into<ConfigData>) -> Self {
        Self { option, value: value.into() }
    }
}

/// What an option is set for, from the widest scope to the narrowest. What is not set at a scope is inherited from the
/// next wider one that applies; what is set nowhere has the default of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConfigTarget {
    /// The defaults of this [`Sockets`](crate::Sockets) value.
    Global,
    /// This value's interface: between the defaults and its objects.
    SocketsInterface,
    /// A listen socket, and the connections that come in by it.
    ListenSocket(ListenSocket),
    /// One connection.
    Connection(Connection),
}

impl ConfigTarget {
    /// The target that a scope and the number of a handle name; the wider scopes have no object and ignore it.
    pub const fn new(scope: ConfigScope, handle: u32) -> Self {
        match scope {
            ConfigScope::Global => Self::Global,
            ConfigScope::SocketsInterface => Self::SocketsInterface,
            ConfigScope::ListenSocket => Self::ListenSocket(ListenSocket::from_raw(handle)),
            ConfigScope::Connection => Self::Connection(Connection::from_raw(handle)),
        }
    }

    /// The scope.
    pub const fn scope(self) -> ConfigScope {
        match self {
            Self::Global => ConfigScope::Global,
            Self::SocketsInterface => ConfigScope::SocketsInterface,
            Self::ListenSocket(_) => ConfigScope::ListenSocket,
            Self::Connection(_) => ConfigScope::Connection,
        }
    }
}

impl From<ListenSocket> for ConfigTarget {
    fn from(socket: ListenSocket) -> Self {
        Self::ListenSocket(socket)
    }
}

impl From<Connection> for ConfigTarget {
    fn from(connection: Connection) -> Self {
        Self::Connection(connection)
    }
}

/// The value of an option, and whether it was set at the scope that was asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigSetting {
    /// The value that applies.
    pub value: ConfigData,
    /// It comes from a wider scope. Never at the global scope.
    pub inherited: bool,
}

impl ConfigSetting {
    /// The result code of `GetConfigValue` (spec section 13); that of a failure is
    /// [`Error::config_result`](crate::Error::config_result).
    pub const fn result(&self) -> GetConfigValueResult {
        if self.inherited { GetConfigValueResult::OkInherited } else { GetConfigValueResult::Ok }
    }

    /// The answer of `GetConfigValue` as bindings give it, with the value as raw bytes besides.
    pub fn answer(self) -> ConfigValueAnswer {
        let bytes = match &self.value {
            ConfigData::Int32(number) => number.to_le_bytes().to_vec(),
            ConfigData::Int64(number) => number.to_le_bytes().to_vec(),
            ConfigData::Float(number) => number.to_le_bytes().to_vec(),
            ConfigData::String(text) => text.as_bytes().to_vec(),
        };
        ConfigValueAnswer {
            result: self.result(),
            data_type: self.value.data_type(),
            value: Bytes(bytes),
            decoded: self.value,
        }
    }
}

/// Name, type and narrowest scope of an option, also of one that cannot be set here.
///
/// # Errors
/// [`Error::Option`] for a number that is no option.
#[doc(alias = "GetConfigValueInfo")]
pub fn config_value_info(option: ConfigValue) -> Result<ConfigValueInfo, Error> {
    let found = config::option(option).and_then(|row| Some((row, row.data_type()?, row.scope?)));
    let (row, data_type, scope) = found.ok_or_else(|| support::unknown(option))?;
    Ok(ConfigValueInfo { name: row.name.into(), data_type, scope })
}

/// The option that a user interface shows after this one (`INVALID` starts); `None` after the last. Only what can be
/// set or read here; developer options only when asked for.
#[doc(alias = "IterateGenericEditableConfigValues")]
pub fn next_editable_config_value(after: ConfigValue, developer: bool) -> Option<&'static ConfigOption> {
    let mut last = after;
    loop {
        let option = config::next_editable(last, developer)?;
        if find(option.id).is_ok() {
            return Some(option);
        }
        last = option.id;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_the_value_as_bytes_too() {
        let bytes = |value: ConfigData| ConfigSetting { value, inherited: true }.answer().value.0;
        assert_eq!(bytes(0x0102_0304.into()), [4, 3, 2, 1]);
        assert_eq!(bytes(ConfigData::Int64(-2)), [0xFE, 255, 255, 255, 255, 255, 255, 255]);
        assert_eq!(bytes(1.0_f32.into()), [0, 0, 0x80, 0x3F]);
        assert_eq!(bytes("text".into()), b"text");
        let answer = ConfigSetting { value: 5.into(), inherited: false }.answer();
        assert_eq!((answer.result, answer.decoded), (GetConfigValueResult::Ok, ConfigData::Int32(5)));
    }
}
