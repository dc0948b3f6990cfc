//! The public API, by topic.

mod asynchronous;
mod authentication;
mod configuration;
mod connections;
mod events;
mod instance;
mod lanes;
mod listening;
mod messages;
mod p2p;
mod pairs;
mod poll_groups;
mod status;
mod waiting;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use gamesockets_proto::Identity;
use gamesockets_schema::ConfigScope;

use self::instance::Instance;
pub(crate) use self::waiting::Watched;
use crate::config::{ConfigEntry, Overrides};
use crate::driver::Driver;
use crate::driver::connection::ConnectionCell;
use crate::driver::seat;
use crate::error::Error;
use crate::handles::{Connection, Handle as _, HandleKind};
use crate::trace::{self, TraceSettings};

/// One identity on the network: its listen sockets, connections and poll groups, and the thread that serves them.
///
/// Cloning gives another handle on the same instance. Every call may be made from any thread; none waits for the
/// network, except those named `wait_*`.
///
/// A process that forks keeps its instances; the child's copies of them are dead: their calls answer [`Error::Forked`], and
/// their first event says so in words. The child may make new ones.
///
/// Dropping the last clone closes every connection with reason 2999. Connections that were closed with `linger` get up to
/// one second to deliver their reliable data. When the drop returns, the thread has ended and the sockets are closed.
#[derive(Clone)]
pub struct Sockets {
    instance: Arc<Instance>,
}

/// Makes a [`Sockets`] with default options of its own.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    identity: Option<Identity>,
    options: Vec<ConfigEntry>,
    trace_directory: Option<PathBuf>,
    trace_size_limit: Option<u64>,
    trace_file_limit: Option<u32>,
    busy_poll: Option<Duration>,
}

impl Builder {
    /// Who we are. Without it we are anonymous: peers know us by our address.
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
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
        let identity = self.identity.unwrap_or_else(Identity::localhost);
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
        Ok(Sockets { instance: Arc::new(Instance::start(identity, global, trace, busy_poll)?) })
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

    /// Who we are.
    #[doc(alias = "GetIdentity")]
    pub fn identity(&self) -> Identity {
        self.driver().map_or_else(|_| Identity::localhost(), |driver| driver.credentials().identity)
    }

    /// Becomes somebody else. Closes every connection (reason 1000) and every listen socket, since these bear the old
    /// identity, and throws our certificate and its key away; poll groups stay, and whom we trust.
    #[doc(alias = "ResetIdentity")]
    pub fn reset_identity(&self, identity: Identity) {
        if let Ok(driver) = self.driver() {
            self.instance.close_all("The local identity changed");
            driver.change_credentials(|own| own.become_identity(identity));
        }
    }

    /// The clock of this instance, in microseconds: what [`ReceivedMessage::time_received`](crate::ReceivedMessage) is
    /// measured by.
    #[doc(alias = "GetLocalTimestamp")]
    pub fn local_timestamp(&self) -> u64 {
        self.instance.driver.now().as_micros()
    }

    #[cfg(test)]
    pub(crate) fn driver_for_test(&self) -> &crate::driver::Driver {
        &self.instance.driver
    }

    fn connection(&self, handle: Connection) -> Result<Arc<ConnectionCell>, Error> {
        let tables = self.driver()?.tables.read();
        tables.connections.get(handle).cloned().ok_or_else(|| invalid_connection(handle))
    }

    /// As [`Self::connection`], for calls that answer `NoConnection`.
    fn known_connection(&self, handle: Connection) -> Result<Arc<ConnectionCell>, Error> {
        self.connection(handle).map_err(|error| match error {
            Error::InvalidHandle { raw, .. } => Error::NoSuchConnection { raw },
            other => other,
        })
    }

    /// What every call begins with: in a fork of the process, whose other threads are gone and whose keys are the parent's
    /// too, nothing is touched.
    fn driver(&self) -> Result<&Arc<Driver>, Error> {
        if self.instance.is_forked() { Err(Error::Forked) } else { Ok(&self.instance.driver) }
    }
}

impl std::fmt::Debug for Sockets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sockets").field("identity", &self.identity()).finish_non_exhaustive()
    }
}

fn invalid_connection(handle: Connection) -> Error {
    Error::InvalidHandle { kind: HandleKind::Connection, raw: handle.to_raw() }
}
