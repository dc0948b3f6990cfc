//! Making instances.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use gamesockets_proto::Identity;
use gamesockets_schema::ConfigScope;

use super::Sockets;
use super::instance::Instance;
use crate::config::{ConfigEntry, Overrides};
use crate::driver::seat;
use crate::error::Error;
use crate::network::options::Network;
use crate::network::thread;
use crate::trace::{self, TraceSettings};

/// Makes a [`Sockets`] with default options of its own.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    identity: Option<Identity>,
    options: Vec<ConfigEntry>,
    trace_directory: Option<PathBuf>,
    trace_size_limit: Option<u64>,
    trace_file_limit: Option<u32>,
    busy_poll: Option<Duration>,
    network: Option<Network>,
}

impl Builder {
    /// Who we are. Without it we are anonymous: peers know us by our address.
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// Logs in to a network, which gives lobbies, signals and a certificate. Without an [identity](Self::identity) we are the
    /// player whose key is kept there (or made now, which takes a moment); a `str:` name is ours if no other key has it.
    ///
    /// The start does not wait for the backend: [`Event::Network`](crate::Event) tells.
    pub fn network(mut self, network: Network) -> Self {
        self.network = Some(network);
        self
    }

    /// An option of the global scope: what every listen socket and connection inherits, or what applies to the whole
    /// instance.
    pub fn option(mut self, entry: ConfigEntry) -> Self {
        self.options.push(entry);
        self
    }

    /// Writes a trace of every UDP connection into this directory, which is made if it is missing: one file for each, from
    /// when it was started or accepted; nothing for one that was not accepted. A line of JSON for each packet sent, received, acknowledged and lost, and for each change of state, ping, rate and
    /// queue, in the manner of qlog. The example `plot_trace` makes a picture of it.
    ///
    /// It costs time and disk space; without it, tracing costs nothing.
    pub fn trace_directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.trace_directory = Some(directory.into());
        self
    }

    /// How large the trace of one connection may become, bytes; 64 MiB unless set. A trace that is full ends.
    pub fn trace_size_limit(mut self, bytes: u64) -> Self {
        self.trace_size_limit = Some(bytes);
        self
    }

    /// How many traces may be written in all; 256 unless set. Later connections have none.
    pub fn trace_file_limit(mut self, files: u32) -> Self {
        self.trace_file_limit = Some(files);
        self
    }

    /// For how long a thread in [`Sockets::wait_messages`] looks for datagrams before it sleeps, while it is usually
    /// answered within that time; 100 microseconds unless set, zero for never. It spares the time that waking up takes,
    /// and keeps a processor busy as long as messages come that fast.
    pub fn busy_poll(mut self, time: Duration) -> Self {
        self.busy_poll = Some(time);
        self
    }

    /// Starts the instance and its thread.
    ///
    /// # Errors
    /// [`Error::Option`]; [`Error::TraceDirectory`]; [`Error::NotStarted`] when the operating system has no thread, event
    /// queue or randomness.
    pub fn build(self) -> Result<Sockets, Error> {
        let global = Overrides::of_entries(ConfigScope::Global, &self.options)?;
        let held = self.network.as_ref().map(thread::key).transpose()?;
        let derived = || Identity::from_steam_id(held.as_ref()?.steam_id).ok();
        let identity = self.identity.or_else(derived).unwrap_or_else(Identity::localhost);
        let size_limit = self.trace_size_limit.unwrap_or(trace::SIZE_LIMIT);
        let file_limit = self.trace_file_limit.unwrap_or(trace::FILE_LIMIT);
        let trace = self.trace_directory.map(|directory| TraceSettings {
            directory,
            size_limit,
            files_left: AtomicU32::new(file_limit),
        });
        if let Some(trace) = &trace {
            trace.prepare().map_err(|error| Error::TraceDirectory {
                directory: trace.directory.display().to_string(),
                reason: error.to_string(),
            })?;
        }
        let busy_poll = self.busy_poll.unwrap_or(seat::BUSY_POLL);
        let instance = Instance::start(identity.clone(), global, trace, busy_poll)?;
        if let (Some(network), Some(held)) = (self.network, held) {
            let handle = thread::start(Arc::clone(&instance.driver), network, identity, held)?;
            let _ = instance.network.set(handle);
        }
        Ok(Sockets { instance: Arc::new(instance) })
    }
}

impl Sockets {
    /// Starts an instance with this identity and default options.
    ///
    /// # Errors
    /// [`Error::NotStarted`] when the operating system has no thread, event queue or randomness.
    pub fn new(identity: Identity) -> Result<Self, Error> {
        Self::builder().identity(identity).build()
    }

    /// Starts an instance without an identity of its own: peers know it by its address.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn anonymous() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// An instance with default options of its own.
    pub fn builder() -> Builder {
        Builder::default()
    }
}
