//! `docs/reference/enums.md`.

use gamesockets_schema::enums::ENUMS;
use gamesockets_schema::table::EnumInfo;

use super::markdown::{code, names, table};

/// The body of the page.
pub(super) fn page() -> String {
    let count: usize = ENUMS.iter().map(|info| info.values.len()).sum();
    let mut text = format!("{} enums with {count} values.\n", ENUMS.len());
    for info in ENUMS {
        text.push_str(&section(info));
    }
    text
}

fn section(info: &EnumInfo) -> String {
    let set = if info.open { "Open: other numbers may turn up." } else { "Closed: there are no other numbers." };
    let rows = info.values.iter().map(|row| {
        vec![
            row.value.to_string(),
            names(row.godot_name, row.alias),
            code(row.rust_name),
            code(row.cpp_name),
            row.doc.to_string(),
        ]
    });
    format!(
        "\n## {}\n\n{} Group {}; in Rust `{}`, in C++ {}. {set}\n\n{}",
        info.godot_name,
        info.doc,
        info.group.name(),
        info.rust_name,
        code(info.cpp_name),
        table(&["Value", "Godot", "Rust", "C++", "Meaning"], rows)
    )
}
