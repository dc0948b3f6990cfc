//! Waiting without polling: blocking and async.

mod common;

use std::pin::pin;
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use common::{LIMIT, Pair, block_on};
use gamesockets::{ConnectionState, Event, ResultCode, SendFlags, Sockets};

#[test]
fn waiting_in_vain_takes_the_time_it_was_given() {
    let pair = Pair::new();
    while pair.client.poll_event().is_some() {}
    let start = Instant::now();
    assert_eq!(pair.client.wait_event(Duration::from_millis(30)), None);
    assert!(!pair.client.wait_messages(pair.connected, Duration::from_millis(30)).unwrap());
    assert!(start.elapsed() >= Duration::from_millis(60));
    assert!(pair.client.wait_writable(pair.connected, Duration::ZERO).unwrap());
}

#[test]
fn a_waiting_thread_wakes_when_its_connection_is_closed() {
    let pair = Pair::new();
    let (client, connected) = (pair.client.clone(), pair.connected);
    let waiter = thread::spawn(move || client.wait_messages(connected, LIMIT));
    thread::sleep(Duration::from_millis(20));
    pair.client.close_connection(pair.connected, 0, "", false).unwrap();
    assert_eq!(waiter.join().unwrap().unwrap_err().code(), ResultCode::InvalidParam);
}

#[test]
fn futures_complete_on_any_executor() {
    let (server, client) = (Sockets::anonymous().unwrap(), Sockets::anonymous().unwrap());
    let listen = server.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &[]).unwrap();
    let address = server.listen_socket_address(listen).unwrap();

    let serving = server;
    let echo = thread::spawn(move || {
        block_on(async {
            let accepted = loop {
                match serving.event().await {
                    Event::ConnectionStatusChanged { connection, info, .. }
                        if info.connection_state == ConnectionState::Connecting =>
                    {
                        break connection;
                    }
                    _ => {}
                }
            };
            serving.accept_connection(accepted).unwrap();
            serving.readable(accepted).await.unwrap();
            for message in serving.receive_messages_on_connection(accepted, 8).unwrap() {
                serving.writable(accepted).await.unwrap();
                serving.send_message_to_connection(accepted, &message.payload, SendFlags::RELIABLE).unwrap();
            }
            // Until the client is gone.
            serving.readable(accepted).await.unwrap_err().code()
        })
    });
    let connected = client.connect_by_ip_address(address, &[]).unwrap();
    client.send_message_to_connection(connected, b"ping", SendFlags::RELIABLE).unwrap();
    block_on(client.readable(connected)).unwrap();
    assert_eq!(client.receive_messages_on_connection(connected, 8).unwrap()[0].payload, b"ping"[..]);
    client.close_connection(connected, 0, "", false).unwrap();
    assert_eq!(echo.join().unwrap(), ResultCode::NoConnection);
}

#[test]
fn run_callbacks_hands_over_everything_in_order() {
    let pair = Pair::new();
    pair.client.close_connection(pair.connected, 0, "", false).unwrap();
    let again = pair.client.connect_by_ip_address(pair.address, &[]).unwrap();
    let mut seen = Vec::new();
    pair.client.run_callbacks(|event| {
        if let Event::ConnectionStatusChanged { connection, info, .. } = event {
            seen.push((connection, info.connection_state));
        }
    });
    assert_eq!(seen, [(pair.connected, ConnectionState::None), (again, ConnectionState::Connecting)]);
}

/// A waker that does what it is told.
struct Calls<F: Fn() + Send + Sync>(F);

impl<F: Fn() + Send + Sync> Wake for Calls<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

#[test]
fn a_waker_may_call_back_in() {
    let pair = Pair::new();
    while pair.server.poll_event().is_some() {}
    let (server, accepted) = (pair.server.clone(), pair.accepted);
    let (done, wait) = mpsc::channel();
    let waker = Waker::from(Arc::new(Calls(move || {
        // As an executor that polls what was woken at once.
        let mut context = Context::from_waker(Waker::noop());
        assert!(pin!(server.readable(accepted)).poll(&mut context).is_ready());
        let received = server.receive_messages_on_connection(accepted, 8).unwrap();
        assert!(pin!(server.readable(accepted)).poll(&mut context).is_pending());
        server.send_message_to_connection(accepted, &received[0].payload, SendFlags::RELIABLE).unwrap();
        let listen = server.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &[]).unwrap();
        server.close_listen_socket(listen).unwrap();
        assert!(!server.wait_messages(accepted, Duration::ZERO).unwrap());
        done.send(()).unwrap();
    })));
    let mut readable = pin!(pair.server.readable(pair.accepted));
    assert!(readable.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    pair.client.send_message_to_connection(pair.connected, b"echo", SendFlags::RELIABLE_NO_NAGLE).unwrap();
    assert!(wait.recv_timeout(LIMIT).is_ok(), "it hangs");
    assert!(pair.client.wait_messages(pair.connected, LIMIT).unwrap());
}

#[test]
fn a_waker_may_wait_for_a_thread_that_waits_for_messages() {
    let pair = Pair::new();
    let lock = Arc::new(Mutex::new(()));
    let (server, accepted, held) = (pair.server.clone(), pair.accepted, Arc::clone(&lock));
    let (ready, is_ready) = mpsc::channel();
    let waiter = thread::spawn(move || {
        let _held = held.lock().unwrap();
        ready.send(()).unwrap();
        // It becomes guest now and then.
        for _ in 0..200 {
            let _ = server.wait_messages(accepted, Duration::from_millis(2));
        }
    });
    is_ready.recv().unwrap();
    let (done, wait) = mpsc::channel();
    let waker = Waker::from(Arc::new(Calls(move || {
        drop(lock.lock());
        done.send(()).unwrap();
    })));
    let mut readable = pin!(pair.server.readable(pair.accepted));
    assert!(readable.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    pair.client.send_message_to_connection(pair.connected, b"now", SendFlags::RELIABLE_NO_NAGLE).unwrap();
    assert!(wait.recv_timeout(LIMIT).is_ok(), "it hangs");
    waiter.join().unwrap();
}
