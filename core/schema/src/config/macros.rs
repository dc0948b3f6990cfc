//! The macro that writes an option's number, its typed constant and its row in the table.

/// Rows: `CONSTANT = number, "short name", "Godot name" [as "spelling"], kind, scope, unit, access, registration;`.
/// Kinds: `Int32(default, min..=max)`, `Int64(..)`, `Float(..)`, `String("default")`, `Int32(?)` and `String(?)` where
/// default and range are not public, `Pointer`, `NotASetting`. Scopes: `Global`, `Connection`, `-`.
macro_rules! options {
    ($(
        $(#[doc = $doc:literal])+
        $constant:ident = $id:literal, $name:literal, $godot:literal $(as $alias:literal)?,
        $kind:ident $(($($bounds:tt)+))?, $scope:tt, $unit:ident, $access:ident, $open:ident;
    )+) => {
        impl $crate::config::ConfigValue {
            $($(#[doc = $doc])+ pub const $constant: Self = Self($id);)+
        }

        $($crate::config::macros::typed!([$($doc)+] $constant $kind $(($($bounds)+))?);)+

        pub(super) const TABLE: &[$crate::config::ConfigOption] = &[
            $($crate::config::ConfigOption {
                id: $crate::config::ConfigValue::$constant,
                rust_name: stringify!($constant),
                name: $name,
                godot_name: $crate::table::name($godot),
                alias: $crate::table::name(concat!($($alias)?)),
                cpp_name: concat!("k_ESteamNetworkingConfig_", $name),
                kind: $crate::config::macros::kind!($kind $(($($bounds)+))?),
                scope: $crate::config::macros::scope!($scope),
                unit: $crate::table::Unit::$unit,
                access: $crate::config::Access::$access,
                open_source: $crate::config::Registration::$open,
                doc: $crate::table::doc(concat!($($doc),+)),
            },)+
        ];
    };
}

/// The typed constant of an option; none for pointers and for options without a public default.
macro_rules! typed {
    ([$($doc:literal)+] $constant:ident Int32($default:literal, $min:literal..=$max:literal)) => {
        $crate::config::macros::number!([$($doc)+] $constant i32 $default, $min, $max);
    };
    ([$($doc:literal)+] $constant:ident Int64($default:literal, $min:literal..=$max:literal)) => {
        $crate::config::macros::number!([$($doc)+] $constant i64 $default, $min, $max);
    };
    ([$($doc:literal)+] $constant:ident Float($default:literal, $min:literal..=$max:literal)) => {
        $crate::config::macros::number!([$($doc)+] $constant f32 $default, $min, $max);
    };
    ([$($doc:literal)+] $constant:ident String($default:literal)) => {
        $(#[doc = $doc])+
        pub const $constant: $crate::config::TextOption =
            $crate::config::TextOption { id: $crate::config::ConfigValue::$constant, default: $default };
    };
    ([$($doc:literal)+] $constant:ident $($other:tt)*) => {};
}

macro_rules! number {
    ([$($doc:literal)+] $constant:ident $number:ident $default:literal, $min:literal, $max:literal) => {
        $(#[doc = $doc])+
        pub const $constant: $crate::config::NumberOption<$number> = $crate::config::NumberOption {
            id: $crate::config::ConfigValue::$constant,
            default: $default,
            min: $min,
            max: $max,
        };
    };
}

macro_rules! kind {
    (String(?)) => {
        $crate::config::OptionKind::String(None)
    };
    (String($default:literal)) => {
        $crate::config::OptionKind::String(Some($default))
    };
    ($kind:ident(?)) => {
        $crate::config::OptionKind::$kind(None)
    };
    ($kind:ident($default:literal, $min:literal..=$max:literal)) => {
        $crate::config::OptionKind::$kind(Some($crate::config::Bounds { default: $default, min: $min, max: $max }))
    };
    ($kind:ident) => {
        $crate::config::OptionKind::$kind
    };
}

macro_rules! scope {
    (-) => {
        None
    };
    ($scope:ident) => {
        Some($crate::enums::ConfigScope::$scope)
    };
}

pub(crate) use {kind, number, scope, typed};
