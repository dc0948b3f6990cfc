//! Every scenario in both roles: Valve's library as the server and gamesockets as the client, and the other way round.
//!
//! A third pairing, Valve's library with itself, is the control: it proves that what a scenario expects is what Valve's
//! library does. Only the other two are counted as interop scenarios.
//!
//! Without Valve's library nothing here can run. Then this program says so and succeeds, unless `GAMESOCKETS_INTEROP` is
//! `required` (`cargo xtask test` sets that).
#![forbid(unsafe_code)]

mod pair;
mod peer;
mod ours;
mod relay;
mod handshake;
mod authentication;
mod messages;
mod lanes;
mod pacing;
mod statistics;
mod closing;
mod calls;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gamesockets_interop::valve::Installation;
use libtest_mimic::{Arguments, Failed, Trial};

use crate::pair::{Pair, Pairing};

/// A conversation between a server and a client; it panics when something is not as it has to be.
type Scenario = fn(&mut Pair);

/// Scenarios mostly wait, so many fit on few processors.
const THREADS: usize = 8;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(THREADS);
    let installation = match Installation::find() {
        Ok(installation) => installation,
        Err(reason) if std::env::var("GAMESOCKETS_INTEROP").is_ok_and(|value| value == "required") => {
            eprintln!("{reason}");
            return ExitCode::FAILURE;
        }
        Err(reason) => {
            println!("interop scenarios NOT run: {reason}");
            return ExitCode::SUCCESS;
        }
    };
    let passed = Arc::new(AtomicUsize::new(0));
    let mut trials = Vec::new();
    for (name, scenario) in scenarios() {
        for pairing in Pairing::ALL {
            let (installation, passed) = (installation.clone(), Arc::clone(&passed));
            trials.push(Trial::test(format!("{name}::{}", pairing.name()), move || {
                run(scenario, pairing, &installation)?;
                passed.fetch_add(usize::from(pairing.is_interop()), Ordering::Relaxed);
                Ok(())
            }));
        }
    }
    let count = Arc::new(calls::Count::default());
    trials.extend(calls::trials(&installation, &count));
    let listing = arguments.list;
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !listing {
        println!("{} interop scenarios passed against Valve's library", passed.load(Ordering::Relaxed));
        println!("{}", count.report());
    }
    conclusion.exit_code()
}

/// All scenarios of this program.
fn scenarios() -> Vec<(String, Scenario)> {
    let groups = [
        ("handshake", handshake::SCENARIOS),
        ("authentication", authentication::SCENARIOS),
        ("messages", messages::SCENARIOS),
        ("lanes", lanes::SCENARIOS),
        ("pacing", pacing::SCENARIOS),
        ("statistics", statistics::SCENARIOS),
        ("closing", closing::SCENARIOS),
    ];
    let named =
        |group: &'static str| move |&(name, scenario): &(&str, Scenario)| (format!("{group}::{name}"), scenario);
    groups.into_iter().flat_map(|(group, scenarios)| scenarios.iter().map(named(group))).collect()
}

fn run(scenario: Scenario, pairing: Pairing, installation: &Installation) -> Result<(), Failed> {
    let mut pair = Pair::new(pairing, installation)?;
    let outcome = catch_unwind(AssertUnwindSafe(|| scenario(&mut pair)));
    outcome.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("panicked");
        Failed::from(format!("{text}\n{}", pair.log()))
    })
}
