//! Options for encryption and authentication.

options! {
    /// Direct connections without a trusted certificate. 0: refuse. 1: try to authenticate, yet allow. 2: do not even
    /// try.
    IP_ALLOW_WITHOUT_AUTH = 23, "IP_AllowWithoutAuth", "NETWORKING_CONFIG_IP_ALLOW_WITHOUT_AUTH",
        Int32(2, 0..=2), Connection, Plain, Developer, Yes;
    /// As `IP_AllowWithoutAuth`, for peers on the same machine; the more permissive of both counts.
    IP_LOCAL_HOST_ALLOW_WITHOUT_AUTH = 52, "IPLocalHost_AllowWithoutAuth", "NETWORKING_CONFIG_IP_LOCAL_HOST_ALLOW_WITHOUT_AUTH",
        Int32(2, 0..=2), Connection, Plain, Listed, Yes;
    /// Connections that a listen socket takes from one IPv4 address, or from one /64 of IPv6. 0: as many as there are, less
    /// those that have to stay free for others: seven of eight. A server whose players never share an address may say less.
    CONNECTIONS_PER_ADDRESS = 10_002, "ConnectionsPerAddress", "NETWORKING_CONFIG_CONNECTIONS_PER_ADDRESS",
        Int32(0, 0..=16_383), Connection, Count, Listed, Ours;
    /// Connections without encryption. 0: never. 1: allowed. 2: preferred. 3: required.
    UNENCRYPTED = 34, "Unencrypted", "NETWORKING_CONFIG_UNENCRYPTED",
        Int32(0, 0..=3), Connection, Plain, Developer, Yes;
}
