//! A network on a virtual clock: seeded, sans-IO, replayable.
//!
//! A run is a function of its seed: the same seed gives the same datagrams at the same times with the same bytes, and
//! so the same [`Trace`] hash. Read in this order:
//!
//! * [`rng`] draws, [`link`] decides what happens to one datagram on one direction of a path,
//! * [`trace`] folds everything observable into one number,
//! * [`node`] is one host: a UDP socket with an engine behind it, driven as the engine's documentation says,
//! * [`network`] owns the clock, the datagrams in flight and the nodes,
//! * [`pair`] is a server and a client, for tests of one behaviour,
//! * [`puppet`] is a client played by hand, which can say what no honest client says,
//! * [`checks`] watches every connection (states, timers), [`ledger`] every message,
//! * [`conversation`] is an application that does at random everything an application may do.

pub mod checks;
pub mod conversation;
pub mod ledger;
pub mod link;
pub mod network;
pub mod node;
pub mod pair;
pub mod puppet;
pub mod rng;
pub mod trace;
pub use ledger::Ledger;
pub use link::{Decision, Link, LinkConfig};
pub use network::{Network, Sent};
pub use node::{ConnKey, Node};
pub use pair::Pair;
pub use puppet::Puppet;
pub use rng::Rng;
pub use trace::Trace;
