//! From what was set at the scopes of a connection to what its engine works with.

use std::time::Duration;

use gamesockets_proto::ConnectionConfig;
use gamesockets_schema::config::{self, ConfigData, ConfigValue};

use super::Overrides;

/// What the handshake has used cannot change any more: neither here nor at wider scopes (spec section 5.7).
pub(crate) const LOCKED_BY_HANDSHAKE: [ConfigValue; 3] =
    [ConfigValue::UNENCRYPTED, ConfigValue::IP_ALLOW_WITHOUT_AUTH, ConfigValue::IP_LOCAL_HOST_ALLOW_WITHOUT_AUTH];

/// How much smaller `MTU_DataSize` is than `MTU_PacketSize` (spec section 13).
const MTU_OVERHEAD: i32 = 100;

/// What one connection works with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    /// What its engine works with.
    pub(crate) connection: ConnectionConfig,
    /// The number attached to it when it is made.
    pub(crate) user_data: i64,
    /// How many connections may come in from one address; 0: as many as leave room for others.
    pub(crate) connections_per_address: usize,
}

impl Settings {
    /// The settings that follow from these scopes, widest first.
    pub(crate) fn resolve(scopes: &[&Overrides]) -> Self {
        let mut settings = Self {
            connection: ConnectionConfig::default(),
            user_data: config::CONNECTION_USER_DATA.default,
            connections_per_address: 0,
        };
        for (id, value) in scopes.iter().flat_map(|scope| scope.iter()) {
            settings.apply(id, value);
        }
        settings
    }

    fn apply(&mut self, option: ConfigValue, value: &ConfigData) {
        match *value {
            ConfigData::Int32(number) => self.apply_number(option, number),
            ConfigData::Int64(number) if option == ConfigValue::CONNECTION_USER_DATA => self.user_data = number,
            // Options of the whole instance.
            _ => {}
        }
    }

    fn apply_number(&mut self, option: ConfigValue, number: i32) {
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
            ConfigValue::LINGER_TIME => config.linger_time = milliseconds,
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
            ConfigValue::CONNECTIONS_PER_ADDRESS => {
                self.connections_per_address = usize::try_from(number).unwrap_or(0);
            }
            // Options of the whole instance.
            _ => {}
        }
    }
}

/// The value of an option that was locked by the handshake; `None` for other options.
pub(crate) fn handshake_value(option: ConfigValue, config: &ConnectionConfig) -> Option<ConfigData> {
    let value = match option {
        ConfigValue::UNENCRYPTED => config.unencrypted,
        ConfigValue::IP_ALLOW_WITHOUT_AUTH => config.ip_allow_without_auth,
        ConfigValue::IP_LOCAL_HOST_ALLOW_WITHOUT_AUTH => config.ip_local_host_allow_without_auth,
        _ => return None,
    };
    Some(ConfigData::Int32(value.into()))
}

/// `MTU_DataSize`, from the value of `MTU_PacketSize`.
pub(crate) fn mtu_data_size(mtu_packet_size: &ConfigData) -> ConfigData {
    match *mtu_packet_size {
        ConfigData::Int32(bytes) => ConfigData::Int32((bytes - MTU_OVERHEAD).max(0)),
        ref other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use gamesockets_schema::config::OptionKind;

    use super::super::Support;
    use super::super::support::support;
    use super::*;

    fn with(id: ConfigValue, value: ConfigData) -> Settings {
        let mut overrides = Overrides::default();
        overrides.put(id, Some(value));
        Settings::resolve(&[&overrides])
    }

    #[test]
    fn the_defaults_are_those_of_the_schema() {
        let mut overrides = Overrides::default();
        for option in config::OPTIONS {
            overrides.put(option.id, option.default());
        }
        assert_eq!(Settings::resolve(&[&overrides]), Settings::resolve(&[]));
    }

    #[test]
    fn every_option_of_a_connection_reaches_it() {
        for option in config::OPTIONS.iter().filter(|option| support(option) == Support::Connection) {
            let OptionKind::Int32(Some(bounds)) = option.kind else { panic!("{} is no number", option.name) };
            for extreme in [bounds.min, bounds.max].into_iter().filter(|&extreme| extreme != bounds.default) {
                let settings = with(option.id, extreme.into());
                assert_ne!(settings, Settings::resolve(&[]), "{} = {extreme} changes nothing", option.name);
            }
        }
        assert_eq!(with(ConfigValue::CONNECTION_USER_DATA, 7_i64.into()).user_data, 7);
    }

    #[test]
    fn what_the_handshake_locks_can_be_read_back() {
        for option in LOCKED_BY_HANDSHAKE {
            let settings = with(option, 1.into());
            assert_eq!(handshake_value(option, &settings.connection), Some(1.into()));
        }
        assert_eq!(handshake_value(ConfigValue::NAGLE_TIME, &ConnectionConfig::default()), None);
    }

    #[test]
    fn the_data_size_follows_from_the_packet_size() {
        assert_eq!(mtu_data_size(&config::MTU_PACKET_SIZE.default.into()), config::MTU_DATA_SIZE.default.into());
        assert_eq!(mtu_data_size(&config::MTU_PACKET_SIZE.min.into()), config::MTU_DATA_SIZE.min.into());
    }
}
