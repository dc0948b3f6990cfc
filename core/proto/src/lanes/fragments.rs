//! Puts unreliable messages together that travelled in several segments (spec section 7.4).

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};

/// Fragments kept per lane. A new one beyond that throws out the oldest incomplete message.
const FRAGMENTS_MAX: usize = 64;
/// Segments that reach beyond this are ignored: no sender makes them.
const MESSAGE_END_MAX: usize = 26_000;

#[derive(Debug)]
struct Fragment {
    data: Bytes,
    last: bool,
}

/// Incomplete unreliable messages of a lane.
#[derive(Debug, Default)]
pub struct Fragments {
    by_place: BTreeMap<(u64, usize), Fragment>,
    /// Of all of them.
    bytes: usize,
}

impl Fragments {
    /// Takes a segment of message `number`; gives the message once it is complete.
    pub fn insert(&mut self, number: u64, offset: usize, last: bool, data: &[u8]) -> Option<Bytes> {
        if offset.saturating_add(data.len()) > MESSAGE_END_MAX || self.by_place.contains_key(&(number, offset)) {
            return None;
        }
        if self.by_place.len() >= FRAGMENTS_MAX {
            self.drop_oldest_message();
        }
        self.bytes += data.len();
        self.by_place.insert((number, offset), Fragment { data: Bytes::copy_from_slice(data), last });
        self.take_complete(number)
    }

    /// Bytes of incomplete messages.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Gives the oldest incomplete message up.
    pub fn drop_oldest_message(&mut self) {
        if let Some(&(oldest, _)) = self.by_place.keys().next() {
            self.drop_message(oldest);
        }
    }

    fn drop_message(&mut self, number: u64) {
        let newer = self.by_place.split_off(&(number + 1, 0));
        let dropped = self.by_place.split_off(&(number, 0));
        self.bytes -= dropped.values().map(|fragment| fragment.data.len()).sum::<usize>();
        self.by_place.extend(newer);
    }

    fn take_complete(&mut self, number: u64) -> Option<Bytes> {
        let end = self.contiguous_end(number)?;
        let mut payload = BytesMut::with_capacity(end);
        for (&(_, offset), fragment) in self.of(number) {
            let known = payload.len().saturating_sub(offset).min(fragment.data.len());
            payload.extend_from_slice(&fragment.data[known..]);
            if fragment.last {
                break;
            }
        }
        self.drop_message(number);
        Some(payload.freeze())
    }

    /// Where the message ends, if its fragments cover it from 0 to one marked as the last.
    fn contiguous_end(&self, number: u64) -> Option<usize> {
        let mut end = 0;
        for (&(_, offset), fragment) in self.of(number) {
            if offset > end {
                return None;
            }
            end = end.max(offset + fragment.data.len());
            if fragment.last {
                return Some(end);
            }
        }
        None
    }

    fn of(&self, number: u64) -> impl Iterator<Item = (&(u64, usize), &Fragment)> {
        self.by_place.range((number, 0)..=(number, usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completes_in_any_order_and_with_overlap() {
        let mut fragments = Fragments::default();
        assert_eq!(fragments.insert(1, 6, true, b"world"), None);
        assert_eq!(fragments.insert(1, 4, false, b"o "), None);
        assert_eq!(fragments.insert(1, 4, false, b"??"), None, "the same place again is ignored");
        assert_eq!(fragments.insert(1, 0, false, b"hello"), Some(Bytes::from_static(b"hello world")));
        assert!(fragments.by_place.is_empty());
        assert_eq!(fragments.bytes(), 0);
    }

    #[test]
    fn a_full_store_throws_out_the_oldest_message() {
        let mut fragments = Fragments::default();
        for number in 1..=FRAGMENTS_MAX as u64 + 5 {
            assert_eq!(fragments.insert(number, 1, true, b"b"), None);
        }
        assert_eq!(fragments.by_place.len(), FRAGMENTS_MAX);
        assert_eq!(fragments.insert(7, 0, false, b"a"), Some(Bytes::from_static(b"ab")));
        assert_eq!(fragments.insert(2, 0, false, b"a"), None);
    }

    #[test]
    fn what_no_sender_makes_is_ignored() {
        let mut fragments = Fragments::default();
        assert_eq!(fragments.insert(1, MESSAGE_END_MAX, true, b"x"), None);
        assert_eq!(fragments.insert(1, usize::MAX, true, b"x"), None);
        assert!(fragments.by_place.is_empty());
    }
}
