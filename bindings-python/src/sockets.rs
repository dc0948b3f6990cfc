//! The class `Sockets`: one identity on the network. One file per family of calls.

mod addresses;
mod authentication;
mod configuration;
mod connections;
mod events;
mod lanes;
mod listening;
mod messages;
mod pairs;
mod poll_groups;
mod receiving;
mod waiting;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use gamesockets as core;
use parking_lot::RwLock;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping};

use crate::errors::{invalid_state, raise};
use crate::options;
use crate::watches::Watchers;

/// How often this process is the child of a fork: an instance of the parent has no thread here.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// To be called in the child of a fork, before anything else.
#[pyfunction]
#[pyo3(name = "_forked")]
pub(crate) fn forked() {
    FORKS.fetch_add(1, Ordering::Relaxed);
}

/// One identity on the network: its listen sockets, connections and poll groups.
#[pyclass(frozen, weakref, module = "gamesockets")]
pub(crate) struct Sockets {
    pub(crate) instance: Arc<Instance>,
}

/// What a `Sockets` and those who watch it share.
pub(crate) struct Instance {
    inner: RwLock<Option<core::Sockets>>,
    pub(crate) watchers: Watchers,
    forks: u32,
}

impl Instance {
    /// The core's value, unless it is closed.
    pub(crate) fn core(&self) -> PyResult<core::Sockets> {
        let inner = self.inner.read().clone();
        match inner {
            Some(inner) if !self.is_forked() => Ok(inner),
            Some(inner) => {
                // Its drop would wait for a thread that only the parent has.
                std::mem::forget(inner);
                Err(invalid_state("this Sockets was made before a fork: make one of your own in the child process"))
            }
            None => Err(invalid_state("this Sockets is closed")),
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.inner.read().is_none()
    }

    /// Whether it belongs to the parent of this process: its thread is not here, and may have held any lock.
    pub(crate) fn is_forked(&self) -> bool {
        self.forks != FORKS.load(Ordering::Relaxed)
    }

    /// Ends it. Takes up to a second while closed connections still deliver.
    fn close(&self) {
        let inner = self.inner.write().take();
        if self.is_forked() {
            std::mem::forget(inner);
        } else {
            self.watchers.close();
            drop(inner);
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if !self.is_closed() && Python::try_attach(|py| py.detach(|| self.close())).is_none() {
            self.close();
        }
    }
}

#[pymethods]
impl Sockets {
    /// Start an instance.
    ///
    /// ``identity`` is a SteamID (int) or a text such as ``"str:alice"``; without it we are anonymous. Options of the
    /// global scope are given by name, as keywords.
    #[new]
    #[pyo3(signature = (identity=None, *, options=None, trace_directory=None, trace_size_limit=None, **config))]
    fn new(
        py: Python<'_>,
        identity: Option<&Bound<'_, PyAny>>,
        options: Option<&Bound<'_, PyMapping>>,
        trace_directory: Option<std::path::PathBuf>,
        trace_size_limit: Option<u64>,
        config: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let mut builder = core::Sockets::builder();
        if let Some(identity) = options::identity(identity)? {
            builder = builder.identity(identity);
        }
        for entry in options::entries(options, config)? {
            builder = builder.option(entry);
        }
        if let Some(directory) = trace_directory {
            builder = builder.trace_directory(directory);
        }
        if let Some(bytes) = trace_size_limit {
            builder = builder.trace_size_limit(bytes);
        }
        let inner = py.detach(|| builder.build()).map_err(raise)?;
        let forks = FORKS.load(Ordering::Relaxed);
        let instance = Instance { inner: RwLock::new(Some(inner)), watchers: Watchers::default(), forks };
        Ok(Self { instance: Arc::new(instance) })
    }

    /// Close every connection (reason 2999) and every listen socket, and end the thread. Connections that were closed
    /// with ``linger`` get up to one second to deliver. Closing twice does nothing.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.instance.close());
    }

    /// Whether `close` was called.
    #[getter]
    fn closed(&self) -> bool {
        self.instance.is_closed()
    }

    fn __enter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    #[pyo3(signature = (*_arguments))]
    fn __exit__(&self, py: Python<'_>, _arguments: &Bound<'_, PyAny>) {
        self.close(py);
    }

    fn __repr__(&self) -> String {
        match self.instance.core() {
            Ok(inner) => format!("<Sockets {}>", inner.identity()),
            Err(_) => "<Sockets (closed)>".to_owned(),
        }
    }

    #[doc = about!(get_identity)]
    fn get_identity(&self) -> PyResult<String> {
        Ok(self.core()?.identity().to_string())
    }

    #[doc = about!(reset_identity)]
    #[pyo3(signature = (remote_steam_id=None))]
    fn reset_identity(&self, py: Python<'_>, remote_steam_id: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let identity = options::identity(remote_steam_id)?.unwrap_or_else(core::Identity::localhost);
        let inner = self.core()?;
        py.detach(|| inner.reset_identity(identity));
        Ok(())
    }

    #[doc = about!(get_local_timestamp)]
    fn get_local_timestamp(&self) -> PyResult<u64> {
        Ok(self.core()?.local_timestamp())
    }
}

impl Sockets {
    pub(crate) fn core(&self) -> PyResult<core::Sockets> {
        self.instance.core()
    }
}
