//! `cargo xtask test`: everything that has to hold, from a bare machine on.
//!
//! One module per group, which lists its steps; a group is the Rust side or a binding. Each step fetches what it needs
//! (`setup`), and adds what its test programs report to the totals.

mod csharp;
mod godot;
mod python;
mod rust;
mod totals;

use std::time::Instant;

use clap::builder::PossibleValuesParser;

use crate::workspace::TaskResult;
use totals::Totals;

/// Set up, check style and documentation, run every test and every interop scenario.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only these groups; all of them by default.
    #[arg(value_parser = PossibleValuesParser::new(GROUPS.iter().map(|group| group.name)))]
    groups: Vec<String>,
    /// Only the steps whose name contains this.
    #[arg(long)]
    step: Option<String>,
    /// Name the groups and their steps, and run nothing.
    #[arg(long)]
    list: bool,
}

/// Steps that belong together.
struct Group {
    name: &'static str,
    steps: &'static [Step],
}

/// Something that has to hold.
struct Step {
    name: &'static str,
    run: fn(&mut Totals) -> TaskResult,
}

/// All of them, in the order in which they run.
const GROUPS: &[Group] = &[
    Group { name: "rust", steps: rust::STEPS },
    Group { name: "godot", steps: godot::STEPS },
    Group { name: "python", steps: python::STEPS },
    Group { name: "csharp", steps: csharp::STEPS },
];

/// Runs every step, also after one has failed, and ends with the totals.
pub(crate) fn run(args: &Args) -> TaskResult {
    let wanted_group = |group: &&Group| args.groups.is_empty() || args.groups.iter().any(|name| name == group.name);
    let wanted_step = |step: &&Step| args.step.as_deref().is_none_or(|part| step.name.contains(part));
    let groups = GROUPS.iter().filter(wanted_group);
    let steps: Vec<(&Group, &Step)> =
        groups.flat_map(|group| group.steps.iter().filter(wanted_step).map(move |step| (group, step))).collect();
    if steps.is_empty() {
        return Err("there is no such step; `cargo xtask test --list` names them".to_owned());
    }
    if args.list {
        steps.iter().for_each(|(group, step)| println!("{}: {}", group.name, step.name));
        return Ok(());
    }
    let started = Instant::now();
    let mut totals = Totals::default();
    let results = steps.iter().filter_map(|(group, step)| run_step(group, step, &mut totals).err());
    let failures: Vec<String> = results.collect();
    println!("\nFinished after {} s", started.elapsed().as_secs());
    println!("{totals}");
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// One step, with its name before and its time after it.
fn run_step(group: &Group, step: &Step, totals: &mut Totals) -> TaskResult {
    let name = format!("{}: {}", group.name, step.name);
    println!("\n==> {name}");
    let started = Instant::now();
    let failed_before = totals.failed();
    let result = (step.run)(totals).and_then(|()| match totals.failed() - failed_before {
        0 => Ok(()),
        count => Err(format!("{count} tests failed")),
    });
    let answer = if result.is_ok() { "ok" } else { "FAILED" };
    println!("<== {name}: {answer} in {:.1} s", started.elapsed().as_secs_f64());
    result.map_err(|error| format!("{name} failed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_steps_have_names_of_their_own() {
        for (index, group) in GROUPS.iter().enumerate() {
            assert!(GROUPS[..index].iter().all(|earlier| earlier.name != group.name), "{}", group.name);
            for (index, step) in group.steps.iter().enumerate() {
                assert!(group.steps[..index].iter().all(|earlier| earlier.name != step.name), "{}", step.name);
            }
        }
    }
}
