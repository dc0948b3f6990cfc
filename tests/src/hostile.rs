//! Packets of a connected peer that are made to cost as much as they can: what `worst_packet` measures, and what a test
//! counts the steps of.

use core::time::Duration;

use gamesockets_proto::ConnectionConfig;
use gamesockets_schema::{ConnectionState, SendFlags};

use crate::sim::pair::{CLIENT, SERVER};
use crate::sim::{ConnKey, LinkConfig, Network, Puppet, Rng};

/// Frames of one packet, at most this long.
const PACKET: usize = 1_290;

/// A sort of hostile packets.
pub struct Kind {
    /// What they do.
    pub name: &'static str,
    /// What the server sends before them, bytes.
    pub server_sends: usize,
    /// How many steps one of them makes at most.
    pub steps_max: u64,
    /// The packets, one after the other: frames each.
    pub packets: fn() -> Vec<Vec<u8>>,
}

/// All sorts.
pub const KINDS: &[Kind] = &[
    quiet("pieces of many unreliable messages, out of order", pieces_of_many),
    Kind { steps_max: 64 * 192, ..quiet("pieces of one unreliable message, from behind", pieces_of_one) },
    quiet("unreliable messages, each before the last", descending_messages),
    quiet("empty messages in order", empty_messages),
    quiet("a byte with a gap on each of many lanes", gaps_on_lanes),
    quiet("bytes with gaps on one lane", gaps_on_one_lane),
    quiet("segments over many gaps", over_gaps),
    quiet("the hole before a buffer of empty messages", hole_before_empty),
    quiet("the hole before a large message", hole_before_large),
    quiet("large messages begun on all lanes", begun_on_lanes),
    quiet("select-lane frames", lane_storm),
    quiet("stop-waiting frames", stop_waiting_storm),
    quiet("random frames", random_frames),
    Kind { name: "acks with the most ranges", server_sends: 8 << 20, steps_max: 2_000, packets: ack_ranges },
    // Linear in what was sent, and each packet is looked at once.
    Kind { name: "an ack of 6,500 packets at once", server_sends: 8 << 20, steps_max: 7_000, packets: ack_everything },
];

const fn quiet(name: &'static str, packets: fn() -> Vec<Vec<u8>>) -> Kind {
    Kind { name, server_sends: 0, steps_max: 2_000, packets }
}

/// A server with the default limits, and a client whose packets are given to it one by one.
pub struct Stage {
    network: Network,
    puppet: Puppet,
    server: ConnKey,
}

impl Stage {
    /// A server that has sent so many bytes, which nobody has acknowledged.
    pub fn new(server_sends: usize) -> Self {
        let mut network = Network::new(1, LinkConfig::default());
        let rate = if server_sends > 0 { i32::MAX as u32 } else { 1 << 20 };
        let config = ConnectionConfig {
            send_rate_min: rate,
            send_rate_max: rate,
            send_buffer_size_bytes: 64 << 20,
            ..ConnectionConfig::default()
        };
        network.listen(SERVER, config);
        let (puppet, server) = Puppet::connected(&mut network, CLIENT, SERVER);
        for _ in 0..server_sends / (512 << 10) {
            let message = vec![0; 512 << 10];
            network.call(server, |c, now| c.send(now, &message, 0, SendFlags::RELIABLE).is_ok());
            network.run_for(Duration::from_millis(1));
        }
        Self { network, puppet, server }
    }

    /// Hands the next packet to the server inside `around`, which calls what it is given once; answers the steps it made,
    /// or `None` if the connection has ended.
    pub fn take(&mut self, frames: &[u8], around: impl FnOnce(&mut dyn FnMut())) -> Option<u64> {
        let number = self.puppet.next_number();
        let mut datagram = self.puppet.next_sealed(None, frames);
        debug_assert!(self.puppet.next_number() > number);
        let steps = self.network.call(self.server, |connection, now| {
            let before = connection.steps();
            around(&mut || connection.handle_datagram(now, &mut datagram));
            let open = connection.state() == ConnectionState::Connected;
            open.then(|| connection.steps().saturating_sub(before))
        });
        self.network.take_mail(CLIENT);
        steps.flatten()
    }

    /// Bytes that the server holds for the client.
    pub fn held_bytes(&self) -> usize {
        self.network.connection(self.server).map_or(0, |connection| connection.held_bytes())
    }
}

/// Frames until the packet is full: `frame` writes the one with an index.
fn filled(mut frame: impl FnMut(&mut Vec<u8>, u64)) -> Vec<u8> {
    let mut packet = Vec::new();
    for index in 0.. {
        let before = packet.len();
        frame(&mut packet, index);
        if packet.len() > PACKET {
            packet.truncate(before);
            break;
        }
    }
    packet
}

fn select(out: &mut Vec<u8>, lane: u16) {
    match lane {
        0..128 => out.extend([0x8f, lane as u8]),
        _ => out.extend([0x8f, lane as u8 | 0x80, 1]),
    }
}

/// A piece of an unreliable message, of one byte.
fn piece(out: &mut Vec<u8>, number: u32, offset: u16, last: bool) {
    out.push(0x10 | 0x08 | if last { 0x20 } else { 0 });
    out.extend(number.to_le_bytes());
    out.extend([offset as u8 | 0x80, (offset >> 7) as u8 | 0x80, (offset >> 14) as u8]);
    out.extend([1, b'x']);
}

/// A segment of the reliable stream.
fn segment(out: &mut Vec<u8>, position: u64, data: &[u8]) {
    out.push(0x40 | 2 << 3 | (data.len() >> 8) as u8);
    out.extend(&position.to_le_bytes()[..6]);
    out.push(data.len() as u8);
    out.extend(data);
}

fn pieces_of_many() -> Vec<Vec<u8>> {
    let packet = |round: u64| {
        filled(|out, index| {
            let nth = round * 90 + index;
            select(out, (nth * 7 % 256) as u16);
            piece(out, (1_000_000 - nth) as u32, (nth * 13 % 20_000) as u16, nth.is_multiple_of(2));
        })
    };
    (0..400).map(packet).collect()
}

fn pieces_of_one() -> Vec<Vec<u8>> {
    let packet = |round: u64| {
        filled(|out, index| {
            select(out, 0);
            piece(out, 1 + (round / 3) as u32, 20_000 - 2 * ((round % 3 * 90 + index) as u16), false);
        })
    };
    (0..100).map(packet).collect()
}

fn descending_messages() -> Vec<Vec<u8>> {
    let packet = |round: u64| {
        filled(|out, index| {
            select(out, (index % 3) as u16);
            out.push(0x30);
            out.extend(((1_000_000 - round * 200 - index) as u32).to_le_bytes());
            out.extend([1, b'x']);
        })
    };
    (0..20).map(packet).collect()
}

fn empty_messages() -> Vec<Vec<u8>> {
    let packet = |round: u64| {
        let mut packet = Vec::new();
        segment(&mut packet, 1 + round * 1_250, &[0; 1_250]);
        packet
    };
    (0..3).map(packet).collect()
}

fn gaps_on_lanes() -> Vec<Vec<u8>> {
    let packet = |round: u64| {
        filled(|out, index| {
            select(out, 255 - (index % 256) as u16);
            segment(out, 10 + 2 * (round * 128 + index), b"x");
        })
    };
    (0..200).map(packet).collect()
}

fn gaps_on_one_lane() -> Vec<Vec<u8>> {
    let packet = |round: u64| {
        let mut packet = Vec::new();
        segment(&mut packet, 900_000 - round * 700, b"x");
        while packet.len() + 4 <= PACKET {
            packet.extend([0x48, 1, 1, b'x']);
        }
        packet
    };
    (0..60).map(packet).collect()
}

fn over_gaps() -> Vec<Vec<u8>> {
    let mut packets = gaps_on_one_lane();
    for round in 0..60 {
        let mut packet = Vec::new();
        segment(&mut packet, 900_001 - round * 700, &[b'y'; 1_200]);
        packets.push(packet);
    }
    packets
}

/// The whole buffer but its first packet, and then that.
fn hole_before(stream: impl Fn(u64, usize) -> Vec<u8>) -> Vec<Vec<u8>> {
    let packet = |index: u64| {
        let mut packet = Vec::new();
        segment(&mut packet, 1 + index * 1_200, &stream(index * 1_200, 1_200));
        packet
    };
    (1..430).chain([0]).chain(430..440).map(packet).collect()
}

fn hole_before_empty() -> Vec<Vec<u8>> {
    hole_before(|_, len| vec![0; len])
}

fn hole_before_large() -> Vec<Vec<u8>> {
    hole_before(|start, len| {
        let mut piece = vec![7; len];
        if start == 0 {
            piece[..4].copy_from_slice(&[0x20, 0x80, 0x80, 0x01]);
        }
        piece
    })
}

fn begun_on_lanes() -> Vec<Vec<u8>> {
    let begin = |lane: u16| {
        let mut packet = Vec::new();
        select(&mut packet, lane);
        segment(&mut packet, 1, &[&[0x20, 0x80, 0x80, 0x01][..], &[7; 1_200]].concat());
        packet
    };
    let go_on = |(lane, round): (u16, u64)| {
        let mut packet = Vec::new();
        select(&mut packet, lane);
        segment(&mut packet, 1 + 1_204 + round * 1_200, &[7; 1_200]);
        packet
    };
    let all = (0..436).flat_map(|round| (0..8).map(move |lane| (lane, round)));
    (0..256).map(begin).chain(all.map(go_on)).collect()
}

fn lane_storm() -> Vec<Vec<u8>> {
    let storm = |_| filled(|out, index| out.push(0x88 + (index % 7) as u8));
    let tiny = |_| {
        filled(|out, index| {
            select(out, 255 - (index % 256) as u16);
            out.extend([0x40, 1, 0, 0, 0]);
        })
    };
    (0..3).map(storm).chain((0..3).map(tiny)).collect()
}

fn stop_waiting_storm() -> Vec<Vec<u8>> {
    (0..20).map(|_| filled(|out, _| out.extend([0x80, 0]))).collect()
}

fn random_frames() -> Vec<Vec<u8>> {
    let mut rng = Rng::new(5);
    let packet = |_| {
        let lane = rng.below(256) as u16;
        filled(|out, index| match rng.below(6) {
            0 => select(out, (lane + (index % 4) as u16) % 256),
            1 => {
                select(out, lane);
                piece(out, rng.below(400) as u32 + 1, rng.below(20_000) as u16, rng.below(4) == 0);
            }
            2 => {
                select(out, lane);
                segment(out, rng.below(100_000) + 2_000, &vec![0; rng.below(200) as usize]);
            }
            _ => {
                select(out, lane);
                out.push(0x30);
                out.extend((rng.below(5_000) as u32 + 1).to_le_bytes());
                out.extend([3, 1, 2, 3]);
            }
        })
    };
    (0..2_000).map(packet).collect()
}

/// One received, one not, as often as a frame can say it; and as many frames as fit.
fn ack_ranges() -> Vec<Vec<u8>> {
    let frame = |latest: u16| {
        let mut frame = vec![0x9f];
        frame.extend(latest.to_le_bytes());
        frame.extend([0xff, 0xff, 255]);
        frame.extend([0x11; 255]);
        frame
    };
    (0..40).map(|round: u16| (0..4).flat_map(|nth| frame(600 + round * 40 + nth)).collect()).collect()
}

fn ack_everything() -> Vec<Vec<u8>> {
    vec![[&[0x98][..], &6_500_u16.to_le_bytes(), &[0xff, 0xff]].concat()]
}
