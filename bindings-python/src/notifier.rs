//! The class `Notifier`: one file descriptor that becomes readable when something that is watched has happened.
//!
//! An event loop watches the descriptor, and says here what it waits for. Each watch fires once. The I/O thread only
//! notes it in a list, and writes one byte for a whole burst; it never takes the interpreter's lock, and no other thread
//! is needed.

use std::sync::Arc;

use gamesockets::{Connection, MessageSource, Topic};
use parking_lot::Mutex;
use pyo3::prelude::*;

use crate::errors::invalid_state;
use crate::sockets::{Instance, Sockets};
use crate::watches::Watches;

/// One file descriptor that becomes readable, once per burst, when something that is watched has happened.
///
/// Each watch fires once; what it reports is a hint, as any readiness: somebody else may have been faster.
#[pyclass(frozen, weakref, module = "gamesockets")]
pub(crate) struct Notifier {
    instance: Arc<Instance>,
    watches: Mutex<Option<Arc<Watches>>>,
}

#[pymethods]
impl Notifier {
    #[new]
    fn new(sockets: &Sockets) -> PyResult<Self> {
        // A closed instance says so.
        sockets.core()?;
        let instance = Arc::clone(&sockets.instance);
        let watches = Arc::new(Watches::new()?);
        instance.watchers.add(&watches);
        Ok(Self { instance, watches: Mutex::new(Some(watches)) })
    }

    /// The file descriptor (on Windows: the socket) to watch for reading. Read nothing from it: `take` does.
    fn fileno(&self) -> PyResult<i64> {
        Ok(self.watches()?.fileno())
    }

    /// Ask to be told of the next event. True: one waits already, and nothing will be told.
    fn watch_events(&self) -> PyResult<bool> {
        self.watch(Topic::Events)
    }

    /// Ask to be told when messages can be read from a connection or a poll group. True: now, and nothing will be told.
    ///
    /// Raises `ConnectionClosed` when the connection has ended and everything was read, and `InvalidHandle`.
    fn watch_messages(&self, handle: u32) -> PyResult<bool> {
        self.watch(Topic::Readable(MessageSource::from_raw(handle)))
    }

    /// Ask to be told when a send that raised `WouldBlock` may be tried again. True: now, and nothing will be told.
    ///
    /// Raises `ConnectionClosed` and `InvalidHandle`.
    fn watch_writable(&self, connection_handle: u32) -> PyResult<bool> {
        self.watch(Topic::Writable(Connection::from_raw(connection_handle)))
    }

    /// Forget what is watched about a connection or a poll group.
    fn unwatch(&self, handle: u32) -> PyResult<()> {
        self.watches()?.forget(handle);
        Ok(())
    }

    /// What has happened since the last time: whether there are events, the handles to read from, and those to write to.
    /// The descriptor is not readable any more.
    fn take(&self) -> PyResult<(bool, Vec<u32>, Vec<u32>)> {
        let happened = self.watches()?.take();
        Ok((happened.events, happened.readable, happened.writable))
    }

    /// Close the file descriptor and forget every watch. Closing twice does nothing.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.end());
    }

    /// Whether `close` was called.
    #[getter]
    fn closed(&self) -> bool {
        self.watches.lock().is_none()
    }
}

impl Drop for Notifier {
    fn drop(&mut self) {
        self.end();
    }
}

impl Notifier {
    fn end(&self) {
        let watches = self.watches.lock().take();
        if self.instance.is_forked() {
            std::mem::forget(watches);
        } else if let Some(watches) = watches {
            watches.close();
        }
    }

    fn watches(&self) -> PyResult<Arc<Watches>> {
        self.watches.lock().clone().ok_or_else(|| invalid_state("this Notifier is closed"))
    }

    fn watch(&self, topic: Topic) -> PyResult<bool> {
        let watches = self.watches()?;
        let happened = watches.watch(&self.instance.core()?, topic)?;
        // It may have been closed meanwhile: then this says so.
        self.instance.core()?;
        Ok(happened)
    }
}
