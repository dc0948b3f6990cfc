//! The public API, by topic.

mod asynchronous;
mod authentication;
pub(crate) mod builder;
mod configuration;
mod connections;
mod events;
mod instance;
mod lanes;
mod listening;
mod lobbies;
mod messages;
mod p2p;
mod network;
mod pairs;
mod poll_groups;
mod status;
mod waiting;

use std::sync::Arc;

use gamesockets_proto::Identity;

use self::instance::Instance;
pub(crate) use self::waiting::{Watched, until};
use crate::driver::Driver;
use crate::driver::connection::ConnectionCell;
use crate::error::Error;
use crate::handles::{Connection, Handle as _, HandleKind};

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

impl Sockets {
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
