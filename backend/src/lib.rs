//! The services of a gamesockets network: login, certificates, rendezvous and lobbies.
#![forbid(unsafe_code)]

pub mod config;
pub mod http;
pub mod roles;
pub mod server;
pub mod store;
