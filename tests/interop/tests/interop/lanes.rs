//! Lanes: numbers, order, results, and message numbers far apart.

use gamesockets_interop::protocol::Outgoing;

use crate::Scenario;
use crate::pair::{Link, Pair, Side, assert_arrived, reliable, result, state, unreliable};
use crate::peer::{float, int32};

pub(crate) const SCENARIOS: &[(&str, Scenario)] = &[
    ("lanes_0_to_7_carry_both_kinds", lanes_0_to_7_carry_both_kinds),
    ("lanes_above_7_arrive_from_ours", lanes_above_7_arrive_from_ours),
    ("lowest_priority_number_goes_first", lowest_priority_number_goes_first),
    ("weights_divide_equal_priorities", weights_divide_equal_priorities),
    ("lanes_under_loss", lanes_under_loss),
    ("bad_lanes_are_refused", bad_lanes_are_refused),
    ("lanes_may_be_set_while_connecting_and_again", lanes_may_be_set_while_connecting_and_again),
    ("lost_unreliable_messages_do_not_hurt_the_next_reliable_one", lost_unreliable_before_a_reliable_one),
];

/// `FakePacketLoss_Send` and `FakePacketLoss_Recv`, percent.
const FAKE_LOSS: [i32; 2] = [2, 3];
/// `RecvBufferMessages`.
const RECV_BUFFER_MESSAGES: i32 = 48;
/// `NagleTime`, microseconds.
const NAGLE_TIME: i32 = 12;
/// Bytes that keep a connection busy for half a second at the default rate.
const BULK: usize = 130_000;

fn configure(pair: &mut Pair, link: Link, side: Side, priorities: &[i32], weights: &[u16]) {
    let answer = pair.at(side).configure_lanes(link.at(side), priorities, weights).expect("configure lanes");
    assert_eq!(answer, result::OK, "the {side:?} and {} lanes", priorities.len());
}

fn on(lane: u16, message: Outgoing) -> Outgoing {
    Outgoing { lane, ..message }
}

/// Sends two reliable and two unreliable messages on each lane; each has its number and arrives.
fn exchange(pair: &mut Pair, link: Link, side: Side, lanes: impl Iterator<Item = u16> + Clone) {
    let kinds = [reliable(40, 1), unreliable(50, 2), reliable(3_000, 3), unreliable(2_000, 4)];
    let mut expected = Vec::new();
    for (index, kind) in kinds.into_iter().enumerate() {
        for lane in lanes.clone() {
            let message = on(lane, Outgoing { seed: kind.seed + 10 * u64::from(lane), ..kind });
            assert_eq!(pair.send(side, link.at(side), message), index as i64 + 1, "numbers are counted per lane");
            expected.push(message);
        }
    }
    for _ in 0..expected.len() {
        let arrived = pair.next_message(side.other());
        let flags = kinds[usize::try_from(arrived.number - 1).expect("numbers start at 1")].flags;
        assert_eq!(arrived.flags & 8, flags & 8);
        let same = |sent: &Outgoing| sent.lane == arrived.lane && sent.len == arrived.len;
        let index = expected.iter().position(same).unwrap_or_else(|| panic!("nobody sent {arrived:?}"));
        assert_arrived(expected.swap_remove(index), &arrived);
    }
}

fn lanes_0_to_7_carry_both_kinds(pair: &mut Pair) {
    let link = pair.connect();
    for side in Side::BOTH {
        configure(pair, link, side, &[1; 8], &[1; 8]);
        exchange(pair, link, side, 0..8);
    }
}

/// Valve's library writes these lanes wrongly and reads them rightly, so only ours sends here.
fn lanes_above_7_arrive_from_ours(pair: &mut Pair) {
    let link = pair.connect();
    for side in Side::BOTH {
        if pair.at(side).valve().is_none() {
            configure(pair, link, side, &[1; 255], &[1; 255]);
            exchange(pair, link, side, [8, 9, 127, 128, 200, 254].into_iter());
        }
    }
}

fn lowest_priority_number_goes_first(pair: &mut Pair) {
    let link = pair.connect();
    for side in Side::BOTH {
        configure(pair, link, side, &[5, 1], &[1, 1]);
        pair.send(side, link.at(side), reliable(BULK, 1));
        let urgent = on(1, reliable(5_000, 2));
        pair.send(side, link.at(side), urgent);
        assert_arrived(urgent, &pair.next_message(side.other()));
        assert_arrived(reliable(BULK, 1), &pair.next_message(side.other()));
    }
}

fn weights_divide_equal_priorities(pair: &mut Pair) {
    let link = pair.connect();
    for side in Side::BOTH {
        configure(pair, link, side, &[1, 1], &[1, 4]);
        for seed in 0..100 {
            pair.send(side, link.at(side), reliable(1_000, seed));
            pair.send(side, link.at(side), on(1, reliable(1_000, seed)));
        }
        // While the heavy lane is busy it gets four fifths.
        let lanes: Vec<u16> = (0..200).map(|_| pair.next_message(side.other()).lane).collect();
        let heavy = lanes[10..110].iter().filter(|&&lane| lane == 1).count();
        assert!((75..=85).contains(&heavy), "{heavy} of 100 messages from the lane of weight 4 to 1");
    }
}

fn lanes_under_loss(pair: &mut Pair) {
    let link = pair.connect();
    for side in Side::BOTH {
        configure(pair, link, side, &[1, 1, 2, 3], &[1, 2, 3, 4]);
    }
    for id in FAKE_LOSS {
        pair.set_at_valve(&float(id, 10.0));
    }
    for side in Side::BOTH {
        for seed in 0..60 {
            for lane in 0..4 {
                pair.send(side, link.at(side), on(lane, reliable(200, seed)));
            }
        }
        let mut next = [0; 4];
        for _ in 0..240 {
            let arrived = pair.next_message(side.other());
            let seed = &mut next[usize::from(arrived.lane)];
            assert_arrived(on(arrived.lane, reliable(200, *seed)), &arrived);
            *seed += 1;
        }
    }
}

fn bad_lanes_are_refused(pair: &mut Pair) {
    let link = pair.connect();
    for side in Side::BOTH {
        configure(pair, link, side, &[1, 2, 3], &[1, 1, 1]);
        let (priorities, weights) = ([1; 256], [1; 256]);
        let bad: [(&[i32], &[u16]); 5] =
            [(&[], &[]), (&[1, 2], &[1, 1]), (&[1, 2, 3], &[1, 0, 1]), (&[1, 2, 3], &[1]), (&priorities, &weights)];
        for (priorities, weights) in bad {
            let answer = pair.at(side).configure_lanes(link.at(side), priorities, weights);
            assert_eq!(answer, Ok(result::INVALID_PARAM), "{} lanes", priorities.len());
        }
        let answer = pair.at(side).send(link.at(side), on(3, reliable(1, 1))).expect("send");
        assert_eq!(answer, -i64::from(result::INVALID_PARAM));
        assert_eq!(pair.send(side, link.at(side), on(2, reliable(9, 9))), 1);
        assert_arrived(on(2, reliable(9, 9)), &pair.next_message(side.other()));
        let unknown = pair.at(side).configure_lanes(0x1234_5678, &[1], &[1]);
        assert_eq!(unknown, Ok(result::NO_CONNECTION));
    }
    assert_eq!(pair.at(Side::Client).close(link.client, 0, "", false), Ok(result::OK));
    pair.wait_for_state(Side::Server, link.server, state::CLOSED_BY_PEER);
    let late = pair.at(Side::Server).configure_lanes(link.server, &[1; 4], &[1; 4]);
    assert_eq!(late, Ok(result::INVALID_STATE));
}

fn lanes_may_be_set_while_connecting_and_again(pair: &mut Pair) {
    let (_, address) = pair.listen(&[]);
    let link = pair.request(address, &[]);
    for side in Side::BOTH {
        configure(pair, link, side, &[1, 2], &[1, 1]);
        pair.send(side, link.at(side), on(1, reliable(10, 1)));
    }
    assert_eq!(pair.at(Side::Server).accept(link.server), Ok(result::OK));
    for side in Side::BOTH {
        assert_arrived(on(1, reliable(10, 1)), &pair.next_message(side));
    }
    // Not before both have arrived: what still waits would be overtaken.
    for side in Side::BOTH {
        configure(pair, link, side, &[3, 3, 1], &[9, 9, 9]);
        pair.send(side, link.at(side), on(2, reliable(10, 2)));
    }
    for side in Side::BOTH {
        assert_arrived(on(2, reliable(10, 2)), &pair.next_message(side));
    }
}

/// A receiver refuses a reliable message whose number is more than 10 000 above the highest it has seen on the lane. Ours
/// sees to it that this does not happen.
fn lost_unreliable_before_a_reliable_one(pair: &mut Pair) {
    const COUNT: u64 = 12_000;
    let options = [int32(RECV_BUFFER_MESSAGES, 100_000), int32(NAGLE_TIME, 0)];
    let link = pair.connect_with(&options, &options);
    for side in Side::BOTH {
        if pair.at(side).valve().is_some() {
            continue;
        }
        let [_, receive] = FAKE_LOSS;
        pair.set_at_valve(&float(receive, 100.0));
        for seed in 0..COUNT {
            pair.send(side, link.at(side), unreliable(4, seed));
        }
        pair.wait_for_status(side, link.at(side), crate::pair::PATIENCE, |status| status.pending_unreliable == 0);
        pair.pass(std::time::Duration::from_millis(20));
        pair.set_at_valve(&float(receive, 30.0));
        for seed in 0..20 {
            assert_eq!(pair.send(side, link.at(side), reliable(3_000, seed)), (COUNT + 1 + seed) as i64);
        }
        for seed in 0..20 {
            let arrived = pair.next_message(side.other());
            assert_eq!(arrived.number, (COUNT + 1 + seed) as i64);
            assert_arrived(reliable(3_000, seed), &arrived);
        }
    }
}
