//! Base-128 integers, least significant group first: protobuf's encoding (spec section 0.2).

/// The longest encoding of a 32-bit value, in bytes.
pub const MAX_LEN_U32: usize = 5;
/// The longest encoding of a 64-bit value, in bytes.
pub const MAX_LEN_U64: usize = 10;

/// Appends the shortest encoding of `value`.
pub fn encode_u64(mut value: u64, out: &mut impl Extend<u8>) {
    while value >= 0x80 {
        out.extend([(value & 0x7f) as u8 | 0x80]);
        value >>= 7;
    }
    out.extend([value as u8]);
}

/// Size in bytes (1 to 10) of what [`encode_u64`] appends.
pub const fn len(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

/// Takes a 32-bit value off the front of `input`. `None` if it runs past the input or past 5 bytes; `input` is then
/// unchanged. Overlong encodings are accepted and bits beyond the 32nd are lost, as in GNS.
pub fn decode_u32(input: &mut &[u8]) -> Option<u32> {
    decode(input, MAX_LEN_U32).map(|value| value as u32)
}

/// Takes a 64-bit value off the front of `input`. `None` if it runs past the input or past 10 bytes; `input` is then
/// unchanged. Overlong encodings are accepted and bits beyond the 64th are lost, as in GNS.
pub fn decode_u64(input: &mut &[u8]) -> Option<u64> {
    decode(input, MAX_LEN_U64)
}

/// What both widths share: at most `max_len` bytes, which must not exceed [`MAX_LEN_U64`].
fn decode(input: &mut &[u8], max_len: usize) -> Option<u64> {
    let mut value = 0u64;
    for (index, byte) in input.iter().take(max_len).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            *input = input.get(index + 1..)?;
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(value: u64) -> Vec<u8> {
        let mut out = Vec::new();
        encode_u64(value, &mut out);
        out
    }

    #[test]
    fn known_encodings() {
        let cases: [(u64, &str); 8] = [
            (0, "00"),
            (1, "01"),
            (127, "7f"),
            (128, "8001"),
            (300, "ac02"),
            (16_384, "808001"),
            (u64::from(u32::MAX), "ffffffff0f"),
            (u64::MAX, "ffffffffffffffffff01"),
        ];
        for (value, bytes) in cases {
            assert_eq!(hex::encode(encoded(value)), bytes);
            assert_eq!(len(value), bytes.len() / 2, "length of {value}");
        }
    }

    #[test]
    fn length_agrees_with_the_encoding_at_every_power_of_two() {
        for bit in 0..64 {
            for value in [(1u64 << bit) - 1, 1 << bit] {
                assert_eq!(len(value), encoded(value).len(), "length of {value}");
            }
        }
    }

    #[test]
    fn overlong_is_accepted_within_the_byte_limit() {
        assert_eq!(decode_u32(&mut &[0x81, 0x80, 0x80, 0x80, 0x00][..]), Some(1));
        assert_eq!(decode_u32(&mut &[0x81, 0x80, 0x80, 0x80, 0x80, 0x00][..]), None);
        let ten = [0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00];
        assert_eq!(decode_u64(&mut &ten[..]), Some(1));
        let eleven = [0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00];
        assert_eq!(decode_u64(&mut &eleven[..]), None);
    }

    #[test]
    fn excess_bits_are_lost() {
        assert_eq!(decode_u32(&mut &[0xff, 0xff, 0xff, 0xff, 0x7f][..]), Some(u32::MAX));
        let wide = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
        assert_eq!(decode_u64(&mut &wide[..]), Some(u64::MAX));
    }

    #[test]
    fn truncated_input_is_left_alone() {
        let mut input = &[0x80, 0x80][..];
        assert_eq!(decode_u64(&mut input), None);
        assert_eq!(input, [0x80, 0x80]);
        assert_eq!(decode_u64(&mut &[][..]), None);
    }

    #[test]
    fn the_rest_stays() {
        let mut input = &[0xac, 0x02, 0x55][..];
        assert_eq!(decode_u32(&mut input), Some(300));
        assert_eq!(input, [0x55]);
    }
}
