//! The examples for C#: each is run as its README says, in as many processes as it has peers.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::build_project;
use crate::process::Background;
use crate::setup;
use crate::test::totals::Totals;
use crate::workspace::{TaskResult, root};

const LIMIT: Duration = Duration::from_secs(120);
const FOLDER: &str = "examples/csharp";

/// An example, and how it is tried.
type Trial = (&'static str, fn(&Path) -> TaskResult);

const TRIALS: [Trial; 4] =
    [("echo", echo_alone), ("echo", echo_in_two_processes), ("echo", echo_with_rust), ("chat", chat)];

/// Runs them all, also after one has failed.
pub(super) fn examples(totals: &mut Totals) -> TaskResult {
    let mut failures = Vec::new();
    for (name, run) in TRIALS {
        let result = build(name).and_then(|program| run(&program));
        println!("{} {name}", if result.is_ok() { "ok" } else { "FAILED" });
        totals.add(result.is_ok().into(), result.is_err().into());
        failures.extend(result.err().map(|error| format!("{name}: {error}")));
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

fn build(name: &str) -> Result<PathBuf, String> {
    let folder = root().join(FOLDER).join(name);
    build_project(&folder, &[])?;
    Ok(folder.join("bin/Debug/netcoreapp3.1").join(name).with_extension("dll"))
}

fn echo_alone(program: &Path) -> TaskResult {
    let lines = start(program, &["--count", "300"], "")?.finish(LIMIT)?;
    expect(&lines, "300 messages came back, 0 changed")
}

fn echo_in_two_processes(program: &Path) -> TaskResult {
    let mut server = start(program, &["server", "127.0.0.1:0"], "")?;
    let address = server.wait_for("listening on ", LIMIT)?;
    let lines = start(program, &["client", &address, "--count", "300"], "")?.finish(LIMIT)?;
    expect(&lines, "300 messages came back, 0 changed")?;
    server.wait_for("has left", LIMIT).map(drop)
}

/// The server in Rust.
fn echo_with_rust(program: &Path) -> TaskResult {
    let mut rust = Command::new("cargo");
    rust.current_dir(root()).args(["run", "--quiet", "--package", "gamesockets", "--example", "echo", "--"]);
    let mut server = Background::start(rust.args(["server", "--listen", "127.0.0.1:0"]), "")?;
    let line = server.wait_for("listening on ", LIMIT)?;
    let address = line.split(';').next().unwrap_or_default();
    let lines = start(program, &["client", address, "--count", "300"], "")?.finish(LIMIT)?;
    expect(&lines, "300 messages came back, 0 changed")
}

/// Two clients, at the server in C# and at the one in Rust.
fn chat(program: &Path) -> TaskResult {
    let mut server = start(program, &["server", "127.0.0.1:0", "--until", "2"], "")?;
    let address = server.wait_for("listening on ", LIMIT)?;
    talk(program, &address)?;
    expect(&server.finish(LIMIT)?, "* bob left")?;
    let mut rust = Command::new("cargo");
    rust.current_dir(root()).args(["run", "--quiet", "--package", "gamesockets", "--example", "chat", "--"]);
    let mut server = Background::start(rust.args(["server", "--listen", "127.0.0.1:0"]), "")?;
    let line = server.wait_for("listening on ", LIMIT)?;
    talk(program, line.split(';').next().unwrap_or_default())?;
    server.wait_for("* bob left", LIMIT).map(drop)
}

fn talk(program: &Path, address: &str) -> TaskResult {
    for (name, text) in [("alice", "hello"), ("bob", "good evening")] {
        let lines = start(program, &["client", address, "--name", name], &format!("{text}\n"))?.finish(LIMIT)?;
        expect(&lines, &format!("* {name} joined; 1 here"))?;
        expect(&lines, &format!("{name}: {text}"))?;
    }
    Ok(())
}

fn start(program: &Path, arguments: &[&str], input: &str) -> Result<Background, String> {
    Background::start(setup::dotnet()?.command().arg(program).args(arguments), input)
}

fn expect(lines: &[String], text: &str) -> TaskResult {
    if lines.iter().any(|line| line.contains(text)) {
        return Ok(());
    }
    Err(format!("\"{text}\" is missing in:\n{}", lines.join("\n")))
}
