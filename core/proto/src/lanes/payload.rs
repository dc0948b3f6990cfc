//! What arrived, and how messages get their payload out of it without an allocation each.

use core::cell::OnceCell;

use bytes::Bytes;

/// The payload of a message, and what it keeps from being freed.
#[derive(Clone, Debug)]
pub struct Payload {
    /// The payload.
    pub bytes: Bytes,
    /// The memory it is a part of, unless it has its own.
    pub buffer: Option<Buffer>,
}

impl Payload {
    /// One with memory of its own.
    pub fn own(bytes: Bytes) -> Self {
        Self { bytes, buffer: None }
    }
}

/// Memory that several messages share. It is freed with the last of them, so all of it counts until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffer {
    address: usize,
    /// Its size, bytes.
    pub len: usize,
}

impl Buffer {
    fn of(bytes: &Bytes) -> Self {
        Self { address: bytes.as_ptr().addr(), len: bytes.len() }
    }
}

/// Bytes that arrived together, and that messages are cut from.
pub trait Arrived {
    /// A part of them, kept for as long as it is wanted.
    fn keep(&self, part: &[u8]) -> Payload;

    /// How much memory a part may keep, bytes.
    fn memory(&self) -> usize;
}

/// The plaintext of a packet, which is gone when the next one comes.
///
/// Small messages of one packet share one copy of it: an allocation for each would be most of what receiving them costs.
/// A message with a packet nearly to itself has its own.
pub struct Plaintext<'a> {
    bytes: &'a [u8],
    copy: OnceCell<Bytes>,
}

impl<'a> Plaintext<'a> {
    /// Of the packet that is being taken in.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, copy: OnceCell::new() }
    }
}

impl Arrived for Plaintext<'_> {
    fn keep(&self, part: &[u8]) -> Payload {
        let from = part.as_ptr().addr().wrapping_sub(self.bytes.as_ptr().addr());
        let shares = !part.is_empty() && part.len() <= self.bytes.len() / 2;
        match self.bytes.get(from..from.saturating_add(part.len())) {
            Some(_) if shares => {
                let copy = self.copy.get_or_init(|| Bytes::copy_from_slice(self.bytes));
                Payload { bytes: copy.slice(from..from + part.len()), buffer: Some(Buffer::of(copy)) }
            }
            _ => Payload::own(Bytes::copy_from_slice(part)),
        }
    }

    fn memory(&self) -> usize {
        self.bytes.len()
    }
}

/// A piece of a stream that has waited for its turn.
impl Arrived for Bytes {
    fn keep(&self, part: &[u8]) -> Payload {
        if part.is_empty() {
            return Payload::own(Bytes::new());
        }
        Payload { bytes: self.slice_ref(part), buffer: Some(Buffer::of(self)) }
    }

    fn memory(&self) -> usize {
        self.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_parts_share_a_copy_and_large_ones_have_their_own() {
        let packet: Vec<u8> = (0..100).collect();
        let plaintext = Plaintext::new(&packet);
        let (first, second) = (plaintext.keep(&packet[3..10]), plaintext.keep(&packet[50..100]));
        let copy = plaintext.copy.get().unwrap();
        assert_eq!((first.buffer, second.buffer), (Some(Buffer::of(copy)), Some(Buffer::of(copy))));
        let (first, second) = (first.bytes, second.bytes);
        assert_eq!((&first[..], &second[..]), (&packet[3..10], &packet[50..]));
        assert_eq!((first.as_ptr(), second.as_ptr()), (copy[3..].as_ptr(), copy[50..].as_ptr()));
        let large = plaintext.keep(&packet[..60]);
        assert_eq!((&large.bytes[..], large.buffer), (&packet[..60], None));
        assert_ne!(large.bytes.as_ptr(), copy.as_ptr());
        assert!(plaintext.keep(&[]).bytes.is_empty());
    }

    #[test]
    fn what_is_not_a_part_is_copied() {
        let (packet, other) = ([1; 40], [2; 4]);
        assert_eq!(Plaintext::new(&packet).keep(&other).bytes, other[..]);
        assert_eq!(Plaintext::new(&packet[..4]).keep(&packet[2..6]).bytes, packet[2..6]);
    }
}
