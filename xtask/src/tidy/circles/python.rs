//! Who imports whom within a Python package, imports for types only and those in functions included.

use std::collections::BTreeMap;

use super::super::SourceFile;
use super::{Arrows, note};

/// The arrows within every package.
pub(super) fn arrows(files: &[SourceFile]) -> Arrows {
    let packages: Vec<&str> = files.iter().filter_map(|file| file.path.strip_suffix("/__init__.py")).collect();
    let mut modules: BTreeMap<String, &SourceFile> = BTreeMap::new();
    for file in files {
        modules.extend(name(&file.path, &packages).map(|name| (name, file)));
    }
    let mut arrows = Arrows::new();
    for (module, file) in &modules {
        // A stub describes a native module: what it imports is for its types.
        if file.path.ends_with(".pyi") {
            continue;
        }
        let is_package = file.path.ends_with("/__init__.py");
        for (target, line) in imports(&file.text, module, is_package) {
            if let Some(target) = known(&modules, &target) {
                note(&mut arrows, &file.path, &target.path, line);
            }
        }
    }
    arrows
}

/// The name of a module, from the outermost package on.
fn name(path: &str, packages: &[&str]) -> Option<String> {
    let stem = path.strip_suffix(".py").or_else(|| path.strip_suffix(".pyi"))?;
    let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
    let mut outermost = stem;
    if !packages.contains(&stem) {
        outermost = stem.rsplit_once('/')?.0;
    }
    if !packages.contains(&outermost) {
        return None;
    }
    while let Some((outer, _)) = outermost.rsplit_once('/').filter(|(outer, _)| packages.contains(outer)) {
        outermost = outer;
    }
    let before = outermost.rsplit_once('/').map_or(0, |(before, _)| before.len() + 1);
    Some(stem[before..].replace('/', "."))
}

/// The file of a module, or of the module that has this name in it.
fn known<'a>(modules: &BTreeMap<String, &'a SourceFile>, name: &str) -> Option<&'a SourceFile> {
    modules.get(name).or_else(|| modules.get(name.rsplit_once('.')?.0)).copied()
}

/// What a file imports, and the lines: `a.b.c` for `from a.b import c`.
fn imports(text: &str, module: &str, is_package: bool) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let mut statement = code(line).to_owned();
        let is_import = statement.starts_with("from ") || statement.starts_with("import ");
        if !is_import {
            continue;
        }
        while statement.contains('(') && !statement.contains(')') {
            let Some((_, more)) = lines.next() else { break };
            statement.push(' ');
            statement.push_str(code(more));
        }
        found.extend(targets(&statement, module, is_package).into_iter().map(|target| (target, index + 1)));
    }
    found
}

fn code(line: &str) -> &str {
    line.split('#').next().unwrap_or_default().trim()
}

fn targets(statement: &str, module: &str, is_package: bool) -> Vec<String> {
    let names = |list: &str| -> Vec<String> {
        let names = list.trim_matches(['(', ')', ' ']).split(',');
        names.filter_map(|name| name.split_whitespace().next()).map(String::from).collect()
    };
    if let Some(list) = statement.strip_prefix("import ") {
        return names(list);
    }
    let Some((from, list)) = statement.strip_prefix("from ").and_then(|rest| rest.split_once(" import ")) else {
        return Vec::new();
    };
    let from = absolute(from.trim(), module, is_package);
    names(list).into_iter().map(|name| format!("{from}.{name}")).collect()
}

/// `..a` in `x.y.z` is `x.a`.
fn absolute(from: &str, module: &str, is_package: bool) -> String {
    let rest = from.trim_start_matches('.');
    let dots = from.len() - rest.len();
    if dots == 0 {
        return rest.to_owned();
    }
    let parts: Vec<&str> = module.split('.').collect();
    let kept = parts.len().saturating_sub(dots - usize::from(is_package));
    let whole = parts.into_iter().take(kept).chain((!rest.is_empty()).then_some(rest));
    whole.collect::<Vec<_>>().join(".")
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
    fn imports_of_all_forms_are_read() {
        let files = [
            ("p/g/__init__.py", "from g.a import (\n    A,\n    B as C,\n)\n"),
            ("p/g/a.py", "import os\nif TYPE_CHECKING:\n    from g.sub.b import B  # for types\n"),
            ("p/g/sub/__init__.py", ""),
            ("p/g/sub/b.py", "def f():\n    from ..c import D\n    from . import e\n"),
            ("p/g/sub/e.py", "import g.c as c\n"),
            ("p/g/c.py", "\"\"\"\nfrom here on nothing\n\"\"\"\nfrom g import _native\n"),
            ("p/g/_native.pyi", "from g.a import A\n"),
            ("p/alone.py", "import g.c"),
        ];
        let expected = [
            "p/g/__init__.py:1 p/g/a.py",
            "p/g/a.py:3 p/g/sub/b.py",
            "p/g/c.py:4 p/g/_native.pyi",
            "p/g/sub/b.py:2 p/g/c.py",
            "p/g/sub/b.py:3 p/g/sub/e.py",
            "p/g/sub/e.py:1 p/g/c.py",
        ];
        assert_eq!(found(&files), expected);
    }

    #[test]
    fn what_a_package_hands_on_is_its_own() {
        let files = [("g/__init__.py", "from g.a import A"), ("g/a.py", "from g import B")];
        assert_eq!(found(&files), ["g/__init__.py:1 g/a.py", "g/a.py:1 g/__init__.py"]);
    }
}
