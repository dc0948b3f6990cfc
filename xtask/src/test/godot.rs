//! The Godot addon, in a real headless Godot.

mod examples;
mod golden;
mod help;
mod peers;
mod settings;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use super::Step;
use super::totals::Totals;
use crate::godot::{ADDON, Project, SOURCE_PROJECT, install_addon, judge};
use crate::process::watch;
use crate::workspace::{TaskResult, files_below, root};
use crate::{bench, conformance, package, setup};

/// In this order.
pub(super) const STEPS: &[Step] = &[
    Step { name: "setup", run: |_| setup::godot().map(|path| println!("Godot: {}", path.display())) },
    Step { name: "signatures", run: golden::signatures },
    Step { name: "editor help", run: help::help },
    Step { name: "scripts", run: scripts },
    Step { name: "settings", run: settings::settings },
    Step { name: "cost", run: cost },
    Step { name: "peers", run: peers::peers },
    Step { name: "examples", run: examples::examples },
    Step { name: "package", run: packaged },
];

/// One script, with the peers it starts.
const SCRIPT_LIMIT: Duration = Duration::from_secs(300);

/// How many scripts run at once: most of them wait most of the time.
const SCRIPTS_AT_ONCE: usize = 2;

/// Runs every `tests/*_test.gd` of the addon's project, each in a Godot of its own.
fn scripts(totals: &mut Totals) -> TaskResult {
    let folder = root().join(SOURCE_PROJECT);
    install_addon(&folder, false)?;
    let conformance = conformance::json()?;
    let scripts = files_below(&folder.join("tests"))?.into_iter().filter(|path| path.ends_with("_test.gd"));
    let waiting = Mutex::new(scripts);
    let work = || -> Result<(Totals, Vec<String>), String> {
        let project = Project::open(&folder)?;
        let mut totals = Totals::default();
        let mut errors = Vec::new();
        // The lock is held for the taking only.
        let next = || waiting.lock().ok()?.next();
        while let Some(path) = next() {
            let mut command = project.headless();
            command.env(conformance::VARIABLE, &conformance);
            errors.extend(run_script(&mut command, &folder, &format!("tests/{path}"), &mut totals).err());
        }
        Ok((totals, errors))
    };
    let mut errors = Vec::new();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..SCRIPTS_AT_ONCE).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            let (part, failed) = worker.join().map_err(|_| "a worker has panicked")??;
            totals.merge(&part);
            errors.extend(failed);
        }
        Ok::<_, String>(())
    })?;
    if errors.is_empty() { Ok(()) } else { Err(errors.join("\n")) }
}

/// Receives a thousand messages by one call, a few times. The times of an unoptimised library are printed, not judged.
fn cost(totals: &mut Totals) -> TaskResult {
    let cost = bench::godot::measure(false, 20);
    totals.add(cost.is_ok().into(), cost.is_err().into());
    cost.map(|cost| println!("Without optimisation: {cost}"))
}

/// Unzips the package into an empty project, as a user does, and runs a test there.
fn packaged(totals: &mut Totals) -> TaskResult {
    let archive = package::godot::build(&package::godot::Args { debug: true, ..Default::default() })?;
    let folder = archive.with_extension("project");
    package::archive::unpack(&archive, &folder)?;
    let source = root().join(SOURCE_PROJECT);
    for file in ["project.godot", "tests/suite.gd", "tests/addon_test.gd"] {
        let target = folder.join(file);
        let made = fs::create_dir_all(target.parent().unwrap_or(&folder));
        made.and_then(|()| fs::copy(source.join(file), &target)).map_err(|error| format!("{file}: {error}"))?;
    }
    let project = Project::open(&folder)?;
    import(&project, &folder)?;
    run_script(&mut project.headless(), &folder, "tests/addon_test.gd", totals)
}

/// Lets Godot find the addon, as the editor does when it opens the project.
fn import(project: &Project, folder: &Path) -> TaskResult {
    // A headless editor that meets an extension for the first time may crash as it quits, after all its work: it writes
    // the extension's documentation too late (godotengine/godot#111048). The list it leaves behind says what was found.
    let first = watch(project.headless().arg("--import"), SCRIPT_LIMIT, |_| ());
    let list = fs::read_to_string(folder.join(".godot/extension_list.cfg")).unwrap_or_default();
    if !list.contains(&format!("res://{ADDON}/")) {
        return Err(format!("Godot does not find the addon: {first:?}; its list of extensions is {list:?}"));
    }
    watch(project.headless().arg("--import"), SCRIPT_LIMIT, |_| ())
}

fn run_script(command: &mut Command, folder: &Path, script: &str, totals: &mut Totals) -> TaskResult {
    let source = fs::read_to_string(folder.join(script)).map_err(|error| format!("{script}: {error}"))?;
    let outcome = judge(script, command.args(["--script", &format!("res://{script}")]), &source, SCRIPT_LIMIT);
    totals.add(outcome.passed, outcome.failed);
    let mut problems = outcome.problems;
    if outcome.failed > 0 {
        problems.insert(0, format!("{} tests failed", outcome.failed));
    }
    if problems.is_empty() { Ok(()) } else { Err(format!("{script}: {}", problems.join("\n    "))) }
}
