//! Listen sockets.

use gamesockets::{ListenSocket, address_to_string, parse_address};

use crate::arguments::{In, Out};
use crate::border::{Code, guard};
use crate::instances;
use crate::structs::ConfigEntry;

/// Binds a UDP port and waits for connections.
#[unsafe(no_mangle)]
#[doc(alias = "CreateListenSocketIP")]
pub extern "C" fn gamesockets_create_listen_socket_ip(
    instance: u64,
    address: In<u8>,
    address_length: usize,
    options: In<ConfigEntry>,
    option_count: usize,
    socket: Out<u32>,
) -> Code {
    guard(|| {
        let socket = socket.check("the listen socket")?;
        let address = parse_address(address.text(address_length, "the address")?)?;
        let options = options.options(option_count)?;
        let listen = instances::get(instance)?.create_listen_socket_ip(address, &options)?;
        socket.write(listen.raw(), "the listen socket")
    })
}

/// Frees the port.
#[unsafe(no_mangle)]
#[doc(alias = "CloseListenSocket")]
pub extern "C" fn gamesockets_close_listen_socket(instance: u64, socket: u32) -> Code {
    guard(|| Ok(instances::get(instance)?.close_listen_socket(ListenSocket::from_raw(socket))?))
}

/// The bound address.
#[unsafe(no_mangle)]
#[doc(alias = "GetListenSocketAddress")]
pub extern "C" fn gamesockets_get_listen_socket_address(
    instance: u64,
    socket: u32,
    with_port: u8,
    buffer: Out<u8>,
    capacity: usize,
    length: Out<usize>,
) -> Code {
    guard(|| {
        let address = instances::get(instance)?.listen_socket_address(ListenSocket::from_raw(socket))?;
        buffer.bytes(capacity, length, address_to_string(address, with_port != 0).as_bytes())
    })
}
