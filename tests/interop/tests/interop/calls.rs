//! The API compared call by call: the same calls on both libraries, the same answers and the same events.
//!
//! Each [`Row`] is one call in a situation, good or bad. It is made on Valve's library in its process and on ours in this
//! one, and what followed is written down in words that name handles by their roles. The two texts have to be equal. Where
//! we differ on purpose, the row states both texts and the reason, and the difference has to be exactly that.

mod stage;
mod words;
mod ours;
mod listening;
mod connecting;
mod closing;
mod sending;
mod receiving;
mod inquiries;
mod configuration;
mod lanes;
mod pairs;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gamesockets_interop::valve::{Installation, ValvePeer};
use libtest_mimic::{Failed, Trial};

use self::ours::Ours;
use self::stage::{Library, Stage};

/// The topics; each is a trial with a library of its own on either side.
const TABLE: &[(&str, &[Row])] = &[
    ("listening", listening::ROWS),
    ("connecting", connecting::ROWS),
    ("closing", closing::ROWS),
    ("sending", sending::ROWS),
    ("receiving", receiving::ROWS),
    ("inquiries", inquiries::ROWS),
    ("configuration", configuration::ROWS),
    ("lanes", lanes::ROWS),
    ("pairs", pairs::ROWS),
];

/// Who both libraries say they are.
const IDENTITY: &str = "str:table";

/// One call in one situation.
struct Row {
    name: &'static str,
    /// Makes the situation and the call; answers what followed, in words.
    script: fn(&mut Stage<'_>) -> String,
    difference: Option<Difference>,
}

/// What we do otherwise, on purpose.
struct Difference {
    valve: &'static str,
    ours: &'static str,
    reason: &'static str,
}

const fn row(name: &'static str, script: fn(&mut Stage<'_>) -> String) -> Row {
    Row { name, script, difference: None }
}

impl Row {
    /// States what Valve's library and ours answer, and why ours differs.
    const fn differs(self, valve: &'static str, ours: &'static str, reason: &'static str) -> Self {
        Self { difference: Some(Difference { valve, ours, reason }), ..self }
    }

    /// Why the row fails, if it does.
    fn judge(&self, valve: &str, ours: &str) -> Option<String> {
        let name = self.name;
        let Some(Difference { valve: stated_valve, ours: stated_ours, reason }) = &self.difference else {
            return (valve != ours).then(|| format!("{name}:\n    Valve's: {valve}\n    ours:    {ours}"));
        };
        let as_stated = valve == *stated_valve && ours == *stated_ours;
        (!as_stated).then(|| {
            format!(
                "{name} ({reason}):\n    Valve's: {valve}\n    stated:  {stated_valve}\n    ours:    {ours}\n    stated:  \
                 {stated_ours}"
            )
        })
    }
}

/// How many calls were compared, and how many of these differ on purpose.
#[derive(Default)]
pub(crate) struct Count {
    compared: AtomicUsize,
    different: AtomicUsize,
}

impl Count {
    pub(crate) fn report(&self) -> String {
        let (compared, different) = (self.compared.load(Ordering::Relaxed), self.different.load(Ordering::Relaxed));
        format!("{compared} calls compared with Valve's library, {different} deliberate differences")
    }
}

/// A trial for each topic.
pub(crate) fn trials(installation: &Installation, count: &Arc<Count>) -> Vec<Trial> {
    let trial = |&(topic, rows): &(&'static str, &'static [Row])| {
        let (installation, count) = (installation.clone(), Arc::clone(count));
        Trial::test(format!("calls::{topic}"), move || compare(rows, &installation, &count))
    };
    TABLE.iter().map(trial).collect()
}

fn compare(rows: &[Row], installation: &Installation, count: &Count) -> Result<(), Failed> {
    let program = Path::new(env!("CARGO_BIN_EXE_valve-peer"));
    let mut valve = ValvePeer::start(installation, program, IDENTITY)?;
    valve.receive(gamesockets_interop::protocol::Receive::Leave)?;
    let mut ours = Ours::start(IDENTITY)?;
    let mut failures = Vec::new();
    for row in rows {
        let [at_valve, at_ours] = [run(row, &mut valve), run(row, &mut ours)];
        match row.judge(&at_valve, &at_ours) {
            Some(failure) => failures.push(failure),
            None => {
                count.compared.fetch_add(1, Ordering::Relaxed);
                count.different.fetch_add(row.difference.is_some().into(), Ordering::Relaxed);
            }
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(format!("{}\n{}", failures.join("\n"), valve.log()).into()) }
}

fn run(row: &Row, library: &mut dyn Library) -> String {
    let mut stage = Stage::new(library);
    let outcome = catch_unwind(AssertUnwindSafe(|| (row.script)(&mut stage)));
    stage.clear();
    outcome.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        format!("panicked: {}", text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("?"))
    })
}
