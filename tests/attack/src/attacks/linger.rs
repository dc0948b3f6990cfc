//! A peer that never acknowledges what a closed connection still delivers.

use std::time::Duration;

use super::{Attack, Outcome, Terms, wait_until};
use crate::hand::Hand;
use crate::process::Victim;
use crate::server;

pub(super) const ATTACK: Attack = Attack {
    row: 7,
    name: "never acknowledging what lingers",
    wanted: "the linger ends after LingerTime (here 1 s)",
    run,
};

/// What is never acknowledged, bytes: far more than the connection costs otherwise.
const GREETING: i64 = 400_000;

fn run(_: Terms) -> Result<Outcome, String> {
    let options = server::Options {
        greeting: GREETING as usize,
        linger: true,
        linger_time: Some(1_000),
        ..server::Options::default()
    };
    let mut victim = Victim::start(&options)?;
    let empty = victim.heap()?;
    let mut hand = Hand::connected([127, 0, 0, 2], victim.address, 0x0707_0707)?;
    let full = wait_until(Duration::from_secs(5), || Ok(victim.heap()? - empty > GREETING))?;
    // It goes on to be heard, so that it is not taken for dead.
    let over = wait_until(Duration::from_secs(20), || {
        hand.say(&[])?;
        Ok(victim.heap()? - empty < GREETING / 2)
    })?;
    Ok(Outcome {
        attacker: format!("{} datagrams", hand.sent.0),
        server: if over { "the linger ended".into() } else { "it lingers on".into() },
        honest: None,
        held: full && over,
        in_time: true,
    })
}
