//! An address that asked once and then says nothing: what it is sent until it has proven itself.

use std::time::{Duration, Instant};

use gamesockets_proto::wire::ControlPacket;

use super::replay::text;
use super::{Attack, Outcome, Terms};
use crate::hand::Hand;
use crate::process::Victim;
use crate::server;

pub(super) const ATTACK: Attack = Attack {
    row: 11,
    name: "an address that does not prove itself",
    wanted: "at most 3 bytes sent for one received, repeats and all",
    run,
};

const FACTOR_MAX: f64 = 3.0;

fn run(terms: Terms) -> Result<Outcome, String> {
    let mut worst: f64 = 0.0;
    let mut told = Vec::new();
    let silence = if terms.outcomes { Duration::from_secs(4) } else { Duration::from_secs(14) };
    for greeting in [0, 400_000] {
        let victim = Victim::start(&server::Options { greeting, ..server::Options::default() })?;
        let mut hand = Hand::new([127, 0, 0, 2], 0, victim.address, 0x0b0b_0b0b, None).map_err(text)?;
        let request = hand.request()?.ok_or("no challenge")?;
        let mut datagram = Vec::new();
        ControlPacket::ConnectRequest(Box::new(request)).encode(&mut datagram);
        hand.send(&datagram)?;
        hand.listen_until(Instant::now() + silence);
        let factor = hand.received as f64 / hand.sent.1 as f64;
        told.push(format!("{factor:.1}x"));
        worst = worst.max(factor);
    }
    Ok(Outcome {
        attacker: "2 datagrams".into(),
        server: format!("{} as much sent; {} where the application has much to say", told[0], told[1]),
        honest: None,
        held: worst <= FACTOR_MAX,
        in_time: true,
    })
}
