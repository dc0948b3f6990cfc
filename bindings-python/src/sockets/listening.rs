//! Listen sockets.

use gamesockets::{ListenSocket, address_to_string, parse_address};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping};

use super::Sockets;
use crate::errors::raise;
use crate::options;

#[pymethods]
impl Sockets {
    #[doc = about!(create_listen_socket_ip)]
    #[pyo3(signature = (ip_address, options=None, **config))]
    fn create_listen_socket_ip(
        &self,
        py: Python<'_>,
        ip_address: &str,
        options: Option<&Bound<'_, PyMapping>>,
        config: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<u32> {
        let inner = self.core()?;
        let address = parse_address(ip_address).map_err(raise)?;
        let entries = options::entries(options, config)?;
        let socket = py.detach(|| inner.create_listen_socket_ip(address, &entries)).map_err(raise)?;
        Ok(socket.raw())
    }

    #[doc = about!(close_listen_socket)]
    fn close_listen_socket(&self, py: Python<'_>, socket: u32) -> PyResult<()> {
        let inner = self.core()?;
        py.detach(|| inner.close_listen_socket(ListenSocket::from_raw(socket))).map_err(raise)
    }

    #[doc = about!(get_listen_socket_address)]
    #[pyo3(signature = (socket, with_port=true))]
    fn get_listen_socket_address(&self, socket: u32, with_port: bool) -> PyResult<String> {
        let address = self.core()?.listen_socket_address(ListenSocket::from_raw(socket)).map_err(raise)?;
        Ok(address_to_string(address, with_port))
    }
}
