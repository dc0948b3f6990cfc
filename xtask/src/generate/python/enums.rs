//! `_enums.py`: the enums as `IntEnum`, sets of bits as `IntFlag`.

use gamesockets_schema::constants::CONSTANTS;
use gamesockets_schema::enums::ENUMS;
use gamesockets_schema::table::{ConstantInfo, EnumInfo, EnumValue, Group};

use super::{docstring, enum_name, upper_snake};

/// The sets of bits, and what each says.
const SETS: &[(&str, &str)] = &[
    ("SendFlags", "How a message is sent."),
    ("InfoFlags", "What kind of connection it is."),
    ("IceCandidates", "Which kinds of addresses may be shown to peers."),
];

const HEAD: &str = r#""""The enums and sets of bits of the API."""

from __future__ import annotations

from enum import IntEnum, IntFlag


class _OpenEnum(IntEnum):
    """An enum that may meet numbers beyond its list, from a peer or a script: each becomes a member without a name."""

    @classmethod
    def _missing_(cls, value: object) -> _OpenEnum | None:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = str(int(value))
        member._value_ = int(value)
        return member
"#;

/// The text of the module.
pub(super) fn module() -> String {
    let mut text = String::from(HEAD);
    let mut names = Vec::new();
    for info in enums() {
        names.push(enum_name(info.rust_name));
        text.push_str(&class(info));
    }
    for (name, doc) in SETS {
        names.push(name);
        text.push_str(&set(name, doc));
    }
    names.sort_unstable();
    text.push_str("\n\n__all__ = [\n");
    names.iter().for_each(|name| text.push_str(&format!("    \"{name}\",\n")));
    text.push_str("]\n");
    text
}

/// The enums that Python has: those of Godot's own classes it does without.
pub(super) fn enums() -> impl Iterator<Item = &'static EnumInfo> {
    ENUMS.iter().copied().filter(|info| info.group != Group::MultiplayerPeer)
}

fn class(info: &'static EnumInfo) -> String {
    let base = if info.open { "_OpenEnum" } else { "IntEnum" };
    let mut text = format!("\n\nclass {}({base}):\n{}\n", enum_name(info.rust_name), docstring(4, info.doc));
    let (bounds, plain): (Vec<&EnumValue>, Vec<&EnumValue>) = info.values.iter().partition(|value| is_bound(value));
    // Of two names for one number, the first is the one that is printed.
    for value in plain.into_iter().chain(bounds) {
        let Some(name) = value.rust_name else { continue };
        text.push_str(&format!("    {} = {}\n{}", upper_snake(name), value.value, docstring(4, value.doc)));
    }
    text
}

/// Whether it only says where a range begins or ends.
fn is_bound(value: &EnumValue) -> bool {
    value.rust_name.is_some_and(|name| name.ends_with("_MIN") || name.ends_with("_MAX"))
}

fn set(name: &str, doc: &str) -> String {
    let members: Vec<(&str, &ConstantInfo)> = CONSTANTS
        .iter()
        .filter_map(|constant| Some((constant.rust_name.strip_prefix(name)?.strip_prefix("::")?, constant)))
        .collect();
    // IntFlag has no negative numbers.
    let base = if members.iter().any(|(_, constant)| constant.value < 0) { "IntEnum" } else { "IntFlag" };
    let mut text = format!("\n\nclass {name}({base}):\n{}\n", docstring(4, doc));
    for (name, constant) in members {
        text.push_str(&format!("    {name} = {}\n{}", constant.value, docstring(4, constant.doc)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_of_the_schema_is_a_class() {
        for constant in CONSTANTS {
            let Some((set, member)) = constant.rust_name.split_once("::") else { continue };
            assert!(SETS.iter().any(|(name, _)| *name == set), "{set}");
            assert!(module().contains(&format!("    {member} = {}\n", constant.value)), "{}", constant.rust_name);
        }
    }
}
