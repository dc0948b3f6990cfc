//! The core's errors as exceptions, by meaning. Their classes stand in `python/gamesockets/_errors.py`.

use gamesockets::{Error, LaneConfigError, ResultCode, SendError};
use gamesockets_schema::ConnectionEnd;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::to_python::member;

/// The exception for an error of the core.
pub(crate) fn raise(error: Error) -> PyErr {
    Python::attach(|py| exception(py, &error).unwrap_or_else(|problem| problem))
}

/// The exception for a value that Python gave and the core never saw.
pub(crate) fn invalid_argument(message: impl Into<String>) -> PyErr {
    make("InvalidArgument", message.into(), ResultCode::InvalidParam)
}

/// The exception for the use of an object that was closed.
pub(crate) fn invalid_state(message: impl Into<String>) -> PyErr {
    make("InvalidState", message.into(), ResultCode::InvalidState)
}

fn make(class: &str, message: String, code: ResultCode) -> PyErr {
    Python::attach(|py| {
        let made = || {
            let result = member(py, ResultCode::INFO, code.value())?;
            let arguments = (message, result).into_pyobject(py)?;
            instance(py, class, arguments)
        };
        made().unwrap_or_else(|problem: PyErr| problem)
    })
}

fn exception(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let result = member(py, ResultCode::INFO, error.code().value())?;
    let message = error.to_string();
    let arguments = match error {
        Error::ConnectionEnded { reason, debug } => {
            (message, result, member(py, ConnectionEnd::INFO, *reason)?, debug).into_pyobject(py)?
        }
        _ => (message, result).into_pyobject(py)?,
    };
    instance(py, class(error), arguments)
}

fn instance(py: Python<'_>, class: &str, arguments: Bound<'_, PyTuple>) -> PyResult<PyErr> {
    let class = py.import("gamesockets._errors")?.getattr(class)?;
    Ok(PyErr::from_value(class.call1(arguments)?))
}

fn class(error: &Error) -> &'static str {
    match error {
        Error::InvalidHandle { .. } | Error::NoSuchConnection { .. } => "InvalidHandle",
        Error::AddressSyntax { .. }
        | Error::AddressNotConnectable { .. }
        | Error::Option { .. }
        | Error::OptionScope { .. }
        | Error::NotIncoming { .. }
        | Error::NoSuchLanes { .. } => "InvalidArgument",
        Error::AddressInUse { .. } | Error::SocketNotBound { .. } => "AddressUnavailable",
        Error::TooMany { .. } | Error::TooManyFiles { .. } => "LimitExceeded",
        Error::OptionLocked { .. } | Error::WrongState { .. } => "InvalidState",
        Error::ConnectionEnded { .. } => "ConnectionClosed",
        Error::HandshakeFailed { .. } => "HandshakeFailed",
        Error::NotConnectedYet => "NotConnected",
        Error::Certificate { .. }
        | Error::TrustedCa { .. }
        | Error::RevocationList { .. }
        | Error::CertificateRequired => "CertificateError",
        Error::Send(error) => class_of_send(error),
        Error::Lanes(error) => class_of_lanes(error),
        _ => "GamesocketsError",
    }
}

const fn class_of_send(error: &SendError) -> &'static str {
    match error {
        SendError::TooLarge { .. } | SendError::ExceedsBuffer { .. } => "MessageTooLarge",
        SendError::NoSuchLane { .. } | SendError::MustBeUnreliable { .. } => "InvalidArgument",
        SendError::NotConnectedYet => "NotConnected",
        SendError::Closed => "ConnectionClosed",
        SendError::InvalidState => "InvalidState",
        SendError::BufferFull { .. } => "WouldBlock",
    }
}

fn class_of_lanes(error: &LaneConfigError) -> &'static str {
    match error.code() {
        ResultCode::InvalidParam => "InvalidArgument",
        ResultCode::NoConnection => "ConnectionClosed",
        ResultCode::InvalidState => "InvalidState",
        _ => "GamesocketsError",
    }
}
