//! Simulation, interop and abuse tests of gamesockets.

pub mod fuzzing;
pub mod sim;
