//! Plays a script against a binding.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use gamesockets_schema::functions::FunctionInfo;
use gamesockets_schema::records::EventInfo;

use super::answer::Answer;
use super::matching::{Saved, mismatch, plain};
use super::names::name_of;
use super::script::{Action, Script, Step, Value};

/// How often is looked for what is waited for.
const PAUSE: Duration = Duration::from_millis(2);
/// How long is waited for what is not to come.
const IN_VAIN: Duration = Duration::from_millis(100);

/// One instance of the library, in some language.
pub trait Binding {
    /// Calls a function. Arguments at the end may be missing: these have their defaults.
    fn call(&mut self, function: &'static FunctionInfo, args: &[Answer]) -> Answer;

    /// The events that have come since the last time: signal and fields.
    fn events(&mut self) -> Vec<(&'static str, Answer)>;
}

/// Plays a script. `start` makes an instance; `limit` is how long a step may wait.
///
/// # Errors
/// The place of the first step that went otherwise than expected, and how. If its last step has to fail: that it did not.
pub fn run<B: Binding>(
    script: &Script,
    limit: Duration,
    mut start: impl FnMut() -> Result<B, String>,
) -> Result<(), String> {
    let mut stage = Stage { instances: BTreeMap::new(), saved: Saved::new(), limit };
    for name in &script.instances {
        stage.instances.insert(name, Instance { binding: start()?, events: Vec::new() });
    }
    let (wrong, steps) = match script.steps.split_last() {
        Some((last, before)) if script.must_fail => (Some(last), before),
        _ => (None, script.steps.as_slice()),
    };
    steps.iter().try_for_each(|step| stage.play(step).map_err(|problem| format!("{}: {problem}", step.place)))?;
    let Some(wrong) = wrong else { return Ok(()) };
    stage.limit = IN_VAIN;
    match stage.play(wrong) {
        Ok(()) => Err(format!("{}: this has to be noticed as wrong", wrong.place)),
        Err(_) => Ok(()),
    }
}

/// A running script.
struct Stage<'a, B> {
    instances: BTreeMap<&'a str, Instance<B>>,
    saved: Saved,
    limit: Duration,
}

struct Instance<B> {
    binding: B,
    /// What has been told and not been asked for.
    events: Vec<(&'static str, Answer)>,
}

impl<B: Binding> Stage<'_, B> {
    fn play(&mut self, step: &Step) -> Result<(), String> {
        let instance = self.instances.get_mut(step.on.as_str()).ok_or("no such instance")?;
        let deadline = Instant::now() + self.limit;
        let answer = match &step.action {
            Action::Call { function, args, count, wait } => {
                let missing = || format!("{} needs a value that was not saved", name_of(function));
                let args = args.iter().map(|arg| plain(arg, &self.saved)).collect::<Option<Vec<_>>>();
                let args = args.ok_or_else(missing)?;
                let mut call = || instance.binding.call(function, &args);
                match (count, wait) {
                    (Some(count), _) => collect(call, *count, deadline)?,
                    (None, true) => until(call, step.expect.as_ref(), &self.saved, deadline),
                    (None, false) => call(),
                }
            }
            Action::Event(event) => instance.wait_event(event, step.expect.as_ref(), &self.saved, deadline)?,
            Action::NoEvent(event) => return instance.check_absent(event, step.expect.as_ref(), &self.saved),
        };
        if let Some(problem) = step.expect.as_ref().and_then(|expected| mismatch(expected, &answer, &self.saved)) {
            return Err(format!("{}{}", subject(&step.action), spaced(&problem)));
        }
        for (name, path) in &step.save {
            let part = answer.part(path).ok_or_else(|| format!("there is no {path} to save in {answer}"))?;
            self.saved.insert(name.clone(), part.clone());
        }
        Ok(())
    }
}

/// Calls until so many elements have come.
fn collect(mut call: impl FnMut() -> Answer, count: usize, deadline: Instant) -> Result<Answer, String> {
    let mut list = Vec::new();
    loop {
        match call() {
            Answer::List(more) => list.extend(more),
            other => return Err(format!("a list was expected, not {other}")),
        }
        if list.len() >= count {
            return Ok(Answer::List(list));
        }
        if Instant::now() >= deadline {
            return Err(format!("{} of {count} came in time: {}", list.len(), Answer::List(list)));
        }
        std::thread::sleep(PAUSE);
    }
}

/// Calls until the answer is as expected; gives the last one in any case.
fn until(mut call: impl FnMut() -> Answer, expect: Option<&Value>, saved: &Saved, deadline: Instant) -> Answer {
    loop {
        let answer = call();
        let fits = expect.is_none_or(|expected| mismatch(expected, &answer, saved).is_none());
        if fits || Instant::now() >= deadline {
            return answer;
        }
        std::thread::sleep(PAUSE);
    }
}

impl<B: Binding> Instance<B> {
    /// Takes the first event that fits. None about the same connection may have come before it unasked.
    fn wait_event(
        &mut self,
        event: &'static EventInfo,
        expect: Option<&Value>,
        saved: &Saved,
        deadline: Instant,
    ) -> Result<Answer, String> {
        let found = loop {
            self.events.extend(self.binding.events());
            match self.find(event, expect, saved) {
                Some(index) => break index,
                None if Instant::now() >= deadline => {
                    let told: Vec<_> = self.events.iter().map(|(name, fields)| format!("{name} {fields}")).collect();
                    return Err(format!("no {} as expected came; told were: {}", event.godot_name, told.join("; ")));
                }
                None => std::thread::sleep(PAUSE),
            }
        };
        let (_, fields) = self.events.remove(found);
        let about = |fields: &Answer| fields.part("connect_handle").cloned();
        let before = self.events[..found].iter().find(|(name, earlier)| {
            *name == event.godot_name && about(earlier).is_some() && about(earlier) == about(&fields)
        });
        match before {
            Some((_, earlier)) => Err(format!("before {fields}, this came about the same connection: {earlier}")),
            None => Ok(fields),
        }
    }

    fn check_absent(&mut self, event: &'static EventInfo, like: Option<&Value>, saved: &Saved) -> Result<(), String> {
        self.events.extend(self.binding.events());
        match self.find(event, like, saved) {
            Some(index) => Err(format!("{} was told: {}", event.godot_name, self.events[index].1)),
            None => Ok(()),
        }
    }

    fn find(&self, event: &'static EventInfo, expect: Option<&Value>, saved: &Saved) -> Option<usize> {
        let fits = |fields: &Answer| expect.is_none_or(|expected| mismatch(expected, fields, saved).is_none());
        self.events.iter().position(|(name, fields)| *name == event.godot_name && fits(fields))
    }
}

fn subject(action: &Action) -> String {
    match action {
        Action::Call { function, .. } => name_of(function).to_owned(),
        Action::Event(event) | Action::NoEvent(event) => event.godot_name.to_owned(),
    }
}

fn spaced(problem: &str) -> String {
    if problem.starts_with('.') { problem.to_owned() } else { format!(" {problem}") }
}
