//! `cargo xtask attack`: attacks a server in another process and writes the table; what no flood can show, tests do.

use std::process::{Command, Stdio};

use crate::workspace::{TaskResult, root};

const PAGE: &str = "docs/ATTACKS.md";
const HEAD: &str = "\
# Attacks

Made by `cargo xtask attack --write`: each attack against a server in another process, on the loopback, with honest clients
beside it that send and echo small messages fifty times a second and connect anew again and again. [SECURITY.md](SECURITY.md)
says what is promised to whom. Times are of a machine with two cores; processor time is the server's own, what the honest
clients cost it left out.

";

/// Attack a server with honest clients beside it, in two or three minutes; print what it costs whom.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only these attacks, by number.
    #[arg(long, value_delimiter = ',')]
    only: Vec<u8>,
    /// How long each flood lasts, seconds.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Judge by what happened alone, never by times; an unoptimised build will do.
    #[arg(long)]
    outcomes: bool,
    /// Write docs/ATTACKS.md.
    #[arg(long)]
    write: bool,
}

/// What a test shows better than a flood: (number, what, package, what selects its tests).
const TESTED: &[(u8, &str, &str, &[&str])] = &[
    (8, "a clock that is set while it runs", "gamesockets", &["--lib", "a_certificate_expires_when_the_clock_says_so"]),
    (10, "a challenge kept for a day", "gamesockets-proto", &["--lib", "a_challenge_never_becomes_valid_again"]),
    (12, "wakers that call back in", "gamesockets", &["--test", "waiting", "a_waker_may"]),
    (13, "a peer's text in the log", "gamesockets-proto", &["--lib", "lines_cannot_be_forged"]),
    (14, "gamesockets-cert over files that are there", "gamesockets-cert", &["nothing_is_overwritten"]),
    (15, "an instance after fork", "gamesockets", &["--test", "forking"]),
    (16, "strangers while traces are on", "gamesockets", &["--test", "traces", "strangers_fill_no_disk"]),
    (17, "keys left in memory", "gamesockets-proto", &["--lib", "secrets_are_wiped"]),
];

/// Runs the attacks, then the tests.
pub(crate) fn run(args: &Args) -> TaskResult {
    if args.write && (args.outcomes || !args.only.is_empty()) {
        return Err("the page is of a whole run: --write goes without --only and --outcomes".to_owned());
    }
    let (table, attacked) = attack(args)?;
    let tested: Vec<(u8, &str, bool)> = TESTED
        .iter()
        .filter(|(row, ..)| args.only.is_empty() || args.only.contains(row))
        .filter(|_| !args.outcomes)
        .map(|(row, what, package, selection)| (*row, *what, passes(package, selection)))
        .collect();
    let mut page = format!("{HEAD}{table}");
    if !tested.is_empty() {
        page.push_str(
            "\nWhat no flood can show, tests do:\n\n| # | attack | test | verdict |\n| --- | --- | --- | --- |\n",
        );
        for ((row, what, met), (_, _, package, selection)) in
            tested.iter().zip(TESTED.iter().filter(|(row, ..)| tested.iter().any(|(tested, ..)| tested == row)))
        {
            let verdict = if *met { "as wanted" } else { "short" };
            let command = format!("cargo test -p {package} {}", selection.join(" "));
            page.push_str(&format!("| {row} | {what} | `{command}` | {verdict} |\n"));
        }
    }
    if args.write {
        let path = root().join(PAGE);
        std::fs::write(&path, &page).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    println!("{page}");
    let short = tested.iter().filter(|(.., met)| !met).count();
    if attacked && short == 0 { Ok(()) } else { Err("not every attack ends as wanted: see the table".to_owned()) }
}

/// The table of the attacks, and whether all ended as wanted.
fn attack(args: &Args) -> Result<(String, bool), String> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--quiet", "-p", "gamesockets-attack"]).current_dir(root());
    if !args.outcomes {
        command.arg("--release");
    }
    command.args(["--", "--page", "--seconds", &args.seconds.to_string()]);
    command.args(args.outcomes.then_some("--outcomes"));
    if !args.only.is_empty() {
        let rows: Vec<String> = args.only.iter().map(u8::to_string).collect();
        command.args(["--only", &rows.join(",")]);
    }
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| format!("cargo: {error}"))?;
    let table = String::from_utf8(output.stdout).map_err(|error| error.to_string())?;
    if table.is_empty() {
        return Err("the attacks did not run to their end".to_owned());
    }
    Ok((table, output.status.success()))
}

/// Whether these tests pass, and there is at least one.
fn passes(package: &str, selection: &[&str]) -> bool {
    eprintln!("test of {package}: {} ...", selection.join(" "));
    let output = Command::new(env!("CARGO"))
        .args(["test", "--quiet", "--package", package])
        .args(selection)
        .current_dir(root())
        .output();
    output.is_ok_and(|output| {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        output.status.success() && text.lines().any(|line| line.contains(" passed") && !line.contains(" 0 passed"))
    })
}
