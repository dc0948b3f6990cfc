//! An echo server and its clients on tokio: a task for each connection. Any other runtime does as well.
//!
//! `cargo run --example async_echo` runs both; `... async_echo server 0.0.0.0:27015` and `... async_echo client
//! 192.0.2.7:27015` one of them.

use std::error::Error;
use std::net::SocketAddr;

use gamesockets::{ListenSocket, SendFlags, Sockets};

type Outcome = Result<(), Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &Vec::from_iter(arguments.iter().map(String::as_str))[..] {
        [] => both().await,
        ["server", address] => {
            let (server, listen) = listen(address.parse()?)?;
            serve(server, listen).await;
            Ok(())
        }
        ["client", address] => ask(address.parse()?, "a client").await,
        _ => Err("async_echo [server IP:PORT | client IP:PORT]".into()),
    }
}

/// A server and three clients, at the same time.
async fn both() -> Outcome {
    let (server, listen) = listen("127.0.0.1:0".parse()?)?;
    let address = server.listen_socket_address(listen)?;
    tokio::spawn(serve(server, listen));
    let (alice, bob, carol) = tokio::join!(ask(address, "alice"), ask(address, "bob"), ask(address, "carol"));
    alice.and(bob).and(carol)
}

fn listen(address: SocketAddr) -> Result<(Sockets, ListenSocket), gamesockets::Error> {
    let server = Sockets::anonymous()?;
    let listen = server.create_listen_socket_ip(address, &[])?;
    println!("listening on {}", server.listen_socket_address(listen)?);
    Ok((server, listen))
}

/// Accepts who comes, until the listen socket is closed.
async fn serve(server: Sockets, listen: ListenSocket) {
    while let Ok(connection) = server.accept(listen).await {
        let server = server.clone();
        tokio::spawn(async move {
            // Until the client is gone.
            while let Ok(message) = server.receive(connection).await {
                let _ = server.send(connection, &message.payload, message.flags).await;
            }
            let _ = server.close_connection(connection, 0, "", false);
        });
    }
}

/// Sends three messages, one after the answer to the other.
async fn ask(address: SocketAddr, name: &str) -> Outcome {
    let client = Sockets::anonymous()?;
    let connection = client.connect(address, &[]).await?;
    for text in ["hello", "how are you", "bye"] {
        client.send(connection, format!("{text}, says {name}").as_bytes(), SendFlags::RELIABLE).await?;
        let answer = client.receive(connection).await?;
        println!("{name} heard: {}", String::from_utf8_lossy(&answer.payload));
    }
    client.close_connection(connection, 0, "", true)?;
    Ok(())
}
