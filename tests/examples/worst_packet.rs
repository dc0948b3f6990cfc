//! The most expensive single datagram of each sort that a hostile peer can send.
//!
//! ```text
//! cargo run --release -p gamesockets-tests --example worst_packet
//! ```
//!
//! Prints microseconds and steps, decryption included. Each packet is timed several times, in runs from the beginning, and
//! the least of them counts, since everything else that a machine does only adds to it; of all packets of a sort the worst
//! is shown. The steps are the same on every machine: `tests/abuse_work.rs` asserts their bound.

use std::time::{Duration, Instant};

use gamesockets_proto::ConnectionConfig;
use gamesockets_tests::hostile::{KINDS, Stage};
use gamesockets_tests::sim::pair::{CLIENT, SERVER};
use gamesockets_tests::sim::{LinkConfig, Network, Puppet};

const RUNS: usize = 7;

fn main() {
    println!("{:<52} {:>9} {:>7}", "datagram", "us", "steps");
    for kind in KINDS {
        let packets = (kind.packets)();
        let mut least = vec![(Duration::MAX, 0); packets.len()];
        for _ in 0..RUNS {
            let mut stage = Stage::new(kind.server_sends);
            for (frames, least) in packets.iter().zip(&mut least) {
                let mut took = Duration::ZERO;
                let steps = stage.take(frames, |take| {
                    let begin = Instant::now();
                    take();
                    took = begin.elapsed();
                });
                *least = (least.0.min(took), steps.unwrap_or(0));
            }
        }
        let (time, _) = least.iter().max().copied().unwrap_or_default();
        let steps = least.iter().map(|&(_, steps)| steps).max().unwrap_or(0);
        println!("{:<52} {:>9.1} {steps:>7}", kind.name, micros(time));
    }
    for (name, time) in handshakes() {
        println!("{name:<52} {:>9.1} {:>7}", micros(time), "");
    }
}

/// Packets of strangers; with the simulation's own work.
fn handshakes() -> [(&'static str, Duration); 2] {
    let mut least = [Duration::MAX; 2];
    for run in 0..RUNS as u32 {
        let mut network = Network::new(1, LinkConfig::default());
        network.listen(SERVER, ConnectionConfig::default());
        let mut puppet = Puppet::new(&mut network, CLIENT, SERVER, 77 + run);
        let challenge = puppet.challenge_request(&network);
        let connect = puppet.connect_request(&mut network);
        for (datagram, least) in [challenge, connect].into_iter().zip(&mut least) {
            network.inject(CLIENT, SERVER, datagram);
            let begin = Instant::now();
            network.run_for(Duration::from_micros(1));
            *least = begin.elapsed().min(*least);
        }
    }
    let names = ["handshake: a request for a challenge", "handshake: a request to connect, signatures checked"];
    [(names[0], least[0]), (names[1], least[1])]
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
