//! The asynchronous calls, on tokio and on an executor that is nobody's.

mod common;

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use common::block_on;
use gamesockets::{ConfigEntry, ConfigValue, ConnectionState, Error, Event, ListenSocket, SendFlags, Sockets};

fn listening() -> (Sockets, ListenSocket, std::net::SocketAddr) {
    let server = Sockets::anonymous().unwrap();
    let listen = server.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &[]).unwrap();
    let address = server.listen_socket_address(listen).unwrap();
    (server, listen, address)
}

/// Accepts until the listen socket is closed, and answers each client in a task of its own.
async fn serve(server: Sockets, listen: ListenSocket) {
    while let Ok(connection) = server.accept(listen).await {
        let server = server.clone();
        tokio::spawn(async move {
            while let Ok(message) = server.receive(connection).await {
                server.send(connection, &message.payload, SendFlags::RELIABLE).await.unwrap();
            }
            server.close_connection(connection, 0, "", false).unwrap();
        });
    }
}

#[test]
fn many_clients_are_served_on_tokio() {
    for mut builder in [tokio::runtime::Builder::new_current_thread(), tokio::runtime::Builder::new_multi_thread()] {
        let runtime = builder.enable_all().build().unwrap();
        runtime.block_on(async {
            let (server, listen, address) = listening();
            let serving = tokio::spawn(serve(server.clone(), listen));
            let clients: Vec<_> = (0..20_u8)
                .map(|number| {
                    tokio::spawn(async move {
                        let client = Sockets::anonymous().unwrap();
                        let connection = client.connect(address, &[]).await.unwrap();
                        for round in 0..10 {
                            client.send(connection, &[number, round], SendFlags::RELIABLE).await.unwrap();
                            assert_eq!(&client.receive(connection).await.unwrap().payload[..], [number, round]);
                        }
                    })
                })
                .collect();
            for client in clients {
                client.await.unwrap();
            }
            server.close_listen_socket(listen).unwrap();
            serving.await.unwrap();
        });
    }
}

#[test]
fn no_runtime_is_needed() {
    let (server, listen, address) = listening();
    let client = Sockets::anonymous().unwrap();
    std::thread::scope(|scope| {
        let connecting = scope.spawn(|| block_on(client.connect(address, &[])));
        let accepted = block_on(server.accept(listen)).unwrap();
        let connection = connecting.join().unwrap().unwrap();
        block_on(server.connected(accepted)).unwrap();
        let group = server.create_poll_group().unwrap();
        server.set_connection_poll_group(accepted, Some(group)).unwrap();
        block_on(client.send(connection, b"hello", SendFlags::RELIABLE)).unwrap();
        assert_eq!(&block_on(server.receive(group)).unwrap().payload[..], b"hello");
        client.close_connection(connection, 1234, "bye", true).unwrap();
        let end = block_on(server.receive(accepted));
        assert_eq!(end.unwrap_err(), Error::ConnectionEnded { reason: 1234, debug: "bye".into() });
    });
}

#[test]
fn a_message_waits_for_room() {
    let sockets = Sockets::anonymous().unwrap();
    let (first, second) = sockets.create_socket_pair(true, None, None).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..100_u8 {
                block_on(sockets.send(first, &vec![number; 100_000], SendFlags::RELIABLE)).unwrap();
            }
        });
        for number in 0..100 {
            let message = block_on(sockets.receive(second)).unwrap();
            assert_eq!((message.payload.len(), message.payload[0]), (100_000, number));
        }
    });
}

#[test]
fn who_is_not_let_in_hears_why_and_keeps_no_handle() {
    let (server, _, address) = listening();
    let client = Sockets::anonymous().unwrap();
    std::thread::scope(|scope| {
        let connecting = scope.spawn(|| block_on(client.connect(address, &[])));
        let event = block_on(server.event());
        server.close_connection(event.connection().unwrap(), 1300, "not today", false).unwrap();
        let refused = connecting.join().unwrap().unwrap_err();
        assert_eq!(refused, Error::ConnectFailed { address, reason: 1300, debug: "not today".into() });
    });
    let impatient = [ConfigEntry::new(ConfigValue::TIMEOUT_INITIAL, 100)];
    assert!(matches!(block_on(client.connect(address, &impatient)), Err(Error::ConnectFailed { .. })));
    // Both attempts have left nothing: what is remembered of them is no handle that resolves.
    client.run_callbacks(|event| assert!(client.connection_info(event.connection().unwrap()).is_err()));
}

#[test]
fn what_somebody_else_has_accepted_is_passed_over() {
    let (server, listen, address) = listening();
    let client = Sockets::anonymous().unwrap();
    let knock = || {
        client.connect_by_ip_address(address, &[]).unwrap();
        loop {
            if let Event::ConnectionStatusChanged { connection, old_state: ConnectionState::None, .. } =
                block_on(server.event())
            {
                return connection;
            }
        }
    };
    let [first, second, third] = [knock(), knock(), knock()];
    server.accept_connection(first).unwrap();
    server.close_connection(second, 0, "", false).unwrap();
    assert_eq!(block_on(server.accept(listen)), Ok(third));
}

#[test]
fn a_future_that_is_dropped_leaves_no_connection() {
    let (server, listen, address) = listening();
    let client = Sockets::anonymous().unwrap();
    let mut connecting = Box::pin(client.connect(address, &[]));
    assert!(connecting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let connection = client.poll_event().unwrap().connection().unwrap();
    assert!(client.connection_info(connection).is_ok());
    drop(connecting);
    assert!(client.connection_info(connection).is_err());
    drop((server, listen));
}

#[test]
fn the_end_of_a_listen_socket_ends_the_wait() {
    let (server, listen, _) = listening();
    let mut accepting = pin!(server.accept(listen));
    assert!(accepting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| block_on(server.accept(listen)));
        std::thread::sleep(Duration::from_millis(20));
        server.close_listen_socket(listen).unwrap();
        assert!(matches!(waiting.join().unwrap(), Err(Error::InvalidHandle { .. })));
    });
    assert!(matches!(accepting.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Err(_))));
    assert!(matches!(block_on(server.accept(listen)), Err(Error::InvalidHandle { .. })));
}
