//! Connecting and accepting.

use std::net::SocketAddr;

use gamesockets_interop::calls::Call;
use gamesockets_interop::protocol::Setting;

use super::stage::{Stage, close};
use super::{Row, row};
use crate::pair::{free_address, state};
use crate::peer::{float, int32};

/// `FakePacketLoss_Send`, a value of the whole library.
const FAKE_PACKET_LOSS_SEND: i32 = 2;
/// `SendBufferSize`.
const SEND_BUFFER_SIZE: i32 = 9;
/// `NagleTime`, whole microseconds.
const NAGLE_TIME: i32 = 12;
/// `TimeoutInitial`, ms.
const TIMEOUT_INITIAL: i32 = 24;
/// `Unencrypted`, 0 to 3.
const UNENCRYPTED: i32 = 34;
/// `ConnectionUserData`.
const USER_DATA: i32 = 40;

pub(super) const ROWS: &[Row] = &[
    row("connect", |stage| {
        let (_, address) = stage.listen(&[]);
        let answer = stage.does(Call::Connect { address, options: Vec::new() });
        format!("{answer}; {}", stage.events(2))
    }),
    row("connect to port 0", |stage| connect_to(stage, ([127, 0, 0, 1], 0), &[])).differs(
        "a handle",
        "no handle",
        "nothing can be sent there: refused at once, where Valve's library times out",
    ),
    row("connect to the any-address", |stage| connect_to(stage, ([0, 0, 0, 0], 27_015), &[])).differs(
        "a handle",
        "no handle",
        "it is no peer's address: refused at once, where Valve's library tries",
    ),
    row("connect with an option out of range", |stage| {
        connect_to(stage, ([127, 0, 0, 1], 9), &[int32(SEND_BUFFER_SIZE, 1)])
    }),
    row("connect with an option of another type", |stage| {
        connect_to(stage, ([127, 0, 0, 1], 9), &[float(NAGLE_TIME, 100.4)])
    }),
    row("connect with an option that does not exist", |stage| {
        connect_to(stage, ([127, 0, 0, 1], 9), &[int32(12_345, 1)])
    }),
    row("connect with an option of the whole library", |stage| {
        connect_to(stage, ([127, 0, 0, 1], 9), &[float(FAKE_PACKET_LOSS_SEND, 0.0)])
    }),
    row("connect with user data", |stage| {
        let link = stage.request(&[int32(USER_DATA, 77)]);
        stage.does(Call::UserData { connection: link.client })
    }),
    row("connect where nobody listens", |stage| {
        let address = free_address([127, 0, 0, 1].into());
        let answer = stage.does(Call::Connect { address, options: vec![int32(TIMEOUT_INITIAL, 300)] });
        format!("{answer}; {}", stage.events(2))
    }),
    row("connect where nobody accepts", |stage| {
        let link = stage.request(&[int32(TIMEOUT_INITIAL, 300)]);
        let told = stage.events(2);
        format!("{told}; {}", stage.does(Call::Flush { connection: link.client }))
    }),
    row("accept", |stage| {
        let link = stage.request(&[]);
        let answer = accept(stage, link.server);
        format!("{answer}; {}", stage.events(2))
    }),
    row("accept twice at once", |stage| {
        let link = stage.request(&[]);
        accept(stage, link.server);
        accept(stage, link.server)
    }),
    row("accept a connected connection", |stage| {
        let link = stage.link();
        accept(stage, link.server)
    }),
    row("accept a connection made here", |stage| {
        let link = stage.request(&[]);
        accept(stage, link.client)
    }),
    row("accept a connection made here that is connected", |stage| {
        let link = stage.link();
        accept(stage, link.client)
    }),
    row("accept nothing", |stage| accept(stage, 0)),
    row("accept an invented handle", |stage| accept(stage, 0xDEAD_BEEF)),
    row("accept a listen socket", |stage| {
        let (socket, _) = stage.listen(&[]);
        accept(stage, socket)
    }),
    row("accept what the client has closed", |stage| {
        let link = stage.request(&[]);
        stage.make(close(link.client, 1001));
        stage.wait_for_state(link.server, state::CLOSED_BY_PEER);
        accept(stage, link.server)
    }),
    row("accept a closed handle", |stage| {
        let link = stage.request(&[]);
        stage.make(close(link.server, 0));
        accept(stage, link.server)
    }),
    row("accept without a common cipher", |stage| {
        let (_, address) = stage.listen(&[int32(UNENCRYPTED, 0)]);
        stage.make(Call::Connect { address, options: vec![int32(UNENCRYPTED, 3)] });
        let server = stage.incoming();
        stage.events(2);
        let answer = accept(stage, server);
        format!("{answer}; {}", stage.events(2))
    }),
    row("two clients of one listen socket", |stage| {
        let (_, address) = stage.listen(&[]);
        stage.make(Call::Connect { address, options: Vec::new() });
        stage.events(2);
        let answer = stage.does(Call::Connect { address, options: Vec::new() });
        format!("{answer}; {}", stage.events(2))
    }),
];

fn connect_to(stage: &mut Stage<'_>, address: impl Into<SocketAddr>, options: &[Setting]) -> String {
    stage.does(Call::Connect { address: address.into(), options: options.to_vec() })
}

fn accept(stage: &mut Stage<'_>, connection: u32) -> String {
    stage.does(Call::Accept { connection })
}
