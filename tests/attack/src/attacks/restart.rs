//! A client that was killed comes back from the same address and port.

use std::time::{Duration, Instant};

use super::replay::text;
use super::{Attack, Outcome, Terms, wait_until};
use crate::hand::Hand;
use crate::process::Victim;
use crate::server;

pub(super) const ATTACK: Attack =
    Attack { row: 18, name: "a killed client comes back from its port", wanted: "let in at once", run };

fn run(_: Terms) -> Result<Outcome, String> {
    let mut victim = Victim::start(&server::Options::default())?;
    let first = Hand::connected([127, 0, 0, 2], victim.address, 0x1212_0001)?;
    let port = first.port();
    let up = wait_until(Duration::from_secs(5), || Ok(victim.events()?.connected == 1))?;
    // As kill -9 does it: nothing is said.
    drop(first);
    let began = Instant::now();
    let mut second = Hand::new([127, 0, 0, 2], port, victim.address, 0x1212_0002, None).map_err(text)?;
    let back = second.connect().is_ok();
    let took = began.elapsed();
    let known = wait_until(Duration::from_secs(5), || Ok(victim.events()?.connected == 2))?;
    Ok(Outcome {
        attacker: "-".into(),
        server: if back { format!("back after {} ms", took.as_millis()) } else { "not let in for 5 s".into() },
        honest: None,
        held: up && back && known,
        in_time: took < Duration::from_secs(1),
    })
}
