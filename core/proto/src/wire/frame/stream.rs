//! Messages inside a lane's reliable stream: a header, then the payload (spec section 7.9).

use super::super::varint;
use super::{FrameError, FrameErrorKind};

/// The longest message header accepted, in bytes: overlong integers included.
pub const MAX_MESSAGE_HEADER_LEN: usize = 1 + 2 * varint::MAX_LEN_U64;

const GAP_BIT: u8 = 0x40;
const SIZE_BIT: u8 = 0x20;
const RESERVED_BIT: u8 = 0x80;
/// Sizes below this need no varint.
const SHORT_SIZES: u32 = 32;

/// What stands before every message in the reliable stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageHeader {
    /// What to add to the number of the lane's previous reliable message. Any value: the caller bounds it.
    pub gap: u64,
    /// Size of the payload in bytes. Any value: the caller bounds it.
    pub size: u32,
}

/// What the bytes at the front of the stream are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderDecode {
    /// A header; the payload follows it.
    Complete {
        /// The header.
        header: MessageHeader,
        /// How many bytes it took.
        len: usize,
    },
    /// The beginning of a header: the rest has not arrived. Never for [`MAX_MESSAGE_HEADER_LEN`] bytes or more.
    Incomplete,
}

/// Appends the header of a message of `size` bytes whose number is `gap` above that of the lane's previous reliable one.
pub fn encode_message_header(out: &mut impl Extend<u8>, gap: u64, size: u32) {
    let gap_bit = if gap == 1 { 0 } else { GAP_BIT };
    let size_bit = if size < SHORT_SIZES { 0 } else { SIZE_BIT };
    out.extend([gap_bit | size_bit | (size % SHORT_SIZES) as u8]);
    if gap != 1 {
        varint::encode_u64(gap, out);
    }
    if size >= SHORT_SIZES {
        varint::encode_u64(u64::from(size / SHORT_SIZES), out);
    }
}

/// Reads the header at the front of `stream`, the unconsumed bytes of a lane's stream up to the first hole.
///
/// # Errors
/// When no header begins so, whatever follows; the connection is to be closed with code 5002.
pub fn decode_message_header(stream: &[u8]) -> Result<HeaderDecode, FrameError> {
    decode(stream).map_err(|kind| FrameError { offset: 0, kind })
}

fn decode(stream: &[u8]) -> Result<HeaderDecode, FrameErrorKind> {
    let Some((&lead, mut rest)) = stream.split_first() else {
        return Ok(HeaderDecode::Incomplete);
    };
    if lead & RESERVED_BIT != 0 {
        return Err(FrameErrorKind::ReservedLeadByte(lead));
    }
    let mut gap = 1;
    if lead & GAP_BIT != 0 {
        match take_varint(&mut rest)? {
            Some(value) => gap = value,
            None => return Ok(HeaderDecode::Incomplete),
        }
    }
    let mut upper = 0;
    if lead & SIZE_BIT != 0 {
        match take_varint(&mut rest)? {
            Some(value) => upper = value,
            None => return Ok(HeaderDecode::Incomplete),
        }
    }
    let upper = upper
        .checked_mul(u64::from(SHORT_SIZES))
        .and_then(|upper| u32::try_from(upper).ok())
        .ok_or(FrameErrorKind::MessageHeaderRange)?;
    let size = upper | (u32::from(lead) % SHORT_SIZES);
    Ok(HeaderDecode::Complete { header: MessageHeader { gap, size }, len: stream.len() - rest.len() })
}

/// `None` if the integer goes on beyond `rest`.
fn take_varint(rest: &mut &[u8]) -> Result<Option<u64>, FrameErrorKind> {
    match varint::decode_u64(rest) {
        Some(value) => Ok(Some(value)),
        None if rest.len() < varint::MAX_LEN_U64 => Ok(None),
        None => Err(FrameErrorKind::MessageHeaderRange),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(gap: u64, size: u32, hex: &str) {
        let mut out = Vec::new();
        encode_message_header(&mut out, gap, size);
        assert_eq!(hex::encode(&out), hex);
        let complete = HeaderDecode::Complete { header: MessageHeader { gap, size }, len: out.len() };
        assert_eq!(decode_message_header(&out), Ok(complete));
        for len in 0..out.len() {
            assert_eq!(decode_message_header(&out[..len]), Ok(HeaderDecode::Incomplete), "{len} bytes");
        }
        out.extend_from_slice(&[0xff; 3]);
        assert_eq!(decode_message_header(&out), Ok(complete));
    }

    #[test]
    fn known_encodings() {
        check(1, 15, "0f");
        check(1, 0, "00");
        check(1, 31, "1f");
        check(1, 32, "2001");
        check(1, 1000, "281f");
        check(1, 524_288, "20808001");
        check(1, u32::MAX, "3fffffff3f");
        check(2, 9, "4902");
        check(0, 0, "4000");
        check(1_000_000, 33, "61c0843d01");
        check(u64::MAX, u32::MAX, "7fffffffffffffffffff01ffffff3f");
    }

    #[test]
    fn explicit_gap_of_one() {
        let header = MessageHeader { gap: 1, size: 2 };
        assert_eq!(decode_message_header(&[0x42, 0x01]), Ok(HeaderDecode::Complete { header, len: 2 }));
    }

    #[test]
    fn errors() {
        let error = |stream: &[u8]| decode_message_header(stream).unwrap_err().kind;
        assert_eq!(error(&[0x80]), FrameErrorKind::ReservedLeadByte(0x80));
        assert_eq!(error(&[0xff, 1]), FrameErrorKind::ReservedLeadByte(0xff));
        // A size of 2^32.
        assert_eq!(error(&[0x20, 0x80, 0x80, 0x80, 0x40]), FrameErrorKind::MessageHeaderRange);
        // A size beyond 64 bits once its low bits are there.
        let mut largest = vec![0x20];
        varint::encode_u64(u64::MAX, &mut largest);
        assert_eq!(error(&largest), FrameErrorKind::MessageHeaderRange);
        // An integer that does not end within 10 bytes.
        let endless = [&[0x40][..], &[0x80; 10]].concat();
        assert_eq!(error(&endless), FrameErrorKind::MessageHeaderRange);
        assert_eq!(decode_message_header(&endless[..10]), Ok(HeaderDecode::Incomplete));
    }

    #[test]
    fn the_longest_header_is_never_incomplete() {
        let mut stream = vec![0x7f];
        for _ in 0..2 {
            stream.extend_from_slice(&[0x80; 9]);
            stream.push(0);
        }
        assert_eq!(stream.len(), MAX_MESSAGE_HEADER_LEN);
        assert!(matches!(decode_message_header(&stream), Ok(HeaderDecode::Complete { len: 21, .. })));
    }
}
