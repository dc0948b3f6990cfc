//! The I/O of an instance: waits for datagrams, deadlines and orders, and hands each to its connection. Whoever has the
//! [`Seat`](super::seat::Seat) runs it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use gamesockets_proto::endpoint::{Note, Prefix};
use gamesockets_proto::wire::control::is_request;
use gamesockets_proto::{Connection, Endpoint, Incoming, Timestamp};
use gamesockets_schema::DebugOutputType;

use super::conditions::{Outgoing, Received};
use super::connection::{ConnectionCell, Origin};
use super::credentials::Shown;
use super::engine::Engine;
use super::link::Link;
use super::listen::{ListenCell, ListenPlace};
use super::p2p::Station;
use super::places::Place;
use super::receive::{self, Datagram, Drained, Receiver};
use super::socket::{Route, UdpSocket};
use super::{Driver, Order};
use crate::config::{Overrides, Settings};

/// The token of the waker.
pub(super) const WAKE: mio::Token = mio::Token(0);
/// It looks around at least this often, lest a lost wake-up matter.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
const EVENTS_AT_ONCE: usize = 256;
/// When a socket is read again that gave nothing but errors. It may have many of them waiting before its next datagram, or
/// be broken for good: nobody spins on it then.
const RETRY_READ: Duration = Duration::from_millis(1);

/// The sockets of an instance, and what has to be done about them.
pub(super) struct Reactor {
    poll: mio::Poll,
    events: mio::Events,
    readers: HashMap<mio::Token, Reader>,
    /// Sockets that have been seen readable and not yet empty.
    ready: Vec<mio::Token>,
    /// Sockets that gave nothing but errors, and when they are read again.
    failing: Vec<mio::Token>,
    retry_read: Timestamp,
    receiver: Receiver,
    /// It was told to stop.
    stopped: bool,
}

/// Who reads a socket.
enum Reader {
    Listen(Box<Listener>),
    Client { cell: Arc<ConnectionCell>, socket: Arc<UdpSocket> },
    Relay(Arc<Station>),
}

/// A listen socket and the connections that came in by it.
struct Listener {
    cell: Arc<ListenCell>,
    socket: Arc<UdpSocket>,
    token: mio::Token,
    endpoint: Box<Endpoint<u32>>,
    /// The version of the credentials that the endpoint has.
    credentials_version: Option<u64>,
    /// By connection id.
    connections: HashMap<u32, Arc<ConnectionCell>>,
    reply: Vec<u8>,
}

impl Reactor {
    pub(super) fn new(poll: mio::Poll) -> Self {
        Self {
            poll,
            events: mio::Events::with_capacity(EVENTS_AT_ONCE),
            readers: HashMap::new(),
            ready: Vec::new(),
            failing: Vec::new(),
            retry_read: Timestamp::MAX,
            receiver: Receiver::new(),
            stopped: false,
        }
    }

    /// Does what there is to do, without waiting. Answers whether to go on.
    pub(super) fn work(&mut self, driver: &Driver) -> bool {
        if !self.stopped {
            self.follow_orders(driver);
        }
        if self.stopped {
            return false;
        }
        fire_timers(driver);
        driver.judge_certificate();
        driver.p2p.relays.drive(driver, driver.now());
        self.release_held(driver, driver.now());
        self.read_ready(driver);
        driver.events.announce();
        true
    }

    /// Waits until there is something to do, for no longer than this.
    pub(super) fn sleep(&mut self, driver: &Driver, longest: Duration) {
        let sleep = self.sleep_time(driver).min(longest);
        self.look(sleep);
        driver.timers.wake_up();
    }

    /// Whether there is something to read or to follow, waiting for it for so long.
    pub(super) fn look(&mut self, wait: Duration) -> bool {
        // An interrupted wait is as good as one that found nothing.
        let _ = self.poll.poll(&mut self.events, Some(wait));
        let any = !self.events.is_empty();
        self.ready.extend(self.events.iter().map(|event| event.token()).filter(|&token| token != WAKE));
        self.events.clear();
        any
    }

    /// How many datagrams it has read so far.
    pub(super) const fn datagrams(&self) -> u64 {
        self.receiver.datagrams
    }

    fn follow_orders(&mut self, driver: &Driver) {
        loop {
            let orders = std::mem::take(&mut *driver.orders.lock());
            if orders.is_empty() {
                return;
            }
            for order in orders {
                match order {
                    Order::Listen(cell, endpoint) => self.listen(driver, cell, endpoint),
                    Order::Connect(cell, socket) => self.connect(cell, socket),
                    Order::Relay(station) => {
                        let token = station.token;
                        self.readers.insert(token, Reader::Relay(station));
                        self.ready.push(token);
                    }
                    Order::Unlisten(token, done) => {
                        self.unlisten(driver, token);
                        let _ = done.send(());
                    }
                    Order::Reconfigure => self.reconfigure(driver),
                    Order::Bury(cell) => self.bury(driver, &cell),
                    Order::Stop => {
                        self.stop(driver);
                        return;
                    }
                }
            }
        }
    }

    fn listen(&mut self, driver: &Driver, cell: Arc<ListenCell>, endpoint: Box<Endpoint<u32>>) {
        if driver.listen_cell(cell.handle).is_none() {
            // A new identity closed it before this order came.
            return;
        }
        let ListenPlace::Udp { socket, token } = cell.place.clone() else { return };
        let mut listener = Box::new(Listener {
            cell,
            socket,
            token,
            endpoint,
            credentials_version: None,
            connections: HashMap::new(),
            reply: Vec::new(),
        });
        listener.reconfigure(driver);
        self.readers.insert(token, Reader::Listen(listener));
        // Its first datagram may have been announced before this order.
        self.ready.push(token);
    }

    fn connect(&mut self, cell: Arc<ConnectionCell>, socket: Arc<UdpSocket>) {
        let Origin::OwnSocket { token } = cell.origin() else { return };
        self.readers.insert(token, Reader::Client { cell, socket });
        self.ready.push(token);
    }

    fn reconfigure(&mut self, driver: &Driver) {
        for reader in self.readers.values_mut() {
            if let Reader::Listen(listener) = reader {
                listener.reconfigure(driver);
            }
        }
    }

    fn unlisten(&mut self, driver: &Driver, token: mio::Token) {
        let Some(Reader::Listen(listener)) = self.readers.remove(&token) else { return };
        for cell in listener.connections.values() {
            driver.tables.write().connections.remove(cell.handle());
            cell.mark_closed();
            cell.cut_off(driver);
            driver.discharge_connection(cell);
        }
    }

    fn bury(&mut self, driver: &Driver, cell: &Arc<ConnectionCell>) {
        match cell.origin() {
            Origin::Pipe | Origin::Met { .. } => {}
            Origin::OwnSocket { token } => {
                if self.readers.remove(&token).is_some() {
                    driver.discharge_connection(cell);
                }
            }
            Origin::Incoming { token, .. } => {
                let Some(Reader::Listen(listener)) = self.readers.get_mut(&token) else { return };
                if listener.connections.remove(&cell.id()).is_some() {
                    let remote = cell.lock().engine.remote_address();
                    // The address may belong to a newer connection by now.
                    if let Some(remote) = remote
                        && listener.endpoint.route(remote) == Some(cell.id())
                    {
                        listener.endpoint.remove(remote);
                    }
                    driver.discharge_connection(cell);
                }
            }
        }
    }

    fn stop(&mut self, driver: &Driver) {
        self.stopped = true;
        // On a real network, what was sent before the end still arrives; so does what is on a simulated one.
        self.release_held(driver, Timestamp::MAX);
        for (_, reader) in self.readers.drain() {
            match reader {
                Reader::Client { cell, .. } => cell.cut_off(driver),
                Reader::Relay(_) => {}
                Reader::Listen(listener) => {
                    listener.connections.values().for_each(|cell| cell.cut_off(driver));
                }
            }
        }
    }

    /// Sends and receives the datagrams that simulated conditions hold back until then.
    fn release_held(&mut self, driver: &Driver, until: Timestamp) {
        let now = driver.now();
        let Some(released) = driver.conditions.release(until) else { return };
        for Outgoing { token, route, bytes } in released.outgoing {
            // Those of a closed socket are lost.
            if let Some(reader) = self.readers.get(&token) {
                driver.conditions.transmit(reader.socket(), route, &bytes);
            }
        }
        for Received { token, from, to, mut bytes } in released.received {
            if let Some(reader) = self.readers.get_mut(&token) {
                let datagram = Datagram { from, to, bytes: &mut bytes };
                reader.feed(driver, now, datagram, &mut self.receiver.fed);
            }
        }
        self.receiver.settle(driver, now);
    }

    fn read_ready(&mut self, driver: &Driver) {
        let now = driver.now();
        let mut ready = std::mem::take(&mut self.ready);
        if self.retry_read <= now {
            self.retry_read = Timestamp::MAX;
            ready.append(&mut self.failing);
        }
        ready.sort_unstable();
        ready.dedup();
        ready.retain(|&token| {
            let Some(reader) = self.readers.get_mut(&token) else { return false };
            let socket = Arc::clone(reader.socket());
            let feed = |now, datagram: Datagram<'_>, fed: &mut Vec<_>| reader.feed(driver, now, datagram, fed);
            let drained = self.receiver.drain(driver, token, &socket, feed);
            if drained == Drained::Failing {
                self.failing.push(token);
                self.retry_read = self.retry_read.min(now + RETRY_READ);
            }
            drained == Drained::Partly
        });
        self.ready = ready;
    }

    fn sleep_time(&self, driver: &Driver) -> Duration {
        let timers = driver.timers.fall_asleep();
        let retry = (!self.failing.is_empty()).then_some(self.retry_read);
        let relays = driver.p2p.relays.next_due();
        let next = [timers, driver.conditions.next_due(), retry, relays].into_iter().flatten().min();
        if !self.ready.is_empty() || !driver.orders.lock().is_empty() {
            return Duration::ZERO;
        }
        next.map_or(LONGEST_SLEEP, |next| next.since(driver.now()).min(LONGEST_SLEEP))
    }
}

fn fire_timers(driver: &Driver) {
    let now = driver.now();
    while let Some(cell) = driver.timers.pop_due(now) {
        cell.fire(driver, now);
    }
}

impl Reader {
    fn socket(&self) -> &Arc<UdpSocket> {
        match self {
            Self::Listen(listener) => &listener.socket,
            Self::Client { socket, .. } => socket,
            Self::Relay(station) => &station.socket,
        }
    }

    fn feed(&mut self, driver: &Driver, now: Timestamp, datagram: Datagram<'_>, fed: &mut Vec<Arc<ConnectionCell>>) {
        match self {
            Self::Listen(listener) => listener.dispatch(driver, now, datagram, fed),
            Self::Client { cell, .. } if cell.is_peer(datagram.from) => {
                receive::feed(driver, cell, now, datagram.bytes, fed);
            }
            Self::Relay(station) => station.feed(driver, now, datagram, fed),
            Self::Client { .. } => {}
        }
    }
}

impl Listener {
    /// New connections start with the options as they are now.
    fn reconfigure(&mut self, driver: &Driver) {
        self.endpoint.set_config(self.settings(driver).connection);
    }

    fn settings(&self, driver: &Driver) -> Settings {
        driver.settings(Some(&self.cell.options.lock()), &Overrides::default())
    }

    /// Gives a datagram to the connection it is for, or answers it.
    fn dispatch(
        &mut self,
        driver: &Driver,
        now: Timestamp,
        datagram: Datagram<'_>,
        fed: &mut Vec<Arc<ConnectionCell>>,
    ) {
        self.update_credentials(driver);
        let Datagram { from, to, bytes } = datagram;
        if is_request(bytes) {
            self.note_end_at(from);
            self.endpoint.set_unix_seconds_at_zero(driver.unix_seconds_at_zero());
        }
        let source = if self.socket.is_wildcard() { to } else { None };
        let route = Route { remote: from, source };
        let mut taken_id = None;
        let take_id = || *taken_id.insert(driver.take_connection_id());
        match self.endpoint.handle_datagram(now, from, bytes, &mut self.reply, take_id) {
            Incoming::Connection(id) => {
                if let Some(cell) = self.connections.get(&id) {
                    receive::feed(driver, cell, now, bytes, fed);
                }
            }
            Incoming::Reply => {
                // A lost answer is asked for again.
                let _ = self.socket.send(route, self.reply.len(), &self.reply);
            }
            Incoming::New(engine) => {
                if self.welcome(driver, now, *engine, route, fed) {
                    taken_id = None;
                }
            }
            Incoming::Dropped => {}
        }
        if let Some(note) = self.endpoint.take_note() {
            tell(driver, &note);
        }
        if let Some(unused) = taken_id {
            driver.release_connection_id(unused);
        }
    }

    /// Tells the endpoint if the connection at this address has ended.
    fn note_end_at(&mut self, address: SocketAddr) {
        let cell = self.endpoint.route(address).and_then(|id| self.connections.get(&id));
        if cell.is_some_and(|cell| cell.lock().engine.udp().is_some_and(Connection::has_ended)) {
            self.endpoint.note_end(address);
        }
    }

    /// Gives the endpoint what has changed since the last datagram.
    fn update_credentials(&mut self, driver: &Driver) {
        let version = Some(driver.credentials.version());
        if self.credentials_version != version {
            self.credentials_version = version;
            let Shown { identity, certificate, trust } = driver.credentials();
            self.endpoint.set_identity(identity);
            self.endpoint.set_certificate(certificate);
            self.endpoint.set_trust(trust);
        }
    }

    /// Takes in a new connection; `false` if there is no place for it.
    fn welcome(
        &mut self,
        driver: &Driver,
        now: Timestamp,
        engine: Connection,
        route: Route,
        fed: &mut Vec<Arc<ConnectionCell>>,
    ) -> bool {
        let (settings, from) = (self.settings(driver), Prefix::of(route.remote.ip()));
        if !driver.places.admit_from(from, settings.connections_per_address) {
            return false;
        }
        let id = engine.local_connection_id();
        let origin = Origin::Incoming { token: self.token, listen_socket: self.cell.handle };
        let socket = Arc::clone(&self.socket);
        let replaced = self.endpoint.insert(&engine, id);
        let user_data = settings.user_data;
        let mut cell = None;
        let inserted = driver.tables.write().connections.insert_with(|handle| {
            let (engine, link) = (Engine::Udp(engine), Link::udp(socket, route));
            let new = ConnectionCell::new(handle, origin, engine, link, user_data);
            Arc::clone(cell.insert(Arc::new(new)))
        });
        let (Some(_), Some(cell)) = (inserted, cell) else {
            self.endpoint.remove(route.remote);
            driver.places.leave(Place::Living(Some(from)));
            return false;
        };
        // An option may have changed since the endpoint made it.
        cell.reconfigure(driver);
        if cell.lock().touch() {
            fed.push(Arc::clone(&cell));
        }
        self.connections.insert(id, cell);
        if let Some(old) = replaced.and_then(|old| self.connections.get(&old)) {
            give_way(old, now, fed);
        }
        true
    }
}

/// Writes a line about strangers.
fn tell(driver: &Driver, note: &Note) {
    let level = match note {
        Note::Unauthenticated { is_complaint: false, .. } => DebugOutputType::Verbose,
        Note::Unauthenticated { .. } | Note::Refused { .. } => DebugOutputType::Warning,
    };
    driver.log.write(level, format_args!("{note}"));
}

/// The client of this connection has come back anew.
fn give_way(old: &Arc<ConnectionCell>, now: Timestamp, fed: &mut Vec<Arc<ConnectionCell>>) {
    let mut guarded = old.lock();
    if let Some(connection) = guarded.engine.udp_mut() {
        connection.give_way(now);
        if guarded.touch() {
            fed.push(Arc::clone(old));
        }
    }
}

#[cfg(test)]
mod tests {
    use gamesockets_proto::endpoint::ListenParams;
    use gamesockets_proto::wire::control::ControlPacket;
    use gamesockets_proto::wire::messages::ChallengeRequest;
    use gamesockets_proto::{ConnectionConfig, Identity};
    use parking_lot::Mutex;

    use super::super::listen::Knocking;
    use super::*;

    struct Fixture {
        driver: Arc<Driver>,
        thread: std::thread::JoinHandle<()>,
        cell: Arc<ListenCell>,
        socket: Arc<UdpSocket>,
        token: mio::Token,
        endpoint: Box<Endpoint<u32>>,
    }

    /// A running driver, and a listen socket that it does not read yet.
    fn fixture() -> Fixture {
        let (driver, thread) =
            Driver::start(Identity::localhost(), Overrides::default(), None, Duration::ZERO).unwrap();
        let mut socket = UdpSocket::listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let token = driver.register(&mut socket).unwrap();
        let endpoint = Box::new(Endpoint::listen(ListenParams {
            identity: Identity::localhost(),
            config: ConnectionConfig::default(),
            seed: driver.seed(),
            unix_seconds_at_zero: driver.unix_seconds_at_zero(),
        }));
        let (mut cell, socket) = (None, Arc::new(socket));
        driver.tables.write().listen_sockets.insert_with(|handle| {
            let knocking = Knocking::default();
            let place = ListenPlace::Udp { socket: Arc::clone(&socket), token };
            let new = ListenCell { handle, place, options: Mutex::default(), knocking };
            Arc::clone(cell.insert(Arc::new(new)))
        });
        Fixture { driver, thread, cell: cell.unwrap(), socket, token, endpoint }
    }

    #[test]
    fn a_listen_socket_that_is_closed_before_it_is_read_is_forgotten() {
        let Fixture { driver, thread, cell, token, endpoint, .. } = fixture();
        assert!(driver.tables.write().listen_sockets.remove(cell.handle).is_some());
        driver.unlisten(token);
        driver.listen(Arc::clone(&cell), endpoint);
        driver.unlisten(mio::Token(usize::MAX));
        assert_eq!(Arc::strong_count(&cell), 1);
        driver.stop();
        thread.join().unwrap();
    }

    #[test]
    fn a_socket_that_reports_a_hundred_errors_still_hears() {
        let Fixture { driver, thread, cell, socket, endpoint, .. } = fixture();
        let client = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        client.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let request = ChallengeRequest { connection_id: Some(7), ..ChallengeRequest::default() };
        let mut bytes = Vec::new();
        ControlPacket::ChallengeRequest(request).encode(&mut bytes);
        socket.receive_errors.store(100, std::sync::atomic::Ordering::Relaxed);
        client.send_to(&bytes, socket.local_address()).unwrap();
        driver.listen(Arc::clone(&cell), endpoint);
        assert!(client.recv(&mut [0; 1500]).is_ok(), "it has gone deaf");
        driver.stop();
        thread.join().unwrap();
    }
}
