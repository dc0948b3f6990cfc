//! Connections: making, accepting, closing, asking.

use gamesockets::schema::records::{ConnectionInfo, LifetimeStatistics, RealTimeStatus};
use gamesockets::{Connection, parse_address};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping};

use super::Sockets;
use crate::errors::raise;
use crate::{options, to_python};

#[pymethods]
impl Sockets {
    #[doc = about!(connect_by_ip_address)]
    #[pyo3(signature = (ip_address_with_port, options=None, **config))]
    fn connect_by_ip_address(
        &self,
        py: Python<'_>,
        ip_address_with_port: &str,
        options: Option<&Bound<'_, PyMapping>>,
        config: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<u32> {
        let inner = self.core()?;
        let address = parse_address(ip_address_with_port).map_err(raise)?;
        let entries = options::entries(options, config)?;
        let connection = py.detach(|| inner.connect_by_ip_address(address, &entries)).map_err(raise)?;
        Ok(connection.raw())
    }

    #[doc = about!(accept_connection)]
    fn accept_connection(&self, py: Python<'_>, connection_handle: u32) -> PyResult<()> {
        let inner = self.core()?;
        py.detach(|| inner.accept_connection(Connection::from_raw(connection_handle))).map_err(raise)
    }

    #[doc = about!(close_connection)]
    #[pyo3(signature = (connection_handle, reason=0, debug_message="", linger=false))]
    fn close_connection(
        &self,
        py: Python<'_>,
        connection_handle: u32,
        reason: i32,
        debug_message: &str,
        linger: bool,
    ) -> PyResult<()> {
        let inner = self.core()?;
        let connection = Connection::from_raw(connection_handle);
        py.detach(|| inner.close_connection(connection, reason, debug_message, linger)).map_err(raise)
    }

    #[doc = about!(get_connection_info)]
    fn get_connection_info<'py>(&self, py: Python<'py>, connection_handle: u32) -> PyResult<Bound<'py, PyAny>> {
        let info = self.core()?.connection_info(Connection::from_raw(connection_handle)).map_err(raise)?;
        to_python::record(py, ConnectionInfo::INFO, &info)
    }

    #[doc = about!(get_quick_connection_status)]
    fn get_quick_connection_status<'py>(&self, py: Python<'py>, connection_handle: u32) -> PyResult<Bound<'py, PyAny>> {
        let status = self.core()?.quick_connection_status(Connection::from_raw(connection_handle)).map_err(raise)?;
        to_python::record(py, RealTimeStatus::INFO, &status)
    }

    #[doc = about!(get_detailed_connection_status)]
    fn get_detailed_connection_status(&self, connection_handle: u32) -> PyResult<String> {
        self.core()?.detailed_connection_status(Connection::from_raw(connection_handle)).map_err(raise)
    }

    /// The figures of a connection over its whole life.
    fn get_connection_lifetime_statistics<'py>(
        &self,
        py: Python<'py>,
        connection_handle: u32,
    ) -> PyResult<Bound<'py, PyAny>> {
        let connection = Connection::from_raw(connection_handle);
        let statistics = self.core()?.connection_lifetime_statistics(connection).map_err(raise)?;
        to_python::record(py, LifetimeStatistics::INFO, &statistics)
    }

    #[doc = about!(get_connection_name)]
    fn get_connection_name(&self, connection_handle: u32) -> PyResult<String> {
        self.core()?.connection_name(Connection::from_raw(connection_handle)).map_err(raise)
    }

    #[doc = about!(set_connection_name)]
    fn set_connection_name(&self, connection_handle: u32, name: &str) -> PyResult<()> {
        self.core()?.set_connection_name(Connection::from_raw(connection_handle), name).map_err(raise)
    }

    #[doc = about!(get_connection_user_data)]
    fn get_connection_user_data(&self, connection_handle: u32) -> PyResult<i64> {
        self.core()?.connection_user_data(Connection::from_raw(connection_handle)).map_err(raise)
    }

    #[doc = about!(set_connection_user_data)]
    fn set_connection_user_data(&self, connection_handle: u32, user_data: i64) -> PyResult<()> {
        self.core()?.set_connection_user_data(Connection::from_raw(connection_handle), user_data).map_err(raise)
    }
}
