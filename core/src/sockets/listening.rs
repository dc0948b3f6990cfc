//! Listen sockets.

use std::net::SocketAddr;
use std::sync::Arc;

use gamesockets_proto::Endpoint;
use gamesockets_proto::endpoint::ListenParams;
use gamesockets_schema::{ConfigScope, DebugOutputType};
use parking_lot::Mutex;

use super::Sockets;
use crate::config::{ConfigEntry, Overrides};
use crate::driver::credentials::Shown;
use crate::driver::listen::{Knocking, ListenCell, ListenPlace};
use crate::driver::socket::UdpSocket;
use crate::error::Error;
use crate::handles::{HandleKind, ListenSocket};

/// How many listen sockets one instance can have: as many as there are handles.
pub(super) const MAX_LISTEN_SOCKETS: usize = 65_536;

impl Sockets {
    /// Binds a UDP port and waits for connections; each announces itself by an event with state `Connecting` and has to
    /// be accepted. `options` are those that its connections start with.
    ///
    /// `0.0.0.0` listens on every IPv4 address of this machine, `[::]` on every IPv6 and IPv4 address. Port 0 takes a free
    /// one; see [`Self::listen_socket_address`].
    ///
    /// # Errors
    /// [`Error::AddressInUse`], [`Error::SocketNotBound`], [`Error::TooManyFiles`], [`Error::Option`], [`Error::OptionScope`], [`Error::TooMany`];
    /// [`Error::CertificateRequired`] when `IP_AllowWithoutAuth` is 0 and we have no certificate (spec section 5.7).
    #[doc(alias = "CreateListenSocketIP")]
    pub fn create_listen_socket_ip(&self, address: SocketAddr, options: &[ConfigEntry]) -> Result<ListenSocket, Error> {
        let driver = self.driver()?;
        let options = Overrides::of_entries(ConfigScope::ListenSocket, options)?;
        let config = driver.settings(Some(&options), &Overrides::default()).connection;
        let Shown { identity, certificate, .. } = driver.credentials();
        match (certificate, config.ip_allow_without_auth) {
            (None, 0) => return Err(Error::CertificateRequired),
            (None, 1) => {
                let text = "listening without a certificate: clients that require one will go away";
                driver.log.write(DebugOutputType::Warning, format_args!("{text}"));
            }
            _ => {}
        }
        let mut socket = UdpSocket::listen(address).map_err(|error| Error::binding(address, &error))?;
        let token = driver.register(&mut socket).map_err(|error| Error::starting("event queue", error))?;
        let socket = Arc::new(socket);
        let endpoint = Endpoint::listen(ListenParams {
            identity,
            config,
            seed: driver.seed(),
            unix_seconds_at_zero: driver.unix_seconds_at_zero(),
        });
        let mut cell = None;
        let handle = driver.tables.write().listen_sockets.insert_with(|handle| {
            let place = ListenPlace::Udp { socket: Arc::clone(&socket), token };
            let new = ListenCell { handle, place, options: Mutex::new(options), knocking: Knocking::default() };
            Arc::clone(cell.insert(Arc::new(new)))
        });
        let (Some(handle), Some(cell)) = (handle, cell) else {
            return Err(Error::TooMany { kind: HandleKind::ListenSocket, limit: MAX_LISTEN_SOCKETS });
        };
        let bound = socket.local_address();
        driver.log.write(DebugOutputType::Verbose, format_args!("listening on UDP {bound}"));
        driver.listen(cell, Box::new(endpoint));
        driver.events.announce();
        Ok(handle)
    }

    /// Frees the port. Connections that came in by it are destroyed, and their peers are not told (spec section 10.2).
    ///
    /// # Errors
    /// [`Error::InvalidHandle`].
    #[doc(alias = "CloseListenSocket")]
    pub fn close_listen_socket(&self, socket: ListenSocket) -> Result<(), Error> {
        let driver = self.driver()?;
        let cell = driver.tables.write().listen_sockets.remove(socket);
        driver.stop_listening(&cell.ok_or_else(|| invalid(socket))?.place);
        // Whoever waits to accept sees that it is gone.
        driver.events.arrived.give();
        Ok(())
    }

    /// The bound address, with the port the system chose if 0 was asked for. Nobody can connect to `[::]` or `0.0.0.0`:
    /// programs on this machine use [`loopback_address`](crate::loopback_address), others an address of this machine in
    /// their network, or the public one of a router that forwards the port.
    ///
    /// # Errors
    /// [`Error::InvalidHandle`]; [`Error::NoAddress`] for a virtual port.
    #[doc(alias = "GetListenSocketAddress")]
    pub fn listen_socket_address(&self, socket: ListenSocket) -> Result<SocketAddr, Error> {
        let tables = self.driver()?.tables.read();
        let cell = tables.listen_sockets.get(socket).ok_or_else(|| invalid(socket))?;
        match &cell.place {
            ListenPlace::Udp { socket, .. } => Ok(socket.local_address()),
            ListenPlace::Virtual(_) => Err(Error::NoAddress),
        }
    }
}

pub(super) fn invalid(socket: ListenSocket) -> Error {
    Error::InvalidHandle { kind: HandleKind::ListenSocket, raw: socket.raw() }
}
