//! The figures of a link: rates, quality, ping and jitter, of the last seconds and of its whole life
//! (spec sections 2.12 to 2.15, 9.5 and 11.6).
//!
//! None of them influences the protocol: they are shown to the application and told to the peer. So they are kept cheaply:
//! a few additions per packet, no allocation, and intervals that are closed when somebody next looks instead of by a timer.

mod histogram;
mod late;
mod link;
mod quality;
mod traffic;

pub use late::LateStats;
pub use link::{Lifetime, LinkStats};
pub use quality::{Arrival, remote_quality};
pub use traffic::Rates;
