//! Whether the scripts call each function in its success and in its failure.

use gamesockets_schema::functions::{self, FunctionInfo, Needs};
use gamesockets_schema::table::Group;

use super::names::name_of;
use super::script::{Action, Script};

/// Functions that no arguments can make fail, or whose failure nobody sees, and why.
pub const CANNOT_FAIL: &[(&str, &str)] = &[
    ("CreatePollGroup", "has no arguments; fails only when 65536 groups exist"),
    ("GetAuthenticationStatus", "has no arguments; its answer is the status"),
    ("GetCertificateRequest", "has no arguments; a request can always be made"),
    ("GetIdentity", "has no arguments; every instance has an identity"),
    ("GetLocalTimestamp", "has no arguments; the clock runs"),
    ("InitAuthentication", "has no arguments; its answer is the status"),
    ("RunCallbacks", "has no arguments; without events it does nothing"),
    ("SetDebugOutputFunction", "takes every level, and answers nothing"),
    ("SetGlobalCallback_SteamNetAuthenticationStatusChanged", "has no arguments; events are always told"),
    ("SetGlobalCallback_SteamNetConnectionStatusChanged", "has no arguments; events are always told"),
    ("SteamNetworkingIdentity_ToString", "every identity has a text"),
    ("SteamNetworkingIPAddr_GetFakeIPType", "every address has a type"),
    ("SteamNetworkingIPAddr_ToString", "every address has a text"),
];

/// Functions that scripts do not call, and why.
pub const NOT_CALLED: &[(&str, &str)] = &[
    ("AllocateMessage", "makes a structure of C++ or Rust; messages are bytes everywhere else"),
    ("SetGlobalConfigValuePtr", "takes a pointer to a function; events are pulled instead"),
];

/// What is missing, a line for each: functions without a script for their success or for their failure.
pub fn gaps(scripts: &[Script]) -> Vec<String> {
    let calls =
        scripts.iter().filter(|script| !script.must_fail).flat_map(|script| &script.steps).filter_map(
            |step| match step.action {
                Action::Call { function, .. } => Some((name_of(function), step.fails.is_some())),
                _ => None,
            },
        );
    let calls: Vec<_> = calls.collect();
    let is_called = |name: &str, fails: bool| calls.contains(&(name, fails));
    let listed = |list: &[(&str, &str)], name: &str| list.iter().any(|(listed, _)| *listed == name);
    let mut gaps = Vec::new();
    for name in needed().map(name_of) {
        if listed(NOT_CALLED, name) {
            continue;
        }
        if !is_called(name, false) {
            gaps.push(format!("{name}: no script calls it with success"));
        }
        match (is_called(name, true), listed(CANNOT_FAIL, name)) {
            (false, false) => gaps.push(format!("{name}: no script shows how it fails (`fails = \"why\"`)")),
            (true, true) => {
                gaps.push(format!("{name}: it does fail in a script; take it from the list of those that cannot"));
            }
            _ => {}
        }
    }
    let names = NOT_CALLED.iter().chain(CANNOT_FAIL).map(|(name, _)| *name);
    gaps.extend(
        names
            .filter(|name| !needed().any(|function| name_of(function) == *name))
            .map(|name| format!("{name}: it is listed as an exception, but no script needs to call it")),
    );
    gaps
}

/// The functions that work without a third party: those of `cargo xtask coverage-of-api`.
fn needed() -> impl Iterator<Item = &'static FunctionInfo> {
    functions::all().filter(|function| {
        let alone = matches!(function.needs, Needs::Local | Needs::Identity | Needs::CertificateAuthority);
        alone && matches!(function.group, Group::Sockets | Group::Utils)
    })
}
