//! Receiving, from connections and poll groups.

use gamesockets_interop::calls::{Answer, Call};

use super::stage::{Stage, close};
use super::{Row, row};
use crate::pair::{Link, reliable};

pub(super) const ROWS: &[Row] = &[
    row("receive when there is nothing", |stage| {
        let link = stage.link();
        receive(stage, link.client, 8)
    }),
    row("receive none of what there is", |stage| {
        let link = two_waiting(stage);
        receive(stage, link.server, 0)
    }),
    row("receive one of two", |stage| {
        let link = two_waiting(stage);
        receive(stage, link.server, 1)
    }),
    row("receive the second of two", |stage| {
        let link = two_waiting(stage);
        receive(stage, link.server, 1);
        receive(stage, link.server, 1)
    }),
    row("receive more than there is", |stage| {
        let link = two_waiting(stage);
        receive(stage, link.server, 8)
    }),
    row("receive from nothing", |stage| receive(stage, 0, 8)),
    row("receive from an invented handle", |stage| receive(stage, 0xDEAD_BEEF, 8)),
    row("receive while connecting", |stage| {
        let link = stage.request(&[]);
        receive(stage, link.client, 8)
    }),
    row("create a poll group", |stage| stage.does(Call::CreatePollGroup)),
    row("destroy a poll group", |stage| {
        let group = stage.handle(Call::CreatePollGroup);
        stage.does(Call::DestroyPollGroup { group })
    }),
    row("destroy a poll group twice", |stage| {
        let group = stage.handle(Call::CreatePollGroup);
        stage.make(Call::DestroyPollGroup { group });
        stage.does(Call::DestroyPollGroup { group })
    }),
    row("destroy no poll group", |stage| stage.does(Call::DestroyPollGroup { group: 0 })),
    row("join a poll group", |stage| {
        let (group, link) = (stage.handle(Call::CreatePollGroup), stage.link());
        join(stage, link.server, group)
    }),
    row("join a poll group while connecting", |stage| {
        let (group, link) = (stage.handle(Call::CreatePollGroup), stage.request(&[]));
        join(stage, link.server, group)
    }),
    row("join a poll group that was destroyed", |stage| {
        let (group, link) = (stage.handle(Call::CreatePollGroup), stage.link());
        stage.make(Call::DestroyPollGroup { group });
        join(stage, link.server, group)
    }),
    row("join an invented poll group", |stage| {
        let link = stage.link();
        join(stage, link.server, 0xDEAD_BEEF)
    }),
    row("leave a poll group", |stage| {
        let (group, link) = (stage.handle(Call::CreatePollGroup), stage.link());
        join(stage, link.server, group);
        join(stage, link.server, 0)
    }),
    row("leave no poll group", |stage| {
        let link = stage.link();
        join(stage, link.server, 0)
    }),
    row("let nothing join a poll group", |stage| {
        let group = stage.handle(Call::CreatePollGroup);
        join(stage, 0, group)
    }),
    row("let a closed handle join a poll group", |stage| {
        let (group, link) = (stage.handle(Call::CreatePollGroup), stage.link());
        stage.make(close(link.server, 0));
        join(stage, link.server, group)
    }),
    row("receive from an empty poll group", |stage| {
        let group = stage.handle(Call::CreatePollGroup);
        receive_from_group(stage, group, 8)
    }),
    row("receive from no poll group", |stage| receive_from_group(stage, 0, 8)),
    row("receive from a destroyed poll group", |stage| {
        let group = stage.handle(Call::CreatePollGroup);
        stage.make(Call::DestroyPollGroup { group });
        receive_from_group(stage, group, 8)
    }),
    row("messages that wait move along to a poll group", |stage| {
        let link = two_waiting(stage);
        let group = stage.handle(Call::CreatePollGroup);
        join(stage, link.server, group);
        receive_from_group(stage, group, 8)
    }),
    row("receive none from a poll group", |stage| {
        let link = two_waiting(stage);
        let group = stage.handle(Call::CreatePollGroup);
        join(stage, link.server, group);
        receive_from_group(stage, group, 0)
    }),
    row("receive from a connection in a poll group", |stage| {
        let link = two_waiting(stage);
        let group = stage.handle(Call::CreatePollGroup);
        join(stage, link.server, group);
        receive(stage, link.server, 8)
    }),
    row("messages stay when their poll group is destroyed", |stage| {
        let link = two_waiting(stage);
        let group = stage.handle(Call::CreatePollGroup);
        join(stage, link.server, group);
        stage.make(Call::DestroyPollGroup { group });
        receive(stage, link.server, 8)
    }),
    row("messages of a closed handle leave their poll group", |stage| {
        let link = two_waiting(stage);
        let group = stage.handle(Call::CreatePollGroup);
        join(stage, link.server, group);
        stage.make(close(link.server, 0));
        receive_from_group(stage, group, 8)
    }),
];

/// A connection with two messages that its server has not read.
fn two_waiting(stage: &mut Stage<'_>) -> Link {
    let link = stage.link();
    for seed in 0..2 {
        stage.send(link.client, reliable(10, seed));
    }
    stage.wait("both messages are acknowledged", |stage| {
        match stage.make(Call::Status { connection: link.client, lanes: 0 }) {
            Answer::Status { unacknowledged: 0, .. } => Some(()),
            _ => None,
        }
    });
    link
}

fn receive(stage: &mut Stage<'_>, connection: u32, max: i32) -> String {
    stage.does(Call::Receive { connection, max })
}

fn join(stage: &mut Stage<'_>, connection: u32, group: u32) -> String {
    stage.does(Call::SetPollGroup { connection, group })
}

fn receive_from_group(stage: &mut Stage<'_>, group: u32, max: i32) -> String {
    stage.does(Call::ReceiveOnPollGroup { group, max })
}
