//! Frames as they were written once, and bytes that are none.

use proptest::prelude::*;
use prost::Message as _;

use super::*;

/// Frames as the first version wrote them. They are read for ever, and written so as long as this is version 1.
fn recorded() -> Vec<(&'static str, Frame)> {
    let pair = |key: &str, value: &str| Pair { key: key.into(), value: value.into() };
    let state = LobbyState {
        lobby: 0x0186_0000_0000_0007,
        revision: 3,
        kind: 2,
        joinable: true,
        max_members: 4,
        owner: 5,
        members: vec![Member { steam_id: 5, data: vec![pair("ready", "1")], name: "Ann".into() }],
        data: vec![pair("mode", "ctf")],
        server: None,
    };
    let hello = Hello { version: 1, app: 480, instance: 9, sdk: "x".into(), ..Hello::default() };
    let search = LobbySearch {
        filters: vec![Filter { key: "mode".into(), text: Some("ctf".into()), ..Filter::default() }],
        slots: 1,
        distance: 3,
        max_results: 10,
    };
    let change = LobbyChange {
        lobby: 7,
        revision: 4,
        left: Some(Left { member: 5, by: 5, how: 2 }),
        owner: Some(6),
        joinable: Some(false),
        ..LobbyChange::default()
    };
    vec![
        (
            "08011a11080118e0032909000000000000003a0178",
            Frame { seq: 1, deadline_ms: 0, body: Some(Body::Hello(hello)) },
        ),
        (
            "080210a09c01ea02130a0b0a046d6f6465120363746610011803200a",
            Frame { seq: 2, deadline_ms: 20_000, body: Some(Body::LobbySearch(search)) },
        ),
        (
            "0803c2035008011107000000000000001a4309070000000000860110031802200128043105000000000000003a1a090500000000000000120a0a0572656164791201311a03416e6e420b0a046d6f64651203637466",
            Frame::answer(3, Body::LobbyEntered(LobbyEntered { response: 1, lobby: 7, state: Some(state) })),
        ),
        (
            "f2032c0907000000000000001004221409050000000000000011050000000000000018023906000000000000004800",
            Frame::event(Body::LobbyChange(change)),
        ),
        ("08042a06080f12026e6f", Frame::answer(4, Body::Error(Error { result: 15, text: "no".into(), retry_ms: 0 }))),
    ]
}

#[test]
fn what_the_first_version_wrote_is_read_and_written() {
    for (index, (bytes, frame)) in recorded().into_iter().enumerate() {
        assert_eq!(hex::encode(frame.encode_to_vec()), bytes, "frame {index}");
        assert_eq!(Frame::decode_answer(&hex::decode(bytes).unwrap()), Ok(frame));
    }
}

#[test]
fn what_a_later_version_adds_is_ignored_and_an_unknown_body_is_none() {
    // Field 99 of the frame, and field 99 of its body.
    let mut bytes = Frame { seq: 5, deadline_ms: 0, body: Some(Body::LobbyGet(LobbyGet { lobby: 1 })) }.encode_to_vec();
    bytes.extend([0x98, 0x06, 0x01]);
    assert!(matches!(Frame::decode_request(&bytes), Ok(Frame { seq: 5, body: Some(Body::LobbyGet(_)), .. })));
    // Body 39.
    assert_eq!(Frame::decode_request(&[0x08, 0x06, 0xba, 0x02, 0x00]).unwrap(), Frame { seq: 6, ..Frame::default() });
}

#[test]
fn what_is_too_long_or_cut_off_is_no_frame() {
    assert_eq!(Frame::decode_request(&vec![0; REQUEST_LEN_MAX + 1]), Err(FrameError::TooLong(REQUEST_LEN_MAX + 1)));
    for (_, frame) in recorded() {
        let bytes = frame.encode_to_vec();
        assert_eq!(Frame::decode_request(&bytes[..bytes.len() - 1]), Err(FrameError::Malformed));
    }
}

proptest! {
    #[test]
    fn no_bytes_panic_and_what_is_read_reads_again(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        which in 0_usize..5,
        at in 0_usize..200,
        byte: u8,
    ) {
        let mut damaged = recorded()[which].1.encode_to_vec();
        let at = at % damaged.len();
        damaged[at] = byte;
        for bytes in [bytes, damaged] {
            if let Ok(frame) = Frame::decode_request(&bytes) {
                prop_assert_eq!(Frame::decode_answer(&frame.encode_to_vec()), Ok(frame));
            }
        }
    }
}
