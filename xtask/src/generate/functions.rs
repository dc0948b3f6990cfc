//! `docs/reference/functions-*.md`.

use gamesockets_schema::functions::{ArgInfo, FunctionInfo, all};
use gamesockets_schema::table::Group;

use super::markdown::{code, godot_type, table};

/// The body of the page of one group.
pub(super) fn page(group: Group) -> String {
    let functions: Vec<&FunctionInfo> = all().filter(|function| function.group == group).collect();
    let mut text = format!("{} functions.\n", functions.len());
    for function in functions {
        text.push_str(&section(function));
    }
    text
}

fn section(function: &FunctionInfo) -> String {
    let heading = function.godot_name.or(function.steam_name).unwrap_or_default();
    let mut text = format!("\n## {heading}\n\n{}\n\n", function.doc);
    let steam = function.steam_name.map_or_else(|| String::from("an addition of GodotSteam"), |name| code(Some(name)));
    let native = if function.godot_name.is_none() { "; C++ and Rust only" } else { "" };
    text.push_str(&format!("- Steam: {steam}{native}\n"));
    text.push_str(&format!("- Answers: {}\n", godot_type(function.returns)));
    if !function.needs.words().is_empty() {
        text.push_str(&format!("- Needs: {}\n", function.needs.words()));
    }
    if !function.args.is_empty() {
        text.push('\n');
        text.push_str(&table(&["Argument", "Type", "Default"], function.args.iter().map(row)));
    }
    text
}

fn row(arg: &ArgInfo) -> Vec<String> {
    vec![code(Some(arg.name)), godot_type(arg.kind), code(arg.default)]
}
