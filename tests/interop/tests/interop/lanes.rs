//! Lanes between the two libraries.

use gamesockets_interop::protocol::Outgoing;

use crate::Scenario;
use crate::pair::{Link, Pair, Side, assert_arrived, reliable, result, unreliable};

pub(crate) const SCENARIOS: &[(&str, Scenario)] = &[
    ("each_lane_in_order_both_ways", each_lane_in_order_both_ways),
    ("large_messages_on_all_lanes", large_messages_on_all_lanes),
    ("more_lanes_later", more_lanes_later),
    ("lanes_while_connecting", lanes_while_connecting),
    ("urgent_lane_overtakes", urgent_lane_overtakes),
    ("eight_lanes_and_more_from_us", eight_lanes_and_more_from_us),
];

/// Lanes that Valve's library encodes rightly: with 0, those up to 7.
const LANES: u16 = 8;

/// Messages on lanes 0 to 7 arrive on their lane, in its order, with its numbers; both kinds.
fn each_lane_in_order_both_ways(pair: &mut Pair) {
    const ROUNDS: u64 = 5;
    let link = pair.connect();
    for side in Side::BOTH {
        configure(pair, side, link, LANES);
        for round in 0..ROUNDS {
            for lane in 0..LANES {
                let message = if round % 2 == 0 { reliable(50, round) } else { unreliable(50, round) };
                let number = pair.send(side, link.at(side), Outgoing { lane, ..message });
                assert_eq!(number, round as i64 + 1, "each lane counts for itself");
            }
        }
        let mut arrived: Vec<Vec<i64>> = vec![Vec::new(); LANES.into()];
        for _ in 0..u64::from(LANES) * ROUNDS {
            let message = pair.next_message(side.other());
            let round = message.number as u64 - 1;
            assert_arrived(Outgoing { lane: message.lane, ..reliable(50, round) }, &message);
            assert_eq!(message.flags, if round % 2 == 0 { 8 } else { 0 });
            arrived[usize::from(message.lane)].push(message.number);
        }
        for (lane, mut numbers) in arrived.into_iter().enumerate() {
            let reliable: Vec<_> = numbers.iter().copied().filter(|number| number % 2 == 1).collect();
            assert!(reliable.is_sorted(), "reliable messages of lane {lane} came as {reliable:?}");
            numbers.sort_unstable();
            assert_eq!(numbers, (1..=ROUNDS as i64).collect::<Vec<_>>(), "lane {lane}");
        }
    }
}

/// Messages of many packets on every lane at once.
fn large_messages_on_all_lanes(pair: &mut Pair) {
    const SIZE: usize = 20_000;
    let link = pair.connect();
    for side in Side::BOTH {
        configure(pair, side, link, LANES);
        for lane in 0..LANES {
            pair.send(side, link.at(side), Outgoing { lane, ..reliable(SIZE, lane.into()) });
        }
    }
    for side in Side::BOTH {
        let mut lanes = Vec::new();
        for _ in 0..LANES {
            let message = pair.next_message(side);
            assert_arrived(Outgoing { lane: message.lane, ..reliable(SIZE, message.lane.into()) }, &message);
            lanes.push(message.lane);
        }
        lanes.sort_unstable();
        assert_eq!(lanes, (0..LANES).collect::<Vec<_>>());
    }
}

/// Lanes added while there is traffic do not disturb those that were there.
fn more_lanes_later(pair: &mut Pair) {
    let link = pair.connect();
    for side in Side::BOTH {
        for (step, count) in [1, 3, 7].into_iter().enumerate() {
            configure(pair, side, link, count);
            let sent = Outgoing { lane: 0, ..reliable(5000, 1) };
            assert_eq!(pair.send(side, link.at(side), sent), step as i64 + 1);
            assert_arrived(sent, &pair.next_message(side.other()));
            let sent = Outgoing { lane: count - 1, ..reliable(100, 2) };
            pair.send(side, link.at(side), sent);
            assert_arrived(sent, &pair.next_message(side.other()));
        }
    }
}

/// Lanes and messages on them before the connection is accepted.
fn lanes_while_connecting(pair: &mut Pair) {
    let (_, address) = pair.listen(&[]);
    let link = pair.request(address, &[]);
    configure(pair, Side::Client, link, 4);
    let sent = Outgoing { lane: 3, ..reliable(3000, 1) };
    pair.send(Side::Client, link.client, sent);
    assert_eq!(pair.at(Side::Server).accept(link.server).expect("accept"), result::OK);
    assert_arrived(sent, &pair.next_message(Side::Server));
}

/// A small message on a lane of a lower priority number comes before the bulk that was queued first.
fn urgent_lane_overtakes(pair: &mut Pair) {
    let link = pair.connect();
    for side in Side::BOTH {
        let connection = link.at(side);
        let answer = pair.at(side).configure_lanes(connection, &[5, 1], &[1, 1]).expect("configure");
        assert_eq!(answer, result::OK);
        let bulk = Outgoing { lane: 0, ..reliable(200_000, 1) };
        let urgent = Outgoing { lane: 1, ..reliable(20, 2) };
        pair.send(side, connection, bulk);
        pair.send(side, connection, urgent);
        assert_arrived(urgent, &pair.next_message(side.other()));
        assert_arrived(bulk, &pair.next_message(side.other()));
    }
}

/// Lanes of 8 and more, which Valve's library reads but cannot send: from us they arrive.
fn eight_lanes_and_more_from_us(pair: &mut Pair) {
    const COUNT: u16 = 255;
    let link = pair.connect();
    let senders: Vec<_> = Side::BOTH.into_iter().filter(|&side| pair.at(side).valve().is_none()).collect();
    for side in senders {
        configure(pair, side, link, COUNT);
        for lane in [8, 9, 100, 127, 128, 254, 3, 8] {
            for sent in [reliable(3000, lane.into()), unreliable(30, lane.into())] {
                let sent = Outgoing { lane, ..sent };
                pair.send(side, link.at(side), sent);
                assert_arrived(sent, &pair.next_message(side.other()));
            }
        }
    }
}

/// As many lanes of equal rank.
fn configure(pair: &mut Pair, side: Side, link: Link, count: u16) {
    let (priorities, weights) = (vec![0; count.into()], vec![1; count.into()]);
    let answer = pair.at(side).configure_lanes(link.at(side), &priorities, &weights).expect("configure");
    assert_eq!(answer, result::OK, "{count} lanes");
}
