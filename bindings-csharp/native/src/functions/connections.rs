//! Connections: making, accepting, closing, asking.

use gamesockets::{Connection, parse_address};

use crate::arguments::{In, Out};
use crate::border::{Code, guard};
use crate::instances;
use crate::records::ConnectionInfo;
use crate::structs::ConfigEntry;

/// Starts a connection to a peer that listens at this address.
#[unsafe(no_mangle)]
#[doc(alias = "ConnectByIPAddress")]
pub extern "C" fn gamesockets_connect_by_ip_address(
    instance: u64,
    address: In<u8>,
    address_length: usize,
    options: In<ConfigEntry>,
    option_count: usize,
    connection: Out<u32>,
) -> Code {
    guard(|| {
        let connection = connection.check("the connection")?;
        let address = parse_address(address.text(address_length, "the address")?)?;
        let options = options.options(option_count)?;
        let made = instances::get(instance)?.connect_by_ip_address(address, &options)?;
        connection.write(made.raw(), "the connection")
    })
}

/// Accepts an incoming connection.
#[unsafe(no_mangle)]
#[doc(alias = "AcceptConnection")]
pub extern "C" fn gamesockets_accept_connection(instance: u64, connection: u32) -> Code {
    guard(|| Ok(instances::get(instance)?.accept_connection(Connection::from_raw(connection))?))
}

/// Ends a connection.
#[unsafe(no_mangle)]
#[doc(alias = "CloseConnection")]
pub extern "C" fn gamesockets_close_connection(
    instance: u64,
    connection: u32,
    reason: i32,
    debug: In<u8>,
    debug_length: usize,
    linger: u8,
) -> Code {
    guard(|| {
        let debug = debug.text(debug_length, "the debug text")?;
        let connection = Connection::from_raw(connection);
        Ok(instances::get(instance)?.close_connection(connection, reason, debug, linger != 0)?)
    })
}

/// What is known about a connection.
#[unsafe(no_mangle)]
#[doc(alias = "GetConnectionInfo")]
pub extern "C" fn gamesockets_get_connection_info(instance: u64, connection: u32, info: Out<ConnectionInfo>) -> Code {
    guard(|| {
        let found = instances::get(instance)?.connection_info(Connection::from_raw(connection))?;
        info.write(ConnectionInfo::from(&found), "the info")
    })
}

/// The label of a connection.
#[unsafe(no_mangle)]
#[doc(alias = "GetConnectionName")]
pub extern "C" fn gamesockets_get_connection_name(
    instance: u64,
    connection: u32,
    buffer: Out<u8>,
    capacity: usize,
    length: Out<usize>,
) -> Code {
    guard(|| {
        let name = instances::get(instance)?.connection_name(Connection::from_raw(connection))?;
        buffer.bytes(capacity, length, name.as_bytes())
    })
}

/// Labels a connection.
#[unsafe(no_mangle)]
#[doc(alias = "SetConnectionName")]
pub extern "C" fn gamesockets_set_connection_name(
    instance: u64,
    connection: u32,
    name: In<u8>,
    name_length: usize,
) -> Code {
    guard(|| {
        let name = name.text(name_length, "the name")?;
        Ok(instances::get(instance)?.set_connection_name(Connection::from_raw(connection), name)?)
    })
}

/// The number attached to a connection.
#[unsafe(no_mangle)]
#[doc(alias = "GetConnectionUserData")]
pub extern "C" fn gamesockets_get_connection_user_data(instance: u64, connection: u32, user_data: Out<i64>) -> Code {
    guard(|| {
        let number = instances::get(instance)?.connection_user_data(Connection::from_raw(connection))?;
        user_data.write(number, "the user data")
    })
}

/// Attaches a number to a connection.
#[unsafe(no_mangle)]
#[doc(alias = "SetConnectionUserData")]
pub extern "C" fn gamesockets_set_connection_user_data(instance: u64, connection: u32, user_data: i64) -> Code {
    guard(|| Ok(instances::get(instance)?.set_connection_user_data(Connection::from_raw(connection), user_data)?))
}
