//! What a binding answered, in a form that is the same for all of them.

use std::fmt;

use gamesockets_schema::ConfigData;
use serde_json::Value as Json;

/// A value as it comes from a binding, or goes to it.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Nothing: the answer of a function without one.
    Nothing,
    /// True or false.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Values in order.
    List(Vec<Answer>),
    /// Fields by key.
    Record(Vec<(String, Answer)>),
}

impl Answer {
    /// What kind of value it is to a runner.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Record(_) => "record",
        }
    }

    /// A record of the schema without byte strings in it: those would come as lists.
    pub(super) fn of(record: &impl serde::Serialize) -> Self {
        serde_json::to_value(record).map_or(Self::Nothing, Self::from)
    }

    pub(super) fn record<const N: usize>(fields: [(&str, Self); N]) -> Self {
        Self::Record(fields.map(|(key, value)| (key.to_owned(), value)).to_vec())
    }

    /// The part at a path of keys and numbers, joined by dots.
    pub(super) fn part(&self, path: &str) -> Option<&Self> {
        path.split('.').filter(|part| !part.is_empty()).try_fold(self, |here, part| match here {
            Self::Record(fields) => fields.iter().find(|(key, _)| key == part).map(|(_, value)| value),
            Self::List(list) => list.get(part.parse::<usize>().ok()?),
            _ => None,
        })
    }
}

impl From<Json> for Answer {
    fn from(json: Json) -> Self {
        match json {
            Json::Null => Self::Nothing,
            Json::Bool(is) => Self::Bool(is),
            Json::Number(number) => match number.as_i64() {
                Some(integer) => Self::Int(integer),
                None => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Self::Text(text),
            Json::Array(list) => Self::List(list.into_iter().map(Self::from).collect()),
            Json::Object(fields) => {
                Self::Record(fields.into_iter().map(|(key, value)| (key, Self::from(value))).collect())
            }
        }
    }
}

impl From<bool> for Answer {
    fn from(is: bool) -> Self {
        Self::Bool(is)
    }
}

impl From<i64> for Answer {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<i32> for Answer {
    fn from(number: i32) -> Self {
        Self::Int(number.into())
    }
}

impl From<u32> for Answer {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

impl From<u64> for Answer {
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<&str> for Answer {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Answer {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<ConfigData> for Answer {
    fn from(value: ConfigData) -> Self {
        match value {
            ConfigData::Int32(number) => number.into(),
            ConfigData::Int64(number) => number.into(),
            ConfigData::Float(number) => Self::Float(number.into()),
            ConfigData::String(text) => text.into(),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::Bool(is) => is.fmt(f),
            Self::Int(number) => number.fmt(f),
            Self::Float(number) => write!(f, "{number:?}"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Bytes(bytes) if bytes.len() > 32 => write!(f, "{} bytes", bytes.len()),
            Self::Bytes(bytes) => write!(f, "bytes {bytes:02x?}"),
            Self::List(list) => {
                f.write_str("[")?;
                for (index, value) in list.iter().enumerate() {
                    write!(f, "{}{value}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Self::Record(fields) => {
                f.write_str("{")?;
                for (index, (key, value)) in fields.iter().enumerate() {
                    write!(f, "{}{key} = {value}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
        }
    }
}
