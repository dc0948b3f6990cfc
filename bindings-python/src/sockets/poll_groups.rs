//! Poll groups: the messages of many connections with one call.

use gamesockets::{Connection, PollGroup};
use pyo3::prelude::*;

use super::Sockets;
use crate::errors::raise;

#[pymethods]
impl Sockets {
    #[doc = about!(create_poll_group)]
    fn create_poll_group(&self) -> PyResult<u32> {
        Ok(self.core()?.create_poll_group().map_err(raise)?.raw())
    }

    #[doc = about!(destroy_poll_group)]
    fn destroy_poll_group(&self, poll_group: u32) -> PyResult<()> {
        self.core()?.destroy_poll_group(PollGroup::from_raw(poll_group)).map_err(raise)
    }

    #[doc = about!(set_connection_poll_group)]
    fn set_connection_poll_group(&self, connection_handle: u32, poll_group: u32) -> PyResult<()> {
        let group = (poll_group != 0).then(|| PollGroup::from_raw(poll_group));
        self.core()?.set_connection_poll_group(Connection::from_raw(connection_handle), group).map_err(raise)
    }
}
