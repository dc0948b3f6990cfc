//! Options for relays. Valve keeps this service to itself: its open-source library knows none of them.

options! {
    /// Failed first pings after which a relay port is set aside.
    SDR_CLIENT_CONSEC_PING_TIMEOUT_FAIL_INITIAL = 19, "SDRClient_ConsecutitivePingTimeoutsFailInitial", "NETWORKING_CONFIG_SDR_CLIENT_CONSEC_PING_TIMEOUT_FAIL_INITIAL",
        Int32(?), Global, Count, Listed, No;
    /// Failed later pings after which a relay port is set aside.
    SDR_CLIENT_CONSEC_PING_TIMEOUT_FAIL = 20, "SDRClient_ConsecutitivePingTimeoutsFail", "NETWORKING_CONFIG_SDR_CLIENT_CONSEC_PING_TIMEOUT_FAIL",
        Int32(?), Global, Count, Listed, No;
    /// Pings after which an estimate counts.
    SDR_CLIENT_MIN_PINGS_BEFORE_PING_ACCURATE = 21, "SDRClient_MinPingsBeforePingAccurate", "NETWORKING_CONFIG_SDR_CLIENT_MIN_PINGS_BEFORE_PING_ACCURATE",
        Int32(?), Global, Count, Listed, No;
    /// 1: one local UDP socket for all relays.
    SDR_CLIENT_SINGLE_SOCKET = 22, "SDRClient_SingleSocket", "NETWORKING_CONFIG_SDR_CLIENT_SINGLE_SOCKET",
        Int32(?), Global, Plain, Listed, No;
    /// Use only the relays of this data centre.
    SDR_CLIENT_FORCE_RELAY_CLUSTER = 29, "SDRClient_ForceRelayCluster", "NETWORKING_CONFIG_SDR_CLIENT_FORCE_RELAY_CLUSTER",
        String(?), Global, Plain, Listed, No;
    /// A ticket for tests, in base 64; also read from `SDR_DEVTICKET`.
    SDR_CLIENT_DEV_TICKET = 30, "SDRClient_DevTicket", "NETWORKING_CONFIG_SDR_CLIENT_DEV_TICKET",
        String(""), Connection, Plain, Listed, No;
    /// Addresses to use instead of those of the relays.
    SDR_CLIENT_FORCE_PROXY_ADDR = 31, "SDRClient_ForceProxyAddr", "NETWORKING_CONFIG_SDR_CLIENT_FORCE_PROXY_ADDR",
        String(?), Global, Plain, Listed, No;
    /// Ping times to pretend, as a list of name=milliseconds.
    SDR_CLIENT_FAKE_CLUSTER_PING = 36, "SDRClient_FakeClusterPing", "NETWORKING_CONFIG_SDR_CLIENT_FAKE_CLUSTER_PING",
        String(?), Global, Plain, Developer, No;
    /// Ping only this many of the nearest data centres.
    SDR_CLIENT_LIMIT_PING_PROBES_TO_NEAREST_N = 60, "SDRClient_LimitPingProbesToNearestN", "NETWORKING_CONFIG_SDR_CLIENT_LIMIT_PING_PROBES_TO_NEAREST_N",
        Int32(?), Global, Count, Listed, No;
    /// Ping relays with different service classes.
    SDR_CLIENT_ENABLE_TOS_PROBES = 998, "SDRClient_EnableTOSProbes", "",
        Int32(?), Global, Plain, Listed, No;
}
