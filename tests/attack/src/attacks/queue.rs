//! Messages of two lanes that overtake each other, one byte each, and a server that does not read them.

use gamesockets_proto::wire::frame::encode::{self, NumberEncoding, SizeEncoding};

use super::{Attack, Flood, Outcome, Scene, Terms, is_served};
use crate::hand::Hand;
use crate::server;

pub(super) const ATTACK: Attack = Attack {
    row: 9,
    name: "messages that overtake each other and are not read",
    wanted: "a datagram costs at most 20 us; what is kept stays within RecvBufferSize",
    run,
};

const RATE: u32 = 500;
const COST_MAX_US: f64 = 20.0;
const KEPT_MAX: i64 = (1 << 20) + (1 << 19) + (256 << 10);

fn run(terms: Terms) -> Result<Outcome, String> {
    let us = Some("127.0.0.2".to_owned());
    let reads = server::Options { mute_to: us.clone(), ..server::Options::default() };
    let mut scene = Scene::new(terms, &reads)?;
    let read = overtake(terms, &mut scene)?;
    let mut scene = Scene::new(terms, &server::Options { deaf_to: us, ..server::Options::default() })?;
    let before = scene.victim.heap()?;
    let unread = overtake(terms, &mut scene)?;
    let kept = scene.victim.heap()? - before;
    let cost_us = read.cost_us.max(unread.cost_us);
    Ok(Outcome {
        attacker: format!("{:.0} datagrams/s", read.per_second),
        server: format!("{cost_us:.1} us a datagram, {:.2} MB kept", kept as f64 / 1e6),
        honest: Some((scene.quiet, read.meanwhile)),
        held: kept <= KEPT_MAX && is_served(read.meanwhile) && is_served(unread.meanwhile),
        in_time: cost_us <= COST_MAX_US,
    })
}

fn overtake(terms: Terms, scene: &mut Scene) -> Result<Flood, String> {
    let mut hand = Hand::connected([127, 0, 0, 2], scene.victim.address, 0x0909_0909)?;
    scene.flood(terms, RATE, |count| {
        let mut frames = Vec::with_capacity(1_200);
        let newest = 2_000_000_000 - count as u32 * 200;
        while frames.len() < 1_150 {
            // The higher number first: each that follows has been overtaken.
            let number = newest - frames.len() as u32 / 8;
            let lane = (frames.len() / 8 % 2) as u16;
            encode::select_lane(&mut frames, lane);
            encode::unreliable(&mut frames, NumberEncoding::Absolute32(number), 0, true, SizeEncoding::Explicit, b"x");
        }
        hand.say(&frames)
    })
}
