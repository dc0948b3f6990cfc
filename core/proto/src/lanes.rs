//! Lanes: each is a sequence of messages, reliable ones cut from a byte stream, unreliable ones in between.
//!
//! Sending: [`send_lane`] queues what one lane has to say (its unreliable part: [`unreliable_queue`]), [`scheduler`] chooses among
//! lanes, [`send_lanes`] has them all, [`packing`] fills packets, [`window`] holds back what the peer has no room for.
//! Receiving mirrors it: [`receive_lane`] takes segments apart, [`payload`] keeps what is in them, [`stream`] puts the reliable stream together,
//! [`fragments`] the unreliable messages, [`receive_queue`] holds what waits to be read, [`budget`] says how much all of it may be.

use std::collections::VecDeque;

pub mod budget;
pub mod fragments;
pub mod packing;
pub mod payload;
pub mod ranges;
pub mod receive_lane;
pub mod receive_queue;
pub mod scheduler;
pub mod send_lane;
pub mod send_lanes;
pub mod stream;
pub mod unreliable_queue;
pub mod window;

/// Largest message the API takes, bytes.
pub const MESSAGE_SIZE_MAX: usize = 524_288;
/// Unreliable messages larger than this are sent reliably (spec section 11.1).
pub const UNRELIABLE_SIZE_MAX: usize = 16_500;
/// How many lanes can be configured.
pub const LANES_CONFIGURED_MAX: usize = 255;
/// Lane numbers on the wire go from 0 to this.
pub const LANE_MAX: u16 = 255;

/// Empty buffers larger than this are given back, bytes.
const KEEP_CAPACITY: usize = 16 * 1024;

/// Gives the memory of a large buffer back if it is empty. A buffer that is about to be filled again is better kept: so
/// this is for moments without traffic.
fn release<T>(buffer: &mut VecDeque<T>) {
    if buffer.is_empty() && buffer.capacity() * size_of::<T>() > KEEP_CAPACITY {
        *buffer = VecDeque::new();
    }
}
