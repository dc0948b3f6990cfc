//! Names of the schema, found in any of their spellings.

use gamesockets_schema::config::ConfigValue;
use gamesockets_schema::constants::CONSTANTS;
use gamesockets_schema::field::FieldKind;
use gamesockets_schema::functions::{self, FunctionInfo};
use gamesockets_schema::records::{EVENTS, EventInfo, FieldInfo, RecordInfo};
use gamesockets_schema::table::EnumInfo;

/// The function of this name in Valve's interface, or in GodotSteam where that has it alone.
pub(super) fn function(name: &str) -> Option<&'static FunctionInfo> {
    functions::all().find(|function| name_of(function) == name)
}

/// What scripts call a function.
pub(super) fn name_of(function: &FunctionInfo) -> &'static str {
    function.steam_name.or(function.godot_name).unwrap_or_default()
}

/// The event with this signal.
pub(super) fn event(name: &str) -> Option<&'static EventInfo> {
    EVENTS.iter().copied().find(|event| event.godot_name == name)
}

/// The field with this key.
pub(super) fn field(record: &'static RecordInfo, key: &str) -> Option<&'static FieldInfo> {
    record.fields.iter().find(|field| field.key == key)
}

/// The number of an enum's value.
pub(super) fn enum_number(info: &EnumInfo, name: &str) -> Option<i64> {
    let spelt = |row: &&gamesockets_schema::table::EnumValue| {
        [row.godot_name, row.alias, row.cpp_name, row.rust_name].contains(&Some(name))
    };
    info.values.iter().find(spelt).map(|row| row.value.into())
}

/// The number of bits joined by `|`; `set` is the Rust type that they belong to.
pub(super) fn flag_number(set: &str, names: &str) -> Option<i64> {
    names.split('|').try_fold(0, |bits, name| {
        let name = name.trim();
        let row = CONSTANTS.iter().find(|row| {
            let of_set = row.rust_name.strip_prefix(set).is_some_and(|rest| rest.starts_with("::"));
            of_set && ([row.godot_name, row.alias].contains(&Some(name)) || row.cpp_name == name)
        })?;
        Some(bits | row.value)
    })
}

/// The number of an option, by one of its names or as text.
pub(super) fn option_number(name: &str) -> Option<i64> {
    name.parse().ok().or_else(|| enum_number(ConfigValue::INFO, name))
}

/// What kind of value it is to a runner.
pub(super) fn type_of(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Nothing => "nothing",
        FieldKind::Bool => "bool",
        FieldKind::I32
        | FieldKind::I64
        | FieldKind::U16
        | FieldKind::U32
        | FieldKind::U64
        | FieldKind::Enum(_)
        | FieldKind::Flags(_)
        | FieldKind::Native("void*") => "int",
        FieldKind::F32 => "float",
        FieldKind::Text | FieldKind::Native("SteamNetworkingIdentity" | "SteamNetworkingIPAddr") => "text",
        FieldKind::Bytes => "bytes",
        FieldKind::Record(_) => "record",
        FieldKind::List(_) => "list",
        FieldKind::Options => "options",
        FieldKind::Variant => "variant",
        FieldKind::Object(_) | FieldKind::Native(_) => "native",
    }
}

/// The name in this list that is written most alike, for messages.
pub(super) fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |name: &str| distance(&wanted.to_lowercase(), &name.to_lowercase());
    names.map(|name| (distance(name), name)).min().filter(|(far, _)| *far <= wanted.len() / 2).map(|(_, name)| name)
}

/// How many letters differ (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (index, counterpart) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *counterpart);
            diagonal = row[index + 1];
            row[index + 1] = changed.min(diagonal + 1).min(row[index] + 1);
        }
    }
    row[other.len()]
}
