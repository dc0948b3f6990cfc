//! What callers write in Python's own way: options by name, identities and times.

use std::time::Duration;

use gamesockets::schema::config::OPTIONS;
use gamesockets::{ConfigData, ConfigEntry, ConfigScope, ConfigValue, Identity, config_value_info};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyMapping, PyString};

use crate::errors::{invalid_argument, raise};
use crate::to_python::member;

/// Options from a dictionary, by number or by name, and from keyword arguments.
pub(crate) fn entries(
    options: Option<&Bound<'_, PyMapping>>,
    keywords: Option<&Bound<'_, PyDict>>,
) -> PyResult<Vec<ConfigEntry>> {
    let mut entries = Vec::new();
    if let Some(options) = options {
        for item in options.items()?.iter() {
            let (key, value) = item.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
            entries.push(entry(&key, &value)?);
        }
    }
    if let Some(keywords) = keywords {
        for (key, value) in keywords.iter() {
            entries.push(entry(&key, &value)?);
        }
    }
    Ok(entries)
}

fn entry(key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<ConfigEntry> {
    Ok(ConfigEntry { option: option(key)?, value: data(key, value)? })
}

/// An option by its number, or by its name in lower case.
pub(crate) fn option(key: &Bound<'_, PyAny>) -> PyResult<ConfigValue> {
    if let Ok(name) = key.cast::<PyString>() {
        let name = name.to_string_lossy();
        let found = OPTIONS.iter().find(|option| option.rust_name.eq_ignore_ascii_case(&name));
        return found.map(|option| option.id).ok_or_else(|| unknown(key.py(), &name));
    }
    if key.is_instance_of::<PyInt>() {
        return key.extract().map(ConfigValue);
    }
    let problem = format!("an option is named by a str or a ConfigValue, not by {}", type_name(key));
    Err(PyTypeError::new_err(problem))
}

/// The value of an option; the core converts it to the option's type.
pub(crate) fn data(key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<ConfigData> {
    if value.is_instance_of::<PyBool>() {
        return Ok(ConfigData::Int32(i32::from(value.is_truthy()?)));
    }
    if value.is_instance_of::<PyInt>() {
        let number: i64 = value.extract().map_err(|_| {
            invalid_argument(format!("option {key}: {value} does not fit any option: give at most 64 bits"))
        })?;
        return Ok(i32::try_from(number).map_or(ConfigData::Int64(number), ConfigData::Int32));
    }
    if value.is_instance_of::<PyFloat>() {
        #[allow(clippy::cast_possible_truncation, reason = "options are 32-bit floats")]
        return Ok(ConfigData::Float(value.extract::<f64>()? as f32));
    }
    if let Ok(text) = value.extract::<String>() {
        return Ok(ConfigData::String(text));
    }
    let problem = format!("option {key}: give a bool, int, float or str, not {}", type_name(value));
    Err(PyTypeError::new_err(problem))
}

/// Says which option may have been meant.
fn unknown(py: Python<'_>, name: &str) -> PyErr {
    let names: Vec<String> = OPTIONS.iter().map(|option| option.rust_name.to_lowercase()).collect();
    let nearest = || -> PyResult<Vec<String>> {
        py.import("difflib")?.call_method1("get_close_matches", (name.to_lowercase(), names, 1, 0.5))?.extract()
    };
    match nearest().ok().and_then(|nearest| nearest.into_iter().next()) {
        Some(nearest) => invalid_argument(format!("there is no option {name}: did you mean {nearest}?")),
        None => invalid_argument(format!("there is no option {name}: see gamesockets.ConfigValue")),
    }
}

/// An identity: a SteamID as a number, or any identity as text. 0 and `None` are none.
pub(crate) fn identity(value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Identity>> {
    let Some(value) = value else { return Ok(None) };
    if value.is_instance_of::<PyInt>() {
        let number: u64 = value
            .extract()
            .map_err(|_| invalid_argument(format!("{value} is no SteamID: these are numbers of 64 bits")))?;
        let of_number = |number| Identity::from_steam_id(number).map_err(|error| invalid_argument(error.to_string()));
        return (number != 0).then(|| of_number(number)).transpose();
    }
    let text: String = value.extract().map_err(|_| {
        PyTypeError::new_err(format!("an identity is a SteamID (int) or a text (str), not {}", type_name(value)))
    })?;
    text.parse().map(Some).map_err(|error: gamesockets::IdentityError| invalid_argument(error.to_string()))
}

/// A time in seconds; `None` has no end.
pub(crate) fn seconds(value: Option<f64>) -> PyResult<Option<Duration>> {
    let Some(value) = value else { return Ok(None) };
    if value.is_nan() {
        return Err(invalid_argument("a time in seconds is wanted, not NaN"));
    }
    // What is longer than a Duration has no end either.
    Ok(Duration::try_from_secs_f64(value.max(0.0)).ok())
}

fn type_name(value: &Bound<'_, PyAny>) -> String {
    value.get_type().name().map_or_else(|_| "that".to_owned(), |name| name.to_string())
}

/// The widest scope at which an option makes sense: where it was declared. Unknown names say so.
#[pyfunction]
#[pyo3(name = "_option_scope")]
pub(crate) fn option_scope<'py>(py: Python<'py>, name: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let info = config_value_info(option(name)?).map_err(raise)?;
    member(py, ConfigScope::INFO, info.scope.value())
}
