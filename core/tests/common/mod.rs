//! What the tests share: a connected pair, and waiting with a limit.
#![allow(dead_code, reason = "each test file uses its part")]

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use gamesockets::{
    ConfigEntry, ConfigValue, Connection, ConnectionInfo, ConnectionState, Event, ListenSocket, ReceivedMessage,
    Sockets,
};

/// No test waits longer than this for anything.
pub(crate) const LIMIT: Duration = Duration::from_secs(10);

/// A server and a client, connected.
pub(crate) struct Pair {
    pub(crate) server: Sockets,
    pub(crate) client: Sockets,
    pub(crate) listen: ListenSocket,
    pub(crate) address: SocketAddr,
    /// The server's end.
    pub(crate) accepted: Connection,
    /// The client's end.
    pub(crate) connected: Connection,
}

impl Pair {
    pub(crate) fn new() -> Self {
        Self::with_options("127.0.0.1:0", &[])
    }

    pub(crate) fn with_options(listen_on: &str, options: &[ConfigEntry]) -> Self {
        let server = Sockets::anonymous().unwrap();
        let client = Sockets::anonymous().unwrap();
        let listen = server.create_listen_socket_ip(listen_on.parse().unwrap(), options).unwrap();
        let address = reachable(server.listen_socket_address(listen).unwrap());
        let (accepted, connected) = connect(&server, &client, address, options);
        Self { server, client, listen, address, accepted, connected }
    }
}

/// The fixed rate that GNS sends at, for tests of what waits meanwhile.
pub(crate) fn fixed_rate() -> [ConfigEntry; 2] {
    [ConfigValue::SEND_RATE_MIN, ConfigValue::SEND_RATE_MAX].map(|option| ConfigEntry::new(option, 262_144))
}

/// The loopback address instead of the any-address.
pub(crate) fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => SocketAddr::new([127, 0, 0, 1].into(), v6.port()),
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => SocketAddr::new([127, 0, 0, 1].into(), v4.port()),
        other => other,
    }
}

/// Connects `client` to `server`, which accepts; answers both ends, server first.
pub(crate) fn connect(
    server: &Sockets,
    client: &Sockets,
    address: SocketAddr,
    options: &[ConfigEntry],
) -> (Connection, Connection) {
    let connected = client.connect_by_ip_address(address, options).unwrap();
    let (accepted, _) = wait_for(server, ConnectionState::Connecting);
    server.accept_connection(accepted).unwrap();
    wait_for_connection(server, accepted, ConnectionState::Connected);
    wait_for_connection(client, connected, ConnectionState::Connected);
    (accepted, connected)
}

/// Waits until any connection enters this state; other events are thrown away.
pub(crate) fn wait_for(sockets: &Sockets, state: ConnectionState) -> (Connection, ConnectionInfo) {
    let deadline = Instant::now() + LIMIT;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match sockets.wait_event(left) {
            Some(Event::ConnectionStatusChanged { connection, info, .. }) if info.connection_state == state => {
                return (connection, *info);
            }
            Some(_) => {}
            None => panic!("no connection entered {state:?}"),
        }
    }
}

/// Waits until this connection enters this state; other events are thrown away.
pub(crate) fn wait_for_connection(sockets: &Sockets, connection: Connection, state: ConnectionState) -> ConnectionInfo {
    loop {
        let (changed, info) = wait_for(sockets, state);
        if changed == connection {
            return info;
        }
    }
}

/// Waits for this many messages.
pub(crate) fn receive(sockets: &Sockets, connection: Connection, count: usize) -> Vec<ReceivedMessage> {
    let mut messages = Vec::new();
    let deadline = Instant::now() + LIMIT;
    while messages.len() < count {
        let left = deadline.saturating_duration_since(Instant::now());
        assert!(sockets.wait_messages(connection, left).unwrap(), "only {} of {count} messages came", messages.len());
        sockets.receive_messages_on_connection_into(connection, count - messages.len(), &mut messages).unwrap();
    }
    messages
}

/// Looks again and again until it is so.
pub(crate) fn eventually(what: &str, mut so: impl FnMut() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !so() {
        assert!(Instant::now() < deadline, "never: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Bytes that differ from message to message.
pub(crate) fn payload(size: usize, seed: usize) -> Vec<u8> {
    (0..size).map(|index| (index.wrapping_mul(31) ^ (index >> 8) ^ seed.wrapping_mul(97)) as u8).collect()
}

/// Runs a future to its end on this thread.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    let deadline = Instant::now() + LIMIT;
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        assert!(!left.is_zero(), "the future did not complete");
        thread::park_timeout(left);
    }
}
