//! Waiting, without the interpreter: other threads run on, and signals are heard.

use std::time::{Duration, Instant};

use gamesockets::{Connection, Error, MessageSource};
use pyo3::prelude::*;

use super::{Sockets, events};
use crate::errors::{invalid_state, raise};
use crate::options;

/// How long a wait goes on before it looks whether a signal came (Ctrl-C), or whether another thread closed the instance.
const SLICE: Duration = Duration::from_millis(50);
#[pymethods]
impl Sockets {
    /// Wait for an event, at most `timeout` seconds (None: without end). None when none came.
    #[pyo3(signature = (timeout=None))]
    fn wait_event<'py>(&self, py: Python<'py>, timeout: Option<f64>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let event = self.wait(py, timeout, |inner, slice| Ok(inner.wait_event(slice)))?;
        event.map(|event| events::to_object(py, event)).transpose()
    }

    /// Wait until messages can be read from a connection or a poll group, at most `timeout` seconds. False when none came.
    #[pyo3(signature = (handle, timeout=None))]
    fn wait_messages(&self, py: Python<'_>, handle: u32, timeout: Option<f64>) -> PyResult<bool> {
        let source = MessageSource::from_raw(handle);
        let answer = self.wait(py, timeout, |inner, slice| Ok(inner.wait_messages(source, slice)?.then_some(())))?;
        Ok(answer.is_some())
    }

    /// Wait until a send that raised `WouldBlock` may be tried again, at most `timeout` seconds. False when there was no room.
    #[pyo3(signature = (connection_handle, timeout=None))]
    fn wait_writable(&self, py: Python<'_>, connection_handle: u32, timeout: Option<f64>) -> PyResult<bool> {
        let connection = Connection::from_raw(connection_handle);
        let answer =
            self.wait(py, timeout, |inner, slice| Ok(inner.wait_writable(connection, slice)?.then_some(())))?;
        Ok(answer.is_some())
    }
}

impl Sockets {
    /// Waits in slices; `wait` answers within the time it is given.
    fn wait<T: Send>(
        &self,
        py: Python<'_>,
        timeout: Option<f64>,
        wait: impl Fn(&gamesockets::Sockets, Duration) -> Result<Option<T>, Error> + Send + Sync,
    ) -> PyResult<Option<T>> {
        let deadline = options::seconds(timeout)?.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            let left = deadline.map_or(SLICE, |deadline| deadline.saturating_duration_since(Instant::now()));
            let inner = self.core()?;
            // Moved in: the last clone ends the instance, which takes time.
            let answer = py
                .detach(|| {
                    let inner = inner;
                    wait(&inner, left.min(SLICE))
                })
                .map_err(raise)?;
            if answer.is_some() || left.is_zero() {
                return Ok(answer);
            }
            py.check_signals()?;
            if self.instance.is_closed() {
                return Err(invalid_state("this Sockets was closed by another thread"));
            }
        }
    }
}
