//! One server, one client, and shorthands for tests that are about one behaviour.

use core::time::Duration;
use std::net::SocketAddr;

use gamesockets_proto::{ConnectionConfig, Event, Timestamp};
use gamesockets_schema::{ConnectionState, SendFlags};

use super::node::Notice;
use super::{ConnKey, Ledger, LinkConfig, Network, Sent};

/// Where the server of a [`Pair`] listens.
pub const SERVER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1)), 27015);
/// Where its client sends from.
pub const CLIENT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2)), 5000);

/// A server and a client with a ledger of their messages.
pub struct Pair {
    /// The world they live in; every datagram is recorded.
    pub network: Network,
    /// Their messages.
    pub ledger: Ledger,
    /// The client's connection.
    pub client: ConnKey,
    /// The server's node.
    pub server_node: usize,
    /// What applications heard, in order.
    pub heard: Vec<(Timestamp, ConnKey, Notice)>,
}

impl Pair {
    /// A client that has just started to connect.
    pub fn connecting(links: LinkConfig, config: &ConnectionConfig) -> Self {
        let mut network = Network::new(1, links);
        network.recording = Some(Vec::new());
        let server_node = network.listen(SERVER, config.clone());
        let client = network.connect(CLIENT, SERVER, config.clone());
        Self { network, ledger: Ledger::default(), client, server_node, heard: Vec::new() }
    }

    /// Both ends connected; answers the pair and the server's connection.
    pub fn connected(links: LinkConfig, config: &ConnectionConfig) -> (Self, ConnKey) {
        let mut pair = Self::connecting(links, config);
        let server = pair.accept_next(Duration::from_secs(10)).expect("an incoming connection");
        assert!(pair.run_until_state(pair.client, ConnectionState::Connected, Duration::from_secs(10)));
        assert!(pair.run_until_state(server, ConnectionState::Connected, Duration::from_secs(3)));
        (pair, server)
    }

    /// Waits for a client that wants to connect, and accepts it.
    pub fn accept_next(&mut self, limit: Duration) -> Option<ConnKey> {
        let key = self.next_incoming(limit)?;
        assert_eq!(self.network.call(key, |c, now| c.accept(now)), Some(Ok(())));
        Some(key)
    }

    /// Waits for a client that wants to connect.
    pub fn next_incoming(&mut self, limit: Duration) -> Option<ConnKey> {
        let waiting = |network: &Network| {
            let fresh = network.notices.iter().rev();
            fresh.filter(|(_, _, n)| *n == Notice::Incoming).map(|(_, k, _)| *k).next()
        };
        self.hear();
        self.network.run_until(limit, |network| waiting(network).is_some());
        let key = waiting(&self.network);
        self.hear();
        key
    }

    /// Sends; the message has to be taken.
    pub fn send(&mut self, key: ConnKey, size: usize, flags: SendFlags) -> u64 {
        self.ledger.send(&mut self.network, key, size, flags).expect("a message that is taken")
    }

    /// Reads and checks everything there is to read at a connection; answers how many messages.
    pub fn read(&mut self, key: ConnKey) -> usize {
        self.ledger.read(&mut self.network, key, usize::MAX)
    }

    /// Runs, reading at both ends every few milliseconds, until `count` messages have been read at `key`.
    pub fn run_until_read(&mut self, key: ConnKey, count: usize, limit: Duration) -> bool {
        let deadline = self.network.now() + limit;
        let mut read = 0;
        while read < count && self.network.now() < deadline {
            self.network.run_for(Duration::from_millis(2));
            read += self.read(key);
        }
        read >= count
    }

    /// Runs until a connection is in `state`.
    pub fn run_until_state(&mut self, key: ConnKey, state: ConnectionState, limit: Duration) -> bool {
        self.network.run_until(limit, |network| network.state(key) == state)
    }

    /// Runs until nothing is pending or unacknowledged at `key`.
    pub fn run_until_drained(&mut self, key: ConnKey, limit: Duration) -> bool {
        let deadline = self.network.now() + limit;
        while self.outstanding(key) > 0 && self.network.now() < deadline {
            self.network.run_for(Duration::from_millis(5));
        }
        self.outstanding(key) == 0
    }

    /// Bytes pending and unacknowledged at `key`.
    pub fn outstanding(&mut self, key: ConnKey) -> usize {
        let status = self.network.call(key, |c, now| c.status(now)).expect("a live connection");
        status.pending_reliable_bytes + status.pending_unreliable_bytes + status.sent_unacknowledged_reliable_bytes
    }

    /// The times at which a connection changed into `state`.
    pub fn times_of(&mut self, key: ConnKey, state: ConnectionState) -> Vec<Timestamp> {
        self.hear();
        let changed = |n: &Notice| matches!(n, Notice::Event(Event::StateChanged { new, .. }) if *new == state);
        self.heard.iter().filter(|(_, k, n)| *k == key && changed(n)).map(|(t, ..)| *t).collect()
    }

    /// Whether `key` heard `Writable`.
    pub fn heard_writable(&mut self, key: ConnKey) -> bool {
        self.hear();
        self.heard.iter().any(|(_, k, n)| *k == key && *n == Notice::Event(Event::Writable))
    }

    /// Datagrams sent from an address since the recording was last cleared.
    pub fn sent_from(&self, from: SocketAddr) -> Vec<&Sent> {
        self.network.recording.iter().flatten().filter(|s| s.from == from).collect()
    }

    /// Forgets the datagrams recorded so far.
    pub fn clear_recording(&mut self) {
        self.network.recording = Some(Vec::new());
    }

    /// Closes both ends and sees to it that nothing is left.
    pub fn finish(mut self) {
        for key in self.network.live() {
            self.network.call(key, |c, now| c.close(now, 0, "", false));
        }
        self.network.run_for(Duration::from_secs(6));
        assert_eq!(self.network.live(), []);
    }

    fn hear(&mut self) {
        self.heard.extend(self.network.take_notices());
    }
}
