//! Sending: every row of spec section 11.1, batches, and flushing.

use gamesockets_interop::calls::Call;
use gamesockets_interop::protocol::Outgoing;

use super::stage::{Stage, close};
use super::{Row, row, words};
use crate::pair::{Link, reliable, unreliable};
use crate::peer::int32;

/// The largest message.
const MESSAGE_MAX: usize = 524_288;
/// The largest message that stays unreliable.
const UNRELIABLE_MAX: usize = 16_500;
/// `k_nSteamNetworkingSend_NoDelay`.
const NO_DELAY: i32 = 4;
/// `SendBufferSize`; 4096 bytes is the least.
const SEND_BUFFER_SIZE: i32 = 9;
/// `NagleTime`.
const NAGLE_TIME: i32 = 12;

pub(super) const ROWS: &[Row] = &[
    row("send a reliable message", |stage| send_connected(stage, reliable(100, 1))),
    row("send an unreliable message", |stage| send_connected(stage, unreliable(100, 1))),
    row("send an empty message", |stage| send_connected(stage, reliable(0, 1))),
    row("send an empty unreliable message", |stage| send_connected(stage, unreliable(0, 1))),
    row("send the largest message", |stage| send_connected(stage, reliable(MESSAGE_MAX, 1))),
    row("send a message that is too large", |stage| send_connected(stage, reliable(MESSAGE_MAX + 1, 1))),
    row("send an unreliable message that is too large", |stage| send_connected(stage, unreliable(MESSAGE_MAX + 1, 1))),
    row("send with NoDelay while connected", |stage| {
        send_connected(stage, Outgoing { flags: NO_DELAY, ..unreliable(10, 1) })
    }),
    row("send with every flag there is", |stage| send_connected(stage, Outgoing { flags: 63, ..reliable(10, 1) })),
    row("send with flags nobody knows", |stage| {
        send_connected(stage, Outgoing { flags: 0x4000_0008, ..reliable(10, 1) })
    }),
    row("the largest unreliable message arrives unreliable", |stage| {
        let link = stage.link();
        arrival(stage, link, unreliable(UNRELIABLE_MAX, 1))
    }),
    row("a larger unreliable message arrives reliable", |stage| {
        let link = stage.link();
        arrival(stage, link, unreliable(UNRELIABLE_MAX + 1, 1))
    }),
    row("an empty message arrives", |stage| {
        let link = stage.link();
        arrival(stage, link, reliable(0, 1))
    }),
    row("numbers count both kinds", |stage| {
        let link = stage.link();
        stage.send(link.client, reliable(10, 1));
        stage.send(link.client, unreliable(10, 2));
        send(stage, link.client, reliable(10, 3))
    }),
    row("a refused message takes no number", |stage| {
        let link = stage.link();
        send(stage, link.client, reliable(MESSAGE_MAX + 1, 1));
        send(stage, link.client, reliable(10, 1))
    }),
    row("send over nothing", |stage| send(stage, 0, reliable(10, 1))),
    row("send over an invented handle", |stage| send(stage, 0xDEAD_BEEF, reliable(10, 1))),
    row("send over a listen socket", |stage| {
        let (socket, _) = stage.listen(&[]);
        send(stage, socket, reliable(10, 1))
    }),
    row("send while connecting", |stage| {
        let link = stage.request(&[]);
        send(stage, link.client, reliable(10, 1))
    }),
    row("send unreliably while connecting", |stage| {
        let link = stage.request(&[]);
        send(stage, link.client, unreliable(10, 1))
    }),
    row("send to a client that was not accepted", |stage| {
        let link = stage.request(&[]);
        send(stage, link.server, reliable(10, 1))
    }),
    row("send with NoDelay while connecting", |stage| {
        let link = stage.request(&[]);
        send(stage, link.client, Outgoing { flags: NO_DELAY, ..unreliable(10, 1) })
    }),
    row("send reliably with NoDelay while connecting", |stage| {
        let link = stage.request(&[]);
        send(stage, link.client, Outgoing { flags: NO_DELAY | 8, ..reliable(10, 1) })
    }),
    row("a message sent while connecting arrives", |stage| {
        let link = stage.request(&[]);
        stage.send(link.client, reliable(10, 1));
        stage.make(Call::Accept { connection: link.server });
        words::message(&stage.receive(link.server, 1)[0])
    }),
    row("send after the peer closed", |stage| {
        let link = stage.closed_by_server();
        send(stage, link.client, reliable(10, 1))
    }),
    row("send something too large after the peer closed", |stage| {
        let link = stage.closed_by_server();
        send(stage, link.client, reliable(MESSAGE_MAX + 1, 1))
    }),
    row("send over a closed handle", |stage| {
        let link = stage.link();
        stage.make(close(link.client, 0));
        send(stage, link.client, reliable(10, 1))
    }),
    row("send into a full buffer", |stage| {
        let link = stage.request(&[int32(SEND_BUFFER_SIZE, 4096)]);
        stage.send(link.client, reliable(3000, 1));
        send(stage, link.client, reliable(3000, 2))
    }),
    row("send unreliably into a full buffer", |stage| {
        let link = stage.request(&[int32(SEND_BUFFER_SIZE, 4096)]);
        stage.send(link.client, reliable(3000, 1));
        send(stage, link.client, unreliable(3000, 2))
    }),
    row("send what fills the buffer exactly", |stage| {
        let link = stage.request(&[int32(SEND_BUFFER_SIZE, 4096)]);
        send(stage, link.client, unreliable(4096, 2))
    }),
    row("send on a lane that is not configured", |stage| {
        let link = stage.link();
        let message = Outgoing { lane: 1, ..reliable(10, 1) };
        stage.does(Call::SendBatch { messages: vec![(link.client, message)] })
    }),
    row("send an empty batch", |stage| stage.does(Call::SendBatch { messages: Vec::new() })),
    row("send a batch", |stage| {
        let link = stage.link();
        let messages = (0..4).map(|seed| (link.client, reliable(10, seed))).collect();
        stage.does(Call::SendBatch { messages })
    }),
    row("send a batch over two connections", |stage| {
        let link = stage.link();
        let messages = (0..4).map(|seed| (if seed % 2 == 0 { link.client } else { link.server }, reliable(10, seed)));
        let messages = messages.collect();
        stage.does(Call::SendBatch { messages })
    }),
    row("send a batch with a message that is too large", |stage| {
        let link = stage.link();
        let sizes = [10, MESSAGE_MAX + 1, 10];
        let messages = sizes.map(|size| (link.client, reliable(size, 1))).to_vec();
        stage.does(Call::SendBatch { messages })
    }),
    row("a failure in a batch leaves other connections alone", |stage| {
        let link = stage.link();
        let sizes = [(link.client, 10), (link.client, MESSAGE_MAX + 1), (link.server, 10), (link.client, 10)];
        let messages = sizes.map(|(connection, size)| (connection, reliable(size, 1))).to_vec();
        stage.does(Call::SendBatch { messages })
    }),
    row("send a batch over nothing", |stage| {
        stage.does(Call::SendBatch { messages: vec![(0, reliable(10, 1)), (0, reliable(10, 2))] })
    }),
    row("flush", |stage| {
        let link = stage.link();
        flush(stage, link.client)
    }),
    row("flush delivers what Nagle holds", |stage| {
        let link = stage.link_with(&[int32(NAGLE_TIME, 20_000)]);
        stage.send(link.client, unreliable(10, 1));
        flush(stage, link.client);
        words::message(&stage.receive(link.server, 1)[0])
    }),
    row("flush while connecting", |stage| {
        let link = stage.request(&[]);
        flush(stage, link.client)
    }),
    row("flush to a client that was not accepted", |stage| {
        let link = stage.request(&[]);
        flush(stage, link.server)
    }),
    row("flush after the peer closed", |stage| {
        let link = stage.closed_by_server();
        flush(stage, link.client)
    }),
    row("flush a closed handle", |stage| {
        let link = stage.link();
        stage.make(close(link.client, 0));
        flush(stage, link.client)
    }),
    row("flush nothing", |stage| flush(stage, 0)),
];

fn send(stage: &mut Stage<'_>, connection: u32, message: Outgoing) -> String {
    stage.does(Call::Send { connection, message })
}

fn send_connected(stage: &mut Stage<'_>, message: Outgoing) -> String {
    let link = stage.link();
    let answer = send(stage, link.client, message);
    format!("{answer}; {}", stage.events(0))
}

fn arrival(stage: &mut Stage<'_>, link: Link, message: Outgoing) -> String {
    stage.send(link.client, message);
    words::message(&stage.receive(link.server, 1)[0])
}

fn flush(stage: &mut Stage<'_>, connection: u32) -> String {
    stage.does(Call::Flush { connection })
}
