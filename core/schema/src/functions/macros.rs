//! The macro that writes a group's table of functions from rows that read like signatures.

/// Rows: `fn "steam name", "godot name" (argument: Type [= "default"], ..) -> Type, Needs;`. The types are Rust types
/// with a [`Field`](crate::field::Field) kind; an empty name says that there is none.
macro_rules! functions {
    ($group:ident: $(
        $(#[doc = $doc:literal])+
        fn $steam:literal, $godot:literal ($($arg:ident: $type:ty $(= $default:literal)?),*) -> $returns:ty, $needs:ident;
    )+) => {
        pub(super) const TABLE: &[$crate::functions::FunctionInfo] = &[
            $($crate::functions::FunctionInfo {
                group: $crate::table::Group::$group,
                steam_name: $crate::table::name($steam),
                godot_name: $crate::table::name($godot),
                args: &[
                    $($crate::functions::ArgInfo {
                        name: stringify!($arg),
                        kind: <$type as $crate::field::Field>::KIND,
                        default: $crate::table::name(concat!($($default)?)),
                    },)*
                ],
                returns: <$returns as $crate::field::Field>::KIND,
                needs: $crate::functions::Needs::$needs,
                doc: $crate::table::doc(concat!($($doc),+)),
            },)+
        ];
    };
}
