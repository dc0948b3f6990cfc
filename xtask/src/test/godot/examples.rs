//! The examples for Godot: each is run as its README says, in as many processes as it has peers.

use std::fs;
use std::process::Command;
use std::time::Duration;

use crate::godot::{Project, install_addon, is_error};
use crate::process::Background;
use crate::test::totals::Totals;
use crate::workspace::{TaskResult, root};

const LIMIT: Duration = Duration::from_secs(120);
/// A picture of an empty window is smaller, bytes.
const PICTURE_SIZE_MIN: u64 = 15_000;

/// An example, and how it is tried.
type Trial = (&'static str, fn(&Project) -> TaskResult);

const TRIALS: [Trial; 4] = [("echo", echo_alone), ("echo", echo_in_two_processes), ("chat", chat), ("arena", arena)];

/// Runs them all, also after one has failed.
pub(super) fn examples(totals: &mut Totals) -> TaskResult {
    let mut failures = Vec::new();
    for (name, run) in TRIALS {
        let folder = root().join("examples/godot").join(name);
        let result = install_addon(&folder, false).and_then(|()| run(&Project::open(&folder)?));
        println!("{} {name}", if result.is_ok() { "ok" } else { "FAILED" });
        totals.add(result.is_ok().into(), result.is_err().into());
        failures.extend(result.err());
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

fn echo_alone(project: &Project) -> TaskResult {
    let lines = finish(start(project, &["--count", "300"])?)?;
    expect(&lines, "300 messages came back, 0 changed")
}

fn echo_in_two_processes(project: &Project) -> TaskResult {
    let mut server = start(project, &["--server", "127.0.0.1:0"])?;
    let address = server.wait_for("listening at ", LIMIT)?;
    let lines = finish(start(project, &["--client", &address, "--count", "300"])?)?;
    expect(&lines, "300 messages came back, 0 changed")?;
    server.wait_for(" left", LIMIT).map(drop)
}

/// Two clients in Godot, and the one in Rust.
fn chat(project: &Project) -> TaskResult {
    let mut server = start(project, &["--server", "127.0.0.1:0", "--until", "3"])?;
    let address = server.wait_for("listening at ", LIMIT)?;
    for (name, text) in [("alice", "hello"), ("bob", "good evening")] {
        let lines = finish(start(project, &["--join", &address, "--name", name, "--say", text])?)?;
        expect(&lines, &format!("* {name} joined; 1 here"))?;
        expect(&lines, &format!("{name}: {text}"))?;
    }
    let mut rust = Command::new("cargo");
    rust.current_dir(root()).args(["run", "--quiet", "--package", "gamesockets", "--example", "chat", "--"]);
    rust.args(["client", "--connect", &address, "--name", "carol"]);
    finish(Background::start(&mut rust, "greetings from Rust\n")?)?;
    let lines = finish(server)?;
    expect(&lines, "carol: greetings from Rust")?;
    expect(&lines, "* carol left")
}

/// A host and two clients without a window, and one whose picture is taken.
fn arena(project: &Project) -> TaskResult {
    let mut host = start(project, &["--host", "0", "--name", "host", "--bot"])?;
    let address = host.wait_for("listening at ", LIMIT)?;
    let join = |name: &'static str| ["--join", &address, "--name", name, "--bot"];
    // Like the host, they stay until they are ended: the last one sees all.
    let _clients = [start(project, &join("one"))?, start(project, &join("two"))?];
    let picture = std::env::temp_dir().join(format!("gamesockets-arena-{}.png", std::process::id()));
    let mut drawn = project.drawn()?;
    drawn
        .arg("--")
        .args(join("drawn"))
        .args(["--monitor", "--players", "4", "--seconds", "2", "--picture"])
        .arg(&picture);
    let lines = finish(Background::start(&mut drawn, "")?)?;
    let size = fs::metadata(&picture).map_or(0, |data| data.len());
    // Nothing is left in the way of the next run.
    let _ = fs::remove_file(&picture);
    expect(&lines, "picture saved")?;
    expect(&lines, "4 players: drawn ")?;
    if size < PICTURE_SIZE_MIN {
        return Err(format!("the picture of the arena has {size} bytes: it is empty"));
    }
    Ok(())
}

fn start(project: &Project, arguments: &[&str]) -> Result<Background, String> {
    Background::start(project.headless().arg("--").args(arguments), "")
}

/// Its output, if it ended well and without errors.
fn finish(program: Background) -> Result<Vec<String>, String> {
    let lines = program.finish(LIMIT)?;
    match lines.iter().find(|line| is_error(line)) {
        Some(error) => Err(format!("{error}\n{}", lines.join("\n"))),
        None => Ok(lines),
    }
}

fn expect(lines: &[String], text: &str) -> TaskResult {
    if lines.iter().any(|line| line.contains(text)) {
        return Ok(());
    }
    Err(format!("\"{text}\" is missing in:\n{}", lines.join("\n")))
}
