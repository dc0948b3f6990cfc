//! `Enums.cs`: the enums and the sets of bits.

use gamesockets_schema::constants::CONSTANTS;
use gamesockets_schema::enums::ENUMS;
use gamesockets_schema::table::{ConstantInfo, EnumInfo, Group};

use super::names::{enum_name, pascal, summary};

/// The sets of bits, and what each says.
const SETS: &[(&str, &str)] = &[
    ("SendFlags", "How a message is sent."),
    ("InfoFlags", "What kind of connection it is."),
    ("IceCandidates", "Which kinds of addresses may be shown to peers."),
];

/// The text of the file.
pub(super) fn module() -> String {
    let enums = ENUMS.iter().filter(|info| info.group != Group::MultiplayerPeer).map(|info| declaration(info));
    let sets = SETS.iter().map(|(name, doc)| set(name, doc));
    let all: Vec<String> = enums.chain(sets).collect();
    format!("using System;\n\nnamespace GameSockets\n{{\n{}}}\n", all.join("\n"))
}

fn declaration(info: &'static EnumInfo) -> String {
    let mut text = summary(4, info.doc);
    text.push_str(&format!("    public enum {}\n    {{\n", enum_name(info.rust_name)));
    for value in info.values {
        if let Some(name) = value.rust_name {
            text.push_str(&format!("{}        {} = {},\n", summary(8, value.doc), pascal(name), value.value));
        }
    }
    text.push_str("    }\n");
    text
}

fn set(name: &str, doc: &str) -> String {
    let members: Vec<(&str, &ConstantInfo)> = CONSTANTS
        .iter()
        .filter_map(|constant| Some((constant.rust_name.strip_prefix(name)?.strip_prefix("::")?, constant)))
        .collect();
    let mut text = format!("{}    [Flags]\n    public enum {name}\n    {{\n", summary(4, doc));
    for (name, constant) in members {
        text.push_str(&format!("{}        {} = {},\n", summary(8, constant.doc), pascal(name), constant.value));
    }
    text.push_str("    }\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_of_the_schema_is_an_enum() {
        let text = module();
        for constant in CONSTANTS {
            let Some((set, member)) = constant.rust_name.split_once("::") else { continue };
            assert!(SETS.iter().any(|(name, _)| *name == set), "{set}");
            assert!(text.contains(&format!("        {} = {},\n", pascal(member), constant.value)), "{member}");
        }
    }
}
