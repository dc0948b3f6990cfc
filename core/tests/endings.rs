//! What is left when things end at an awkward moment.

mod common;

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use common::{LIMIT, Pair, connect, receive, wait_for, wait_for_connection};
use gamesockets::{
    ConfigEntry, ConfigTarget, ConfigValue, ConnectionEnd, ConnectionState, Event, InfoFlags, SendFlags, Sockets,
};

#[test]
fn what_lingered_on_a_closed_listen_socket_does_not_hold_up_the_end() {
    let Pair { server, client, accepted, listen, .. } = Pair::new();
    // Nothing is acknowledged any more.
    client.set_config_value(ConfigTarget::Global, ConfigValue::FAKE_PACKET_LOSS_RECV, 100.0).unwrap();
    server.send_message_to_connection(accepted, b"never acknowledged", SendFlags::RELIABLE).unwrap();
    server.close_connection(accepted, 0, "", true).unwrap();
    server.close_listen_socket(listen).unwrap();
    let start = Instant::now();
    drop(server);
    assert!(start.elapsed() < Duration::from_millis(500), "{:?}", start.elapsed());
}

#[test]
fn a_goodbye_that_simulated_lag_holds_back_still_leaves() {
    let Pair { server, client, accepted, .. } = Pair::new();
    client.set_config_value(ConfigTarget::Global, ConfigValue::FAKE_PACKET_LAG_SEND, 500).unwrap();
    drop(client);
    let info = wait_for_connection(&server, accepted, ConnectionState::ClosedByPeer);
    assert_eq!(info.end_reason.0, 2999);
}

#[test]
fn callbacks_that_cause_events_come_to_an_end() {
    let sockets = Sockets::anonymous().unwrap();
    let options = [ConfigEntry::new(ConfigValue::TIMEOUT_INITIAL, 10_000)];
    let open = || sockets.connect_by_ip_address("127.0.0.1:9".parse().unwrap(), &options).unwrap();
    open();
    let mut calls = 0;
    sockets.run_callbacks(|event| {
        calls += 1;
        assert!(calls < 100, "each call causes the next");
        if let Event::ConnectionStatusChanged { connection, info, .. } = event
            && info.connection_state == ConnectionState::Connecting
        {
            sockets.close_connection(connection, 0, "", false).unwrap();
            open();
        }
    });
    assert_eq!(calls, 1);
    assert!(sockets.poll_event().is_some(), "what came meanwhile waits for the next time");
}

#[test]
fn a_zone_of_an_address_that_needs_none_is_no_obstacle() {
    let Ok(server) = Sockets::anonymous() else { panic!("a thread and a socket") };
    let Ok(listen) = server.create_listen_socket_ip("[::1]:0".parse().unwrap(), &[]) else {
        // No IPv6 here.
        return;
    };
    let port = server.listen_socket_address(listen).unwrap().port();
    let client = Sockets::anonymous().unwrap();
    connect(&server, &client, format!("[::1%1]:{port}").parse().unwrap(), &[]);
}

#[test]
fn a_message_that_can_never_fit_is_not_waited_for() {
    let small = [ConfigEntry::new(ConfigValue::SEND_BUFFER_SIZE, 4096)];
    let sockets = small.iter().cloned().fold(Sockets::builder(), gamesockets::Builder::option).build().unwrap();
    let (first, _second) = sockets.create_socket_pair(false, None, None).unwrap();
    let pair = Pair::with_options("127.0.0.1:0", &small);
    for (sockets, connection) in [(&sockets, first), (&pair.client, pair.connected)] {
        let error = sockets.send_message_to_connection(connection, &[0; 5000], SendFlags::RELIABLE).unwrap_err();
        assert_eq!(error.code(), gamesockets::ResultCode::LimitExceeded);
        let text = error.to_string();
        assert!(text.contains("5000") && text.contains("4096") && text.contains("SendBufferSize"), "{text}");
        assert!(sockets.wait_writable(connection, Duration::ZERO).unwrap(), "there is nothing to wait for");
        let writable = |event| matches!(event, Event::ConnectionWritable { .. });
        assert!(!std::iter::from_fn(|| sockets.poll_event()).any(writable), "trying again is of no use");
    }
}

#[test]
fn closing_while_a_connection_is_moved_to_a_group_leaves_nothing_in_the_group() {
    let sockets = Sockets::anonymous().unwrap();
    let group = sockets.create_poll_group().unwrap();
    for _ in 0..300 {
        let (first, second) = sockets.create_socket_pair(false, None, None).unwrap();
        sockets.send_message_to_connection(first, b"unread", SendFlags::RELIABLE).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| while sockets.set_connection_poll_group(second, Some(group)).is_ok() {});
            sockets.close_connection(second, 0, "", false).unwrap();
        });
        sockets.close_connection(first, 0, "", false).unwrap();
    }
    assert_eq!(sockets.receive_messages_on_poll_group(group, 10).unwrap().len(), 0);
    assert!(!sockets.wait_messages(group, Duration::ZERO).unwrap());
}

#[test]
fn a_new_identity_takes_what_is_being_opened_with_it() {
    let sockets = Sockets::anonymous().unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let _ = sockets.connect_by_ip_address("127.0.0.1:9".parse().unwrap(), &[]);
                    let _ = sockets.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &[]);
                    let _ = sockets.create_socket_pair(false, None, None);
                    let _ = sockets.create_socket_pair(true, None, None);
                }
            });
        }
        for number in 0..200 {
            sockets.reset_identity(format!("str:{number}").parse().unwrap());
        }
        done.store(true, Ordering::Relaxed);
    });
    sockets.reset_identity("str:last".parse().unwrap());
    while sockets.poll_event().is_some() {}
    assert!(sockets.create_socket_pair(true, None, None).is_ok(), "everything still works");
}

#[test]
fn many_threads_send_while_the_connection_is_closed() {
    let pair = Pair::new();
    let (_, second) = pair.client.create_socket_pair(false, None, None).unwrap();
    for connection in [pair.connected, second] {
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    while !matches!(
                        pair.client.send_message_to_connection(connection, &[7; 100], SendFlags::RELIABLE),
                        Err(gamesockets::Error::InvalidHandle { .. })
                    ) {}
                });
            }
            thread::sleep(Duration::from_millis(30));
            pair.client.close_connection(connection, 1234, &"ä".repeat(100), false).unwrap();
        });
    }
    let (_, info) = wait_for(&pair.server, ConnectionState::ClosedByPeer);
    assert_eq!((info.end_reason.0, info.end_debug), (1234, "ä".repeat(63)));
    assert!(receive(&pair.server, pair.accepted, 1)[0].payload == [7; 100][..]);
}

#[test]
fn a_waker_may_use_the_instance_at_once() {
    /// Looks at the connection on the very thread that wakes it, as an executor does that runs tasks in place.
    struct Look(Sockets, gamesockets::Connection, AtomicBool);
    impl Wake for Look {
        fn wake(self: Arc<Self>) {
            let _ = (self.0.connection_info(self.1), self.0.identity());
            self.2.store(true, Ordering::Release);
        }
    }
    let pair = Pair::new();
    pair.client.set_debug_output_level(gamesockets::DebugOutputType::Everything);
    let look = Arc::new(Look(pair.client.clone(), pair.connected, AtomicBool::new(false)));
    let waker = Waker::from(Arc::clone(&look));
    while pair.client.poll_event().is_some() {}
    let mut event = Box::pin(pair.client.event());
    assert!(event.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    pair.server.close_connection(pair.accepted, 0, "", false).unwrap();
    let woken = || look.2.load(Ordering::Acquire);
    common::eventually("it was woken and could look", woken);
}

/// Keeps whoever wakes it until it may go on.
struct Holds(mpsc::Sender<()>, Mutex<mpsc::Receiver<()>>);

impl Wake for Holds {
    fn wake(self: Arc<Self>) {
        let _ = self.0.send(());
        let _ = self.1.lock().unwrap().recv_timeout(LIMIT);
    }
}

#[test]
fn an_event_tells_of_its_own_moment() {
    let Pair { server, client, accepted, connected, address, .. } = Pair::new();
    let attempt = client.connect_by_ip_address(address, &[]).unwrap();
    let (incoming, _) = wait_for(&server, ConnectionState::Connecting);
    // The client's I/O is held up, while it is accepted and closed.
    let ((held, is_held), (go_on, may_go_on)) = (mpsc::channel(), mpsc::channel());
    let waker = Waker::from(Arc::new(Holds(held, Mutex::new(may_go_on))));
    let mut readable = pin!(client.readable(connected));
    assert!(readable.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    server.send_message_to_connection(accepted, b"hold", SendFlags::RELIABLE_NO_NAGLE).unwrap();
    is_held.recv_timeout(LIMIT).unwrap();
    server.accept_connection(incoming).unwrap();
    server.close_connection(incoming, 1_234, "later", false).unwrap();
    go_on.send(()).unwrap();
    let up = wait_for_connection(&client, attempt, ConnectionState::Connected);
    assert_eq!((up.end_reason, up.end_debug.as_str()), (ConnectionEnd::INVALID, ""));
    assert!(!up.info_flags.contains(InfoFlags::UNENCRYPTED), "it was encrypted");
    let over = wait_for_connection(&client, attempt, ConnectionState::ClosedByPeer);
    assert_eq!((over.end_reason.0, over.end_debug.as_str()), (1_234, "later"));
}
