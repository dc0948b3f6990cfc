//! Words that must not stay, the doc at the head of each file, and what the engine must not call.

use super::rust::{Token, paths, tokens};
use super::{Finding, SourceFile, finding, is_allowed};

/// Unfinished work, in Rust: (what is written, what to do about it).
const UNFINISHED: &[(&str, &str)] = &[
    (concat!("to", "do!("), "write what is missing"),
    (concat!("unimple", "mented!("), "write what is missing"),
    (concat!("db", "g!("), "remove it, or log with `tracing`"),
];
/// Unfinished work, in any text.
const NOTES: &[&str] = &[concat!("FIX", "ME"), concat!("XX", "X")];
/// Folders of one machine.
const MACHINE_FOLDERS: &[&str] = &["home", "root", "tmp", "work", "Users"];

/// Where the engine lies, which knows no clock, no thread, no socket and no randomness of its own.
const ENGINE: &str = "core/proto/src/";
const ENGINE_TYPES: &[&str] =
    &["Instant", "SystemTime", "UdpSocket", "TcpStream", "TcpListener", "OsRng", "thread_rng"];
const ENGINE_MODULES: &[&str] = &["std::thread", "std::net::UdpSocket", "std::fs", "std::env", "std::process"];

/// Forbidden words in any text file.
pub(super) fn check(file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        let number = index + 1;
        if let Some(message) = unfinished(&file.path, line).filter(|_| !is_allowed(&file.text, number, "words")) {
            findings.push(finding(file, number, &message));
        }
        if let Some(path) = machine_path(line).filter(|_| !is_allowed(&file.text, number, "paths")) {
            let message = format!("`{path}` is a folder of one machine: use a path inside the repository");
            findings.push(finding(file, number, &message));
        }
    }
    findings
}

/// Each Rust file begins by saying what it is for.
pub(super) fn check_header(file: &SourceFile) -> Option<Finding> {
    let first = file.text.lines().next().unwrap_or_default();
    let says = first.strip_prefix("//! ").is_some_and(|doc| !doc.trim().is_empty());
    (!says).then(|| finding(file, 1, "the first line has to say what the file is for: `//! ...`"))
}

/// What the engine calls: time, randomness and datagrams are arguments there.
pub(super) fn check_engine(file: &SourceFile, syntax: &syn::File) -> Vec<Finding> {
    if !file.path.starts_with(ENGINE) || file.path.ends_with("tests.rs") {
        return Vec::new();
    }
    let tokens = tokens(syntax);
    let types = tokens.iter().filter(|token| ENGINE_TYPES.contains(&token.text.as_str())).cloned();
    let modules = paths(&tokens).into_iter().filter_map(|path| {
        let text = path.segments.join("::");
        let known = ENGINE_MODULES.iter().find(|module| text == **module || text.starts_with(&format!("{module}::")));
        known.map(|module| Token { text: (*module).to_string(), line: path.line })
    });
    let mut uses: Vec<Token> = types.chain(modules).collect();
    uses.sort_by_key(|token| token.line);
    uses.dedup_by_key(|token| token.line);
    let forbidden = uses.into_iter().filter(|token| !is_allowed(&file.text, token.line, "engine"));
    forbidden
        .map(|token| {
            let mend = "the engine has no clock, thread, socket or randomness: take it as an argument";
            finding(file, token.line, &format!("`{}`: {mend}", token.text))
        })
        .collect()
}

fn unfinished(path: &str, line: &str) -> Option<String> {
    if path.ends_with(".rs") {
        for (word, mend) in UNFINISHED {
            if line.match_indices(word).any(|(at, _)| is_word_start(line, at)) {
                return Some(format!("`{}` must not stay: {mend}", word.trim_end_matches('(')));
            }
        }
    }
    let note = NOTES.iter().find(|note| {
        let ends = |at: usize| line[at + note.len()..].starts_with(|next: char| next.is_alphanumeric() || next == '_');
        line.match_indices(**note).any(|(at, _)| is_word_start(line, at) && !ends(at))
    })?;
    Some(format!("`{note}` must not stay: mend it now, or open an issue"))
}

/// The first absolute path into a folder of one machine.
fn machine_path(line: &str) -> Option<String> {
    for folder in MACHINE_FOLDERS {
        let start = format!("/{folder}/");
        for (at, _) in line.match_indices(&start) {
            let before = line[..at].chars().next_back();
            // Part of a longer path or of an address: `src/work/`, `example.org/home/`, `<root>/tmp/`.
            let inside = before.is_some_and(|last| last.is_alphanumeric() || "._-/}>)~*$".contains(last));
            if !inside {
                return Some(start);
            }
        }
    }
    None
}

fn is_word_start(line: &str, at: usize) -> bool {
    !line[..at].ends_with(|last: char| last.is_alphanumeric() || last == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(path: &str, text: &str) -> Vec<String> {
        check(&SourceFile { path: path.into(), text: text.into() }).iter().map(Finding::to_string).collect()
    }

    fn engine(path: &str, text: &str) -> Vec<usize> {
        let file = SourceFile { path: path.into(), text: text.into() };
        let syntax = syn::parse_file(text).expect("valid Rust");
        check_engine(&file, &syntax).into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn unfinished_work_is_found() {
        for word in UNFINISHED.iter().map(|(word, _)| word.to_string()).chain(NOTES.iter().map(|note| note.to_string()))
        {
            let text = format!("fine\n  {word} later)\n");
            assert_eq!(messages("core/a.rs", &text).len(), 1, "{word}");
            assert_eq!(messages("core/a.rs", &format!("a{word} b\n")), [""; 0], "{word} inside a word");
        }
        assert_eq!(messages("core/a.rs", "the method: a todo list; dbg and unimplemented are only words"), [""; 0]);
    }

    #[test]
    fn machine_folders_are_found() {
        for folder in MACHINE_FOLDERS {
            assert_eq!(messages("README.md", &format!("see /{folder}/x")).len(), 1, "{folder}");
            assert_eq!(
                messages("README.md", &format!("see a/{folder}/x and example.org/{folder}/")),
                [""; 0],
                "{folder}"
            );
        }
        let allowed = format!("# tidy: allow(paths): where the system keeps it\ncp x /{}/y\n", MACHINE_FOLDERS[2]);
        assert_eq!(messages("setup.sh", &allowed), [""; 0]);
    }

    #[test]
    fn files_say_what_they_are_for() {
        let says = |text: &str| check_header(&SourceFile { path: "a.rs".into(), text: text.into() }).is_none();
        assert!(says("//! What it does.\nfn f() {}"));
        assert!(!says("fn f() {}"));
        assert!(!says("//!\nfn f() {}"));
        assert!(!says(""));
    }

    #[test]
    fn the_engine_reads_no_clock() {
        let path = "core/proto/src/a.rs";
        assert_eq!(engine(path, "use std::time::Instant;\nfn f() { Instant::now(); }"), [1, 2]);
        assert_eq!(engine(path, "fn f() { std::thread::spawn(g); }\nuse std::net::{IpAddr, UdpSocket};"), [1, 2]);
        assert_eq!(engine(path, "// Instant\nuse std::net::IpAddr;\nuse core::time::Duration;"), [0; 0]);
        assert_eq!(engine(path, "#[cfg(test)]\nmod tests { use std::time::Instant; }"), [0; 0]);
        assert_eq!(engine("core/src/a.rs", "use std::time::Instant;"), [0; 0]);
    }
}
