//! Everything observable in a run, folded into one number.

/// A running hash: equal traces mean equal runs, to all practical purposes. Not for secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Trace(u64);

impl Trace {
    /// The number of the run so far.
    pub fn hash(self) -> u64 {
        self.0
    }

    /// Folds in one number.
    pub fn number(&mut self, n: u64) {
        let mixed = (self.0 ^ n).wrapping_mul(0xff51_afd7_ed55_8ccd);
        self.0 = (mixed ^ (mixed >> 32)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    }

    /// Folds in bytes and their count.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.number(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.number(u64::from_le_bytes(last));
    }
}

#[cfg(test)]
mod tests {
    use super::Trace;

    fn hash(parts: &[&[u8]]) -> u64 {
        let mut trace = Trace::default();
        parts.iter().for_each(|p| trace.bytes(p));
        trace.hash()
    }

    #[test]
    fn content_order_and_boundaries_count() {
        assert_eq!(hash(&[b"abc", b"d"]), hash(&[b"abc", b"d"]));
        assert_ne!(hash(&[b"abc", b"d"]), hash(&[b"ab", b"cd"]));
        assert_ne!(hash(&[b"abc", b"d"]), hash(&[b"d", b"abc"]));
        assert_ne!(hash(&[b"\0"]), hash(&[b"\0\0"]));
    }
}
