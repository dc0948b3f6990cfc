//! How connections are doing: in short, over their whole life, and in words.

use gamesockets_schema::{LifetimeStatistics, RealTimeStatus};

use super::Sockets;
use crate::error::Error;
use crate::handles::Connection;
use crate::{info, status};

impl Sockets {
    /// The older name of [`Self::connection_real_time_status`], without lanes.
    ///
    /// # Errors
    /// [`Error::NoSuchConnection`].
    #[doc(alias = "GetQuickConnectionStatus")]
    pub fn quick_connection_status(&self, connection: Connection) -> Result<RealTimeStatus, Error> {
        self.connection_real_time_status(connection)
    }

    /// A page about a connection, for humans: who, where, its state, encryption, rates, queues, its whole life, what the
    /// peer says and what was dropped. Its form may change. Asking changes no figure.
    ///
    /// # Errors
    /// [`Error::InvalidHandle`].
    #[doc(alias = "GetDetailedConnectionStatus")]
    pub fn detailed_connection_status(&self, connection: Connection) -> Result<String, Error> {
        let cell = self.connection(connection)?;
        let mut guarded = cell.lock();
        let info = info::connection_info(&cell, &guarded, info::visible(guarded.engine.state()));
        Ok(status::page(&info, &mut guarded.engine, self.instance.driver.now()))
    }

    /// The figures of a connection over its whole life: traffic, losses, and how ping, quality and jitter were
    /// distributed. Of a socket pair without network, messages are counted as packets.
    ///
    /// # Errors
    /// [`Error::NoSuchConnection`].
    pub fn connection_lifetime_statistics(&self, connection: Connection) -> Result<LifetimeStatistics, Error> {
        let cell = self.known_connection(connection)?;
        let lifetime = cell.lock().engine.lifetime(self.instance.driver.now());
        Ok(status::lifetime_statistics(&lifetime))
    }
}
