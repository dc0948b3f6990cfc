//! Failures: the documented answer for the script, and a word in the output where the script itself is at fault.

use gamesockets::schema::config;
use gamesockets::{ConfigValue, Error, ResultCode, Sockets};

use crate::steam::Steam;

impl Steam {
    /// The library, started if need be; `None`, and a warning, where there is none.
    pub(in crate::steam) fn sockets(&self) -> Option<Sockets> {
        if self.watch.is_elsewhere() {
            return None;
        }
        let sockets = self.instance.sockets();
        if sockets.is_none() {
            self.watch.warn_once(&if self.instance.is_shut_down() {
                "networking was used after Steam.steamShutdown(): call Steam.steamInit() first".to_owned()
            } else {
                self.instance.last_start().verbal
            });
        }
        sockets
    }

    /// What a call gives, if it succeeds.
    pub(in crate::steam) fn ask<T>(&self, name: &str, call: impl FnOnce(&Sockets) -> Result<T, Error>) -> Option<T> {
        let result = call(&self.sockets()?);
        result.inspect_err(|error| self.explain(name, error)).ok()
    }

    /// How a call ends, as a result code; `dead` is that of a handle that is not alive.
    pub(super) fn code(
        &self,
        name: &str,
        dead: ResultCode,
        call: impl FnOnce(&Sockets) -> Result<(), Error>,
    ) -> ResultCode {
        let Some(sockets) = self.sockets() else { return dead };
        match call(&sockets) {
            Ok(()) => ResultCode::Ok,
            Err(error) => {
                self.explain(name, &error);
                error.code()
            }
        }
    }

    /// Says why, once, where it is the script's to mend. That a connection has ended, or that a buffer is full, is not.
    pub(super) fn explain(&self, name: &str, error: &Error) {
        let happens = match error {
            Error::InvalidHandle { .. }
            | Error::NoSuchConnection { .. }
            | Error::ConnectionEnded { .. }
            | Error::WrongState { .. }
            | Error::NotConnectedYet => true,
            Error::Send(error) => error.code() != ResultCode::InvalidParam,
            _ => false,
        };
        if !happens {
            self.watch.warn_once(&format!("{name}: {}", in_words(error)));
        }
    }
}

/// The error, with the name of the option that it is about.
fn in_words(error: &Error) -> String {
    match error {
        Error::Option { option, problem } => match config::option(ConfigValue(*option)) {
            Some(row) => format!("option {} ({option}): {problem}", row.name),
            None => error.to_string(),
        },
        _ => error.to_string(),
    }
}
