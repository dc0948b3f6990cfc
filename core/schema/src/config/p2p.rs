//! Options for connections between peers behind NATs.

options! {
    /// STUN servers, as host:port, separated by commas.
    P2P_STUN_SERVER_LIST = 103, "P2P_STUN_ServerList", "NETWORKING_CONFIG_P2P_STUN_SERVER_LIST",
        String(""), Connection, Plain, Listed, WithIce;
    /// Which kinds of addresses may be shown to peers: a set of `IceCandidates`.
    P2P_TRANSPORT_ICE_ENABLE = 104, "P2P_Transport_ICE_Enable", "NETWORKING_CONFIG_P2P_TRANSPORT_ICE_ENABLE",
        Int32(2_147_483_647, 0..=2_147_483_647), Connection, Plain, Listed, WithIce;
    /// Handicap of direct routes when the best one is chosen.
    P2P_TRANSPORT_ICE_PENALTY = 105, "P2P_Transport_ICE_Penalty", "NETWORKING_CONFIG_P2P_TRANSPORT_ICE_PENALTY",
        Int32(0, 0..=2_147_483_647), Connection, Milliseconds, Listed, WithIce;
    /// Handicap of relayed routes when the best one is chosen.
    P2P_TRANSPORT_SDR_PENALTY = 106, "P2P_Transport_SDR_Penalty", "NETWORKING_CONFIG_P2P_TRANSPORT_SDR_PENALTY",
        Int32(0, 0..=2_147_483_647), Connection, Milliseconds, Listed, No;
    /// TURN servers, as host:port, separated by commas.
    P2P_TURN_SERVER_LIST = 107, "P2P_TURN_ServerList", "NETWORKING_CONFIG_P2P_TURN_SERVER_LIST",
        String(""), Connection, Plain, Listed, WithIce;
    /// User names, one per TURN server, separated by commas.
    P2P_TURN_USER_LIST = 108, "P2P_TURN_UserList", "NETWORKING_CONFIG_P2P_TURN_USER_LIST",
        String(""), Connection, Plain, Listed, WithIce;
    /// Passwords, one per TURN server, separated by commas.
    P2P_TURN_PASS_LIST = 109, "P2P_TURN_PassList", "NETWORKING_CONFIG_P2P_TURN_PASS_LIST",
        String(""), Connection, Plain, Listed, WithIce;
    /// Who finds direct routes. 0: automatic. 1: the built-in client. 2: WebRTC, where it is compiled in.
    P2P_TRANSPORT_ICE_IMPLEMENTATION = 110, "P2P_Transport_ICE_Implementation", "NETWORKING_CONFIG_P2P_TRANSPORT_ICE_IMPLEMENTATION",
        Int32(0, 0..=2), Connection, Plain, Listed, WithIce;
    /// A second radio for the same packets. 0: off. 1: on. 2: simulated.
    DUAL_WIFI_ENABLE = 39, "DualWifi_Enable", "NETWORKING_CONFIG_DUAL_WIFI_ENABLE",
        Int32(1, 0..=2), Connection, Plain, Listed, No;
}
