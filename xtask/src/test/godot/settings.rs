//! Who a process is, and whether its signals come by themselves: from the command line, the environment, the project.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::godot::{Project, install_addon};
use crate::process::watch;
use crate::test::totals::Totals;
use crate::workspace::TaskResult;

const LIMIT: Duration = Duration::from_secs(60);
const VARIABLE: &str = "GAMESOCKETS_IDENTITY";

/// Says who it is, and whether a signal comes without `run_callbacks`.
const SCRIPT: &str = "extends SceneTree


func _initialize() -> void:
	var heard := [false]
	Steam.network_connection_status_changed.connect(
		func(_handle: int, _info: Dictionary, _old: int) -> void: heard[0] = true)
	var listen := Steam.createListenSocketIP(\"127.0.0.1:0\")
	Steam.connectByIPAddress(Steam.getListenSocketAddress(listen))
	for _frame in 10:
		await process_frame
	print(\"identity: \", Steam.getIdentity())
	print(\"name: \", Steam.getPersonaName())
	print(\"app: \", Steam.getAppID())
	print(\"heard: \", heard[0])
	quit()
";

const PROJECT: &str = "config_version=5\n";
const PROJECT_WITH_SETTINGS: &str = "config_version=5\n\n[gamesockets]\n\nidentity=\"carol\"\npersona_name=\"Carol C.\"\n\
                                     app_id=480\nembed_callbacks=true\n";

/// Each way to say it, and which of two wins.
pub(super) fn settings(totals: &mut Totals) -> TaskResult {
    let folder = std::env::temp_dir().join(format!("gamesockets-settings-{}", std::process::id()));
    let result = install_addon(&folder, false).and_then(|()| every_way(&folder));
    // What is left behind lies among temporary files.
    let _ = fs::remove_dir_all(&folder);
    let problems: Vec<String> = result?;
    totals.add(problems.is_empty().into(), (!problems.is_empty()).into());
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

fn every_way(folder: &Path) -> Result<Vec<String>, String> {
    let mut problems = Vec::new();
    let mut expect = |what: &str, run: Result<Vec<String>, String>, words: &[&str]| match run {
        Ok(lines) => {
            let missing = words.iter().filter(|word| !lines.iter().any(|line| line == *word));
            problems.extend(missing.map(|word| format!("{what}: the output lacks \"{word}\"")));
        }
        Err(error) => problems.push(format!("{what}: {error}")),
    };
    write(folder, PROJECT)?;
    let first = run(folder, None, &[], &[])?;
    let second = run(folder, None, &[], &[])?;
    let identity = |lines: &[String]| lines.iter().find(|line| line.starts_with("identity: steamid:")).cloned();
    let (one, two) = (identity(&first), identity(&second));
    expect("without settings", Ok(first), &["heard: false", "app: 0"]);
    expect("variable", run(folder, Some("bob"), &[], &[]), &["identity: str:bob", "name: bob"]);
    expect(
        "argument",
        run(folder, Some("bob"), &["--gamesockets-identity=5"], &[]),
        &["identity: steamid:76561197960265733"],
    );
    expect(
        "argument behind --",
        run(folder, None, &[], &["--gamesockets-identity", "ip:10.0.0.1:7"]),
        &["identity: ip:10.0.0.1:7"],
    );
    write(folder, PROJECT_WITH_SETTINGS)?;
    let words = ["identity: str:carol", "name: Carol C.", "app: 480", "heard: true"];
    expect("project", run(folder, None, &[], &[]), &words);
    expect("variable and project", run(folder, Some("bob"), &[], &[]), &["identity: str:bob"]);
    if one.is_none() || one == two {
        problems.push(format!("two runs should be two accounts: {one:?} and {two:?}"));
    }
    Ok(problems)
}

fn write(folder: &Path, project: &str) -> TaskResult {
    for (name, text) in [("project.godot", project), ("settings.gd", SCRIPT)] {
        fs::write(folder.join(name), text).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

/// What the script prints.
fn run(folder: &Path, variable: Option<&str>, engine: &[&str], user: &[&str]) -> Result<Vec<String>, String> {
    let project = Project::open(folder)?;
    let mut command = project.headless();
    command.env_remove(VARIABLE).args(["--script", "res://settings.gd"]).args(engine).arg("--").args(user);
    command.envs(variable.map(|value| (VARIABLE, value)));
    let mut lines = Vec::new();
    watch(&mut command, LIMIT, |line| lines.push(line.to_owned()))?;
    Ok(lines)
}
