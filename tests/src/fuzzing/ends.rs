//! Two real engine ends and arbitrary operations on them and on what travels between them.
//!
//! Whatever happens to the datagrams, nothing panics, nothing loops, and the application reads nothing but what the other
//! application sent: reliable messages in order, each once.

use core::time::Duration;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use arbitrary::{Arbitrary, Unstructured};
use bytes::Bytes;
use gamesockets_proto::connection::ConnectParams;
use gamesockets_proto::endpoint::ListenParams;
use gamesockets_proto::{Connection, ConnectionConfig, Endpoint, Identity, Incoming, Timestamp};
use gamesockets_schema::{ConnectionState, SendFlags};

/// Operations per input; more only make the fuzzer slow.
const OPERATIONS_MAX: usize = 300;
/// Datagrams in flight each way; beyond, the oldest are lost.
const IN_FLIGHT_MAX: usize = 64;
/// Calls of `poll_transmit` in one drain; far more than any burst needs.
const TRANSMITS_MAX: usize = 2_000;

#[derive(Arbitrary, Debug)]
enum Operation {
    /// Deliver the datagram at this place of the queue as it is.
    Deliver {
        to_server: bool,
        index: u8,
    },
    /// Deliver a copy and keep it in flight.
    Duplicate {
        to_server: bool,
        index: u8,
    },
    Drop {
        to_server: bool,
        index: u8,
    },
    /// Deliver it with one byte changed.
    Flip {
        to_server: bool,
        index: u8,
        position: u16,
        mask: u8,
    },
    Truncate {
        to_server: bool,
        index: u8,
        len: u16,
    },
    /// Deliver bytes that nobody sent, padded with zeros to a length.
    Inject {
        to_server: bool,
        bytes: Vec<u8>,
        padded: u16,
    },
    Wait {
        micros: u32,
    },
    /// Deliver everything in flight, both ways, and serve all timers, for a while.
    Settle {
        millis: u16,
    },
    Accept,
    Send {
        by_server: bool,
        size: u32,
        flags: u8,
        lane: u8,
    },
    Flush {
        by_server: bool,
    },
    Read {
        by_server: bool,
        count: u8,
    },
    Close {
        by_server: bool,
        reason: i16,
        linger: bool,
    },
    Timeout {
        by_server: bool,
    },
}

/// The target.
pub fn connection(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let Ok(config) = draw_config(&mut input) else { return };
    let mut ends = Ends::new(config);
    for _ in 0..OPERATIONS_MAX {
        let Ok(operation) = Operation::arbitrary(&mut input) else { break };
        ends.perform(operation);
        if input.is_empty() {
            break;
        }
    }
    ends.finish();
}

fn draw_config(input: &mut Unstructured<'_>) -> arbitrary::Result<ConnectionConfig> {
    let mut config = ConnectionConfig::default();
    let bits = u8::arbitrary(input)?;
    if bits & 1 != 0 {
        config.mtu_packet_size = input.int_in_range(200..=1300)?;
    }
    if bits & 2 != 0 {
        config.recv_buffer_messages = input.int_in_range(2..=20)?;
        config.recv_buffer_size_bytes = input.int_in_range(4_096..=100_000)?;
    }
    if bits & 4 != 0 {
        config.send_buffer_size_bytes = input.int_in_range(4_096..=100_000)?;
    }
    if bits & 8 != 0 {
        config.send_rate_min = input.int_in_range(1_024..=10_000_000)?;
        config.send_rate_max = config.send_rate_min;
    }
    if bits & 16 != 0 {
        config.recv_max_message_size_bytes = input.int_in_range(64..=524_288)?;
    }
    config.send_time_since_previous_packet = if bits & 32 != 0 { 1 } else { -1 };
    Ok(config)
}

/// Index of the client and of the server in pairs.
const CLIENT: usize = 0;
const SERVER: usize = 1;

struct Ends {
    now: Timestamp,
    addresses: [SocketAddr; 2],
    endpoint: Endpoint<()>,
    connections: [Option<Box<Connection>>; 2],
    /// Datagrams on their way to each end.
    in_flight: [VecDeque<Vec<u8>>; 2],
    /// What each end sent: size and reliability, by message number.
    sent: [Vec<(usize, bool)>; 2],
    /// How many of the peer's messages each end has gone past in order.
    reliable_cursor: [usize; 2],
    next_id: u32,
}

impl Ends {
    fn new(config: ConnectionConfig) -> Self {
        let addresses = [SocketAddr::from(([10, 0, 0, 2], 5000)), SocketAddr::from(([10, 0, 0, 1], 27015))];
        let now = Timestamp::from_micros(1_000_000);
        let identity = Identity::localhost();
        let listen = ListenParams {
            identity: identity.clone(),
            config: config.clone(),
            seed: [1; 32],
            unix_seconds_at_zero: 1_700_000_000,
        };
        let connect = ConnectParams {
            remote: addresses[SERVER],
            identity,
            config,
            seed: [2; 32],
            connection_id: 0x1122_3344,
            unix_seconds_at_zero: 1_700_000_000,
            trust: Arc::default(),
            certificate: None,
        };
        let mut ends = Self {
            now,
            addresses,
            endpoint: Endpoint::listen(listen),
            connections: [Some(Box::new(Connection::connect(now, connect))), None],
            in_flight: Default::default(),
            sent: Default::default(),
            reliable_cursor: [0; 2],
            next_id: 0x0001_0001,
        };
        ends.drain(CLIENT);
        ends
    }

    fn perform(&mut self, operation: Operation) {
        match operation {
            Operation::Deliver { to_server, index } => {
                if let Some(datagram) = self.take(to_server, index) {
                    self.deliver(usize::from(to_server), datagram);
                }
            }
            Operation::Duplicate { to_server, index } => {
                if let Some(datagram) = self.take(to_server, index) {
                    self.in_flight[usize::from(to_server)].push_back(datagram.clone());
                    self.deliver(usize::from(to_server), datagram);
                }
            }
            Operation::Drop { to_server, index } => drop(self.take(to_server, index)),
            Operation::Flip { to_server, index, position, mask } => {
                if let Some(mut datagram) = self.take(to_server, index) {
                    let position = usize::from(position) % datagram.len();
                    datagram[position] ^= mask;
                    self.deliver(usize::from(to_server), datagram);
                }
            }
            Operation::Truncate { to_server, index, len } => {
                if let Some(mut datagram) = self.take(to_server, index) {
                    datagram.truncate(usize::from(len));
                    self.deliver(usize::from(to_server), datagram);
                }
            }
            Operation::Inject { to_server, mut bytes, padded } => {
                let len = bytes.len().max(usize::from(padded) % 2_400);
                bytes.resize(len, 0);
                self.deliver(usize::from(to_server), bytes);
            }
            Operation::Wait { micros } => self.wait(Duration::from_micros(u64::from(micros % 12_000_000))),
            Operation::Settle { millis } => self.settle(Duration::from_millis(u64::from(millis % 3_000))),
            Operation::Accept => {
                let now = self.now;
                if let Some(server) = &mut self.connections[SERVER] {
                    let _ = server.accept(now);
                }
                self.drain(SERVER);
            }
            other => self.perform_call(other),
        }
    }

    fn perform_call(&mut self, operation: Operation) {
        let now = self.now;
        let (Operation::Send { by_server, .. }
        | Operation::Flush { by_server }
        | Operation::Read { by_server, .. }
        | Operation::Close { by_server, .. }
        | Operation::Timeout { by_server }) = operation
        else {
            return;
        };
        let end = usize::from(by_server);
        let Some(connection) = &mut self.connections[end] else { return };
        match operation {
            Operation::Send { size, flags, lane, .. } => self.send(end, size, flags, lane),
            Operation::Flush { .. } => drop(connection.flush(now)),
            Operation::Read { count, .. } => self.read(end, usize::from(count)),
            Operation::Close { reason, linger, .. } => {
                connection.close(now, i32::from(reason), "closed by the fuzzer", linger);
            }
            _ => connection.handle_timeout(now),
        }
        self.drain(end);
    }

    fn send(&mut self, end: usize, size: u32, flags: u8, lane: u8) {
        let now = self.now;
        let Some(connection) = &mut self.connections[end] else { return };
        // Small sizes mostly; every size that fits sometimes.
        let size = if size.is_multiple_of(7) { size as usize % 524_300 } else { size as usize % 3_000 };
        let number = self.sent[end].len() + 1;
        let lane = u16::from(lane == 255);
        let flags = SendFlags(i32::from(flags & 31));
        if let Ok(assigned) = connection.send(now, &payload(end, number, size), lane, flags) {
            assert_eq!(assigned, number as u64);
            let reliable = flags.contains(SendFlags::RELIABLE) || size > 16_500;
            self.sent[end].push((size, reliable));
        }
    }

    fn read(&mut self, end: usize, count: usize) {
        let now = self.now;
        for _ in 0..count {
            let Some(message) = self.connections[end].as_mut().and_then(|c| c.receive(now)) else { return };
            let peer = 1 - end;
            let number = message.number as usize;
            let sent = self.sent[peer].get(number.wrapping_sub(1));
            let (size, reliable) = *sent.unwrap_or_else(|| panic!("message {number} was never sent"));
            assert_eq!((message.payload.len(), message.reliable), (size, reliable), "message {number}");
            assert!(message.payload == payload(peer, number, size), "message {number} was changed");
            if reliable {
                let rest = &self.sent[peer][self.reliable_cursor[end]..];
                let next = rest.iter().position(|(_, reliable)| *reliable).expect("a message came twice");
                assert_eq!(number, self.reliable_cursor[end] + next + 1, "out of order");
                self.reliable_cursor[end] = number;
            }
        }
    }

    fn take(&mut self, to_server: bool, index: u8) -> Option<Vec<u8>> {
        let queue = &mut self.in_flight[usize::from(to_server)];
        if queue.is_empty() { None } else { queue.remove(usize::from(index) % queue.len()) }
    }

    fn deliver(&mut self, end: usize, mut datagram: Vec<u8>) {
        if end == SERVER {
            return self.deliver_to_server(datagram);
        }
        let now = self.now;
        if let Some(connection) = &mut self.connections[CLIENT] {
            connection.handle_datagram(now, &mut datagram);
        }
        self.drain(CLIENT);
    }

    fn deliver_to_server(&mut self, mut datagram: Vec<u8>) {
        let (now, from) = (self.now, self.addresses[CLIENT]);
        let mut reply = Vec::new();
        let id = self.next_id;
        match self.endpoint.handle_datagram(now, from, &datagram, &mut reply, || id) {
            Incoming::Connection(()) => {
                let connection = self.connections[SERVER].as_mut().expect("a connection the endpoint routes to");
                connection.handle_datagram(now, &mut datagram);
            }
            Incoming::Reply => {
                assert!(reply.len() <= datagram.len(), "{} bytes answered with {}", datagram.len(), reply.len());
                self.in_flight[CLIENT].push_back(reply);
            }
            Incoming::New(connection) => {
                assert!(self.connections[SERVER].is_none(), "a second connection from one address");
                self.next_id += 0x0001_0001;
                self.endpoint.insert(&connection, ());
                self.connections[SERVER] = Some(connection);
            }
            Incoming::Dropped => {}
        }
        self.drain(SERVER);
    }

    /// The documented order.
    fn drain(&mut self, end: usize) {
        let now = self.now;
        let Some(connection) = &mut self.connections[end] else { return };
        let mut buffer = Vec::new();
        let mut rounds = 0;
        while let Some(transmit) = connection.poll_transmit(now, &mut buffer, 16) {
            rounds += 1;
            assert!(rounds < TRANSMITS_MAX, "poll_transmit never ends");
            assert!(transmit.len == buffer.len() && transmit.segment_size > 0 && transmit.len > 0);
            for datagram in buffer.chunks(transmit.segment_size) {
                assert!((5..=1_300).contains(&datagram.len()));
                self.in_flight[1 - end].push_back(datagram.to_vec());
            }
            buffer.clear();
        }
        while self.in_flight[1 - end].len() > IN_FLIGHT_MAX {
            self.in_flight[1 - end].pop_front();
        }
        while connection.poll_event().is_some() {}
        connection.take_newly_readable();
        if connection.state() == ConnectionState::Dead {
            self.connections[end] = None;
            if end == SERVER {
                self.endpoint.remove(self.addresses[CLIENT]);
            }
        }
    }

    /// Lets time pass, serving timers.
    fn wait(&mut self, span: Duration) {
        let deadline = self.now + span;
        for _ in 0..5_000 {
            let timers = (0..2).filter_map(|end| Some((self.connections[end].as_ref()?.poll_timeout()?, end)));
            let Some((when, end)) = timers.min().filter(|(when, _)| *when <= deadline) else {
                self.now = deadline;
                return;
            };
            self.now = self.now.max(when);
            let now = self.now;
            if let Some(connection) = &mut self.connections[end] {
                connection.handle_timeout(now);
            }
            self.drain(end);
        }
        // Slow rates and large sends may need many wake-ups, but time has to have moved.
        assert!(self.now + span > deadline, "timers keep time from passing");
    }

    /// Delivers and waits in small steps.
    fn settle(&mut self, span: Duration) {
        let deadline = self.now + span;
        while self.now < deadline {
            for end in [CLIENT, SERVER] {
                for datagram in core::mem::take(&mut self.in_flight[end]) {
                    self.deliver(end, datagram);
                }
            }
            self.wait(Duration::from_millis(10));
        }
    }

    /// Closing ends everything: at once plus FinWait's five seconds, or, for one that lingers for a peer that does not
    /// answer any more, after the timeouts.
    fn finish(mut self) {
        let now = self.now;
        for end in [CLIENT, SERVER] {
            self.read(end, usize::MAX);
            if let Some(connection) = &mut self.connections[end] {
                connection.close(now, 0, "", false);
            }
            self.drain(end);
        }
        let lingers = self.connections.iter().flatten().any(|c| c.state() == ConnectionState::Linger);
        (0..if lingers { 5 } else { 1 }).for_each(|_| self.wait(Duration::from_secs(6)));
        assert!(self.connections.iter().all(Option::is_none), "a closed connection lives on");
    }
}

/// Different for every message.
fn payload(end: usize, number: usize, size: usize) -> Bytes {
    let first = (number.wrapping_mul(31) ^ (end << 7)) as u8;
    (0..size).map(|i| first.wrapping_add((i.wrapping_mul(13) >> 3) as u8)).collect()
}
