//! The path with delay, loss and a bottleneck: a UDP proxy, the same for all peers.
//!
//! A datagram to the server waits for the bottleneck (first in, first out; what finds its queue full is dropped), is lost
//! or not, and then travels for half a round trip. On the way back there are loss and the other half. The loss follows
//! from a fixed seed.

use std::collections::{HashMap, VecDeque};
use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsFd as _;
use std::sync::atomic::Ordering;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::time::TimeSpec;

use super::board::{BOARD, now};
use super::{Say, say};
use crate::job::Path;
use crate::peers::sockets::bound;

/// Ethernet, IPv4 and UDP.
const HEADERS: u64 = 14 + 20 + 8;
/// Datagrams taken from one socket before the others have their turn.
const BATCH: usize = 256;
const SEED: u64 = 7;

/// A datagram on its way.
struct Travelling {
    /// When it arrives, nanoseconds.
    at: u64,
    client: usize,
    payload: Box<[u8]>,
}

struct Client {
    address: SocketAddr,
    /// Where the server sees it.
    socket: UdpSocket,
}

struct Proxy {
    path: Path,
    server: SocketAddr,
    front: UdpSocket,
    clients: Vec<Client>,
    known: HashMap<SocketAddr, usize>,
    /// Due times rise: every datagram of a direction travels for the same time behind the bottleneck.
    to_server: VecDeque<Travelling>,
    to_clients: VecDeque<Travelling>,
    /// When the bottleneck has sent all it has taken, nanoseconds.
    busy_until: u64,
    random: fastrand::Rng,
}

/// Passes datagrams on until the process is ended.
pub(crate) fn run(path: Path, server: SocketAddr) -> Result<(), String> {
    let front = bound()?;
    say(&Say::Address(front.local_addr().map_err(|error| error.to_string())?));
    let mut proxy = Proxy {
        path,
        server,
        front,
        clients: Vec::new(),
        known: HashMap::new(),
        to_server: VecDeque::new(),
        to_clients: VecDeque::new(),
        busy_until: 0,
        random: fastrand::Rng::with_seed(SEED),
    };
    let mut buffer = vec![0; 65_536];
    loop {
        proxy.wait()?;
        proxy.take_from_clients(&mut buffer)?;
        proxy.take_from_server(&mut buffer);
        proxy.deliver();
    }
}

impl Proxy {
    /// Until a datagram comes or is due.
    fn wait(&self) -> Result<(), String> {
        let due = [&self.to_server, &self.to_clients].into_iter().filter_map(|queue| queue.front());
        let due = due.map(|datagram| datagram.at).min();
        let timeout = due.map_or(Duration::from_millis(100), |due| Duration::from_nanos(due.saturating_sub(now())));
        let sockets = std::iter::once(&self.front).chain(self.clients.iter().map(|client| &client.socket));
        let mut sockets: Vec<_> = sockets.map(|socket| PollFd::new(socket.as_fd(), PollFlags::POLLIN)).collect();
        match ppoll(&mut sockets, Some(TimeSpec::from_duration(timeout)), None) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => Ok(()),
            Err(error) => Err(format!("poll: {error}")),
        }
    }

    fn take_from_clients(&mut self, buffer: &mut [u8]) -> Result<(), String> {
        for _ in 0..BATCH {
            let (len, address) = match self.front.recv_from(buffer) {
                Ok(received) => received,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                // The answer to an earlier datagram that found nobody.
                Err(_) => continue,
            };
            let client = match self.known.get(&address) {
                Some(client) => *client,
                None => self.admit(address)?,
            };
            let now = now();
            let size = len as u64 + HEADERS;
            let waiting = self.busy_until.saturating_sub(now);
            if waiting * self.path.rate / 1_000_000_000 + size > self.path.queue_bytes {
                BOARD.dropped.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            BOARD.latency.record(waiting);
            self.busy_until = now.max(self.busy_until) + size * 1_000_000_000 / self.path.rate;
            if !self.is_lost() {
                let at = self.busy_until + self.one_way();
                self.to_server.push_back(Travelling { at, client, payload: buffer[..len].into() });
            }
        }
        Ok(())
    }

    fn take_from_server(&mut self, buffer: &mut [u8]) {
        for client in 0..self.clients.len() {
            for _ in 0..BATCH {
                let len = match self.clients[client].socket.recv(buffer) {
                    Ok(len) => len,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(_) => continue,
                };
                if !self.is_lost() {
                    let at = now() + self.one_way();
                    self.to_clients.push_back(Travelling { at, client, payload: buffer[..len].into() });
                }
            }
        }
    }

    /// Hands over what is due. A send that fails is a loss, as on any path.
    fn deliver(&mut self) {
        let now = now();
        while let Some(datagram) = self.to_server.pop_front_if(|datagram| datagram.at <= now) {
            let _ = self.clients[datagram.client].socket.send(&datagram.payload);
        }
        while let Some(datagram) = self.to_clients.pop_front_if(|datagram| datagram.at <= now) {
            let _ = self.front.send_to(&datagram.payload, self.clients[datagram.client].address);
        }
    }

    fn admit(&mut self, address: SocketAddr) -> Result<usize, String> {
        let socket = bound()?;
        socket.connect(self.server).map_err(|error| format!("{}: {error}", self.server))?;
        self.clients.push(Client { address, socket });
        let client = self.clients.len() - 1;
        self.known.insert(address, client);
        Ok(client)
    }

    fn is_lost(&mut self) -> bool {
        self.random.f64() * 100.0 < self.path.loss_percent
    }

    fn one_way(&self) -> u64 {
        self.path.round_trip.as_nanos() as u64 / 2
    }
}
