//! The clear part of a data packet, before the encrypted chunk (spec section 1.5).

use prost::Message;

use super::DecodeError;
use super::control::{DATA_HEADER_LEN, LEAD_DATA_BIT};
use super::messages::InlineStats;
use super::varint;

const FLAG_STATS: u8 = 0x01;
const FLAG_TIME_SINCE_PREVIOUS: u8 = 0x02;

/// Everything in front of the chunk. None of it is authenticated by itself: the decryption of the chunk vouches for the
/// packet number and the recipient, nothing vouches for the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct DataHeader {
    /// The recipient's connection ID.
    pub recipient: u32,
    /// The low 16 bits of the packet number.
    pub packet_number_low: u16,
    /// What the sender has to say about the connection.
    pub stats: Option<InlineStats>,
    /// Time since the sender's previous data packet, in units of 16 microseconds.
    pub time_since_previous: Option<u16>,
    /// Where the chunk begins in the datagram; at most the datagram's length.
    pub chunk_offset: usize,
}

impl DataHeader {
    /// Reads the header of a data packet. Allocates nothing unless it carries statistics.
    ///
    /// # Errors
    /// When it is no data packet, ends too early or has statistics that do not parse.
    pub fn decode(datagram: &[u8]) -> Result<Self, DecodeError> {
        let truncated = DecodeError::Truncated { len: datagram.len() };
        let &[flags, c0, c1, c2, c3, n0, n1, ref rest @ ..] = datagram else {
            return Err(truncated);
        };
        if flags & LEAD_DATA_BIT == 0 {
            return Err(DecodeError::UnknownLeadByte(flags));
        }
        let mut rest: &[u8] = rest;
        let mut stats = None;
        if flags & FLAG_STATS != 0 {
            let Some(message) = take_sized(&mut rest) else {
                return Err(truncated);
            };
            stats = Some(InlineStats::decode(message)?);
        }
        let mut time_since_previous = None;
        if flags & FLAG_TIME_SINCE_PREVIOUS != 0 {
            let Some((time, after)) = rest.split_first_chunk() else {
                return Err(truncated);
            };
            time_since_previous = Some(u16::from_le_bytes(*time));
            rest = after;
        }
        Ok(Self {
            recipient: u32::from_le_bytes([c0, c1, c2, c3]),
            packet_number_low: u16::from_le_bytes([n0, n1]),
            stats,
            time_since_previous,
            chunk_offset: datagram.len() - rest.len(),
        })
    }
}

/// A varint length and that many bytes.
fn take_sized<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let len = usize::try_from(varint::decode_u32(rest)?).ok()?;
    let (bytes, after) = rest.split_at_checked(len)?;
    *rest = after;
    Some(bytes)
}

/// Size in bytes of what [`encode_data_header`] appends; `inline_stats_len` is the size of the serialised statistics.
pub fn data_header_len(inline_stats_len: Option<usize>, time_since_previous: bool) -> usize {
    let stats = inline_stats_len.map_or(0, |len| varint::len(len as u64) + len);
    DATA_HEADER_LEN + stats + if time_since_previous { 2 } else { 0 }
}

/// Appends the header of a data packet. `inline_stats` is a serialised [`InlineStats`]; `time_since_previous` is in units
/// of 16 microseconds and only for peers of version 12 or newer (spec section 0.3).
pub fn encode_data_header(
    out: &mut Vec<u8>,
    recipient: u32,
    packet_number: u64,
    inline_stats: Option<&[u8]>,
    time_since_previous: Option<u16>,
) {
    let mut flags = LEAD_DATA_BIT;
    if inline_stats.is_some() {
        flags |= FLAG_STATS;
    }
    if time_since_previous.is_some() {
        flags |= FLAG_TIME_SINCE_PREVIOUS;
    }
    out.push(flags);
    out.extend_from_slice(&recipient.to_le_bytes());
    out.extend_from_slice(&(packet_number as u16).to_le_bytes());
    if let Some(stats) = inline_stats {
        varint::encode_u64(stats.len() as u64, out);
        out.extend_from_slice(stats);
    }
    if let Some(time) = time_since_previous {
        out.extend_from_slice(&time.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode_hex(datagram: &str) -> Result<DataHeader, DecodeError> {
        DataHeader::decode(&hex::decode(datagram).unwrap())
    }

    #[test]
    fn plain_header() {
        let mut out = Vec::new();
        encode_data_header(&mut out, 0x1122_3344, 0x1_0003, None, None);
        assert_eq!(hex::encode(&out), "80443322110300");
        assert_eq!(out.len(), data_header_len(None, false));
        let expected = DataHeader {
            recipient: 0x1122_3344,
            packet_number_low: 3,
            stats: None,
            time_since_previous: None,
            chunk_offset: 7,
        };
        assert_eq!(decode_hex("80443322110300ffff").unwrap(), expected);
    }

    #[test]
    fn time_since_previous() {
        let header = decode_hex("829464cc2c03009d07aa").unwrap();
        assert_eq!(header.recipient, 0x2ccc_6494);
        assert_eq!(header.time_since_previous, Some(0x079d));
        assert_eq!(header.chunk_offset, 9);
        let mut out = Vec::new();
        encode_data_header(&mut out, 0x2ccc_6494, 3, None, Some(0x079d));
        assert_eq!(hex::encode(&out), "829464cc2c03009d07");
        assert_eq!(out.len(), data_header_len(None, true));
    }

    #[test]
    fn stats_come_before_the_time() {
        let stats = InlineStats { stats: None, flags: Some(4) };
        let mut out = Vec::new();
        encode_data_header(&mut out, 1, 2, Some(&stats.encode_to_vec()), Some(5));
        assert_eq!(hex::encode(&out), "830100000002000218040500");
        assert_eq!(out.len(), data_header_len(Some(2), true));
        let header = DataHeader::decode(&out).unwrap();
        assert_eq!(header.stats, Some(stats));
        assert_eq!(header.time_since_previous, Some(5));
        assert_eq!(header.chunk_offset, out.len());
    }

    #[test]
    fn unknown_flags_are_ignored() {
        assert_eq!(decode_hex("fc010000000200").unwrap().chunk_offset, 7);
    }

    #[test]
    fn empty_stats_are_stats() {
        let header = decode_hex("8101000000020000").unwrap();
        assert_eq!(header.stats, Some(InlineStats::default()));
        assert_eq!(header.chunk_offset, 8);
    }

    #[test]
    fn malformed_headers() {
        let truncated = |len| Err(DecodeError::Truncated { len });
        assert_eq!(decode_hex(""), truncated(0));
        assert_eq!(decode_hex("800100000002"), truncated(6));
        assert_eq!(decode_hex("81010000000200"), truncated(7));
        assert_eq!(decode_hex("810100000002000318"), truncated(9));
        assert_eq!(decode_hex("81010000000200ffffffffffff00"), truncated(14));
        assert_eq!(decode_hex("8201000000020000"), truncated(8));
        assert_eq!(decode_hex("20010000000200"), Err(DecodeError::UnknownLeadByte(0x20)));
        assert!(matches!(decode_hex("810100000002000118"), Err(DecodeError::Protobuf(_))));
    }
}
