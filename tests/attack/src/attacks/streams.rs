//! Reliable messages on all lanes, begun and never finished.

use std::time::Duration;

use gamesockets_proto::wire::frame::encode::{self, PositionEncoding, SizeEncoding};
use gamesockets_proto::wire::frame::stream::encode_message_header;

use super::{Attack, Outcome, Scene, Terms, is_served};
use crate::hand::Hand;
use crate::server;

pub(super) const ATTACK: Attack = Attack {
    row: 2,
    name: "unfinished reliable messages on 256 lanes",
    wanted: "at most RecvBufferSize (1 MiB) and one message (512 KiB) are kept",
    run,
};

const LANES: u32 = 256;
const MESSAGE: u32 = 524_288;
const PART: usize = 1_150;
/// What may be kept, and what the bookkeeping of 256 lanes takes.
const KEPT_MAX: i64 = (1 << 20) + (1 << 19) + (256 << 10);

fn run(terms: Terms) -> Result<Outcome, String> {
    let mut scene = Scene::new(terms, &server::Options::default())?;
    let mut hand = Hand::connected([127, 0, 0, 2], scene.victim.address, 0x0202_0202)?;
    let before = scene.victim.heap()?;
    let mut most = before;
    // All of the message but its end, on each lane in turn.
    let parts = u64::from(MESSAGE) / PART as u64 - 1;
    let total = if terms.outcomes { 12_000 } else { u64::from(LANES) * parts };
    for index in 0..total {
        let (lane, part) = (index % u64::from(LANES), index / u64::from(LANES));
        let mut frames = Vec::with_capacity(1_200);
        encode::select_lane(&mut frames, lane as u16);
        let mut header = Vec::new();
        encode_message_header(&mut header, 1, MESSAGE);
        let position = 1 + if part == 0 { 0 } else { header.len() as u64 + part * PART as u64 };
        let data_len = PART + if part == 0 { header.len() } else { 0 };
        encode::reliable_header(&mut frames, PositionEncoding::Absolute48(position), SizeEncoding::ToEnd, data_len);
        if part == 0 {
            frames.extend(&header);
        }
        frames.resize(frames.len() + PART, 0);
        hand.say(&frames)?;
        if index % 64 == 0 {
            // Not faster than the server reads: nothing is to be lost.
            std::thread::sleep(Duration::from_micros(700));
        }
        if index % 4_096 == 0 {
            most = most.max(scene.victim.heap()?);
        }
    }
    most = most.max(scene.victim.heap()?);
    let meanwhile = scene.honest.report()?;
    let kept = most - before;
    Ok(Outcome {
        attacker: format!("{:.0} MB sent", hand.sent.1 as f64 / 1e6),
        server: format!("{:.2} MB kept", kept as f64 / 1e6),
        honest: Some((scene.quiet, meanwhile)),
        held: kept <= KEPT_MAX && is_served(meanwhile),
        in_time: true,
    })
}
