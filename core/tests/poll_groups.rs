//! Poll groups over real UDP.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::{LIMIT, Pair, connect, eventually};
use gamesockets::{PollGroup, ReceivedMessage, ResultCode, SendFlags, Sockets};

fn receive(sockets: &Sockets, group: PollGroup, count: usize) -> Vec<ReceivedMessage> {
    let mut messages = Vec::new();
    let deadline = Instant::now() + LIMIT;
    while messages.len() < count {
        let left = deadline.saturating_duration_since(Instant::now());
        assert!(sockets.wait_messages(group, left).unwrap(), "only {} messages", messages.len());
        sockets.receive_messages_on_poll_group_into(group, count - messages.len(), &mut messages).unwrap();
    }
    messages
}

fn texts(messages: &[ReceivedMessage]) -> Vec<&str> {
    messages.iter().map(|message| std::str::from_utf8(&message.payload).unwrap()).collect()
}

#[test]
fn a_listen_socket_reads_its_connections_and_no_others() {
    let pair = Pair::new();
    let (_, second) = connect(&pair.server, &pair.client, pair.address, &[]);
    let (one, two) = pair.server.create_socket_pair(false, None, None).unwrap();
    pair.server.send_message_to_connection(one, b"of a pair", SendFlags::RELIABLE).unwrap();
    for (connection, text) in [(pair.connected, "a"), (pair.connected, "b"), (second, "c")] {
        pair.client.send_message_to_connection(connection, text.as_bytes(), SendFlags::RELIABLE_NO_NAGLE).unwrap();
    }
    let mut messages = Vec::new();
    eventually("all have come", || {
        // A share for each, so that nobody is kept waiting.
        messages.extend(pair.server.receive_messages_on_listen_socket(pair.listen, 2).unwrap());
        messages.len() == 3
    });
    let mut texts = texts(&messages);
    texts.sort_unstable();
    assert_eq!(texts, ["a", "b", "c"]);
    assert_eq!(pair.server.receive_messages_on_connection(two, 9).unwrap().len(), 1);
    pair.server.close_listen_socket(pair.listen).unwrap();
    let error = pair.server.receive_messages_on_listen_socket(pair.listen, 2).unwrap_err();
    assert_eq!(error.code(), ResultCode::InvalidParam);
}

#[test]
fn messages_come_in_order_of_arrival_across_connections() {
    let pair = Pair::new();
    let (second_accepted, second) = connect(&pair.server, &pair.client, pair.address, &[]);
    let group = pair.server.create_poll_group().unwrap();
    pair.server.set_connection_poll_group(pair.accepted, Some(group)).unwrap();
    pair.server.set_connection_poll_group(second_accepted, Some(group)).unwrap();
    let flags = SendFlags::RELIABLE | SendFlags::NO_NAGLE;
    for (connection, text, so_far) in
        [(pair.connected, "a", 1), (second, "b", 1), (pair.connected, "c", 2), (second, "d", 2)]
    {
        pair.client.send_message_to_connection(connection, text.as_bytes(), flags).unwrap();
        // The next is sent when this one has arrived: the peer's acknowledgement says so.
        eventually("acknowledged", || {
            let status = pair.client.connection_real_time_status(connection).unwrap();
            status.sent_unacknowledged_reliable == 0 && status.pending_reliable == 0 && so_far > 0
        });
    }
    let messages = receive(&pair.server, group, 4);
    assert_eq!(texts(&messages), ["a", "b", "c", "d"]);
    assert_eq!(messages[0].connection, pair.accepted);
    assert_eq!(messages[1].connection, second_accepted);
}

#[test]
fn waiting_messages_move_with_their_connection() {
    let pair = Pair::new();
    for text in ["1", "2", "3"] {
        pair.client.send_message_to_connection(pair.connected, text.as_bytes(), SendFlags::RELIABLE).unwrap();
    }
    assert!(pair.server.wait_messages(pair.accepted, LIMIT).unwrap());
    let (first, second) = (pair.server.create_poll_group().unwrap(), pair.server.create_poll_group().unwrap());
    pair.server.set_connection_poll_group(pair.accepted, Some(first)).unwrap();
    assert_eq!(texts(&receive(&pair.server, first, 1)), ["1"]);
    pair.server.set_connection_poll_group(pair.accepted, Some(second)).unwrap();
    assert!(pair.server.receive_messages_on_poll_group(first, 10).unwrap().is_empty());
    assert_eq!(texts(&receive(&pair.server, second, 1)), ["2"]);
    pair.server.set_connection_poll_group(pair.accepted, None).unwrap();
    assert!(pair.server.receive_messages_on_poll_group(second, 10).unwrap().is_empty());
    assert_eq!(texts(&common::receive(&pair.server, pair.accepted, 1)), ["3"]);
}

#[test]
fn reading_from_the_connection_itself_takes_from_the_group() {
    let pair = Pair::new();
    let group = pair.server.create_poll_group().unwrap();
    pair.server.set_connection_poll_group(pair.accepted, Some(group)).unwrap();
    for round in 0..2_000 {
        let text = round.to_string();
        let flags = SendFlags::RELIABLE | SendFlags::NO_NAGLE;
        pair.client.send_message_to_connection(pair.connected, text.as_bytes(), flags).unwrap();
        let messages = if round % 3 == 0 {
            receive(&pair.server, group, 1)
        } else {
            common::receive(&pair.server, pair.accepted, 1)
        };
        assert_eq!(texts(&messages), [text.as_str()]);
    }
    assert!(!pair.server.wait_messages(group, Duration::from_millis(20)).unwrap());
}

#[test]
fn nothing_is_lost_between_readers_and_moves() {
    const MESSAGES: usize = 3_000;
    let pair = Pair::new();
    let (other_accepted, other) = connect(&pair.server, &pair.client, pair.address, &[]);
    let groups = [pair.server.create_poll_group().unwrap(), pair.server.create_poll_group().unwrap()];
    let accepted = [pair.accepted, other_accepted];
    let read = AtomicUsize::new(0);
    let finished = || read.load(Ordering::Relaxed) == MESSAGES * 2;
    std::thread::scope(|scope| {
        for connection in [pair.connected, other] {
            let client = &pair.client;
            scope.spawn(move || {
                let flags = SendFlags::RELIABLE | SendFlags::NO_NAGLE;
                for _ in 0..MESSAGES {
                    client.send_message_to_connection(connection, b"x", flags).unwrap();
                }
            });
        }
        for group in groups {
            let (server, read) = (&pair.server, &read);
            scope.spawn(move || {
                while !finished() {
                    server.wait_messages(group, Duration::from_millis(5)).unwrap();
                    let count = server.receive_messages_on_poll_group(group, 7).unwrap().len();
                    read.fetch_add(count, Ordering::Relaxed);
                }
            });
        }
        let deadline = Instant::now() + LIMIT;
        for round in 0.. {
            if finished() {
                break;
            }
            assert!(Instant::now() < deadline, "{} of {} messages", read.load(Ordering::Relaxed), MESSAGES * 2);
            let connection = accepted[round % 2];
            pair.server.set_connection_poll_group(connection, Some(groups[round / 2 % 2])).unwrap();
            let count = pair.server.receive_messages_on_connection(connection, 3).unwrap().len();
            read.fetch_add(count, Ordering::Relaxed);
        }
    });
    for group in groups {
        assert!(!pair.server.wait_messages(group, Duration::ZERO).unwrap(), "messages are announced that do not exist");
    }
}

#[test]
fn a_destroyed_group_leaves_the_messages_with_their_connection() {
    let pair = Pair::new();
    let group = pair.server.create_poll_group().unwrap();
    pair.server.set_connection_poll_group(pair.accepted, Some(group)).unwrap();
    pair.client.send_message_to_connection(pair.connected, b"kept", SendFlags::RELIABLE).unwrap();
    assert!(pair.server.wait_messages(group, LIMIT).unwrap());
    pair.server.destroy_poll_group(group).unwrap();
    let error = pair.server.receive_messages_on_poll_group(group, 1).unwrap_err();
    assert_eq!(error.code(), ResultCode::InvalidParam);
    assert_eq!(texts(&common::receive(&pair.server, pair.accepted, 1)), ["kept"]);
}

#[test]
fn closing_a_connection_takes_its_messages_out_of_the_group() {
    let pair = Pair::new();
    let group = pair.server.create_poll_group().unwrap();
    pair.server.set_connection_poll_group(pair.accepted, Some(group)).unwrap();
    pair.client.send_message_to_connection(pair.connected, b"unread", SendFlags::RELIABLE).unwrap();
    assert!(pair.server.wait_messages(group, LIMIT).unwrap());
    pair.server.close_connection(pair.accepted, 0, "", false).unwrap();
    assert!(pair.server.receive_messages_on_poll_group(group, 10).unwrap().is_empty());
    assert!(!pair.server.wait_messages(group, Duration::from_millis(20)).unwrap());
}
