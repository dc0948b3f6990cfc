//! What can be asked about connections and the library, and attached to them.

use gamesockets_interop::calls::Call;

use super::stage::{Stage, close};
use super::{Row, row};

pub(super) const ROWS: &[Row] = &[
    row("info of the client", |stage| {
        let link = stage.link();
        stage.does(Call::Info { connection: link.client })
    }),
    row("info of the server", |stage| {
        let link = stage.link();
        stage.does(Call::Info { connection: link.server })
    }),
    row("info of the client while connecting", |stage| {
        let link = stage.request(&[]);
        stage.does(Call::Info { connection: link.client })
    })
    .differs(
        "Connecting made here to invalid at 127.0.0.1, end 0 \"\", user data -1, flags 11",
        "Connecting made here to  at 127.0.0.1, end 0 \"\", user data -1, flags 11",
        "an identity that is not known yet has no text, rather than a word that could be taken for a name",
    ),
    row("info of the server while connecting", |stage| {
        let link = stage.request(&[]);
        stage.does(Call::Info { connection: link.server })
    }),
    row("info of nothing", |stage| stage.does(Call::Info { connection: 0 })),
    row("info of an invented handle", |stage| stage.does(Call::Info { connection: 0xDEAD_BEEF })),
    row("name without one", |stage| {
        let link = stage.link();
        stage.does(Call::Name { connection: link.client })
    }),
    row("set a name", |stage| {
        let link = stage.link();
        stage.does(Call::SetName { connection: link.client, name: "Ann's console".to_owned() })
    }),
    row("set an empty name", |stage| {
        let link = stage.link();
        stage.make(Call::SetName { connection: link.client, name: "Ann".to_owned() });
        stage.does(Call::SetName { connection: link.client, name: String::new() })
    }),
    row("set a long name", |stage| {
        let link = stage.link();
        stage.does(Call::SetName { connection: link.client, name: "0123456789".repeat(4) })
    }),
    row("name of nothing", |stage| stage.does(Call::Name { connection: 0 })),
    row("set a name of nothing", |stage| stage.does(Call::SetName { connection: 0, name: "nobody".to_owned() })),
    row("name of a closed handle", |stage| {
        let link = stage.link();
        stage.make(close(link.client, 0));
        stage.does(Call::Name { connection: link.client })
    }),
    row("user data without any", |stage| {
        let link = stage.link();
        stage.does(Call::UserData { connection: link.client })
    }),
    row("set user data", |stage| {
        let link = stage.link();
        stage.does(Call::SetUserData { connection: link.client, value: i64::MIN })
    }),
    row("user data that was set", |stage| {
        let link = stage.link();
        stage.make(Call::SetUserData { connection: link.client, value: 1 << 40 });
        stage.does(Call::UserData { connection: link.client })
    }),
    row("info with user data that was set", |stage| {
        let link = stage.link();
        stage.make(Call::SetUserData { connection: link.server, value: 5 });
        stage.does(Call::Info { connection: link.server })
    }),
    row("user data of nothing", |stage| stage.does(Call::UserData { connection: 0 })),
    row("set user data of nothing", |stage| stage.does(Call::SetUserData { connection: 0, value: 1 })),
    row("user data of a closed handle", |stage| {
        let link = stage.link();
        stage.make(Call::SetUserData { connection: link.client, value: 5 });
        stage.make(close(link.client, 0));
        stage.does(Call::UserData { connection: link.client })
    }),
    row("status", |stage| {
        let link = stage.link();
        status(stage, link.client)
    }),
    row("status while connecting", |stage| {
        let link = stage.request(&[]);
        status(stage, link.server)
    }),
    row("status of nothing", |stage| status(stage, 0)),
    row("status of a closed handle", |stage| {
        let link = stage.link();
        stage.make(close(link.client, 0));
        status(stage, link.client)
    }),
    row("detailed status", |stage| {
        let link = stage.link();
        stage.does(Call::DetailedStatus { connection: link.client })
    }),
    row("detailed status of nothing", |stage| stage.does(Call::DetailedStatus { connection: 0 })),
    row("who we are", |stage| stage.does(Call::Identity)),
];

fn status(stage: &mut Stage<'_>, connection: u32) -> String {
    stage.does(Call::Status { connection, lanes: 0 })
}
