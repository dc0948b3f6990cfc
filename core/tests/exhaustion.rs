//! What happens when something runs out, and that nothing does by itself.
#![cfg(target_os = "linux")]

mod common;

use std::process::Command;
use std::time::{Duration, Instant};

use common::{Pair, eventually, udp_sockets};
use gamesockets::{Connection, ConnectionState, Event, ResultCode, SendFlags, Sockets};

/// Set in the process that may open few files only.
const INNER: &str = "GAMESOCKETS_TEST_FEW_FILES";

#[test]
fn running_out_of_files_is_named_and_costs_nothing() {
    if std::env::var_os(INNER).is_some() {
        return run_out_of_files();
    }
    run_with_few_files("running_out_of_files_is_named_and_costs_nothing");
}

/// Runs a test of this program again, in a process that may open 64 files.
fn run_with_few_files(test: &str) {
    let status = Command::new("sh")
        .args(["-c", "ulimit -n 64; exec \"$0\" --exact \"$1\""])
        .arg(std::env::current_exe().unwrap())
        .arg(test)
        .env(INNER, "1")
        .status()
        .unwrap();
    assert!(status.success());
}

fn run_out_of_files() {
    let pair = Pair::new();
    let address = "127.0.0.1:9".parse().unwrap();
    let error = loop {
        if let Err(error) = pair.client.connect_by_ip_address(address, &[]) {
            break error;
        }
    };
    let text = error.to_string();
    assert!(text.contains("127.0.0.1:9") && text.contains("ulimit -n"), "{text}");
    assert_eq!(error.code(), ResultCode::LimitExceeded);
    for _ in 0..9_000 {
        let listened = pair.client.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &[]);
        let paired = pair.client.create_socket_pair(true, None, None);
        assert_eq!(listened.unwrap_err().code(), ResultCode::LimitExceeded, "nothing is counted that failed");
        assert_eq!(paired.unwrap_err().code(), ResultCode::LimitExceeded);
    }
    // What is open goes on.
    pair.client.send_message_to_connection(pair.connected, b"still here", SendFlags::RELIABLE).unwrap();
    assert!(pair.server.wait_messages(pair.accepted, common::LIMIT).unwrap());
    pair.server.receive_messages_on_connection(pair.accepted, 1).unwrap();
    pair.client.reset_identity("str:again".parse().unwrap());
}

#[test]
fn connections_that_were_closed_do_not_keep_their_files() {
    if std::env::var_os(INNER).is_some() {
        return connect_again_and_again();
    }
    run_with_few_files("connections_that_were_closed_do_not_keep_their_files");
}

/// If each closed connection kept its socket for five seconds, this would take a minute.
fn connect_again_and_again() {
    let (server, client) = (Sockets::anonymous().unwrap(), Sockets::anonymous().unwrap());
    let listen = server.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &[]).unwrap();
    let address = server.listen_socket_address(listen).unwrap();
    let deadline = Instant::now() + 3 * common::LIMIT;
    for round in 0..500 {
        // Some sockets may still be there, for want of processor time.
        while client.connect_by_ip_address(address, &[]).is_err() {
            assert!(Instant::now() < deadline, "only {round} connections in time");
            read_events(&server, |_| {});
            std::thread::sleep(Duration::from_millis(5));
        }
        let (accepted, _) = common::wait_for(&server, ConnectionState::Connecting);
        server.accept_connection(accepted).unwrap();
        let (connected, _) = common::wait_for(&client, ConnectionState::Connected);
        // Either side may be the first to close.
        let (first, last) = if round % 2 == 0 { (&client, &server) } else { (&server, &client) };
        first.close_connection(if round % 2 == 0 { connected } else { accepted }, 0, "", false).unwrap();
        let (other, _) = common::wait_for(last, ConnectionState::ClosedByPeer);
        last.close_connection(other, 0, "", false).unwrap();
    }
    assert!(Instant::now() < deadline, "all 500, but too late");
}

fn read_events(server: &Sockets, mut greet: impl FnMut(Connection)) {
    server.run_callbacks(|event| {
        if let Event::ConnectionStatusChanged { connection, info, .. } = event {
            match info.connection_state {
                ConnectionState::Connecting => greet(connection),
                ConnectionState::ClosedByPeer | ConnectionState::ProblemDetectedLocally => {
                    let _ = server.close_connection(connection, 0, "", false);
                }
                _ => {}
            }
        }
    });
}

#[test]
fn connections_and_pairs_that_come_and_go_leave_nothing() {
    const ROUNDS: usize = 6;
    const EACH: usize = 50;
    let (server, client) = (Sockets::anonymous().unwrap(), Sockets::anonymous().unwrap());
    let listen = server.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &[]).unwrap();
    let address = server.listen_socket_address(listen).unwrap();
    let group = server.create_poll_group().unwrap();
    let pairs = client.create_poll_group().unwrap();
    let sockets_before = udp_sockets();
    for round in 0..ROUNDS {
        let connections: Vec<_> = (0..EACH).map(|_| client.connect_by_ip_address(address, &[]).unwrap()).collect();
        for &connection in &connections {
            client.send_message_to_connection(connection, &[1; 2000], SendFlags::RELIABLE).unwrap();
        }
        let mut heard = 0;
        eventually("all are heard", || {
            read_events(&server, |connection| {
                server.set_connection_poll_group(connection, Some(group)).unwrap();
                server.accept_connection(connection).unwrap();
            });
            heard += server.receive_messages_on_poll_group(group, usize::MAX).unwrap().len();
            heard == EACH
        });
        for &connection in &connections {
            client.close_connection(connection, 0, "", round % 2 == 0).unwrap();
        }
        for _ in 0..EACH {
            let (first, second) = client.create_socket_pair(false, None, None).unwrap();
            client.set_connection_poll_group(second, Some(pairs)).unwrap();
            client.send_message_to_connection(first, &[2; 2000], SendFlags::RELIABLE).unwrap();
            client.close_connection(first, 0, "", false).unwrap();
            client.close_connection(second, 0, "", false).unwrap();
        }
    }
    eventually("only the listen socket is left", || {
        read_events(&server, |_| {});
        while client.poll_event().is_some() {}
        udp_sockets() == sockets_before
    });
    assert!(!client.wait_messages(pairs, Duration::ZERO).unwrap());
}
