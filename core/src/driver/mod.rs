//! The driver: sockets, the I/O thread, the clock. It carries bytes between the operating system and the engine, and
//! knows nothing of the protocol.
//!
//! Locks, in the order in which they may be taken together: poll group, connection, then any one of the others. The
//! credentials come before all others, but not together with a poll group or a connection.

pub(crate) mod clock;
pub(crate) mod connection;
mod connection_ids;
pub(crate) mod credentials;
mod io_thread;
pub(crate) mod listen;
pub(crate) mod poll_group;
mod receive;
pub(crate) mod socket;
mod tables;
mod timers;

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::{JoinHandle, ThreadId};

use gamesockets_proto::{Endpoint, Identity, Timestamp};
use gamesockets_schema::ConnectionState;
use parking_lot::{Mutex, RwLock};

use self::clock::{Clock, Random};
use self::connection::ConnectionCell;
use self::connection_ids::ConnectionIds;
use self::credentials::Credentials;
use self::io_thread::IoThread;
use self::listen::ListenCell;
use self::tables::Tables;
use self::timers::Timers;
use crate::error::Error;
use crate::events::{Event, EventQueue};

/// How many connections one instance keeps, those that are still saying goodbye included (spec section 5.4).
pub(crate) const MAX_CONNECTIONS: usize = 8_191;

/// What all threads of one instance share.
pub(crate) struct Driver {
    pub(crate) events: EventQueue,
    pub(crate) tables: RwLock<Tables>,
    pub(crate) credentials: Credentials,
    timers: Timers,
    clock: Clock,
    random: Mutex<Random>,
    ids: Mutex<ConnectionIds>,
    /// Connections whose handles were closed with linger, while they deliver.
    pub(crate) lingering: Mutex<Vec<Arc<ConnectionCell>>>,
    /// Connections that are not dead yet.
    living: AtomicUsize,
    orders: Mutex<Vec<Order>>,
    registry: mio::Registry,
    waker: mio::Waker,
    next_token: AtomicUsize,
    io_thread: OnceLock<ThreadId>,
}

/// What the I/O thread is told.
enum Order {
    /// Read the socket of a listen socket from now on.
    Listen(Arc<ListenCell>, Box<Endpoint<u32>>),
    /// Read the socket of an outgoing connection from now on.
    Connect(Arc<ConnectionCell>, Arc<socket::UdpSocket>),
    /// Forget a listen socket and destroy its connections; answer when its port is free.
    Unlisten(mio::Token, mpsc::Sender<()>),
    /// A connection is dead: forget it.
    Bury(Arc<ConnectionCell>),
    /// Every connection that has said its last word may go, and so may the thread.
    Stop,
}

impl Driver {
    /// Starts the I/O thread.
    pub(crate) fn start(identity: Identity) -> Result<(Arc<Self>, JoinHandle<()>), Error> {
        let poll = mio::Poll::new().map_err(|error| Error::starting("event queue", error))?;
        let registry = poll.registry().try_clone().map_err(|error| Error::starting("event queue", error))?;
        let waker = mio::Waker::new(poll.registry(), io_thread::WAKE)
            .map_err(|error| Error::starting("wake-up channel", error))?;
        let driver = Arc::new(Self {
            events: EventQueue::default(),
            tables: RwLock::new(Tables::new()),
            credentials: Credentials::new(identity),
            timers: Timers::default(),
            clock: Clock::start(),
            random: Mutex::new(Random::from_system().map_err(|error| Error::starting("randomness", error))?),
            ids: Mutex::default(),
            lingering: Mutex::default(),
            living: AtomicUsize::new(0),
            orders: Mutex::default(),
            registry,
            waker,
            next_token: AtomicUsize::new(io_thread::WAKE.0 + 1),
            io_thread: OnceLock::new(),
        });
        let thread = IoThread::new(Arc::clone(&driver), poll);
        let thread = std::thread::Builder::new()
            .name("gamesockets".into())
            .spawn(move || thread.run())
            .map_err(|error| Error::starting("thread", error))?;
        let _ = driver.io_thread.set(thread.thread().id());
        Ok((driver, thread))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) const fn unix_seconds_at_zero(&self) -> u64 {
        self.clock.unix_seconds_at_zero()
    }

    pub(crate) fn seed(&self) -> [u8; 32] {
        self.random.lock().seed()
    }

    pub(crate) fn take_connection_id(&self) -> u32 {
        let mut random = self.random.lock();
        self.ids.lock().take(|| random.number())
    }

    pub(crate) fn release_connection_id(&self, id: u32) {
        self.ids.lock().release(id);
    }

    /// Counts a new connection, unless there are too many.
    pub(crate) fn admit_connection(&self) -> bool {
        let one_more = |living| (living < MAX_CONNECTIONS).then_some(living + 1);
        self.living.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more).is_ok()
    }

    /// Gives back the place of a connection.
    pub(crate) fn dismiss_connection(&self) {
        self.living.fetch_sub(1, Ordering::AcqRel);
    }

    /// Gives back what a connection held: its place and its id.
    fn discharge_connection(&self, id: u32) {
        self.dismiss_connection();
        self.release_connection_id(id);
    }

    pub(crate) fn register(&self, socket: &mut socket::UdpSocket) -> std::io::Result<mio::Token> {
        let token = mio::Token(self.next_token.fetch_add(1, Ordering::Relaxed));
        socket.register(&self.registry, token)?;
        Ok(token)
    }

    /// Queues an event for the application.
    pub(crate) fn post(&self, event: Event) {
        self.events.push(event, |connection| self.tables.read().connections.get(connection).is_some());
    }

    pub(crate) fn listen(&self, cell: Arc<ListenCell>, endpoint: Box<Endpoint<u32>>) {
        self.order(Order::Listen(cell, endpoint));
    }

    pub(crate) fn connect(&self, cell: Arc<ConnectionCell>, socket: Arc<socket::UdpSocket>) {
        self.order(Order::Connect(cell, socket));
    }

    /// Waits until the port is free, which takes the I/O thread a moment.
    pub(crate) fn unlisten(&self, token: mio::Token) {
        let (done, wait) = mpsc::channel();
        self.order(Order::Unlisten(token, done));
        if !self.is_io_thread() {
            // An error means that the thread is gone, and the socket with it.
            let _ = wait.recv();
        }
    }

    /// Notes that a connection lingers, for the end of the instance.
    pub(crate) fn remember_lingering(&self, cell: &Arc<ConnectionCell>) {
        let mut lingering = self.lingering.lock();
        lingering.retain(|cell| cell.lock().engine.state() == ConnectionState::Linger);
        lingering.push(Arc::clone(cell));
    }

    pub(crate) fn stop(&self) {
        self.order(Order::Stop);
    }

    /// Whether the caller is the I/O thread (by way of a task that it woke).
    pub(crate) fn is_io_thread(&self) -> bool {
        self.io_thread.get() == Some(&std::thread::current().id())
    }

    fn bury(&self, cell: Arc<ConnectionCell>) {
        self.order(Order::Bury(cell));
    }

    fn order(&self, order: Order) {
        self.orders.lock().push(order);
        self.wake();
    }

    fn wake(&self) {
        if let Err(error) = self.waker.wake() {
            tracing::warn!(%error, "the I/O thread could not be woken; it looks again within a second");
        }
    }
}
