//! Readiness of services, levels of the log, the answer of the start.

closed_enum! {
    /// How far something that has to be fetched is: a certificate, the relays.
    Availability: Utils, "NetworkingAvailability", "ESteamNetworkingAvailability";

    /// It cannot be had: something that it needs is missing.
    CannotTry = -102, "NETWORKING_AVAILABILITY_CANNOT_TRY", "k_ESteamNetworkingAvailability_CannotTry";
    /// It failed, and there are no more attempts.
    Failed = -101, "NETWORKING_AVAILABILITY_FAILED", "k_ESteamNetworkingAvailability_Failed";
    /// It was there, and has been lost.
    Previously = -100, "NETWORKING_AVAILABILITY_PREVIOUSLY", "k_ESteamNetworkingAvailability_Previously";
    /// It failed, and is tried again.
    Retrying = -10, "NETWORKING_AVAILABILITY_RETRYING", "k_ESteamNetworkingAvailability_Retrying";
    /// Nobody has asked for it yet.
    NeverTried = 1, "NETWORKING_AVAILABILITY_NEVER_TRIED", "k_ESteamNetworkingAvailability_NeverTried";
    /// It waits for something else.
    Waiting = 2, "NETWORKING_AVAILABILITY_WAITING", "k_ESteamNetworkingAvailability_Waiting";
    /// It is under way.
    Attempting = 3, "NETWORKING_AVAILABILITY_ATTEMPTING", "k_ESteamNetworkingAvailability_Attempting";
    /// It is there.
    Current = 100, "NETWORKING_AVAILABILITY_CURRENT", "k_ESteamNetworkingAvailability_Current";
    /// Nothing is known about it.
    Unknown = 0, "NETWORKING_AVAILABILITY_UNKNOWN", "k_ESteamNetworkingAvailability_Unknown";
    force "NETWORKING_AVAILABILITY_FORCE_32BIT", "k_ESteamNetworkingAvailability__Force32bit";
}

closed_enum! {
    /// How important a line of the log is; as a setting, how much is wanted.
    DebugOutputType: Sockets, "NetworkingSocketsDebugOutputType", "ESteamNetworkingSocketsDebugOutputType";

    /// Nothing.
    None = 0, "NETWORKING_SOCKET_DEBUG_OUTPUT_TYPE_NONE", "k_ESteamNetworkingSocketsDebugOutputType_None";
    /// A bug in this library or in its use.
    Bug = 1, "NETWORKING_SOCKET_DEBUG_OUTPUT_TYPE_BUG", "k_ESteamNetworkingSocketsDebugOutputType_Bug";
    /// An error.
    Error = 2, "NETWORKING_SOCKET_DEBUG_OUTPUT_TYPE_ERROR", "k_ESteamNetworkingSocketsDebugOutputType_Error";
    /// Important, though nothing is wrong.
    Important = 3, "NETWORKING_SOCKET_DEBUG_OUTPUT_TYPE_IMPORTANT",
        "k_ESteamNetworkingSocketsDebugOutputType_Important";
    /// Something looks wrong.
    Warning = 4, "NETWORKING_SOCKET_DEBUG_OUTPUT_TYPE_WARNING", "k_ESteamNetworkingSocketsDebugOutputType_Warning";
    /// What an operator wants to know.
    Message = 5, "NETWORKING_SOCKET_DEBUG_OUTPUT_TYPE_MSG", "k_ESteamNetworkingSocketsDebugOutputType_Msg";
    /// Quite a bit.
    Verbose = 6, "NETWORKING_SOCKET_DEBUG_OUTPUT_TYPE_VERBOSE", "k_ESteamNetworkingSocketsDebugOutputType_Verbose";
    /// Practically everything.
    Debug = 7, "NETWORKING_SOCKET_DEBUG_OUTPUT_TYPE_DEBUG", "k_ESteamNetworkingSocketsDebugOutputType_Debug";
    /// Every packet.
    Everything = 8, "NETWORKING_SOCKET_DEBUG_OUTPUT_TYPE_EVERYTHING",
        "k_ESteamNetworkingSocketsDebugOutputType_Everything";
    force "NETWORKING_SOCKET_DEBUG_OUTPUT_TYPE_FORCE_32BIT", "k_ESteamNetworkingSocketsDebugOutputType__Force32Bit";
}

closed_enum! {
    /// Whether the library could be started.
    InitResult: General, "SteamAPIInitResult", "ESteamAPIInitResult";

    /// Ready.
    Ok = 0, "STEAM_API_INIT_RESULT_OK", "k_ESteamAPIInitResult_OK";
    /// It failed, for no more particular reason.
    FailedGeneric = 1, "STEAM_API_INIT_RESULT_FAILED_GENERIC", "k_ESteamAPIInitResult_FailedGeneric";
    /// The client it needs is not there.
    NoSteamClient = 2, "STEAM_API_INIT_RESULT_NO_STEAM_CLIENT", "k_ESteamAPIInitResult_NoSteamClient";
    /// The client is too old.
    VersionMismatch = 3, "STEAM_API_INIT_RESULT_VERSION_MISMATCH", "k_ESteamAPIInitResult_VersionMismatch";
}
