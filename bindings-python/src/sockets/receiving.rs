//! Receiving for the asyncio layer, whose messages name their connection by its object.

use gamesockets::{Connection, PollGroup};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::Sockets;
use crate::errors::raise;
use crate::message::Message;

#[pymethods]
impl Sockets {
    /// Take up to `max_messages` of a connection, whose object is `connection`.
    fn _receive(
        &self,
        py: Python<'_>,
        connection_handle: u32,
        max_messages: usize,
        connection: &Bound<'_, PyAny>,
    ) -> PyResult<Vec<Message>> {
        let inner = self.core()?;
        let handle = Connection::from_raw(connection_handle);
        let messages = inner.receive_messages_on_connection(handle, max_messages).map_err(raise)?;
        Ok(messages.into_iter().map(|message| Message::new(py, message, connection.clone().unbind())).collect())
    }

    /// Take up to `max_messages` of a poll group. `connections` has the objects by handle; a message of a connection
    /// that is not among them is dropped.
    fn _receive_of_group(
        &self,
        py: Python<'_>,
        poll_group: u32,
        max_messages: usize,
        connections: &Bound<'_, PyDict>,
    ) -> PyResult<Vec<Message>> {
        let group = PollGroup::from_raw(poll_group);
        let received = self.core()?.receive_messages_on_poll_group(group, max_messages).map_err(raise)?;
        let mut messages = Vec::with_capacity(received.len());
        for message in received {
            if let Some(connection) = connections.get_item(message.connection.raw())? {
                messages.push(Message::new(py, message, connection.unbind()));
            }
        }
        Ok(messages)
    }
}
