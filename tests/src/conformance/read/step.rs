//! One step of a script.

use gamesockets_schema::field::FieldKind;
use gamesockets_schema::functions::{self, FunctionInfo};
use gamesockets_schema::records::EVENTS;

use super::MAIN;
use super::saved::Names;
use super::source::Table;
use super::value::{Place, Reader};
use crate::conformance::names;
use crate::conformance::script::{Action, Step, Value};

const KEYS: &[&str] = &["on", "call", "args", "count", "wait", "event", "no_event", "expect", "save", "fails"];

/// Reads a step, and remembers what it saves.
pub(super) fn read(table: &Table<'_>, names: &mut Names) -> Result<Step, String> {
    table.check_keys(KEYS)?;
    let (action, kind) = action(table, names)?;
    let reader = Reader { source: table.source, names };
    let expect = table.get("expect").map(|value| reader.expected(kind, value)).transpose()?;
    check(table, &action, expect.as_ref(), kind)?;
    let step = Step {
        place: table.place(),
        on: table.text("on")?.unwrap_or(MAIN).to_owned(),
        action,
        expect,
        save: saved(table, kind)?,
        fails: table.text("fails")?.map(str::to_owned),
    };
    for (name, _) in &step.save {
        if names.contains(name) {
            return Err(table.problem("save", &format!("`{name}` is saved already: take another name")));
        }
        names.save(name);
    }
    Ok(step)
}

/// What is done, and what kind of value comes of it.
fn action(table: &Table<'_>, names: &Names) -> Result<(Action, FieldKind), String> {
    match (table.text("call")?, table.text("event")?, table.text("no_event")?) {
        (Some(name), None, None) => call(table, name, names),
        (None, Some(name), None) => {
            let event = event(table, "event", name)?;
            Ok((Action::Event(event), FieldKind::Record(event.record)))
        }
        (None, None, Some(name)) => {
            let event = event(table, "no_event", name)?;
            Ok((Action::NoEvent(event), FieldKind::Record(event.record)))
        }
        _ => Err(format!("{}: a step has one of `call`, `event` and `no_event`", table.place())),
    }
}

fn event(table: &Table<'_>, key: &str, name: &str) -> Result<&'static gamesockets_schema::records::EventInfo, String> {
    names::event(name).ok_or_else(|| {
        let known: Vec<_> = EVENTS.iter().map(|event| event.godot_name).collect();
        table.problem(key, &format!("there is no event `{name}`: there are {}", known.join(", ")))
    })
}

fn call(table: &Table<'_>, name: &str, names: &Names) -> Result<(Action, FieldKind), String> {
    let function = names::function(name).ok_or_else(|| {
        let near = names::nearest(name, functions::all().map(names::name_of));
        let hint = near.map_or(String::new(), |near| format!(": `{near}`?"));
        table.problem("call", &format!("there is no function `{name}`{hint}"))
    })?;
    let args = args(table, function, names)?;
    let wait = table.is("wait")?;
    let count = table.get("count").map(|value| {
        let number = value.get_ref().as_integer().and_then(|number| number.as_str().parse().ok());
        number.filter(|_| matches!(function.returns, FieldKind::List(_)) && !wait).ok_or_else(|| {
            table.problem("count", "`count` is a number, for functions that answer a list, and without `wait`")
        })
    });
    Ok((Action::Call { function, args, count: count.transpose()?, wait }, function.returns))
}

/// The arguments by position.
fn args(table: &Table<'_>, function: &'static FunctionInfo, names: &Names) -> Result<Vec<Value>, String> {
    let known: Vec<_> = function.args.iter().map(|arg| arg.name).collect();
    let given = table.get("args").map(|value| Table::new(table.source, value)).transpose()?;
    if let Some(given) = &given {
        given.check_keys(&known)?;
    }
    let reader = Reader { source: table.source, names };
    let mut args = Vec::new();
    for (index, arg) in function.args.iter().enumerate() {
        match (given.as_ref().and_then(|given| given.get(arg.name)), arg.default) {
            (Some(value), _) if args.len() == index => args.push(reader.read(arg.kind, value, Place::Argument)?),
            (Some(_), _) => {
                return Err(table.problem("args", &format!("`{}` needs the arguments before it as well", arg.name)));
            }
            (None, Some(_)) => {}
            (None, None) => return Err(table.problem("args", &format!("the argument `{}` is missing", arg.name))),
        }
    }
    Ok(args)
}

/// What parts of a step do not go together.
fn check(table: &Table<'_>, action: &Action, expect: Option<&Value>, kind: FieldKind) -> Result<(), String> {
    let is_call = matches!(action, Action::Call { .. });
    for key in ["args", "count", "wait", "fails"] {
        if !is_call && table.get(key).is_some() {
            return Err(table.problem(key, &format!("`{key}` belongs to a call")));
        }
    }
    if matches!(action, Action::Call { wait: true, .. }) && expect.is_none() {
        return Err(table.problem("wait", "`wait` needs to know what for: `expect`"));
    }
    if table.get("fails").is_some() && expect.is_none() && !matches!(kind, FieldKind::Nothing) {
        return Err(table.problem("fails", "say by `expect` how the failure is answered"));
    }
    if matches!(action, Action::NoEvent(_)) && table.get("save").is_some() {
        return Err(table.problem("save", "nothing comes of an event that has not been told"));
    }
    Ok(())
}

/// `save = "name"` for the whole answer, `save = { name = "path.to.part" }` for parts of it.
fn saved(table: &Table<'_>, kind: FieldKind) -> Result<Vec<(String, String)>, String> {
    let Some(value) = table.get("save") else { return Ok(Vec::new()) };
    if let Some(name) = value.get_ref().as_str() {
        return Ok(vec![(name.to_owned(), String::new())]);
    }
    let parts = Table::new(table.source, value)?;
    let mut saved = Vec::new();
    for name in parts.entries.keys().map(|key| key.get_ref().as_ref()) {
        let path = parts.text(name)?.unwrap_or_default();
        check_path(path, kind).map_err(|problem| parts.problem(name, &problem))?;
        saved.push((name.to_owned(), path.to_owned()));
    }
    Ok(saved)
}

fn check_path(path: &str, kind: FieldKind) -> Result<(), String> {
    let mut here = kind;
    for part in path.split('.') {
        here = match here {
            FieldKind::Record(record) => names::field(record, part).map(|field| field.kind),
            FieldKind::List(element) => part.parse::<usize>().ok().map(|_| *element),
            _ => None,
        }
        .ok_or_else(|| format!("there is no `{part}` here; a path is made of keys and of numbers of list elements"))?;
    }
    Ok(())
}
