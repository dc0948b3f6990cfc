//! Options: setting, clearing and asking, at four scopes.

use gamesockets::schema::records::{ConfigValueAnswer, ConfigValueInfo};
use gamesockets::{
    ConfigData, ConfigScope, ConfigTarget, ConfigValue, Connection, DebugOutputType, config_value_info,
    next_editable_config_value,
};
use gamesockets_schema::ConfigDataType;
use pyo3::prelude::*;

use super::Sockets;
use crate::errors::{invalid_argument, raise};
use crate::{options, to_python};

#[pymethods]
impl Sockets {
    #[doc = about!(get_config_value)]
    #[pyo3(signature = (config_value, scope_type=1, connection_handle=0))]
    fn get_config_value<'py>(
        &self,
        py: Python<'py>,
        config_value: &Bound<'_, PyAny>,
        scope_type: i32,
        connection_handle: u32,
    ) -> PyResult<Bound<'py, PyAny>> {
        let target = target(scope_type, connection_handle)?;
        let setting = self.core()?.config_value(target, options::option(config_value)?).map_err(raise)?;
        to_python::record(py, ConfigValueAnswer::INFO, &setting.answer())
    }

    #[doc = about!(get_config_value_info)]
    fn get_config_value_info<'py>(
        &self,
        py: Python<'py>,
        config_value: &Bound<'_, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let info = config_value_info(options::option(config_value)?).map_err(raise)?;
        to_python::record(py, ConfigValueInfo::INFO, &info)
    }

    #[doc = about!(iterate_generic_editable_config_values)]
    fn iterate_generic_editable_config_values<'py>(
        &self,
        py: Python<'py>,
        current_value: &Bound<'_, PyAny>,
        enumerate_dev_vars: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let next = next_editable_config_value(options::option(current_value)?, enumerate_dev_vars);
        to_python::member(py, ConfigValue::INFO, next.map_or(ConfigValue::INVALID, |option| option.id).0)
    }

    #[doc = about!(set_config_value)]
    fn set_config_value(
        &self,
        setting: &Bound<'_, PyAny>,
        scope_type: i32,
        connection_handle: u32,
        data_type: i32,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let data_type = ConfigDataType::from_value(data_type)
            .ok_or_else(|| invalid_argument(format!("{data_type} is no ConfigDataType")))?;
        let data = options::data(setting, value)?;
        let data = data.convert(data_type).map_err(|error| invalid_argument(error.to_string()))?;
        self.set_option(target(scope_type, connection_handle)?, setting, data)
    }

    /// Take back what was set: the option is inherited again; at the global scope it has its default.
    #[pyo3(signature = (config_value, scope_type=1, connection_handle=0))]
    fn clear_config_value(
        &self,
        config_value: &Bound<'_, PyAny>,
        scope_type: i32,
        connection_handle: u32,
    ) -> PyResult<()> {
        let target = target(scope_type, connection_handle)?;
        self.core()?.clear_config_value(target, options::option(config_value)?).map_err(raise)
    }

    #[doc = about!(set_connection_config_value_float)]
    fn set_connection_config_value_float(
        &self,
        connection_handle: u32,
        config: &Bound<'_, PyAny>,
        value: f32,
    ) -> PyResult<()> {
        self.set_option(Connection::from_raw(connection_handle).into(), config, value.into())
    }

    #[doc = about!(set_connection_config_value_int32)]
    fn set_connection_config_value_int32(
        &self,
        connection_handle: u32,
        config: &Bound<'_, PyAny>,
        value: i32,
    ) -> PyResult<()> {
        self.set_option(Connection::from_raw(connection_handle).into(), config, value.into())
    }

    #[doc = about!(set_connection_config_value_string)]
    fn set_connection_config_value_string(
        &self,
        connection_handle: u32,
        config: &Bound<'_, PyAny>,
        value: &str,
    ) -> PyResult<()> {
        self.set_option(Connection::from_raw(connection_handle).into(), config, value.into())
    }

    #[doc = about!(set_global_config_value_float)]
    fn set_global_config_value_float(&self, config: &Bound<'_, PyAny>, value: f32) -> PyResult<()> {
        self.set_option(ConfigTarget::Global, config, value.into())
    }

    #[doc = about!(set_global_config_value_int32)]
    fn set_global_config_value_int32(&self, config: &Bound<'_, PyAny>, value: i32) -> PyResult<()> {
        self.set_option(ConfigTarget::Global, config, value.into())
    }

    #[doc = about!(set_global_config_value_string)]
    fn set_global_config_value_string(&self, config: &Bound<'_, PyAny>, value: &str) -> PyResult<()> {
        self.set_option(ConfigTarget::Global, config, value.into())
    }

    #[doc = about!(set_debug_output_function)]
    fn set_debug_output_function(&self, detail_level: i32) -> PyResult<()> {
        let level = DebugOutputType::from_value(detail_level)
            .ok_or_else(|| invalid_argument(format!("{detail_level} is no DebugOutputType")))?;
        self.core()?.set_debug_output_level(level);
        Ok(())
    }
}

impl Sockets {
    fn set_option(&self, target: ConfigTarget, option: &Bound<'_, PyAny>, value: ConfigData) -> PyResult<()> {
        self.core()?.set_config_value(target, options::option(option)?, value).map_err(raise)
    }
}

/// The object that a scope and a handle name.
fn target(scope: i32, handle: u32) -> PyResult<ConfigTarget> {
    let scope = ConfigScope::from_value(scope).ok_or_else(|| invalid_argument(format!("{scope} is no ConfigScope")))?;
    Ok(ConfigTarget::new(scope, handle))
}
