//! A connection as the driver keeps it: the engine behind its lock, its way to the socket, and who waits for it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Weak};

use gamesockets_proto as proto;
use gamesockets_proto::endpoint::Prefix;
use gamesockets_proto::signals::Signal as P2pSignal;
use gamesockets_proto::{Identity, Timestamp};
use gamesockets_schema::{ConnectionInfo, ConnectionState, DebugOutputType, SendFlags};
use parking_lot::{Mutex, MutexGuard};

use super::Driver;
use super::engine::Engine;
use super::link::Link;
use super::places::Place;
use super::poll_group::{PollGroupCell, as_i64};
use crate::config::Overrides;
use crate::events::Event;
use crate::handles::{Connection, ListenSocket};
use crate::info;
use crate::log::Log;
use crate::message::ReceivedMessage;
use crate::signal::Signal;

/// A connection, shared by the application's threads and the I/O thread.
pub(crate) struct ConnectionCell {
    handle: Connection,
    id: u32,
    origin: Origin,
    /// Gone for a pipe.
    remote: Option<SocketAddr>,
    user_data: AtomicI64,
    /// The application has closed the handle.
    closed: AtomicBool,
    writable_event_waits: AtomicBool,
    guarded: Mutex<Guarded>,
    pub(crate) readable: Signal,
    pub(crate) writable: Signal,
}

/// Where the datagrams of a connection come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A socket of its own: started here, or one end of a pair.
    OwnSocket { token: mio::Token },
    /// Accepted through a listen socket.
    Incoming { token: mio::Token, listen_socket: ListenSocket },
    /// The ends met through signals; packets come by routes.
    Met { listen_socket: Option<ListenSocket> },
    /// None come: the other end is in this process.
    Pipe,
}

/// What is left to do without the lock when everything was sent.
struct Sent {
    /// The other end of our pipe, which has to fetch.
    peer: Option<Arc<ConnectionCell>>,
    /// For the peer.
    signals: Vec<P2pSignal>,
}

/// What the lock of a connection guards.
pub(crate) struct Guarded {
    pub(crate) engine: Engine,
    pub(crate) name: String,
    pub(crate) group: Option<Arc<PollGroupCell>>,
    pub(crate) identity: Arc<Identity>,
    /// The options that were set on it.
    pub(crate) options: Overrides,
    /// A send was refused, and `Writable` has not come yet.
    pub(crate) send_refused: bool,
    /// Something was told since it was settled last.
    told_meanwhile: bool,
    /// Somebody has done something with the engine, and will settle it in a moment.
    touched: bool,
    /// The way out; gone with the connection.
    link: Option<Link>,
    place: Place,
    /// The state that the application was last told of.
    told: ConnectionState,
    /// Its entry in the timers.
    scheduled: Option<Timestamp>,
}

impl ConnectionCell {
    pub(crate) fn new(handle: Connection, origin: Origin, engine: Engine, link: Link, user_data: i64) -> Self {
        let from = match origin {
            Origin::Incoming { .. } => engine.remote_address().map(|remote| Prefix::of(remote.ip())),
            Origin::OwnSocket { .. } | Origin::Met { .. } | Origin::Pipe => None,
        };
        Self {
            handle,
            id: engine.local_connection_id(),
            origin,
            remote: engine.remote_address(),
            user_data: AtomicI64::new(user_data),
            closed: AtomicBool::new(false),
            writable_event_waits: AtomicBool::new(false),
            guarded: Mutex::new(Guarded {
                identity: Arc::new(engine.remote_identity().cloned().unwrap_or_else(Identity::localhost)),
                engine,
                name: String::new(),
                group: None,
                options: Overrides::default(),
                send_refused: false,
                told_meanwhile: false,
                touched: false,
                link: Some(link),
                place: Place::Living(from),
                told: ConnectionState::None,
                scheduled: None,
            }),
            readable: Signal::default(),
            writable: Signal::default(),
        }
    }

    pub(crate) const fn handle(&self) -> Connection {
        self.handle
    }

    /// Our connection id on the wire.
    pub(crate) const fn id(&self) -> u32 {
        self.id
    }

    pub(crate) const fn origin(&self) -> Origin {
        self.origin
    }

    pub(crate) const fn listen_socket(&self) -> Option<ListenSocket> {
        match self.origin {
            Origin::OwnSocket { .. } | Origin::Pipe => None,
            Origin::Met { listen_socket } => listen_socket,
            Origin::Incoming { listen_socket, .. } => Some(listen_socket),
        }
    }

    pub(crate) fn user_data(&self) -> i64 {
        self.user_data.load(Ordering::Relaxed)
    }

    pub(crate) fn set_user_data(&self, user_data: i64) {
        self.user_data.store(user_data, Ordering::Relaxed);
    }

    /// Takes its initial options. They are in its settings already; wider scopes may have changed since.
    pub(crate) fn adopt(self: &Arc<Self>, driver: &Driver, options: Overrides) {
        self.lock().options = options;
        self.reconfigure(driver);
    }

    /// Works with what follows from its scopes now.
    pub(crate) fn reconfigure(self: &Arc<Self>, driver: &Driver) {
        let listen_socket = self.listen_socket().and_then(|handle| driver.listen_cell(handle));
        let now = driver.now();
        let mut guarded = self.lock();
        let settings = {
            let wider = listen_socket.as_ref().map(|cell| cell.options.lock());
            driver.settings(wider.as_deref(), &guarded.options)
        };
        if settings.connection != *guarded.engine.config() {
            guarded.engine.set_config(now, settings.connection);
            self.settle(driver, now, guarded);
        }
    }

    /// Whether the handshake has used its options (spec section 5.7).
    pub(crate) fn has_locked_options(&self, guarded: &Guarded) -> bool {
        !guarded.engine.udp().is_some_and(proto::Connection::awaits_accept)
    }

    /// Whether the application has closed the handle.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Whether datagrams from this address are the peer's.
    pub(super) fn is_peer(&self, address: SocketAddr) -> bool {
        self.remote == Some(address)
    }

    /// Joins the end of a new pipe to the other.
    pub(crate) fn join(&self, peer: Weak<Self>) {
        // Unless a new identity has closed it already.
        if let Some(link) = &mut self.lock().link {
            *link = Link::Pipe(peer);
        }
    }

    /// The application knows the state of the new connection without being told.
    pub(crate) fn mark_told(&self) {
        let mut guarded = self.lock();
        while guarded.engine.poll_event().is_some() {}
        guarded.told = info::visible(guarded.engine.state());
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Guarded> {
        self.guarded.lock()
    }

    /// The application was given the `Writable` event; the next may be queued.
    pub(crate) fn writable_event_taken(&self) {
        self.writable_event_waits.store(false, Ordering::Release);
    }

    /// Moves up to `max` messages to `out`, on behalf of a poll group; none if the connection has left it.
    /// Answers how many, and whether the caller has to settle the connection when it has let go of the group.
    pub(super) fn take_messages_for(
        &self,
        group: &PollGroupCell,
        now: Timestamp,
        max: usize,
        out: &mut Vec<ReceivedMessage>,
    ) -> (usize, bool) {
        let mut guarded = self.lock();
        match &guarded.group {
            Some(own) if std::ptr::eq(Arc::as_ptr(own), group) => {
                let taken = self.take_messages(&mut guarded, now, max, out);
                (taken, taken > 0 && guarded.touch())
            }
            _ => (0, false),
        }
    }

    /// Moves up to `max` messages to `out`; answers how many.
    fn take_messages(
        &self,
        guarded: &mut Guarded,
        now: Timestamp,
        max: usize,
        out: &mut Vec<ReceivedMessage>,
    ) -> usize {
        let (user_data, identity) = (self.user_data(), &guarded.identity);
        guarded.engine.receive_many(now, max, |message| {
            out.push(ReceivedMessage {
                payload: message.payload,
                connection: self.handle,
                identity: Arc::clone(identity),
                user_data,
                time_received: message.time_received.as_micros(),
                message_number: message.number,
                lane: message.lane,
                flags: if message.reliable { SendFlags::RELIABLE } else { SendFlags::UNRELIABLE },
            });
        })
    }

    /// Moves up to `max` messages to `out`, as read from the connection itself.
    pub(crate) fn receive(self: &Arc<Self>, driver: &Driver, max: usize, out: &mut Vec<ReceivedMessage>) {
        let now = driver.now();
        let mut guarded = self.lock();
        let group = guarded.group.clone();
        let taken = self.take_messages(&mut guarded, now, max, out);
        if taken > 0 {
            // Room to read is room to receive.
            self.settle(driver, now, guarded);
        } else {
            drop(guarded);
        }
        if let Some(group) = group {
            group.take_back(self, as_i64(taken));
        }
    }

    /// Moves the connection to another poll group, with the messages that wait. A poll group locks itself before its
    /// connections, so it hears of this only after our lock is free; see [`PollGroupCell`].
    pub(crate) fn join_group(self: &Arc<Self>, new: Option<Arc<PollGroupCell>>) {
        let mut guarded = self.lock();
        if new.is_some() && self.is_closed() {
            return;
        }
        let unread = guarded.engine.readable_messages();
        // These the old group has not heard of, and will not.
        let unannounced = guarded.engine.take_newly_readable();
        let old = std::mem::replace(&mut guarded.group, new.clone());
        drop(guarded);
        if let Some(old) = old {
            // Below zero if some of the unannounced were read already, and that was told.
            old.take_back(self, as_i64(unread) - as_i64(unannounced));
        }
        if let Some(new) = new {
            new.announce(self, unread);
        }
        if unannounced > 0 {
            self.readable.give();
        }
    }

    /// The handle is closed: nobody reads or waits any more. The engine goes on until it is dead.
    pub(crate) fn mark_closed(self: &Arc<Self>) {
        self.closed.store(true, Ordering::Release);
        self.join_group(None);
        self.wake_waiters();
    }

    /// Cuts the connection off from the network. Its events are posted, its timer and its socket are gone.
    pub(crate) fn cut_off(self: &Arc<Self>, driver: &Driver) {
        let mut guarded = self.lock();
        guarded.link = None;
        if let Some(at) = guarded.scheduled.take() {
            driver.timers.cancel(self.id, at);
        }
        self.tell(driver, &mut guarded, ConnectionState::None);
        drop(guarded);
        driver.events.announce();
    }

    fn wake_waiters(&self) {
        self.readable.give();
        self.writable.give();
    }

    /// The timer fired.
    pub(super) fn fire(self: &Arc<Self>, driver: &Driver, now: Timestamp) {
        let mut guarded = self.lock();
        guarded.scheduled = None;
        if let Some(connection) = guarded.engine.udp_mut()
            && connection.poll_timeout().is_some_and(|at| at <= now)
        {
            connection.handle_timeout(now);
        }
        self.settle(driver, now, guarded);
    }

    /// To be called after anything was done with the engine: sends what it has to send, tells what it has to tell and
    /// sets its timer. Sends under the lock, so that datagrams leave in the order they were made.
    pub(crate) fn settle(self: &Arc<Self>, driver: &Driver, now: Timestamp, mut guard: MutexGuard<'_, Guarded>) {
        let guarded = &mut *guard;
        guarded.touched = false;
        let Sent { peer, signals } = guarded.transmit(driver, now);
        let mut wake = self.tell_events(driver, guarded) | std::mem::take(&mut guarded.told_meanwhile);
        let messages = guarded.engine.take_newly_readable();
        let group = if messages > 0 && !self.is_closed() { guarded.group.clone() } else { None };
        guarded.part(driver, now);
        let is_dead = guarded.engine.state() == ConnectionState::Dead && guarded.link.is_some();
        if is_dead {
            guarded.link = None;
        }
        self.reschedule(driver, now, guarded);
        drop(guard);
        if !signals.is_empty() {
            driver.send_signals(self, signals);
        }
        driver.events.announce();
        if let Some(group) = group {
            group.announce(self, messages);
        }
        if messages > 0 {
            self.readable.give();
        }
        if is_dead {
            driver.bury(Arc::clone(self));
            wake = true;
        }
        if wake {
            self.wake_waiters();
        }
        if let Some(peer) = peer {
            peer.fetch(driver, now);
        }
    }

    /// Tells of what has just happened, as it is now; who waits is woken when the connection is settled.
    pub(super) fn tell_meanwhile(&self, driver: &Driver, guarded: &mut Guarded) {
        guarded.told_meanwhile |= self.tell_events(driver, guarded);
    }

    /// The other end of our pipe has something for us.
    fn fetch(self: &Arc<Self>, driver: &Driver, now: Timestamp) {
        let mut guarded = self.lock();
        if let Some(end) = guarded.engine.pipe_mut() {
            end.fetch(now);
        }
        self.settle(driver, now, guarded);
    }

    /// Posts the events of the engine; answers whether there were any.
    fn tell_events(&self, driver: &Driver, guarded: &mut Guarded) -> bool {
        let mut any = false;
        while let Some(event) = guarded.engine.poll_event() {
            any = true;
            match event {
                proto::Event::StateChanged { new, .. } => self.tell(driver, guarded, new),
                proto::Event::Writable => {
                    guarded.send_refused = false;
                    if !self.is_closed() && !self.writable_event_waits.swap(true, Ordering::AcqRel) {
                        driver.post(Event::ConnectionWritable { connection: self.handle });
                    }
                }
            }
        }
        let state = guarded.engine.state();
        self.tell(driver, guarded, state);
        any
    }

    /// Posts a change of the state that the application sees, if it is one (spec section 10.1).
    fn tell(&self, driver: &Driver, guarded: &mut Guarded, state: ConnectionState) {
        let state = info::visible(state);
        if state == guarded.told {
            return;
        }
        if let Some(identity) = guarded.engine.remote_identity()
            && *identity != *guarded.identity
        {
            guarded.identity = Arc::new(identity.clone());
        }
        let old_state = std::mem::replace(&mut guarded.told, state);
        if let (ConnectionState::Connecting, Some(listen_socket)) = (state, self.listen_socket()) {
            driver.note_knocking(listen_socket, self.handle);
        }
        let info = Box::new(info::connection_info(self, guarded, state));
        log_state(&driver.log, &info, old_state);
        driver.post(Event::ConnectionStatusChanged { connection: self.handle, info, old_state });
    }

    fn reschedule(self: &Arc<Self>, driver: &Driver, now: Timestamp, guarded: &mut Guarded) {
        let next = guarded.link.as_ref().and_then(|link| link.retry(now).or_else(|| guarded.engine.poll_timeout()));
        match (guarded.scheduled, next) {
            (Some(at), None) => {
                driver.timers.cancel(self.id, at);
                guarded.scheduled = None;
            }
            (old, Some(next)) if old.is_none_or(|old| next < old) => {
                guarded.scheduled = Some(next);
                if driver.timers.schedule(self, old, next) {
                    driver.wake();
                }
            }
            _ => {}
        }
    }
}

fn log_state(log: &Log, info: &ConnectionInfo, old_state: ConnectionState) {
    let who = &info.debug_description;
    let (reason, debug) = (info.end_reason.0, &info.end_debug);
    match info.connection_state {
        ConnectionState::ProblemDetectedLocally => {
            log.write(DebugOutputType::Warning, format_args!("[{who}] problem {reason}: {debug}"));
        }
        ConnectionState::ClosedByPeer => {
            log.write(DebugOutputType::Message, format_args!("[{who}] closed by peer ({reason}): {debug}"));
        }
        new => log.write(DebugOutputType::Verbose, format_args!("[{who}] {old_state:?} -> {new:?}")),
    }
}

impl Guarded {
    /// Whether it still has something to deliver, and a way to. One that was cut off never gets any further.
    pub(crate) fn is_lingering(&self) -> bool {
        self.engine.state() == ConnectionState::Linger && self.link.is_some()
    }

    pub(super) const fn place(&self) -> Place {
        self.place
    }

    /// Makes room for others, once it does no more than answer stragglers. One that was cut off has given its place back.
    fn part(&mut self, driver: &Driver, now: Timestamp) {
        let parts = self.engine.state() == ConnectionState::FinWait && self.link.is_some();
        if !parts || self.place == Place::Parting {
            return;
        }
        if driver.places.part(self.place) {
            self.place = Place::Parting;
        } else if let Some(connection) = self.engine.udp_mut() {
            connection.cut_fin_wait(now);
        }
    }

    /// Marks it as to be settled; answers whether the caller is the one who has to.
    pub(super) fn touch(&mut self) -> bool {
        !std::mem::replace(&mut self.touched, true)
    }

    /// Sends everything that the engine wants to send now. What goes to the other end of a pipe, that end has to fetch
    /// when our lock is free; what goes by signals leaves then, too.
    fn transmit(&mut self, driver: &Driver, now: Timestamp) -> Sent {
        let mut sent = Sent { peer: None, signals: Vec::new() };
        match (&mut self.engine, self.link.as_mut()) {
            (Engine::Udp(connection), Some(Link::Udp(link))) => link.transmit(now, connection),
            (Engine::Udp(connection), Some(Link::Met(link))) => {
                sent.signals = link.transmit(driver, now, connection);
            }
            (Engine::Pipe(end), Some(Link::Pipe(peer))) => {
                sent.peer = end.take_news_for_peer().then(|| peer.upgrade()).flatten();
            }
            _ => {}
        }
        sent
    }
}
