//! Every frame's bytes, pinned.

use super::*;

fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    hex::encode(out)
}

#[test]
fn stop_waiting_takes_the_shortest_form() {
    let cases = [
        (0, "8000"),
        (1, "8001"),
        (0xff, "80ff"),
        (0x100, "810001"),
        (0xffff, "81ffff"),
        (0x1_0000, "82000001"),
        (0xff_ffff, "82ffffff"),
        (0x100_0000, "830000000100000000"),
        (u64::MAX, "83ffffffffffffffff"),
    ];
    for (offset, hex) in cases {
        assert_eq!(written(|out| stop_waiting(out, offset)), hex);
        assert_eq!(stop_waiting_len(offset), hex.len() / 2);
    }
}

#[test]
fn select_lane_writes_the_whole_varint() {
    let cases =
        [(0, "8f00"), (1, "88"), (2, "89"), (7, "8e"), (8, "8f08"), (127, "8f7f"), (200, "8fc801"), (255, "8fff01")];
    for (lane, hex) in cases {
        assert_eq!(written(|out| select_lane(out, lane)), hex);
        assert_eq!(select_lane_len(lane), hex.len() / 2);
    }
}

#[track_caller]
fn check_ack(latest: u16, delay: Option<u16>, blocks: &[(u32, u32)], hex: &str) {
    let blocks: Vec<_> = blocks.iter().map(|&(acks, nacks)| AckBlock { acks, nacks }).collect();
    assert_eq!(written(|out| ack(out, latest, delay, &blocks)), hex);
    assert_eq!(ack_len(&blocks), hex.len() / 2);
}

#[test]
fn ack_without_blocks() {
    check_ack(1, None, &[], "980100ffff");
    check_ack(6, Some(1568), &[], "9806002006");
    assert_eq!(ack_len(&[]), ACK_MIN_LEN);
}

#[test]
fn ack_blocks() {
    check_ack(10, Some(0), &[(1, 1)], "990a00000011");
    check_ack(10, Some(0), &[(7, 7)], "990a00000077");
    check_ack(10, Some(0), &[(8, 0)], "990a0000008001");
    check_ack(10, Some(0), &[(0, 8)], "990a0000000801");
    check_ack(10, Some(0), &[(8, 15), (1, 2)], "9a0a0000008f010112");
}

#[test]
fn ack_block_lengths() {
    let len = |acks, nacks| ack_block_len(&AckBlock { acks, nacks });
    assert_eq!(len(7, 7), 1);
    assert_eq!(len(8, 7), 2);
    assert_eq!(len(1023, 1024), 4);
    assert_eq!(len(MAX_ACK_COUNT, MAX_ACK_COUNT), 7);
}

#[test]
fn ack_count_needs_a_byte_from_seven_blocks_on() {
    check_ack(10, Some(0), &[(1, 1); 6], "9e0a000000111111111111");
    check_ack(10, Some(0), &[(1, 1); 7], "9f0a0000000711111111111111");
}

#[track_caller]
fn check_unreliable(number: NumberEncoding, offset: u32, last: bool, size: SizeEncoding, hex: &str) {
    assert_eq!(written(|out| _ = unreliable(out, number, offset, last, size, b"hi")), hex);
    let size_bytes = (size == SizeEncoding::Explicit).then_some(2);
    assert_eq!(unreliable_header_len(number, offset, size_bytes), hex.len() / 2 - 2);
}

#[test]
fn unreliable_numbers() {
    let check = |number, hex| check_unreliable(number, 0, true, SizeEncoding::Explicit, hex);
    check(NumberEncoding::Absolute32(1), "3001000000026869");
    check(NumberEncoding::Relative(1), "20026869");
    check(NumberEncoding::Relative(0), "3000026869");
    check(NumberEncoding::Relative(300), "30ac02026869");
}

#[test]
fn unreliable_fragments() {
    let number = NumberEncoding::Absolute32(0x0102_0304);
    check_unreliable(number, 0, false, SizeEncoding::Explicit, "1004030201026869");
    check_unreliable(number, 1220, false, SizeEncoding::Explicit, "1804030201c409026869");
    check_unreliable(number, 1220, true, SizeEncoding::ToEnd, "3f04030201c4096869");
}

#[track_caller]
fn check_reliable(position: PositionEncoding, size: SizeEncoding, data_len: usize, hex: &str) {
    assert_eq!(written(|out| _ = reliable_header(out, position, size, data_len)), hex);
    assert_eq!(reliable_header_len(position, size), hex.len() / 2);
}

#[test]
fn reliable_positions() {
    let check = |position, hex| check_reliable(position, SizeEncoding::Explicit, 3, hex);
    check(PositionEncoding::Absolute48(1), "5001000000000003");
    check(PositionEncoding::Absolute48(0xffff_0605_0403_0201), "5001020304050603");
    check(PositionEncoding::Relative(0), "4003");
    check(PositionEncoding::Relative(0xff), "48ff03");
    check(PositionEncoding::Relative(0x100), "50000103");
    check(PositionEncoding::Relative(0xffff), "50ffff03");
    check(PositionEncoding::Relative(0x1_0000), "580000010003");
    check(PositionEncoding::Relative(u32::MAX), "58ffffffff03");
}

#[test]
fn segment_sizes() {
    let check = |len, hex| {
        check_reliable(PositionEncoding::Relative(0), SizeEncoding::Explicit, len, hex);
    };
    check(0, "4000");
    check(255, "40ff");
    check(256, "4100");
    check(1137, "4471");
    check(MAX_EXPLICIT_SIZE, "44ff");
    check_reliable(PositionEncoding::Relative(0), SizeEncoding::ToEnd, 5000, "47");
    check_reliable(PositionEncoding::Absolute48(1), SizeEncoding::ToEnd, 11, "57010000000000");
}

#[test]
fn the_last_segment_loses_its_size_byte() {
    let mut out = Vec::new();
    stop_waiting(&mut out, 1);
    ack(&mut out, 1, None, &[]);
    let number = NumberEncoding::Absolute32(1);
    unreliable(&mut out, number, 0, true, SizeEncoding::Explicit, b"hi");
    let mark = reliable_header(&mut out, PositionEncoding::Absolute48(1), SizeEncoding::Explicit, 11);
    out.extend_from_slice(b"\x49\x02reliable!");
    mark.extend_to_end(&mut out);
    assert_eq!(hex::encode(&out), "8001980100ffff300100000002686957010000000000490272656c6961626c6521");
}

#[test]
fn dropping_the_size_byte_equals_writing_none() {
    for len in [0, 1, 255, 256, 700, MAX_EXPLICIT_SIZE] {
        let data = vec![0xa5; len];
        let number = NumberEncoding::Absolute32(9);
        let (mut patched, mut direct) = (vec![0x80, 0x00], vec![0x80, 0x00]);
        let mark = unreliable(&mut patched, number, 77, false, SizeEncoding::Explicit, &data);
        mark.extend_to_end(&mut patched);
        let mark = unreliable(&mut direct, number, 77, false, SizeEncoding::ToEnd, &data);
        assert_eq!(patched, direct, "{len} bytes");
        mark.extend_to_end(&mut direct);
        assert_eq!(patched, direct, "nothing left to drop");
    }
}
