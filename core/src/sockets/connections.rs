//! Connections: making, accepting, closing, asking.

use std::net::SocketAddr;
use std::sync::Arc;

use gamesockets_proto as proto;
use gamesockets_proto::connection::ConnectParams;
use gamesockets_schema::{ConfigScope, ConnectionInfo, ConnectionState, RealTimeStatus, ResultCode};

use super::{Sockets, instance, invalid_connection};
use crate::config::{ConfigEntry, Overrides};
use crate::driver::Driver;
use crate::driver::connection::{ConnectionCell, Origin};
use crate::driver::credentials::Shown;
use crate::driver::engine::Engine;
use crate::driver::link::Link;
use crate::driver::places::{MAX_CONNECTIONS, Place};
use crate::driver::socket::{Route, UdpSocket, normalise};
use crate::error::Error;
use crate::handles::{Connection, HandleKind};
use crate::info;

/// The longest name of a connection, bytes, as in Valve's API.
const NAME_MAX: usize = 31;

impl Sockets {
    /// Starts a connection to a peer that listens at this address. Answers at once; events tell of success or failure.
    ///
    /// # Errors
    /// [`Error::AddressNotConnectable`], [`Error::SocketNotBound`], [`Error::TooManyFiles`], [`Error::Option`],
    /// [`Error::OptionScope`], [`Error::TooMany`].
    #[doc(alias = "ConnectByIPAddress")]
    pub fn connect_by_ip_address(&self, address: SocketAddr, options: &[ConfigEntry]) -> Result<Connection, Error> {
        let driver = self.driver()?;
        let options = Overrides::of_entries(ConfigScope::Connection, options)?;
        let remote = normalise(address);
        if remote.port() == 0 || remote.ip().is_unspecified() || remote.ip().is_multicast() {
            return Err(Error::AddressNotConnectable { address });
        }
        let mut socket = UdpSocket::towards(remote).map_err(|error| Error::binding(address, &error))?;
        let token = driver.register(&mut socket).map_err(|error| Error::starting("event queue", error))?;
        if !driver.places.admit() {
            return Err(too_many());
        }
        let cell = self
            .open(remote, options, Arc::new(socket), token)
            .inspect_err(|_| driver.places.leave(Place::Living(None)))?;
        let now = driver.now();
        cell.settle(driver, now, cell.lock());
        Ok(cell.handle())
    }

    fn open(
        &self,
        remote: SocketAddr,
        options: Overrides,
        socket: Arc<UdpSocket>,
        token: mio::Token,
    ) -> Result<Arc<ConnectionCell>, Error> {
        let driver: &Driver = &self.instance.driver;
        let connection_id = driver.take_connection_id();
        let Shown { identity, certificate, trust } = driver.credentials();
        let settings = driver.settings(None, &options);
        let params = ConnectParams {
            remote,
            identity,
            config: settings.connection,
            seed: driver.seed(),
            connection_id,
            unix_seconds_at_zero: driver.unix_seconds_at_zero(),
            trust,
            certificate,
        };
        let mut engine = proto::Connection::connect(driver.now(), params);
        driver.trace(&mut engine);
        let origin = Origin::OwnSocket { token };
        let route = Route { remote, source: None };
        let mut cell = None;
        driver.tables.write().connections.insert_with(|handle| {
            let link = Link::udp(Arc::clone(&socket), route);
            let new = ConnectionCell::new(handle, origin, Engine::Udp(engine), link, settings.user_data);
            Arc::clone(cell.insert(Arc::new(new)))
        });
        let cell = cell.ok_or_else(|| {
            driver.release_connection_id(connection_id);
            too_many()
        })?;
        cell.adopt(driver, options);
        driver.connect(Arc::clone(&cell), socket);
        Ok(cell)
    }

    /// Accepts an incoming connection in state `Connecting`. The peer waits for this.
    ///
    /// # Errors
    /// [`Error::InvalidHandle`]; [`Error::WrongState`] if it was accepted already or is gone; [`Error::NotIncoming`];
    /// [`Error::HandshakeFailed`] if no cipher suits both, and the connection has then ended.
    #[doc(alias = "AcceptConnection")]
    pub fn accept_connection(&self, connection: Connection) -> Result<(), Error> {
        let cell = self.connection(connection)?;
        let driver = &self.instance.driver;
        let now = driver.now();
        let mut guarded = cell.lock();
        if let Some(engine) = guarded.engine.udp_mut()
            && engine.is_incoming()
            && engine.state() == ConnectionState::Connecting
            && !engine.is_observed()
        {
            // Not before: nobody else is to fill the disk.
            driver.trace(engine);
        }
        let result = guarded.engine.accept(now).map_err(|code| match code {
            ResultCode::HandshakeFailed => Error::HandshakeFailed { debug: guarded.engine.end_debug().to_owned() },
            ResultCode::InvalidParam => Error::NotIncoming { raw: connection.raw() },
            _ => Error::WrongState { state: info::visible(guarded.engine.state()) },
        });
        cell.settle(driver, now, guarded);
        result
    }

    /// Ends a connection. Its handle is stale at once, and messages that were not read are dropped.
    ///
    /// `reason` is for the peer: 0 stands for 1000; 1000 to 1999 mean a normal end, 2000 to 2999 an unusual one; anything
    /// else becomes 1999. `debug` is for its log, at most 127 bytes. With `linger`, reliable messages are delivered first, as far as
    /// they can be within `LingerTime`.
    ///
    /// # Errors
    /// [`Error::InvalidHandle`].
    #[doc(alias = "CloseConnection")]
    pub fn close_connection(
        &self,
        connection: Connection,
        reason: i32,
        debug: &str,
        linger: bool,
    ) -> Result<(), Error> {
        let driver = self.driver()?;
        let cell = driver.tables.write().connections.remove(connection);
        let cell = cell.ok_or_else(|| invalid_connection(connection))?;
        instance::close(driver, &cell, reason, debug, linger);
        Ok(())
    }

    /// What is known about a connection: its peer, its state, why it ended.
    ///
    /// # Errors
    /// [`Error::InvalidHandle`].
    #[doc(alias = "GetConnectionInfo")]
    pub fn connection_info(&self, connection: Connection) -> Result<ConnectionInfo, Error> {
        let cell = self.connection(connection)?;
        let guarded = cell.lock();
        let state = info::visible(guarded.engine.state());
        Ok(info::connection_info(&cell, &guarded, state))
    }

    /// How a connection is doing right now.
    ///
    /// # Errors
    /// [`Error::NoSuchConnection`].
    #[doc(alias = "GetConnectionRealTimeStatus")]
    pub fn connection_real_time_status(&self, connection: Connection) -> Result<RealTimeStatus, Error> {
        let cell = self.known_connection(connection)?;
        let mut guarded = cell.lock();
        let status = guarded.engine.status(self.instance.driver.now());
        Ok(info::real_time_status(&status, guarded.engine.state()))
    }

    /// The label of a connection, empty unless set.
    ///
    /// # Errors
    /// [`Error::InvalidHandle`].
    #[doc(alias = "GetConnectionName")]
    pub fn connection_name(&self, connection: Connection) -> Result<String, Error> {
        Ok(self.connection(connection)?.lock().name.clone())
    }

    /// Labels a connection for logs. At most 31 bytes of it are kept, whole characters.
    ///
    /// # Errors
    /// [`Error::InvalidHandle`].
    #[doc(alias = "SetConnectionName")]
    pub fn set_connection_name(&self, connection: Connection, name: &str) -> Result<(), Error> {
        let kept = &name[..name.floor_char_boundary(NAME_MAX)];
        kept.clone_into(&mut self.connection(connection)?.lock().name);
        Ok(())
    }

    /// The number attached to a connection; -1 unless set.
    ///
    /// # Errors
    /// [`Error::InvalidHandle`].
    #[doc(alias = "GetConnectionUserData")]
    pub fn connection_user_data(&self, connection: Connection) -> Result<i64, Error> {
        Ok(self.connection(connection)?.user_data())
    }

    /// Attaches a number to a connection. Events that wait keep the old one, messages that wait get the new one.
    ///
    /// # Errors
    /// [`Error::InvalidHandle`].
    #[doc(alias = "SetConnectionUserData")]
    pub fn set_connection_user_data(&self, connection: Connection, user_data: i64) -> Result<(), Error> {
        self.connection(connection)?.set_user_data(user_data);
        Ok(())
    }
}

pub(super) const fn too_many() -> Error {
    Error::TooMany { kind: HandleKind::Connection, limit: MAX_CONNECTIONS }
}
