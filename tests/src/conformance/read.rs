//! From TOML to scripts. What the schema does not know is refused, with file and line.

mod saved;
mod source;
mod step;
mod value;

use std::path::{Path, PathBuf};

use gamesockets_schema::functions::FunctionInfo;

use self::saved::Names;
use self::source::{Source, Table};
use super::script::{Action, Script, Step};

/// The folder of what scripts begin with; these are no scripts.
const BEGINNINGS: &str = "begin";
/// The folder of scripts whose last step has to go wrong.
const WRONG: &str = "wrong/";
/// How many files may begin with another in a row.
const MAX_DEPTH: usize = 8;
/// The instance that a step is done on unless it says otherwise.
const MAIN: &str = "main";

/// Where the scripts lie.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance")
}

/// Every script below a folder, by name.
///
/// # Errors
/// Everything that is wrong in any of them, a line for each.
pub fn read_folder(folder: &Path) -> Result<Vec<Script>, String> {
    let mut names = Vec::new();
    find(folder, "", &mut names)?;
    names.sort();
    let beginning = |file: &str| read_file(folder, file);
    let mut scripts = Vec::new();
    let mut problems = Vec::new();
    for name in names {
        match read_file(folder, &format!("{name}.toml")).and_then(|text| read_text(&name, &text, &beginning)) {
            Ok(script) => scripts.push(script),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(scripts) } else { Err(problems.join("\n")) }
}

/// One script. `beginning` gives the text of the file that it begins with.
///
/// # Errors
/// The first thing that is wrong, with file and line.
pub fn read_text(name: &str, text: &str, beginning: &dyn Fn(&str) -> Result<String, String>) -> Result<Script, String> {
    let file = format!("{name}.toml");
    let source = Source { file: &file, text };
    let document = source.parse()?;
    let top = Table::new(&source, &document)?;
    top.check_keys(&["about", "begin", "step"])?;
    let mut steps = Steps::default();
    steps.read(&top, beginning, 0)?;
    let steps = steps.steps;
    let about =
        top.text("about")?.ok_or_else(|| format!("{}:1: `about` says what is true when it passes", source.file))?;
    let mut instances = vec![MAIN.to_owned()];
    for step in &steps {
        if !instances.contains(&step.on) {
            instances.push(step.on.clone());
        }
    }
    let must_fail = name.starts_with(WRONG);
    let native = steps.iter().any(|step| called(step).is_some_and(|function| function.godot_name.is_none()));
    Ok(Script { name: name.to_owned(), about: about.to_owned(), instances, must_fail, native, steps })
}

/// The steps of a script, with those that it begins with.
#[derive(Default)]
struct Steps {
    names: Names,
    steps: Vec<Step>,
}

impl Steps {
    fn read(
        &mut self,
        top: &Table<'_>,
        beginning: &dyn Fn(&str) -> Result<String, String>,
        depth: usize,
    ) -> Result<(), String> {
        if let Some(name) = top.text("begin")? {
            if depth == MAX_DEPTH {
                return Err(top.problem("begin", "does this file begin with itself?"));
            }
            let file = format!("{BEGINNINGS}/{name}.toml");
            let text = beginning(&file).map_err(|error| top.problem("begin", &error))?;
            let source = Source { file: &file, text: &text };
            let document = source.parse()?;
            let top = Table::new(&source, &document)?;
            top.check_keys(&["begin", "step"])?;
            self.read(&top, beginning, depth + 1)?;
        }
        for entry in top.list("step")? {
            self.steps.push(step::read(&entry, &mut self.names)?);
        }
        Ok(())
    }
}

fn called(step: &Step) -> Option<&'static FunctionInfo> {
    match step.action {
        Action::Call { function, .. } => Some(function),
        _ => None,
    }
}

/// The names of all scripts in a folder and the folders in it.
fn find(folder: &Path, prefix: &str, names: &mut Vec<String>) -> Result<(), String> {
    let named = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in folder.read_dir().map_err(named)? {
        let entry = entry.map_err(named)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
        if entry.path().is_dir() {
            if path != BEGINNINGS {
                find(&entry.path(), &path, names)?;
            }
        } else if let Some(script) = path.strip_suffix(".toml") {
            names.push(script.to_owned());
        }
    }
    Ok(())
}

fn read_file(folder: &Path, path: &str) -> Result<String, String> {
    std::fs::read_to_string(folder.join(path)).map_err(|error| format!("{path}: {error}"))
}
