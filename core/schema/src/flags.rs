//! Sets of bits: how a message is sent, what kind of connection it is, which addresses may be shared.

use crate::table::{ConstantInfo, Unit, doc, name};

/// Writes a set of bits and its table. Rows: `CONSTANT = number, "Godot name", "C++ name" [, alias "spelling"];`.
macro_rules! flags {
    (
        $(#[doc = $doc:literal])+
        $name:ident, $table:ident;
        $(
            $(#[doc = $row_doc:literal])+
            $constant:ident = $value:literal, $godot:literal, $cpp:literal $(, alias $alias:literal)?;
        )+
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
        pub struct $name(pub i32);

        impl $name {
            $($(#[doc = $row_doc])+ pub const $constant: Self = Self($value);)+

            /// Whether every bit of `other` is set.
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// Its number in the API.
            pub const fn value(self) -> i32 {
                self.0
            }
        }

        impl core::ops::BitOr for $name {
            type Output = Self;
            fn bitor(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
        }

        impl core::ops::BitOrAssign for $name {
            fn bitor_assign(&mut self, other: Self) {
                self.0 |= other.0;
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i32(self.0)
            }
        }

        pub(crate) const $table: &[ConstantInfo] = &[
            $(ConstantInfo {
                rust_name: concat!(stringify!($name), "::", stringify!($constant)),
                godot_name: name($godot),
                alias: name(concat!($($alias)?)),
                cpp_name: $cpp,
                value: $value,
                unit: Unit::Plain,
                doc: doc(concat!($($row_doc),+)),
            },)+
        ];
    };
}

flags! {
    /// How a message is sent.
    SendFlags, SEND;

    /// Sent once. It may get lost or be overtaken, and it is never delivered twice. A message of more than 16,500 bytes is
    /// sent reliably instead, as by GNS.
    UNRELIABLE = 0, "NETWORKING_SEND_UNRELIABLE",
        "k_nSteamNetworkingSend_Unreliable";
    /// Do not wait for further messages to share a packet with.
    NO_NAGLE = 1, "NETWORKING_SEND_NO_NAGLE",
        "k_nSteamNetworkingSend_NoNagle";
    /// `UNRELIABLE` and `NO_NAGLE`.
    UNRELIABLE_NO_NAGLE = 1, "NETWORKING_SEND_URELIABLE_NO_NAGLE",
        "k_nSteamNetworkingSend_UnreliableNoNagle", alias "NETWORKING_SEND_UNRELIABLE_NO_NAGLE";
    /// Refuse the message, with `Ignored`, while the connection is not connected yet, instead of queueing it. Once it is
    /// connected, this changes nothing, as in GNS.
    NO_DELAY = 4, "NETWORKING_SEND_NO_DELAY",
        "k_nSteamNetworkingSend_NoDelay";
    /// `UNRELIABLE`, `NO_NAGLE` and `NO_DELAY`.
    UNRELIABLE_NO_DELAY = 5, "NETWORKING_SEND_UNRELIABLE_NO_DELAY",
        "k_nSteamNetworkingSend_UnreliableNoDelay";
    /// Delivered once and in order within its lane, as long as the connection lives.
    RELIABLE = 8, "NETWORKING_SEND_RELIABLE",
        "k_nSteamNetworkingSend_Reliable";
    /// `RELIABLE` and `NO_NAGLE`.
    RELIABLE_NO_NAGLE = 9, "NETWORKING_SEND_RELIABLE_NO_NAGLE",
        "k_nSteamNetworkingSend_ReliableNoNagle";
    /// Send from the calling thread.
    USE_CURRENT_THREAD = 16, "NETWORKING_SEND_USE_CURRENT_THREAD",
        "k_nSteamNetworkingSend_UseCurrentThread";
    /// Messages API: make a new session if the old one broke.
    AUTO_RESTART_BROKEN_SESSION = 32, "NETWORKING_SEND_AUTORESTART_BROKEN_SESSION",
        "k_nSteamNetworkingSend_AutoRestartBrokenSession", alias "NETWORKING_SEND_AUTO_RESTART_BROKEN_SESSION";
}

flags! {
    /// What kind of connection it is.
    InfoFlags, INFO;

    /// Nobody vouches for the identity of the peer.
    UNAUTHENTICATED = 1, "NETWORKING_CONNECTION_INFO_FLAG_UNAUTHENTICATED",
        "k_nSteamNetworkConnectionInfoFlags_Unauthenticated";
    /// No cipher is in use (yet).
    UNENCRYPTED = 2, "NETWORKING_CONNECTION_INFO_FLAG_UNENCRYPTED",
        "k_nSteamNetworkConnectionInfoFlags_Unencrypted";
    /// Both ends are in this process, joined by buffers.
    LOOPBACK_BUFFERS = 4, "NETWORKING_CONNECTION_INFO_FLAG_LOOPBACK_BUFFERS",
        "k_nSteamNetworkConnectionInfoFlags_LoopbackBuffers";
    /// The peer is near: on this machine or in the local network.
    FAST = 8, "NETWORKING_CONNECTION_INFO_FLAG_FAST",
        "k_nSteamNetworkConnectionInfoFlags_Fast";
    /// Packets go by way of a relay.
    RELAYED = 16, "NETWORKING_CONNECTION_INFO_FLAG_RELAYED",
        "k_nSteamNetworkConnectionInfoFlags_Relayed";
    /// Packets go out twice, by two radios.
    DUALWIFI = 32, "NETWORKING_CONNECTION_INFO_FLAG_DUALWIFI",
        "k_nSteamNetworkConnectionInfoFlags_DualWifi";
}

flags! {
    /// Which kinds of addresses may be shown to peers.
    IceCandidates, ICE;

    /// As the library or the user decides.
    DEFAULT = -1, "NETWORKING_CONFIG_P2P_TRANSPORT_ICE_DEFAULT",
        "k_nSteamNetworkingConfig_P2P_Transport_ICE_Enable_Default";
    /// None.
    DISABLE = 0, "NETWORKING_CONFIG_P2P_TRANSPORT_ICE_DISABLE",
        "k_nSteamNetworkingConfig_P2P_Transport_ICE_Enable_Disable";
    /// Addresses of TURN servers.
    RELAY = 1, "NETWORKING_CONFIG_P2P_TRANSPORT_ICE_RELAY",
        "k_nSteamNetworkingConfig_P2P_Transport_ICE_Enable_Relay";
    /// Addresses in the local network.
    PRIVATE = 2, "NETWORKING_CONFIG_P2P_TRANSPORT_ICE_PRIVATE",
        "k_nSteamNetworkingConfig_P2P_Transport_ICE_Enable_Private";
    /// Public addresses, as STUN servers see them.
    PUBLIC = 4, "NETWORKING_CONFIG_P2P_TRANSPORT_ICE_PUBLIC",
        "k_nSteamNetworkingConfig_P2P_Transport_ICE_Enable_Public";
    /// All.
    ALL = 2147483647, "NETWORKING_CONFIG_P2P_TRANSPORT_ICE_ALL",
        "k_nSteamNetworkingConfig_P2P_Transport_ICE_Enable_All";
}
