//! The macros that write an enum's type and its table from the same rows.

/// A set that is complete: a Rust enum. Rows: `Variant = number, "Godot name", "C++ name" [, alias "spelling"];`, and at
/// the end `force "Godot name", "C++ name";` for the value that only pads the C++ enum to 32 bits.
macro_rules! closed_enum {
    (
        $(#[doc = $doc:literal])+
        $name:ident: $group:ident, $godot:literal, $cpp:literal;
        $(
            $(#[doc = $row_doc:literal])+
            $variant:ident = $value:literal, $row_godot:literal, $row_cpp:literal $(, alias $alias:literal)?;
        )+
        $(force $force_godot:literal, $force_cpp:literal;)?
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(i32)]
        pub enum $name {
            $($(#[doc = $row_doc])+ $variant = $value,)+
        }

        impl $name {
            /// Every variant, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The table of this enum.
            pub const INFO: &'static $crate::table::EnumInfo = &$crate::table::EnumInfo {
                rust_name: stringify!($name),
                godot_name: $godot,
                cpp_name: $crate::table::name($cpp),
                group: $crate::table::Group::$group,
                open: false,
                doc: $crate::table::doc(concat!($($doc),+)),
                values: &[
                    $($crate::table::EnumValue {
                        rust_name: Some(stringify!($variant)),
                        godot_name: $crate::table::name($row_godot),
                        alias: $crate::table::name(concat!($($alias)?)),
                        cpp_name: $crate::table::name($row_cpp),
                        value: $value,
                        doc: $crate::table::doc(concat!($($row_doc),+)),
                    },)+
                    $($crate::table::EnumValue {
                        rust_name: None,
                        godot_name: Some($force_godot),
                        alias: None,
                        cpp_name: Some($force_cpp),
                        value: i32::MAX,
                        doc: "Pads the C++ enum to 32 bits; no meaning.",
                    },)?
                ],
            };

            /// The variant of this number, if there is one.
            pub const fn from_value(value: i32) -> Option<Self> {
                match value {
                    $($value => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// Its number in the API.
            pub const fn value(self) -> i32 {
                self as i32
            }

            /// Its row in the table.
            pub fn info(self) -> &'static $crate::table::EnumValue {
                let index = Self::ALL.iter().position(|variant| *variant == self).unwrap_or_default();
                &Self::INFO.values[index]
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i32(self.value())
            }
        }
    };
}

/// A set that may meet unknown numbers, from a peer or a script: a newtype with constants. Rows as in `closed_enum`.
macro_rules! open_enum {
    (
        $(#[doc = $doc:literal])+
        $name:ident: $group:ident, $godot:literal, $cpp:literal;
        $(
            $(#[doc = $row_doc:literal])+
            $constant:ident = $value:literal, $row_godot:literal, $row_cpp:literal $(, alias $alias:literal)?;
        )+
        $(force $force_godot:literal, $force_cpp:literal;)?
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
        pub struct $name(pub i32);

        impl $name {
            $($(#[doc = $row_doc])+ pub const $constant: Self = Self($value);)+

            /// The table of this enum.
            pub const INFO: &'static $crate::table::EnumInfo = &$crate::table::EnumInfo {
                rust_name: stringify!($name),
                godot_name: $godot,
                cpp_name: $crate::table::name($cpp),
                group: $crate::table::Group::$group,
                open: true,
                doc: $crate::table::doc(concat!($($doc),+)),
                values: &[
                    $($crate::table::EnumValue {
                        rust_name: Some(stringify!($constant)),
                        godot_name: $crate::table::name($row_godot),
                        alias: $crate::table::name(concat!($($alias)?)),
                        cpp_name: $crate::table::name($row_cpp),
                        value: $value,
                        doc: $crate::table::doc(concat!($($row_doc),+)),
                    },)+
                    $($crate::table::EnumValue {
                        rust_name: None,
                        godot_name: Some($force_godot),
                        alias: None,
                        cpp_name: Some($force_cpp),
                        value: i32::MAX,
                        doc: "Pads the C++ enum to 32 bits; no meaning.",
                    },)?
                ],
            };
        }

        $crate::enums::macros::newtype_common!($name);
    };
}

/// What every newtype over a number of the API has.
macro_rules! newtype_common {
    ($name:ident) => {
        impl $name {
            /// Its number in the API.
            pub const fn value(self) -> i32 {
                self.0
            }

            /// Its row in the table (the first, where two names share a number); `None` for unknown numbers.
            pub fn info(self) -> Option<&'static $crate::table::EnumValue> {
                Self::INFO.values.iter().find(|row| row.value == self.0)
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i32(self.0)
            }
        }
    };
}

pub(crate) use newtype_common;
