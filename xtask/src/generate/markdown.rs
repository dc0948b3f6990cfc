//! Markdown tables and the words that several pages share.

use gamesockets_schema::field::FieldKind;
use gamesockets_schema::table::Unit;

/// A table with these columns and rows.
pub(super) fn table(columns: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = format!("| {} |\n|{}\n", columns.join(" | "), "---|".repeat(columns.len()));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    text
}

/// A name as code; a dash where there is none.
pub(super) fn code(name: Option<&str>) -> String {
    name.map_or_else(|| String::from("-"), |name| format!("`{name}`"))
}

/// A name, and its correct spelling where that differs.
pub(super) fn names(name: Option<&str>, alias: Option<&str>) -> String {
    alias.map_or_else(|| code(name), |alias| format!("{}, `{alias}`", code(name)))
}

/// The symbol of a unit; a dash for plain numbers.
pub(super) fn unit(unit: Unit) -> String {
    if unit == Unit::Plain { String::from("-") } else { unit.symbol().to_string() }
}

/// The type in Rust, with what a list holds.
pub(super) fn rust_type(kind: FieldKind) -> String {
    match kind {
        FieldKind::List(element) => format!("Vec<{}>", rust_type(*element)),
        _ => kind.rust().to_string(),
    }
}

/// The type in GDScript, with the enum, flags or record behind it.
pub(super) fn godot_type(kind: FieldKind) -> String {
    match kind {
        FieldKind::Enum(info) => format!("`int` ([{}](enums.md#{}))", info.godot_name, anchor(info.godot_name)),
        FieldKind::Flags(name) => format!("`int` ({name})"),
        FieldKind::Record(record) => {
            format!("`Dictionary` ([{}](records.md#{}))", record.rust_name, anchor(record.rust_name))
        }
        FieldKind::List(FieldKind::Record(record)) => {
            format!("`Array` of [{}](records.md#{})", record.rust_name, anchor(record.rust_name))
        }
        FieldKind::List(element) if kind.godot() == "Array" => format!("`Array` of {}", godot_type(*element)),
        FieldKind::Object(name) => format!("`Object` ({name})"),
        FieldKind::Native(name) => format!("{name} (C++ and Rust only)"),
        FieldKind::Options => String::from("`Dictionary` (options)"),
        _ => format!("`{}`", kind.godot()),
    }
}

/// The anchor that Markdown gives a heading of one word.
fn anchor(heading: &str) -> String {
    heading.to_lowercase()
}
