//! Two connections, any settings, any network, and a clock that jumps: nothing panics, no timer stands in the past, and
//! every message is read at most once, reliable ones in order.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use gamesockets_proto::endpoint::{PairEnd, connected_pair};
use gamesockets_proto::{Connection, ConnectionConfig, SendOptions, Timestamp};
use gamesockets_schema::{ConnectionState, SendFlags};

/// Far more than it takes to take in a full receive buffer.
const ROUNDS_MAX: usize = 1_000;
/// More datagrams than this at one time are an endless loop.
const DATAGRAMS_MAX: usize = 5_000;
/// After this, sums of times and timeouts saturate.
const LAST: u64 = u64::MAX - 3_600_000_000;
const YEAR: u64 = 365 * 86_400 * 1_000_000;

struct Rng(u64);

impl Rng {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }
}

struct End {
    connection: Connection,
    /// On their way to it, and when they come.
    mail: Vec<(u64, Vec<u8>)>,
    read: BTreeSet<(u16, u64, bool)>,
    last_reliable: BTreeMap<u16, u64>,
}

struct Scene {
    rng: Rng,
    now: u64,
    ends: [End; 2],
    loss: u64,
    delay: u64,
}

impl Scene {
    fn new(seed: u64, start: u64) -> Self {
        let mut rng = Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let end = |rng: &mut Rng, port: u16| PairEnd {
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            remote_identity: "str:peer".parse().expect("an identity"),
            config: config(rng),
            seed: [port as u8; 32],
            connection_id: 0x0001_0000 | u32::from(port),
        };
        let ends = [end(&mut rng, 1), end(&mut rng, 2)];
        let pair = connected_pair(Timestamp::from_micros(start), u64::MAX - 5, ends).expect("a pair");
        let ends = pair.map(|connection| End {
            connection,
            mail: vec![],
            read: BTreeSet::new(),
            last_reliable: BTreeMap::new(),
        });
        let (loss, delay) = (rng.pick(&[2, 5, 50, 1_000_000]), rng.pick(&[0, 500, 30_000, 900_000]));
        Self { rng, now: start, ends, loss, delay }
    }

    fn run(&mut self, steps: u32) {
        for _ in 0..steps {
            let index = self.rng.below(2) as usize;
            self.act(index);
            self.pass_time();
            for index in [0, 1] {
                self.deliver(index);
                self.settle(index);
            }
        }
    }

    fn act(&mut self, index: usize) {
        let (now, rng) = (Timestamp::from_micros(self.now), &mut self.rng);
        let End { connection, read, last_reliable, .. } = &mut self.ends[index];
        match rng.below(24) {
            0..12 => {
                let lane = rng.below(connection.lane_count().into()) as u16;
                let flags = rng.pick(&[SendFlags::RELIABLE, SendFlags::RELIABLE_NO_NAGLE, SendFlags::UNRELIABLE]);
                let mut options = SendOptions { lane, flags, ..SendOptions::default() };
                if flags == SendFlags::UNRELIABLE {
                    options.deadline = rng.pick(&[None, Some(Duration::ZERO), Some(Duration::from_millis(20))]);
                    options.replace_key = rng.pick(&[None, None, Some(7)]);
                }
                let size = rng.pick(&[0, 1, 20, 300, 5_000, 16_000]);
                let size = if options.replace_key.is_some() { size.min(16_000) } else { size };
                let _ = connection.send_with(now, &vec![5; size], options);
            }
            12..18 => {
                for _ in 0..rng.below(200) {
                    let Some(message) = connection.receive(now) else { break };
                    assert!(read.insert((message.lane, message.number, message.reliable)), "read twice: {message:?}");
                    if message.reliable {
                        let last = last_reliable.insert(message.lane, message.number);
                        assert!(last.is_none_or(|last| last < message.number), "out of order: {message:?}");
                    }
                }
            }
            18 => {
                let count = rng.pick(&[1, 3, 40, 255]).max(connection.lane_count().into());
                let priorities: Vec<i32> = (0..count).map(|_| rng.below(4) as i32).collect();
                let weights: Vec<u16> = (0..count).map(|_| rng.pick(&[1, 9, u16::MAX])).collect();
                let _ = connection.configure_lanes(now, &priorities, &weights);
            }
            19 if rng.one_in(4) => {
                let (mtu, unencrypted) = (connection.config().mtu_packet_size, connection.config().unencrypted);
                let mut config = config(rng);
                (config.unencrypted, config.ip_local_host_allow_without_auth) = (unencrypted, 2);
                config.mtu_packet_size = rng.pick(&[mtu, config.mtu_packet_size]);
                connection.set_config(now, config);
            }
            20 => drop(connection.flush(now)),
            21 if rng.one_in(40) => connection.close(now, 0, "", rng.below(2) == 0),
            22 => drop(connection.status(now)),
            _ => {}
        }
    }

    fn pass_time(&mut self) {
        let step = match self.rng.below(200) {
            0 => YEAR * self.rng.below(50),
            1 => 11_000_000,
            2..60 => 0,
            60..100 => {
                // Exactly when somebody wants to be called.
                let timeouts = self.ends.iter().filter_map(|end| end.connection.poll_timeout());
                timeouts.min().map_or(0, |at| at.as_micros().saturating_sub(self.now)).min(10_000_000)
            }
            _ => self.rng.below(30_000),
        };
        self.now = self.now.saturating_add(step).min(LAST);
    }

    fn deliver(&mut self, index: usize) {
        let (at, end) = (self.now, &mut self.ends[index]);
        let mut index = 0;
        while index < end.mail.len() {
            if end.mail[index].0 > at {
                index += 1;
                continue;
            }
            let (_, mut datagram) = end.mail.swap_remove(index);
            end.connection.handle_datagram(Timestamp::from_micros(at), &mut datagram);
        }
    }

    /// What the owner of a connection does after everything.
    fn settle(&mut self, index: usize) {
        let now = Timestamp::from_micros(self.now);
        let batch = self.rng.pick(&[1, 16]);
        self.ends[index].connection.handle_timeout(now);
        for sent in 0.. {
            assert!(sent < DATAGRAMS_MAX, "it never stops sending");
            let mut out = Vec::new();
            let Some(transmit) = self.ends[index].connection.poll_transmit(now, &mut out, batch) else { break };
            let mtu = self.ends[index].connection.config().mtu_packet_size;
            for datagram in out.chunks(transmit.segment_size) {
                let is_data = datagram[0] & 0x80 != 0;
                assert!(!is_data || datagram.len() <= mtu.into(), "{} bytes for an MTU of {mtu}", datagram.len());
                if !self.rng.one_in(self.loss) {
                    let comes = self.now.saturating_add(self.rng.below(self.delay + 1));
                    self.ends[1 - index].mail.push((comes, datagram.to_vec()));
                }
            }
        }
        let connection = &mut self.ends[index].connection;
        while connection.poll_event().is_some() {}
        connection.take_newly_readable();
        // What one datagram brought too much of is taken in bit by bit, at once, and that comes to an end.
        let mut rounds = 0;
        while let Some(at) = connection.poll_timeout().filter(|&at| at <= now) {
            assert!(rounds < ROUNDS_MAX, "a timer stands at {at:?} at {now:?} in {:?}", connection.state());
            connection.handle_timeout(now);
            rounds += 1;
        }
    }
}

fn config(rng: &mut Rng) -> ConnectionConfig {
    let rate = rng.pick(&[1_024, 65_536, 10_000_000, u32::MAX]);
    ConnectionConfig {
        send_buffer_size_bytes: rng.pick(&[1, 20_000, 524_288]),
        send_rate_min: rng.pick(&[0, rate]),
        send_rate_max: rate,
        nagle_time: rng.pick(&[Duration::ZERO, Duration::from_millis(5), Duration::from_secs(20)]),
        timeout_initial: rng.pick(&[Duration::ZERO, Duration::from_secs(10)]),
        timeout_connected: rng.pick(&[Duration::ZERO, Duration::from_secs(10), Duration::MAX]),
        mtu_packet_size: rng.pick(&[200, 300, 1_200, 1_300, 1_472]),
        recv_buffer_size_bytes: rng.pick(&[32_768, 1_048_576]),
        recv_buffer_messages: rng.pick(&[2, 1_000]),
        recv_max_segments_per_packet: rng.pick(&[1, 1_300]),
        send_time_since_previous_packet: rng.pick(&[0, 1]),
        ..ConnectionConfig::default()
    }
}

#[test]
fn timers_stay_ahead_of_any_clock() {
    let mut lasted = 0;
    for seed in 0..300 {
        let start = [0, 1, 1_000_000, 3_000_000_000_000, YEAR * 1_000][seed as usize % 5];
        let mut scene = Scene::new(seed, start);
        scene.run(600);
        lasted += usize::from(scene.ends[0].connection.state() == ConnectionState::Connected);
    }
    println!("{lasted} connections were still there at the end");
}

#[test]
fn neither_is_the_end_of_time_a_reason_to_panic() {
    for seed in 0..100 {
        let start = [u64::MAX / 2 - 1, u64::MAX - 20 * YEAR, LAST - 1_000_000][seed as usize % 3];
        Scene::new(seed, start).run(200);
    }
}

#[test]
fn statistics_respect_a_small_mtu() {
    let mut scene = Scene::new(1, 1_000_000);
    (scene.loss, scene.delay) = (u64::MAX, 20_000);
    let now = Timestamp::from_micros(scene.now);
    for end in &mut scene.ends {
        let allow = end.connection.config().ip_local_host_allow_without_auth;
        let config = ConnectionConfig {
            mtu_packet_size: 200,
            ip_local_host_allow_without_auth: allow,
            ..ConnectionConfig::default()
        };
        end.connection.set_config(now, config);
    }
    for _ in 0..15_000 {
        scene.now += 10_000;
        let now = Timestamp::from_micros(scene.now);
        for index in [0, 1] {
            let connection = &mut scene.ends[index].connection;
            connection.send(now, &[1; 60], 0, SendFlags::UNRELIABLE_NO_NAGLE).expect("taken");
            while connection.receive(now).is_some() {}
            scene.deliver(index);
            scene.settle(index);
        }
    }
    let report = scene.ends[0].connection.report(Timestamp::from_micros(scene.now));
    assert!(report.peer.lifetime.is_some() && report.peer.instantaneous.is_some(), "statistics went their way");
}
