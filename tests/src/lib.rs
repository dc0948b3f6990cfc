//! Simulation, interop and abuse tests of gamesockets.

pub mod sim;
