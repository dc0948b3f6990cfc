//! Texts of fixed capacity inside records.

/// A text of at most `N` bytes, UTF-8. `N` is even, so that nothing is padded.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<const N: usize> {
    length: u16,
    bytes: [u8; N],
}

impl<const N: usize> Text<N> {
    /// No text.
    pub const EMPTY: Self = Self { length: 0, bytes: [0; N] };

    /// As much of a text as there is room for, in whole characters.
    pub fn new(text: &str) -> Self {
        let length = text.floor_char_boundary(N);
        let mut bytes = [0; N];
        bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
        Self { length: length as u16, bytes }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }
}

/// A list of known length as an array; what is missing is 0.
pub(crate) fn array<T: Copy + Default, const N: usize>(list: &[T]) -> [T; N] {
    let mut array = [T::default(); N];
    array.iter_mut().zip(list).for_each(|(slot, value)| *slot = *value);
    array
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(Text::<4>::new("abc").as_str(), "abc");
        assert_eq!(Text::<4>::new("abcde").as_str(), "abcd");
        assert_eq!(Text::<4>::new("abcä").as_str(), "abc");
        assert_eq!(std::mem::size_of::<Text<48>>(), 50);
    }
}
