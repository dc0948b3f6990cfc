//! The serialiser behind [`record`](super::record). It knows what the tables of the schema can hold, and nothing else.

use gamesockets_schema::field::FieldKind;
use gamesockets_schema::records::FieldInfo;
use pyo3::BoundObject as _;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};
use serde::ser::{Error as _, Impossible, Serialize, SerializeSeq, SerializeStruct, Serializer};

use super::{enum_class, event_class, member};

/// Turns one value into an object, knowing its kind.
pub(super) struct ToPython<'py> {
    pub(super) py: Python<'py>,
    pub(super) kind: FieldKind,
}

/// An exception on its way through serde.
#[derive(Debug)]
pub(super) struct Failure(PyErr);

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failure {}

impl serde::ser::Error for Failure {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self(PyTypeError::new_err(message.to_string()))
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self(error)
    }
}

impl From<Failure> for PyErr {
    fn from(Failure(error): Failure) -> Self {
        error
    }
}

type Answer<'py> = Result<Bound<'py, PyAny>, Failure>;

impl<'py> ToPython<'py> {
    fn plain(self, value: impl IntoPyObject<'py, Error: Into<PyErr>>) -> Answer<'py> {
        let object = value.into_pyobject(self.py).map_err(Into::into)?;
        Ok(object.into_any().into_bound())
    }

    fn no<T>(self, what: &str) -> Result<T, Failure> {
        Err(Failure::custom(format_args!("a record with {what} where the schema has {}", self.kind.rust())))
    }
}

/// Numbers, texts and the like, which Python has as they are.
macro_rules! plain {
    ($($name:ident: $type:ty;)+) => {
        $(fn $name(self, value: $type) -> Answer<'py> {
            self.plain(value)
        })+
    };
}

/// What no record holds.
macro_rules! never {
    ($($name:ident($($type:ty),*) $(<$generic:ident>)? -> $answer:ty;)+) => {
        $(fn $name $(<$generic: ?Sized + Serialize>)? (self, $(_: $type),*) -> Result<$answer, Failure> {
            self.no(stringify!($name))
        })+
    };
}

impl<'py> Serializer for ToPython<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failure;
    type SerializeSeq = List<'py>;
    type SerializeStruct = Record<'py>;
    type SerializeTuple = Impossible<Self::Ok, Failure>;
    type SerializeTupleStruct = Impossible<Self::Ok, Failure>;
    type SerializeTupleVariant = Impossible<Self::Ok, Failure>;
    type SerializeMap = Impossible<Self::Ok, Failure>;
    type SerializeStructVariant = Impossible<Self::Ok, Failure>;

    fn serialize_i32(self, value: i32) -> Answer<'py> {
        match self.kind {
            FieldKind::Enum(info) => Ok(member(self.py, info, value)?),
            FieldKind::Flags(name) => Ok(enum_class(self.py, name)?.call1((value,))?),
            _ => self.plain(value),
        }
    }

    plain! {
        serialize_bool: bool;
        serialize_i8: i8;
        serialize_i16: i16;
        serialize_i64: i64;
        serialize_u8: u8;
        serialize_u16: u16;
        serialize_u32: u32;
        serialize_u64: u64;
        serialize_f32: f32;
        serialize_f64: f64;
        serialize_char: char;
        serialize_str: &str;
    }

    fn serialize_bytes(self, value: &[u8]) -> Answer<'py> {
        Ok(PyBytes::new(self.py, value).into_any())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'py>, Failure> {
        let FieldKind::List(kind) = self.kind else { return self.no("a list") };
        Ok(List { py: self.py, kind: *kind, list: PyList::empty(self.py) })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Record<'py>, Failure> {
        let FieldKind::Record(info) = self.kind else { return self.no("a record") };
        let class = event_class(self.py, info)?;
        Ok(Record { py: self.py, fields: info.fields.iter(), dictionary: PyDict::new(self.py), class })
    }

    never! {
        serialize_none() -> Self::Ok;
        serialize_some(&T) <T> -> Self::Ok;
        serialize_unit() -> Self::Ok;
        serialize_unit_struct(&'static str) -> Self::Ok;
        serialize_unit_variant(&'static str, u32, &'static str) -> Self::Ok;
        serialize_newtype_struct(&'static str, &T) <T> -> Self::Ok;
        serialize_newtype_variant(&'static str, u32, &'static str, &T) <T> -> Self::Ok;
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
        serialize_map(Option<usize>) -> Self::SerializeMap;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant;
    }
}

/// A list that is being filled.
pub(super) struct List<'py> {
    py: Python<'py>,
    kind: FieldKind,
    list: Bound<'py, PyList>,
}

impl<'py> SerializeSeq for List<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failure;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Failure> {
        Ok(self.list.append(value.serialize(ToPython { py: self.py, kind: self.kind })?)?)
    }

    fn end(self) -> Answer<'py> {
        Ok(self.list.into_any())
    }
}

/// A record that is being filled, field by field in the order of its table.
pub(super) struct Record<'py> {
    py: Python<'py>,
    fields: std::slice::Iter<'static, FieldInfo>,
    dictionary: Bound<'py, PyDict>,
    class: Option<Bound<'py, PyAny>>,
}

impl<'py> SerializeStruct for Record<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failure;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, key: &'static str, value: &T) -> Result<(), Failure> {
        let field = self.fields.next().filter(|field| field.key == key);
        let field = field.ok_or_else(|| Failure::custom(format_args!("the schema has no field {key} here")))?;
        let value = value.serialize(ToPython { py: self.py, kind: field.kind })?;
        Ok(self.dictionary.set_item(key, value)?)
    }

    fn end(self) -> Answer<'py> {
        match self.class {
            Some(class) => Ok(class.call((), Some(&self.dictionary))?),
            None => Ok(self.dictionary.into_any()),
        }
    }
}
