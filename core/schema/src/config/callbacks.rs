//! Options that are pointers to callbacks. Bindings replace them by events.

options! {
    /// Callback behind the event of a changed connection.
    CALLBACK_CONNECTION_STATUS_CHANGED = 201, "Callback_ConnectionStatusChanged", "NETWORKING_CONFIG_CALLBACK_CONNECTION_STATUS_CHANGED",
        Pointer, Connection, Plain, Hidden, Yes;
    /// Callback behind the event of changed authentication.
    CALLBACK_AUTH_STATUS_CHANGED = 202, "Callback_AuthStatusChanged", "NETWORKING_CONFIG_CALLBACK_AUTH_STATUS_CHANGED",
        Pointer, Global, Plain, Hidden, Yes;
    /// Callback behind the event of changed relays.
    CALLBACK_RELAY_NETWORK_STATUS_CHANGED = 203, "Callback_RelayNetworkStatusChanged", "NETWORKING_CONFIG_CALLBACK_RELAY_NETWORK_STATUS_CHANGED",
        Pointer, Global, Plain, Hidden, No;
    /// Callback behind the event of a requested session.
    CALLBACK_MESSAGES_SESSION_REQUEST = 204, "Callback_MessagesSessionRequest", "NETWORKING_CONFIG_CALLBACK_MESSAGE_SESSION_REQUEST" as "NETWORKING_CONFIG_CALLBACK_MESSAGES_SESSION_REQUEST",
        Pointer, Global, Plain, Hidden, Yes;
    /// Callback behind the event of a failed session.
    CALLBACK_MESSAGES_SESSION_FAILED = 205, "Callback_MessagesSessionFailed", "NETWORKING_CONFIG_CALLBACK_MESSAGES_SESSION_FAILED",
        Pointer, Global, Plain, Hidden, Yes;
    /// Callback that makes the signaling of a new connection.
    CALLBACK_CREATE_CONNECTION_SIGNALING = 206, "Callback_CreateConnectionSignaling", "NETWORKING_CONFIG_CALLBACK_CREATE_CONNECTION_SIGNALING",
        Pointer, Global, Plain, Hidden, Yes;
    /// Callback behind the event of a fake address.
    CALLBACK_FAKE_IP_RESULT = 207, "Callback_FakeIPResult", "NETWORKING_CONFIG_CALLBACK_FAKE_IP_RESULT",
        Pointer, Global, Plain, Hidden, No;
}
