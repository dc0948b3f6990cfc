//! Message contents that both ends can make from a seed, and name by a hash, so that the lines between them stay short.

/// Contents of `len` bytes that `seed` determines. No two seeds give the same bytes from 8 bytes on.
pub fn pattern(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        // A 64-bit multiplicative generator over odd numbers: its high half is mixed well enough to show any mistake.
        bytes.extend_from_slice(&(state ^ (state >> 32)).to_le_bytes());
        state = state.wrapping_mul(0xd134_2543_de82_ef95);
    }
    bytes.truncate(len);
    bytes
}

/// The 64-bit FNV-1a hash of a message, taken over 8-byte words and then the remaining bytes.
pub fn hash(bytes: &[u8]) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let (words, rest) = bytes.as_chunks::<8>();
    let over_words = words.iter().fold(OFFSET, |state, word| {
        let state = (state ^ u64::from_le_bytes(*word)).wrapping_mul(PRIME);
        state ^ (state >> 29)
    });
    rest.iter().fold(over_words, |state, byte| (state ^ u64::from(*byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seed_and_length_determine_the_bytes() {
        assert_eq!(pattern(0, 7), b"");
        assert_eq!(pattern(1201, 7), pattern(1201, 7));
        assert_eq!(pattern(1201, 7)[..100], pattern(100, 7));
        assert_ne!(pattern(8, 7), pattern(8, 8));
    }

    #[test]
    fn the_hash_sees_every_byte() {
        let original = pattern(1201, 1);
        for index in [0, 7, 8, 600, 1199, 1200] {
            let mut changed = original.clone();
            changed[index] ^= 1;
            assert_ne!(hash(&original), hash(&changed), "byte {index}");
        }
    }
}
