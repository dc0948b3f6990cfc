//! `GameSocketsPeer`: Godot's high-level multiplayer over gamesockets.
//!
//! `gamesockets-multiplayer` has the protocol. Here are the class with its functions for scripts (`script`), the virtual
//! functions that the engine calls (`engine`), the object for one peer (`packet_peer`), and what a call was refused for,
//! as one of Godot's numbers (`refusal`).

mod engine;
mod options;
mod packet_peer;
mod peers;
mod refusal;
mod said;
mod script;
mod taken;

use gamesockets::schema::{DebugLevel, PeerState};

pub(crate) use self::packet_peer::GameSocketsPacketPeer;
pub(crate) use self::script::GameSocketsPeer;
use crate::register;

/// Registers the enums of both classes.
pub(crate) fn register() {
    register::register_enums::<GameSocketsPeer>([DebugLevel::INFO].into_iter());
    register::register_enums::<GameSocketsPacketPeer>([PeerState::INFO].into_iter());
}
