//! The class `Steam` as Godot itself describes it, compared with the schema and with a file that is checked in.
//!
//! What Godot writes is reduced to one line per method, signal and constant, since its form differs between versions.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use gamesockets_schema::constants::CONSTANTS;
use gamesockets_schema::enums::ENUMS;
use gamesockets_schema::field::FieldKind;
use gamesockets_schema::functions;
use gamesockets_schema::records::EVENTS;
use gamesockets_schema::table::Group;

use crate::generate::godot::{TOLERANT, argument_of_signal, is_emitted, is_offered};
use crate::godot::{Project, SOURCE_PROJECT, install_addon};
use crate::process::watch;
use crate::test::totals::Totals;
use crate::workspace::{TaskResult, root};

/// The file to compare with, from the root of the repository.
const GOLDEN: &str = "bindings-godot/golden/Steam.txt";
/// Set to anything, the file is written instead.
const UPDATE_VARIABLE: &str = "GAMESOCKETS_UPDATE_GOLDEN";
const LIMIT: Duration = Duration::from_secs(120);

/// Asks Godot for the class, and compares.
pub(super) fn signatures(totals: &mut Totals) -> TaskResult {
    let described = describe()?;
    let lines = reduce(&described);
    let missing: Vec<String> = expected().into_iter().filter(|line| !lines.contains(line)).collect();
    if !missing.is_empty() {
        totals.add(0, 1);
        return Err(format!("Godot's description of Steam lacks what the schema says:\n{}", missing.join("\n")));
    }
    totals.add(1, 0);
    let path = root().join(GOLDEN);
    let text = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    if std::env::var_os(UPDATE_VARIABLE).is_some() {
        return fs::create_dir_all(path.parent().unwrap_or(&path))
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| format!("{GOLDEN}: {error}"));
    }
    let golden = fs::read_to_string(&path).map_err(|error| format!("{GOLDEN}: {error}"))?;
    let differences = differences(&golden, &text);
    totals.add(differences.is_empty().into(), (!differences.is_empty()).into());
    if differences.is_empty() {
        return Ok(());
    }
    Err(format!("{GOLDEN} differs; with {UPDATE_VARIABLE}=1 it is written anew:\n{}", differences.join("\n")))
}

/// What Godot writes about the class.
fn describe() -> Result<String, String> {
    let folder = root().join(SOURCE_PROJECT);
    install_addon(&folder, false)?;
    let project = Project::open(&folder)?;
    let target = Scratch::new()?;
    let mut command = project.headless();
    command.arg("--doctool").arg(&target.0).arg("--gdextension-docs");
    watch(&mut command, LIMIT, |_| ())?;
    let file = target.0.join("doc_classes/Steam.xml");
    fs::read_to_string(&file).map_err(|error| format!("Godot has not described Steam: {}: {error}", file.display()))
}

/// A folder that is gone afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, String> {
        let folder = std::env::temp_dir().join(format!("gamesockets-doctool-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left behind lies among temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// One line per method, signal and constant, sorted.
fn reduce(xml: &str) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    let mut open: Option<(&str, String, Vec<String>, String)> = None;
    for line in xml.lines().map(str::trim) {
        let name = || attribute(line, "name").unwrap_or_default();
        if line.starts_with("<method ") || line.starts_with("<signal ") {
            let kind = if line.starts_with("<method ") { "method" } else { "signal" };
            open = Some((kind, name(), Vec::new(), "void".to_owned()));
        } else if line.starts_with("<constant ") {
            let of = attribute(line, "enum").map(|of| format!("{of}.")).unwrap_or_default();
            let value = attribute(line, "value").unwrap_or_default();
            lines.insert(format!("constant {of}{} = {value}", name()));
        } else if let Some((_, _, parameters, returns)) = &mut open {
            if line.starts_with("<return ") {
                *returns = kind_of(line);
            } else if line.starts_with("<param ") {
                let default = attribute(line, "default").map(|value| format!(" = {value}")).unwrap_or_default();
                parameters.push(format!("{}: {}{default}", name(), kind_of(line)));
            }
        }
        if (line.starts_with("</method>") || line.starts_with("</signal>"))
            && let Some((kind, name, parameters, returns)) = open.take()
        {
            lines.insert(signature(kind, &name, &parameters, &returns));
        }
    }
    lines
}

fn signature(kind: &str, name: &str, parameters: &[String], returns: &str) -> String {
    let arrow = if kind == "method" { format!(" -> {returns}") } else { String::new() };
    format!("{kind} {name}({}){arrow}", parameters.join(", "))
}

/// The type that a tag names; of an enum, its name.
fn kind_of(tag: &str) -> String {
    attribute(tag, "enum").or_else(|| attribute(tag, "type")).unwrap_or_default()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let value = rest.split_once('"')?.0;
    Some(value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
}

/// The lines that follow from the schema.
fn expected() -> Vec<String> {
    let mut lines = Vec::new();
    for function in functions::all().filter(|function| is_offered(function)) {
        let name = function.godot_name.unwrap_or_default();
        let parameters: Vec<String> = function
            .args
            .iter()
            .map(|arg| {
                let kind = if TOLERANT.contains(&(name, arg.name)) { "Variant".to_owned() } else { argument(arg.kind) };
                let default = arg.default.map(|value| format!(" = {value}")).unwrap_or_default();
                format!("{}: {kind}{default}", arg.name)
            })
            .collect();
        lines.push(signature("method", name, &parameters, &kind(function.returns)));
    }
    for event in EVENTS.iter().filter(|event| is_emitted(event)) {
        let fields =
            event.record.fields.iter().map(|field| format!("{}: {}", argument_of_signal(field), kind(field.kind)));
        lines.push(signature("signal", event.godot_name, &fields.collect::<Vec<_>>(), ""));
    }
    for info in ENUMS.iter().filter(|info| info.group != Group::MultiplayerPeer) {
        for row in info.values {
            let names = row.godot_name.into_iter().chain(row.alias);
            lines.extend(names.map(|name| format!("constant {}.{name} = {}", info.godot_name, row.value)));
        }
    }
    for row in CONSTANTS {
        let names = row.godot_name.into_iter().chain(row.alias);
        lines.extend(names.map(|name| format!("constant {name} = {}", row.value)));
    }
    lines
}

fn kind(kind: FieldKind) -> String {
    match kind {
        FieldKind::Enum(info) => format!("Steam.{}", info.godot_name),
        FieldKind::List(FieldKind::Record(_)) => "Dictionary[]".to_owned(),
        other => other.godot().to_owned(),
    }
}

/// Where applications choose numbers of their own, the type is no enum; lists of any kind of array are taken.
fn argument(of: FieldKind) -> String {
    match of {
        FieldKind::Enum(info) if info.godot_name == "NetworkingConnectionEnd" => "int".to_owned(),
        FieldKind::List(_) => "Array".to_owned(),
        other => kind(other),
    }
}

fn differences(golden: &str, found: &str) -> Vec<String> {
    let (golden, found): (BTreeSet<&str>, BTreeSet<&str>) = (golden.lines().collect(), found.lines().collect());
    let gone = golden.difference(&found).map(|line| format!("- {line}"));
    let new = found.difference(&golden).map(|line| format!("+ {line}"));
    gone.chain(new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_becomes_lines() {
        let xml = r#"
            <method name="f" qualifiers="const">
                <return type="int" enum="Steam.Result" />
                <param index="0" name="a" type="Dictionary" default="{}" />
                <param index="1" name="b" type="String" default="&quot;&quot;" />
            </method>
            <signal name="s">
                <param index="0" name="a" type="int" />
            </signal>
            <constant name="C" value="-1" enum="E">
            <constant name="D" value="2">"#;
        let lines: Vec<String> = reduce(xml).into_iter().collect();
        assert_eq!(
            lines,
            [
                "constant D = 2",
                "constant E.C = -1",
                "method f(a: Dictionary = {}, b: String = \"\") -> Steam.Result",
                "signal s(a: int)"
            ]
        );
    }

    #[test]
    fn differences_are_named_both_ways() {
        assert_eq!(differences("a\nb\n", "a\nc\n"), ["- b", "+ c"]);
        assert_eq!(differences("a\n", "a\n"), [""; 0]);
    }
}
