//! Congestion control on trial: flows through a bottleneck, on a virtual clock.
//!
//! * [`bottleneck`] is the path: one queue that every flow shares, and a way back,
//! * [`cubic`] is a flow that fills queues as Cubic does,
//! * [`flow`] is a connection that carries bulk data, a game's updates, or both,
//! * [`world`] runs them all, [`report`] is what it measured,
//! * [`scenarios`] are the trials and their targets, [`table`] is how they are told.

pub mod bottleneck;
pub mod cubic;
pub mod flow;
pub mod report;
pub mod scenarios;
pub mod table;
pub mod world;
