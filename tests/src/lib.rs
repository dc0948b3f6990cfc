//! Simulation, interop and abuse tests of gamesockets.
