//! Lanes.

use gamesockets_interop::calls::Call;
use gamesockets_interop::protocol::Outgoing;

use super::stage::{Stage, close};
use super::{Row, row, words};
use crate::pair::{Link, reliable, unreliable};

pub(super) const ROWS: &[Row] = &[
    row("one lane", |stage| configure_connected(stage, &[0], &[1])),
    row("two lanes", |stage| configure_connected(stage, &[0, 1], &[1, 1])),
    row("lanes of negative priority", |stage| configure_connected(stage, &[-5, i32::MAX, i32::MIN], &[1, 2, 3])),
    row("as many lanes as there can be", |stage| configure_connected(stage, &[0; 255], &[1; 255])),
    row("one lane too many", |stage| configure_connected(stage, &[0; 256], &[1; 256])),
    row("no lane", |stage| configure_connected(stage, &[], &[])),
    row("a lane of no weight", |stage| configure_connected(stage, &[0, 0], &[1, 0])),
    row("one lane of no weight", |stage| configure_connected(stage, &[0], &[0])),
    row("the greatest weight", |stage| configure_connected(stage, &[0, 0], &[65_535, 1])),
    row("lanes without weights", |stage| {
        let link = stage.link();
        stage.does(Call::ConfigureLanes { connection: link.client, priorities: vec![0, 0], weights: None })
    }),
    row("more lanes than before", |stage| {
        let link = stage.link();
        configure(stage, link.client, 3);
        configure(stage, link.client, 5)
    }),
    row("as many lanes as before", |stage| {
        let link = stage.link();
        configure(stage, link.client, 3);
        configure(stage, link.client, 3)
    }),
    row("fewer lanes than before", |stage| {
        let link = stage.link();
        configure(stage, link.client, 3);
        configure(stage, link.client, 2)
    }),
    row("lanes stay after a refusal", |stage| {
        let link = stage.link();
        configure(stage, link.client, 3);
        configure(stage, link.client, 2);
        send(stage, link, 2)
    }),
    row("lanes while connecting", |stage| {
        let link = stage.request(&[]);
        configure(stage, link.client, 3)
    }),
    row("lanes before accepting", |stage| {
        let link = stage.request(&[]);
        configure(stage, link.server, 3)
    }),
    row("lanes after the peer closed", |stage| {
        let link = stage.closed_by_server();
        configure(stage, link.client, 3)
    }),
    row("lanes of a closed handle", |stage| {
        let link = stage.link();
        stage.make(close(link.client, 0));
        configure(stage, link.client, 3)
    }),
    row("lanes of nothing", |stage| configure(stage, 0, 3)),
    row("no lane of nothing", |stage| configure(stage, 0, 0)),
    row("send on the last lane", |stage| {
        let link = stage.link();
        configure(stage, link.client, 3);
        send(stage, link, 2)
    }),
    row("send on a lane behind the last", |stage| {
        let link = stage.link();
        configure(stage, link.client, 3);
        send(stage, link, 3)
    }),
    row("send on the greatest lane", |stage| {
        let link = stage.link();
        send(stage, link, u16::MAX)
    }),
    row("lanes are for one direction", |stage| {
        let link = stage.link();
        configure(stage, link.client, 3);
        send(stage, Link { server: link.client, client: link.server }, 1)
    }),
    row("each lane counts for itself", |stage| {
        let link = stage.link();
        configure(stage, link.client, 3);
        let lanes = [0, 1, 2, 1, 0, 1];
        let messages = lanes.map(|lane| (link.client, Outgoing { lane, ..reliable(10, 1) })).to_vec();
        stage.does(Call::SendBatch { messages })
    }),
    row("a message on a lane arrives", |stage| {
        let link = stage.link();
        configure(stage, link.client, 7);
        send(stage, link, 6);
        words::message(&stage.receive(link.server, 1)[0])
    }),
    row("an unreliable message on a lane arrives", |stage| {
        let link = stage.link();
        configure(stage, link.client, 7);
        let message = Outgoing { lane: 5, ..unreliable(10, 1) };
        stage.make(Call::SendBatch { messages: vec![(link.client, message)] });
        words::message(&stage.receive(link.server, 1)[0])
    }),
    row("status of one lane", |stage| {
        let link = stage.link();
        status(stage, link.client, 1)
    }),
    row("status of more lanes than there are", |stage| {
        let link = stage.link();
        status(stage, link.client, 2)
    }),
    row("status of all lanes", |stage| {
        let link = stage.link();
        configure(stage, link.client, 3);
        status(stage, link.client, 3)
    }),
    row("status of some lanes", |stage| {
        let link = stage.link();
        configure(stage, link.client, 3);
        status(stage, link.client, 2)
    }),
    row("status of one lane more than there are", |stage| {
        let link = stage.link();
        configure(stage, link.client, 3);
        status(stage, link.client, 4)
    }),
    row("status of lanes of nothing", |stage| status(stage, 0, 2)),
];

fn configure(stage: &mut Stage<'_>, connection: u32, count: usize) -> String {
    let (priorities, weights) = (vec![0; count], Some(vec![1; count]));
    stage.does(Call::ConfigureLanes { connection, priorities, weights })
}

fn configure_connected(stage: &mut Stage<'_>, priorities: &[i32], weights: &[u16]) -> String {
    let link = stage.link();
    let (priorities, weights) = (priorities.to_vec(), Some(weights.to_vec()));
    let answer = stage.does(Call::ConfigureLanes { connection: link.client, priorities, weights });
    format!("{answer}; {}", stage.events(0))
}

/// Sends on a lane from the client.
fn send(stage: &mut Stage<'_>, link: Link, lane: u16) -> String {
    stage.does(Call::SendBatch { messages: vec![(link.client, Outgoing { lane, ..reliable(10, 1) })] })
}

fn status(stage: &mut Stage<'_>, connection: u32, lanes: u16) -> String {
    stage.does(Call::Status { connection, lanes })
}
