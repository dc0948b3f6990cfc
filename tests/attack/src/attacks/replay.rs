//! A ConnectRequest that was captured, played from another address with that address's own challenge.

use std::time::Duration;

use gamesockets_proto::wire::ControlPacket;

use super::{Attack, Outcome, Terms, wait_until};
use crate::hand::Hand;
use crate::process::Victim;
use crate::server;

pub(super) const ATTACK: Attack = Attack {
    row: 3,
    name: "a captured ConnectRequest from another address",
    wanted: "never more than Connecting, and over within 3 s",
    run,
};

/// Three seconds, and what a loaded machine may add.
const OVER_WITHIN: Duration = Duration::from_secs(8);

fn run(_: Terms) -> Result<Outcome, String> {
    let mut victim = Victim::start(&server::Options::default())?;
    let mut alice = Hand::new([127, 0, 0, 2], 0, victim.address, 0x0303_0303, Some("alice")).map_err(text)?;
    let captured = alice.request()?.ok_or("no challenge for Alice")?;
    let mut thief = Hand::new([127, 0, 0, 3], 0, victim.address, 0x0303_0303, Some("thief")).map_err(text)?;
    let own = thief.request()?.ok_or("no challenge for the thief")?;
    let mut played = captured;
    (played.challenge, played.my_timestamp) = (own.challenge, own.my_timestamp);
    let mut datagram = Vec::new();
    ControlPacket::ConnectRequest(Box::new(played)).encode(&mut datagram);
    thief.send(&datagram)?;
    let noticed = wait_until(Duration::from_secs(5), || Ok(victim.events()?.connecting > 0))?;
    let over = wait_until(OVER_WITHIN, || Ok(victim.events()?.living == 0))?;
    let events = victim.events()?;
    let said = match (events.connected, over) {
        (0, true) => "never Connected, and over".to_owned(),
        (0, false) => format!("never Connected, but still there after {} s", OVER_WITHIN.as_secs()),
        _ => "Connected, as Alice".to_owned(),
    };
    Ok(Outcome {
        attacker: "2 datagrams".into(),
        server: said,
        honest: None,
        held: noticed && events.connected == 0 && over,
        in_time: true,
    })
}

pub(super) fn text(error: std::io::Error) -> String {
    error.to_string()
}
