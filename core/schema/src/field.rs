//! The kinds of value that records, events and functions carry, and how each looks in Rust and in Godot.

use alloc::string::String;
use alloc::vec::Vec;

use crate::config::ConfigData;
use crate::flags::{InfoFlags, SendFlags};
use crate::records::RecordInfo;
use crate::table::EnumInfo;

/// What kind of value a field, an argument or a result is.
#[derive(Clone, Copy, Debug)]
pub enum FieldKind {
    /// Nothing: the result of a call without one.
    Nothing,
    /// True or false.
    Bool,
    /// An integer of the range that the name says.
    I32,
    /// An integer of the range that the name says.
    I64,
    /// An integer of the range that the name says.
    U16,
    /// An integer of the range that the name says. Handles are of this kind.
    U32,
    /// An integer of the range that the name says. Identities are of this kind.
    U64,
    /// A 32-bit float.
    F32,
    /// A text, UTF-8.
    Text,
    /// Bytes of any content.
    Bytes,
    /// A number out of an enum.
    Enum(&'static EnumInfo),
    /// A set of bits; the name is the Rust type.
    Flags(&'static str),
    /// A record: a dictionary in Godot.
    Record(&'static RecordInfo),
    /// Any number of values of one kind.
    List(&'static FieldKind),
    /// Configuration options: from the number of an option to its value.
    Options,
    /// A configuration value of any type.
    Variant,
    /// Something the application brings: an object with methods, or a callable. The name is the interface.
    Object(&'static str),
    /// A C++ or Rust structure that no binding offers. The name is the structure.
    Native(&'static str),
}

impl FieldKind {
    /// The type in GDScript.
    pub const fn godot(self) -> &'static str {
        match self {
            Self::Nothing => "void",
            Self::Bool => "bool",
            Self::I32 | Self::I64 | Self::U16 | Self::U32 | Self::U64 | Self::Enum(_) | Self::Flags(_) => "int",
            Self::F32 => "float",
            Self::Text => "String",
            Self::Bytes => "PackedByteArray",
            Self::Record(_) | Self::Options => "Dictionary",
            Self::List(Self::U16 | Self::I32) => "PackedInt32Array",
            Self::List(Self::I64 | Self::U32 | Self::U64) => "PackedInt64Array",
            Self::List(_) => "Array",
            Self::Variant => "Variant",
            Self::Object(_) => "Object",
            Self::Native(_) => "-",
        }
    }

    /// The type in Rust.
    pub const fn rust(self) -> &'static str {
        match self {
            Self::Nothing => "()",
            Self::Bool => "bool",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::F32 => "f32",
            Self::Text => "String",
            Self::Bytes => "Vec<u8>",
            Self::Enum(info) => info.rust_name,
            Self::Record(info) => info.rust_name,
            Self::Flags(name) | Self::Object(name) | Self::Native(name) => name,
            Self::List(_) => "Vec",
            Self::Options => "Options",
            Self::Variant => "ConfigData",
        }
    }
}

/// Gives each Rust type its kind, so that tables follow from the types.
pub trait Field {
    /// The kind of value this type holds.
    const KIND: FieldKind;
}

macro_rules! fields {
    ($($type:ty => $kind:expr;)+) => {
        $(impl Field for $type {
            const KIND: FieldKind = $kind;
        })+
    };
}

fields! {
    () => FieldKind::Nothing;
    bool => FieldKind::Bool;
    i32 => FieldKind::I32;
    i64 => FieldKind::I64;
    u16 => FieldKind::U16;
    u32 => FieldKind::U32;
    u64 => FieldKind::U64;
    f32 => FieldKind::F32;
    String => FieldKind::Text;
    Bytes => FieldKind::Bytes;
    SendFlags => FieldKind::Flags("SendFlags");
    InfoFlags => FieldKind::Flags("InfoFlags");
    Options => FieldKind::Options;
    ConfigData => FieldKind::Variant;
    SignalingObject => FieldKind::Object("ConnectionSignaling");
    SignalingContext => FieldKind::Object("SignalingRecvContext");
    FakeUdpPortObject => FieldKind::Object("FakeUdpPort");
    NativeConfigOption => FieldKind::Native("SteamNetworkingConfigValue_t");
    NativeIdentity => FieldKind::Native("SteamNetworkingIdentity");
    NativeAddress => FieldKind::Native("SteamNetworkingIPAddr");
    NativeMessage => FieldKind::Native("SteamNetworkingMessage_t");
    NativePointer => FieldKind::Native("void*");
    crate::config::ConfigValue => FieldKind::Enum(Self::INFO);
    crate::enums::Availability => FieldKind::Enum(Self::INFO);
    crate::enums::ConfigDataType => FieldKind::Enum(Self::INFO);
    crate::enums::ConfigScope => FieldKind::Enum(Self::INFO);
    crate::enums::ConnectionEnd => FieldKind::Enum(Self::INFO);
    crate::enums::ConnectionState => FieldKind::Enum(Self::INFO);
    crate::enums::DebugOutputType => FieldKind::Enum(Self::INFO);
    crate::enums::FakeIpType => FieldKind::Enum(Self::INFO);
    crate::enums::GetConfigValueResult => FieldKind::Enum(Self::INFO);
    crate::enums::IdentityType => FieldKind::Enum(Self::INFO);
    crate::enums::InitResult => FieldKind::Enum(Self::INFO);
    crate::enums::ResultCode => FieldKind::Enum(Self::INFO);
}

impl<T: Field> Field for Vec<T> {
    const KIND: FieldKind = FieldKind::List(&T::KIND);
}

/// A byte string. Apart from `Vec<u8>`, since that would be a list of numbers to serde.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Bytes(pub Vec<u8>);

#[cfg(feature = "serde")]
impl serde::Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

macro_rules! markers {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {
        $($(#[doc = $doc])+ #[derive(Debug)] pub enum $name {})+
    };
}

markers! {
    /// In a function's table: a dictionary from the number of an option to its value.
    Options;
    /// In a function's table: an object that sends signals for a connection.
    SignalingObject;
    /// In a function's table: an object that decides about incoming signals.
    SignalingContext;
    /// In a function's table: a port that sends and receives by fake address.
    FakeUdpPortObject;
    /// In a function's table: the C++ structure of one option.
    NativeConfigOption;
    /// In a function's table: the C++ structure of an identity.
    NativeIdentity;
    /// In a function's table: the C++ structure of an address.
    NativeAddress;
    /// In a function's table: the C++ structure of a message.
    NativeMessage;
    /// In a function's table: a pointer.
    NativePointer;
}
