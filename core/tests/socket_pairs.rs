//! Socket pairs: the same script for both forms, in memory and over loopback, and what only one of them has.

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::{LIMIT, eventually, payload, receive, wait_for_connection};
use gamesockets::{
    ConfigEntry, ConfigValue, Connection, ConnectionState, Error, Event, Identity, InfoFlags, OutgoingMessage,
    ResultCode, SendFlags, SendOutcome, Sockets,
};

const FORMS: [bool; 2] = [false, true];

fn pair(sockets: &Sockets, network: bool) -> (Connection, Connection) {
    sockets.create_socket_pair(network, Some(identity("str:one")), Some(identity("str:two"))).unwrap()
}

fn identity(text: &str) -> Identity {
    text.parse().unwrap()
}

fn with(option: ConfigValue, value: i32) -> Sockets {
    Sockets::builder().option(ConfigEntry::new(option, value)).build().unwrap()
}

/// The result code, or how many milliseconds, messages, ...: whatever a call answers, as text to compare.
fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(error) => format!("{:?}", error.code()),
    }
}

/// What one form answers to a whole life, call by call.
fn life(network: bool) -> Vec<String> {
    let sockets = Sockets::new(identity("str:me")).unwrap();
    let (one, two) = pair(&sockets, network);
    let mut log = Vec::new();
    for connection in [one, two] {
        let info = sockets.connection_info(connection).unwrap();
        log.push(format!("{:?} {} {}", info.connection_state, info.identity_string, info.user_data));
        log.push(code(sockets.accept_connection(connection)));
        log.push(code(sockets.connection_real_time_status(connection).map(|status| status.state)));
    }
    log.push(format!("{:?}", sockets.poll_event()));

    let sends = [
        (5, SendFlags::UNRELIABLE),
        (5, SendFlags::RELIABLE),
        (5, SendFlags::RELIABLE_NO_NAGLE),
        (5, SendFlags::UNRELIABLE_NO_DELAY),
        (0, SendFlags::RELIABLE),
        (16_501, SendFlags::UNRELIABLE),
        (16_500, SendFlags::UNRELIABLE),
        (524_289, SendFlags::RELIABLE),
    ];
    for (index, (size, flags)) in sends.into_iter().enumerate() {
        log.push(code(sockets.send_message_to_connection(one, &payload(size, index), flags)));
    }
    log.push(code(sockets.flush_messages_on_connection(one)));
    let mut messages = receive(&sockets, two, 7);
    messages.sort_by_key(|message| message.message_number);
    for message in messages {
        let known = message.payload == payload(message.payload.len(), message.message_number as usize - 1);
        log.push(format!("{} {:?} {} {known}", message.message_number, message.flags, message.identity));
    }
    let lane = |lane| OutgoingMessage { connection: one, payload: b"x", lane, flags: SendFlags::RELIABLE };
    log.push(code(sockets.send_message(lane(3))));
    let outcomes = sockets.send_messages([lane(0), lane(1), lane(0)]);
    log.push(format!("{:?}", outcomes.iter().map(SendOutcome::value).collect::<Vec<_>>()));
    log.push(format!("{:?}", receive(&sockets, two, 1)[0].payload));
    log.push(code(sockets.configure_connection_lanes(one, &[1, 2], &[1])));
    log.push(code(sockets.configure_connection_lanes(one, &[2, 1], &[1, 1])));
    log.push(code(sockets.configure_connection_lanes(one, &[1], &[1])));
    let outcomes = sockets.send_messages([lane(1), lane(0), lane(1)]);
    log.push(format!("{:?}", outcomes.iter().map(SendOutcome::value).collect::<Vec<_>>()));
    let mut lanes: Vec<_> =
        receive(&sockets, two, 3).iter().map(|message| (message.lane, message.message_number)).collect();
    lanes.sort_unstable();
    log.push(format!("{lanes:?}"));
    log.push(code(sockets.connection_lane_status(one, 3).map(|(_, lanes)| lanes.len())));
    log.push(code(sockets.connection_lane_status(one, 2).map(|(_, lanes)| lanes.len())));

    log.push(code(sockets.send_message_to_connection(one, b"last words", SendFlags::RELIABLE)));
    log.push(code(sockets.close_connection(one, 1234, "bye", true)));
    let info = wait_for_connection(&sockets, two, ConnectionState::ClosedByPeer);
    log.push(format!("{:?} {}", info.end_reason, info.end_debug));
    log.push(code(sockets.connection_info(one)));
    log.push(code(sockets.send_message_to_connection(two, b"late", SendFlags::RELIABLE)));
    log.push(code(sockets.flush_messages_on_connection(two)));
    log.push(code(sockets.accept_connection(two)));
    log.push(code(sockets.configure_connection_lanes(two, &[1, 1], &[1, 1])));
    log.push(code(sockets.receive_messages_on_connection(two, 9).map(|messages| messages[0].payload.clone())));
    log.push(code(sockets.wait_messages(two, Duration::ZERO)));
    log.push(code(sockets.close_connection(two, 0, "", false)));
    log.push(code(sockets.close_connection(two, 0, "", false)));
    log
}

#[test]
fn both_forms_answer_a_whole_life_alike() {
    let (memory, network) = (life(false), life(true));
    assert_eq!(memory, network);
    assert_eq!(memory[0], "Connected str:one -1");
    assert_eq!(memory[3], "Connected str:two -1");
    assert_eq!(memory[6], "None", "no event tells what the caller knows");
    assert_eq!(memory[7..16], ["1", "2", "3", "4", "5", "6", "7", "InvalidParam", "()"]);
}

#[test]
fn info_tells_the_forms_apart() {
    let sockets = Sockets::anonymous().unwrap();
    let (one, _two) = sockets.create_socket_pair(false, None, None).unwrap();
    let info = sockets.connection_info(one).unwrap();
    assert_eq!(info.info_flags, InfoFlags::LOOPBACK_BUFFERS | InfoFlags::FAST);
    assert_eq!((info.remote_address.as_str(), info.remote_port), ("", 0));
    assert_eq!(info.identity_string, "ip:::1");
    sockets.set_connection_name(one, "here").unwrap();
    assert!(sockets.connection_info(one).unwrap().debug_description.ends_with(" pipe 'here'"));

    assert_eq!(sockets.connection_real_time_status(one).unwrap().ping, 0);

    let (one, two) = sockets.create_socket_pair(true, None, None).unwrap();
    assert_eq!(sockets.connection_real_time_status(one).unwrap().ping, -1);
    let (there, back) = (sockets.connection_info(one).unwrap(), sockets.connection_info(two).unwrap());
    assert_eq!(there.info_flags, InfoFlags::UNAUTHENTICATED | InfoFlags::FAST, "encrypted, by UDP");
    assert_eq!((there.remote_address.as_str(), there.identity_string.as_str()), ("127.0.0.1", "ip:::1"));
    assert!(there.remote_port != 0 && back.remote_port != 0 && there.remote_port != back.remote_port);
}

#[test]
fn unread_messages_outlive_an_abrupt_close() {
    for network in FORMS {
        let sockets = Sockets::anonymous().unwrap();
        let (one, two) = pair(&sockets, network);
        for number in 0..3 {
            sockets.send_message_to_connection(one, &payload(700, number), SendFlags::RELIABLE_NO_NAGLE).unwrap();
        }
        eventually("delivered", || {
            let status = sockets.connection_real_time_status(one).unwrap();
            status.pending_reliable == 0 && status.sent_unacknowledged_reliable == 0
        });
        sockets.close_connection(one, 0, "", false).unwrap();
        wait_for_connection(&sockets, two, ConnectionState::ClosedByPeer);
        let messages = receive(&sockets, two, 3);
        assert!(messages.iter().enumerate().all(|(number, message)| message.payload == payload(700, number)));
        assert!(matches!(sockets.wait_messages(two, LIMIT), Err(Error::ConnectionEnded { .. })));
    }
}

#[test]
fn a_full_receiver_holds_reliable_messages_back_and_then_the_sender() {
    let sockets = Sockets::builder()
        .option(ConfigEntry::new(ConfigValue::RECV_BUFFER_MESSAGES, 10))
        .option(ConfigEntry::new(ConfigValue::SEND_BUFFER_SIZE, 100_000))
        .build()
        .unwrap();
    let (one, two) = pair(&sockets, false);
    let mut sent = 0;
    let refused = loop {
        match sockets.send_message_to_connection(one, &payload(1_000, sent), SendFlags::RELIABLE) {
            Ok(_) => sent += 1,
            Err(error) => break error,
        }
        assert!(sent < 10_000, "the buffers never fill");
    };
    assert_eq!((sent, refused.code()), (110, ResultCode::LimitExceeded));
    let (status, lanes) = sockets.connection_lane_status(one, 1).unwrap();
    assert_eq!((status.pending_reliable, lanes[0].pending_reliable), (100_000, 100_000));
    // Nobody waits for what may get lost; there is no room for it either.
    assert!(sockets.send_message_to_connection(one, b"", SendFlags::UNRELIABLE).is_ok());
    assert!(!sockets.wait_writable(one, Duration::ZERO).unwrap());

    let messages = receive(&sockets, two, sent);
    assert!(messages.iter().enumerate().all(|(index, message)| message.payload == payload(1_000, index)));
    assert!(sockets.wait_writable(one, LIMIT).unwrap());
    assert_eq!(sockets.poll_event(), Some(Event::ConnectionWritable { connection: one }));
    sockets.send_message_to_connection(one, b"room", SendFlags::RELIABLE).unwrap();
    assert_eq!(receive(&sockets, two, 1)[0].payload, b"room"[..], "the unreliable one was lost");
}

#[test]
fn what_a_full_queue_held_back_is_there_after_the_close() {
    let sockets = with(ConfigValue::RECV_BUFFER_MESSAGES, 10);
    let (one, two) = pair(&sockets, false);
    for number in 0..50 {
        sockets.send_message_to_connection(one, &payload(10, number), SendFlags::RELIABLE).unwrap();
    }
    sockets.close_connection(one, 1001, "done", true).unwrap();
    let info = wait_for_connection(&sockets, two, ConnectionState::ClosedByPeer);
    assert_eq!(info.end_reason.0, 1001);
    assert_eq!(sockets.receive_messages_on_connection(two, 100).unwrap().len(), 50);
}

#[test]
fn a_message_that_the_receiver_refuses_ends_both() {
    for network in FORMS {
        let sockets = with(ConfigValue::RECV_MAX_MESSAGE_SIZE, 1_000);
        let (one, two) = pair(&sockets, network);
        sockets.send_message_to_connection(one, &payload(2_000, 0), SendFlags::RELIABLE).unwrap();
        let here = wait_for_connection(&sockets, two, ConnectionState::ProblemDetectedLocally);
        let there = wait_for_connection(&sockets, one, ConnectionState::ClosedByPeer);
        assert_eq!((here.end_reason.0, there.end_reason.0), (5002, 5002));
        assert_eq!(here.end_debug, there.end_debug);
    }
}

#[test]
fn poll_groups_take_both_ends() {
    for network in FORMS {
        let sockets = Sockets::anonymous().unwrap();
        let (one, two) = pair(&sockets, network);
        let group = sockets.create_poll_group().unwrap();
        for connection in [one, two] {
            sockets.set_connection_poll_group(connection, Some(group)).unwrap();
        }
        sockets.send_message_to_connection(one, b"to two", SendFlags::RELIABLE_NO_NAGLE).unwrap();
        sockets.send_message_to_connection(two, b"to one", SendFlags::RELIABLE_NO_NAGLE).unwrap();
        let mut got = Vec::new();
        while got.len() < 2 {
            assert!(sockets.wait_messages(group, LIMIT).unwrap());
            got.extend(sockets.receive_messages_on_poll_group(group, 9).unwrap());
        }
        got.sort_by_key(|message| message.payload.clone());
        let seen: Vec<_> = got.iter().map(|message| (message.connection, message.payload.as_ref())).collect();
        assert_eq!(seen, [(one, &b"to one"[..]), (two, &b"to two"[..])]);
    }
}

#[test]
fn both_ends_at_once_from_many_threads() {
    const THREADS: usize = 3;
    const EACH: usize = 2_000;
    let sockets = Sockets::anonymous().unwrap();
    let (one, two) = pair(&sockets, false);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let mut senders = Vec::new();
        for from in [one, two] {
            for thread in 0..THREADS {
                let sockets = &sockets;
                senders.push(scope.spawn(move || {
                    for count in 0..EACH {
                        let text = [thread.to_le_bytes(), count.to_le_bytes()].concat();
                        while sockets.send_message_to_connection(from, &text, SendFlags::RELIABLE).is_err() {
                            sockets.wait_writable(from, LIMIT).unwrap();
                        }
                    }
                }));
            }
        }
        for at in [one, two] {
            let sockets = &sockets;
            scope.spawn(move || {
                for (index, message) in receive(sockets, at, THREADS * EACH).iter().enumerate() {
                    assert_eq!(message.message_number, index as u64 + 1, "in the order of the numbers");
                }
            });
        }
        let (sockets, done) = (&sockets, &done);
        scope.spawn(move || {
            while !done.load(Ordering::Relaxed) {
                sockets.connection_real_time_status(one).unwrap();
                sockets.run_callbacks(|_| {});
            }
        });
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn places_are_given_back() {
    let sockets = Sockets::anonymous().unwrap();
    // More than may live at once.
    for _ in 0..5_000 {
        let (one, two) = sockets.create_socket_pair(false, None, None).unwrap();
        sockets.close_connection(one, 0, "", false).unwrap();
        sockets.close_connection(two, 0, "", false).unwrap();
        sockets.run_callbacks(|_| {});
    }
}

#[test]
fn the_end_of_the_instance_ends_its_pairs() {
    for network in FORMS {
        let sockets = Sockets::anonymous().unwrap();
        let (one, two) = pair(&sockets, network);
        sockets.send_message_to_connection(one, b"never read", SendFlags::RELIABLE).unwrap();
        sockets.close_connection(two, 0, "", true).unwrap();
        drop(sockets);
    }
}
