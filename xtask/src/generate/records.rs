//! `docs/reference/records.md` and `docs/reference/events.md`.

use gamesockets_schema::records::{EVENTS, EventInfo, FieldInfo, RECORDS, RecordInfo};

use super::markdown::{code, godot_type, rust_type, table, unit};

/// The body of the page of records.
pub(super) fn records_page() -> String {
    let mut text = format!(
        "{} records: dictionaries in Godot, structures in Rust. Keys marked with a plus are not in GodotSteam.\n",
        RECORDS.len()
    );
    for record in RECORDS {
        text.push_str(&format!("\n## {}\n\n{}\n\n{}", record.rust_name, record.doc, fields("Key", record)));
    }
    text
}

/// The body of the page of events.
pub(super) fn events_page() -> String {
    let mut text = format!("{} events: signals in Godot.\n", EVENTS.len());
    for event in EVENTS {
        text.push_str(&event_section(event));
    }
    text
}

fn event_section(event: &EventInfo) -> String {
    let cpp = event.cpp_name.map_or("; not in GodotSteam".to_owned(), |name| format!(", in C++ `{name}`"));
    format!(
        "\n## {}\n\n{} Group {}; in Rust `{}`{cpp}.\n\n{}",
        event.godot_name,
        event.record.doc,
        event.group.name(),
        event.record.rust_name,
        fields("Argument", event.record)
    )
}

fn fields(head: &str, record: &RecordInfo) -> String {
    if record.fields.is_empty() {
        return String::from("No arguments.\n");
    }
    table(&[head, "Godot", "Rust", "Unit", "Meaning"], record.fields.iter().map(row))
}

fn row(field: &FieldInfo) -> Vec<String> {
    let extra = if field.extra { " +" } else { "" };
    vec![
        format!("{}{extra}", code(Some(field.key))),
        godot_type(field.kind),
        format!("`{}`", rust_type(field.kind)),
        unit(field.unit),
        field.doc.to_string(),
    ]
}
