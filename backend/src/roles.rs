//! What the backend does, role by role. All that is decided here is decided without I/O.

pub mod authority;
pub mod budget;
pub mod lobbies;
pub mod login;
pub mod rendezvous;
