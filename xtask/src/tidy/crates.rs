//! Which of our crates may depend on which: the schema on none, the engine and the services on the schema, the core on all of them, a binding on
//! the core and the schema.

use super::{Finding, SourceFile, finding};

/// (manifest, what it may depend on). Other crates of ours are free, as long as nothing points up.
const ARROWS: &[(&str, &[&str])] = &[
    ("core/schema/Cargo.toml", &[]),
    ("core/proto/Cargo.toml", &["gamesockets-schema"]),
    ("core/services/Cargo.toml", &["gamesockets-schema"]),
    ("core/Cargo.toml", &["gamesockets-schema", "gamesockets-proto", "gamesockets-services"]),
    ("bindings-godot/Cargo.toml", &["gamesockets", "gamesockets-schema", "gamesockets-multiplayer"]),
    ("bindings-godot/multiplayer/Cargo.toml", BINDING),
    ("bindings-python/Cargo.toml", BINDING),
    ("bindings-csharp/native/Cargo.toml", BINDING),
];
/// A binding knows the public API, and the tables for its names.
const BINDING: &[&str] = &["gamesockets", "gamesockets-schema"];
/// What the schema may depend on at all: serialisation, where a binding asks for it.
const SCHEMA_DEPENDENCIES: &[&str] = &["serde"];

/// The manifests among these files.
pub(super) fn check(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (manifest, allowed) in ARROWS {
        let Some(file) = files.iter().find(|file| file.path == *manifest) else { continue };
        for (name, line) in dependencies(&file.text) {
            if name.starts_with("gamesockets") && !allowed.contains(&name.as_str()) {
                let message = format!("may not depend on `{name}`: the arrows point down (docs/ARCHITECTURE.md)");
                findings.push(finding(file, line, &message));
            } else if *manifest == "core/schema/Cargo.toml" && !SCHEMA_DEPENDENCIES.contains(&name.as_str()) {
                findings.push(finding(file, line, &format!("the schema is tables only: it does without `{name}`")));
            }
        }
    }
    findings
}

/// The dependencies of a manifest that reach its users, with their lines: not those of tests.
fn dependencies(manifest: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut inside = false;
    for (index, line) in manifest.lines().enumerate() {
        let line = line.trim();
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            let section = section.trim_matches(|bracket| bracket == '[' || bracket == ']');
            let (is_table, single) = match section.rsplit_once("dependencies.") {
                Some((before, name)) if is_for_users(before) => (false, Some(name)),
                _ => (section.strip_suffix("dependencies").is_some_and(is_for_users), None),
            };
            inside = is_table;
            found.extend(single.map(|name| (unquote(name), index + 1)));
        } else if inside && !line.starts_with('#') {
            let name = line.split(['=', '.', ' ']).next().unwrap_or_default();
            found.extend((!name.is_empty()).then(|| (unquote(name), index + 1)));
        }
    }
    found
}

/// Whether `dependencies` behind this text are those of the crate itself or of one target.
fn is_for_users(before: &str) -> bool {
    before.is_empty() || (before.starts_with("target.") && before.ends_with('.'))
}

fn unquote(name: &str) -> String {
    name.trim_matches('"').to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[package]\nname = \"a\"\n[dependencies]\n# a comment\nb.workspace = true\n\"c\" = \"1\"\n\
                            [dependencies.d]\nversion = \"1\"\n[dev-dependencies]\ne = \"1\"\n\
                            [target.'cfg(unix)'.dependencies]\nf = { path = \"f\" }\n[features]\ng = []\n";

    #[test]
    fn dependencies_of_users_are_read() {
        let names: Vec<String> =
            dependencies(MANIFEST).into_iter().map(|(name, line)| format!("{name}@{line}")).collect();
        assert_eq!(names, ["b@5", "c@6", "d@7", "f@12"]);
    }

    #[test]
    fn arrows_that_point_up_are_found() {
        let check = |path: &str, dependency: &str| {
            let text = format!("[dependencies]\n{dependency}.workspace = true\n");
            check(&[SourceFile { path: path.into(), text }]).len()
        };
        assert_eq!(check("core/schema/Cargo.toml", "gamesockets-proto"), 1);
        assert_eq!(check("core/schema/Cargo.toml", "bytes"), 1);
        assert_eq!(check("core/schema/Cargo.toml", "serde"), 0);
        assert_eq!(check("core/proto/Cargo.toml", "gamesockets"), 1);
        assert_eq!(check("core/proto/Cargo.toml", "gamesockets-schema"), 0);
        assert_eq!(check("core/Cargo.toml", "gamesockets-proto"), 0);
        assert_eq!(check("tests/Cargo.toml", "gamesockets"), 0);
    }
}
