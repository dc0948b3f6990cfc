//! A peer that completed the handshake and then says anything: every byte of its packets is the fuzzer's.

use core::time::Duration;

use arbitrary::{Arbitrary, Unstructured};
use gamesockets_proto::ConnectionConfig;
use gamesockets_schema::{ConnectionState, SendFlags};

use crate::sim::pair::{CLIENT, SERVER};
use crate::sim::{LinkConfig, Network, Puppet};

/// Operations per input; more only make the fuzzer slow.
const OPERATIONS_MAX: usize = 200;
/// Messages the server has at most in its queue, by default configuration.
const READABLE_MAX: usize = 1_000;

#[derive(Arbitrary, Debug)]
enum Operation<'a> {
    /// A packet with these frames.
    Frames(&'a [u8]),
    /// A packet whose number skips some, or is one of the past.
    Numbered {
        skip: i16,
        frames: &'a [u8],
    },
    /// A packet with inline statistics.
    Stats {
        stats: &'a [u8],
        frames: &'a [u8],
    },
    /// A reliable segment, so that the stream's own framing is reached.
    Stream {
        position: u16,
        data: &'a [u8],
    },
    /// An ack with any content, so that the server's records are reached.
    Ack {
        latest_behind: u8,
        blocks: &'a [u8],
    },
    ServerSends {
        size: u16,
        flags: u8,
    },
    ServerReads {
        count: u8,
    },
    Wait {
        millis: u16,
    },
}

/// The target.
pub fn hostile_peer(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let mut network = Network::new(1, LinkConfig::default());
    network.listen(SERVER, ConnectionConfig::default());
    let (mut puppet, server) = Puppet::connected(&mut network, CLIENT, SERVER);
    let mut server_packets = 1u64;
    for _ in 0..OPERATIONS_MAX {
        let Ok(operation) = Operation::arbitrary(&mut input) else { break };
        let next = puppet.next_number();
        match operation {
            Operation::Frames(frames) => drop(puppet.send(&mut network, frames)),
            Operation::Numbered { skip, frames } => {
                let number = next.saturating_add_signed(i64::from(skip)).max(1);
                puppet.send_numbered(&mut network, number, None, frames);
            }
            Operation::Stats { stats, frames } => {
                let stats = &stats[..stats.len().min(1_000)];
                puppet.send_numbered(&mut network, next, Some(stats), frames);
            }
            Operation::Stream { position, data } => drop(puppet.send(&mut network, &segment(position, data))),
            Operation::Ack { latest_behind, blocks } => {
                let latest = server_packets.saturating_sub(u64::from(latest_behind)) as u16;
                puppet.send(&mut network, &ack(latest, blocks));
            }
            Operation::ServerSends { size, flags } => {
                let payload = vec![0x5a; usize::from(size)];
                let flags = SendFlags(i32::from(flags & 9));
                network.call(server, |c, now| c.send(now, &payload, 0, flags).is_ok());
            }
            Operation::ServerReads { count } => {
                (0..count).for_each(|_| drop(network.call(server, |c, now| c.receive(now))));
            }
            Operation::Wait { millis } => network.run_for(Duration::from_millis(u64::from(millis % 2_000))),
        }
        server_packets += puppet.received(&mut network).len() as u64;
        let Some(connection) = network.connection(server) else { break };
        assert!(connection.readable_messages() <= READABLE_MAX);
        if connection.state() != ConnectionState::Connected {
            break;
        }
    }
    network.call(server, |c, now| c.close(now, 0, "", false));
    network.run_for(Duration::from_secs(6));
    assert_eq!(network.live(), [], "a closed connection lives on");
}

/// A reliable segment at a 24-bit position, up to the end of the packet.
fn segment(position: u16, data: &[u8]) -> Vec<u8> {
    let [low, high] = position.to_le_bytes();
    [&[0x47, low, high, 0], data].concat()
}

/// An ack frame whose blocks are anything, and their count what it would be if each had one byte.
fn ack(latest: u16, blocks: &[u8]) -> Vec<u8> {
    let [low, high] = latest.to_le_bytes();
    let blocks = &blocks[..blocks.len().min(255)];
    [&[0x9f, low, high, 3, 0, blocks.len() as u8], blocks].concat()
}
