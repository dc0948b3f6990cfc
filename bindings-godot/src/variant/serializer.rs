//! Records of the schema as dictionaries: one serializer for all of them.
//!
//! The keys of a dictionary are Godot strings. Making them anew for each of a thousand messages costs as much as the rest
//! of the message, so each is made once and kept.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};

use godot::meta::owned_into_arg;
use godot::prelude::*;
use serde::ser::{self, Impossible, Serialize};

/// The keys that were made. To be dropped while the engine lives.
#[derive(Default)]
pub(crate) struct KeyCache(RefCell<HashMap<(usize, usize), Variant, BuildHasherDefault<AddressHasher>>>);

impl KeyCache {
    /// Gives a dictionary a value.
    pub(crate) fn set(&self, dictionary: &mut VarDictionary, key: &'static str, value: Variant) {
        self.with(key, |key| dictionary.set(key, owned_into_arg(value)));
    }

    fn with<T>(&self, key: &'static str, use_key: impl FnOnce(&Variant) -> T) -> T {
        // The text is static, so where it stands says which it is.
        let place = (key.as_ptr().addr(), key.len());
        use_key(self.0.borrow_mut().entry(place).or_insert_with(|| key.to_variant()))
    }
}

/// Addresses differ enough to be hashes after one multiplication.
#[derive(Default)]
pub(crate) struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_usize(byte.into()));
    }

    fn write_usize(&mut self, number: usize) {
        const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
        self.0 = (self.0.rotate_left(5) ^ number as u64).wrapping_mul(ODD);
    }
}

/// The value as Godot has it: records are dictionaries, bytes a `PackedByteArray`, a record that is not there an
/// empty dictionary.
pub(crate) fn to_variant<T: Serialize + ?Sized>(value: &T, keys: &KeyCache) -> Variant {
    value.serialize(Serializer { keys }).unwrap_or_default()
}

#[derive(Clone, Copy)]
struct Serializer<'k> {
    keys: &'k KeyCache,
}

struct Fields<'k> {
    keys: &'k KeyCache,
    dictionary: VarDictionary,
}

struct Elements<'k> {
    keys: &'k KeyCache,
    array: VarArray,
}

/// What no record contains.
#[derive(Debug)]
struct NotInRecords(String);

impl fmt::Display for NotInRecords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotInRecords {}

impl ser::Error for NotInRecords {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

fn unknown<T>(what: &str) -> Result<T, NotInRecords> {
    Err(NotInRecords(format!("no record contains {what}")))
}

macro_rules! integers {
    ($($method:ident: $type:ty),+) => {
        $(fn $method(self, number: $type) -> Result<Variant, NotInRecords> {
            Ok(i64::from(number).to_variant())
        })+
    };
}

impl<'k> ser::Serializer for Serializer<'k> {
    type Ok = Variant;
    type Error = NotInRecords;
    type SerializeSeq = Elements<'k>;
    type SerializeStruct = Fields<'k>;
    type SerializeTuple = Impossible<Variant, NotInRecords>;
    type SerializeTupleStruct = Impossible<Variant, NotInRecords>;
    type SerializeTupleVariant = Impossible<Variant, NotInRecords>;
    type SerializeMap = Impossible<Variant, NotInRecords>;
    type SerializeStructVariant = Impossible<Variant, NotInRecords>;

    integers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32
    }

    fn serialize_i64(self, number: i64) -> Result<Variant, NotInRecords> {
        Ok(number.to_variant())
    }

    /// SteamIDs above 2^63 are negative numbers in GDScript.
    fn serialize_u64(self, number: u64) -> Result<Variant, NotInRecords> {
        Ok(number.cast_signed().to_variant())
    }

    fn serialize_bool(self, truth: bool) -> Result<Variant, NotInRecords> {
        Ok(truth.to_variant())
    }

    fn serialize_f32(self, number: f32) -> Result<Variant, NotInRecords> {
        Ok(f64::from(number).to_variant())
    }

    fn serialize_f64(self, number: f64) -> Result<Variant, NotInRecords> {
        Ok(number.to_variant())
    }

    fn serialize_char(self, character: char) -> Result<Variant, NotInRecords> {
        self.serialize_str(character.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<Variant, NotInRecords> {
        Ok(GString::from(text).to_variant())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Variant, NotInRecords> {
        Ok(PackedByteArray::from(bytes).to_variant())
    }

    /// What there is not is a record.
    fn serialize_none(self) -> Result<Variant, NotInRecords> {
        Ok(VarDictionary::new().to_variant())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Variant, NotInRecords> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Variant, NotInRecords> {
        Ok(Variant::nil())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Variant, NotInRecords> {
        Ok(Variant::nil())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Variant, NotInRecords> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Elements<'k>, NotInRecords> {
        Ok(Elements { keys: self.keys, array: VarArray::new() })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields<'k>, NotInRecords> {
        Ok(Fields { keys: self.keys, dictionary: VarDictionary::new() })
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<Variant, NotInRecords> {
        unknown(name)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: &T,
    ) -> Result<Variant, NotInRecords> {
        unknown(name)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, NotInRecords> {
        unknown("a tuple")
    }

    fn serialize_tuple_struct(self, name: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, NotInRecords> {
        unknown(name)
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, NotInRecords> {
        unknown(name)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, NotInRecords> {
        unknown("a map")
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, NotInRecords> {
        unknown(name)
    }
}

impl ser::SerializeStruct for Fields<'_> {
    type Ok = Variant;
    type Error = NotInRecords;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), NotInRecords> {
        let value = value.serialize(Serializer { keys: self.keys })?;
        self.keys.set(&mut self.dictionary, key, value);
        Ok(())
    }

    fn end(self) -> Result<Variant, NotInRecords> {
        Ok(self.dictionary.to_variant())
    }
}

impl ser::SerializeSeq for Elements<'_> {
    type Ok = Variant;
    type Error = NotInRecords;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotInRecords> {
        let value = value.serialize(Serializer { keys: self.keys })?;
        self.array.push(&value);
        Ok(())
    }

    fn end(self) -> Result<Variant, NotInRecords> {
        Ok(self.array.to_variant())
    }
}
