//! What was dropped and refused, counted.

/// Since the session began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Connections that were turned away: none wanted, or no room.
    pub refused: u64,
    /// Connections that were closed because the handshake was wrong, came twice or did not come.
    pub bad_handshakes: u64,
    /// Packets that were dropped because no mode of a channel has their form.
    pub malformed: u64,
    /// Packets that were dropped because a later one of their channel had come before them.
    pub late: u64,
    /// Packets that could not be sent: too much was waiting already.
    pub unsent: u64,
}
