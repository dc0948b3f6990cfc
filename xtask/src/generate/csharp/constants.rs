//! `Constants.cs`.

use gamesockets_schema::constants::CONSTANTS;

use super::names::{pascal, summary};

/// The text of the file: every constant that is no set of bits.
pub(super) fn module() -> String {
    let plain = CONSTANTS.iter().filter(|constant| !constant.rust_name.contains("::"));
    let rows: Vec<String> = plain
        .map(|constant| {
            let doc = match constant.unit.symbol() {
                "" => constant.doc.to_owned(),
                unit => format!("{}, {unit}.", constant.doc.trim_end_matches('.')),
            };
            let name = pascal(constant.rust_name);
            format!("{}        public const int {name} = {};\n", summary(8, &doc), constant.value)
        })
        .collect();
    let head = summary(4, "The constants of the API.");
    format!(
        "namespace GameSockets\n{{\n{head}    public static class Constants\n    {{\n{}    }}\n}}\n",
        rows.join("\n")
    )
}
