//! How modules stand: one form for all of them, and the order of the engine's: each may use only those above it in
//! `core/proto/src/lib.rs`.

use syn::Item;

use super::rust::{PathUse, is_test, paths, tokens};
use super::{Finding, SourceFile, finding};

const ENGINE: &str = "core/proto/src/";
const ROOT: &str = "core/proto/src/lib.rs";

/// Uses against the order that cannot be otherwise: (who, whom, why).
const EXCEPTIONS: &[(&str, &str, &str)] = &[];

/// A module stands in `name.rs` beside its folder `name/`. What integration tests share is the exception: Cargo would
/// take `tests/common.rs` for a test of its own.
pub(super) fn check_form(file: &SourceFile) -> Option<Finding> {
    let folder = file.path.strip_suffix("/mod.rs").filter(|folder| !folder.ends_with("/tests/common"))?;
    Some(finding(file, 1, &format!("a module stands beside its folder: move it to {folder}.rs")))
}

/// The modules of the engine in their order, and where the names at the root of the crate come from.
struct Order {
    modules: Vec<String>,
    /// (name at the root, module it stands in).
    exports: Vec<(String, String)>,
}

/// The order in every file of the engine.
pub(super) fn check(files: &[SourceFile]) -> Vec<Finding> {
    let parse = |file: &SourceFile| syn::parse_file(&file.text).ok();
    let Some(order) = files.iter().find(|file| file.path == ROOT).and_then(parse).map(|root| order(&root)) else {
        return Vec::new();
    };
    let engine = files.iter().filter(|file| file.path.starts_with(ENGINE) && file.path.ends_with(".rs"));
    let inner = engine.filter(|file| file.path != ROOT && !file.path.ends_with("tests.rs"));
    inner.flat_map(|file| parse(file).map(|syntax| check_file(file, &syntax, &order)).unwrap_or_default()).collect()
}

fn check_file(file: &SourceFile, syntax: &syn::File, order: &Order) -> Vec<Finding> {
    let path = module_path(&file.path);
    let Some(own) = path.first().cloned() else { return Vec::new() };
    let Some(rank) = order.rank(&own) else {
        return vec![finding(file, 1, &format!("`{own}` is not a module of {ROOT}: declare it there, in its place"))];
    };
    let mut findings = Vec::new();
    let mut reported = Vec::new();
    for used in paths(&tokens(syntax)) {
        let Some(target) = target(&used, path.len(), order) else { continue };
        let above = order.rank(&target).is_some_and(|target| target <= rank);
        let excepted = EXCEPTIONS.iter().any(|(from, to, _)| *from == own && *to == target);
        if !above && !excepted && !reported.contains(&target) {
            let message = format!(
                "`{own}` uses `{target}`, which stands below it in {ROOT}: move the code, or the line in lib.rs"
            );
            findings.push(finding(file, used.line, &message));
            reported.push(target);
        }
    }
    findings
}

/// The module at the root of the engine that a path leads to, if it leads out of its own.
fn target(used: &PathUse, depth: usize, order: &Order) -> Option<String> {
    let climbs = used.segments.iter().take_while(|segment| *segment == "super").count();
    let first = if used.segments.first().is_some_and(|segment| segment == "crate") {
        used.segments.get(1)
    } else if climbs >= depth {
        used.segments.get(climbs)
    } else {
        None
    }?;
    if order.rank(first).is_some() {
        return Some(first.clone());
    }
    order.exports.iter().find(|(name, _)| name == first).map(|(_, module)| module.clone())
}

/// `core/proto/src/wire/frame.rs` is `wire::frame`.
fn module_path(path: &str) -> Vec<String> {
    let inner = path.trim_start_matches(ENGINE).trim_end_matches(".rs");
    inner.split('/').map(String::from).collect()
}

fn order(root: &syn::File) -> Order {
    let modules = root.items.iter().filter_map(|item| match item {
        Item::Mod(module) if !is_test(&module.attrs) => Some(module.ident.to_string()),
        _ => None,
    });
    let modules: Vec<String> = modules.collect();
    let uses = paths(&tokens(root)).into_iter().filter(|path| modules.contains(&path.segments[0]));
    let exports = uses.filter_map(|path| Some((path.segments.last()?.clone(), path.segments.first()?.clone())));
    Order { exports: exports.collect(), modules }
}

impl Order {
    fn rank(&self, module: &str) -> Option<usize> {
        self.modules.iter().position(|known| known == module)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIB: &str = "pub mod time; pub mod wire; pub mod connection; pub use time::Timestamp; pub use connection::Connection;\n\
                       pub const VERSION: u32 = 1;";

    fn lines(path: &str, text: &str) -> Vec<usize> {
        let file = |path: &str, text: &str| SourceFile { path: path.into(), text: text.into() };
        let files = [file(ROOT, LIB), file(&format!("{ENGINE}{path}"), text)];
        check(&files).into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn a_module_uses_those_above_it() {
        assert_eq!(lines("connection.rs", "use crate::wire::Frame;\nuse crate::time;\nuse crate::VERSION;"), [0; 0]);
        assert_eq!(lines("wire/frame.rs", "use crate::time::Timestamp;\nuse super::varint;"), [0; 0]);
        assert_eq!(lines("time.rs", "use core::time::Duration;"), [0; 0]);
    }

    #[test]
    fn a_module_stands_beside_its_folder() {
        let found = |path: &str| check_form(&SourceFile { path: path.into(), text: String::new() }).is_some();
        assert!(found("core/src/driver/mod.rs"));
        assert!(!found("core/src/driver.rs") && !found("core/tests/common/mod.rs"));
    }

    #[test]
    fn uses_of_what_stands_below_are_found() {
        assert_eq!(lines("wire.rs", "use crate::time::Timestamp;\nuse crate::connection::Connection;"), [2]);
        assert_eq!(lines("wire/frame.rs", "fn f() { crate::connection::g(); }"), [1]);
        assert_eq!(lines("wire.rs", "use crate::{Timestamp, VERSION};\nuse crate::{Connection};"), [2]);
        assert_eq!(lines("time.rs", "use super::wire::Frame;"), [1]);
        assert_eq!(lines("time/clock.rs", "use super::wire::Frame;\nuse super::super::wire::Frame;"), [2]);
    }

    #[test]
    fn tests_may_use_anything() {
        assert_eq!(lines("time.rs", "#[cfg(test)]\nmod tests { use crate::connection::Connection; }"), [0; 0]);
        assert_eq!(lines("wire/decode_tests.rs", "use crate::connection::Connection;"), [0; 0]);
    }

    #[test]
    fn an_undeclared_module_is_found() {
        assert_eq!(lines("lost.rs", "fn f() {}"), [1]);
    }

    #[test]
    fn exceptions_give_their_reason() {
        for (from, to, reason) in EXCEPTIONS {
            assert!(reason.len() > 20, "{from} -> {to}: say why");
        }
    }
}
