//! Figures: how much goes in and out, how well it arrives, and what both ends tell each other of it (spec sections 2.12
//! to 2.15, 8.4 and 9).

pub mod histogram;
pub mod quality;
pub mod traffic;
