//! Listen sockets.

use gamesockets::{Error, ListenSocket, address_to_string, parse_address};
use godot::prelude::*;

use crate::steam::Steam;

pub(in crate::steam) fn create_listen_socket_ip(steam: &Steam, address: String, options: VarDictionary) -> u32 {
    const NAME: &str = "createListenSocketIP";
    let Some(options) = steam.options(NAME, &options) else { return 0 };
    // `:27015`: every interface.
    let text = if address.trim_start().starts_with(':') { format!("[::]{}", address.trim()) } else { address };
    let listen = |sockets: &gamesockets::Sockets| -> Result<ListenSocket, Error> {
        sockets.create_listen_socket_ip(parse_address(&text)?, &options)
    };
    steam.ask(NAME, listen).map_or(0, ListenSocket::raw)
}

pub(in crate::steam) fn close_listen_socket(steam: &Steam, socket: u32) -> bool {
    let socket = ListenSocket::from_raw(socket);
    steam.ask("closeListenSocket", |sockets| sockets.close_listen_socket(socket)).is_some()
}

pub(in crate::steam) fn get_listen_socket_address(steam: &Steam, socket: u32, with_port: bool) -> String {
    let socket = ListenSocket::from_raw(socket);
    let address = steam.ask("getListenSocketAddress", |sockets| sockets.listen_socket_address(socket));
    address.map(|address| address_to_string(address, with_port)).unwrap_or_default()
}
