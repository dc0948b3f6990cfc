//! Thousands of random conversations, each a function of its seed.
//!
//! When one fails, the message names its seed; `SIM_SEED=<seed> cargo test -p gamesockets-tests --test sim_conversations`
//! replays exactly that one, `SIM_SEEDS=<count>` runs more of them.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use gamesockets_tests::sim::conversation::{Outcome, Roughness, run};

/// Runs `count` seeds from `first` on, or only `SIM_SEED`.
fn seeds(first: u64, count: u64, roughness: Roughness) -> Vec<Outcome> {
    let number = |name: &str| std::env::var(name).ok().and_then(|v| v.parse::<u64>().ok());
    let range = match (number("SIM_SEED"), number("SIM_SEEDS")) {
        (Some(seed), _) => seed..seed + 1,
        (None, count_wanted) => first..first + count_wanted.unwrap_or(count),
    };
    range.map(|seed| run_one(seed, roughness)).collect()
}

fn run_one(seed: u64, roughness: Roughness) -> Outcome {
    catch_unwind(AssertUnwindSafe(|| run(seed, roughness))).unwrap_or_else(|panic| {
        eprintln!(
            "seed {seed} failed; replay: SIM_SEED={seed} cargo test -p gamesockets-tests --test sim_conversations"
        );
        resume_unwind(panic)
    })
}

#[test]
fn every_conversation_keeps_its_promises() {
    let outcomes = seeds(0, 6_000, Roughness { loss_max: 0.3, disasters: true });
    let messages: u64 = outcomes.iter().map(|o| o.messages).sum();
    let accepted: u32 = outcomes.iter().map(|o| o.accepted).sum();
    println!("{} conversations, {accepted} connections, {messages} messages", outcomes.len());
    // The sum shows that the scenarios are not empty: most connections come to be and carry traffic.
    assert!(outcomes.len() < 100 || (accepted as usize > outcomes.len() && messages > 10 * outcomes.len() as u64));
}

#[test]
fn calm_networks_lose_no_connection() {
    seeds(1_000_000, 2_000, Roughness { loss_max: 0.0, disasters: false });
}

#[test]
fn the_same_seed_is_the_same_run() {
    let roughness = Roughness { loss_max: 0.3, disasters: true };
    let (first, second) = (seeds(2_000_000, 200, roughness), seeds(2_000_000, 200, roughness));
    assert_eq!(first, second);
    let hashes: std::collections::BTreeSet<u64> = first.iter().map(|o| o.hash).collect();
    assert_eq!(hashes.len(), first.len(), "different seeds are different runs");
}
