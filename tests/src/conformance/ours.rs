//! The Rust API as a binding: errors become the answers that the flat API has for them.

mod args;
mod configuration;
mod connections;
mod messages;
mod utilities;

use gamesockets::schema::records::{ConnectionStatusChanged, DebugOutput};
use gamesockets::{Error, Event, ResultCode, Sockets};
use gamesockets_schema::functions::FunctionInfo;

use self::args::Args;
use super::answer::Answer;
use super::names::name_of;
use super::run::Binding;

/// An instance of the Rust API.
pub struct Ours {
    sockets: Sockets,
    /// What `RunCallbacks` has told and nobody has taken.
    told: Vec<Event>,
}

impl Ours {
    /// Starts an instance without an identity of its own.
    ///
    /// # Errors
    /// When the operating system has no thread for it.
    pub fn start() -> Result<Self, String> {
        let sockets = Sockets::anonymous().map_err(|error| error.to_string())?;
        Ok(Self { sockets, told: Vec::new() })
    }

    fn pump(&mut self) {
        self.sockets.run_callbacks(|event| self.told.push(event));
    }
}

impl Binding for Ours {
    fn call(&mut self, function: &'static FunctionInfo, args: &[Answer]) -> Answer {
        let args = Args { function, given: args };
        let name = name_of(function);
        if name == "RunCallbacks" {
            self.pump();
            return Answer::Nothing;
        }
        let sockets = &self.sockets;
        let answer = connections::call(sockets, name, &args)
            .or_else(|| messages::call(sockets, name, &args))
            .or_else(|| configuration::call(sockets, name, &args))
            .or_else(|| utilities::call(sockets, name, &args));
        answer.unwrap_or_else(|| Answer::Text(format!("{name} is not there in Rust")))
    }

    fn events(&mut self) -> Vec<(&'static str, Answer)> {
        self.pump();
        self.told.drain(..).filter_map(told).collect()
    }
}

/// An event as the schema has it.
fn told(event: Event) -> Option<(&'static str, Answer)> {
    Some(match event {
        Event::ConnectionStatusChanged { connection, info, old_state } => {
            let record = ConnectionStatusChanged { connect_handle: connection.raw(), connection: *info, old_state };
            (ConnectionStatusChanged::EVENT.godot_name, Answer::of(&record))
        }
        Event::AuthenticationStatus(status) => {
            (gamesockets::AuthenticationStatus::EVENT.godot_name, Answer::of(&status))
        }
        Event::DebugOutput { level, message } => {
            (DebugOutput::EVENT.godot_name, Answer::of(&DebugOutput { level, message }))
        }
        // The flat API has none of the others.
        _ => return None,
    })
}

fn done(result: &Result<(), Error>) -> Answer {
    result.is_ok().into()
}

fn code(result: Result<(), Error>) -> Answer {
    result.map_or_else(|error| error.code(), |()| ResultCode::Ok).value().into()
}

fn empty() -> Answer {
    Answer::Record(Vec::new())
}
