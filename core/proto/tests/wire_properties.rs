//! What holds for every value and for every datagram, whoever sent it.

use bytes::Bytes;
use gamesockets_proto::wire::frame::stream::{
    HeaderDecode, MessageHeader, decode_message_header, encode_message_header,
};
use gamesockets_proto::wire::frame::{
    AckBlock, AckLatest, Frame, FrameDecoder, MAX_ACK_COUNT, NumberEncoding, NumberField, PositionEncoding,
    PositionField, SizeEncoding, encode,
};
use gamesockets_proto::wire::*;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use prost::Message;

fn config() -> ProptestConfig {
    ProptestConfig {
        rng_seed: RngSeed::Fixed(0x67_6e_73),
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// A segment to write; the numbers of the first in a lane context are absolute, those of the others relative.
#[derive(Clone, Debug)]
enum Op {
    StopWaiting(u64),
    Lane(u16),
    Ack(u16, Option<u16>, Vec<AckBlock>),
    Unreliable { number: u32, step: u64, offset: u32, last: bool, data: Vec<u8> },
    Reliable { position: u64, gap: u32, data: Vec<u8> },
}

/// Integers of all magnitudes, not mostly huge ones.
fn any_magnitude() -> impl Strategy<Value = u64> {
    (any::<u64>(), 0u32..64).prop_map(|(value, shift)| value >> shift)
}

fn any_block() -> impl Strategy<Value = AckBlock> {
    let count = || (0..=MAX_ACK_COUNT, 0u32..20).prop_map(|(count, shift)| count >> shift);
    (count(), count()).prop_map(|(acks, nacks)| AckBlock { acks, nacks })
}

fn any_op() -> impl Strategy<Value = Op> {
    let data = || prop_oneof![4 => vec(any::<u8>(), 0..20), 1 => vec(any::<u8>(), 0..=1279)];
    prop_oneof![
        any_magnitude().prop_map(Op::StopWaiting),
        (0u16..=255).prop_map(Op::Lane),
        (any::<u16>(), of(0u16..0xffff), vec(any_block(), 0..12)).prop_map(|(l, d, b)| Op::Ack(l, d, b)),
        (any::<u32>(), any_magnitude(), any_magnitude(), any::<bool>(), data()).prop_map(
            |(number, step, offset, last, data)| Op::Unreliable { number, step, offset: offset as u32, last, data }
        ),
        (0u64..1 << 48, any_magnitude(), data()).prop_map(|(position, gap, data)| Op::Reliable {
            position,
            gap: gap as u32,
            data
        }),
    ]
}

/// Writes the frames as a sender would and checks every length function on the way.
#[derive(Default)]
struct Writer {
    out: Vec<u8>,
    seen_unreliable: bool,
    seen_reliable: bool,
    last_segment: Option<encode::SegmentMark>,
}

impl Writer {
    fn write(&mut self, op: &Op) {
        let start = self.out.len();
        self.last_segment = None;
        let expected_len = match op {
            Op::StopWaiting(offset) => {
                encode::stop_waiting(&mut self.out, *offset);
                encode::stop_waiting_len(*offset)
            }
            Op::Lane(lane) => {
                (self.seen_unreliable, self.seen_reliable) = (false, false);
                encode::select_lane(&mut self.out, *lane);
                encode::select_lane_len(*lane)
            }
            Op::Ack(latest, delay, blocks) => {
                encode::ack(&mut self.out, *latest, *delay, blocks);
                encode::ack_len(blocks)
            }
            Op::Unreliable { number, step, offset, last, data } => {
                let number = match core::mem::replace(&mut self.seen_unreliable, true) {
                    false => NumberEncoding::Absolute32(*number),
                    true => NumberEncoding::Relative(*step),
                };
                let size = SizeEncoding::Explicit;
                self.last_segment = Some(encode::unreliable(&mut self.out, number, *offset, *last, size, data));
                encode::unreliable_header_len(number, *offset, Some(data.len())) + data.len()
            }
            Op::Reliable { position, gap, data } => {
                let position = match core::mem::replace(&mut self.seen_reliable, true) {
                    false => PositionEncoding::Absolute48(*position),
                    true => PositionEncoding::Relative(*gap),
                };
                let size = SizeEncoding::Explicit;
                self.last_segment = Some(encode::reliable_header(&mut self.out, position, size, data.len()));
                self.out.extend_from_slice(data);
                encode::reliable_header_len(position, size) + data.len()
            }
        };
        assert_eq!(self.out.len() - start, expected_len);
    }

    fn finish(mut self) -> Vec<u8> {
        if let Some(mark) = self.last_segment {
            mark.extend_to_end(&mut self.out);
        }
        self.out
    }
}

fn write_all(ops: &[Op]) -> Vec<u8> {
    let mut writer = Writer::default();
    ops.iter().for_each(|op| writer.write(op));
    writer.finish()
}

/// The frames that `ops` must come back as.
fn check_frames(ops: &[Op], plaintext: &[u8]) {
    let mut decoder = FrameDecoder::new(plaintext);
    let (mut unreliable, mut reliable, mut counted) = (false, false, 0u64);
    for op in ops {
        let frame = decoder.next_frame().expect("a valid frame").expect("another frame");
        match op {
            Op::StopWaiting(offset) => assert_eq!(frame, Frame::StopWaiting { offset: *offset }),
            Op::Lane(lane) => {
                (unreliable, reliable, counted) = (false, false, 0);
                assert_eq!(frame, Frame::SelectLane(u32::from(*lane)));
            }
            Op::Ack(latest, delay, blocks) => {
                let Frame::Ack(ack) = frame else { panic!("{frame:?} instead of an ack") };
                assert_eq!((ack.latest, ack.delay), (AckLatest::Low16(*latest), *delay));
                assert_eq!(ack.blocks().collect::<Vec<_>>(), *blocks);
            }
            Op::Unreliable { number, step, offset, last, data } => {
                let number = match core::mem::replace(&mut unreliable, true) {
                    false => NumberField::Absolute32(*number),
                    true => NumberField::Relative(step.saturating_add(counted)),
                };
                counted = 0;
                assert_eq!(frame, Frame::Unreliable { number, offset: *offset, last: *last, data });
            }
            Op::Reliable { position, gap, data } => {
                counted += u64::from(unreliable);
                let position = match core::mem::replace(&mut reliable, true) {
                    false => PositionField::Absolute { bits: 48, value: *position },
                    true => PositionField::Relative(*gap),
                };
                assert_eq!(frame, Frame::Reliable { position, data });
            }
        }
    }
    assert_eq!(decoder.next_frame(), Ok(None));
}

/// Decodes everything there is; that it comes back at all is the test.
fn decode_frames(plaintext: &[u8]) {
    let mut decoder = FrameDecoder::new(plaintext);
    let mut frames = 0;
    while let Ok(Some(frame)) = decoder.next_frame() {
        frames += 1;
        if let Frame::Ack(ack) = &frame {
            assert!(ack.blocks().all(|block| block.acks <= MAX_ACK_COUNT && block.nacks <= MAX_ACK_COUNT));
            assert!(ack.blocks().count() <= 255);
        }
    }
    assert!(frames <= plaintext.len());
}

fn any_bytes(max: usize) -> impl Strategy<Value = Option<Bytes>> {
    of(vec(any::<u8>(), 0..max).prop_map(Bytes::from))
}

fn any_cert() -> impl Strategy<Value = CertificateSigned> {
    (any_bytes(200), of(any::<u64>()), any_bytes(70)).prop_map(|(cert, ca_key_id, ca_signature)| CertificateSigned {
        private_key_data: None,
        cert,
        ca_key_id,
        ca_signature,
    })
}

fn any_crypt() -> impl Strategy<Value = SessionCryptInfoSigned> {
    (any_bytes(100), any_bytes(70)).prop_map(|(info, signature)| SessionCryptInfoSigned { info, signature })
}

/// Every packet has at least one field, since GNS does not look at datagrams below five bytes.
fn any_control() -> impl Strategy<Value = ControlPacket> {
    let (id, stamp) = (any::<u32>, || of(any::<u64>()));
    prop_oneof![
        (id(), stamp(), of(any::<u32>())).prop_map(|(id, my_timestamp, protocol_version)| {
            ControlPacket::ChallengeRequest(ChallengeRequest {
                connection_id: Some(id),
                my_timestamp,
                protocol_version,
            })
        }),
        (id(), stamp(), stamp(), of(any::<u32>())).prop_map(|(id, challenge, your_timestamp, protocol_version)| {
            let connection_id = Some(id);
            ControlPacket::ChallengeReply(ChallengeReply { connection_id, challenge, your_timestamp, protocol_version })
        }),
        (id(), stamp(), of(any_cert()), of(any_crypt()), of(any::<String>())).prop_map(
            |(id, challenge, cert, crypt, identity_string)| {
                ControlPacket::ConnectRequest(Box::new(ConnectRequest {
                    client_connection_id: Some(id),
                    challenge,
                    cert,
                    crypt,
                    identity_string,
                    ..Default::default()
                }))
            }
        ),
        (id(), of(any::<u32>()), of(any_cert()), of(any_crypt())).prop_map(|(id, delay_time_usec, cert, crypt)| {
            ControlPacket::ConnectOk(Box::new(ConnectOk {
                client_connection_id: Some(id),
                delay_time_usec,
                cert,
                crypt,
                ..Default::default()
            }))
        }),
        (id(), of(id()), of(any::<u32>()), any_bytes(128)).prop_map(|(from, to, reason_code, debug)| {
            let (to_connection_id, from_connection_id) = (to, Some(from));
            ControlPacket::ConnectionClosed(ConnectionClosed {
                debug,
                reason_code,
                to_connection_id,
                from_connection_id,
            })
        }),
        (id(), of(id())).prop_map(|(from, to)| {
            ControlPacket::NoConnection(NoConnection { from_connection_id: Some(from), to_connection_id: to })
        }),
    ]
}

/// Replaces some bytes and cuts the end off.
fn damage(bytes: &mut Vec<u8>, changes: &[(prop::sample::Index, u8)], cut: prop::sample::Index) {
    for (at, byte) in changes {
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
    }
    bytes.truncate(cut.index(bytes.len() + 1));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn varints_round_trip(value in any_magnitude(), rest in vec(any::<u8>(), 0..4)) {
        let mut out = Vec::new();
        varint::encode_u64(value, &mut out);
        prop_assert_eq!(out.len(), varint::len(value));
        out.extend_from_slice(&rest);
        let mut input = &*out;
        prop_assert_eq!(varint::decode_u64(&mut input), Some(value));
        prop_assert_eq!(input, &*rest);
        let mut input = &*out;
        let narrow = u32::try_from(value).ok();
        prop_assert!(narrow.is_none() || varint::decode_u32(&mut input) == narrow);
    }

    #[test]
    fn frames_round_trip(ops in vec(any_op(), 0..12)) {
        check_frames(&ops, &write_all(&ops));
    }

    #[test]
    fn message_headers_round_trip(gap in any_magnitude(), size in any_magnitude(), rest in vec(any::<u8>(), 0..4)) {
        let size = size as u32;
        let mut out = Vec::new();
        encode_message_header(&mut out, gap, size);
        let len = out.len();
        out.extend_from_slice(&rest);
        let header = MessageHeader { gap, size };
        prop_assert_eq!(decode_message_header(&out), Ok(HeaderDecode::Complete { header, len }));
        prop_assert_eq!(decode_message_header(&out[..len - 1]), Ok(HeaderDecode::Incomplete));
    }

    #[test]
    fn control_packets_round_trip(packet in any_control()) {
        let mut datagram = Vec::new();
        packet.encode(&mut datagram);
        prop_assert!(is_control(&datagram));
        prop_assert_eq!(ControlPacket::decode(&datagram), Ok(packet));
    }

    #[test]
    fn data_headers_round_trip(
        recipient in any::<u32>(),
        number in any::<u64>(),
        flags in of(of(any::<u32>())),
        time_since_previous in of(any::<u16>()),
        chunk in vec(any::<u8>(), 0..40),
    ) {
        let stats = flags.map(|flags| InlineStats { stats: None, flags });
        let serialised = stats.as_ref().map(Message::encode_to_vec);
        let mut datagram = Vec::new();
        encode_data_header(&mut datagram, recipient, number, serialised.as_deref(), time_since_previous);
        let chunk_offset = datagram.len();
        let stats_len = serialised.as_ref().map(Vec::len);
        prop_assert_eq!(chunk_offset, data_header_len(stats_len, time_since_previous.is_some()));
        datagram.extend_from_slice(&chunk);
        let expected =
            DataHeader { recipient, packet_number_low: number as u16, stats, time_since_previous, chunk_offset };
        prop_assert_eq!(DataHeader::decode(&datagram), Ok(expected));
    }

    #[test]
    fn arbitrary_bytes_are_survived(bytes in vec(any::<u8>(), 0..1400), lead in 0x20u8..0x26) {
        decode_frames(&bytes);
        _ = decode_message_header(&bytes);
        _ = varint::decode_u32(&mut &*bytes);
        let mut datagram = bytes;
        _ = DataHeader::decode(&datagram);
        _ = ControlPacket::decode(&datagram);
        if let Some(first) = datagram.first_mut() {
            *first = lead;
            _ = ControlPacket::decode(&datagram);
            datagram[0] = lead | 0x80;
            if let Ok(header) = DataHeader::decode(&datagram) {
                prop_assert!(header.chunk_offset <= datagram.len());
            }
        }
    }

    #[test]
    fn damaged_plaintexts_are_survived(
        ops in vec(any_op(), 0..12),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut plaintext = write_all(&ops);
        damage(&mut plaintext, &changes, cut);
        decode_frames(&plaintext);
    }

    #[test]
    fn damaged_control_packets_are_survived(
        packet in any_control(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut datagram = Vec::new();
        packet.encode(&mut datagram);
        damage(&mut datagram, &changes, cut);
        if let Ok(packet) = ControlPacket::decode(&datagram) {
            let mut again = Vec::new();
            packet.encode(&mut again);
            prop_assert!(is_control(&again));
        }
    }
}
