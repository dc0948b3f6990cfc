//! Simulation, interop and abuse tests of gamesockets.

pub mod congestion;
pub mod fuzzing;
pub mod sim;
