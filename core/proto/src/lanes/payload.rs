//! What arrived, and how messages get their payload out of it without an allocation each.

use core::cell::OnceCell;

use bytes::Bytes;

/// Bytes that arrived together, and that messages are cut from.
pub trait Arrived {
    /// A part of them, kept for as long as it is wanted.
    fn keep(&self, part: &[u8]) -> Bytes;
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
    fn keep(&self, part: &[u8]) -> Bytes {
        let from = part.as_ptr().addr().wrapping_sub(self.bytes.as_ptr().addr());
        let shares = part.len() <= self.bytes.len() / 2;
        match self.bytes.get(from..from.saturating_add(part.len())) {
            Some(_) if shares => {
                let copy = self.copy.get_or_init(|| Bytes::copy_from_slice(self.bytes));
                copy.slice(from..from + part.len())
            }
            _ => Bytes::copy_from_slice(part),
        }
    }
}

/// A piece of a stream that has waited for its turn.
impl Arrived for Bytes {
    fn keep(&self, part: &[u8]) -> Bytes {
        self.slice_ref(part)
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
        assert_eq!((&first[..], &second[..]), (&packet[3..10], &packet[50..]));
        assert_eq!((first.as_ptr(), second.as_ptr()), (copy[3..].as_ptr(), copy[50..].as_ptr()));
        let large = plaintext.keep(&packet[..60]);
        assert_eq!(large, packet[..60]);
        assert_ne!(large.as_ptr(), copy.as_ptr());
        assert!(plaintext.keep(&[]).is_empty());
    }

    #[test]
    fn what_is_not_a_part_is_copied() {
        let (packet, other) = ([1; 40], [2; 4]);
        assert_eq!(Plaintext::new(&packet).keep(&other), other[..]);
        assert_eq!(Plaintext::new(&packet[..4]).keep(&packet[2..6]), packet[2..6]);
    }
}
