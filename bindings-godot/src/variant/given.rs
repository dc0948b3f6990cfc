//! Arguments: what a script gave, as the type that a call wants.
//!
//! GDScript's integers are wider than most of ours. A number that does not fit becomes the nearest that does: then it is
//! an invalid handle, an unknown option or a limit, each with its documented answer, and never somebody else's handle.

use gamesockets::schema::field::Bytes;
use godot::meta::conv::ByValue;
use godot::meta::error::ConvertError;
use godot::meta::shape::GodotShape;
use godot::meta::{FromGodot, GodotConvert, GodotImmutable, ToGodot};
use godot::prelude::*;

use super::{Enum, NumberOf};

/// Turns an argument into the type that a call wants. Every value has a meaning, if only that of an invalid one.
pub(crate) trait Given<T> {
    fn given(self) -> T;
}

macro_rules! as_is {
    ($($type:ty),+) => {
        $(impl Given<$type> for $type {
            fn given(self) -> $type {
                self
            }
        })+
    };
}

as_is!(bool, i64, f64, PackedByteArray, Variant, AnyArray);

macro_rules! nearest {
    ($($type:ty),+) => {
        $(impl Given<$type> for i64 {
            fn given(self) -> $type {
                self.clamp(<$type>::MIN.into(), <$type>::MAX.into()) as $type
            }
        })+
    };
}

nearest!(i32, u32);

/// SteamIDs above 2^63 are negative numbers in GDScript.
impl Given<u64> for i64 {
    fn given(self) -> u64 {
        self.cast_unsigned()
    }
}

impl Given<f32> for f64 {
    fn given(self) -> f32 {
        self as f32
    }
}

impl Given<String> for GString {
    fn given(self) -> String {
        self.to_string()
    }
}

impl Given<Bytes> for PackedByteArray {
    fn given(self) -> Bytes {
        Bytes(self.to_vec())
    }
}

impl<E: NumberOf> Given<E::Given> for Enum<E> {
    fn given(self) -> E::Given {
        E::given(self.raw())
    }
}

/// The argument `options`: a dictionary that may be left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct OptionsArgument(VarDictionary);

impl Given<VarDictionary> for OptionsArgument {
    fn given(self) -> VarDictionary {
        self.0
    }
}

impl GodotConvert for OptionsArgument {
    type Via = VarDictionary;

    fn godot_shape() -> GodotShape {
        VarDictionary::godot_shape()
    }
}

impl FromGodot for OptionsArgument {
    fn try_from_godot(dictionary: VarDictionary) -> Result<Self, ConvertError> {
        Ok(Self(dictionary))
    }
}

impl ToGodot for OptionsArgument {
    type Pass = ByValue;

    fn to_godot(&self) -> VarDictionary {
        self.0.clone()
    }
}

// SAFETY: the only default is an empty dictionary, which is made read-only here.
unsafe impl GodotImmutable for OptionsArgument {
    fn into_runtime_immutable(self) -> Self {
        Self(self.0.into_read_only())
    }
}

/// An argument whose place other generations of the API use for another type: any value, with an integer as default.
#[derive(Clone, Debug)]
pub(crate) struct Tolerant(pub(crate) Variant);

impl Given<Variant> for Tolerant {
    fn given(self) -> Variant {
        self.0
    }
}

impl From<i64> for Tolerant {
    fn from(number: i64) -> Self {
        Self(number.to_variant())
    }
}

impl From<bool> for Tolerant {
    fn from(truth: bool) -> Self {
        Self(truth.to_variant())
    }
}

impl GodotConvert for Tolerant {
    type Via = Variant;

    fn godot_shape() -> GodotShape {
        Variant::godot_shape()
    }
}

impl FromGodot for Tolerant {
    fn try_from_godot(value: Variant) -> Result<Self, ConvertError> {
        Ok(Self(value))
    }
}

impl ToGodot for Tolerant {
    type Pass = ByValue;

    fn to_godot(&self) -> Variant {
        self.0.clone()
    }
}

// SAFETY: defaults are made by `From` alone, from integers and truth values.
unsafe impl GodotImmutable for Tolerant {}
