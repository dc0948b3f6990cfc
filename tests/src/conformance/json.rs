//! All scripts as one JSON text, for runners in languages without a TOML reader.
//!
//! A number in it is an integer, or stands in `{"$float": ..}`; an integer beyond 2^53 is a text in `{"$int": ".."}`,
//! since some languages read every number as a float.

use std::collections::BTreeMap;

use gamesockets_schema::field::FieldKind;
use gamesockets_schema::functions::FunctionInfo;
use gamesockets_schema::records::EventInfo;
use serde_json::{Map, Value as Json, json};

use super::names::{name_of, type_of};
use super::script::{Action, Script, Step, Value};

/// The version of this form.
const FORMAT: u32 = 1;
/// Integers up to here are exact as floats.
const EXACT: i64 = 1 << 53;

/// All scripts, with the functions and events that they name.
pub fn to_json(scripts: &[Script]) -> Json {
    let mut functions = BTreeMap::new();
    let mut events = BTreeMap::new();
    for step in scripts.iter().flat_map(|script| &script.steps) {
        match step.action {
            Action::Call { function, .. } => functions.insert(name_of(function), function_json(function)),
            Action::Event(event) | Action::NoEvent(event) => events.insert(event.godot_name, event_json(event)),
        };
    }
    json!({
        "format": FORMAT,
        "functions": functions,
        "events": events,
        "scripts": scripts.iter().map(script_json).collect::<Vec<_>>(),
    })
}

fn function_json(function: &FunctionInfo) -> Json {
    let args = function.args.iter().map(|arg| {
        json!({ "name": arg.name, "type": type_of(arg.kind), "godot_type": arg.kind.godot(), "default": arg.default })
    });
    json!({
        "godot_name": function.godot_name,
        "args": args.collect::<Vec<_>>(),
        "returns": type_of(function.returns),
    })
}

fn event_json(event: &EventInfo) -> Json {
    let fields = event.record.fields.iter().map(|field| json!({ "name": field.key, "type": type_of(field.kind) }));
    json!({ "cpp_name": event.cpp_name, "rust_name": event.record.rust_name, "fields": fields.collect::<Vec<_>>() })
}

fn script_json(script: &Script) -> Json {
    json!({
        "name": script.name,
        "about": script.about,
        "instances": script.instances,
        "must_fail": script.must_fail,
        "native": script.native,
        "steps": script.steps.iter().map(step_json).collect::<Vec<_>>(),
    })
}

fn step_json(step: &Step) -> Json {
    let mut json = Map::new();
    let mut put = |key: &str, value: Json| json.insert(key.to_owned(), value);
    put("place", step.place.as_str().into());
    put("on", step.on.as_str().into());
    match &step.action {
        Action::Call { function, args, count, wait } => {
            put("call", name_of(function).into());
            let kinds = function.args.iter().map(|arg| arg.kind);
            put("args", args.iter().zip(kinds).map(|(arg, kind)| argument_json(arg, kind)).collect());
            if let Some(count) = count {
                put("count", (*count).into());
            }
            if *wait {
                put("wait", true.into());
            }
        }
        Action::Event(event) => {
            put("event", event.godot_name.into());
        }
        Action::NoEvent(event) => {
            put("no_event", event.godot_name.into());
        }
    }
    if let Some(expect) = &step.expect {
        put("expect", value_json(expect));
    }
    if !step.save.is_empty() {
        let saved = step.save.iter().map(|(name, path)| (name.clone(), Json::from(path.as_str())));
        put("save", Json::Object(saved.collect()));
    }
    if let Some(fails) = &step.fails {
        put("fails", fails.as_str().into());
    }
    Json::Object(json)
}

/// Options stand by number, so that they are told from special forms by their place.
fn argument_json(value: &Value, kind: FieldKind) -> Json {
    match (value, kind) {
        (Value::Table(options), FieldKind::Options) => {
            let pair =
                |(number, value): &(String, Value)| json!([number.parse::<i64>().unwrap_or(0), value_json(value)]);
            json!({ "$options": options.iter().map(pair).collect::<Vec<_>>() })
        }
        _ => value_json(value),
    }
}

fn value_json(value: &Value) -> Json {
    match value {
        Value::Bool(is) => (*is).into(),
        Value::Int(number) if (-EXACT..=EXACT).contains(number) => (*number).into(),
        Value::Int(number) => json!({ "$int": number.to_string() }),
        Value::Float(number) => json!({ "$float": number }),
        Value::Text(text) => text.as_str().into(),
        Value::Bytes(bytes) => json!({ "$hex": hex::encode(bytes) }),
        Value::Fill { byte, size } => json!({ "$fill": byte, "$size": size }),
        Value::List(values) => values.iter().map(value_json).collect(),
        Value::Table(fields) => fields.iter().map(|(key, value)| (key.clone(), value_json(value))).collect(),
        Value::Saved(name) => json!({ "$saved": name }),
        Value::Any(kind) => json!({ "$any": kind }),
        Value::Range { min, max } => {
            let bounds = [("$min", min), ("$max", max)];
            let given =
                bounds.into_iter().filter_map(|(key, bound)| Some((key.to_owned(), value_json(bound.as_ref()?))));
            Json::Object(given.collect())
        }
        Value::Contains(text) => json!({ "$contains": text }),
        Value::Empty => json!({ "$empty": true }),
        Value::Not(value) => json!({ "$not": value_json(value) }),
        Value::Unordered(values) => json!({ "$unordered": values.iter().map(value_json).collect::<Vec<_>>() }),
    }
}
