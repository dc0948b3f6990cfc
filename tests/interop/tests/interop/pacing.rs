//! Nagle's timer and flushing.

use std::time::{Duration, Instant};

use gamesockets_interop::protocol::Outgoing;

use crate::Scenario;
use crate::pair::{Link, Pair, Side, assert_arrived, reliable, result, state};
use crate::peer::int32;

pub(crate) const SCENARIOS: &[(&str, Scenario)] = &[
    ("nagle_waits", nagle_waits),
    ("no_nagle_flushes_what_waits", no_nagle_flushes_what_waits),
    ("flush", flush),
    ("flush_results", flush_results),
    ("send_rate", send_rate),
];

/// `NagleTime`, us.
const NAGLE_TIME: i32 = 12;
/// The longest Nagle's timer can be set to.
const NAGLE: Duration = Duration::from_millis(20);
/// The send flags `Reliable | NoNagle`.
const RELIABLE_NO_NAGLE: i32 = 9;
/// Each timing is tried this often; the best counts, so that a busy machine does not matter.
const TRIES: u64 = 20;

/// A small message waits for others until the timer ends, but for the few that an acknowledgement takes along.
fn nagle_waits(pair: &mut Pair) {
    let link = connect_with_nagle(pair);
    for side in Side::BOTH {
        let mut times: Vec<_> = (0..TRIES).map(|seed| time_of(pair, side, link, reliable(100, seed))).collect();
        times.sort_unstable();
        let waited = times.iter().filter(|time| **time >= NAGLE - Duration::from_millis(1)).count();
        assert!(waited > times.len() / 2, "arrived at the {:?} after {times:?}", side.other());
    }
}

/// A message that does not wait takes those before it along.
fn no_nagle_flushes_what_waits(pair: &mut Pair) {
    let link = connect_with_nagle(pair);
    for side in Side::BOTH {
        let fastest = fastest_of(|seed| {
            let started = Instant::now();
            pair.send(side, link.at(side), reliable(100, seed));
            pair.send(side, link.at(side), Outgoing { flags: RELIABLE_NO_NAGLE, ..reliable(100, seed + 100) });
            assert_arrived(reliable(100, seed), &pair.next_message(side.other()));
            assert_arrived(reliable(100, seed + 100), &pair.next_message(side.other()));
            started.elapsed()
        });
        assert!(fastest < NAGLE / 2, "arrived after {fastest:?} at the {:?}", side.other());
    }
}

/// Flushing ends the wait.
fn flush(pair: &mut Pair) {
    let link = connect_with_nagle(pair);
    for side in Side::BOTH {
        let fastest = fastest_of(|seed| {
            let started = Instant::now();
            pair.send(side, link.at(side), reliable(100, seed));
            assert_eq!(pair.at(side).flush(link.at(side)).expect("flush"), result::OK);
            assert_arrived(reliable(100, seed), &pair.next_message(side.other()));
            started.elapsed()
        });
        assert!(fastest < NAGLE / 2, "arrived after {fastest:?} at the {:?}", side.other());
    }
}

/// What flushing answers in every state of a connection.
fn flush_results(pair: &mut Pair) {
    let (_, address) = pair.listen(&[]);
    let link = pair.request(address, &[]);
    for side in Side::BOTH {
        assert_eq!(pair.at(side).flush(link.at(side)).expect("flush"), result::IGNORED);
        assert_eq!(pair.at(side).flush(0).expect("flush"), result::INVALID_PARAM);
    }
    assert_eq!(pair.at(Side::Server).accept(link.server).expect("accept"), result::OK);
    pair.wait_for_state(Side::Client, link.client, state::CONNECTED);
    assert_eq!(pair.at(Side::Client).flush(link.client).expect("flush"), result::OK);
    assert_eq!(pair.at(Side::Server).close(link.server, 0, "", false).expect("close"), result::OK);
    assert_eq!(pair.at(Side::Server).flush(link.server).expect("flush"), result::INVALID_PARAM);
    pair.wait_for_state(Side::Client, link.client, state::CLOSED_BY_PEER);
    assert_eq!(pair.at(Side::Client).flush(link.client).expect("flush"), result::NO_CONNECTION);
}

/// Equal limits give a fixed rate, which both ends keep.
fn send_rate(pair: &mut Pair) {
    const RATE: i32 = 500_000;
    const LEN: usize = 400_000;
    let rates = [int32(10, RATE), int32(11, RATE)];
    let link = pair.connect_with(&rates, &rates);
    for side in Side::BOTH {
        let took = time_of(pair, side, link, reliable(LEN, 1)).as_secs_f64();
        // Headers come on top of the payload; the last packets may leave at once.
        let fastest = LEN as f64 / f64::from(RATE);
        assert!((fastest * 0.97..fastest * 2.0).contains(&took), "the {side:?} took {took} s, not about {fastest} s");
    }
}

fn connect_with_nagle(pair: &mut Pair) -> Link {
    let options = [int32(NAGLE_TIME, NAGLE.as_micros() as i32)];
    pair.connect_with(&options, &options)
}

/// The time between sending a message and taking it at the other end.
fn time_of(pair: &mut Pair, side: Side, link: Link, message: Outgoing) -> Duration {
    let started = Instant::now();
    pair.send(side, link.at(side), message);
    assert_arrived(message, &pair.next_message(side.other()));
    started.elapsed()
}

fn fastest_of(measure: impl FnMut(u64) -> Duration) -> Duration {
    (0..TRIES).map(measure).min().unwrap_or_default()
}
