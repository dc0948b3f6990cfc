//! Why this end, or the other, closed a connection: reason codes of the application's range.

/// The other end left.
pub const LEFT: i32 = 1000;
/// The host does not want this client any more.
pub const KICKED: i32 = 1001;
/// The host takes no new clients.
pub const REFUSED: i32 = 1002;
/// The host has as many clients as it may have.
pub const FULL: i32 = 1003;
/// The handshake is malformed, or something came in its place.
pub const BAD_HANDSHAKE: i32 = 1004;
/// The other end has another version of the handshake.
pub const OTHER_VERSION: i32 = 1005;
/// The handshake did not come in time.
pub const HANDSHAKE_TIMEOUT: i32 = 1006;
/// The name of the host's computer is not known; no other end was asked.
pub const UNKNOWN_NAME: i32 = 1007;
