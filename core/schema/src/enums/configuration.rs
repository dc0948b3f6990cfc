//! Types and scopes of options, and what a question for one answers.

closed_enum! {
    /// The type of an option.
    ConfigDataType: Utils, "NetworkingConfigDataType", "ESteamNetworkingConfigDataType";

    /// A 32-bit integer.
    Int32 = 1, "NETWORKING_CONFIG_TYPE_INT32", "k_ESteamNetworkingConfig_Int32";
    /// A 64-bit integer.
    Int64 = 2, "NETWORKING_CONFIG_TYPE_INT64", "k_ESteamNetworkingConfig_Int64";
    /// A 32-bit float.
    Float = 3, "NETWORKING_CONFIG_TYPE_FLOAT", "k_ESteamNetworkingConfig_Float";
    /// A text.
    String = 4, "NETWORKING_CONFIG_TYPE_STRING", "k_ESteamNetworkingConfig_String";
    /// A pointer.
    Pointer = 5, "NETWORKING_CONFIG_TYPE_FUNCTION_PTR", "k_ESteamNetworkingConfig_Ptr";
    force "NETWORKING_CONFIG_TYPE_FORCE_32BIT", "k_ESteamNetworkingConfigDataType__Force32Bit";
}

closed_enum! {
    /// What an option is set for.
    ConfigScope: Utils, "NetworkingConfigScope", "ESteamNetworkingConfigScope";

    /// The whole library.
    Global = 1, "NETWORKING_CONFIG_SCOPE_GLOBAL", "k_ESteamNetworkingConfig_Global";
    /// One sockets instance.
    SocketsInterface = 2, "NETWORKING_CONFIG_SCOPE_SOCKETS_INTERFACE", "k_ESteamNetworkingConfig_SocketsInterface";
    /// One listen socket, and what it accepts.
    ListenSocket = 3, "NETWORKING_CONFIG_SCOPE_LISTEN_SOCKET", "k_ESteamNetworkingConfig_ListenSocket";
    /// One connection.
    Connection = 4, "NETWORKING_CONFIG_SCOPE_CONNECTION", "k_ESteamNetworkingConfig_Connection";
    force "NETWORKING_CONFIG_SCOPE_FORCE_32BIT", "k_ESteamNetworkingConfigScope__Force32Bit";
}

closed_enum! {
    /// What a question for an option answers.
    GetConfigValueResult: Sockets, "NetworkingGetConfigValueResult", "ESteamNetworkingGetConfigValueResult";

    /// There is no such option.
    BadValue = -1, "NETWORKING_GET_CONFIG_VALUE_BAD_VALUE", "k_ESteamNetworkingGetConfigValue_BadValue";
    /// The connection or listen socket does not exist.
    BadScopeObj = -2, "NETWORKING_GET_CONFIG_VALUE_BAD_SCOPE_OBJ", "k_ESteamNetworkingGetConfigValue_BadScopeObj";
    /// The value does not fit the buffer.
    BufferTooSmall = -3, "NETWORKING_GET_CONFIG_VALUE_BUFFER_TOO_SMALL",
        "k_ESteamNetworkingGetConfigValue_BufferTooSmall";
    /// The value is set at this scope.
    Ok = 1, "NETWORKING_GET_CONFIG_VALUE_OK", "k_ESteamNetworkingGetConfigValue_OK";
    /// The value comes from a wider scope.
    OkInherited = 2, "NETWORKING_GET_CONFIG_VALUE_OK_INHERITED", "k_ESteamNetworkingGetConfigValue_OKInherited";
    force "NETWORKING_GET_CONFIG_VALUE_FORCE_32BIT", "k_ESteamNetworkingGetConfigValueResult__Force32Bit";
}
