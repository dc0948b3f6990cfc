//! What clients and the services of a gamesockets network say to each other. No I/O, no clock, no randomness of its own:
//! one definition for both ends, so that they cannot drift.
#![forbid(unsafe_code)]

pub mod address;
pub mod limits;
pub mod messages;
pub mod player;
pub mod signed;
pub mod ticket;
pub mod relay;

pub use address::{NetworkAddress, NetworkAddressError};
