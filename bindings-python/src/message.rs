//! Messages that have arrived.

use gamesockets as core;
use gamesockets_schema::SendFlags;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// A message that has arrived. Its payload is copied out of the library once, when the message is handed over.
#[pyclass(frozen, module = "gamesockets")]
pub(crate) struct ReceivedMessage {
    /// What the peer sent.
    #[pyo3(get)]
    payload: Py<PyBytes>,
    /// The handle of the connection it came by.
    #[pyo3(get)]
    connection: u32,
    /// The lane it came by.
    #[pyo3(get)]
    lane: u16,
    /// Whether it was sent reliably.
    #[pyo3(get)]
    reliable: bool,
    /// The number the sender gave it: per lane, from 1.
    #[pyo3(get)]
    number: u64,
    /// When it arrived, on the clock of `get_local_timestamp`, microseconds.
    #[pyo3(get)]
    time_received: u64,
    /// The number that the application attached to the connection; -1 when none.
    #[pyo3(get)]
    user_data: i64,
    identity: std::sync::Arc<core::Identity>,
}

#[pymethods]
impl ReceivedMessage {
    /// Who sent it, as text.
    #[getter]
    fn identity(&self) -> String {
        self.identity.to_string()
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.payload.bind(py).len()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!(
            "<ReceivedMessage number={} lane={} reliable={} connection={:#010x} size={}>",
            self.number,
            self.lane,
            if self.reliable { "True" } else { "False" },
            self.connection,
            self.__len__(py)?
        ))
    }
}

impl ReceivedMessage {
    fn new(py: Python<'_>, message: core::ReceivedMessage) -> Self {
        Self {
            payload: PyBytes::new(py, &message.payload).unbind(),
            connection: message.connection.raw(),
            lane: message.lane,
            reliable: message.flags.contains(SendFlags::RELIABLE),
            number: message.message_number,
            time_received: message.time_received,
            user_data: message.user_data,
            identity: message.identity,
        }
    }
}

/// Messages for Python.
pub(crate) fn to_python(py: Python<'_>, messages: Vec<core::ReceivedMessage>) -> Vec<ReceivedMessage> {
    messages.into_iter().map(|message| ReceivedMessage::new(py, message)).collect()
}

/// A message for the asyncio layer, which knows connections as objects, not as handles.
#[pyclass(frozen, module = "gamesockets")]
pub(crate) struct Message {
    /// What the peer sent.
    #[pyo3(get)]
    payload: Py<PyBytes>,
    /// The connection it came by.
    #[pyo3(get)]
    connection: Py<PyAny>,
    /// The lane it came by.
    #[pyo3(get)]
    lane: u16,
    /// Whether it was sent reliably.
    #[pyo3(get)]
    reliable: bool,
    /// The number the sender gave it: per lane, from 1.
    #[pyo3(get)]
    number: u64,
    /// When it arrived, on the clock of `get_local_timestamp`, microseconds.
    #[pyo3(get)]
    time_received: u64,
}

#[pymethods]
impl Message {
    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.payload.bind(py).len()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let reliable = if self.reliable { "True" } else { "False" };
        let size = self.__len__(py)?;
        Ok(format!("<Message number={} lane={} reliable={reliable} size={size}>", self.number, self.lane))
    }

    /// A connection keeps messages that were not read yet, and each of them knows its connection.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.connection)
    }
}

impl Message {
    pub(crate) fn new(py: Python<'_>, message: core::ReceivedMessage, connection: Py<PyAny>) -> Self {
        Self {
            payload: PyBytes::new(py, &message.payload).unbind(),
            connection,
            lane: message.lane,
            reliable: message.flags.contains(SendFlags::RELIABLE),
            number: message.message_number,
            time_received: message.time_received,
        }
    }
}
