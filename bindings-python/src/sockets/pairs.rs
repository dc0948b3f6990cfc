//! Socket pairs.

use pyo3::prelude::*;

use super::Sockets;
use crate::errors::raise;
use crate::options;

#[pymethods]
impl Sockets {
    #[doc = about!(create_socket_pair)]
    #[pyo3(signature = (loopback=false, remote_steam_id1=None, remote_steam_id2=None))]
    fn create_socket_pair(
        &self,
        py: Python<'_>,
        loopback: bool,
        remote_steam_id1: Option<&Bound<'_, PyAny>>,
        remote_steam_id2: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(u32, u32)> {
        let inner = self.core()?;
        let identities = (options::identity(remote_steam_id1)?, options::identity(remote_steam_id2)?);
        let pair = py.detach(|| inner.create_socket_pair(loopback, identities.0, identities.1));
        let (first, second) = pair.map_err(raise)?;
        Ok((first.raw(), second.raw()))
    }
}
