//! What the documentation says of where we differ from GNS is tested, by the tests that it names.

use std::fs;
use std::path::{Path, PathBuf};

const HEADING: &str = "## Where we differ from GNS, and mean it";

#[test]
fn every_difference_has_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository");
    let page = fs::read_to_string(root.join("docs/WIRE_FORMAT.md")).expect("the page");
    let (_, section) = page.split_once(HEADING).expect("its section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows: Vec<&str> = section.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() >= 14, "{} rows", rows.len());
    let sources = ["core", "tests"].map(|folder| root.join(folder)).into_iter().flat_map(sources).collect::<Vec<_>>();
    for row in rows {
        let cell = row.trim_end_matches('|').rsplit('|').next().unwrap_or_default().trim();
        let name = cell.strip_prefix('`').and_then(|cell| cell.strip_suffix('`'));
        let name = name.unwrap_or_else(|| panic!("no test is named: {row}"));
        let test = format!("fn {name}()");
        assert!(sources.iter().any(|source| source.contains(&test)), "no such test: {name}");
    }
}

/// The texts of all sources in a folder.
fn sources(folder: PathBuf) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            if path.file_name().is_none_or(|name| name != "target") {
                texts.extend(sources(path));
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            texts.push(fs::read_to_string(&path).expect("a text"));
        }
    }
    texts
}
