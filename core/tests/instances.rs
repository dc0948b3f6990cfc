//! Many instances, many connections, and that nothing is left of them. One test at a time: they count threads.

mod common;

use std::time::{Duration, Instant};

use common::{Pair, connect, eventually, receive, wait_for_connection};
use gamesockets::{ConfigEntry, ConfigValue, ConnectionState, Event, SendFlags, Sockets};
use std::sync::{Mutex, MutexGuard, PoisonError};

fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many of our threads and sockets this process has.
#[cfg(target_os = "linux")]
fn threads_and_sockets() -> (usize, usize) {
    let threads = std::fs::read_dir("/proc/self/task").unwrap().flatten().filter(|task| {
        std::fs::read_to_string(task.path().join("comm")).is_ok_and(|name| name.trim() == "gamesockets")
    });
    let sockets = std::fs::read_dir("/proc/self/fd").unwrap().flatten().filter(|file| {
        std::fs::read_link(file.path()).is_ok_and(|target| target.to_string_lossy().starts_with("socket:"))
    });
    (threads.count(), sockets.count())
}

/// The kernel needs a moment to name a new thread, and to forget a joined one.
#[cfg(target_os = "linux")]
fn expect_threads_and_sockets(threads: usize, sockets: usize) {
    eventually("the expected number of threads and sockets", || threads_and_sockets() == (threads, sockets));
}

#[cfg(target_os = "linux")]
#[test]
fn dropping_leaves_no_thread_and_no_socket() {
    let _alone = alone();
    expect_threads_and_sockets(0, 0);
    let pair = Pair::new();
    expect_threads_and_sockets(2, 2);
    let Pair { server, client, accepted, .. } = pair;
    let start = Instant::now();
    drop(client);
    let info = wait_for_connection(&server, accepted, ConnectionState::ClosedByPeer);
    assert_eq!(info.end_reason.0, 2999);
    drop(server);
    assert!(start.elapsed() < Duration::from_secs(1), "nothing lingers, so nothing waits");
    expect_threads_and_sockets(0, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_dead_connection_gives_its_socket_back() {
    let _alone = alone();
    let client = Sockets::anonymous().unwrap();
    let options = [ConfigEntry::new(ConfigValue::TIMEOUT_INITIAL, 50)];
    let connected = client.connect_by_ip_address("127.0.0.1:9".parse().unwrap(), &options).unwrap();
    expect_threads_and_sockets(1, 1);
    wait_for_connection(&client, connected, ConnectionState::ProblemDetectedLocally);
    client.close_connection(connected, 0, "", false).unwrap();
    expect_threads_and_sockets(1, 0);
}

#[test]
fn closing_with_linger_delivers_even_if_the_instance_ends() {
    let _alone = alone();
    let fast =
        [ConfigEntry::new(ConfigValue::SEND_RATE_MIN, 4 << 20), ConfigEntry::new(ConfigValue::SEND_RATE_MAX, 4 << 20)];
    let Pair { server, client, accepted, connected, .. } = Pair::with_options("127.0.0.1:0", &fast);
    let sent = common::payload(200_000, 3);
    client.send_message_to_connection(connected, &sent, SendFlags::RELIABLE).unwrap();
    client.close_connection(connected, 1001, "bye", true).unwrap();
    drop(client);
    assert_eq!(receive(&server, accepted, 1)[0].payload, sent);
    let info = wait_for_connection(&server, accepted, ConnectionState::ClosedByPeer);
    assert_eq!((info.end_reason.0, info.end_debug.as_str()), (1001, "bye"));
}

#[test]
fn a_peer_that_cannot_be_reached_holds_up_the_end_for_a_second_only() {
    let _alone = alone();
    let Pair { server, client, connected, listen, .. } = Pair::new();
    // The client is not told.
    server.close_listen_socket(listen).unwrap();
    client.send_message_to_connection(connected, b"never acknowledged", SendFlags::RELIABLE).unwrap();
    client.close_connection(connected, 0, "", true).unwrap();
    let start = Instant::now();
    drop(client);
    let took = start.elapsed();
    assert!((Duration::from_millis(900)..Duration::from_secs(3)).contains(&took), "{took:?}");
}

#[test]
fn many_instances_live_in_one_process() {
    let _alone = alone();
    let server = Sockets::anonymous().unwrap();
    let listen = server.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &[]).unwrap();
    let address = server.listen_socket_address(listen).unwrap();
    let clients: Vec<_> =
        (0..20).map(|number| Sockets::new(format!("str:{number}").parse().unwrap()).unwrap()).collect();
    for (number, client) in clients.iter().enumerate() {
        let (accepted, connected) = connect(&server, client, address, &[]);
        assert_eq!(server.connection_info(accepted).unwrap().identity_string, format!("str:{number}"));
        client.send_message_to_connection(connected, &[number as u8], SendFlags::RELIABLE).unwrap();
        assert_eq!(receive(&server, accepted, 1)[0].payload, [number as u8][..]);
    }
}

#[test]
fn two_hundred_clients_at_once() {
    const CLIENTS: usize = 200;
    let _alone = alone();
    let (server, client) = (Sockets::anonymous().unwrap(), Sockets::anonymous().unwrap());
    let listen = server.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &[]).unwrap();
    let address = server.listen_socket_address(listen).unwrap();
    let group = server.create_poll_group().unwrap();
    let connections: Vec<_> = (0..CLIENTS).map(|_| client.connect_by_ip_address(address, &[]).unwrap()).collect();
    for (number, &connection) in connections.iter().enumerate() {
        let number = u32::try_from(number).unwrap();
        client.send_message_to_connection(connection, &number.to_le_bytes(), SendFlags::RELIABLE).unwrap();
    }
    let mut echoed = 0;
    let mut answered = [false; CLIENTS];
    eventually("every client has its answer", || {
        server.run_callbacks(|event| match event {
            Event::ConnectionStatusChanged { connection, info, .. }
                if info.connection_state == ConnectionState::Connecting =>
            {
                server.set_connection_poll_group(connection, Some(group)).unwrap();
                server.accept_connection(connection).unwrap();
            }
            _ => {}
        });
        for message in server.receive_messages_on_poll_group(group, 64).unwrap() {
            server.send_message_to_connection(message.connection, &message.payload, SendFlags::RELIABLE).unwrap();
            echoed += 1;
        }
        for (number, &connection) in connections.iter().enumerate() {
            for message in client.receive_messages_on_connection(connection, 8).unwrap() {
                assert_eq!(message.payload, u32::try_from(number).unwrap().to_le_bytes()[..]);
                assert!(!std::mem::replace(&mut answered[number], true));
            }
        }
        answered.iter().all(|&answered| answered)
    });
    assert_eq!(echoed, CLIENTS);
}
