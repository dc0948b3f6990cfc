//! Peers that are known by their identity: who listens on virtual ports, who calls them, and the signals that bring them
//! together.

use std::sync::Arc;

use gamesockets_proto::Identity;
use gamesockets_proto::connection::Meeting;
use gamesockets_schema::ConfigScope;
use parking_lot::Mutex;

use super::Sockets;
use super::connections::too_many;
use super::listening::MAX_LISTEN_SOCKETS;
use crate::config::{ConfigEntry, Overrides};
use crate::driver::listen::{Knocking, ListenCell, ListenPlace};
use crate::driver::p2p::{ALLOW_WITHOUT_AUTH, Relay, RelayAccess, SignalAnswer};
use crate::driver::places::Place;
use crate::error::Error;
use crate::handles::{Connection, HandleKind, ListenSocket};

/// The virtual ports of applications (wire-p2p section 1.5).
const PORTS: std::ops::RangeInclusive<i32> = 0..=0xffff;

impl Sockets {
    /// Waits for peers that call our identity on this virtual port, 0 to 65535; each announces itself by an event with
    /// state `Connecting` and has to be accepted. `options` are those that its connections start with.
    ///
    /// # Errors
    /// [`Error::VirtualPort`], [`Error::VirtualPortInUse`], [`Error::Option`], [`Error::OptionScope`], [`Error::TooMany`].
    pub fn create_listen_socket_p2p(&self, port: i32, options: &[ConfigEntry]) -> Result<ListenSocket, Error> {
        let driver = &self.instance.driver;
        let options = Overrides::of_entries(ConfigScope::ListenSocket, options)?;
        check_port(port)?;
        let mut cell = None;
        let handle = driver.tables.write().listen_sockets.insert_with(|handle| {
            let knocking = Knocking::default();
            let new = ListenCell { handle, place: ListenPlace::Virtual(port), options: Mutex::new(options), knocking };
            Arc::clone(cell.insert(Arc::new(new)))
        });
        let (Some(handle), Some(cell)) = (handle, cell) else {
            return Err(Error::TooMany { kind: HandleKind::ListenSocket, limit: MAX_LISTEN_SOCKETS });
        };
        if !driver.p2p.open_port(port, &cell) {
            driver.tables.write().listen_sockets.remove(handle);
            return Err(Error::VirtualPortInUse { port });
        }
        Ok(handle)
    }

    /// Calls a peer on a virtual port, through a signaling channel of the application's own: each
    /// [`Event::Signal`](crate::Event::Signal) of the connection has to be carried to the peer, which gives it to
    /// [`Self::received_p2p_custom_signal`], and the other way round. Without `peer`, whoever answers is it. Answers at once;
    /// events tell of success or failure. Packets go over the [relays](Self::use_relays) that both ends use.
    ///
    /// # Errors
    /// [`Error::VirtualPort`], [`Error::Option`], [`Error::OptionScope`], [`Error::TooMany`].
    pub fn connect_p2p_custom_signaling(
        &self,
        peer: Option<&Identity>,
        port: i32,
        options: &[ConfigEntry],
    ) -> Result<Connection, Error> {
        let peer = peer.cloned();
        let driver = &self.instance.driver;
        let options = Overrides::of_entries(ConfigScope::Connection, options)?;
        check_port(port)?;
        if !driver.places.admit() {
            return Err(too_many());
        }
        let meeting = Meeting { peer, local_port: port, remote_port: port, allow_without_auth: ALLOW_WITHOUT_AUTH };
        let Some(cell) = driver.call(meeting, options) else {
            driver.places.leave(Place::Living(None));
            return Err(too_many());
        };
        let now = driver.now();
        cell.settle(driver, now, cell.lock());
        Ok(cell.handle())
    }

    /// Takes a signal that came through the application's own channel. `answer` is asked about a peer that calls: the
    /// connection that is being made, who calls, and our virtual port (-1 if the caller named none); no other call about
    /// that connection may be made before it answers. What is given back, if anything, has to be carried to the sender of
    /// the signal.
    ///
    /// # Errors
    /// [`Error::SignalRefused`]. A signal for a connection that is not there is none.
    pub fn received_p2p_custom_signal(
        &self,
        signal: &[u8],
        answer: impl FnOnce(Connection, &Identity, i32) -> SignalAnswer,
    ) -> Result<Option<Vec<u8>>, Error> {
        let driver = &self.instance.driver;
        match driver.take_signal(signal, answer) {
            Ok(taken) => Ok(taken.rejection),
            Err(error) => Err(Error::SignalRefused { reason: error.to_string() }),
        }
    }

    /// From now on packets between peers that meet through signals go over these relays; what is sent to a relay that is not
    /// among them any more goes on. Sessions are opened at once and kept. Peers meet over the relays that both use, and
    /// neither learns the other's address.
    pub fn use_relays(&self, relays: &[Relay], access: &RelayAccess) {
        self.instance.driver.set_relays(relays, access);
    }
}

fn check_port(port: i32) -> Result<(), Error> {
    if PORTS.contains(&port) { Ok(()) } else { Err(Error::VirtualPort { port }) }
}

#[cfg(test)]
mod tests;
