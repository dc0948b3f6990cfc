//! What a message costs the engine alone: two connections in memory, one thread, no sockets.
//!
//! ```text
//! cargo run --release -p gamesockets-tests --example message_cost [BYTES]
//! ```
//!
//! Prints nanoseconds for each message, sending and receiving; the least of many rounds, since everything else that a
//! machine does only adds to it. Under a profiler that counts instructions it is repeatable.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use gamesockets_proto::endpoint::{PairEnd, connected_pair};
use gamesockets_proto::{Connection, ConnectionConfig, Identity, Timestamp};
use gamesockets_schema::SendFlags;

const ROUNDS: usize = 400;
/// Bytes of messages that are sent before the other end is given the datagrams.
const BATCH_BYTES: usize = 64 << 10;
/// As many datagrams as fit into one system call.
const DATAGRAMS: usize = 44;
/// So much time passes while a round is sent, in such steps.
const STEP: Duration = Duration::from_micros(500);
const PACE: Duration = Duration::from_micros(20);

fn main() {
    let len = std::env::args().nth(1).map_or(Ok(64), |text| text.parse::<usize>());
    let Ok(len) = len else {
        eprintln!("usage: message_cost [BYTES]");
        std::process::exit(2);
    };
    for (kind, flags) in [("unreliable", SendFlags::UNRELIABLE), ("reliable", SendFlags::RELIABLE)] {
        match measure(len, flags) {
            Some([send, receive]) => println!("{len} B {kind}: send {send:.1} ns, receive {receive:.1} ns"),
            None => eprintln!("{len} B {kind}: the messages did not arrive"),
        }
    }
}

/// The least nanoseconds for each message: sending, receiving.
fn measure(len: usize, flags: SendFlags) -> Option<[f64; 2]> {
    let mut now = Timestamp::from_micros(1_000_000);
    let [mut client, mut server] = connected_pair(now, 0, [end(1), end(2)])?;
    let payload = vec![7; len];
    let count = (BATCH_BYTES / len.max(1)).max(1);
    let (mut least, mut datagrams) = ([f64::MAX; 2], Vec::new());
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        for _ in 0..count {
            client.send(now, &payload, 0, flags).ok()?;
        }
        client.flush(now).ok()?;
        let sizes = transmit(&mut client, &mut now, &mut datagrams);
        let sent = begin.elapsed();
        let begin = Instant::now();
        deliver(&mut server, now, &mut datagrams, &sizes);
        let mut received = 0;
        server.receive_many(now, usize::MAX, |message| received += usize::from(message.payload.len() == len));
        let took = begin.elapsed();
        // Acknowledgements, and what the rate held back.
        let sizes = transmit(&mut server, &mut now, &mut datagrams);
        deliver(&mut client, now, &mut datagrams, &sizes);
        if received == count {
            for (least, time) in least.iter_mut().zip([sent, took]) {
                *least = least.min(time.as_nanos() as f64 / count as f64);
            }
        }
        server.handle_timeout(now);
        client.handle_timeout(now);
    }
    (least[0] < f64::MAX).then_some(least)
}

/// Everything that leaves as soon as the pacer lets it, and how long each datagram of each batch is.
fn transmit(from: &mut Connection, now: &mut Timestamp, datagrams: &mut Vec<u8>) -> Vec<(usize, usize)> {
    let (mut sizes, end) = (Vec::new(), *now + STEP);
    datagrams.clear();
    while *now < end {
        while let Some(sent) = from.poll_transmit(*now, datagrams, DATAGRAMS) {
            sizes.push((sent.len, sent.segment_size));
        }
        *now += PACE;
    }
    sizes
}

fn deliver(to: &mut Connection, now: Timestamp, datagrams: &mut [u8], sizes: &[(usize, usize)]) {
    let mut rest = datagrams;
    for &(len, segment_size) in sizes {
        let (batch, more) = rest.split_at_mut(len);
        batch.chunks_mut(segment_size).for_each(|datagram| to.handle_datagram(now, datagram));
        rest = more;
    }
}

fn end(port: u16) -> PairEnd {
    let config = ConnectionConfig {
        send_buffer_size_bytes: 4 << 20,
        recv_buffer_size_bytes: 64 << 20,
        recv_buffer_messages: 1_000_000,
        mtu_packet_size: 1_472,
        // No pacing: all of a round leaves at once.
        send_rate_min: i32::MAX as u32,
        send_rate_max: i32::MAX as u32,
        ..ConnectionConfig::default()
    };
    PairEnd {
        address: SocketAddr::from(([127, 0, 0, 1], port)),
        remote_identity: Identity::localhost(),
        config,
        seed: [port as u8; 32],
        connection_id: 0x0001_0000 | u32::from(port),
    }
}
