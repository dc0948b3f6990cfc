//! The dictionary `options`: from the number or the name of an option to its value.

use gamesockets::schema::config::{self, OPTIONS};
use gamesockets::{ConfigData, ConfigEntry, ConfigValue};
use godot::prelude::*;

use crate::steam::Steam;

impl Steam {
    /// The entries; `None`, and a warning that names the key, if one of them is none.
    pub(super) fn options(&self, name: &str, options: &VarDictionary) -> Option<Vec<ConfigEntry>> {
        let entries: Result<Vec<_>, _> = options.iter_shared().map(|(key, value)| entry(&key, &value)).collect();
        entries.inspect_err(|problem| self.watch.warn_once(&format!("{name}: options: {problem}"))).ok()
    }
}

fn entry(key: &Variant, value: &Variant) -> Result<ConfigEntry, String> {
    let option = option(key)?;
    let value = data(value).ok_or_else(|| {
        let (option, kind) = (config::option(option).map_or("?", |row| row.name), value.get_type());
        format!("the value of {option} has the type {kind:?}: give an int, a float, a bool or a String")
    })?;
    Ok(ConfigEntry { option, value })
}

/// The option that a key names, by number or in words.
fn option(key: &Variant) -> Result<ConfigValue, String> {
    if let Ok(number) = key.try_to::<i64>() {
        let found = OPTIONS.iter().find(|row| i64::from(row.id.0) == number);
        return found.map(|row| row.id).ok_or_else(|| {
            let nearest = OPTIONS.iter().min_by_key(|row| i64::from(row.id.0).abs_diff(number));
            format!("{number} is no option; {}", suggestion(nearest.map(|row| (row.id.0, row.godot_name, row.name))))
        });
    }
    let Ok(name) = key.try_to_relaxed::<GString>().map(|name| name.to_string()) else {
        return Err(format!("the key {key} has the type {:?}: give the number of an option", key.get_type()));
    };
    config::option_by_name(&name).map(|row| row.id).ok_or_else(|| {
        let names = OPTIONS.iter().flat_map(|row| {
            let names = [Some(row.name), row.godot_name, Some(row.cpp_name)];
            names.into_iter().flatten().map(move |name| (name, row))
        });
        let nearest = names.min_by_key(|(candidate, _)| distance(candidate, &name));
        let nearest = nearest.map(|(_, row)| (row.id.0, row.godot_name, row.name));
        format!("\"{name}\" is no option; {}", suggestion(nearest))
    })
}

fn suggestion(nearest: Option<(i32, Option<&str>, &str)>) -> String {
    let Some((number, godot_name, name)) = nearest else { return String::new() };
    let name = godot_name.map_or_else(|| name.to_owned(), |name| format!("Steam.{name}"));
    format!("the nearest is {name} ({number})")
}

/// A value of an option, of the types that an option can have.
pub(super) fn data(value: &Variant) -> Option<ConfigData> {
    match value.get_type() {
        VariantType::BOOL => Some(ConfigData::Int32(value.booleanize().into())),
        VariantType::INT => value.try_to::<i64>().ok().map(ConfigData::Int64),
        VariantType::FLOAT => value.try_to::<f64>().ok().map(|number| ConfigData::Float(number as f32)),
        VariantType::STRING | VariantType::STRING_NAME => {
            value.try_to_relaxed::<GString>().ok().map(|text| ConfigData::String(text.to_string()))
        }
        _ => None,
    }
}

/// How many letters have to be changed, added or taken out (Levenshtein); case does not matter.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.to_ascii_lowercase().chars().take(100).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.to_ascii_lowercase().chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, other) in right.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}
