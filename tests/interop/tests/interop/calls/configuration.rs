//! Configuration values.

use gamesockets_interop::calls::{Answer, Call, Input};

use super::stage::Stage;
use super::{Row, row};
use crate::peer::int32;

const GLOBAL: i32 = 1;
const INTERFACE: i32 = 2;
const LISTEN_SOCKET: i32 = 3;
const CONNECTION: i32 = 4;

/// `FakePacketLoss_Send`, a fraction of the whole library.
const FAKE_PACKET_LOSS_SEND: i32 = 2;
/// `SendBufferSize`, 4096 to 268435456.
const SEND_BUFFER_SIZE: i32 = 9;
/// `NagleTime`, 0 to 20000.
const NAGLE_TIME: i32 = 12;
/// `MTU_PacketSize`, 200 to 1300.
const MTU_PACKET_SIZE: i32 = 32;
/// `MTU_DataSize`, read-only.
const MTU_DATA_SIZE: i32 = 33;
/// `Unencrypted`, locked by the handshake.
const UNENCRYPTED: i32 = 34;
/// `ConnectionUserData`.
const USER_DATA: i32 = 40;
/// `TimeoutConnected`.
const TIMEOUT_CONNECTED: i32 = 25;

const TYPED: &str = "the type of the value is told, where Valve's library leaves it out";
const ONLY_WHAT_WORKS: &str = "only what has an effect is there: log levels by topic (13 to 17), packet reordering (51) and \
                               P2P (103 to 110) have none; the ECN mark (999) works on every system";

pub(super) const ROWS: &[Row] = &[
    row("a default", |stage| get(stage, GLOBAL, 0, NAGLE_TIME)),
    row("a default of a fraction", |stage| get(stage, GLOBAL, 0, FAKE_PACKET_LOSS_SEND)),
    row("a value of no option", |stage| get(stage, GLOBAL, 0, 12_345)),
    row("a value at no scope", |stage| get(stage, 9, 0, NAGLE_TIME)),
    row("a value of the interface", |stage| get(stage, INTERFACE, 0, NAGLE_TIME)),
    row("a value of a connection", |stage| {
        let link = stage.link();
        get(stage, CONNECTION, link.client, NAGLE_TIME)
    }),
    row("a value of a listen socket", |stage| {
        let (socket, _) = stage.listen(&[]);
        get(stage, LISTEN_SOCKET, socket, NAGLE_TIME)
    }),
    row("a value of no connection", |stage| get(stage, CONNECTION, 0, NAGLE_TIME)),
    row("a value of no listen socket", |stage| get(stage, LISTEN_SOCKET, 0, NAGLE_TIME)),
    row("a value of the whole library at a connection", |stage| {
        let link = stage.link();
        get(stage, CONNECTION, link.client, FAKE_PACKET_LOSS_SEND)
    }),
    row("a read-only value", |stage| get(stage, GLOBAL, 0, MTU_DATA_SIZE)).differs(
        "result 1, type 0: 1200",
        "result 1, type 1: 1200",
        TYPED,
    ),
    row("a read-only value follows", |stage| {
        let link = stage.link_with(&[int32(MTU_PACKET_SIZE, 500)]);
        get(stage, CONNECTION, link.client, MTU_DATA_SIZE)
    })
    .differs("result 1, type 0: 400", "result 1, type 1: 400", TYPED),
    row("a value that was given while connecting", |stage| {
        let link = stage.link_with(&[int32(NAGLE_TIME, 77)]);
        get(stage, CONNECTION, link.client, NAGLE_TIME)
    }),
    row("a value that was given to the listen socket", |stage| {
        let (socket, _) = stage.listen(&[int32(NAGLE_TIME, 78)]);
        get(stage, LISTEN_SOCKET, socket, NAGLE_TIME)
    }),
    row("user data as a value", |stage| {
        let link = stage.link();
        stage.make(Call::SetUserData { connection: link.client, value: 99 });
        get(stage, CONNECTION, link.client, USER_DATA)
    }),
    row("a locked value", |stage| {
        let link = stage.link();
        get(stage, CONNECTION, link.client, UNENCRYPTED)
    }),
    row("set", |stage| at_client(stage, NAGLE_TIME, Input::Int32(1000))),
    row("set above the range", |stage| at_client(stage, NAGLE_TIME, Input::Int32(1_000_000))),
    row("set below the range", |stage| at_client(stage, SEND_BUFFER_SIZE, Input::Int32(1))),
    row("set a whole number by a wider one", |stage| at_client(stage, NAGLE_TIME, Input::Int64(1001))),
    row("set a whole number by one that does not fit", |stage| at_client(stage, NAGLE_TIME, Input::Int64(1 << 40))),
    row("set a whole number by a fraction", |stage| at_client(stage, NAGLE_TIME, Input::Float(1002.5))),
    row("set a whole number by a fraction that does not fit", |stage| at_client(stage, NAGLE_TIME, Input::Float(1e12)))
        .differs(
            "true; result 1, type 1: 0",
            "false; result 2, type 1: 5000",
            "refused as a whole number that does not fit is, where Valve's library stores what C++ makes of it",
        ),
    row("set a whole number by a text", |stage| at_client(stage, NAGLE_TIME, Input::Text("1003".to_owned()))),
    row("set a whole number by a text that is none", |stage| {
        at_client(stage, NAGLE_TIME, Input::Text("soon".to_owned()))
    }),
    row("set a whole number by an empty text", |stage| at_client(stage, NAGLE_TIME, Input::Text(String::new()))),
    row("set no option", |stage| at_client(stage, 12_345, Input::Int32(1))),
    row("set a read-only value", |stage| at_client(stage, MTU_DATA_SIZE, Input::Int32(1000))).differs(
        "false; result 2, type 0: 1200",
        "false; result 2, type 1: 1200",
        TYPED,
    ),
    row("set a locked value", |stage| at_client(stage, UNENCRYPTED, Input::Int32(3))),
    row("set a locked value before accepting", |stage| {
        let link = stage.request(&[]);
        set(stage, CONNECTION, link.server, UNENCRYPTED, Some(Input::Int32(1)))
    }),
    row("set a locked value of a client that connects", |stage| {
        let link = stage.request(&[]);
        set(stage, CONNECTION, link.client, UNENCRYPTED, Some(Input::Int32(1)))
    }),
    row("set a value of the whole library at a connection", |stage| {
        at_client(stage, FAKE_PACKET_LOSS_SEND, Input::Float(0.0))
    }),
    row("set user data as a value", |stage| at_client(stage, USER_DATA, Input::Int64(123))),
    row("take back user data", |stage| {
        let link = stage.link();
        set(stage, CONNECTION, link.client, USER_DATA, None)
    }),
    row("set at no connection", |stage| set(stage, CONNECTION, 0, NAGLE_TIME, Some(Input::Int32(1)))),
    row("set at no scope", |stage| set(stage, 9, 0, NAGLE_TIME, Some(Input::Int32(1)))),
    row("take back what was set", |stage| {
        let link = stage.link();
        set(stage, CONNECTION, link.client, NAGLE_TIME, Some(Input::Int32(1)));
        let answer = set(stage, CONNECTION, link.client, NAGLE_TIME, None);
        format!("{answer}; {}", get(stage, CONNECTION, link.client, NAGLE_TIME))
    }),
    row("take back what was never set", |stage| {
        let link = stage.link();
        set(stage, CONNECTION, link.client, NAGLE_TIME, None)
    }),
    row("set globally", |stage| {
        globally(stage, NAGLE_TIME, Input::Int32(2000), |stage| get(stage, GLOBAL, 0, NAGLE_TIME))
    }),
    row("set globally a fraction out of range", |stage| {
        globally(stage, FAKE_PACKET_LOSS_SEND, Input::Float(-1.0), |stage| get(stage, GLOBAL, 0, FAKE_PACKET_LOSS_SEND))
    }),
    row("set globally is inherited", |stage| {
        globally(stage, NAGLE_TIME, Input::Int32(2001), |stage| {
            let link = stage.link();
            get(stage, CONNECTION, link.server, NAGLE_TIME)
        })
    }),
    row("set globally does not reach what was set", |stage| {
        let link = stage.link_with(&[int32(NAGLE_TIME, 3)]);
        globally(stage, NAGLE_TIME, Input::Int32(2001), |stage| get(stage, CONNECTION, link.client, NAGLE_TIME))
    }),
    row("set globally reaches what exists", |stage| {
        let link = stage.link();
        globally(stage, TIMEOUT_CONNECTED, Input::Int32(9000), |stage| {
            get(stage, CONNECTION, link.client, TIMEOUT_CONNECTED)
        })
    }),
    row("set at a listen socket is inherited", |stage| {
        let (socket, link) = stage.link_and_socket();
        set(stage, LISTEN_SOCKET, socket, NAGLE_TIME, Some(Input::Int32(33)));
        get(stage, CONNECTION, link.server, NAGLE_TIME)
    }),
    row("set at the interface", |stage| {
        let answer = set(stage, INTERFACE, 0, NAGLE_TIME, Some(Input::Int32(34)));
        let value = get(stage, INTERFACE, 0, NAGLE_TIME);
        set(stage, INTERFACE, 0, NAGLE_TIME, None);
        format!("{answer}; {value}")
    }),
    row("what a value is", |stage| stage.does(Call::ConfigInfo { id: NAGLE_TIME })),
    row("what a fraction is", |stage| stage.does(Call::ConfigInfo { id: FAKE_PACKET_LOSS_SEND })),
    row("what no value is", |stage| stage.does(Call::ConfigInfo { id: 12_345 })),
    row("walk through the values", |stage| walk(stage, false)).differs(
        "[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 24, 25, 26, 27, 28, 32, 41, 42, 43, 44, 45, 47, 48, \
         49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 103, 104, 105, 107, 108, 109, 110]",
        "[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 24, 25, 26, 27, 28, 32, 41, 42, 43, 44, 45, 47, 48, 49, 50, 52, 53, 54, \
         55, 56, 57, 58, 59, 999]",
        ONLY_WHAT_WORKS,
    ),
    row("walk through the values for developers", |stage| walk(stage, true)).differs(
        "[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 23, 24, 25, 26, 27, 28, 32, 34, 41, 42, 43, 44, 45, \
         47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 103, 104, 105, 107, 108, 109, 110]",
        "[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 23, 24, 25, 26, 27, 28, 32, 34, 41, 42, 43, 44, 45, 47, 48, 49, 50, 52, \
         53, 54, 55, 56, 57, 58, 59, 999]",
        ONLY_WHAT_WORKS,
    ),
    row("walk on from no value", |stage| stage.does(Call::NextConfig { after: 12_345, developer: false })),
];

fn get(stage: &mut Stage<'_>, scope: i32, object: u32, id: i32) -> String {
    stage.does(Call::Config { scope, object, id })
}

fn set(stage: &mut Stage<'_>, scope: i32, object: u32, id: i32, value: Option<Input>) -> String {
    stage.does(Call::SetConfig { scope, object, id, value })
}

/// Sets a value of a connected client, and asks for it.
fn at_client(stage: &mut Stage<'_>, id: i32, value: Input) -> String {
    let link = stage.link();
    let answer = set(stage, CONNECTION, link.client, id, Some(value));
    format!("{answer}; {}", get(stage, CONNECTION, link.client, id))
}

/// Sets a value of everything for as long as `look` looks.
fn globally(stage: &mut Stage<'_>, id: i32, value: Input, look: impl FnOnce(&mut Stage<'_>) -> String) -> String {
    let answer = set(stage, GLOBAL, 0, id, Some(value));
    let seen = look(stage);
    set(stage, GLOBAL, 0, id, None);
    format!("{answer}; {seen}")
}

/// The numbers of all values that can be edited.
fn walk(stage: &mut Stage<'_>, developer: bool) -> String {
    let mut after = 0;
    let mut numbers = Vec::new();
    while let Answer::Number(next) = stage.make(Call::NextConfig { after, developer })
        && next != 0
        && numbers.len() < 1000
    {
        numbers.push(next);
        after = i32::try_from(next).unwrap_or(0);
    }
    format!("{numbers:?}")
}
