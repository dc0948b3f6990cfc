//! Between Rust and Godot: arguments one way, answers the other.

mod given;
mod answer;
mod number;
mod serializer;

pub(crate) use self::answer::Answer;
pub(crate) use self::given::{Given, OptionsArgument, Tolerant};
pub(crate) use self::number::{Enum, NumberOf};
pub(crate) use self::serializer::{KeyCache, to_variant};
