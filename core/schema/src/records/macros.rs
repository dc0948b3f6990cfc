//! The macro that writes a record's struct, its table and its serialisation from the same rows.

/// Rows: `field: Type [as "key"], Unit [, extra];`. Forms: `struct Name { .. }`; `event Name: Group, "signal",
/// "C++ structure, empty if there is none" { .. }`, a struct that is delivered as an event; `table Name { .. }`, only the table.
macro_rules! record {
    ($(#[doc = $doc:literal])+ struct $name:ident { $($rows:tt)* }) => {
        $crate::records::macros::record!(@struct [$($doc)+] $name { $($rows)* });
        $crate::records::macros::record!(@table [$($doc)+] $name { $($rows)* });
    };
    (
        $(#[doc = $doc:literal])+
        event $name:ident: $group:ident, $signal:literal, $cpp:literal { $($rows:tt)* }
    ) => {
        $crate::records::macros::record!(@struct [$($doc)+] $name { $($rows)* });
        $crate::records::macros::record!(@table [$($doc)+] $name { $($rows)* });
        impl $name {
            /// The table of this event.
            pub const EVENT: &'static $crate::records::EventInfo = &$crate::records::EventInfo {
                godot_name: $signal,
                cpp_name: $crate::table::name($cpp),
                group: $crate::table::Group::$group,
                record: Self::INFO,
            };
        }
    };
    ($(#[doc = $doc:literal])+ table $name:ident { $($rows:tt)* }) => {
        $(#[doc = $doc])+
        #[derive(Debug)]
        pub enum $name {}
        $crate::records::macros::record!(@table [$($doc)+] $name { $($rows)* });
    };
    (@struct [$($doc:literal)+] $name:ident {
        $(
            $(#[doc = $row_doc:literal])+
            $field:ident: $type:ty $(as $key:literal)?, $unit:ident $(, $extra:ident)?;
        )*
    }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $($(#[doc = $row_doc])+ pub $field: $type,)*
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeStruct as _;
                #[allow(unused_mut, reason = "a record without fields changes nothing")]
                let mut fields = serializer.serialize_struct(stringify!($name), Self::INFO.fields.len())?;
                $(fields.serialize_field($crate::records::macros::key!($field $(as $key)?), &self.$field)?;)*
                fields.end()
            }
        }
    };
    (@table [$($doc:literal)+] $name:ident {
        $(
            $(#[doc = $row_doc:literal])+
            $field:ident: $type:ty $(as $key:literal)?, $unit:ident $(, $extra:ident)?;
        )*
    }) => {
        impl $name {
            /// The table of this record.
            pub const INFO: &'static $crate::records::RecordInfo = &$crate::records::RecordInfo {
                rust_name: stringify!($name),
                doc: $crate::table::doc(concat!($($doc),+)),
                fields: &[
                    $($crate::records::FieldInfo {
                        rust_name: stringify!($field),
                        key: $crate::records::macros::key!($field $(as $key)?),
                        kind: <$type as $crate::field::Field>::KIND,
                        unit: $crate::table::Unit::$unit,
                        extra: $crate::records::macros::extra!($($extra)?),
                        doc: $crate::table::doc(concat!($($row_doc),+)),
                    },)*
                ],
            };
        }

        impl $crate::field::Field for $name {
            const KIND: $crate::field::FieldKind = $crate::field::FieldKind::Record(Self::INFO);
        }
    };
}

/// The key of a field: its own name, unless another is given.
macro_rules! key {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident as $key:literal) => {
        $key
    };
}

/// Whether the word `extra` stands behind a field.
macro_rules! extra {
    () => {
        false
    };
    (extra) => {
        true
    };
}

pub(crate) use {extra, key, record};
