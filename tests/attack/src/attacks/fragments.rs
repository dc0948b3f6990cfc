//! Pieces of many unreliable messages, the newest first, and never a whole one.

use gamesockets_proto::wire::frame::encode::{self, NumberEncoding, SizeEncoding};

use super::{Attack, Outcome, Scene, Terms, is_served};
use crate::hand::Hand;
use crate::server;

pub(super) const ATTACK: Attack = Attack {
    row: 1,
    name: "pieces of many unreliable messages, out of order",
    wanted: "a datagram costs at most 20 us, honest p50 unmoved",
    run,
};

/// Datagrams a second.
const RATE: u32 = 500;
/// What a datagram may cost besides the look into the socket, microseconds.
const COST_MAX_US: f64 = 20.0;

fn run(terms: Terms) -> Result<Outcome, String> {
    let mut scene = Scene::new(terms, &server::Options::default())?;
    let mut hand = Hand::connected([127, 0, 0, 2], scene.victim.address, 0x0101_0101)?;
    let flood = scene.flood(terms, RATE, |count| {
        // Each datagram is about older messages than the one before.
        let mut number = NumberEncoding::Absolute32(2_000_000_000 - count as u32 * 1_000);
        let mut frames = Vec::with_capacity(1_200);
        while frames.len() < 1_190 {
            encode::unreliable(&mut frames, number, 1, false, SizeEncoding::Explicit, b"x");
            number = NumberEncoding::Relative(1);
        }
        hand.say(&frames)
    })?;
    let held = is_served(flood.meanwhile);
    let moved = flood.meanwhile.p50_us > 2 * scene.quiet.p50_us + 500;
    Ok(Outcome {
        attacker: format!("{:.0} datagrams/s", flood.per_second),
        server: format!("{:.1} us a datagram", flood.cost_us),
        honest: Some((scene.quiet, flood.meanwhile)),
        held,
        in_time: flood.cost_us <= COST_MAX_US && !moved,
    })
}
