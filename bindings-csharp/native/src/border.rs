//! The border to C: results as numbers, reasons in words, panics stopped.

use std::cell::RefCell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use gamesockets::{Error, IdentityError, ResultCode};

/// What every function answers: a number of `ResultCode`.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code(pub i32);

/// Why a call was refused.
#[derive(Debug)]
pub(crate) enum Failure {
    /// By the core.
    Core(Error),
    /// At the border: the code, and the reason in words.
    Border(ResultCode, String),
}

impl Failure {
    pub(crate) fn invalid(problem: impl Into<String>) -> Self {
        Self::Border(ResultCode::InvalidParam, problem.into())
    }

    pub(crate) fn code(&self) -> ResultCode {
        match self {
            Self::Core(error) => error.code(),
            Self::Border(code, _) => *code,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Core(error) => error.fmt(f),
            Self::Border(_, problem) => f.write_str(problem),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl From<IdentityError> for Failure {
    fn from(error: IdentityError) -> Self {
        Self::invalid(error.to_string())
    }
}

thread_local! {
    /// Kept as it is: most failures are never put into words.
    static LAST: RefCell<Option<Failure>> = const { RefCell::new(None) };
}

/// Runs what a function does. Its failure is kept for [`last_error`]; a panic, which would be a bug of ours, is `Fail`.
pub(crate) fn guard(function: impl FnOnce() -> Result<(), Failure>) -> Code {
    let failure = match catch_unwind(AssertUnwindSafe(function)) {
        Ok(Ok(())) => return Code(ResultCode::Ok.value()),
        Ok(Err(failure)) => failure,
        Err(panic) => Failure::Border(ResultCode::Fail, words(panic.as_ref())),
    };
    let code = Code(failure.code().value());
    // A thread that is ending has no place for it any more.
    let _ = LAST.try_with(|last| last.replace(Some(failure)));
    code
}

/// Why the last call of this thread that failed did so.
pub(crate) fn last_error() -> String {
    LAST.with_borrow(|last| last.as_ref().map(Failure::to_string)).unwrap_or_default()
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("gamesockets has a bug, please report it: {}", text.unwrap_or("a panic without words"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_stops_at_the_border() {
        assert_eq!(guard(|| panic!("on purpose")), Code(ResultCode::Fail.value()));
        assert!(last_error().ends_with("on purpose"));
        assert_eq!(guard(|| Ok(())), Code(ResultCode::Ok.value()));
        assert_eq!(guard(|| Err(Failure::invalid("wrong"))), Code(ResultCode::InvalidParam.value()));
        assert_eq!(last_error(), "wrong");
    }
}
