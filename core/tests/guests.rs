//! A thread that waits for messages again and again does the I/O itself; nobody else may notice.

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::{LIMIT, Pair, connect, wait_for};
use gamesockets::{Connection, ConnectionState, ResultCode, SendFlags, Sockets};

const NOW: SendFlags = SendFlags(SendFlags::RELIABLE.0 | SendFlags::NO_NAGLE.0);

/// Answers every message with itself until the connection ends.
fn echo(sockets: &Sockets, connection: Connection) -> Result<(), gamesockets::Error> {
    loop {
        sockets.wait_messages(connection, LIMIT)?;
        for message in sockets.receive_messages_on_connection(connection, 64)? {
            sockets.send_message_to_connection(connection, &message.payload, NOW)?;
        }
    }
}

/// Sends a message there and waits for it, so many times.
fn ping(sockets: &Sockets, connection: Connection, count: u32) {
    for number in 0..count {
        sockets.send_message_to_connection(connection, &number.to_le_bytes(), NOW).unwrap();
        assert!(sockets.wait_messages(connection, LIMIT).unwrap(), "{number} was not answered");
        let messages = sockets.receive_messages_on_connection(connection, 64).unwrap();
        assert_eq!(messages.iter().map(|message| &message.payload[..]).collect::<Vec<_>>(), [number.to_le_bytes()]);
    }
}

/// Waits in vain, so that the next wait is a guest's.
fn come_back(sockets: &Sockets, connection: Connection) {
    assert_eq!(sockets.wait_messages(connection, Duration::from_millis(1)), Ok(false));
}

#[test]
fn messages_go_there_and_back_with_and_without_busy_polling() {
    for busy_poll in [Duration::ZERO, Duration::from_micros(100)] {
        let server = Sockets::builder().busy_poll(busy_poll).build().unwrap();
        let client = Sockets::builder().busy_poll(busy_poll).build().unwrap();
        let listen = server.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &[]).unwrap();
        let address = server.listen_socket_address(listen).unwrap();
        let (accepted, connected) = connect(&server, &client, address, &[]);
        let echoing = thread::spawn(move || echo(&server, accepted));
        ping(&client, connected, 3_000);
        client.close_connection(connected, 0, "", false).unwrap();
        assert_eq!(echoing.join().unwrap().unwrap_err().code(), ResultCode::NoConnection);
    }
}

#[test]
fn a_sleeping_guest_wakes_for_what_another_thread_does() {
    let pair = Pair::new();
    let (client, connected) = (pair.client.clone(), pair.connected);
    let waiter = thread::spawn(move || {
        come_back(&client, connected);
        client.wait_messages(connected, LIMIT)
    });
    thread::sleep(Duration::from_millis(20));
    let begin = Instant::now();
    pair.client.close_connection(pair.connected, 0, "", false).unwrap();
    assert_eq!(waiter.join().unwrap().unwrap_err().code(), ResultCode::InvalidParam);
    assert!(begin.elapsed() < LIMIT, "it slept until the end of its time");
}

#[test]
fn a_guest_in_memory_wakes_for_its_pipe() {
    let sockets = Sockets::anonymous().unwrap();
    let (first, second) = sockets.create_socket_pair(false, None, None).unwrap();
    let waiting = sockets.clone();
    let waiter = thread::spawn(move || {
        come_back(&waiting, second);
        waiting.wait_messages(second, LIMIT)
    });
    thread::sleep(Duration::from_millis(20));
    sockets.send_message_to_connection(first, b"hello", NOW).unwrap();
    assert_eq!(waiter.join().unwrap(), Ok(true));
}

#[test]
fn two_threads_that_wait_are_both_answered() {
    let pair = Pair::new();
    let (accepted, connected) = connect(&pair.server, &pair.client, pair.address, &[]);
    let ends = [(pair.accepted, pair.connected), (accepted, connected)];
    thread::scope(|scope| {
        for (accepted, connected) in ends {
            let (server, client) = (&pair.server, &pair.client);
            scope.spawn(move || echo(server, accepted).unwrap_err());
            scope.spawn(move || {
                ping(client, connected, 1_000);
                client.close_connection(connected, 0, "", false).unwrap();
            });
        }
    });
}

#[test]
fn a_guest_serves_connections_that_others_make_and_close() {
    let pair = Pair::new();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                // Never answered, and always there.
                assert_eq!(pair.server.wait_messages(pair.accepted, Duration::from_millis(5)), Ok(false));
            }
        });
        for _ in 0..20 {
            let (accepted, connected) = connect(&pair.server, &pair.client, pair.address, &[]);
            pair.client.close_connection(connected, 0, "", false).unwrap();
            wait_for(&pair.server, ConnectionState::ClosedByPeer);
            pair.server.close_connection(accepted, 0, "", false).unwrap();
        }
        let listen = pair.server.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &[]).unwrap();
        pair.server.close_listen_socket(listen).unwrap();
        stop.store(true, Ordering::Relaxed);
    });
}

#[test]
fn the_thread_of_the_instance_goes_on_when_guests_stay_away() {
    let pair = Pair::new();
    let server = pair.server.clone();
    let accepted = pair.accepted;
    let echoing = thread::spawn(move || echo(&server, accepted));
    ping(&pair.client, pair.connected, 100);
    // The client has nothing more to wait for; its thread still hears of the end.
    pair.server.close_connection(pair.accepted, 0, "", false).unwrap();
    wait_for(&pair.client, ConnectionState::ClosedByPeer);
    assert_eq!(echoing.join().unwrap().unwrap_err().code(), ResultCode::InvalidParam);
}

#[test]
fn the_end_of_an_instance_is_not_kept_waiting_by_a_guest_that_has_left() {
    for _ in 0..20 {
        let pair = Pair::new();
        come_back(&pair.client, pair.connected);
        assert_eq!(pair.client.wait_messages(pair.connected, Duration::from_millis(2)), Ok(false));
        let listen = pair.client.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &[]).unwrap();
        pair.client.close_listen_socket(listen).unwrap();
    }
}
