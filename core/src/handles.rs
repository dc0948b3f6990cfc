//! Handles: small numbers that stand for a listen socket, a connection or a poll group, and are never reused.

use std::collections::VecDeque;
use std::fmt;

const KIND_SHIFT: u32 = 30;
const GENERATION_SHIFT: u32 = 16;
const GENERATION_MAX: u16 = (1 << 14) - 1;

/// What a handle stands for. Its number is bits 31 and 30 of the handle, so that kinds never mix and 0 is no handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum HandleKind {
    /// A [`ListenSocket`].
    ListenSocket = 1,
    /// A [`Connection`].
    Connection = 2,
    /// A [`PollGroup`].
    PollGroup = 3,
}

impl HandleKind {
    /// The kind that the number of a handle tells; `None` for numbers that are no handle.
    pub const fn of(raw: u32) -> Option<Self> {
        match raw >> KIND_SHIFT {
            1 => Some(Self::ListenSocket),
            2 => Some(Self::Connection),
            3 => Some(Self::PollGroup),
            _ => None,
        }
    }
}

impl fmt::Display for HandleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ListenSocket => "listen socket",
            Self::Connection => "connection",
            Self::PollGroup => "poll group",
        })
    }
}

/// A typed handle, as [`HandleTable`] deals them.
pub(crate) trait Handle: Copy + Eq {
    const KIND: HandleKind;
    fn from_raw_unchecked(raw: u32) -> Self;
    fn to_raw(self) -> u32;
}

macro_rules! handle {
    ($(#[doc = $doc:literal])+ $name:ident) => {
        $(#[doc = $doc])+
        ///
        /// A plain number, cheap to copy. It is never dealt twice by one [`Sockets`](crate::Sockets): a stale handle
        /// makes a call answer an error, and never reaches somebody else's object.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(u32);

        impl $name {
            /// The number, for language bindings.
            pub const fn raw(self) -> u32 {
                self.0
            }

            /// The handle with this number. Any number may be given: calls check it.
            pub const fn from_raw(raw: u32) -> Self {
                Self(raw)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:#010x}", self.0)
            }
        }

        impl Handle for $name {
            const KIND: HandleKind = HandleKind::$name;
            fn from_raw_unchecked(raw: u32) -> Self {
                Self(raw)
            }
            fn to_raw(self) -> u32 {
                self.0
            }
        }
    };
}

handle! {
    /// A bound UDP port that takes connections.
    ListenSocket
}
handle! {
    /// One end of a connection.
    Connection
}
handle! {
    /// A set of connections whose messages are read with one call.
    PollGroup
}

/// Objects by handle.
///
/// A handle is `kind << 30 | generation << 16 | index`. Freed slots are used again in the order they were freed, with
/// the next generation; a slot whose generations are used up is retired.
pub(crate) struct HandleTable<H, T> {
    slots: Vec<Slot<T>>,
    free: VecDeque<u16>,
    _handle: std::marker::PhantomData<H>,
}

struct Slot<T> {
    generation: u16,
    value: Option<T>,
}

impl<H: Handle, T> HandleTable<H, T> {
    pub(crate) const fn new() -> Self {
        Self { slots: Vec::new(), free: VecDeque::new(), _handle: std::marker::PhantomData }
    }

    /// Stores what `make` builds for its new handle. `None` when no handle is left.
    pub(crate) fn insert_with(&mut self, make: impl FnOnce(H) -> T) -> Option<H> {
        let index = match self.free.pop_front() {
            Some(index) => index,
            None => {
                let index = u16::try_from(self.slots.len()).ok()?;
                self.slots.push(Slot { generation: 1, value: None });
                index
            }
        };
        let slot = self.slots.get_mut(usize::from(index))?;
        let handle = compose(slot.generation, index);
        slot.value = Some(make(handle));
        Some(handle)
    }

    /// What the handle stands for; `None` when it is stale, of another kind or invented.
    pub(crate) fn get(&self, handle: H) -> Option<&T> {
        let (generation, index) = decompose(handle)?;
        let slot = self.slots.get(usize::from(index))?;
        if slot.generation == generation { slot.value.as_ref() } else { None }
    }

    /// Takes the object out; its handle is stale from now on.
    pub(crate) fn remove(&mut self, handle: H) -> Option<T> {
        let (generation, index) = decompose(handle)?;
        let slot = self.slots.get_mut(usize::from(index))?;
        if slot.generation != generation {
            return None;
        }
        let value = slot.value.take()?;
        if slot.generation < GENERATION_MAX {
            slot.generation += 1;
            self.free.push_back(index);
        }
        Some(value)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().filter_map(|slot| slot.value.as_ref())
    }
}

fn compose<H: Handle>(generation: u16, index: u16) -> H {
    H::from_raw_unchecked((H::KIND as u32) << KIND_SHIFT | u32::from(generation) << GENERATION_SHIFT | u32::from(index))
}

fn decompose<H: Handle>(handle: H) -> Option<(u16, u16)> {
    let raw = handle.to_raw();
    if raw >> KIND_SHIFT != H::KIND as u32 {
        return None;
    }
    let generation = (raw >> GENERATION_SHIFT) as u16 & GENERATION_MAX;
    Some((generation, (raw & 0xFFFF) as u16))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Table = HandleTable<Connection, u32>;

    #[test]
    fn a_removed_handle_never_resolves_again() {
        let mut table = Table::new();
        let mut old = Vec::new();
        for value in 0..1000 {
            let handle = table.insert_with(|_| value).unwrap();
            assert_eq!(table.get(handle), Some(&value));
            assert_eq!(table.remove(handle), Some(value));
            old.push(handle);
        }
        assert!(old.iter().all(|&handle| table.get(handle).is_none()));
        old.sort_unstable();
        old.dedup();
        assert_eq!(old.len(), 1000);
        assert_eq!(table.values().count(), 0);
    }

    #[test]
    fn kinds_do_not_mix_and_zero_is_invalid() {
        let mut table = Table::new();
        let handle = table.insert_with(|_| 7).unwrap();
        assert_eq!(handle.raw() >> 30, 2);
        assert_eq!(table.get(Connection::from_raw(0)), None);
        assert_eq!(table.get(Connection::from_raw(handle.raw() ^ 0x4000_0000 ^ 0x8000_0000)), None);
        assert_eq!(table.get(Connection::from_raw(u32::MAX)), None);
        assert_eq!(table.remove(Connection::from_raw(handle.raw() + 1)), None);
        assert_eq!(table.values().collect::<Vec<_>>(), [&7]);
    }

    #[test]
    fn a_slot_out_of_generations_is_retired_and_a_full_table_says_so() {
        let mut table = Table::new();
        for _ in 0..GENERATION_MAX {
            let handle = table.insert_with(|_| 0).unwrap();
            assert_eq!(handle.raw() & 0xFFFF, 0);
            table.remove(handle);
        }
        assert_eq!(table.insert_with(|_| 0).unwrap().raw() & 0xFFFF, 1);
        for _ in 2..=u16::MAX {
            table.insert_with(|_| 0).unwrap();
        }
        assert_eq!(table.insert_with(|_| 0), None);
    }
}
