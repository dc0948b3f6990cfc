//! The native part of the Python package `gamesockets`: classes that are thin over the core. Names, numbers and
//! dictionaries are those of the schema; the typed package around it stands in `python/gamesockets`.
//!
//! No call keeps the interpreter waiting for the network: what blocks lets go of it. The I/O thread of an instance never
//! takes it.
#![deny(unsafe_code)]

#[macro_use]
mod docs;
mod buffer;
mod errors;
mod message;
mod notifier;
mod options;
mod sockets;
mod to_python;
mod watches;

use pyo3::prelude::*;

/// The native part of gamesockets.
#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use super::message::Message;
    #[pymodule_export]
    use super::message::ReceivedMessage;
    #[pymodule_export]
    use super::notifier::Notifier;
    #[pymodule_export]
    use super::options::option_scope;
    #[pymodule_export]
    use super::sockets::Sockets;
    #[pymodule_export]
    use super::sockets::forked;
}
