//! The client of a network's backend: logs in, stays there, and carries what the other parts ask. What is decided stands in
//! [`client`], without I/O; a thread of its own carries it out, over one connection of an instance of its own, which trusts
//! the network's root and nobody else.

pub(crate) mod client;
pub(crate) mod events;
mod keys;
pub(crate) mod link;
pub(crate) mod options;
pub(crate) mod thread;
