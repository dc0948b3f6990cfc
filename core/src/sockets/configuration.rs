//! Options: setting, clearing and asking, at four scopes.

use std::sync::Arc;

use gamesockets_schema::DebugOutputType;
use gamesockets_schema::config::{self, ConfigData, ConfigOption, ConfigValue};

use super::{Sockets, listening};
use crate::config::{
    self as options, ConfigEntry, ConfigSetting, ConfigTarget, LOCKED_BY_HANDSHAKE, Overrides, Support,
};
use crate::driver::connection::ConnectionCell;
use crate::error::Error;
use crate::handles::Connection;

impl Sockets {
    /// Sets an option. It reaches existing listen sockets and connections at once, unless they have a value of their
    /// own or the handshake has locked it. Values are converted to the option's type and clamped to its range
    /// (spec section 13).
    ///
    /// # Errors
    /// [`Error::Option`]: no such option, read-only, not to be had here, or a value of the wrong type;
    /// [`Error::OptionScope`]; [`Error::OptionLocked`]; [`Error::InvalidHandle`].
    #[doc(alias = "SetConfigValue")]
    pub fn set_config_value(
        &self,
        target: impl Into<ConfigTarget>,
        option: ConfigValue,
        value: impl Into<ConfigData>,
    ) -> Result<(), Error> {
        let (row, support) = options::find_settable(option)?;
        let value = options::accept(row, &value.into())?;
        self.change(target.into(), row, support, Some(value))
    }

    /// As [`Self::set_config_value`], with an entry as it is given while creating.
    ///
    /// # Errors
    /// The same.
    #[doc(alias = "SetConfigValueStruct")]
    pub fn set_config_value_struct(&self, target: impl Into<ConfigTarget>, entry: &ConfigEntry) -> Result<(), Error> {
        self.set_config_value(target, entry.option, entry.value.clone())
    }

    /// Takes back what was set: the option is inherited again, and at the global scope it has its default.
    ///
    /// # Errors
    /// As [`Self::set_config_value`]. The user data of a connection cannot be cleared.
    pub fn clear_config_value(&self, target: impl Into<ConfigTarget>, option: ConfigValue) -> Result<(), Error> {
        let (row, support) = options::find_settable(option)?;
        self.change(target.into(), row, support, None)
    }

    /// What an option is at a scope, and whether it is inherited.
    ///
    /// # Errors
    /// [`Error::Option`], [`Error::OptionScope`], [`Error::InvalidHandle`]; [`Error::config_result`] gives the code.
    #[doc(alias = "GetConfigValue")]
    pub fn config_value(&self, target: impl Into<ConfigTarget>, option: ConfigValue) -> Result<ConfigSetting, Error> {
        let target = target.into();
        let (row, support) = options::find(option)?;
        options::check_scope(row, target.scope())?;
        if support == Support::Derived {
            let packet_size = self.config_value(target, ConfigValue::MTU_PACKET_SIZE)?;
            return Ok(ConfigSetting { value: options::mtu_data_size(&packet_size.value), ..packet_size });
        }
        let driver = self.driver()?;
        let setting = match target {
            ConfigTarget::Global => options::effective(row, &[&driver.scopes.read().global]),
            ConfigTarget::SocketsInterface => {
                let scopes = driver.scopes.read();
                options::effective(row, &[&scopes.global, &scopes.interface])
            }
            ConfigTarget::ListenSocket(handle) => {
                let cell = driver.listen_cell(handle).ok_or_else(|| listening::invalid(handle))?;
                let own = cell.options.lock();
                let scopes = driver.scopes.read();
                options::effective(row, &[&scopes.global, &scopes.interface, &own])
            }
            ConfigTarget::Connection(handle) => self.setting_of(&self.connection(handle)?, row),
        };
        setting.ok_or_else(|| Error::Option { option: option.0, problem: format!("{} has no default", row.name) })
    }

    /// Sets an option globally.
    ///
    /// # Errors
    /// As [`Self::set_config_value`].
    #[doc(alias = "SetGlobalConfigValueInt32")]
    pub fn set_global_config_value_int32(&self, option: ConfigValue, value: i32) -> Result<(), Error> {
        self.set_config_value(ConfigTarget::Global, option, value)
    }

    /// Sets an option globally.
    ///
    /// # Errors
    /// As [`Self::set_config_value`].
    #[doc(alias = "SetGlobalConfigValueFloat")]
    pub fn set_global_config_value_float(&self, option: ConfigValue, value: f32) -> Result<(), Error> {
        self.set_config_value(ConfigTarget::Global, option, value)
    }

    /// Sets an option globally.
    ///
    /// # Errors
    /// As [`Self::set_config_value`].
    #[doc(alias = "SetGlobalConfigValueString")]
    pub fn set_global_config_value_string(&self, option: ConfigValue, value: &str) -> Result<(), Error> {
        self.set_config_value(ConfigTarget::Global, option, value)
    }

    /// Sets an option of a connection.
    ///
    /// # Errors
    /// As [`Self::set_config_value`].
    #[doc(alias = "SetConnectionConfigValueInt32")]
    pub fn set_connection_config_value_int32(
        &self,
        connection: Connection,
        option: ConfigValue,
        value: i32,
    ) -> Result<(), Error> {
        self.set_config_value(connection, option, value)
    }

    /// Sets an option of a connection.
    ///
    /// # Errors
    /// As [`Self::set_config_value`].
    #[doc(alias = "SetConnectionConfigValueFloat")]
    pub fn set_connection_config_value_float(
        &self,
        connection: Connection,
        option: ConfigValue,
        value: f32,
    ) -> Result<(), Error> {
        self.set_config_value(connection, option, value)
    }

    /// Sets an option of a connection.
    ///
    /// # Errors
    /// As [`Self::set_config_value`].
    #[doc(alias = "SetConnectionConfigValueString")]
    pub fn set_connection_config_value_string(
        &self,
        connection: Connection,
        option: ConfigValue,
        value: &str,
    ) -> Result<(), Error> {
        self.set_config_value(connection, option, value)
    }

    fn change(
        &self,
        target: ConfigTarget,
        row: &'static ConfigOption,
        support: Support,
        value: Option<ConfigData>,
    ) -> Result<(), Error> {
        options::check_scope(row, target.scope())?;
        let driver = self.driver()?;
        let shown = value.as_ref().map_or_else(|| "cleared".into(), ToString::to_string);
        driver.log.write(DebugOutputType::Verbose, format_args!("option {} at {target:?}: {shown}", row.name));
        driver.events.announce();
        match target {
            ConfigTarget::Global => driver.scopes.write().global.put(row.id, value),
            ConfigTarget::SocketsInterface => driver.scopes.write().interface.put(row.id, value),
            ConfigTarget::ListenSocket(handle) => {
                let cell = driver.listen_cell(handle).ok_or_else(|| listening::invalid(handle))?;
                cell.options.lock().put(row.id, value);
            }
            ConfigTarget::Connection(handle) => return self.change_connection(handle, row, support, value),
        }
        match support {
            Support::Network => driver.reconfigure_network(),
            _ => driver.reconfigure_all(),
        }
        Ok(())
    }

    fn change_connection(
        &self,
        handle: Connection,
        row: &'static ConfigOption,
        support: Support,
        value: Option<ConfigData>,
    ) -> Result<(), Error> {
        let cell = self.connection(handle)?;
        if support == Support::UserData {
            let Some(ConfigData::Int64(number)) = value else {
                let problem = "the user data of a connection cannot be cleared; set it to -1".into();
                return Err(Error::Option { option: row.id.0, problem });
            };
            cell.set_user_data(number);
            return Ok(());
        }
        let mut guarded = cell.lock();
        if LOCKED_BY_HANDSHAKE.contains(&row.id) && cell.has_locked_options(&guarded) {
            return Err(Error::OptionLocked { option: row.name });
        }
        guarded.options.put(row.id, value);
        drop(guarded);
        cell.reconfigure(&self.instance.driver);
        Ok(())
    }

    fn setting_of(&self, cell: &Arc<ConnectionCell>, row: &ConfigOption) -> Option<ConfigSetting> {
        if row.id == config::CONNECTION_USER_DATA.id {
            return Some(ConfigSetting { value: cell.user_data().into(), inherited: false });
        }
        let driver = &self.instance.driver;
        let listen_socket = cell.listen_socket().and_then(|handle| driver.listen_cell(handle));
        let guarded = cell.lock();
        if cell.has_locked_options(&guarded)
            && let Some(value) = options::handshake_value(row.id, guarded.engine.config())
        {
            return Some(ConfigSetting { value, inherited: false });
        }
        let wider = listen_socket.as_ref().map(|cell| cell.options.lock());
        let scopes = driver.scopes.read();
        let none = Overrides::default();
        let wider = wider.as_deref().unwrap_or(&none);
        options::effective(row, &[&scopes.global, &scopes.interface, wider, &guarded.options])
    }
}
