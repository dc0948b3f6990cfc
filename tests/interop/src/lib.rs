//! Conversations between gamesockets and Valve's own library.
//!
//! Valve's library runs in a process of its own, the program `valve-peer`, which does what lines on its standard input say
//! and reports on its standard output. This crate has the parts of that:
//!
//! - [`protocol`]: the lines, as types;
//! - [`calls`]: single calls of the API and their answers, as types;
//! - [`values`]: what both are about;
//! - [`payload`]: message contents that both ends can make from a seed, and name by a hash;
//! - [`valve`]: the handle on a running `valve-peer`, for tests and benchmarks.
//!
//! The scenarios are in `tests/interop`, the program in `src/bin/valve-peer`.
#![forbid(unsafe_code)]

pub mod protocol;
pub mod calls;
pub mod payload;
pub mod valve;
pub mod values;
