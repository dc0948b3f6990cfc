//! What one datagram of a hostile peer may cost, whatever came before it: counted in steps, not in time.

use gamesockets_proto::ConnectionConfig;
use gamesockets_tests::hostile::{KINDS, Stage};

#[test]
fn every_datagram_makes_a_bounded_number_of_steps() {
    for kind in KINDS {
        let mut stage = Stage::new(kind.server_sends);
        for (index, frames) in (kind.packets)().iter().enumerate() {
            let steps = stage.take(frames, |take| take());
            let steps = steps.unwrap_or_else(|| panic!("{}: packet {index} ends the connection", kind.name));
            assert!(steps <= kind.steps_max, "{}: {steps} steps for packet {index}", kind.name);
        }
    }
}

#[test]
fn what_is_held_for_a_peer_has_one_bound() {
    let config = ConnectionConfig::default();
    let bound = config.recv_buffer_size_bytes + config.recv_max_message_size_bytes;
    for kind in KINDS {
        let mut stage = Stage::new(kind.server_sends);
        for frames in (kind.packets)() {
            stage.take(&frames, |take| take());
            let held = stage.held_bytes();
            assert!(held <= bound as usize, "{}: {held} bytes", kind.name);
        }
    }
}
