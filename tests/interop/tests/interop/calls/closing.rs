//! Closing connections, and what is left of them.

use gamesockets_interop::calls::Call;

use super::stage::{Stage, close};
use super::{Row, row};
use crate::pair::{reliable, state};

pub(super) const ROWS: &[Row] = &[
    row("close", |stage| close_for(stage, 0)),
    row("close for a reason below the range", |stage| close_for(stage, 999)),
    row("close for the least reason", |stage| close_for(stage, 1000)),
    row("close for the greatest normal reason", |stage| close_for(stage, 1999)),
    row("close for the greatest reason", |stage| close_for(stage, 2999)),
    row("close for a reason above the range", |stage| close_for(stage, 3000)),
    row("close for a negative reason", |stage| close_for(stage, -1)),
    row("close twice", |stage| {
        let link = stage.link();
        stage.make(close(link.server, 0));
        stage.does(close(link.server, 0))
    }),
    row("close nothing", |stage| stage.does(close(0, 0))),
    row("close a listen socket as a connection", |stage| {
        let (socket, _) = stage.listen(&[]);
        stage.does(close(socket, 0))
    }),
    row("close while connecting", |stage| {
        let link = stage.request(&[]);
        let answer = stage.does(close(link.client, 1001));
        format!("{answer}; {}", stage.events(2))
    }),
    row("refuse", |stage| {
        let link = stage.request(&[]);
        let answer = stage.does(close(link.server, 1002));
        format!("{answer}; {}", stage.events(2))
    }),
    row("close with linger and nothing to deliver", |stage| {
        let link = stage.link();
        let answer = stage.does(linger(link.server, "over"));
        format!("{answer}; {}", stage.events(2))
    }),
    row("close with linger and a message to deliver", |stage| {
        let link = stage.link();
        stage.send(link.server, reliable(100_000, 1));
        let answer = stage.does(linger(link.server, "over"));
        let told = stage.events(2);
        format!("{answer}; {told}; {}", stage.does(Call::Receive { connection: link.client, max: 2 }))
    }),
    row("close without linger and a message to deliver", |stage| {
        let link = stage.link();
        stage.send(link.server, reliable(500_000, 1));
        let answer = stage.does(close(link.server, 0));
        let told = stage.events(2);
        format!("{answer}; {told}; {}", stage.does(Call::Receive { connection: link.client, max: 2 }))
    }),
    row("close without a text", |stage| text_at_peer(stage, 1000, "")),
    row("close for an unusual reason without a text", |stage| text_at_peer(stage, 2000, "")),
    row("close with a text", |stage| text_at_peer(stage, 1000, "the round is over")),
    row("close with a long text", |stage| text_at_peer(stage, 1000, &"long ".repeat(40))),
    row("close what the peer has closed", |stage| {
        let link = stage.closed_by_server();
        let answer = stage.does(close(link.client, 0));
        format!("{answer}; {}", stage.events(1))
    }),
    row("ask for what the peer has closed", |stage| {
        let link = stage.closed_by_server();
        stage.does(Call::Info { connection: link.client })
    }),
    row("ask for a closed handle", |stage| {
        let link = stage.link();
        stage.make(close(link.client, 0));
        stage.does(Call::Info { connection: link.client })
    }),
    row("read what arrived before the peer closed", |stage| {
        let link = stage.link();
        stage.send(link.server, reliable(10, 1));
        stage.make(linger(link.server, "over"));
        stage.wait_for_state(link.client, state::CLOSED_BY_PEER);
        stage.does(Call::Receive { connection: link.client, max: 2 })
    }),
    row("read from a closed handle", |stage| {
        let link = stage.link();
        stage.make(close(link.client, 0));
        stage.does(Call::Receive { connection: link.client, max: 2 })
    }),
    row("status of what the peer has closed", |stage| {
        let link = stage.closed_by_server();
        stage.does(Call::Status { connection: link.client, lanes: 0 })
    }),
];

fn close_for(stage: &mut Stage<'_>, reason: i32) -> String {
    let link = stage.link();
    let answer = stage.does(close(link.server, reason));
    format!("{answer}; {}", stage.events(2))
}

fn linger(connection: u32, debug: &str) -> Call {
    Call::Close { connection, reason: 1000, debug: debug.to_owned(), linger: true }
}

fn text_at_peer(stage: &mut Stage<'_>, reason: i32, debug: &str) -> String {
    let link = stage.link();
    stage.make(Call::Close { connection: link.server, reason, debug: debug.to_owned(), linger: false });
    stage.wait_for_state(link.client, state::CLOSED_BY_PEER);
    stage.does(Call::Info { connection: link.client })
}
