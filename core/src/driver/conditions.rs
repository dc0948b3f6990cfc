//! Simulated conditions: between the engine and the sockets of one instance, each direction for itself (spec section 15).
//!
//! While nothing is simulated or traced, a datagram costs one look at an atomic.

mod machine;
mod queue;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use gamesockets_proto::Timestamp;
use gamesockets_schema::DebugOutputType;
use parking_lot::Mutex;

use self::machine::{Fate, Machine};
use self::queue::DelayQueue;
use super::clock::Clock;
use super::receive::Datagram;
use super::socket::{Route, UdpSocket};
use crate::config::NetworkSettings;
use crate::log::Log;

/// The conditions of one instance.
pub(crate) struct Conditions {
    /// Anything is simulated or traced.
    is_on: AtomicBool,
    /// Datagrams are held back, even if nothing is simulated any more.
    holds: AtomicBool,
    /// The ECN field of what is sent.
    ecn: AtomicU8,
    inner: Mutex<Inner>,
    clock: Clock,
    waker: Arc<mio::Waker>,
    log: Arc<Log>,
}

struct Inner {
    send: Direction<Outgoing>,
    receive: Direction<Received>,
    trace_max_bytes: Option<usize>,
}

struct Direction<D> {
    machine: Machine,
    queue: DelayQueue<D>,
}

/// A datagram on its way out.
pub(super) struct Outgoing {
    pub(super) token: mio::Token,
    pub(super) route: Route,
    pub(super) bytes: Vec<u8>,
}

/// A datagram on its way in.
pub(super) struct Received {
    pub(super) token: mio::Token,
    pub(super) from: SocketAddr,
    pub(super) to: Option<IpAddr>,
    pub(super) bytes: Vec<u8>,
}

/// The datagrams whose time has come.
pub(super) struct Released {
    pub(super) outgoing: Vec<Outgoing>,
    pub(super) received: Vec<Received>,
}

impl Conditions {
    pub(super) fn new(clock: Clock, waker: Arc<mio::Waker>, log: Arc<Log>, seeds: [[u8; 32]; 2]) -> Self {
        let [send, receive] = seeds;
        let inner = Inner { send: Direction::new(send), receive: Direction::new(receive), trace_max_bytes: None };
        Self {
            is_on: AtomicBool::new(false),
            holds: AtomicBool::new(false),
            ecn: AtomicU8::new(0),
            inner: Mutex::new(inner),
            clock,
            waker,
            log,
        }
    }

    /// From now on these settings hold. What is held back already keeps its time.
    pub(crate) fn configure(&self, settings: NetworkSettings) {
        let mut inner = self.inner.lock();
        inner.send.machine.configure(settings.send);
        inner.receive.machine.configure(settings.receive);
        inner.trace_max_bytes = settings.trace_max_bytes;
        let is_off = inner.send.machine.is_off() && inner.receive.machine.is_off() && inner.trace_max_bytes.is_none();
        self.is_on.store(!is_off, Ordering::Relaxed);
        self.ecn.store(settings.ecn, Ordering::Relaxed);
    }

    /// Whether datagrams have to come by here.
    pub(super) fn are_on(&self) -> bool {
        self.is_on.load(Ordering::Relaxed)
    }

    /// The ECN field of what is sent.
    pub(super) fn ecn(&self) -> u8 {
        self.ecn.load(Ordering::Relaxed)
    }

    /// Sends each of these datagrams: now, later, twice or not at all.
    pub(super) fn send(&self, token: mio::Token, socket: &UdpSocket, route: Route, size: usize, datagrams: &[u8]) {
        let now = self.clock.now();
        for datagram in datagrams.chunks(size) {
            let hold = || Outgoing { token, route, bytes: datagram.to_vec() };
            if self.pass(|inner| &mut inner.send, now, datagram.len(), hold) {
                self.transmit(socket, route, datagram);
            }
        }
    }

    /// Sends one datagram at last. What the socket has no room for is lost.
    pub(super) fn transmit(&self, socket: &UdpSocket, route: Route, datagram: &[u8]) {
        self.trace(format_args!("[Trace Send] {} -> {}", socket.local_address(), route.remote), datagram);
        let _ = socket.send_now(route, datagram.len(), datagram);
    }

    /// Whether this datagram is to be processed now. If not, it may come later.
    pub(super) fn receive(
        &self,
        token: mio::Token,
        socket: &UdpSocket,
        now: Timestamp,
        datagram: &Datagram<'_>,
    ) -> bool {
        let &Datagram { from, to, ref bytes } = datagram;
        self.trace(format_args!("[Trace Recv] {} <- {from}", socket.local_address()), bytes);
        let hold = || Received { token, from, to, bytes: bytes.to_vec() };
        self.pass(|inner| &mut inner.receive, now, bytes.len(), hold)
    }

    /// When the next datagram is to be released.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        if !self.holds.load(Ordering::Acquire) {
            return None;
        }
        let inner = self.inner.lock();
        [inner.send.queue.next_due(), inner.receive.queue.next_due()].into_iter().flatten().min()
    }

    /// Takes out the datagrams whose time has come; `None` when nothing is held back.
    pub(super) fn release(&self, now: Timestamp) -> Option<Released> {
        if !self.holds.load(Ordering::Acquire) {
            return None;
        }
        let mut inner = self.inner.lock();
        let Inner { send, receive, .. } = &mut *inner;
        let outgoing = std::iter::from_fn(|| send.queue.pop_due(now)).collect();
        let received = std::iter::from_fn(|| receive.queue.pop_due(now)).collect();
        let holds = send.queue.next_due().is_some() || receive.queue.next_due().is_some();
        self.holds.store(holds, Ordering::Release);
        Some(Released { outgoing, received })
    }
}

impl Conditions {
    /// Whether a datagram passes at once. Holds back what is to pass later.
    fn pass<D>(
        &self,
        direction: impl FnOnce(&mut Inner) -> &mut Direction<D>,
        now: Timestamp,
        bytes: usize,
        hold: impl Fn() -> D,
    ) -> bool {
        let mut inner = self.inner.lock();
        let direction = direction(&mut inner);
        let Fate { original, copy } = direction.machine.judge(now, bytes);
        let mut is_first = false;
        for at in [original, copy].into_iter().flatten().filter(|&at| at > now) {
            is_first |= direction.queue.push(at, hold());
            self.holds.store(true, Ordering::Release);
        }
        drop(inner);
        if is_first && let Err(error) = self.waker.wake() {
            self.log.write(DebugOutputType::Error, format_args!("the I/O thread could not be woken: {error}"));
        }
        original.is_some_and(|at| at <= now)
    }

    /// Logs what really crosses the wire.
    fn trace(&self, way: fmt::Arguments<'_>, datagram: &[u8]) {
        let Some(max) = self.inner.lock().trace_max_bytes else { return };
        let shown = datagram.get(..max).unwrap_or(datagram);
        let line = format_args!("{way} | {} bytes |{}", datagram.len(), Hex(shown));
        self.log.write(DebugOutputType::Message, line);
    }
}

impl<D> Direction<D> {
    fn new(seed: [u8; 32]) -> Self {
        Self { machine: Machine::new(seed), queue: DelayQueue::new() }
    }
}

/// Bytes in hex, a space before each.
struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, " {byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use std::io::IoSliceMut;

    use quinn_udp::{EcnCodepoint, RecvMeta};

    use super::*;
    use crate::events::EventQueue;

    /// A registered client and the socket that it sends to.
    fn pair(settings: NetworkSettings) -> (mio::Poll, UdpSocket, UdpSocket) {
        let poll = mio::Poll::new().unwrap();
        let waker = Arc::new(mio::Waker::new(poll.registry(), mio::Token(0)).unwrap());
        let log = Arc::new(Log::new(Arc::new(EventQueue::default())));
        let conditions = Arc::new(Conditions::new(Clock::start(), waker, log, [[1; 32], [2; 32]]));
        conditions.configure(settings);
        let server = UdpSocket::listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let mut client = UdpSocket::towards(server.local_address()).unwrap();
        client.register(poll.registry(), mio::Token(1), conditions).unwrap();
        (poll, client, server)
    }

    fn receive(server: &UdpSocket) -> RecvMeta {
        let mut buffer = [0; 100];
        let mut metas = [RecvMeta::default()];
        for _ in 0..1000 {
            if server.receive(&mut [IoSliceMut::new(&mut buffer)], &mut metas).is_ok() {
                return metas[0];
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("nothing came");
    }

    #[test]
    fn packets_bear_the_mark_that_was_asked_for() {
        for (ecn, mark) in [(0, None), (1, Some(EcnCodepoint::Ect1)), (2, Some(EcnCodepoint::Ect0))] {
            let (_poll, client, server) = pair(NetworkSettings { ecn, ..NetworkSettings::default() });
            client.send(Route { remote: server.local_address(), source: None }, 3, b"abc").unwrap();
            assert_eq!(receive(&server).ecn, mark);
        }
    }

    #[test]
    fn each_datagram_of_a_batch_has_its_own_fate() {
        let half = crate::config::ConditionSettings { loss: 0.5, ..Default::default() };
        let (_poll, client, server) = pair(NetworkSettings { send: half, ..NetworkSettings::default() });
        let route = Route { remote: server.local_address(), source: None };
        client.send(route, 1, &[7; 100]).unwrap();
        let mut passed = 0;
        let mut metas = [RecvMeta::default()];
        receive(&server);
        while server.receive(&mut [IoSliceMut::new(&mut [0; 100])], &mut metas).is_ok() {
            passed += 1;
        }
        assert!((30..70).contains(&passed), "{passed}");
    }
}
