//! `_records.py`: records as typed dictionaries, events as named tuples, options as keyword arguments.

use gamesockets_schema::config::{Access, ConfigOption, OPTIONS, OptionKind};
use gamesockets_schema::field::FieldKind;
use gamesockets_schema::records::{
    AuthenticationStatus, ConfigValueAnswer, ConfigValueInfo, ConnectionStatusChanged, ConnectionWritable, DebugOutput,
    FieldInfo, LifetimeStatistics, RealTimeStatusAnswer, RecordInfo,
};

use super::enums::enums;
use super::{docstring, enum_name, type_name};

/// What calls answer that is more than one value; what these are made of comes along.
const ANSWERS: &[&RecordInfo] =
    &[RealTimeStatusAnswer::INFO, LifetimeStatistics::INFO, ConfigValueAnswer::INFO, ConfigValueInfo::INFO];
/// The events of what there is so far.
const EVENTS: &[&RecordInfo] =
    &[ConnectionStatusChanged::INFO, ConnectionWritable::INFO, AuthenticationStatus::INFO, DebugOutput::INFO];

const HEAD: &str = r#""""What calls answer, what events tell, and the options of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias, TypedDict

from gamesockets._enums import (
"#;

const OPTIONS_BY_KEY: &str = r#"

_Value: TypeAlias = int | float | str
Options: TypeAlias = Mapping[ConfigValue, _Value] | Mapping[int, _Value] | Mapping[str, _Value]
"""Options by number, or by the names that ``ConfigOptions`` has."""
"#;

/// The text of the module.
pub(super) fn module() -> String {
    let mut body = String::new();
    let records = reachable();
    let mut names: Vec<&str> = vec!["ConfigOptions", "Event", "Options"];
    for record in &records {
        let base = if is_event(record) { "NamedTuple" } else { "TypedDict" };
        body.push_str(&class(record, base));
        names.push(record.rust_name);
    }
    body.push_str(&options());
    body.push_str(OPTIONS_BY_KEY);
    let events: Vec<&str> = EVENTS.iter().map(|event| event.rust_name).collect();
    body.push_str(&format!("\nEvent: TypeAlias = {}\n", events.join(" | ")));
    body.push_str("\"\"\"Something the application should know.\"\"\"\n");
    names.sort_unstable();
    body.push_str("\n__all__ = [\n");
    names.iter().for_each(|name| body.push_str(&format!("    \"{name}\",\n")));
    body.push_str("]\n");
    format!("{HEAD}{})\n{body}", imports(&records))
}

/// The enums that these records name.
fn imports(records: &[&RecordInfo]) -> String {
    let kinds = || records.iter().flat_map(|record| record.fields).map(|field| field.kind);
    let is_used = |name: &str| {
        kinds().any(|kind| match kind {
            FieldKind::Enum(info) => enum_name(info.rust_name) == name,
            FieldKind::Flags(flags) => flags == name,
            _ => false,
        })
    };
    let mut names: Vec<&str> =
        enums().map(|info| enum_name(info.rust_name)).chain(["InfoFlags", "SendFlags"]).collect();
    names.retain(|name| *name == "ConfigValue" || is_used(name));
    names.sort_unstable();
    names.iter().map(|name| format!("    {name},\n")).collect()
}

/// Answers, events and the records inside them; what is inside comes first.
fn reachable() -> Vec<&'static RecordInfo> {
    let mut found = Vec::new();
    ANSWERS.iter().chain(EVENTS).for_each(|record| add(record, &mut found));
    found
}

fn add(record: &'static RecordInfo, found: &mut Vec<&'static RecordInfo>) {
    if found.iter().any(|other| other.rust_name == record.rust_name) {
        return;
    }
    for field in record.fields {
        let item = if let FieldKind::List(item) = field.kind { *item } else { field.kind };
        if let FieldKind::Record(inner) = item {
            add(inner, found);
        }
    }
    found.push(record);
}

fn is_event(record: &RecordInfo) -> bool {
    EVENTS.iter().any(|event| event.rust_name == record.rust_name)
}

fn class(record: &RecordInfo, base: &str) -> String {
    let mut text = format!("\n\nclass {}({base}):\n{}\n", record.rust_name, docstring(4, record.doc));
    for field in record.fields {
        text.push_str(&format!("    {}: {}\n{}", field.key, type_name(field.kind), docstring(4, &field_doc(field))));
    }
    text
}

fn field_doc(field: &FieldInfo) -> String {
    match field.unit.symbol() {
        "" => field.doc.to_owned(),
        unit => format!("{} ({unit})", field.doc.trim_end_matches('.')) + ".",
    }
}

fn options() -> String {
    let doc = "The options of the API by name. Each can be given where a Sockets, a listen socket or a connection is \
               made, and is inherited from the wider scope; those of the global scope only where a Sockets is made.";
    let mut text = format!("\n\nclass ConfigOptions(TypedDict, total=False):\n{}\n", docstring(4, doc));
    for option in OPTIONS {
        let Some(kind) = option_type(option) else { continue };
        text.push_str(&format!("    {}: {kind}\n", option.rust_name.to_lowercase()));
        text.push_str(&docstring(4, &option_doc(option)));
    }
    text
}

/// The type of an option that can be set.
fn option_type(option: &ConfigOption) -> Option<&'static str> {
    if option.access == Access::ReadOnly {
        return None;
    }
    match option.kind {
        OptionKind::Int32(_) | OptionKind::Int64(_) => Some("int"),
        OptionKind::Float(_) => Some("float"),
        OptionKind::String(_) => Some("str"),
        OptionKind::NotASetting | OptionKind::Pointer => None,
    }
}

fn option_doc(option: &ConfigOption) -> String {
    let default = match option.default() {
        Some(gamesockets_schema::ConfigData::String(text)) => format!(" Default \"{text}\"."),
        Some(value) => format!(" Default {value}{}.", spaced(option.unit.symbol())),
        None => String::new(),
    };
    format!("{}{default}", option.doc)
}

fn spaced(unit: &str) -> String {
    if unit.is_empty() { String::new() } else { format!(" {unit}") }
}
