//! What becomes of the datagrams of a socket.

/// Counts of datagrams since the endpoint was made. Whatever is malformed or uninvited is counted here, and that is all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EndpointStats {
    /// All of them, also those for connections.
    pub datagrams: u64,
    /// ChallengeRequests that were answered.
    pub challenges: u64,
    /// ConnectRequests that led to a connection.
    pub connections: u64,
    /// ConnectRequests of clients that are connected already, answered with ConnectionClosed.
    pub duplicates: u64,
    /// ConnectionClosed packets for no connection, answered with NoConnection.
    pub no_connections: u64,
    /// Dropped: too short, badly padded, not parsable, or without a connection ID.
    pub dropped_malformed: u64,
    /// Dropped: of no kind that we know.
    pub dropped_unknown: u64,
    /// Dropped: another protocol's discovery packets.
    pub dropped_discovery: u64,
    /// Dropped: of a kind that only makes sense within a connection.
    pub dropped_stray: u64,
    /// Dropped: ConnectRequests whose challenge is too old or was not made for their address.
    pub dropped_challenge: u64,
    /// Dropped: ConnectRequests whose connection ID or identity is not acceptable.
    pub dropped_identity: u64,
    /// Dropped: ConnectRequests whose certificate, signature or version is not acceptable.
    pub dropped_credentials: u64,
    /// Dropped: ConnectRequests beyond the work that strangers may make.
    pub dropped_budget: u64,
    /// Dropped: ConnectRequests from where somebody else is connected.
    pub dropped_occupied: u64,
    /// Not dropped: ConnectRequests whose signatures were checked.
    pub checks: u64,
}

impl EndpointStats {
    /// Dropped for any reason.
    pub fn dropped(&self) -> u64 {
        self.dropped_malformed
            + self.dropped_unknown
            + self.dropped_discovery
            + self.dropped_stray
            + self.dropped_challenge
            + self.dropped_identity
            + self.dropped_credentials
            + self.dropped_budget
            + self.dropped_occupied
    }
}
