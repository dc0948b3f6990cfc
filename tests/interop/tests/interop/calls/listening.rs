//! Listen sockets.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use gamesockets_interop::calls::Call;
use gamesockets_interop::protocol::Setting;

use super::stage::{Stage, close};
use super::{Row, row};
use crate::pair::free_address;
use crate::peer::{float, int32};

const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// `SendBufferSize`.
const SEND_BUFFER_SIZE: i32 = 9;
/// `FakePacketLoss_Send`, a value of the whole library.
const FAKE_PACKET_LOSS_SEND: i32 = 2;
/// `MTU_DataSize`, which follows from another value.
const MTU_DATA_SIZE: i32 = 33;

pub(super) const ROWS: &[Row] = &[
    row("listen on a free port", |stage| listen_on(stage, free_address(LOCALHOST), &[])),
    row("listen on the any-address", |stage| listen_on(stage, free_address(IpAddr::V4(Ipv4Addr::UNSPECIFIED)), &[])),
    row("listen on a port in use", |stage| {
        let (_, address) = stage.listen(&[]);
        stage.does(Call::Listen { address, options: Vec::new() })
    }),
    row("listen on port 0", |stage| listen_on(stage, SocketAddr::new(LOCALHOST, 0), &[])).differs(
        "no handle",
        "a handle",
        "port 0 takes a free port, as everywhere else; listen_socket_address tells which",
    ),
    row("listen on an address of another machine", |stage| {
        listen_on(stage, SocketAddr::from(([192, 0, 2, 1], 27_015)), &[])
    }),
    row("listen with an option out of range", |stage| {
        listen_on(stage, free_address(LOCALHOST), &[int32(SEND_BUFFER_SIZE, 1)])
    }),
    row("listen with an option that does not exist", |stage| {
        listen_on(stage, free_address(LOCALHOST), &[int32(12_345, 1)])
    }),
    row("listen with an option of the whole library", |stage| {
        listen_on(stage, free_address(LOCALHOST), &[float(FAKE_PACKET_LOSS_SEND, 0.0)])
    }),
    row("listen with a read-only option", |stage| {
        listen_on(stage, free_address(LOCALHOST), &[int32(MTU_DATA_SIZE, 1000)])
    }),
    row("close a listen socket", |stage| {
        let (socket, _) = stage.listen(&[]);
        stage.does(Call::CloseListenSocket { socket })
    }),
    row("close a listen socket twice", |stage| {
        let (socket, _) = stage.listen(&[]);
        stage.make(Call::CloseListenSocket { socket });
        stage.does(Call::CloseListenSocket { socket })
    }),
    row("close no listen socket", |stage| stage.does(Call::CloseListenSocket { socket: 0 })),
    row("close a connection as a listen socket", |stage| {
        let link = stage.link();
        stage.does(Call::CloseListenSocket { socket: link.client })
    }),
    row("listen again on a port just closed", |stage| {
        let (socket, address) = stage.listen(&[]);
        stage.make(Call::CloseListenSocket { socket });
        // Valve's library frees the port in the background.
        stage.wait("the port is free", |stage| {
            let answer = stage.does(Call::Listen { address, options: Vec::new() });
            (answer != "no handle").then_some(answer)
        })
    }),
    row("close a listen socket with a connection", |stage| {
        let (socket, _) = stage.link_and_socket();
        let answer = stage.does(Call::CloseListenSocket { socket });
        format!("{answer}; {}", stage.events(1))
    }),
    row("ask for a connection whose listen socket was closed", |stage| {
        let (socket, link) = stage.link_and_socket();
        stage.make(Call::CloseListenSocket { socket });
        stage.does(Call::Info { connection: link.server })
    }),
    row("close a connection whose listen socket was closed", |stage| {
        let (socket, link) = stage.link_and_socket();
        stage.make(Call::CloseListenSocket { socket });
        stage.does(close(link.server, 0))
    }),
    row("address of a listen socket", |stage| {
        let (socket, _) = stage.listen(&[]);
        stage.does(Call::ListenSocketAddress { socket })
    }),
    row("address of no listen socket", |stage| stage.does(Call::ListenSocketAddress { socket: 0 })),
    row("address of a closed listen socket", |stage| {
        let (socket, _) = stage.listen(&[]);
        stage.make(Call::CloseListenSocket { socket });
        stage.does(Call::ListenSocketAddress { socket })
    }),
];

fn listen_on(stage: &mut Stage<'_>, address: SocketAddr, options: &[Setting]) -> String {
    stage.does(Call::Listen { address, options: options.to_vec() })
}
