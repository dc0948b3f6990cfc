//! Puts unreliable messages together that travelled in several segments (spec section 7.4).
//!
//! One store for all lanes. What a piece costs does not depend on what came before it: messages are found by their key,
//! the pieces of one are few, and what a full store gives up is always the oldest.

use std::collections::BTreeMap;

use bytes::Bytes;
use smallvec::SmallVec;

/// Incomplete messages that are kept. A new one beyond that throws out the oldest.
const MESSAGES_MAX: usize = 256;
/// Pieces kept of a message: the largest that is ever sent, in the smallest packets, has fewer.
const PIECES_MAX: usize = 192;
/// Segments that reach beyond this are ignored: no sender makes them.
const MESSAGE_END_MAX: usize = 26_000;

/// A message: its lane and its number.
pub type Key = (u16, u64);

/// Where in its message a piece belongs, and where its bytes are.
#[derive(Clone, Copy, Debug)]
struct Piece {
    offset: u32,
    len: u32,
    at: u32,
}

impl Piece {
    fn end(self) -> usize {
        (self.offset + self.len) as usize
    }
}

#[derive(Debug, Default)]
struct Partial {
    /// The lower, the older.
    age: u64,
    /// The bytes of the pieces, as they came.
    data: Vec<u8>,
    /// By offset, disjoint.
    pieces: SmallVec<[Piece; 2]>,
    /// Where the message ends, once known.
    end: Option<usize>,
}

/// What became of a piece.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Kept,
    /// It contradicts others: no honest message.
    Nonsense,
    Complete,
}

/// Incomplete unreliable messages of all lanes.
#[derive(Debug, Default)]
pub struct Fragments {
    messages: BTreeMap<Key, Partial>,
    by_age: BTreeMap<u64, Key>,
    next_age: u64,
    /// Of all of them.
    bytes: usize,
    steps: u64,
}

impl Fragments {
    /// Takes a piece; gives the message once it is complete.
    pub fn insert(&mut self, key: Key, offset: usize, last: bool, data: &[u8]) -> Option<Bytes> {
        self.steps += 1;
        if offset.saturating_add(data.len()) > MESSAGE_END_MAX || (data.is_empty() && !last) {
            return None;
        }
        if !self.messages.contains_key(&key) {
            while self.messages.len() >= MESSAGES_MAX {
                self.drop_oldest_message();
            }
            self.by_age.insert(self.next_age, key);
            self.messages.insert(key, Partial { age: self.next_age, ..Partial::default() });
            self.next_age += 1;
        }
        let partial = self.messages.get_mut(&key)?;
        let before = partial.data.capacity();
        let fate = partial.insert(offset, last, data, &mut self.steps);
        self.bytes = self.bytes - before + partial.data.capacity();
        match fate {
            Fate::Kept => None,
            Fate::Nonsense => {
                self.remove(key);
                None
            }
            Fate::Complete => {
                let partial = self.remove(key)?;
                self.steps += partial.pieces.len() as u64;
                Some(partial.assemble())
            }
        }
    }

    /// Bytes of incomplete messages.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Gives up the oldest messages until no more than so many bytes are kept.
    pub fn limit(&mut self, bytes_max: usize) {
        while self.bytes > bytes_max {
            self.drop_oldest_message();
        }
    }

    /// Entries that were touched so far: what the work is measured by.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    fn drop_oldest_message(&mut self) {
        self.steps += 1;
        if let Some((_, key)) = self.by_age.pop_first() {
            self.remove(key);
        }
    }

    fn remove(&mut self, key: Key) -> Option<Partial> {
        let partial = self.messages.remove(&key)?;
        self.by_age.remove(&partial.age);
        self.bytes -= partial.data.capacity();
        Some(partial)
    }
}

impl Partial {
    /// Takes what is new of a piece, up to what is known behind it: honest pieces never overlap.
    fn insert(&mut self, offset: usize, last: bool, data: &[u8], steps: &mut u64) -> Fate {
        let end = offset + data.len();
        if last {
            let highest = self.pieces.last().map_or(0, |piece| piece.end());
            if highest > end || self.end.is_some_and(|known| known != end) {
                return Fate::Nonsense;
            }
            self.end = Some(end);
        }
        if self.end.is_some_and(|known| end > known) || self.pieces.len() >= PIECES_MAX {
            return Fate::Nonsense;
        }
        let index = self.pieces.partition_point(|piece| piece.offset as usize <= offset);
        let from = index.checked_sub(1).map_or(0, |before| self.pieces[before].end()).max(offset);
        let to = self.pieces.get(index).map_or(end, |after| end.min(after.offset as usize));
        if from < to {
            *steps += (self.pieces.len() - index) as u64;
            let piece = Piece { offset: from as u32, len: (to - from) as u32, at: self.data.len() as u32 };
            self.pieces.insert(index, piece);
            self.data.extend_from_slice(&data[from - offset..to - offset]);
        }
        if self.end == Some(self.data.len()) { Fate::Complete } else { Fate::Kept }
    }

    fn assemble(self) -> Bytes {
        let mut payload = Vec::with_capacity(self.data.len());
        for piece in &self.pieces {
            payload.extend_from_slice(&self.data[piece.at as usize..(piece.at + piece.len) as usize]);
        }
        payload.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completes_in_any_order_and_with_overlap() {
        let mut fragments = Fragments::default();
        assert_eq!(fragments.insert((0, 1), 6, true, b"world"), None);
        assert_eq!(fragments.insert((0, 1), 4, false, b"o "), None);
        assert_eq!(fragments.insert((0, 1), 4, false, b"??"), None, "the same place again is ignored");
        assert_eq!(fragments.insert((3, 1), 0, false, b"other"), None, "lanes are apart");
        assert_eq!(fragments.insert((0, 1), 0, false, b"hello"), Some(Bytes::from_static(b"hello world")));
        assert_eq!(fragments.insert((3, 1), 5, true, b""), Some(Bytes::from_static(b"other")));
        assert!(fragments.messages.is_empty() && fragments.by_age.is_empty());
        assert_eq!(fragments.bytes(), 0);
    }

    #[test]
    fn a_full_store_throws_out_the_oldest_message() {
        let mut fragments = Fragments::default();
        for number in 1..=MESSAGES_MAX as u64 + 5 {
            assert_eq!(fragments.insert((0, number), 1, true, b"b"), None);
        }
        assert_eq!((fragments.messages.len(), fragments.by_age.len()), (MESSAGES_MAX, MESSAGES_MAX));
        assert_eq!(fragments.insert((0, 7), 0, false, b"a"), Some(Bytes::from_static(b"ab")));
        assert_eq!(fragments.insert((0, 2), 0, false, b"a"), None);
        fragments.limit(8);
        assert!(fragments.bytes() <= 8 && !fragments.messages.is_empty(), "{} bytes", fragments.bytes());
        fragments.limit(0);
        assert_eq!((fragments.messages.len(), fragments.by_age.len(), fragments.bytes()), (0, 0, 0));
    }

    #[test]
    fn what_no_sender_makes_is_ignored() {
        let mut fragments = Fragments::default();
        assert_eq!(fragments.insert((0, 1), MESSAGE_END_MAX, true, b"x"), None);
        assert_eq!(fragments.insert((0, 1), usize::MAX, true, b"x"), None);
        assert_eq!(fragments.insert((0, 1), 9, false, b""), None);
        assert!(fragments.messages.is_empty());
        // Two ends, and bytes behind the end.
        for (offset, last) in [(9, true), (3, true), (8, false)] {
            assert_eq!(fragments.insert((0, 1), 5, true, b"end"), None);
            assert_eq!(fragments.insert((0, 1), offset, last, b"x"), None);
            assert!(fragments.messages.is_empty());
        }
    }

    #[test]
    fn a_piece_costs_the_same_whatever_came_before() {
        // Out of order over many messages, over all lanes, and the pieces of a message from behind.
        let across = |index: u64| (((index * 7) % 256) as u16, 1_000_000 - index, 1 + index as usize % 20_000);
        let within = |index: u64| (0, 1 + index / 200, 25_000 - 2 * (index as usize % 200));
        let orders: [&dyn Fn(u64) -> (u16, u64, usize); 2] = [&across, &within];
        for order in orders {
            let mut fragments = Fragments::default();
            for index in 0..50_000 {
                let (before, (lane, number, offset)) = (fragments.steps(), order(index));
                assert_eq!(fragments.insert((lane, number), offset, false, b"x"), None);
                let steps = fragments.steps() - before;
                assert!(steps <= 2 + PIECES_MAX as u64, "{steps} steps for piece {index}");
            }
            assert!(fragments.messages.len() <= MESSAGES_MAX);
        }
    }
}
