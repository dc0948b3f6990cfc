//! What every frame's bytes mean, and which bytes mean nothing.

use super::super::encode;
use super::*;

fn decode(hex: &str) -> Result<Vec<String>, FrameError> {
    let plaintext = hex::decode(hex).unwrap();
    let mut decoder = FrameDecoder::new(&plaintext);
    let mut frames = Vec::new();
    while let Some(frame) = decoder.next_frame()? {
        frames.push(describe(&frame));
    }
    Ok(frames)
}

/// A frame on one line, so that a test reads like the packet.
fn describe(frame: &Frame<'_>) -> String {
    match frame {
        Frame::StopWaiting { offset } => format!("stop {offset}"),
        Frame::SelectLane(lane) => format!("lane {lane}"),
        Frame::Ack(ack) => {
            let blocks: Vec<_> = ack.blocks().map(|block| (block.acks, block.nacks)).collect();
            format!("ack {:?} {:?} {blocks:?}", ack.latest, ack.delay)
        }
        Frame::Unreliable { number, offset, last, data } => {
            format!("unreliable {number:?} +{offset}{} {}", if *last { " last" } else { "" }, hex::encode(data))
        }
        Frame::Reliable { position: PositionField::Absolute { bits, value }, data } => {
            format!("reliable {bits}:{value:#x} {}", hex::encode(data))
        }
        Frame::Reliable { position: PositionField::Relative(gap), data } => {
            format!("reliable +{gap} {}", hex::encode(data))
        }
        Frame::ReceiveWindow(Credit { messages, bytes }) => format!("window {messages} {bytes}"),
        Frame::Padding => "padding".to_owned(),
    }
}

#[track_caller]
fn check(hex: &str, expected: &[&str]) {
    assert_eq!(decode(hex).unwrap(), expected);
    assert_truncations_fail_or_end_early(hex, expected.len());
}

/// A frame cut short must never pass for another number of frames than the whole ones before it, plus at most the
/// segment that goes to the end.
#[track_caller]
fn assert_truncations_fail_or_end_early(hex: &str, frames: usize) {
    for len in 0..hex.len() / 2 {
        match decode(&hex[..2 * len]) {
            Ok(decoded) => assert!(decoded.len() <= frames, "{len} bytes"),
            Err(error) => assert_eq!(error.kind, FrameErrorKind::Truncated, "{len} bytes"),
        }
    }
}

#[track_caller]
fn check_error(hex: &str, offset: usize, kind: FrameErrorKind) {
    assert_eq!(decode(hex), Err(FrameError { offset, kind }));
}

#[test]
fn empty_plaintext() {
    check("", &[]);
}

#[test]
fn packet_of_the_spec() {
    check(
        "8001980100ffff300100000002686957010000000000490272656c6961626c6521",
        &[
            "stop 1",
            "ack Low16(1) None []",
            "unreliable Absolute32(1) +0 last 6869",
            "reliable 48:0x1 490272656c6961626c6521",
        ],
    );
}

#[test]
fn stop_waiting() {
    check("8007", &["stop 7"]);
    check("810201", &["stop 258"]);
    check("82030201", &["stop 66051"]);
    check("83ffffffffffffff7f", &["stop 9223372036854775807"]);
}

#[test]
fn select_lane() {
    check("888e", &["lane 1", "lane 7"]);
    check("8f088fc8018f008f07", &["lane 8", "lane 200", "lane 0", "lane 7"]);
    check("8f8002", &["lane 256"]);
    // What GNS sends for lane 200: it lacks the last byte of the varint.
    check_error("8fc8", 0, FrameErrorKind::Truncated);
}

#[test]
fn acks() {
    check("9806002006", &["ack Low16(6) Some(1568) []"]);
    check("990a00050011", &["ack Low16(10) Some(5) [(1, 1)]"]);
    check("9004030201feff", &["ack Low32(16909060) Some(65534) []"]);
    check("9a0a0000008f010112", &["ack Low16(10) Some(0) [(8, 15), (1, 2)]"]);
    check("9f0a00ffff020102", &["ack Low16(10) None [(0, 1), (0, 2)]"]);
    check("9f0a00ffff00", &["ack Low16(10) None []"]);
}

#[test]
fn ack_counts_are_bounded() {
    // 100 000 as a varint is a0 8d 06.
    check("99000000008fa08d06a08d06", &["ack Low16(0) Some(0) [(800000, 800007)]"]);
    check_error("9900000000", 0, FrameErrorKind::Truncated);
    check_error("990000000080a18d06", 0, FrameErrorKind::AckCount { upper: 100_001 });
    check_error("800199000000000fa18d06", 2, FrameErrorKind::AckCount { upper: 100_001 });
    check_error("990000000080ffffffffffffffffff01", 0, FrameErrorKind::AckCount { upper: u64::MAX });
}

#[test]
fn unreliable_numbers() {
    check("20010000", &["unreliable Absolute16(1) +0 last "]);
    check("2001000141", &["unreliable Absolute16(1) +0 last 41"]);
    check(
        "300100000001412001423000014330ac020144",
        &[
            "unreliable Absolute32(1) +0 last 41",
            "unreliable Relative(1) +0 last 42",
            "unreliable Relative(0) +0 last 43",
            "unreliable Relative(300) +0 last 44",
        ],
    );
}

#[test]
fn reliable_segments_count_as_unreliable_messages() {
    check(
        "50010000000000014130010000000142400143",
        &["reliable 48:0x1 41", "unreliable Absolute32(1) +0 last 42", "reliable +0 43"],
    );
    check(
        "3001000000014150010000000000014240014320014430000145",
        &[
            "unreliable Absolute32(1) +0 last 41",
            "reliable 48:0x1 42",
            "reliable +0 43",
            "unreliable Relative(3) +0 last 44",
            "unreliable Relative(0) +0 last 45",
        ],
    );
    check("30010000000141500100000000000142", &["unreliable Absolute32(1) +0 last 41", "reliable 48:0x1 42"]);
    check(
        "3001000000014150010000000000014230050143",
        &["unreliable Absolute32(1) +0 last 41", "reliable 48:0x1 42", "unreliable Relative(6) +0 last 43"],
    );
}

#[test]
fn unreliable_fragments() {
    check("1804030201c409026869", &["unreliable Absolute32(16909060) +1220 6869"]);
    check("3f04030201c4096869", &["unreliable Absolute32(16909060) +1220 last 6869"]);
    check("38010000000000", &["unreliable Absolute32(1) +0 last "]);
}

#[test]
fn reliable_positions() {
    check("400302010141", &["reliable 24:0x10203 41"]);
    check("48040302010141", &["reliable 32:0x1020304 41"]);
    check("500605040302010141", &["reliable 48:0x10203040506 41"]);
    check(
        "400100000141400142480501435005060144",
        &["reliable 24:0x1 41", "reliable +0 42", "reliable +5 43", "reliable +1541 44"],
    );
    check("4001000001415804030201014247", &["reliable 24:0x1 41", "reliable +16909060 42", "reliable +0 "]);
}

#[test]
fn a_select_lane_frame_starts_afresh() {
    check(
        "300100000001415001000000000001428f00400300000143200200014488280700010145",
        &[
            "unreliable Absolute32(1) +0 last 41",
            "reliable 48:0x1 42",
            "lane 0",
            "reliable 24:0x3 43",
            "unreliable Absolute16(2) +0 last 44",
            "lane 1",
            "unreliable Absolute16(7) +1 last 45",
        ],
    );
}

#[test]
fn segment_sizes() {
    let long = "41".repeat(1279);
    check(&format!("3401000000ff{long}"), &[&format!("unreliable Absolute32(1) +0 last {long}")]);
    check_error(&format!("3401000000ff{}", &long[2..]), 0, FrameErrorKind::Truncated);
    check_error("350100000000", 0, FrameErrorKind::ReservedSizeCode(5));
    check_error("56010000000000", 0, FrameErrorKind::ReservedSizeCode(6));
}

#[test]
fn reserved_bytes() {
    for lead in (0x60..=0x7f).chain(0x84..=0x87).chain(0xa0..=0xff) {
        check_error(&format!("8001{lead:02x}0000"), 2, FrameErrorKind::ReservedLeadByte(lead));
    }
    check_error("580100000000000000", 0, FrameErrorKind::ReservedPositionCode);
}

#[test]
fn a_receive_window_is_read_only_where_it_was_announced() {
    let mut packet = Vec::new();
    for credit in [Credit { messages: 1_000, bytes: 1 << 20 }, Credit { messages: u64::MAX, bytes: 0 }] {
        let start = packet.len();
        encode::receive_window(&mut packet, credit);
        assert!(packet.len() - start <= encode::RECEIVE_WINDOW_LEN_MAX);
    }
    assert_eq!(hex::encode(&packet), "a0e807808040a0ffffffffffffffffff0100");
    let mut decoder = FrameDecoder::with_extensions(&packet, Extensions::RECEIVE_WINDOW);
    let first = Frame::ReceiveWindow(Credit { messages: 1_000, bytes: 1 << 20 });
    assert_eq!(decoder.next_frame(), Ok(Some(first)));
    assert_eq!(decoder.next_frame(), Ok(Some(Frame::ReceiveWindow(Credit { messages: u64::MAX, bytes: 0 }))));
    assert_eq!(decoder.next_frame(), Ok(None));
    let mut cut = FrameDecoder::with_extensions(&packet[..3], Extensions::RECEIVE_WINDOW);
    assert_eq!(cut.next_frame().unwrap_err().kind, FrameErrorKind::Truncated);
    let mut strict = FrameDecoder::with_extensions(&packet, Extensions::PATH_MTU);
    assert_eq!(strict.next_frame().unwrap_err().kind, FrameErrorKind::ReservedLeadByte(0xa0));
}

#[test]
fn padding_ends_a_packet_where_it_was_announced() {
    let mut packet = vec![0x80, 0x01];
    encode::padding(&mut packet, 6);
    assert_eq!(hex::encode(&packet), "8001a1000000");
    let mut decoder = FrameDecoder::with_extensions(&packet, Extensions::PATH_MTU);
    assert_eq!(decoder.next_frame(), Ok(Some(Frame::StopWaiting { offset: 1 })));
    assert_eq!(decoder.next_frame(), Ok(Some(Frame::Padding)));
    assert_eq!(decoder.next_frame(), Ok(None));
    let mut strict = FrameDecoder::with_extensions(&packet[2..], Extensions::RECEIVE_WINDOW);
    assert_eq!(strict.next_frame().unwrap_err().kind, FrameErrorKind::ReservedLeadByte(0xa1));
}

#[test]
fn an_error_stays() {
    let mut decoder = FrameDecoder::new(&[0x80, 0x01, 0x60]);
    assert_eq!(decoder.next_frame(), Ok(Some(Frame::StopWaiting { offset: 1 })));
    let error = decoder.next_frame().unwrap_err();
    assert_eq!(error.to_string(), "reserved lead byte 0x60 at byte 2");
    assert_eq!(decoder.next_frame(), Err(error));
}
