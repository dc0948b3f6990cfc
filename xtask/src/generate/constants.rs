//! `docs/reference/constants.md`.

use gamesockets_schema::constants::CONSTANTS;

use super::markdown::{code, names, table, unit};

/// The body of the page.
pub(super) fn page() -> String {
    let rows = CONSTANTS.iter().map(|constant| {
        vec![
            names(constant.godot_name, constant.alias),
            code(Some(constant.rust_name)),
            code(Some(constant.cpp_name)),
            constant.value.to_string(),
            unit(constant.unit),
            constant.doc.to_string(),
        ]
    });
    format!(
        "{} constants. Lengths of texts count the terminating zero of C strings.\n\n{}",
        CONSTANTS.len(),
        table(&["Godot", "Rust", "C++", "Value", "Unit", "Meaning"], rows)
    )
}
