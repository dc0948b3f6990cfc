//! Who uses whom within a crate.

use std::collections::BTreeMap;

use syn::{Item, UseTree};

use super::super::SourceFile;
use super::super::rust::{paths, tokens};
use super::{Arrows, note};

/// A name may be handed on so many times.
const HANDED_ON_MAX: usize = 8;

/// The files of one crate.
#[derive(Default)]
struct Crate<'a> {
    /// By module path; the root's is empty.
    modules: BTreeMap<Vec<String>, Module<'a>>,
}

struct Module<'a> {
    file: &'a SourceFile,
    syntax: syn::File,
    /// What a name stands for that is taken from elsewhere: the path as written.
    taken: BTreeMap<String, Vec<String>>,
}

/// The arrows within every crate.
pub(super) fn arrows(files: &[SourceFile]) -> Arrows {
    let mut crates: BTreeMap<&str, Crate<'_>> = BTreeMap::new();
    for file in files {
        let Some((folder, module)) = place(&file.path) else { continue };
        // What does not parse is another rule's finding.
        let Ok(syntax) = syn::parse_file(&file.text) else { continue };
        let taken = taken(&syntax);
        crates.entry(folder).or_default().modules.insert(module, Module { file, syntax, taken });
    }
    let mut arrows = Arrows::new();
    for house in crates.values() {
        for (path, module) in &house.modules {
            for used in paths(&tokens(&module.syntax)) {
                let mut places = Vec::new();
                house.follow(path, &used.segments, &mut places);
                for target in places.iter().filter(|target| !target.starts_with(path) && !path.starts_with(target)) {
                    note(&mut arrows, &module.file.path, &house.modules[target].file.path, used.line);
                }
            }
        }
    }
    arrows
}

/// The crate's folder and the path of the module: `core/src/driver/socket.rs` is `core` and `driver::socket`.
fn place(path: &str) -> Option<(&str, Vec<String>)> {
    let (folder, inner) = path.strip_suffix(".rs")?.rsplit_once("/src/").or_else(|| {
        let inner = path.strip_suffix(".rs")?.strip_prefix("src/")?;
        Some(("", inner))
    })?;
    let is_root = ["lib", "main"].contains(&inner);
    let module = if is_root { Vec::new() } else { inner.split('/').map(String::from).collect() };
    Some((folder, module))
}

impl Crate<'_> {
    /// The module that a path of this module leads to, and those that hand the name on.
    fn follow(&self, module: &[String], segments: &[String], places: &mut Vec<Vec<String>>) {
        let mut rest = segments.iter();
        let mut place = match rest.next().map(String::as_str) {
            Some("crate") => Vec::new(),
            Some("self") => module.to_vec(),
            Some("super") => module.split_last().map(|(_, parents)| parents.to_vec()).unwrap_or_default(),
            // A child of this module, another crate, or a name that a `use` has brought here.
            _ => return,
        };
        for name in rest {
            if name == "super" {
                place.pop();
                continue;
            }
            place.push(name.clone());
            if self.modules.contains_key(&place) {
                continue;
            }
            place.pop();
            let taken = self.modules.get(&place).and_then(|module| module.taken.get(name));
            if let Some(segments) = taken.filter(|_| places.len() < HANDED_ON_MAX) {
                places.push(place.clone());
                return self.follow(&place, &self.rooted(&place, segments), places);
            }
            break;
        }
        if self.modules.contains_key(&place) {
            places.push(place);
        }
    }

    /// A path that begins with a child of the module, as one that says so.
    fn rooted(&self, module: &[String], segments: &[String]) -> Vec<String> {
        let child: Vec<String> = module.iter().chain(segments.first()).cloned().collect();
        let prefix = self.modules.contains_key(&child).then(|| "self".to_owned());
        prefix.into_iter().chain(segments.iter().cloned()).collect()
    }
}

/// The names that the uses of a file bring to it.
fn taken(syntax: &syn::File) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for item in &syntax.items {
        if let Item::Use(item) = item {
            spread(&item.tree, &mut Vec::new(), &mut found);
        }
    }
    found
}

fn spread(tree: &UseTree, path: &mut Vec<String>, found: &mut BTreeMap<String, Vec<String>>) {
    match tree {
        UseTree::Path(inner) => {
            path.push(inner.ident.to_string());
            spread(&inner.tree, path, found);
            path.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| spread(tree, path, found)),
        UseTree::Name(name) => {
            let whole = path.iter().cloned().chain([name.ident.to_string()]).collect();
            found.insert(name.ident.to_string(), whole);
        }
        UseTree::Rename(name) => {
            let whole = path.iter().cloned().chain([name.ident.to_string()]).collect();
            found.insert(name.rename.to_string(), whole);
        }
        UseTree::Glob(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<SourceFile> =
            files.iter().map(|(path, text)| SourceFile { path: (*path).into(), text: (*text).into() }).collect();
        let arrows = arrows(&files);
        let arrow = |from: &String, to: &String, line: &usize| format!("{from}:{line} {to}");
        arrows.iter().flat_map(|(from, to)| to.iter().map(move |(to, line)| arrow(from, to, line))).collect()
    }

    #[test]
    fn uses_lead_to_files_of_the_same_crate() {
        let files = [
            ("a/src/lib.rs", "mod b; mod c;"),
            ("a/src/b.rs", "use super::c::d::D;\nuse crate::c::X;"),
            ("a/src/c.rs", "mod d;"),
            ("a/src/c/d.rs", "fn f() {}"),
            ("e/src/b.rs", "use crate::c::X;"),
        ];
        assert_eq!(found(&files), ["a/src/b.rs:2 a/src/c.rs", "a/src/b.rs:1 a/src/c/d.rs"]);
    }

    #[test]
    fn names_that_are_handed_on_lead_to_where_they_are() {
        let files = [
            ("a/src/lib.rs", "mod b; mod c; pub use self::c::{D as E, F};"),
            ("a/src/b.rs", "use crate::E;\nuse crate::F;"),
            ("a/src/c.rs", "mod d; pub use self::d::D; pub struct F;"),
            ("a/src/c/d.rs", "pub struct D;"),
        ];
        assert_eq!(found(&files), ["a/src/b.rs:1 a/src/c.rs", "a/src/b.rs:1 a/src/c/d.rs"]);
    }

    #[test]
    fn a_house_with_its_folder_and_tests_tie_nothing() {
        let files = [
            ("a/src/b.rs", "mod c;\nuse self::c::C;\n#[cfg(test)] mod tests { use crate::d::D; }"),
            ("a/src/b/c.rs", "use super::B;\nuse crate::b::A;"),
            ("a/src/d.rs", "use crate::d::e;"),
            ("a/tests/d.rs", "use crate::d::e;"),
        ];
        assert_eq!(found(&files), [""; 0]);
    }

    #[test]
    fn names_that_go_in_a_circle_end() {
        let files = [("a/src/b.rs", "pub use crate::c::X;"), ("a/src/c.rs", "pub use crate::b::X;")];
        assert_eq!(found(&files).len(), 2);
    }
}
