//! Packets as numbered things: which ones arrived, which ones of ours are known to have arrived, and how long they take.
//!
//! [`numbers`] expands and de-duplicates what arrives, [`received`] remembers what to acknowledge, [`sent`] remembers what
//! was sent in each packet until its fate is known, [`mtu`] finds out how large
//! they may be, [`ping`] turns acknowledgements into a round-trip time.

pub mod mtu;
pub mod numbers;
pub mod ping;
pub mod received;
pub mod sent;
