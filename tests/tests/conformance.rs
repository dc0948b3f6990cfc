//! Every conformance script against the Rust API, one test for each, and tests of the scripts and their runner.
#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::time::Duration;

use gamesockets_tests::conformance::{self, Ours, Script};
use libtest_mimic::{Arguments, Failed, Trial};

/// How long a step may wait for what has to come.
const LIMIT: Duration = Duration::from_secs(30);
/// How long a step waits for what is not to come.
const SHORT: Duration = Duration::from_millis(50);

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = vec![
        Trial::test("every_function_is_called_in_success_and_failure", every_function_is_called),
        Trial::test("a_failure_names_place_and_values", a_failure_names_place_and_values),
        Trial::test("a_wrong_script_is_refused_with_file_and_line", a_wrong_script_is_refused),
        Trial::test("the_json_names_every_step", the_json_names_every_step),
    ];
    match conformance::read_folder(&conformance::folder()) {
        Ok(scripts) => trials.extend(scripts.into_iter().map(trial)),
        Err(problem) => trials.push(Trial::test("the_scripts_are_read", || Err(Failed::from(problem)))),
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(script: Script) -> Trial {
    Trial::test(script.name.clone(), move || conformance::run(&script, LIMIT, Ours::start).map_err(Failed::from))
}

fn every_function_is_called() -> Result<(), Failed> {
    let gaps = conformance::gaps(&conformance::read_folder(&conformance::folder())?);
    if !gaps.is_empty() {
        return Err(gaps.join("\n").into());
    }
    let without = conformance::gaps(&[]);
    let is_told = |gap: &str| without.iter().any(|line| line == gap);
    let told = is_told("AcceptConnection: no script calls it with success")
        && is_told("AcceptConnection: no script shows how it fails (`fails = \"why\"`)")
        && !without.iter().any(|line| line.starts_with("GetIdentity: no script shows"));
    if told { Ok(()) } else { Err(without.join("\n").into()) }
}

/// A script whose name does not say that it is wrong.
fn read(text: &str) -> Result<Script, String> {
    conformance::read_text("wrong", text, &|file| Err(format!("there is no {file}")))
}

/// That each script in `wrong/` fails as it has to is tested as any other script is; this is what it says then.
fn a_failure_names_place_and_values() -> Result<(), Failed> {
    const STEPS: &[(&str, &str)] = &[
        (
            "call = 'GetConnectionUserData'\nargs = { connection_handle = 0 }\nexpect = 7",
            "GetConnectionUserData is -1, expected 7",
        ),
        (
            "call = 'AcceptConnection'\nargs = { connection_handle = 0 }\nexpect = 'RESULT_OK'",
            "AcceptConnection is 8, expected 1",
        ),
        (
            "call = 'GetConnectionInfo'\nargs = { connection_handle = 0 }\nexpect = { identity = 0 }",
            ".identity is missing in {}",
        ),
        (
            "call = 'ReceiveMessagesOnPollGroup'\nargs = { poll_group = 0, max_messages = 1 }\ncount = 1",
            "0 of 1 came in time",
        ),
        ("event = 'network_connection_status_changed'", "no network_connection_status_changed as expected came"),
    ];
    for (step, wanted) in STEPS {
        let script = read(&format!("about = 'x'\n[[step]]\n{step}"))?;
        let problem = conformance::run(&script, SHORT, Ours::start).err().unwrap_or_default();
        if !(problem.starts_with("wrong.toml:2: ") && problem.contains(wanted)) {
            return Err(format!("{step}\nhas to fail with {wanted:?}: {problem:?}").into());
        }
    }
    let right = "about = 'x'\n[[step]]\ncall = 'CreatePollGroup'";
    let right = conformance::read_text("wrong/right", right, &|_| Err(String::new()))?;
    let unnoticed = conformance::run(&right, SHORT, Ours::start).err().unwrap_or_default();
    if unnoticed.contains("has to be noticed") { Ok(()) } else { Err(unnoticed.into()) }
}

fn a_wrong_script_is_refused() -> Result<(), Failed> {
    const SCRIPTS: &[(&str, &str)] = &[
        ("[[step]]\ncall = 'GetIdentity'", "wrong.toml:1: `about`"),
        ("about = 1", "wrong.toml:1: `about` is a text"),
        ("about = 'x'\nsteps = []", "wrong.toml:2: unknown key `steps`: `step`?"),
        ("about = 'x'\nbegin = 'nowhere'", "wrong.toml:2: there is no begin/nowhere.toml"),
        (
            "about = 'x'\n[[step]]\ncall = 'GetIdentty'",
            "wrong.toml:3: there is no function `GetIdentty`: `GetIdentity`?",
        ),
        ("about = 'x'\n[[step]]\nevent = 'connected'", "wrong.toml:3: there is no event `connected`"),
        ("about = 'x'\n[[step]]\nexpect = 1", "wrong.toml:2: a step has one of"),
        ("about = 'x'\n[[step]]\ncall = 'GetIdentity'\nexpct = 1", "wrong.toml:4: unknown key `expct`: `expect`?"),
        (
            "about = 'x'\n[[step]]\ncall = 'GetIdentity'\nexpect = 1",
            "wrong.toml:4: this has to be of type text, not integer",
        ),
        ("about = 'x'\n[[step]]\ncall = 'CloseListenSocket'", "wrong.toml:2: the argument `socket` is missing"),
        ("about = 'x'\n[[step]]\ncall = 'CloseListenSocket'\nargs = { sock = 1 }", "wrong.toml:4: unknown key `sock`"),
        (
            "about = 'x'\n[[step]]\ncall = 'CloseListenSocket'\nargs = { socket = '$a' }",
            "wrong.toml:4: nothing was saved as `a`",
        ),
        (
            "about = 'x'\n[[step]]\ncall = 'CloseListenSocket'\nargs = { socket = 1 }\nexpect = { min = 1 }",
            "wrong.toml:5: `min` does not fit a bool",
        ),
        (
            "about = 'x'\n[[step]]\ncall = 'GetAuthenticationStatus'\nexpect = 'NETWORKING_AVAILABILITY_CURENT'",
            "wrong.toml:4: `NETWORKING_AVAILABILITY_CURENT` is no NetworkingAvailability: `NETWORKING_AVAILABILITY_CURRENT`?",
        ),
        (
            "about = 'x'\n[[step]]\ncall = 'GetCertificateRequest'\nexpect = { cert = 1 }",
            "wrong.toml:4: unknown key `cert`",
        ),
        (
            "about = 'x'\n[[step]]\ncall = 'GetCertificateRequest'\nsave = { a = 'cert' }",
            "wrong.toml:4: there is no `cert` here",
        ),
        ("about = 'x'\n[[step]]\ncall = 'GetIdentity'\nwait = true", "wrong.toml:4: `wait` needs to know what for"),
        (
            "about = 'x'\n[[step]]\ncall = 'GetIdentity'\ncount = 2",
            "wrong.toml:4: `count` is a number, for functions that answer a list",
        ),
        ("about = 'x'\n[[step]]\ncall = 'GetIdentity'\nfails = 'never'", "wrong.toml:4: say by `expect`"),
        (
            "about = 'x'\n[[step]]\ncall = 'SendMessageToConnection'\nargs = { connection_handle = 1, message = {hex = 'zz'}, flags = 0 }",
            "wrong.toml:4: Invalid character",
        ),
        (
            "about = 'x'\n[[step]]\ncall = 'SendMessageToConnection'\nargs = { connection_handle = 1, message = 'a', flags = 'RELIABLE' }",
            "wrong.toml:4: `RELIABLE` is no set of SendFlags",
        ),
        ("about = ", "wrong.toml:1: "),
    ];
    for (text, wanted) in SCRIPTS {
        let problem = read(text).err().unwrap_or_default();
        if !problem.starts_with(wanted) {
            return Err(format!("{text}\nhas to be refused with {wanted:?}: {problem:?}").into());
        }
    }
    Ok(())
}

fn the_json_names_every_step() -> Result<(), Failed> {
    let scripts = conformance::read_folder(&conformance::folder())?;
    let json = conformance::to_json(&scripts);
    for (script, written) in scripts.iter().zip(json["scripts"].as_array().into_iter().flatten()) {
        let steps = written["steps"].as_array().map_or(0, Vec::len);
        if written["name"] != script.name.as_str() || steps != script.steps.len() || steps == 0 {
            return Err(format!("{}: {steps} steps were written", script.name).into());
        }
    }
    for (name, function) in json["functions"].as_object().into_iter().flatten() {
        if function["args"].as_array().is_none() || function["returns"].as_str().is_none() {
            return Err(format!("{name}: {function}").into());
        }
    }
    Ok(())
}
