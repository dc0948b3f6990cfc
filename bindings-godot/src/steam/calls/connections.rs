//! Connections: making, accepting, closing, labels and numbers attached to them.

use gamesockets::schema::records::SocketPair;
use gamesockets::{Connection, ConnectionInfo, Error, Identity, ResultCode, Sockets, parse_address};
use godot::prelude::*;

use crate::steam::Steam;

pub(in crate::steam) fn connect_by_ip_address(steam: &Steam, address: String, options: VarDictionary) -> u32 {
    const NAME: &str = "connectByIPAddress";
    let Some(options) = steam.options(NAME, &options) else { return 0 };
    let connect = |sockets: &Sockets| -> Result<Connection, Error> {
        sockets.connect_by_ip_address(parse_address(&address)?, &options)
    };
    steam.ask(NAME, connect).map_or(0, Connection::raw)
}

pub(in crate::steam) fn accept_connection(steam: &Steam, connection: u32) -> ResultCode {
    steam.watch.answered(connection);
    steam.code("acceptConnection", ResultCode::InvalidParam, |sockets| {
        sockets.accept_connection(Connection::from_raw(connection))
    })
}

pub(in crate::steam) fn close_connection(
    steam: &Steam,
    connection: u32,
    reason: i32,
    debug: String,
    linger: bool,
) -> bool {
    steam.watch.answered(connection);
    let connection = Connection::from_raw(connection);
    steam.ask("closeConnection", |sockets| sockets.close_connection(connection, reason, &debug, linger)).is_some()
}

pub(in crate::steam) fn create_socket_pair(steam: &Steam, loopback: bool, first: u64, second: u64) -> SocketPair {
    const NAME: &str = "createSocketPair";
    let identity = |steam_id: u64| match steam_id {
        0 => Ok(None),
        _ => Identity::from_steam_id(steam_id).map(Some),
    };
    let failure = SocketPair { success: false, connection1: 0, connection2: 0 };
    let (first, second) = match (identity(first), identity(second)) {
        (Ok(first), Ok(second)) => (first, second),
        (Err(error), _) | (_, Err(error)) => {
            steam.watch.warn_once(&format!("{NAME}: {error}"));
            return failure;
        }
    };
    let pair = steam.ask(NAME, |sockets| sockets.create_socket_pair(loopback, first, second));
    pair.map_or(failure, |(one, two)| SocketPair { success: true, connection1: one.raw(), connection2: two.raw() })
}

pub(in crate::steam) fn get_connection_info(steam: &Steam, connection: u32) -> Option<ConnectionInfo> {
    steam.ask("getConnectionInfo", |sockets| sockets.connection_info(Connection::from_raw(connection)))
}

pub(in crate::steam) fn get_connection_name(steam: &Steam, connection: u32) -> String {
    let connection = Connection::from_raw(connection);
    steam.ask("getConnectionName", |sockets| sockets.connection_name(connection)).unwrap_or_default()
}

pub(in crate::steam) fn set_connection_name(steam: &Steam, connection: u32, name: String) {
    let connection = Connection::from_raw(connection);
    steam.ask("setConnectionName", |sockets| sockets.set_connection_name(connection, &name));
}

pub(in crate::steam) fn get_connection_user_data(steam: &Steam, connection: u32) -> i64 {
    let connection = Connection::from_raw(connection);
    steam.ask("getConnectionUserData", |sockets| sockets.connection_user_data(connection)).unwrap_or(-1)
}

pub(in crate::steam) fn set_connection_user_data(steam: &Steam, connection: u32, user_data: i64) -> bool {
    let connection = Connection::from_raw(connection);
    steam.ask("setConnectionUserData", |sockets| sockets.set_connection_user_data(connection, user_data)).is_some()
}
