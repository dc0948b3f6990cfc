//! Lanes, deadlines and replacement over real UDP.

mod common;

use std::time::Duration;

use common::{Pair, eventually, payload, receive};
use gamesockets::{
    ConfigEntry, ConfigValue, Error, LaneConfigError, OutgoingMessage, ResultCode, SendFlags, SendOptions,
};

fn on(lane: u16, flags: SendFlags) -> SendOptions {
    SendOptions { lane, flags, ..SendOptions::default() }
}

#[test]
fn lanes_carry_both_sorts_and_count_for_themselves() {
    let pair = Pair::new();
    pair.client.configure_connection_lanes(pair.connected, &[1; 9], &[1; 9]).unwrap();
    let batch = (0..9).flat_map(|lane| {
        let message = |flags| OutgoingMessage { connection: pair.connected, payload: b"lane", lane, flags };
        [message(SendFlags::RELIABLE), message(SendFlags::UNRELIABLE)]
    });
    let outcomes = pair.client.send_messages(batch);
    assert!(outcomes.iter().map(|outcome| outcome.value()).eq([1, 2].into_iter().cycle().take(18)));
    let mut got: Vec<_> = receive(&pair.server, pair.accepted, 18)
        .iter()
        .map(|message| (message.lane, message.message_number, message.flags == SendFlags::RELIABLE))
        .collect();
    got.sort_unstable();
    let expected: Vec<_> = (0..9).flat_map(|lane| [(lane, 1, true), (lane, 2, false)]).collect();
    assert_eq!(got, expected);
}

#[test]
fn bad_lanes_have_their_results_and_the_connection_goes_on() {
    let pair = Pair::new();
    let (client, connected) = (&pair.client, pair.connected);
    client.configure_connection_lanes(connected, &[5, 1], &[1, 1]).unwrap();
    let (priorities, weights) = ([1; 256], [1; 256]);
    let bad: [(&[i32], &[u16]); 5] =
        [(&[], &[]), (&[1], &[1]), (&[1, 2], &[1, 0]), (&[1, 2], &[1]), (&priorities, &weights)];
    for (priorities, weights) in bad {
        let error = client.configure_connection_lanes(connected, priorities, weights).unwrap_err();
        assert_eq!(error.code(), ResultCode::InvalidParam, "{error}");
    }
    let error = client.send_message_with_options(connected, b"x", on(2, SendFlags::RELIABLE)).unwrap_err();
    assert_eq!(error.code(), ResultCode::InvalidParam);
    let error = client.connection_lane_status(connected, 3).unwrap_err();
    assert_eq!((error.code(), error), (ResultCode::InvalidParam, Error::NoSuchLanes { asked: 3, count: 2 }));
    client.send_message_with_options(connected, b"still here", on(1, SendFlags::RELIABLE)).unwrap();
    let message = receive(&pair.server, pair.accepted, 1).remove(0);
    assert_eq!((message.payload.as_ref(), message.lane), (&b"still here"[..], 1));

    let stale = pair.connected;
    client.close_connection(stale, 0, "", false).unwrap();
    let error = client.configure_connection_lanes(stale, &[1], &[1]).unwrap_err();
    assert_eq!(error.code(), ResultCode::NoConnection);
    assert_eq!(client.connection_lane_status(stale, 0).unwrap_err().code(), ResultCode::NoConnection);
    common::wait_for_connection(&pair.server, pair.accepted, gamesockets::ConnectionState::ClosedByPeer);
    let error = pair.server.configure_connection_lanes(pair.accepted, &[1, 1], &[1, 1]).unwrap_err();
    assert_eq!((error.code(), error), (ResultCode::InvalidState, Error::Lanes(LaneConfigError::InvalidState)));
}

#[test]
fn status_tells_lanes_apart() {
    let pair = Pair::with_options("127.0.0.1:0", &common::fixed_rate());
    pair.client.configure_connection_lanes(pair.connected, &[1, 2], &[1, 1]).unwrap();
    for _ in 0..4 {
        pair.client
            .send_message_with_options(pair.connected, &payload(100_000, 1), on(1, SendFlags::RELIABLE))
            .unwrap();
    }
    let (status, lanes) = pair.client.connection_lane_status(pair.connected, 2).unwrap();
    assert_eq!((lanes[0].pending_reliable, lanes[0].sent_unacknowledged_reliable, lanes[0].queue_time), (0, 0, 0));
    assert!(lanes[1].pending_reliable > 300_000 && lanes[1].queue_time > 1_000_000, "{lanes:?}");
    assert_eq!(status.pending_reliable, lanes[1].pending_reliable);
}

#[test]
fn unreliable_messages_expire_and_are_replaced_while_they_wait() {
    let pair = Pair::with_options("127.0.0.1:0", &common::fixed_rate());
    let (client, connected) = (&pair.client, pair.connected);
    client.configure_connection_lanes(connected, &[1, 2], &[1, 1]).unwrap();
    // Half a second of this rate goes before the lane in question.
    client.send_message_to_connection(connected, &payload(130_000, 0), SendFlags::RELIABLE).unwrap();
    let waits = SendOptions { lane: 1, ..SendOptions::default() };
    let deadline = Some(Duration::from_millis(20));
    assert_eq!(client.send_message_with_options(connected, b"late", SendOptions { deadline, ..waits }), Ok(1));
    let keyed = SendOptions { replace_key: Some(9), ..waits };
    for state in [b"first", b"other", b"final"] {
        assert_eq!(client.send_message_with_options(connected, state, keyed), Ok(2));
    }
    let reliable = SendOptions { flags: SendFlags::RELIABLE, ..keyed };
    let error = client.send_message_with_options(connected, b"x", reliable).unwrap_err();
    assert_eq!(error.code(), ResultCode::InvalidParam);
    let last = receive(&pair.server, pair.accepted, 2).remove(1);
    assert_eq!((last.payload.as_ref(), last.message_number, last.lane), (&b"final"[..], 2, 1));
}

#[test]
fn a_receiver_that_does_not_read_slows_the_sender_down_and_loses_nothing() {
    let fast = |number: ConfigValue, value: i32| ConfigEntry::new(number, value);
    let options = [
        fast(ConfigValue::RECV_BUFFER_MESSAGES, 50),
        fast(ConfigValue::SEND_RATE_MIN, 20 << 20),
        fast(ConfigValue::SEND_RATE_MAX, 20 << 20),
    ];
    let pair = Pair::with_options("127.0.0.1:0", &options);
    for number in 0..1_000 {
        pair.client.send_message_to_connection(pair.connected, &payload(100, number), SendFlags::RELIABLE).unwrap();
    }
    let status = || pair.client.connection_real_time_status(pair.connected).unwrap();
    eventually("everything that was sent is acknowledged, and the rest waits", || {
        let status = status();
        status.sent_unacknowledged_reliable == 0 && status.pending_reliable > 90_000
    });
    for (number, message) in receive(&pair.server, pair.accepted, 1_000).iter().enumerate() {
        assert_eq!(message.payload, payload(100, number));
    }
    eventually("all is acknowledged", || {
        let status = status();
        status.pending_reliable + status.sent_unacknowledged_reliable == 0
    });
}
