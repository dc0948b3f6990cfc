//! Answers: what a call gives back, as Godot's type.

use gamesockets::ReceivedMessage;
use godot::prelude::*;
use serde::Serialize;

use super::{Enum, KeyCache, NumberOf, to_variant};
use crate::steam::MessageFields;

/// Turns the answer of a call into the type that its signature in Godot has.
pub(crate) trait Answer<G> {
    fn answer(self, keys: &KeyCache) -> G;
}

macro_rules! as_is {
    ($($type:ty),+) => {
        $(impl Answer<$type> for $type {
            fn answer(self, _: &KeyCache) -> $type {
                self
            }
        })+
    };
}

as_is!((), bool, i64, GString, PackedInt64Array);

impl Answer<i64> for u32 {
    fn answer(self, _: &KeyCache) -> i64 {
        self.into()
    }
}

impl Answer<i64> for u64 {
    fn answer(self, _: &KeyCache) -> i64 {
        self.cast_signed()
    }
}

impl Answer<GString> for String {
    fn answer(self, _: &KeyCache) -> GString {
        GString::from(&self)
    }
}

impl<E: NumberOf> Answer<Enum<E>> for E {
    fn answer(self, _: &KeyCache) -> Enum<E> {
        self.into()
    }
}

/// A record; without one, an empty dictionary.
impl<R: Serialize> Answer<VarDictionary> for R {
    fn answer(self, keys: &KeyCache) -> VarDictionary {
        to_variant(&self, keys).try_to().unwrap_or_default()
    }
}

/// Messages, all in one array.
impl Answer<Array<VarDictionary>> for Vec<ReceivedMessage> {
    fn answer(self, keys: &KeyCache) -> Array<VarDictionary> {
        let mut before: Option<(MessageFields<'_>, VarDictionary)> = None;
        let fill = |message| {
            let fields = MessageFields::of(message);
            let dictionary = match &before {
                Some((other, dictionary)) if fields.is_like(other) => fields.changed(dictionary, keys),
                _ => fields.answer(keys),
            };
            before = Some((fields, dictionary.clone()));
            dictionary
        };
        self.iter().map(fill).collect()
    }
}
