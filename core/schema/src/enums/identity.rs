//! Kinds of identities and of fake addresses.

closed_enum! {
    /// The kind of an identity.
    IdentityType: Sockets, "NetworkingIdentityType", "ESteamNetworkingIdentityType";

    /// No identity.
    Invalid = 0, "IDENTITY_TYPE_INVALID", "k_ESteamNetworkingIdentityType_Invalid";
    /// A SteamID64.
    SteamId = 16, "IDENTITY_TYPE_STEAMID", "k_ESteamNetworkingIdentityType_SteamID";
    /// An IP address, with port: nobody vouches for it.
    IpAddress = 1, "IDENTITY_TYPE_IP_ADDRESS", "k_ESteamNetworkingIdentityType_IPAddress";
    /// A text of the application, at most 31 bytes.
    GenericString = 2, "IDENTITY_TYPE_GENERIC_STRING", "k_ESteamNetworkingIdentityType_GenericString";
    /// Bytes of the application, at most 32.
    GenericBytes = 3, "IDENTITY_TYPE_GENERIC_BYTES", "k_ESteamNetworkingIdentityType_GenericBytes";
    /// A kind this version does not know; kept as text.
    UnknownType = 4, "IDENTITY_TYPE_UNKNOWN_TYPE", "k_ESteamNetworkingIdentityType_UnknownType";
    /// An Xbox pairwise id.
    XboxPairwise = 17, "IDENTITY_TYPE_XBOX_PAIRWISE", "k_ESteamNetworkingIdentityType_XboxPairwiseID";
    /// A PlayStation Network account id.
    SonyPsn = 18, "IDENTITY_TYPE_SONY_PSN", "k_ESteamNetworkingIdentityType_SonyPSN";
    /// A Google Stadia account id (retired).
    GoogleStadia = 19, "IDENTITY_TYPE_GOOGLE_STADIA", "k_ESteamNetworkingIdentityType_GoogleStadia";
    force "IDENTITY_TYPE_FORCE_32BIT", "k_ESteamNetworkingIdentityType__Force32bit";
}

closed_enum! {
    /// Whether an address is a fake one, that stands for an identity.
    FakeIpType: Sockets, "NetworkingFakeIPType", "ESteamNetworkingFakeIPType";

    /// No address.
    Invalid = 0, "FAKE_IP_TYPE_INVALID", "k_ESteamNetworkingFakeIPType_Invalid";
    /// An ordinary address.
    NotFake = 1, "FAKE_IP_TYPE_NOT_FAKE", "k_ESteamNetworkingFakeIPType_NotFake";
    /// A fake address that all peers know by the same number.
    GlobalIpv4 = 2, "FAKE_IP_TYPE_GLOBAL_IPV4", "k_ESteamNetworkingFakeIPType_GlobalIPv4";
    /// A fake address that only this process knows.
    LocalIpv4 = 3, "FAKE_IP_TYPE_LOCAL_IPV4", "k_ESteamNetworkingFakeIPType_LocalIPv4";
    force "FAKE_IP_TYPE_FORCE32BIT", "k_ESteamNetworkingFakeIPType__Force32Bit";
}
