//! The constants of the API. Sets of bits stand in [`flags`].

use crate::flags;
use crate::table::{ConstantInfo, Unit, doc, join, name};

/// Rows: `NAME: type = value, unit, "Godot name", "C++ name";`.
macro_rules! constants {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident: $type:ident = $value:literal, $unit:ident, $godot:literal, $cpp:literal;
    )+) => {
        $($(#[doc = $doc])+ pub const $name: $type = $value;)+

        const PLAIN: &[ConstantInfo] = &[
            $(ConstantInfo {
                rust_name: stringify!($name),
                godot_name: name($godot),
                alias: None,
                cpp_name: $cpp,
                value: $value,
                unit: Unit::$unit,
                doc: doc(concat!($($doc),+)),
            },)+
        ];
    };
}

const COUNT: usize = 44;
const ALL: [ConstantInfo; COUNT] = join(&[PLAIN, flags::SEND, flags::INFO, flags::ICE]);

/// Every constant, sets of bits included.
pub const CONSTANTS: &[ConstantInfo] = &ALL;

constants! {
    /// Largest message that can be sent.
    MAX_MESSAGE_SIZE: usize = 524_288, Bytes,
        "MAX_STEAM_PACKET_SIZE", "k_cbMaxSteamNetworkingSocketsMessageSizeSend";
    /// The handle that no listen socket has.
    LISTEN_SOCKET_INVALID: u32 = 0, Plain,
        "LISTEN_SOCKET_INVALID", "k_HSteamListenSocket_Invalid";
    /// Longest text of an error.
    MAX_ERROR_MESSAGE: usize = 1024, Characters,
        "MAX_NETWORKING_ERROR_MESSAGE", "k_cchMaxSteamNetworkingErrMsg";
    /// Longest text of a ping location.
    MAX_PING_LOCATION_STRING: usize = 1024, Characters,
        "MAX_NETWORKING_PING_LOCATION_STRING", "k_cchMaxSteamNetworkingPingLocationString";
    /// The handle that no connection has.
    CONNECTION_INVALID: u32 = 0, Plain,
        "NETWORKING_CONNECTION_INVALID", "k_HSteamNetConnection_Invalid";
    /// Longest name of an application in the description of a connection.
    MAX_CONNECTION_APP_NAME: usize = 32, Characters,
        "NETWORKING_MAX_CONNECTION_APP_NAME", "k_cchSteamNetworkingMaxConnectionAppName";
    /// Longest text that goes with the end of a connection.
    MAX_CLOSE_REASON: usize = 128, Characters,
        "NETWORKING_MAX_CONNECTION_CLOSE_REASON", "k_cchSteamNetworkingMaxConnectionCloseReason";
    /// Longest description of a connection.
    MAX_CONNECTION_DESCRIPTION: usize = 128, Characters,
        "NETWORKING_MAX_CONNECTION_DESCRIPTION", "k_cchSteamNetworkingMaxConnectionDescription";
    /// In place of a ping: it could not be measured.
    PING_FAILED: i32 = -1, Plain,
        "NETWORKING_PING_FAILED", "k_nSteamNetworkingPing_Failed";
    /// In place of a ping: it is not known yet.
    PING_UNKNOWN: i32 = -2, Plain,
        "NETWORKING_PING_UNKNOWN", "k_nSteamNetworkingPing_Unknown";
    /// The data centre of developers: the text "dev".
    POP_ID_DEV: u32 = 6_579_574, Plain,
        "DATAGRAM_POP_ID_DEV", "k_SteamDatagramPOPID_dev";
    /// The handle that no poll group has.
    POLL_GROUP_INVALID: u32 = 0, Plain,
        "NET_POLL_GROUP_INVALID", "k_HSteamNetPollGroup_Invalid";
    /// Message size on a fake UDP port that fits into one packet.
    FAKE_UDP_PORT_RECOMMENDED_MTU: usize = 1200, Bytes,
        "NETWORKING_SOCKETS_FAKE_UDP_PORT_RECOMMENDED_MTU", "k_cbSteamNetworkingSocketsFakeUDPPortRecommendedMTU";
    /// Largest message on a fake UDP port.
    FAKE_UDP_PORT_MAX_MESSAGE_SIZE: usize = 4096, Bytes,
        "NETWORKING_SOCKETS_FAKE_UDP_PORT_MAX_MESSAGE_SIZE", "k_cbSteamNetworkingSocketsFakeUDPPortMaxMessageSize";
    /// Largest data of the application in the login of a hosted server.
    MAX_COORDINATOR_LOGIN_APP_DATA: usize = 2048, Bytes,
        "MAX_STEAM_DATAGRAM_GAME_COORDINATOR_SERVER_LOGIN_APP_DATA", "k_cbMaxSteamDatagramGameCoordinatorServerLoginAppData";
    /// Largest login of a hosted server.
    MAX_COORDINATOR_LOGIN_SERIALIZED: usize = 4096, Bytes,
        "MAX_STEAM_DATAGRAM_GAME_COORDINATOR_SERVER_LOGIN_SERIALIZED", "k_cbMaxSteamDatagramGameCoordinatorServerLoginSerialized";
    /// Largest relay ticket.
    MAX_SERIALIZED_TICKET: usize = 512, Bytes,
        "STEAM_DATAGRAM_MAX_SERIALIZED_TICKET", "k_cbSteamDatagramMaxSerializedTicket";
    /// Slots for ports in the answer to a request for a fake address.
    MAX_FAKE_PORTS: usize = 8, Count,
        "", "k_nMaxReturnPorts";
    /// Longest text of an identity.
    MAX_IDENTITY_STRING: usize = 128, Characters,
        "", "SteamNetworkingIdentity::k_cchMaxString";
    /// Longest generic text as an identity.
    MAX_IDENTITY_GENERIC_STRING: usize = 32, Characters,
        "", "SteamNetworkingIdentity::k_cchMaxGenericString";
    /// Longest Xbox pairwise id.
    MAX_IDENTITY_XBOX_PAIRWISE_ID: usize = 33, Characters,
        "", "SteamNetworkingIdentity::k_cchMaxXboxPairwiseID";
    /// Most generic bytes as an identity.
    MAX_IDENTITY_GENERIC_BYTES: usize = 32, Bytes,
        "", "SteamNetworkingIdentity::k_cbMaxGenericBytes";
    /// Longest text of an address.
    MAX_ADDRESS_STRING: usize = 48, Characters,
        "", "SteamNetworkingIPAddr::k_cchMaxString";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flags::{IceCandidates, InfoFlags, SendFlags};

    #[test]
    fn no_name_stands_twice() {
        for constant in CONSTANTS {
            assert!(constant.doc.ends_with('.'), "{} has no doc", constant.rust_name);
            for name in [Some(constant.cpp_name), constant.godot_name, constant.alias].into_iter().flatten() {
                let holders = CONSTANTS
                    .iter()
                    .filter(|other| [Some(other.cpp_name), other.godot_name, other.alias].contains(&Some(name)));
                assert_eq!(holders.count(), 1, "{name}");
            }
        }
    }

    #[test]
    fn numbers_are_those_of_the_api() {
        let value = |name: &str| {
            CONSTANTS.iter().find(|constant| constant.godot_name == Some(name)).map(|constant| constant.value)
        };
        assert_eq!(value("MAX_STEAM_PACKET_SIZE"), Some(512 * 1024));
        assert_eq!(value("NETWORKING_PING_UNKNOWN"), Some(-2));
        assert_eq!(value("NETWORKING_SEND_RELIABLE_NO_NAGLE"), Some(9));
        assert_eq!(SendFlags::RELIABLE | SendFlags::NO_NAGLE, SendFlags::RELIABLE_NO_NAGLE);
        assert!(SendFlags::UNRELIABLE_NO_DELAY.contains(SendFlags::NO_DELAY));
        assert!(!SendFlags::RELIABLE.contains(SendFlags::NO_NAGLE));
        assert_eq!(InfoFlags::RELAYED.value(), 16);
        assert!(IceCandidates::ALL.contains(IceCandidates::PUBLIC));
    }
}
