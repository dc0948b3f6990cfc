//! Socket pairs, in memory and over the network. The "server" of a link is the first end here.

use gamesockets_interop::calls::{Answer, Call};
use gamesockets_interop::protocol::Outgoing;

use super::stage::{Stage, close};
use super::{Row, row, words};
use crate::pair::{Link, reliable, state, unreliable};

/// The two forms of a pair.
const MEMORY: bool = false;
const NETWORK: bool = true;

/// Why messages in memory have limits.
const AS_NETWORK: &str =
    "a pair in memory treats messages as the network does: what works with one works with the other";

pub(super) const ROWS: &[Row] = &[
    row("a pair in memory", |stage| create(stage, MEMORY)),
    row("a pair over the network", |stage| create(stage, NETWORK)),
    row("info of the first in memory", |stage| info(stage, MEMORY)),
    row("info of the first over the network", |stage| info(stage, NETWORK)),
    row("identities in memory", |stage| identities(stage, MEMORY)),
    row("identities over the network", |stage| identities(stage, NETWORK)),
    row("one identity in memory", |stage| one_identity(stage, MEMORY)),
    row("one identity over the network", |stage| one_identity(stage, NETWORK)),
    row("accept an end in memory", |stage| accept(stage, MEMORY)),
    row("accept an end over the network", |stage| accept(stage, NETWORK)),
    row("send in memory", |stage| send_by(stage, MEMORY, reliable(100, 1))),
    row("send over the network", |stage| send_by(stage, NETWORK, reliable(100, 1))),
    row("send unreliably in memory", |stage| send_by(stage, MEMORY, unreliable(100, 1))),
    row("send unreliably over the network", |stage| send_by(stage, NETWORK, unreliable(100, 1))),
    row("send an empty message in memory", |stage| send_by(stage, MEMORY, reliable(0, 1))),
    row("send a large message in memory", |stage| send_by(stage, MEMORY, reliable(524_288, 1))),
    row("send a large unreliable message in memory", |stage| send_by(stage, MEMORY, unreliable(100_000, 1))).differs(
        "1 Ok as number 1; number 1 lane 0 flags 0 of 100000 bytes",
        "1 Ok as number 1; number 1 lane 0 flags 8 of 100000 bytes",
        AS_NETWORK,
    ),
    row("send a message too large in memory", |stage| refused(stage, MEMORY, reliable(524_289, 1))).differs(
        "1 Ok as number 1",
        "8 InvalidParam",
        AS_NETWORK,
    ),
    row("send a message too large over the network", |stage| refused(stage, NETWORK, reliable(524_289, 1))),
    row("send with NoDelay in memory", |stage| refused(stage, MEMORY, Outgoing { flags: 4, ..reliable(10, 1) })),
    row("numbers in memory", |stage| numbers(stage, MEMORY)),
    row("numbers over the network", |stage| numbers(stage, NETWORK)),
    row("both ends send in memory", |stage| both_send(stage, MEMORY)),
    row("both ends send over the network", |stage| both_send(stage, NETWORK)),
    row("a batch in memory", |stage| {
        let link = stage.pair(MEMORY);
        let messages = [10, 524_289, 10].map(|size| (link.server, reliable(size, 1))).to_vec();
        stage.does(Call::SendBatch { messages })
    })
    .differs("[1, 2, 3]", "[1, -8, 0]", AS_NETWORK),
    row("flush in memory", |stage| flush(stage, MEMORY)),
    row("flush over the network", |stage| flush(stage, NETWORK)),
    row("close an end in memory", |stage| close_end(stage, MEMORY, 1005)),
    row("close an end over the network", |stage| close_end(stage, NETWORK, 1005)),
    row("close an end in memory for a bad reason", |stage| close_end(stage, MEMORY, 3000)),
    row("close an end in memory for no reason", |stage| close_end(stage, MEMORY, 0)),
    row("close both ends in memory", |stage| close_both(stage, MEMORY)),
    row("close both ends over the network", |stage| close_both(stage, NETWORK)),
    row("close an end twice in memory", |stage| {
        let link = stage.pair(MEMORY);
        stage.make(close(link.server, 0));
        stage.does(close(link.server, 0))
    }),
    row("info after the other end closed in memory", |stage| info_after(stage, MEMORY)),
    row("info after the other end closed over the network", |stage| info_after(stage, NETWORK)),
    row("send after the other end closed in memory", |stage| send_after(stage, MEMORY)),
    row("send after the other end closed over the network", |stage| send_after(stage, NETWORK)),
    row("flush after the other end closed in memory", |stage| {
        let link = closed(stage, MEMORY);
        stage.does(Call::Flush { connection: link.client })
    }),
    row("unread messages after the other end closed in memory", |stage| unread(stage, MEMORY)),
    row("unread messages after the other end closed over the network", |stage| unread(stage, NETWORK)),
    row("lanes in memory", |stage| lanes(stage, MEMORY)),
    row("lanes over the network", |stage| lanes(stage, NETWORK)),
    row("no lane in memory", |stage| {
        let link = stage.pair(MEMORY);
        stage.does(Call::ConfigureLanes { connection: link.server, priorities: vec![], weights: Some(vec![]) })
    }),
    row("a lane that is not configured in memory", |stage| {
        let link = stage.pair(MEMORY);
        stage.does(Call::SendBatch { messages: vec![(link.server, Outgoing { lane: 1, ..reliable(10, 1) })] })
    }),
    row("ping in memory", |stage| ping(stage, MEMORY)),
    row("ping over the network", |stage| ping(stage, NETWORK)),
    row("status in memory", |stage| {
        let link = stage.pair(MEMORY);
        stage.does(Call::Status { connection: link.server, lanes: 1 })
    }),
    row("status of too many lanes in memory", |stage| {
        let link = stage.pair(MEMORY);
        stage.does(Call::Status { connection: link.server, lanes: 2 })
    }),
    row("detailed status in memory", |stage| {
        let link = stage.pair(MEMORY);
        stage.does(Call::DetailedStatus { connection: link.server })
    }),
    row("poll group in memory", |stage| {
        let (link, group) = (stage.pair(MEMORY), stage.handle(Call::CreatePollGroup));
        stage.make(Call::SetPollGroup { connection: link.client, group });
        stage.send(link.server, reliable(10, 1));
        stage.does(Call::ReceiveOnPollGroup { group, max: 4 })
    }),
    row("user data in memory", |stage| {
        let link = stage.pair(MEMORY);
        stage.make(Call::SetUserData { connection: link.server, value: 7 });
        stage.does(Call::UserData { connection: link.server })
    }),
    row("user data of the other end in memory", |stage| {
        let link = stage.pair(MEMORY);
        stage.make(Call::SetUserData { connection: link.server, value: 7 });
        stage.does(Call::UserData { connection: link.client })
    }),
];

fn create(stage: &mut Stage<'_>, network: bool) -> String {
    let answer = stage.does(Call::SocketPair { network, identities: [None, None] });
    format!("{answer}; {}", stage.events(0))
}

fn info(stage: &mut Stage<'_>, network: bool) -> String {
    let link = stage.pair(network);
    stage.does(Call::Info { connection: link.server })
}

fn identities(stage: &mut Stage<'_>, network: bool) -> String {
    with_identities(stage, network, [Some("str:ann".to_owned()), Some("str:bob".to_owned())])
}

fn one_identity(stage: &mut Stage<'_>, network: bool) -> String {
    with_identities(stage, network, [None, Some("str:bob".to_owned())])
}

/// Who each end takes the other for.
fn with_identities(stage: &mut Stage<'_>, network: bool, identities: [Option<String>; 2]) -> String {
    let Answer::Pair(Some(ends)) = stage.make(Call::SocketPair { network, identities }) else {
        return "no pair".to_owned();
    };
    let who = ends.map(|connection| match stage.make(Call::Info { connection }) {
        Answer::Info(Some(info)) => info.remote_identity,
        other => format!("{other:?}"),
    });
    who.join(", ")
}

fn accept(stage: &mut Stage<'_>, network: bool) -> String {
    let link = stage.pair(network);
    stage.does(Call::Accept { connection: link.server })
}

fn send_by(stage: &mut Stage<'_>, network: bool, message: Outgoing) -> String {
    let link = stage.pair(network);
    let answer = stage.does(Call::Send { connection: link.server, message });
    format!("{answer}; {}", words::message(&stage.receive(link.client, 1)[0]))
}

fn refused(stage: &mut Stage<'_>, network: bool, message: Outgoing) -> String {
    let link = stage.pair(network);
    stage.does(Call::Send { connection: link.server, message })
}

fn numbers(stage: &mut Stage<'_>, network: bool) -> String {
    let link = stage.pair(network);
    let kinds = [reliable(10, 1), unreliable(10, 2), reliable(10, 3)];
    let answers = kinds.map(|message| stage.does(Call::Send { connection: link.server, message }));
    let arrived = stage.receive(link.client, 3).iter().map(words::message).collect::<Vec<_>>();
    format!("{answers:?}; {arrived:?}")
}

fn both_send(stage: &mut Stage<'_>, network: bool) -> String {
    let link = stage.pair(network);
    stage.send(link.server, reliable(10, 1));
    stage.send(link.client, reliable(20, 1));
    let arrived = [link.server, link.client].map(|end| words::message(&stage.receive(end, 1)[0]));
    arrived.join("; ")
}

fn flush(stage: &mut Stage<'_>, network: bool) -> String {
    let link = stage.pair(network);
    stage.does(Call::Flush { connection: link.server })
}

fn close_end(stage: &mut Stage<'_>, network: bool, reason: i32) -> String {
    let link = stage.pair(network);
    let answer = stage.does(close(link.server, reason));
    format!("{answer}; {}", stage.events(2))
}

fn close_both(stage: &mut Stage<'_>, network: bool) -> String {
    let link = closed(stage, network);
    let answer = stage.does(close(link.client, 0));
    format!("{answer}; {}", stage.events(1))
}

/// A pair whose first end was closed, which the second has noticed.
fn closed(stage: &mut Stage<'_>, network: bool) -> Link {
    let link = stage.pair(network);
    stage.make(close(link.server, 1005));
    stage.wait_for_state(link.client, state::CLOSED_BY_PEER);
    stage.events(0);
    link
}

fn info_after(stage: &mut Stage<'_>, network: bool) -> String {
    let link = closed(stage, network);
    stage.does(Call::Info { connection: link.client })
}

fn send_after(stage: &mut Stage<'_>, network: bool) -> String {
    let link = closed(stage, network);
    stage.does(Call::Send { connection: link.client, message: reliable(10, 1) })
}

fn unread(stage: &mut Stage<'_>, network: bool) -> String {
    let link = stage.pair(network);
    stage.send(link.server, reliable(10, 1));
    stage.make(Call::Close { connection: link.server, reason: 1005, debug: String::new(), linger: true });
    stage.wait_for_state(link.client, state::CLOSED_BY_PEER);
    stage.does(Call::Receive { connection: link.client, max: 4 })
}

fn lanes(stage: &mut Stage<'_>, network: bool) -> String {
    let link = stage.pair(network);
    let answer = stage.does(Call::ConfigureLanes {
        connection: link.server,
        priorities: vec![0, 1, 2],
        weights: Some(vec![1, 1, 1]),
    });
    let messages = [2, 2, 1].map(|lane| (link.server, Outgoing { lane, ..reliable(10, 1) })).to_vec();
    let numbers = stage.does(Call::SendBatch { messages });
    let mut arrived: Vec<_> = stage.receive(link.client, 3).iter().map(words::message).collect();
    arrived.sort();
    format!("{answer}; {numbers}; {arrived:?}")
}

/// Whether a ping is known and small.
fn ping(stage: &mut Stage<'_>, network: bool) -> String {
    let link = stage.pair(network);
    match stage.make(Call::Status { connection: link.server, lanes: 0 }) {
        Answer::Status { ping, .. } if (0..100).contains(&ping) => "known".to_owned(),
        other => format!("{other:?}"),
    }
}
