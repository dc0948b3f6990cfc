//! `GameSocketsPeer`: Godot's high-level multiplayer over gamesockets.
//!
//! `gamesockets-multiplayer` has the protocol. Here are the class with its functions for scripts (`script`), the virtual
//! functions that the engine calls (`engine`), the object for one peer (`packet_peer`), and what a call was refused for,
//! as one of Godot's numbers (`refusal`).

mod engine;
mod options;
mod packet_peer;
mod refusal;
mod script;

pub(crate) use self::packet_peer::GameSocketsPacketPeer;
pub(crate) use self::script::GameSocketsPeer;
