//! Enums of the schema as arguments, results and signal arguments: an integer to Godot, typed `Steam.Result` and the like
//! in signatures and in the editor.

use std::borrow::Cow;
use std::marker::PhantomData;

use gamesockets::schema::table::EnumInfo;
use gamesockets_schema::enums;
use godot::meta::conv::ByValue;
use godot::meta::error::ConvertError;
use godot::meta::shape::GodotShape;
use godot::meta::{FromGodot, GodotConvert, ToGodot};
use godot::prelude::*;

/// An enum of the schema.
pub(crate) trait NumberOf: Sized {
    /// Its table.
    const INFO: &'static EnumInfo;
    /// What an argument becomes: the type itself where any number may stand, an `Option` where the list is complete.
    type Given;
    /// From what a script gave; numbers that no `i32` holds become the nearest.
    fn given(number: i32) -> Self::Given;
    /// The number of the API.
    fn number(&self) -> i32;
}

/// A number out of an enum of the schema, on its way from or to Godot. Scripts may give any integer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Enum<E>(i64, PhantomData<E>);

impl<E: NumberOf> Enum<E> {
    /// What a script gave, as far as an `i32` holds it.
    pub(super) fn raw(self) -> i32 {
        self.0.clamp(i32::MIN.into(), i32::MAX.into()) as i32
    }
}

impl<E: NumberOf> From<E> for Enum<E> {
    fn from(value: E) -> Self {
        Self(value.number().into(), PhantomData)
    }
}

impl<E: NumberOf> GodotConvert for Enum<E> {
    type Via = i64;

    fn godot_shape() -> GodotShape {
        GodotShape::Enum {
            variant_type: VariantType::INT,
            enumerators: Cow::Borrowed(&[]),
            godot_name: Some(Cow::Owned(format!("Steam.{}", E::INFO.godot_name))),
            is_bitfield: false,
        }
    }
}

impl<E: NumberOf> FromGodot for Enum<E> {
    fn try_from_godot(number: i64) -> Result<Self, ConvertError> {
        Ok(Self(number, PhantomData))
    }
}

impl<E: NumberOf> ToGodot for Enum<E> {
    type Pass = ByValue;

    fn to_godot(&self) -> i64 {
        self.0
    }
}

macro_rules! closed {
    ($($name:ident),+) => {
        $(impl NumberOf for enums::$name {
            const INFO: &'static EnumInfo = enums::$name::INFO;
            type Given = Option<Self>;
            fn given(number: i32) -> Option<Self> {
                Self::from_value(number)
            }
            fn number(&self) -> i32 {
                self.value()
            }
        })+
    };
}

closed! {
    Availability, ConfigDataType, ConfigScope, ConnectionState, DebugOutputType, FakeIpType, ResultCode
}

impl NumberOf for gamesockets::ConfigValue {
    const INFO: &'static EnumInfo = Self::INFO;
    type Given = Self;
    fn given(number: i32) -> Self {
        Self(number)
    }
    fn number(&self) -> i32 {
        self.value()
    }
}
