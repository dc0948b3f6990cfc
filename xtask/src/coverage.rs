//! `cargo xtask coverage-of-api`: which functions of the API there are in Rust, and which tests call them.
//!
//! The functions stand in `core/schema`. The Rust item that stands for one says so: `#[doc(alias = "AcceptConnection")]`,
//! which rustdoc's search finds as well.

mod aliases;
mod calls;

use std::path::Path;

use gamesockets_schema::functions::{self, FunctionInfo, Needs};
use gamesockets_schema::table::Group;

use self::aliases::Item;
use self::calls::Tests;
use crate::workspace::{TaskResult, root, rust_files};

/// Where the public API stands.
const SOURCES: &[&str] = &["core/src", "core/proto/src"];
/// Where tests may call it, besides there.
const TESTS: &[&str] = &["core/tests", "core/proto/tests", "tests/tests", "tests/interop/tests"];
/// How many tests are named in a row.
const TESTS_NAMED: usize = 2;

/// List the functions of the API: where each is in Rust, what tests it, and what waits for whom.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Say only what is missing.
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// One function, and what was found of it.
struct Row {
    function: &'static FunctionInfo,
    name: &'static str,
    item: Option<Item>,
    tests: Vec<String>,
}

/// Prints the table. Fails if a function that needs no third party is missing, or is called by no test.
pub(crate) fn run(args: &Args) -> TaskResult {
    let rows = rows(&root())?;
    if !args.quiet {
        print!("{}", table(&rows));
    }
    let (needed, waiting): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.is_needed());
    let problems: Vec<String> = needed.iter().filter_map(|row| row.problem()).collect();
    println!(
        "{} of {} functions that need no third party are there and tested; {} wait for a service",
        needed.len() - problems.len(),
        needed.len(),
        waiting.len()
    );
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

fn rows(root: &Path) -> Result<Vec<Row>, String> {
    let sources = rust_files(root, SOURCES)?;
    let items = aliases::find(&sources)?;
    let mut files = rust_files(root, TESTS)?;
    files.extend(sources);
    let tests = Tests::read(&files)?;
    let asked = functions::all().filter(|function| matches!(function.group, Group::Sockets | Group::Utils));
    let row = |function: &'static FunctionInfo| {
        let name = function.steam_name.or(function.godot_name)?;
        let item = items.iter().find(|item| item.alias == name).cloned();
        let tests = item.as_ref().map(|item| tests.that_call(item)).unwrap_or_default();
        Some(Row { function, name, item, tests })
    };
    let unknown = items.iter().find(|item| functions::all().all(|function| function.steam_name != Some(&item.alias)));
    if let Some(item) = unknown {
        return Err(format!("{}: the API has no function {}: mend the alias", item.path, item.alias));
    }
    Ok(asked.filter_map(row).collect())
}

impl Row {
    /// Whether this library can do it alone. Who we are and who vouches for us are the application's to say.
    fn is_needed(&self) -> bool {
        matches!(self.function.needs, Needs::Local | Needs::Identity | Needs::CertificateAuthority)
    }

    fn problem(&self) -> Option<String> {
        match &self.item {
            None => Some(format!("{}: nothing in Rust has #[doc(alias = \"{}\")]", self.name, self.name)),
            Some(item) if self.tests.is_empty() => Some(format!("{}: no test calls {}", self.name, item.path)),
            Some(_) => None,
        }
    }

    fn cells(&self) -> [String; 4] {
        let place = match &self.item {
            Some(item) => item.path.clone(),
            None if self.is_needed() => "MISSING".to_owned(),
            None => String::new(),
        };
        let tested = match self.tests.len() {
            0 if self.item.is_some() => "NO TEST".to_owned(),
            0 => String::new(),
            count => {
                let named = self.tests.iter().take(TESTS_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
                if count > TESTS_NAMED { format!("{named} and {} more", count - TESTS_NAMED) } else { named }
            }
        };
        let waits = if self.is_needed() { "" } else { self.function.needs.words() };
        [self.name.to_owned(), place, tested, waits.to_owned()]
    }
}

fn table(rows: &[Row]) -> String {
    let head = ["Function", "In Rust", "Tested by", "Waits for"].map(str::to_owned);
    let mut lines: Vec<[String; 4]> = vec![head];
    lines.extend(rows.iter().map(Row::cells));
    let width = |column: usize| lines.iter().map(|cells| cells[column].chars().count()).max().unwrap_or(0);
    let widths = [0, 1, 2, 3].map(width);
    let rule = widths.map(|width| "-".repeat(width));
    lines.insert(1, rule);
    let line = |cells: &[String; 4]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        format!("| {} |\n", padded.collect::<Vec<_>>().join(" | "))
    };
    lines.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(needs: Needs, item: Option<&str>, tests: &[&str]) -> Row {
        let function = functions::all().find(|function| function.needs == needs).expect("one of each");
        let item = item.map(|path| Item { alias: "X".into(), path: path.into(), calls: vec![], of: None });
        Row { function, name: "X", item, tests: tests.iter().map(|&test| test.into()).collect() }
    }

    #[test]
    fn only_what_needs_no_third_party_has_to_be_there() {
        assert!(row(Needs::Local, None, &[]).problem().is_some_and(|text| text.contains("alias")));
        assert!(row(Needs::Local, Some("Sockets::x"), &[]).problem().is_some_and(|text| text.contains("no test")));
        assert_eq!(row(Needs::Local, Some("Sockets::x"), &["a"]).problem(), None);
        assert!(row(Needs::CertificateAuthority, None, &[]).is_needed());
        assert!(!row(Needs::Tickets, None, &[]).is_needed());
    }

    #[test]
    fn a_row_names_two_tests_and_what_it_waits_for() {
        let cells = row(Needs::Local, Some("Sockets::x"), &["a", "b", "c"]).cells();
        assert_eq!(cells, ["X", "Sockets::x", "a, b and 1 more", ""]);
        let cells = row(Needs::Tickets, None, &[]).cells();
        assert_eq!(cells, ["X", "", "", "relay tickets"]);
    }
}
