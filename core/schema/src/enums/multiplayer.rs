//! Enums of the Godot multiplayer peer.

closed_enum! {
    /// How much a multiplayer peer prints.
    DebugLevel: MultiplayerPeer, "DebugLevel", "";

    /// Nothing is printed.
    None = 0, "DEBUG_LEVEL_NONE", "";
    /// What the peer does is printed.
    Peer = 1, "DEBUG_LEVEL_PEER", "";
    /// What the library says is printed as well.
    Steam = 2, "DEBUG_LEVEL_STEAM", "";
}

closed_enum! {
    /// The state of one peer; the numbers of `ConnectionState`.
    PeerState: MultiplayerPeer, "PeerState", "";

    /// No connection.
    None = 0, "STATE_NONE", "";
    /// The handshake is under way.
    Connecting = 1, "STATE_CONNECTING", "";
    /// A route is being looked for.
    FindingRoute = 2, "STATE_FINDING_ROUTE", "";
    /// Messages flow.
    Connected = 3, "STATE_CONNECTED", "";
    /// The peer closed the connection.
    ClosedByPeer = 4, "STATE_CLOSED_BY_PEER", "";
    /// A timeout or an error on this side ended the connection.
    ProblemDetectedLocally = 5, "STATE_PROBLEM_DETECTED_LOCALLY", "";
    /// Closed here; stragglers are still answered.
    FinWait = -1, "STATE_FIN_WAIT", "";
    /// Closed here; reliable data is still being delivered.
    Linger = -2, "STATE_LINGER", "";
    /// Nothing is left.
    Dead = -3, "STATE_DEAD", "";
}

closed_enum! {
    /// Who may enter a lobby (older generation of the multiplayer peer).
    LobbyType: MultiplayerPeer, "LobbyType", "";

    /// Only the invited may enter.
    Private = 0, "LOBBY_TYPE_PRIVATE", "";
    /// Friends may enter.
    FriendsOnly = 1, "LOBBY_TYPE_FRIENDS_ONLY", "";
    /// Everybody may find and enter it.
    Public = 2, "LOBBY_TYPE_PUBLIC", "";
    /// Found by search, yet not shown to friends.
    Invisible = 3, "LOBBY_TYPE_INVISIBLE", "";
    /// Private, and only one of its kind per user.
    PrivateUnique = 4, "LOBBY_TYPE_PRIVATE_UNIQUE", "";
}

closed_enum! {
    /// Where a multiplayer peer stands with its lobby (older generation).
    LobbyState: MultiplayerPeer, "LobbyState", "";

    /// In no lobby.
    NotConnected = 0, "LOBBY_STATE_NOT_CONNECTED", "";
    /// A lobby is being made.
    HostPending = 1, "LOBBY_STATE_HOST_PENDING", "";
    /// Hosts a lobby.
    Hosting = 2, "LOBBY_STATE_HOSTING", "";
    /// A lobby is being entered.
    ClientPending = 3, "LOBBY_STATE_CLIENT_PENDING", "";
    /// In a lobby of another.
    Client = 4, "LOBBY_STATE_CLIENT", "";
}
