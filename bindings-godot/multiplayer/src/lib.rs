//! Numbered peers around a host: what `GameSocketsPeer` in Godot speaks, without the engine.
//!
//! A [`Session`] is one end: the host, which is peer 1, or a client, whose number the host gives it in a
//! `handshake`. A packet goes by a [`Mode`] on a channel; each mode of each channel is a lane of the connection
//! (`channels`), so nothing is written before the bytes of the application, and a bulk transfer on one channel holds up
//! no other. Who sent a packet is known from its connection, never from its contents.
#![forbid(unsafe_code)]

mod channels;
mod counters;
mod handshake;
mod peers;
pub mod reasons;
mod remote;
mod session;
mod settings;

pub use channels::{CHANNELS, Mode};
pub use counters::Counters;
pub use handshake::{HOST, VERSION};
pub use remote::Remote;
pub use session::{Error, Line, Notice, Packet, Parting, Session, Status};
pub use settings::{DEFAULT_HANDSHAKE_TIMEOUT, DEFAULT_MAX_CLIENTS, Settings};
