//! The driver: sockets, the I/O and who does it, the clock. It carries bytes between the operating system and the engine,
//! and knows nothing of the protocol.
//!
//! Locks, in the order in which they may be taken together: the reactor, poll group, connection, the options of a listen
//! socket, then any one of the others. No thread holds the locks of two connections. The credentials come before all
//! others but the reactor, and not together with a poll group or a connection. No waker of the application's is called
//! under any of them (`signal.rs`).

pub(crate) mod clock;
pub(crate) mod conditions;
pub(crate) mod connection;
mod connection_ids;
pub(crate) mod credentials;
pub(crate) mod engine;
pub(crate) mod link;
pub(crate) mod listen;
pub(crate) mod p2p;
pub(crate) mod pipe;
pub(crate) mod places;
pub(crate) mod poll_group;
mod reactor;
mod receive;
pub(crate) mod seat;
pub(crate) mod socket;
mod tables;
mod timers;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use gamesockets_proto as proto;
use gamesockets_proto::{Endpoint, Identity, Timestamp};
use gamesockets_schema::DebugOutputType;
use parking_lot::{Mutex, RwLock};

use self::clock::{Clock, Random, WallClock};
use self::conditions::Conditions;
use self::connection::{ConnectionCell, Origin};
use self::connection_ids::ConnectionIds;
use self::credentials::Credentials;
use self::listen::{ListenCell, ListenPlace};
use self::p2p::P2p;
use self::places::Places;
use self::reactor::Reactor;
use self::seat::Seat;
use self::tables::Tables;
use self::timers::Timers;
use crate::config::{NetworkSettings, Overrides, Scopes, Settings};
use crate::error::Error;
use crate::events::{Event, EventQueue};
use crate::handles::{Connection, ListenSocket};
use crate::log::Log;
use crate::trace::{Subject, TraceSettings};

/// What all threads of one instance share.
pub(crate) struct Driver {
    pub(crate) events: Arc<EventQueue>,
    pub(crate) log: Arc<Log>,
    conditions: Arc<Conditions>,
    pub(crate) tables: RwLock<Tables>,
    pub(crate) credentials: Credentials,
    pub(crate) scopes: RwLock<Scopes>,
    timers: Timers,
    clock: Clock,
    pub(crate) wall_clock: WallClock,
    random: Mutex<Random>,
    ids: Mutex<ConnectionIds>,
    /// Connections whose handles were closed with linger, while they deliver.
    pub(crate) lingering: Mutex<Vec<Arc<ConnectionCell>>>,
    pub(crate) places: Places,
    pub(crate) p2p: P2p,
    orders: Mutex<Vec<Order>>,
    registry: mio::Registry,
    waker: Arc<mio::Waker>,
    next_token: AtomicUsize,
    pub(crate) seat: Seat,
    trace: Option<TraceSettings>,
    /// The process that it belongs to.
    process: u32,
}

/// What the thread is told that does the I/O.
enum Order {
    /// Read the socket of a listen socket from now on.
    Listen(Arc<ListenCell>, Box<Endpoint<u32>>),
    /// Read the socket of an outgoing connection from now on.
    Connect(Arc<ConnectionCell>, Arc<socket::UdpSocket>),
    /// Read the socket for a relay from now on.
    Relay(Arc<p2p::Station>),
    /// Forget a listen socket and destroy its connections; answer when its port is free.
    Unlisten(mio::Token, mpsc::Sender<()>),
    /// The options of listen sockets may have changed.
    Reconfigure,
    /// A connection is dead: forget it.
    Bury(Arc<ConnectionCell>),
    /// Every connection that has said its last word may go, and so may the thread.
    Stop,
}

impl Driver {
    /// Starts the I/O thread.
    pub(crate) fn start(
        identity: Identity,
        global: Overrides,
        trace: Option<TraceSettings>,
        busy_poll: Duration,
    ) -> Result<(Arc<Self>, JoinHandle<()>), Error> {
        let poll = mio::Poll::new().map_err(|error| Error::starting("event queue", error))?;
        let registry = poll.registry().try_clone().map_err(|error| Error::starting("event queue", error))?;
        let waker = mio::Waker::new(poll.registry(), reactor::WAKE)
            .map_err(|error| Error::starting("wake-up channel", error))?;
        let waker = Arc::new(waker);
        let mut random = Random::from_system().map_err(|error| Error::starting("randomness", error))?;
        let clock = Clock::start();
        let events = Arc::new(EventQueue::default());
        let log = Arc::new(Log::new(Arc::clone(&events)));
        let seeds = [random.seed(), random.seed()];
        let conditions = Arc::new(Conditions::new(clock, Arc::clone(&waker), Arc::clone(&log), seeds));
        conditions.configure(NetworkSettings::resolve(&global));
        let driver = Arc::new(Self {
            events,
            log,
            conditions,
            tables: RwLock::new(Tables::new()),
            credentials: Credentials::new(identity),
            scopes: RwLock::new(Scopes { global, ..Scopes::default() }),
            timers: Timers::default(),
            clock,
            wall_clock: WallClock::default(),
            random: Mutex::new(random),
            ids: Mutex::default(),
            lingering: Mutex::default(),
            places: Places::default(),
            p2p: P2p::default(),
            orders: Mutex::default(),
            registry,
            waker: Arc::clone(&waker),
            next_token: AtomicUsize::new(reactor::WAKE.0 + 1),
            seat: Seat::new(Reactor::new(poll), waker, busy_poll),
            trace,
            process: std::process::id(),
        });
        let hosted = Arc::clone(&driver);
        let thread = std::thread::Builder::new()
            .name("gamesockets".into())
            .spawn(move || hosted.seat.host(&hosted))
            .map_err(|error| Error::starting("thread", error))?;
        Ok((driver, thread))
    }

    /// Whether this process is a fork of the one that made it. Costs a system call that does nothing.
    pub(crate) fn is_forked(&self) -> bool {
        std::process::id() != self.process
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Unix time in seconds, as of now.
    pub(crate) fn unix_seconds(&self) -> u64 {
        self.wall_clock.unix_seconds()
    }

    /// Unix time in seconds at [`Timestamp`] zero, as it follows from the time of day as of now.
    pub(crate) fn unix_seconds_at_zero(&self) -> u64 {
        self.unix_seconds().saturating_sub(self.now().as_micros() / 1_000_000)
    }

    pub(crate) fn seed(&self) -> [u8; 32] {
        self.random.lock().seed()
    }

    /// What a connection works with, given what was set for its listen socket and for itself.
    pub(crate) fn settings(&self, listen_socket: Option<&Overrides>, connection: &Overrides) -> Settings {
        let scopes = self.scopes.read();
        let none = Overrides::default();
        Settings::resolve(&[&scopes.global, &scopes.interface, listen_socket.unwrap_or(&none), connection])
    }

    pub(crate) fn listen_cell(&self, handle: ListenSocket) -> Option<Arc<ListenCell>> {
        self.tables.read().listen_sockets.get(handle).cloned()
    }

    /// Carries a change of options to every listen socket and connection that inherits it.
    pub(crate) fn reconfigure_all(&self) {
        self.order(Order::Reconfigure);
        let cells: Vec<_> = self.tables.read().connections.values().cloned().collect();
        cells.iter().for_each(|cell| cell.reconfigure(self));
    }

    /// Carries a change of global options to the sockets.
    pub(crate) fn reconfigure_network(&self) {
        // Under the lock, so that of two changes the later one stays.
        let scopes = self.scopes.read();
        self.conditions.configure(NetworkSettings::resolve(&scopes.global));
    }

    pub(crate) fn take_connection_id(&self) -> u32 {
        let mut random = self.random.lock();
        self.ids.lock().take(|| random.number())
    }

    pub(crate) fn release_connection_id(&self, id: u32) {
        self.ids.lock().release(id);
    }

    /// Starts the trace of a connection that was started here or is being accepted, if there are to be any.
    pub(crate) fn trace(&self, connection: &mut proto::Connection) {
        let Some(settings) = &self.trace else { return };
        let now = self.now();
        let subject = Subject {
            id: connection.local_connection_id(),
            incoming: connection.is_incoming(),
            remote: connection.remote_address(),
            unix_seconds: self.unix_seconds(),
        };
        if let Some(observer) = settings.start(now, &subject) {
            connection.set_observer(now, observer);
        }
    }

    /// Gives back what a connection held that is dead or cut off: its place and its id.
    fn discharge_connection(&self, cell: &ConnectionCell) {
        self.places.leave(cell.lock().place());
        self.release_connection_id(cell.id());
    }

    pub(crate) fn register(&self, socket: &mut socket::UdpSocket) -> std::io::Result<mio::Token> {
        let token = mio::Token(self.next_token.fetch_add(1, Ordering::Relaxed));
        socket.register(&self.registry, token, Arc::clone(&self.conditions))?;
        Ok(token)
    }

    /// Queues an event for the application, which is woken when the caller [announces](EventQueue::announce) it.
    pub(crate) fn post(&self, event: Event) {
        self.events.push(event, |connection| self.tables.read().connections.get(connection).is_some());
    }

    /// Remembers a connection for whoever waits for the next one to accept.
    fn note_knocking(&self, socket: ListenSocket, connection: Connection) {
        if let Some(cell) = self.listen_cell(socket) {
            cell.knocking.push(connection, |other| self.tables.read().connections.get(other).is_some());
        }
    }

    fn read_relay(&self, station: Arc<p2p::Station>) {
        self.order(Order::Relay(station));
    }

    pub(crate) fn listen(&self, cell: Arc<ListenCell>, endpoint: Box<Endpoint<u32>>) {
        self.order(Order::Listen(cell, endpoint));
    }

    pub(crate) fn connect(&self, cell: Arc<ConnectionCell>, socket: Arc<socket::UdpSocket>) {
        self.order(Order::Connect(cell, socket));
    }

    /// Nobody comes in there any more.
    pub(crate) fn stop_listening(&self, place: &ListenPlace) {
        match place {
            ListenPlace::Udp { token, .. } => self.unlisten(*token),
            ListenPlace::Virtual(port) => self.close_port(*port),
        }
    }

    /// Waits until the port is free, which takes the I/O thread a moment.
    pub(crate) fn unlisten(&self, token: mio::Token) {
        let (done, wait) = mpsc::channel();
        self.order(Order::Unlisten(token, done));
        if !self.seat.is_mine() {
            // An error means that the thread is gone, and the socket with it.
            let _ = wait.recv();
        }
    }

    /// Notes that a connection lingers, for the end of the instance.
    pub(crate) fn remember_lingering(&self, cell: &Arc<ConnectionCell>) {
        let mut lingering = self.lingering.lock();
        lingering.retain(|cell| cell.lock().is_lingering());
        lingering.push(Arc::clone(cell));
    }

    pub(crate) fn stop(&self) {
        self.order(Order::Stop);
    }

    /// A connection is dead: what it held is free again. The I/O thread forgets those that have a socket.
    fn bury(&self, cell: Arc<ConnectionCell>) {
        match cell.origin() {
            Origin::Pipe => self.discharge_connection(&cell),
            Origin::Met { .. } => self.forget_met(&cell),
            Origin::OwnSocket { .. } | Origin::Incoming { .. } => self.order(Order::Bury(cell)),
        }
    }

    fn order(&self, order: Order) {
        self.orders.lock().push(order);
        self.wake();
        self.seat.summon_host();
    }

    fn wake(&self) {
        if let Err(error) = self.waker.wake() {
            let line = format_args!("the I/O thread could not be woken, and looks again within a second: {error}");
            self.log.write(DebugOutputType::Error, line);
        }
    }
}
