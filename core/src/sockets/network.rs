//! The network that an instance is logged in to.

use gamesockets_proto::Identity;
use gamesockets_schema::Availability;
use gamesockets_services::limits::SIGNAL_LEN_MAX;

use super::Sockets;
use crate::error::Error;
use crate::network::events::NetworkStatus;
use crate::network::link::Handle;

impl Sockets {
    /// How things stand with the network; `CannotTry` without one.
    pub fn network_status(&self) -> NetworkStatus {
        match self.network() {
            Ok(network) => network.look(|client| client.status()),
            Err(error) => {
                NetworkStatus { available: Availability::CannotTry, text: error.to_string(), name: String::new() }
            }
        }
    }

    /// Tries to log in now, whatever has failed before.
    ///
    /// # Errors
    /// [`Error::NoNetwork`], [`Error::Forked`].
    pub fn retry_network(&self) -> Result<(), Error> {
        self.network()?.with(|client, now| client.retry(now));
        Ok(())
    }

    /// Sends a signal to another client of the network and the app: at most once, and nobody says whether it arrived. The
    /// connections, ours and the receiver's, tell his backend which of his processes is meant; 0 where they are not known.
    /// It comes as [`NetworkEvent::Signal`](crate::NetworkEvent). `false` while we are not logged in.
    ///
    /// # Errors
    /// [`Error::NoNetwork`], [`Error::Forked`]; [`Error::TooLong`] above 16384 bytes.
    pub fn send_signal(
        &self,
        to: &Identity,
        from_connection: u32,
        to_connection: u32,
        payload: &[u8],
    ) -> Result<bool, Error> {
        let network = self.network()?;
        if payload.len() > SIGNAL_LEN_MAX {
            return Err(Error::TooLong { what: "signal", len: payload.len(), max: SIGNAL_LEN_MAX });
        }
        let payload = bytes::Bytes::copy_from_slice(payload);
        Ok(network.with(|client, _| client.signal(to, from_connection, to_connection, payload)))
    }

    pub(super) fn network(&self) -> Result<&Handle, Error> {
        self.driver()?;
        self.instance.network.get().ok_or(Error::NoNetwork)
    }
}
