//! States of a connection, and the reasons for its end.

closed_enum! {
    /// The state of a connection.
    ConnectionState: Sockets, "NetworkingConnectionState", "ESteamNetworkingConnectionState";

    /// No connection, or one whose handle has been closed.
    None = 0, "CONNECTION_STATE_NONE", "k_ESteamNetworkingConnectionState_None";
    /// The handshake is under way, or waits to be accepted.
    Connecting = 1, "CONNECTION_STATE_CONNECTING", "k_ESteamNetworkingConnectionState_Connecting";
    /// A route is being looked for (never on direct UDP).
    FindingRoute = 2, "CONNECTION_STATE_FINDING_ROUTE", "k_ESteamNetworkingConnectionState_FindingRoute";
    /// Messages flow.
    Connected = 3, "CONNECTION_STATE_CONNECTED", "k_ESteamNetworkingConnectionState_Connected";
    /// The peer closed the connection; the handle still has to be closed.
    ClosedByPeer = 4, "CONNECTION_STATE_CLOSED_BY_PEER", "k_ESteamNetworkingConnectionState_ClosedByPeer";
    /// A timeout or an error on this side ended the connection; the handle still has to be closed.
    ProblemDetectedLocally = 5, "CONNECTION_STATE_PROBLEM_DETECTED_LOCALLY",
        "k_ESteamNetworkingConnectionState_ProblemDetectedLocally";
    /// Closed here; stragglers are still answered. Seen as `None` by the application.
    FinWait = -1, "CONNECTION_STATE_FIN_WAIT", "k_ESteamNetworkingConnectionState_FinWait";
    /// Closed here; reliable data is still being delivered. Seen as `None` by the application.
    Linger = -2, "CONNECTION_STATE_LINGER", "k_ESteamNetworkingConnectionState_Linger";
    /// Nothing is left.
    Dead = -3, "CONNECTION_STATE_DEAD", "k_ESteamNetworkingConnectionState_Dead";
    force "CONNECTION_STATE_FORCE_32BIT", "k_ESteamNetworkingConnectionState__Force32Bit";
}

open_enum! {
    /// Why a connection ended. Open set: a peer may send any number.
    ConnectionEnd: Sockets, "NetworkingConnectionEnd", "ESteamNetConnectionEnd";

    /// The connection has not ended.
    INVALID = 0, "CONNECTION_END_INVALID", "k_ESteamNetConnectionEnd_Invalid";
    /// The first code for ordinary ends, chosen by the application.
    APP_MIN = 1000, "CONNECTION_END_APP_MIN", "k_ESteamNetConnectionEnd_App_Min";
    /// The application closed the connection, for no particular reason.
    APP_GENERIC = 1000, "CONNECTION_END_APP_GENERIC", "k_ESteamNetConnectionEnd_App_Generic";
    /// The last code for ordinary ends, chosen by the application.
    APP_MAX = 1999, "CONNECTION_END_APP_MAX", "k_ESteamNetConnectionEnd_App_Max";
    /// The first code for unusual ends, chosen by the application.
    APP_EXCEPTION_MIN = 2000, "CONNECTION_END_APP_EXCEPTION_MIN", "k_ESteamNetConnectionEnd_AppException_Min";
    /// The application closed the connection in an unusual way.
    APP_EXCEPTION_GENERIC = 2000, "CONNECTION_END_APP_EXCEPTION_GENERIC",
        "k_ESteamNetConnectionEnd_AppException_Generic";
    /// The object of a connection was collected before anybody closed it: sent by bindings of languages with a garbage
    /// collector. A code of ours; other libraries know it as one of the application.
    APP_EXCEPTION_COLLECTED = 2998, "CONNECTION_END_APP_EXCEPTION_COLLECTED", "";
    /// The last code for unusual ends, chosen by the application; also sent when the library is shut down.
    APP_EXCEPTION_MAX = 2999, "CONNECTION_END_APP_EXCEPTION_MAX", "k_ESteamNetConnectionEnd_AppException_Max";
    /// The first code for problems on this side.
    LOCAL_MIN = 3000, "CONNECTION_END_LOCAL_MIN", "k_ESteamNetConnectionEnd_Local_Min";
    /// This side is in offline mode.
    LOCAL_OFFLINE_MODE = 3001, "CONNECTION_END_LOCAL_OFFLINE_MODE", "k_ESteamNetConnectionEnd_Local_OfflineMode";
    /// Many relays are out of reach: the problem is probably on this side.
    LOCAL_MANY_RELAY_CONNECTIVITY = 3002, "CONNECTION_END_LOCAL_MANY_RELAY_CONNECTIVITY",
        "k_ESteamNetConnectionEnd_Local_ManyRelayConnectivity";
    /// The hosted server lost its primary relay.
    LOCAL_HOSTED_SERVER_PRIMARY_RELAY = 3003, "CONNECTION_END_LOCAL_HOSTED_SERVER_PRIMARY_RELAY",
        "k_ESteamNetConnectionEnd_Local_HostedServerPrimaryRelay";
    /// The network configuration could not be had.
    LOCAL_NETWORK_CONFIG = 3004, "CONNECTION_END_LOCAL_NETWORK_CONFIG",
        "k_ESteamNetConnectionEnd_Local_NetworkConfig";
    /// This side lacks the rights to do it.
    LOCAL_RIGHTS = 3005, "CONNECTION_END_LOCAL_RIGHTS", "k_ESteamNetConnectionEnd_Local_Rights";
    /// This side has no public address to offer to the peer.
    LOCAL_P2P_ICE_NO_PUBLIC_ADDRESSES = 3006, "CONNECTION_END_NO_PUBLIC_ADDRESS",
        "k_ESteamNetConnectionEnd_Local_P2P_ICE_NoPublicAddresses", alias "CONNECTION_END_LOCAL_P2P_ICE_NO_PUBLIC_ADDRESSES";
    /// The last code for problems on this side.
    LOCAL_MAX = 3999, "CONNECTION_END_LOCAL_MAX", "k_ESteamNetConnectionEnd_Local_Max";
    /// The first code for problems of the peer.
    REMOTE_MIN = 4000, "CONNECTION_END_REMOVE_MIN",
        "k_ESteamNetConnectionEnd_Remote_Min", alias "CONNECTION_END_REMOTE_MIN";
    /// The peer was silent for too long, while this side had a working network.
    REMOTE_TIMEOUT = 4001, "CONNECTION_END_REMOTE_TIMEOUT", "k_ESteamNetConnectionEnd_Remote_Timeout";
    /// The peer and this side could not agree on cipher or keys, or a signature was wrong.
    REMOTE_BAD_CRYPT = 4002, "CONNECTION_END_REMOTE_BAD_CRYPT", "k_ESteamNetConnectionEnd_Remote_BadCrypt";
    /// The certificate of the peer is missing, expired, or not trusted.
    REMOTE_BAD_CERT = 4003, "CONNECTION_END_REMOTE_BAD_CERT", "k_ESteamNetConnectionEnd_Remote_BadCert";
    /// The peer speaks a protocol version that this side does not.
    REMOTE_BAD_PROTOCOL_VERSION = 4006, "CONNECTION_END_BAD_PROTOCOL_VERSION",
        "k_ESteamNetConnectionEnd_Remote_BadProtocolVersion", alias "CONNECTION_END_REMOTE_BAD_PROTOCOL_VERSION";
    /// The peer has no public address to offer.
    REMOTE_P2P_ICE_NO_PUBLIC_ADDRESSES = 4007, "CONNECTION_END_REMOTE_P2P_ICE_NO_PUBLIC_ADDRESSES",
        "k_ESteamNetConnectionEnd_Remote_P2P_ICE_NoPublicAddresses";
    /// The last code for problems of the peer.
    REMOTE_MAX = 4999, "CONNECTION_END_REMOTE_MAX", "k_ESteamNetConnectionEnd_Remote_Max";
    /// The first code for everything else.
    MISC_MIN = 5000, "CONNECTION_END_MISC_MIN", "k_ESteamNetConnectionEnd_Misc_Min";
    /// Something went wrong.
    MISC_GENERIC = 5001, "CONNECTION_END_MISC_GENERIC", "k_ESteamNetConnectionEnd_Misc_Generic";
    /// An error of the library, or data from the peer that no correct peer sends.
    MISC_INTERNAL_ERROR = 5002, "CONNECTION_END_MISC_INTERNAL_ERROR", "k_ESteamNetConnectionEnd_Misc_InternalError";
    /// The peer was not heard of for too long.
    MISC_TIMEOUT = 5003, "CONNECTION_END_MISC_TIMEOUT", "k_ESteamNetConnectionEnd_Misc_Timeout";
    /// The backend cannot be reached.
    MISC_STEAM_CONNECTIVITY = 5005, "CONNECTION_END_MISC_STEAM_CONNECTIVITY",
        "k_ESteamNetConnectionEnd_Misc_SteamConnectivity";
    /// No relay has a session with the client any more.
    MISC_NO_RELAY_SESSIONS_TO_CLIENT = 5006, "CONNECTION_END_MISC_NO_RELAY_SESSIONS_TO_CLIENT",
        "k_ESteamNetConnectionEnd_Misc_NoRelaySessionsToClient";
    /// The rendezvous service could not carry the signals.
    MISC_P2P_RENDEZVOUS = 5008, "CONNECTION_END_MISC_P2P_RENDEZVOUS", "k_ESteamNetConnectionEnd_Misc_P2P_Rendezvous";
    /// No way was found through NATs and firewalls.
    MISC_P2P_NAT_FIREWALL = 5009, "CONNECTION_END_MISC_P2P_NAT_FIREWALL",
        "k_ESteamNetConnectionEnd_Misc_P2P_NAT_Firewall";
    /// The peer does not know this connection (any more).
    MISC_PEER_SENT_NO_CONNECTION = 5010, "CONNECTION_END_MISC_PEER_SENT_NO_CONNECTION",
        "k_ESteamNetConnectionEnd_Misc_PeerSentNoConnection";
    /// The client has connected anew from the same address, and this is its old connection. Never sent; GNS has no such
    /// reason.
    MISC_REPLACED = 5901, "CONNECTION_END_MISC_REPLACED", "";
    /// The last code for everything else.
    MISC_MAX = 5999, "CONNECTION_END_MISC_MAX", "k_ESteamNetConnectionEnd_Misc_Max";
    force "CONNECTION_END_FORCE32BIT", "k_ESteamNetConnectionEnd__Force32Bit";
}
