//! Conformance, simulation and abuse tests of gamesockets.

pub mod conformance;
pub mod congestion;
pub mod fuzzing;
pub mod hostile;
pub mod sim;
