//! One address that takes every place there is.

use std::time::{Duration, Instant};

use super::{Attack, Outcome, Scene, Terms, is_served};
use crate::hand::Hand;
use crate::server;

pub(super) const ATTACK: Attack =
    Attack { row: 6, name: "one address takes every place", wanted: "an honest newcomer gets in meanwhile", run };

/// More than there are places.
const CONNECTIONS: u32 = 17_000;
const THREADS: u32 = 4;

fn run(terms: Terms) -> Result<Outcome, String> {
    let mut scene = Scene::new(terms, &server::Options::default())?;
    let wanted = if terms.outcomes { 600 } else { CONNECTIONS };
    let began = Instant::now();
    let limit = Duration::from_secs(if terms.outcomes { 20 } else { 60 });
    let server = scene.victim.address;
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            std::thread::spawn(move || {
                let (mut hands, mut refused) = (Vec::new(), 0);
                while (hands.len() as u32) < wanted / THREADS && refused < 2 && began.elapsed() < limit {
                    let id = 0x0600_0001 + thread * 0x10_0000 + hands.len() as u32;
                    match Hand::connected([127, 0, 0, 2], server, id) {
                        Ok(hand) => hands.push(hand),
                        Err(_) => refused += 1,
                    }
                }
                hands
            })
        })
        .collect();
    let hands: Vec<Hand> = threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect();
    let took = began.elapsed().as_secs_f64();
    scene.honest.report()?;
    std::thread::sleep(Duration::from_secs(if terms.outcomes { 2 } else { 4 }));
    let meanwhile = scene.honest.report()?;
    Ok(Outcome {
        attacker: format!("{} connections in {:.0} s", hands.len(), took),
        server: format!("{} newcomers let in afterwards", meanwhile.arrivals),
        honest: Some((scene.quiet, meanwhile)),
        held: is_served(meanwhile),
        in_time: true,
    })
}
