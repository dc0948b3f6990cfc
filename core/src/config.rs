//! Options: from what the application sets to what a connection works with.

use std::time::Duration;

use gamesockets_proto::ConnectionConfig;
use gamesockets_schema::ConfigScope;
use gamesockets_schema::config::{self, ConfigData, ConfigValue};

use crate::error::Error;

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

/// Settings as they are passed down, from the instance to its listen sockets to their connections.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    /// What the engine works with.
    pub(crate) connection: ConnectionConfig,
    /// The number attached to new connections.
    pub(crate) user_data: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { connection: ConnectionConfig::default(), user_data: config::CONNECTION_USER_DATA.default }
    }
}

impl Settings {
    /// These settings with `entries` applied in order.
    pub(crate) fn with(&self, entries: &[ConfigEntry]) -> Result<Self, Error> {
        let mut settings = self.clone();
        for entry in entries {
            settings.apply(entry)?;
        }
        Ok(settings)
    }

    fn apply(&mut self, entry: &ConfigEntry) -> Result<(), Error> {
        let refuse = |problem: String| Error::Option { option: entry.option.0, problem };
        let option = config::option(entry.option)
            .ok_or_else(|| refuse("there is no option of this number; see ConfigValue".into()))?;
        let value = option.accept(&entry.value).map_err(|error| refuse(error.to_string()))?;
        if option.scope != Some(ConfigScope::Connection) {
            return Err(refuse(format!("{} is set globally, not on a connection", option.name)));
        }
        match value {
            ConfigData::Int32(1) if option.id == ConfigValue::SYMMETRIC_CONNECT => {
                Err(refuse("SymmetricConnect does not work over direct UDP; leave it 0".into()))
            }
            ConfigData::Int32(number) => {
                self.set_number(option.id, number);
                Ok(())
            }
            ConfigData::Int64(number) if option.id == ConfigValue::CONNECTION_USER_DATA => {
                self.user_data = number;
                Ok(())
            }
            // Options of transports that this connection does not use.
            ConfigData::Int64(_) | ConfigData::Float(_) | ConfigData::String(_) => Ok(()),
        }
    }

    /// Sets an option that is a number. Options that direct UDP has no use for change nothing.
    fn set_number(&mut self, option: ConfigValue, number: i32) {
        let config = &mut self.connection;
        let plain = u32::try_from(number).unwrap_or(0);
        let small = u8::try_from(plain).unwrap_or(u8::MAX);
        let milliseconds = Duration::from_millis(u64::from(plain));
        match option {
            ConfigValue::SEND_BUFFER_SIZE => config.send_buffer_size_bytes = plain,
            ConfigValue::SEND_RATE_MIN => config.send_rate_min = plain,
            ConfigValue::SEND_RATE_MAX => config.send_rate_max = plain,
            ConfigValue::NAGLE_TIME => config.nagle_time = Duration::from_micros(u64::from(plain)),
            ConfigValue::TIMEOUT_INITIAL => config.timeout_initial = milliseconds,
            ConfigValue::TIMEOUT_CONNECTED => config.timeout_connected = milliseconds,
            ConfigValue::MTU_PACKET_SIZE => config.mtu_packet_size = u16::try_from(plain).unwrap_or(u16::MAX),
            ConfigValue::UNENCRYPTED => config.unencrypted = small,
            ConfigValue::IP_ALLOW_WITHOUT_AUTH => config.ip_allow_without_auth = small,
            ConfigValue::IP_LOCAL_HOST_ALLOW_WITHOUT_AUTH => config.ip_local_host_allow_without_auth = small,
            ConfigValue::RECV_BUFFER_SIZE => config.recv_buffer_size_bytes = plain,
            ConfigValue::RECV_BUFFER_MESSAGES => config.recv_buffer_messages = plain,
            ConfigValue::RECV_MAX_MESSAGE_SIZE => config.recv_max_message_size_bytes = plain,
            ConfigValue::RECV_MAX_SEGMENTS_PER_PACKET => config.recv_max_segments_per_packet = plain,
            ConfigValue::SEND_TIME_SINCE_PREVIOUS_PACKET => {
                config.send_time_since_previous_packet = i8::try_from(number).unwrap_or(-1);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(option: ConfigValue, value: impl Into<ConfigData>) -> Result<Settings, Error> {
        Settings::default().with(&[ConfigEntry::new(option, value)])
    }

    #[test]
    fn the_defaults_are_those_of_the_schema() {
        let mut settings = Settings::default();
        for option in config::OPTIONS {
            if option.scope == Some(ConfigScope::Connection)
                && let Some(value) = option.default()
                && option.accept(&value).is_ok()
            {
                settings.apply(&ConfigEntry { option: option.id, value }).unwrap();
            }
        }
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn values_are_converted_and_clamped() {
        assert_eq!(with(ConfigValue::SEND_BUFFER_SIZE, 1).unwrap().connection.send_buffer_size_bytes, 4096);
        let settings = with(ConfigValue::NAGLE_TIME, "1000").unwrap();
        assert_eq!(settings.connection.nagle_time, Duration::from_millis(1));
        assert_eq!(with(ConfigValue::CONNECTION_USER_DATA, 7).unwrap().user_data, 7);
        assert_eq!(with(ConfigValue::MTU_PACKET_SIZE, 9000_i64).unwrap().connection.mtu_packet_size, 1300);
        assert_eq!(with(ConfigValue::UNENCRYPTED, 3).unwrap().connection.unencrypted, 3);
    }

    #[test]
    fn what_cannot_be_set_is_refused_by_name() {
        let problem = |result: Result<Settings, Error>| result.unwrap_err().to_string();
        assert!(problem(with(ConfigValue(12_345), 1)).contains("12345"));
        assert!(problem(with(ConfigValue::NAGLE_TIME, "soon")).contains("soon"));
        assert!(problem(with(ConfigValue::MTU_DATA_SIZE, 1200)).contains("MTU_DataSize"));
        assert!(problem(with(ConfigValue::SYMMETRIC_CONNECT, 1)).contains("SymmetricConnect"));
        assert!(problem(with(ConfigValue::FAKE_PACKET_LOSS_SEND, 5.0)).contains("globally"));
    }
}
