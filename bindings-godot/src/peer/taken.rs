//! What the engine has in hand.

use gamesockets::Bytes;
use gamesockets_multiplayer::Mode;

/// The packet that was taken last: the engine reads its bytes until it takes the next.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) payload: Bytes,
    pub(super) peer: i32,
    pub(super) channel: i32,
    pub(super) mode: Mode,
}
