//! Socket pairs: two connections of this instance, joined to each other.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use gamesockets_proto::Identity;
use gamesockets_proto::endpoint::{PairEnd, connected_pair};

use super::{Sockets, connections::too_many};
use crate::config::{Overrides, Settings};
use crate::driver::connection::{ConnectionCell, Origin};
use crate::driver::engine::Engine;
use crate::driver::link::Link;
use crate::driver::pipe::{PipeEnd, PipeParams};
use crate::driver::places::Place;
use crate::driver::socket::{Route, UdpSocket};
use crate::error::Error;
use crate::handles::Connection;

impl Sockets {
    /// Makes two connections that are joined to each other, and connected at once: no event says so.
    ///
    /// Without `use_network_loopback`, messages are handed over in memory: at once, in order, and without loss as long as
    /// the receiver has room. With it, both ends are real UDP sockets on 127.0.0.1, encrypted like any others.
    ///
    /// `identity1` is who the first connection takes its peer for, `identity2` the same for the second; without, it is
    /// localhost (`ip:::1`).
    ///
    /// # Errors
    /// [`Error::TooMany`]; with the network, [`Error::SocketNotBound`], [`Error::TooManyFiles`] and [`Error::NotStarted`].
    #[doc(alias = "CreateSocketPair")]
    pub fn create_socket_pair(
        &self,
        use_network_loopback: bool,
        identity1: Option<Identity>,
        identity2: Option<Identity>,
    ) -> Result<(Connection, Connection), Error> {
        let identities = [identity1, identity2].map(|identity| identity.unwrap_or_else(Identity::localhost));
        let driver = self.driver()?;
        let sockets =
            if use_network_loopback { Some([self.loopback_socket()?, self.loopback_socket()?]) } else { None };
        if !driver.places.admit() {
            return Err(too_many());
        }
        if !driver.places.admit() {
            driver.places.leave(Place::Living(None));
            return Err(too_many());
        }
        let ids = [driver.take_connection_id(), driver.take_connection_id()];
        let pair = match sockets {
            None => self.pipe(ids, identities),
            Some(sockets) => self.loopback(ids, identities, sockets),
        };
        pair.inspect_err(|_| {
            for id in ids {
                driver.places.leave(Place::Living(None));
                driver.release_connection_id(id);
            }
        })
    }

    fn pipe(&self, ids: [u32; 2], identities: [Identity; 2]) -> Result<(Connection, Connection), Error> {
        let config = self.pair_settings().connection;
        let [first, second] = [0, 1].map(|index| PipeParams {
            id: ids[index],
            remote_identity: identities[index].clone(),
            config: config.clone(),
        });
        let ends = PipeEnd::pair(self.instance.driver.now(), first, second);
        let ends = ends.map(|end| (Origin::Pipe, Engine::Pipe(Box::new(end)), Link::Pipe(std::sync::Weak::new())));
        let [first, second] = self.insert_pair(ends)?;
        first.join(Arc::downgrade(&second));
        second.join(Arc::downgrade(&first));
        // The options may have changed since they were read.
        [&first, &second].into_iter().for_each(|cell| cell.reconfigure(&self.instance.driver));
        Ok((first.handle(), second.handle()))
    }

    fn loopback(
        &self,
        ids: [u32; 2],
        identities: [Identity; 2],
        sockets: [(Arc<UdpSocket>, mio::Token); 2],
    ) -> Result<(Connection, Connection), Error> {
        let driver = &self.instance.driver;
        let config = self.pair_settings().connection;
        let ends = [0, 1].map(|index| PairEnd {
            address: sockets[index].0.local_address(),
            remote_identity: identities[index].clone(),
            config: config.clone(),
            seed: driver.seed(),
            connection_id: ids[index],
        });
        let mut engines = connected_pair(driver.now(), driver.unix_seconds_at_zero(), ends)
            .ok_or_else(|| Error::starting("connection to itself", "the handshake failed"))?;
        engines.iter_mut().for_each(|engine| driver.trace(engine));
        let [(one, token_one), (two, token_two)] = sockets.clone();
        let [engine_one, engine_two] = engines;
        let end = |engine: gamesockets_proto::Connection, socket, token| {
            let route = Route { remote: engine.remote_address(), source: None };
            (Origin::OwnSocket { token }, Engine::Udp(engine), Link::udp(socket, route))
        };
        let cells = self.insert_pair([end(engine_one, one, token_one), end(engine_two, two, token_two)])?;
        for (cell, (socket, _)) in cells.iter().zip(sockets) {
            driver.connect(Arc::clone(cell), socket);
            let now = driver.now();
            cell.settle(driver, now, cell.lock());
            cell.reconfigure(driver);
        }
        let [first, second] = cells;
        Ok((first.handle(), second.handle()))
    }

    fn loopback_socket(&self) -> Result<(Arc<UdpSocket>, mio::Token), Error> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut socket = UdpSocket::listen(address).map_err(|error| Error::binding(address, &error))?;
        let token =
            self.instance.driver.register(&mut socket).map_err(|error| Error::starting("event queue", error))?;
        Ok((Arc::new(socket), token))
    }

    fn pair_settings(&self) -> Settings {
        self.instance.driver.settings(None, &Overrides::default())
    }

    /// Gives both ends their handles. The application knows their state without being told.
    fn insert_pair(&self, ends: [(Origin, Engine, Link); 2]) -> Result<[Arc<ConnectionCell>; 2], Error> {
        let user_data = self.pair_settings().user_data;
        let mut tables = self.instance.driver.tables.write();
        let mut insert = |(origin, engine, link): (Origin, Engine, Link)| {
            let mut cell = None;
            tables.connections.insert_with(|handle| {
                let new = ConnectionCell::new(handle, origin, engine, link, user_data);
                new.mark_told();
                Arc::clone(cell.insert(Arc::new(new)))
            });
            cell.ok_or_else(too_many)
        };
        let [first, second] = ends;
        let first = insert(first)?;
        match insert(second) {
            Ok(second) => Ok([first, second]),
            Err(error) => {
                tables.connections.remove(first.handle());
                Err(error)
            }
        }
    }
}
