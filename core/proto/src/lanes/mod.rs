//! Lanes: each is a sequence of messages, reliable ones cut from a byte stream, unreliable ones in between.
//!
//! Sending: [`send_lane`] queues what one lane has to say, [`scheduler`] chooses among lanes, [`packing`] fills packets.
//! Receiving mirrors it: [`receive_lane`] takes segments apart, [`stream`] puts the reliable stream together,
//! [`fragments`] the unreliable messages, [`receive_queue`] holds what waits to be read.

pub mod fragments;
pub mod packing;
pub mod ranges;
pub mod receive_lane;
pub mod receive_queue;
pub mod scheduler;
pub mod send_lane;
pub mod stream;

/// Largest message the API takes, bytes.
pub const MESSAGE_SIZE_MAX: usize = 524_288;
/// Unreliable messages larger than this are sent reliably (spec section 11.1).
pub const UNRELIABLE_SIZE_MAX: usize = 16_500;
/// Lane numbers go from 0 to this.
pub const LANE_MAX: u16 = 255;
