//! The events: what the library tells without being asked.

use alloc::string::String;
use alloc::vec::Vec;

use super::connection::ConnectionInfo;
use crate::enums::{Availability, ConnectionEnd, ConnectionState, DebugOutputType, ResultCode};

record! {
    /// A connection was created, changed its state or died. The info is of the moment of the event.
    event ConnectionStatusChanged: Sockets, "network_connection_status_changed",
        "SteamNetConnectionStatusChangedCallback_t" {
        /// The connection.
        connect_handle: u32, Plain;
        /// What is known about it; its state is the new state.
        connection: ConnectionInfo, Plain;
        /// The state before.
        old_state: ConnectionState, Plain;
    }
}

record! {
    /// A send was refused with `LIMIT_EXCEEDED`, and there is room again.
    event ConnectionWritable: Sockets, "network_connection_writable", "" {
        /// The connection.
        connect_handle: u32, Plain;
    }
}

record! {
    /// The readiness of the local certificate changed.
    event AuthenticationStatus: Sockets, "network_authentication_status", "SteamNetAuthenticationStatus_t" {
        /// How ready it is.
        available: Availability, Plain;
        /// The same in words, for logs.
        debug_message: String, Plain;
    }
}

record! {
    /// The answer to a request for a fake address.
    event FakeIpResult: Sockets, "fake_ip_result", "SteamNetworkingFakeIPResult_t" {
        /// Ok, or why there is no address.
        result: ResultCode, Plain;
        /// The SteamID64 that asked: the local one.
        identity: u64, Plain;
        /// The fake address.
        fake_ip: String, Plain;
        /// The fake ports; 0 in unused slots.
        port_list: Vec<u16>, Plain;
    }
}

record! {
    /// A user without a session has sent something: accept, answer by sending, or ignore.
    event MessagesSessionRequest: Messages, "network_messages_session_request",
        "SteamNetworkingMessagesSessionRequest_t" {
        /// The SteamID64 of the user.
        remote_steam_id: u64, Plain;
    }
}

record! {
    /// A session broke, or could not be made.
    event MessagesSessionFailed: Messages, "network_messages_session_failed",
        "SteamNetworkingMessagesSessionFailed_t" {
        /// Why.
        reason: ConnectionEnd, Plain;
        /// The SteamID64 of the user.
        remote_steam_id: u64, Plain;
        /// The state of the hidden connection.
        connection_state: ConnectionState, Plain;
        /// The reason in words, for logs.
        debug_message: String, Plain;
    }
}

record! {
    /// The readiness of the relays changed.
    event RelayNetworkStatus: Utils, "relay_network_status", "SteamRelayNetworkStatus_t" {
        /// The whole.
        available: Availability, Plain;
        /// 1 while pings are being measured.
        ping_measurement: i32, Plain;
        /// The configuration.
        available_config: Availability, Plain;
        /// Any relay.
        available_relay: Availability, Plain;
        /// The same in words, for logs.
        debug_message: String, Plain;
    }
}

record! {
    /// One line of the library's log.
    event DebugOutput: Utils, "networking_sockets_debug_output", "FSteamNetworkingSocketsDebugOutput" {
        /// How important it is.
        level: DebugOutputType as "type", Plain;
        /// The line.
        message: String, Plain;
    }
}

record! {
    /// The session with the backend is up.
    event ServerConnected: General, "steam_server_connected", "SteamServersConnected_t" {}
}

record! {
    /// The session with the backend is lost.
    event ServerDisconnected: General, "steam_server_disconnected", "SteamServersDisconnected_t" {
        /// Why.
        result: ResultCode, Plain;
    }
}

record! {
    /// The backend refused, or could not be reached.
    event ServerConnectFailed: General, "steam_server_connect_failed", "SteamServerConnectFailure_t" {
        /// Why.
        result: ResultCode, Plain;
        /// Whether another attempt follows by itself.
        retrying: bool, Plain;
    }
}

record! {
    /// The library wants the application to close.
    event Shutdown: General, "steam_shutdown", "SteamShutdown_t" {}
}
