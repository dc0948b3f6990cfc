//! Records as Python has them: the serialisation of the schema, with its enums as Python's.
//!
//! The serialiser walks a value and its table together, so that a number becomes a member of its enum. A record becomes
//! a dictionary, an event a named tuple.

mod serializer;

use gamesockets_schema::enums::ResultCode;
use gamesockets_schema::field::FieldKind;
use gamesockets_schema::records::{EVENTS, RecordInfo};
use gamesockets_schema::table::EnumInfo;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyModule;
use serde::Serialize;

use self::serializer::ToPython;

static ENUMS: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
static RECORDS: PyOnceLock<Py<PyModule>> = PyOnceLock::new();

/// A record as a dictionary, or an event as a named tuple.
pub(crate) fn record<'py>(
    py: Python<'py>,
    info: &'static RecordInfo,
    value: &impl Serialize,
) -> PyResult<Bound<'py, PyAny>> {
    value.serialize(ToPython { py, kind: FieldKind::Record(info) }).map_err(PyErr::from)
}

/// A number as a member of its enum.
pub(crate) fn member<'py>(py: Python<'py>, info: &'static EnumInfo, value: i32) -> PyResult<Bound<'py, PyAny>> {
    // The one name that differs: Python has no `Result` of its own.
    let name = if info.rust_name == ResultCode::INFO.rust_name { "Result" } else { info.rust_name };
    enum_class(py, name)?.call1((value,))
}

fn enum_class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    module(py, &ENUMS, "gamesockets._enums")?.getattr(name)
}

/// The named tuple of an event; `None` for other records.
fn event_class<'py>(py: Python<'py>, info: &RecordInfo) -> PyResult<Option<Bound<'py, PyAny>>> {
    let is_event = EVENTS.iter().any(|event| event.record.rust_name == info.rust_name);
    is_event.then(|| record_class(py, info.rust_name)).transpose()
}

/// A class of the generated module of records.
pub(crate) fn record_class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    module(py, &RECORDS, "gamesockets._records")?.getattr(name)
}

fn module<'py>(
    py: Python<'py>,
    cell: &'static PyOnceLock<Py<PyModule>>,
    name: &'static str,
) -> PyResult<&'py Bound<'py, PyModule>> {
    Ok(cell.get_or_try_init(py, || Ok::<_, PyErr>(py.import(name)?.unbind()))?.bind(py))
}
