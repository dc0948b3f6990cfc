//! No circles of imports: of two files, one stands above the other. In Rust within a crate, in Python within a package.
//!
//! A Rust module and its folder are one house: what a child takes from its parents, or they from it, ties no knot.

mod python;
mod rust;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Finding, SourceFile, finding};

/// Circles that there are still: (their files, why).
const EXCEPTIONS: &[(&[&str], &str)] = &[
    (&["core/proto/src/crypto/key.rs", "core/proto/src/crypto/openssh.rs"], "older than the rule: to be untied"),
    (&["core/schema/src/config.rs", "core/schema/src/enums.rs"], "older than the rule: to be untied"),
    (
        &["core/schema/src/field.rs", "core/schema/src/records.rs", "core/schema/src/records/connection.rs"],
        "older than the rule: to be untied",
    ),
    (&["benches/src/peers/quinn/client.rs", "benches/src/peers/quinn/server.rs"], "older than the rule: to be untied"),
    (
        &[
            "core/src/driver/conditions.rs",
            "core/src/driver/connection.rs",
            "core/src/driver/link.rs",
            "core/src/driver/listen.rs",
            "core/src/driver/p2p.rs",
            "core/src/driver/p2p/relays.rs",
            "core/src/driver/poll_group.rs",
            "core/src/driver/receive.rs",
            "core/src/driver/socket.rs",
            "core/src/info.rs",
        ],
        "older than the rule: to be untied",
    ),
];

/// Who imports whom: file -> file, and the line that does so first.
type Arrows = BTreeMap<String, BTreeMap<String, usize>>;

/// The circles among these files.
pub(super) fn check(files: &[SourceFile]) -> Vec<Finding> {
    check_with(files, EXCEPTIONS)
}

fn check_with(files: &[SourceFile], exceptions: &[(&[&str], &str)]) -> Vec<Finding> {
    let mut arrows = rust::arrows(files);
    arrows.extend(python::arrows(files));
    let circles = circles(&arrows);
    let is_known =
        |circle: &BTreeSet<&str>| exceptions.iter().any(|(known, _)| circle.iter().all(|path| known.contains(path)));
    let new = circles.iter().filter(|circle| !is_known(circle)).filter_map(|circle| describe(files, &arrows, circle));
    let mut findings: Vec<Finding> = new.collect();
    for (known, _) in exceptions {
        let is_left = circles.iter().any(|circle| circle.iter().all(|path| known.contains(path)));
        if let Some(file) = files.iter().find(|file| Some(&file.path.as_str()) == known.first()).filter(|_| !is_left) {
            findings.push(finding(
                file,
                1,
                "its circle is untied: take the exception out of xtask/src/tidy/circles.rs",
            ));
        }
    }
    findings
}

/// Every set of files that reach each other.
fn circles(arrows: &Arrows) -> Vec<BTreeSet<&str>> {
    let mut found: Vec<BTreeSet<&str>> = Vec::new();
    for file in arrows.keys() {
        if found.iter().any(|circle| circle.contains(file.as_str())) {
            continue;
        }
        let below = reached(arrows, file);
        let circle: BTreeSet<&str> =
            below.into_iter().filter(|other| reached(arrows, other).contains(file.as_str())).collect();
        if circle.len() > 1 {
            found.push(circle);
        }
    }
    found
}

/// What a file imports, and what that imports, and so on.
fn reached<'a>(arrows: &'a Arrows, from: &str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = vec![from];
    while let Some(file) = open.pop() {
        for target in arrows.get(file).into_iter().flat_map(BTreeMap::keys) {
            if found.insert(target.as_str()) {
                open.push(target);
            }
        }
    }
    found
}

/// The shortest way around from the first file of the circle.
fn describe(files: &[SourceFile], arrows: &Arrows, circle: &BTreeSet<&str>) -> Option<Finding> {
    let start = *circle.first()?;
    let way = way_around(arrows, start)?;
    let line = *arrows.get(start)?.get(*way.get(1)?)?;
    let file = files.iter().find(|file| file.path == start)?;
    let message = format!(
        "imports go in a circle: {}; move what they share into a file below both, or what ties them to where it is used",
        way.join(" -> ")
    );
    Some(finding(file, line, &message))
}

fn way_around<'a>(arrows: &'a Arrows, start: &'a str) -> Option<Vec<&'a str>> {
    let mut ways = VecDeque::from([vec![start]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for target in arrows.get(*way.last()?).into_iter().flat_map(BTreeMap::keys) {
            let longer = || way.iter().copied().chain([target.as_str()]).collect();
            if target == start {
                return Some(longer());
            }
            if seen.insert(target) {
                ways.push_back(longer());
            }
        }
    }
    None
}

/// Notes an arrow, unless a line above has it.
fn note(arrows: &mut Arrows, from: &str, to: &str, line: usize) {
    if from != to {
        arrows.entry(from.to_owned()).or_default().entry(to.to_owned()).or_insert(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile { path: path.into(), text: text.into() }
    }

    #[test]
    fn a_circle_is_told_with_its_way() {
        let files = [
            file("a/src/lib.rs", "mod b; mod c; mod d;"),
            file("a/src/b.rs", "use std::fmt;\nuse crate::c::C;"),
            file("a/src/c.rs", "use crate::d;"),
            file("a/src/d.rs", "fn f() { crate::b::g(); }"),
        ];
        let [found] = &check_with(&files, &[])[..] else { panic!("one circle") };
        assert_eq!((found.path.as_str(), found.line), ("a/src/b.rs", 2));
        assert!(found.message.contains("a/src/b.rs -> a/src/c.rs -> a/src/d.rs -> a/src/b.rs"), "{}", found.message);
    }

    #[test]
    fn an_exception_is_for_its_files_and_for_as_long_as_it_is_needed() {
        let knot = [file("a/src/b.rs", "use crate::c::C;"), file("a/src/c.rs", "use super::b::B;")];
        let known: &[(&[&str], &str)] = &[(&["a/src/b.rs", "a/src/c.rs"], "for a test of the table")];
        assert_eq!(check_with(&knot, known), []);
        let larger = [
            file("a/src/b.rs", "use crate::c::C;"),
            file("a/src/c.rs", "use super::d::D;"),
            file("a/src/d.rs", "use super::b::B;"),
        ];
        assert_eq!(check_with(&larger, known).len(), 2, "a new circle, and the old one is gone");
        let untied = [file("a/src/b.rs", "use crate::c::C;"), file("a/src/c.rs", "")];
        assert!(check_with(&untied, known)[0].message.contains("untied"));
    }

    #[test]
    fn exceptions_give_their_reason() {
        for (files, reason) in EXCEPTIONS {
            assert!(files.len() > 1 && reason.len() > 20, "{files:?}: say why");
        }
    }
}
