//! What calls answer, where that is more than one value.

use alloc::string::String;
use alloc::vec::Vec;

use super::connection::{ConnectionInfo, LaneStatus, RealTimeStatus};
use crate::config::ConfigData;
use crate::enums::{
    ConfigDataType, ConfigScope, ConnectionState, FakeIpType, GetConfigValueResult, IdentityType, InitResult,
    ResultCode,
};
use crate::field::Bytes;
use crate::flags::SendFlags;

record! {
    /// The answer of `getConnectionRealTimeStatus`.
    struct RealTimeStatusAnswer {
        /// Ok, NoConnection for a dead handle, InvalidParam when more lanes are asked for than exist.
        response: ResultCode, Plain;
        /// The connection as a whole.
        connection_status: RealTimeStatus, Plain;
        /// The lanes that were asked for.
        lanes_status: Vec<LaneStatus>, Plain;
    }
}

record! {
    /// The answer of `createSocketPair`.
    struct SocketPair {
        /// Whether both connections exist.
        success: bool, Plain;
        /// One end; 0 on failure.
        connection1: u32, Plain;
        /// The other end; 0 on failure.
        connection2: u32, Plain;
    }
}

record! {
    /// The answer of `sendMessageToConnection`.
    struct SendAnswer {
        /// Ok, or why the message was not taken.
        result: ResultCode, Plain;
        /// The number of the message; -1 on failure.
        message_number: i64, Plain;
    }
}

record! {
    /// The answer of `getDetailedConnectionStatus`.
    struct DetailedStatus {
        /// 0 when the text is complete, -1 for a bad handle.
        success: i32, Plain;
        /// The text.
        status: String, Plain;
        /// The same text, under the key of the documentation.
        buffer: String, Plain, extra;
    }
}

record! {
    /// The answer of `getCertificateRequest`.
    struct CertificateRequest {
        /// The request, to be signed by a certificate authority; empty on failure.
        certificate: Bytes, Plain;
        /// What went wrong; empty on success.
        error_message: String, Plain;
        /// The length of the request.
        cert_size: u32, Bytes, extra;
    }
}

record! {
    /// The answer of `setCertificate`.
    struct CertificateAnswer {
        /// Whether the certificate is in use now.
        response: bool, Plain;
        /// Why it is not; empty on success.
        error: String, Plain;
    }
}

record! {
    /// The answer of `getFakeIP`.
    struct FakeIp {
        /// Ok, Busy while the request is pending, NoMatch if none was made, InvalidParam for a bad index.
        result: ResultCode, Plain;
        /// The kind of identity that owns the address.
        identity_type: IdentityType, Plain;
        /// The fake address.
        ip: String, Plain;
        /// The fake ports; 0 in unused slots.
        ports: Vec<u16>, Plain;
    }
}

record! {
    /// The answer of `getRemoteFakeIPForConnection`.
    struct RemoteFakeIp {
        /// Ok, InvalidParam for a bad handle, IpNotFound when the connection has no fake address.
        result: ResultCode, Plain;
        /// The fake address of the peer.
        ip_address: String, Plain;
        /// Its port.
        port: u16, Plain;
        /// Whether the address is valid everywhere or only here.
        ip_type: FakeIpType, Plain;
    }
}

record! {
    /// The answer of `getRealIdentityForFakeIP`.
    struct RealIdentity {
        /// Ok, NoMatch when the address belongs to nobody known, InvalidParam when it is not a fake one.
        result: ResultCode, Plain;
        /// The SteamID64 behind the address.
        identity: u64, Plain;
        /// The identity in full, as text.
        identity_string: String, Plain, extra;
    }
}

record! {
    /// The answer of `receivedRelayAuthTicket`: what the ticket says.
    struct RelayAuthTicket {
        /// The server that the ticket leads to.
        game_server: u64, Plain;
        /// Who may use it.
        authorized_client: u64, Plain;
        /// The client's public address, when the ticket is bound to one.
        public_ip: String, Plain;
        /// When it expires.
        expiry: i64, UnixSeconds;
        /// The opaque route to the server.
        routing: Bytes, Plain;
        /// The application it is for.
        app_id: u32, Plain;
        /// The one virtual port it is for; -1 for any.
        restrict_to_v_port: i32, Plain;
        /// How many extra fields it has.
        number_of_extras: i32, Count;
        /// The extra fields, each as text.
        extra_fields: Vec<String>, Plain;
    }
}

record! {
    /// The answer of `findRelayAuthTicketForServer`.
    struct RelayAuthTicketSearch {
        /// How long the ticket is valid; 0 when there is none.
        result_seconds: i32, Seconds;
        /// What it says.
        ticket: RelayAuthTicket, Plain;
    }
}

record! {
    /// The answer of `getGameCoordinatorServerLogin`.
    struct GameCoordinatorLogin {
        /// Ok, or why there is no login.
        result: ResultCode, Plain;
        /// The login in words.
        login_info: String, Plain;
        /// The signed blob for the backend.
        signed_blob: Bytes, Plain;
    }
}

record! {
    /// The answer of `getHostedDedicatedServerAddress`.
    struct HostedServerAddress {
        /// Ok, InvalidState when this is no hosted server, Pending while the certificate is missing.
        result: ResultCode, Plain;
        /// The opaque route to this server, for tickets.
        routing: Bytes, Plain;
        /// The data centre of this server.
        pop_id: u32, Plain;
        /// The UDP port of this server.
        port: u16, Plain;
    }
}

record! {
    /// The answer of `getConfigValue`.
    struct ConfigValueAnswer {
        /// Ok, OkInherited, or what is wrong with the question.
        result: GetConfigValueResult, Plain;
        /// The type of the value.
        data_type: ConfigDataType as "type", Plain;
        /// The value as raw bytes, little-endian; a text without terminator.
        value: Bytes, Plain;
        /// The value itself.
        decoded: ConfigData, Plain, extra;
    }
}

record! {
    /// The answer of `getConfigValueInfo`.
    struct ConfigValueInfo {
        /// The short name of the option.
        name: String, Plain;
        /// The type of its value.
        data_type: ConfigDataType as "type", Plain;
        /// The narrowest scope at which it can be set.
        scope: ConfigScope, Plain;
    }
}

record! {
    /// The answer of `getLocalPingLocation`.
    struct PingLocation {
        /// How old the measurement is; -1 when there is none.
        age: f32, Seconds;
        /// Where this host is, opaque.
        location: Bytes, Plain;
    }
}

record! {
    /// The answer of `parsePingLocationString`.
    struct ParsedPingLocation {
        /// Whether the text could be read.
        success: bool, Plain;
        /// The location, opaque.
        ping_location: Bytes, Plain;
    }
}

record! {
    /// The answer of `getPingToDataCenter`.
    struct DataCenterPing {
        /// The relay point on the best way; 0 when direct.
        pop_relay: u32, Plain;
        /// The round trip time; negative when unknown.
        ping: i32, Milliseconds;
    }
}

record! {
    /// The answer of `getSessionConnectionInfo`. Info and status appear as keys of the same dictionary where asked for.
    struct SessionConnectionInfo {
        /// The state of the hidden connection; None without a session.
        connection_state: ConnectionState, Plain;
        /// The same, under the key of the older documentation.
        state: ConnectionState, Plain, extra;
        /// What is known about the connection, where asked for.
        connection_info: ConnectionInfo, Plain, extra;
        /// How it is doing, where asked for.
        connection_status: RealTimeStatus, Plain, extra;
    }
}

record! {
    /// A message that was received from a user.
    table ChannelMessageRecord {
        /// The content.
        payload: Bytes, Plain;
        /// Its length.
        size: u32, Bytes;
        /// The hidden connection it came by.
        connection: u32, Plain;
        /// The sender's SteamID64; 0 when its identity is of another kind.
        identity: u64, Plain;
        /// The number attached to the connection; -1 when none.
        receiver_user_data: i64, Plain;
        /// When it arrived, on the clock of `getLocalTimestamp`.
        time_received: i64, Microseconds;
        /// The number the sender gave it.
        message_number: i64, Plain;
        /// The channel it came by.
        channel: i32, Plain;
        /// Whether it was sent reliably; no other bit is meaningful.
        flags: SendFlags, Plain;
    }
}

record! {
    /// The answer of `steamInitEx` and `get_steam_init_result`.
    struct InitAnswer {
        /// Whether the library is ready.
        status: InitResult, Plain;
        /// The same in words.
        verbal: String, Plain;
    }
}
