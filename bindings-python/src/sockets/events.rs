//! Events: what happened, taken by the application.

use gamesockets::Event;
use gamesockets::schema::records;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use super::Sockets;
use crate::to_python;

#[pymethods]
impl Sockets {
    /// The next event, or None.
    fn poll_event<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.core()?.poll_event().map(|event| to_object(py, event)).transpose()
    }

    #[doc = about!(run_networking_callbacks)]
    fn run_networking_callbacks(&self, py: Python<'_>, callback: &Bound<'_, PyAny>) -> PyResult<()> {
        self.core()?.try_run_callbacks(|event| callback.call1((to_object(py, event)?,)).map(drop))
    }
}

/// An event as a named tuple.
pub(super) fn to_object(py: Python<'_>, event: Event) -> PyResult<Bound<'_, PyAny>> {
    match event {
        Event::ConnectionStatusChanged { connection, info, old_state } => {
            let event =
                records::ConnectionStatusChanged { connect_handle: connection.raw(), connection: *info, old_state };
            to_python::record(py, records::ConnectionStatusChanged::INFO, &event)
        }
        Event::AuthenticationStatus(status) => to_python::record(py, records::AuthenticationStatus::INFO, &status),
        Event::DebugOutput { level, message } => {
            to_python::record(py, records::DebugOutput::INFO, &records::DebugOutput { level, message })
        }
        Event::ConnectionWritable { connection } => {
            let event = records::ConnectionWritable { connect_handle: connection.raw() };
            to_python::record(py, records::ConnectionWritable::INFO, &event)
        }
        event => Err(PyRuntimeError::new_err(format!("an event that this package does not know: {event:?}"))),
    }
}
