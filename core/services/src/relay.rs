//! Relays: how two players exchange packets and neither learns the other's address.
//!
//! ```text
//! client                                   relay
//!   PING ------------------------------------>          any number of times: is it there, how far
//!   <------------------------------------ PONG          with a cookie for this address
//!   OPEN (cookie, ticket, key share, signature) -->     as large as the largest DATA
//!   <---------------------------------- OPENED          key share, keys of the session, a key to make route tokens with
//!   KEEPALIVE (BIND route token of the peer) --->
//!   <---------------- KEEPALIVE (BOUND slot)            to both ends: from now on packets go both ways in these slots
//!   DATA (slot) ----------------------------->          --> DATA (the receiver's slot) to the peer
//! ```
//!
//! A client reaches whom it has a route token of, and nobody else; tokens are made by who is to be reached, for one
//! identity. The relay sends to an address only what that address has asked for: nothing is longer than what caused it, or
//! goes to a session, whose address is proven. Every datagram of a session carries a tag under its key; the payload is
//! sealed from end to end, and the relay cannot read it.
//!
//! Both halves are here, and neither does I/O: [`RelayClient`], and [`RelayTable`] for the relay itself.

mod client;
mod datagram;
mod keys;
mod records;
mod routes;
mod table;
mod token;

pub use client::{Client as RelayClient, ClientEvent, ClientParams, Received};
pub use datagram::{
    COOKIE_LEN, Datagram, HEADER_LEN, Header, Kind, OPEN_LEN, Open, Opened, PING_LEN, PONG_LEN, is_relay, write_data,
};
pub use keys::{Direction, SessionKeys, TAG_LEN};
pub use records::{REFUSED_NO_ENDPOINT, REFUSED_NO_ROOM, REFUSED_TOKEN, Record};
pub use routes::{RelayRoute, RelayRoutes};
pub use table::{Forward, RelayTable, TableConfig, TableStats};
pub use token::{Endpoint, IdentityHash, RouteToken, TOKEN_LEN, TokenKey};

/// The slot that stands for the relay itself.
pub const SLOT_RELAY: u8 = 0xff;
/// What the signature in an OPEN begins with.
const OPEN_SIGNATURE: &str = "gamesockets relay open 1";
