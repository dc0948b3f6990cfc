//! Messages of all sizes, both ways, and under loss.

use std::collections::HashSet;

use gamesockets_interop::protocol::{Outgoing, Receive};

use crate::Scenario;
use crate::pair::{Link, Pair, Side, assert_arrived, reliable, result, state, unreliable};
use crate::peer::{float, int32};

pub(crate) const SCENARIOS: &[(&str, Scenario)] = &[
    ("reliable_of_every_size", reliable_of_every_size),
    ("unreliable_of_every_size", unreliable_of_every_size),
    ("large_unreliable_becomes_reliable", large_unreliable_becomes_reliable),
    ("numbers_count_both_kinds", numbers_count_both_kinds),
    ("largest_message_and_one_byte_more", largest_message_and_one_byte_more),
    ("small_reliable_in_order_under_loss", small_reliable_in_order_under_loss),
    ("large_reliable_under_loss", large_reliable_under_loss),
    ("unreliable_under_loss", unreliable_under_loss),
    ("reordered_and_duplicated", reordered_and_duplicated),
    ("large_echo_both_ways", large_echo_both_ways),
    ("queued_while_connecting", queued_while_connecting),
    ("full_send_buffer", full_send_buffer),
    ("small_packets", small_packets),
];

/// Around every limit that a packet or a segment has, and the largest message.
const SIZES: [usize; 7] = [0, 1, 1199, 1200, 1201, 5000, LARGEST];
/// Bytes of the largest message.
const LARGEST: usize = 512 * 1024;
/// Bytes of the largest message that stays unreliable.
const LARGEST_UNRELIABLE: usize = 16_500;
/// The only flag that means anything on a message that arrived.
const RELIABLE: i32 = 8;

/// `SendBufferSize`, bytes.
const SEND_BUFFER_SIZE: i32 = 9;
/// `SendRateMin` and `SendRateMax`, bytes per second.
const SEND_RATES: [i32; 2] = [10, 11];
/// `RecvBufferMessages`.
const RECV_BUFFER_MESSAGES: i32 = 48;
/// `MTU_PacketSize`, bytes.
const MTU_PACKET_SIZE: i32 = 32;
/// `FakePacketLoss_Send` and `FakePacketLoss_Recv`, percent.
const FAKE_LOSS: [i32; 2] = [2, 3];
/// `FakePacketReorder_Send` and `FakePacketReorder_Recv`, percent.
const FAKE_REORDER: [i32; 2] = [6, 7];
/// `FakePacketDup_Send` and `FakePacketDup_Recv`, percent.
const FAKE_DUPLICATION: [i32; 2] = [26, 27];

fn reliable_of_every_size(pair: &mut Pair) {
    let link = pair.connect();
    for side in Side::BOTH {
        for (seed, len) in SIZES.into_iter().enumerate() {
            let message = reliable(len, seed as u64);
            pair.send(side, link.at(side), message);
            let arrived = pair.next_message(side.other());
            assert_arrived(message, &arrived);
            assert_eq!((arrived.number, arrived.flags & RELIABLE), (seed as i64 + 1, RELIABLE));
        }
    }
}

/// Nothing is lost on loopback, so unreliable messages arrive as well.
fn unreliable_of_every_size(pair: &mut Pair) {
    let link = pair.connect();
    for side in Side::BOTH {
        for (seed, len) in SIZES.into_iter().enumerate() {
            let message = unreliable(len, seed as u64);
            pair.send(side, link.at(side), message);
            let arrived = pair.next_message(side.other());
            assert_arrived(message, &arrived);
            let expected = if len > LARGEST_UNRELIABLE { RELIABLE } else { 0 };
            assert_eq!(arrived.flags & RELIABLE, expected, "{len} bytes");
        }
    }
}

fn large_unreliable_becomes_reliable(pair: &mut Pair) {
    let link = pair.connect();
    for side in Side::BOTH {
        for (len, flag) in [(LARGEST_UNRELIABLE, 0), (LARGEST_UNRELIABLE + 1, RELIABLE)] {
            let message = unreliable(len, 5);
            pair.send(side, link.at(side), message);
            let arrived = pair.next_message(side.other());
            assert_arrived(message, &arrived);
            assert_eq!(arrived.flags & RELIABLE, flag, "{len} bytes");
        }
    }
}

fn numbers_count_both_kinds(pair: &mut Pair) {
    let link = pair.connect();
    for side in Side::BOTH {
        let sent: Vec<Outgoing> =
            (0..40).map(|seed| if seed % 3 == 0 { reliable(50, seed) } else { unreliable(50, seed) }).collect();
        for (index, message) in sent.iter().enumerate() {
            assert_eq!(pair.send(side, link.at(side), *message), index as i64 + 1);
        }
        // Reliable and unreliable messages may overtake each other.
        for _ in &sent {
            let arrived = pair.next_message(side.other());
            let message = sent[usize::try_from(arrived.number - 1).expect("numbers start at 1")];
            assert_arrived(message, &arrived);
            assert_eq!(arrived.flags & RELIABLE, message.flags & RELIABLE);
        }
    }
}

fn largest_message_and_one_byte_more(pair: &mut Pair) {
    let link = pair.connect();
    for side in Side::BOTH {
        let refused = pair.at(side).send(link.at(side), reliable(LARGEST + 1, 1)).expect("send");
        assert_eq!(refused, -i64::from(result::INVALID_PARAM));
        let message = reliable(LARGEST, 2);
        assert_eq!(pair.send(side, link.at(side), message), 1);
        assert_arrived(message, &pair.next_message(side.other()));
    }
}

/// 10,000 messages each way while one of the two libraries loses 5 % of what it sends and of what it receives.
fn small_reliable_in_order_under_loss(pair: &mut Pair) {
    const COUNT: u64 = 10_000;
    let link = pair.connect_fast();
    pair.impair(&FAKE_LOSS, 5.0);
    for side in Side::BOTH {
        pair.at(side).send_many(link.at(side), reliable(20, 1000), COUNT).expect("send");
    }
    for side in Side::BOTH {
        for index in 0..COUNT {
            let arrived = pair.next_message(side);
            assert_arrived(reliable(20, 1000 + index), &arrived);
            assert_eq!(arrived.number, index as i64 + 1);
        }
    }
}

fn large_reliable_under_loss(pair: &mut Pair) {
    let link = pair.connect_fast();
    pair.impair(&FAKE_LOSS, 5.0);
    for side in Side::BOTH {
        let message = reliable(LARGEST, 9);
        pair.send(side, link.at(side), message);
        assert_arrived(message, &pair.next_message(side.other()));
    }
}

/// What arrives is intact and arrives once; a reliable message at the end says when to stop waiting.
fn unreliable_under_loss(pair: &mut Pair) {
    const COUNT: u64 = 500;
    let link = pair.connect_fast();
    pair.impair(&FAKE_LOSS, 20.0);
    for side in Side::BOTH {
        pair.at(side).send_many(link.at(side), unreliable(900, 0), COUNT).expect("send");
        pair.at(side).send_many(link.at(side), reliable(10, COUNT), 1).expect("send");
        let mut numbers = HashSet::new();
        loop {
            let arrived = pair.next_message(side.other());
            let seed = u64::try_from(arrived.number - 1).expect("numbers start at 1");
            if arrived.flags & RELIABLE != 0 {
                break assert_arrived(reliable(10, COUNT), &arrived);
            }
            assert_arrived(unreliable(900, seed), &arrived);
            assert!(numbers.insert(seed), "message {seed} arrived twice");
        }
        assert!((50..450).contains(&numbers.len()), "{} of {COUNT} arrived", numbers.len());
    }
}

/// At the default rate: Valve's library takes every reordered packet for a lost one, and floods itself at a higher rate.
fn reordered_and_duplicated(pair: &mut Pair) {
    const COUNT: u64 = 300;
    let link = pair.connect();
    pair.impair(&FAKE_REORDER, 20.0);
    pair.impair(&FAKE_DUPLICATION, 20.0);
    for side in Side::BOTH {
        pair.at(side).send_many(link.at(side), reliable(500, 0), COUNT).expect("send");
    }
    for side in Side::BOTH {
        for index in 0..COUNT {
            assert_arrived(reliable(500, index), &pair.next_message(side));
        }
    }
}

/// Megabytes to a peer that sends them back with the reliability they came with, in either role.
fn large_echo_both_ways(pair: &mut Pair) {
    const COUNT: u64 = 4;
    let link = pair.connect_fast();
    for side in Side::BOTH {
        pair.at(side.other()).receive(Receive::Echo).expect("receive");
        pair.at(side).send_many(link.at(side), reliable(LARGEST / 2, 1), COUNT).expect("send");
        for index in 0..COUNT {
            let arrived = pair.next_message(side);
            assert_arrived(reliable(LARGEST / 2, 1 + index), &arrived);
            assert_eq!(arrived.flags & RELIABLE, RELIABLE);
        }
        pair.send(side, link.at(side), unreliable(700, 1));
        let arrived = pair.next_message(side);
        assert_arrived(unreliable(700, 1), &arrived);
        assert_eq!(arrived.flags & RELIABLE, 0);
        pair.at(side.other()).receive(Receive::Report).expect("receive");
    }
}

/// Both ends may queue messages before they are connected, except those that must not wait.
fn queued_while_connecting(pair: &mut Pair) {
    let (_, address) = pair.listen(&[]);
    let link = pair.request(address, &[]);
    for side in Side::BOTH {
        pair.send(side, link.at(side), reliable(2000, 1));
        let no_delay = Outgoing { flags: RELIABLE | 4, ..reliable(10, 2) };
        let refused = pair.at(side).send(link.at(side), no_delay).expect("send");
        assert_eq!(refused, -i64::from(result::IGNORED));
    }
    assert_eq!(pair.at(Side::Server).accept(link.server).expect("accept"), result::OK);
    for side in Side::BOTH {
        pair.wait_for_state(side, link.at(side), state::CONNECTED);
        assert_arrived(reliable(2000, 1), &pair.next_message(side));
    }
}

/// What does not fit is refused at once; what was taken arrives.
fn full_send_buffer(pair: &mut Pair) {
    let options = [int32(SEND_BUFFER_SIZE, 100_000)];
    let link = pair.connect_with(&options, &options);
    for side in Side::BOTH {
        let mut queued = 0;
        let refusal = loop {
            match pair.at(side).send(link.at(side), reliable(30_000, queued)).expect("send") {
                number if number > 0 => queued += 1,
                refusal => break refusal,
            }
            assert!(queued < 100, "3 MB fit into a send buffer of 100,000 bytes");
        };
        assert_eq!(refusal, -i64::from(result::LIMIT_EXCEEDED));
        assert!(queued >= 3, "{queued} messages of 30,000 bytes do not fill 100,000 bytes");
        for seed in 0..queued {
            assert_arrived(reliable(30_000, seed), &pair.next_message(side.other()));
        }
    }
}

/// Both ends cut their messages into packets of the smallest size. Valve's library keeps at most 20 segments of
/// unreliable messages that are not complete.
fn small_packets(pair: &mut Pair) {
    let options = [int32(MTU_PACKET_SIZE, 200)];
    let link = pair.connect_with(&options, &options);
    for side in Side::BOTH {
        for message in [reliable(5000, 1), unreliable(1500, 2)] {
            pair.send(side, link.at(side), message);
            assert_arrived(message, &pair.next_message(side.other()));
        }
    }
}

impl Pair {
    /// A connection at four times the default rate, so that scenarios with much data do not take long. At a rate that the
    /// machine cannot keep, Valve's library holds its lock in one long send, hears nothing, and times out. And where
    /// more messages wait to be read than fit, its reliable stream stands still for good: there is room for all.
    fn connect_fast(&mut self) -> Link {
        let mut options = SEND_RATES.map(|id| int32(id, 1 << 20)).to_vec();
        options.push(int32(RECV_BUFFER_MESSAGES, 20_000));
        self.connect_with(&options, &options)
    }

    /// Impairs what Valve's library sends and receives, by its own options. In the control both ends are impaired.
    fn impair(&mut self, options: &[i32], percent: f32) {
        for &id in options {
            self.set_at_valve(&float(id, percent));
        }
    }
}
