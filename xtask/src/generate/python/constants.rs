//! `_constants.py`.

use gamesockets_schema::constants::CONSTANTS;

use super::docstring;

/// The text of the module: every constant that is no set of bits.
pub(super) fn module() -> String {
    let plain: Vec<_> = CONSTANTS.iter().filter(|constant| !constant.rust_name.contains("::")).collect();
    let mut text = String::from("\"\"\"The constants of the API.\"\"\"\n\nfrom typing import Final\n\n");
    for constant in &plain {
        let unit = constant.unit.symbol();
        let doc = match unit {
            "" => constant.doc.to_owned(),
            unit => format!("{}, {unit}.", constant.doc.trim_end_matches('.')),
        };
        text.push_str(&format!("{}: Final = {}\n{}", constant.rust_name, constant.value, docstring(0, &doc)));
    }
    let mut names: Vec<&str> = plain.iter().map(|constant| constant.rust_name).collect();
    names.sort_unstable();
    text.push_str("\n__all__ = [\n");
    names.iter().for_each(|name| text.push_str(&format!("    \"{name}\",\n")));
    text.push_str("]\n");
    text
}
