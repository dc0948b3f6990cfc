//! `docs/reference/config.md`.

use std::fmt::Display;

use gamesockets_schema::config::{Access, Bounds, ConfigOption, OPTIONS, OptionKind, Registration};

use super::markdown::{names, table, unit};

const INTRODUCTION: &str = "\
A value out of range is brought to the nearest end, not refused. Integers, floats and texts are converted to the type \
of the option: integers have to fit, floats are rounded (halves up), texts are read as decimal numbers. An option of \
scope Connection can be set globally, for an instance, a listen socket or a connection, and is inherited in this order; \
an option of scope Global only globally.

- **developer**: listed only when developer options are asked for.
- **hidden**: never listed, yet it can be set.
- **read-only**: listed, but it follows from another option.
- **not in GNS**: Valve's open-source library declares the number and refuses to set it.
- **ours**: no library of Valve's knows the number.
";

/// The body of the page.
pub(super) fn page() -> String {
    let columns = ["Id", "Name", "Godot", "Type", "Scope", "Default", "Range", "Unit", "Notes", "Meaning"];
    format!("{} numbers.\n\n{INTRODUCTION}\n{}", OPTIONS.len(), table(&columns, OPTIONS.iter().map(row)))
}

fn row(option: &ConfigOption) -> Vec<String> {
    let (default, range) = default_and_range(option);
    vec![
        option.id.0.to_string(),
        option.name.to_string(),
        names(option.godot_name, option.alias),
        option.data_type().map_or_else(dash, |kind| format!("{kind:?}")),
        option.scope.map_or_else(dash, |scope| format!("{scope:?}")),
        default,
        range,
        unit(option.unit),
        notes(option),
        option.doc.to_string(),
    ]
}

fn default_and_range(option: &ConfigOption) -> (String, String) {
    match option.kind {
        OptionKind::Int32(Some(bounds)) => numbers(&bounds),
        OptionKind::Int64(Some(bounds)) => (bounds.default.to_string(), String::from("any")),
        OptionKind::Float(Some(bounds)) => numbers(&bounds),
        OptionKind::String(Some(text)) => (format!("`\"{text}\"`"), dash()),
        _ => (dash(), dash()),
    }
}

fn numbers<T: Display>(bounds: &Bounds<T>) -> (String, String) {
    (bounds.default.to_string(), format!("{}..={}", bounds.min, bounds.max))
}

fn notes(option: &ConfigOption) -> String {
    if option.kind == OptionKind::NotASetting {
        return String::from("no setting");
    }
    let access = match option.access {
        Access::Listed => None,
        Access::Developer => Some("developer"),
        Access::Hidden => Some("hidden"),
        Access::ReadOnly => Some("read-only"),
    };
    let registration = match option.open_source {
        Registration::Yes => None,
        Registration::WithIce => Some("GNS: with ICE"),
        Registration::WithEcn => Some("GNS: on Windows"),
        Registration::No => Some("not in GNS"),
        Registration::Ours => Some("ours"),
    };
    let notes: Vec<&str> = [access, registration].into_iter().flatten().collect();
    if notes.is_empty() { dash() } else { notes.join(", ") }
}

fn dash() -> String {
    String::from("-")
}
