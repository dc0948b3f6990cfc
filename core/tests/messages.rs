//! Messages over real UDP: sizes, order, batches, full buffers, many threads.

mod common;

use std::time::Duration;

use common::{LIMIT, Pair, payload, receive};
use gamesockets::{ConfigEntry, ConfigValue, Event, OutgoingMessage, ResultCode, SendFlags, SendOutcome};

/// Fast enough that big messages do not make slow tests.
fn fast() -> Vec<ConfigEntry> {
    vec![
        ConfigEntry::new(ConfigValue::SEND_RATE_MIN, 50 << 20),
        ConfigEntry::new(ConfigValue::SEND_RATE_MAX, 50 << 20),
        ConfigEntry::new(ConfigValue::SEND_BUFFER_SIZE, 8 << 20),
        ConfigEntry::new(ConfigValue::RECV_BUFFER_SIZE, 8 << 20),
        ConfigEntry::new(ConfigValue::RECV_BUFFER_MESSAGES, 100_000),
    ]
}

#[test]
fn every_size_arrives_whole_both_ways() {
    every_size_arrives_whole(&fast());
}

#[test]
fn every_size_arrives_whole_in_larger_datagrams() {
    let mut options = fast();
    options.push(ConfigEntry::new(ConfigValue::MTU_PACKET_SIZE, 1472));
    every_size_arrives_whole(&options);
}

fn every_size_arrives_whole(options: &[ConfigEntry]) {
    let pair = Pair::with_options("127.0.0.1:0", options);
    let sizes = [0, 1, 1199, 1200, 1201, 5_000, 16_500, 16_501, 100_000, 524_288];
    for (number, &size) in sizes.iter().enumerate() {
        let sent = payload(size, number);
        let first = pair.client.send_message_to_connection(pair.connected, &sent, SendFlags::RELIABLE).unwrap();
        assert_eq!(first, number as u64 + 1);
        let there = receive(&pair.server, pair.accepted, 1).remove(0);
        assert_eq!((there.payload.len(), there.message_number), (size, first));
        assert_eq!(there.payload, sent);
        assert_eq!(there.flags, SendFlags::RELIABLE);
        pair.server.send_message_to_connection(pair.accepted, &there.payload, SendFlags::RELIABLE).unwrap();
        assert_eq!(receive(&pair.client, pair.connected, 1)[0].payload, sent);
    }
}

#[test]
fn small_unreliable_messages_arrive_on_loopback() {
    let pair = Pair::new();
    for size in [0, 1, 1199, 1200, 1201] {
        let sent = payload(size, size);
        pair.client.send_message_to_connection(pair.connected, &sent, SendFlags::UNRELIABLE).unwrap();
        let there = receive(&pair.server, pair.accepted, 1).remove(0);
        assert_eq!((there.payload.as_ref(), there.flags), (sent.as_slice(), SendFlags::UNRELIABLE));
    }
}

#[test]
fn messages_queued_before_the_handshake_go_out_after_it() {
    let server = gamesockets::Sockets::anonymous().unwrap();
    let client = gamesockets::Sockets::anonymous().unwrap();
    let listen = server.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &[]).unwrap();
    let address = server.listen_socket_address(listen).unwrap();
    let connected = client.connect_by_ip_address(address, &[]).unwrap();
    client.send_message_to_connection(connected, b"early", SendFlags::RELIABLE).unwrap();
    let now = SendFlags::RELIABLE | SendFlags::NO_DELAY;
    let error = client.send_message_to_connection(connected, b"now", now).unwrap_err();
    assert_eq!(error.code(), ResultCode::Ignored);
    assert_eq!(client.flush_messages_on_connection(connected).unwrap_err().code(), ResultCode::Ignored);
    let (accepted, _) = common::wait_for(&server, gamesockets::ConnectionState::Connecting);
    server.accept_connection(accepted).unwrap();
    assert_eq!(receive(&server, accepted, 1)[0].payload, b"early"[..]);
}

#[test]
fn a_batch_stops_at_its_first_failure_on_a_connection() {
    let pair = Pair::new();
    let bytes = payload(524_289, 0);
    let message = |size| OutgoingMessage {
        connection: pair.connected,
        payload: &bytes[..size],
        lane: 0,
        flags: SendFlags::RELIABLE,
    };
    let outcomes = pair.client.send_messages([message(3), message(4), message(524_289), message(5)]);
    assert_eq!(outcomes.iter().map(SendOutcome::value).collect::<Vec<_>>(), [1, 2, -8, 0]);
    assert_eq!(outcomes[3], SendOutcome::NotAttempted);
    let sizes: Vec<_> = receive(&pair.server, pair.accepted, 2).iter().map(|message| message.payload.len()).collect();
    assert_eq!(sizes, [3, 4]);
    let wrong_lane = OutgoingMessage { lane: 3, ..message(1) };
    assert_eq!(pair.client.send_message(wrong_lane).unwrap_err().code(), ResultCode::InvalidParam);
}

#[test]
fn a_full_buffer_says_so_and_then_that_there_is_room() {
    let options = [ConfigEntry::new(ConfigValue::SEND_BUFFER_SIZE, 20_000)];
    let pair = Pair::with_options("127.0.0.1:0", &options);
    let mut sent = 0;
    let error = loop {
        match pair.client.send_message_to_connection(pair.connected, &payload(4_000, sent), SendFlags::RELIABLE) {
            Ok(_) => sent += 1,
            Err(error) => break error,
        }
        assert!(sent < 100, "the buffer never fills");
    };
    assert_eq!(error.code(), ResultCode::LimitExceeded);
    assert!(error.to_string().contains("20000"), "{error}");
    assert!(pair.client.wait_writable(pair.connected, LIMIT).unwrap());
    pair.client.send_message_to_connection(pair.connected, &payload(4_000, sent), SendFlags::RELIABLE).unwrap();
    let event = loop {
        match pair.client.wait_event(Duration::from_secs(5)) {
            Some(Event::ConnectionWritable { connection }) => break connection,
            Some(_) => {}
            None => panic!("no Writable event"),
        }
    };
    assert_eq!(event, pair.connected);
    for (number, message) in receive(&pair.server, pair.accepted, sent + 1).iter().enumerate() {
        assert_eq!(message.payload, payload(4_000, number));
    }
}

#[test]
fn flush_sends_what_nagle_holds_back() {
    let options = [ConfigEntry::new(ConfigValue::NAGLE_TIME, 20_000)];
    let pair = Pair::with_options("127.0.0.1:0", &options);
    pair.client.send_message_to_connection(pair.connected, b"wait", SendFlags::RELIABLE).unwrap();
    pair.client.flush_messages_on_connection(pair.connected).unwrap();
    assert_eq!(receive(&pair.server, pair.accepted, 1)[0].payload, b"wait"[..]);
}

#[test]
fn eight_threads_send_at_once() {
    const THREADS: usize = 8;
    const EACH: usize = 500;
    let pair = Pair::with_options("127.0.0.1:0", &fast());
    let mut numbers = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (client, connected) = (pair.client.clone(), pair.connected);
                scope.spawn(move || {
                    let send = |count: usize| {
                        let text = format!("{thread} {count}");
                        client.send_message_to_connection(connected, text.as_bytes(), SendFlags::RELIABLE).unwrap()
                    };
                    (0..EACH).map(send).collect::<Vec<_>>()
                })
            })
            .collect();
        senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect::<Vec<_>>()
    });
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=(THREADS * EACH) as u64).collect::<Vec<_>>());

    let mut next = [0; THREADS];
    for (index, message) in receive(&pair.server, pair.accepted, THREADS * EACH).iter().enumerate() {
        assert_eq!(message.message_number, index as u64 + 1);
        let text = std::str::from_utf8(&message.payload).unwrap();
        let (thread, count) = text.split_once(' ').unwrap();
        let thread: usize = thread.parse().unwrap();
        assert_eq!(count.parse::<usize>().unwrap(), next[thread]);
        next[thread] += 1;
    }
    assert_eq!(next, [EACH; THREADS]);
}
