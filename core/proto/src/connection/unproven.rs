//! What an incoming connection may say before its client has proved that it is there and has the keys: a packet that
//! decrypts. A signed request proves neither, it may be a recorded one; and what it provokes must not be worth recording.

use core::time::Duration;

use crate::time::Timestamp;

/// How many bytes may leave for each that came.
const FACTOR: u64 = 3;
/// How long an accepted connection is waited for.
const PATIENCE: Duration = Duration::from_secs(3);
/// Kept for the goodbye, which is padded, bytes.
const GOODBYE: u64 = 512;
/// Kept for requests of an acknowledgement, bytes: a dozen.
const PROBES: u64 = 400;
/// A packet without data has at most so many bytes, statistics aside, which are not due that early.
const PROBE_LEN_MAX: u64 = 80;
/// Messages do not begin in less, bytes.
const DATA_LEN_MIN: u64 = 100;

/// The account of a client that has proved nothing yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unproven {
    received: u64,
    sent: u64,
    accepted: Option<Timestamp>,
}

impl Unproven {
    /// So much has come from its address so far, and so much was answered.
    pub(super) fn new(received: usize, sent: usize) -> Self {
        Self { received: received as u64, sent: sent as u64, accepted: None }
    }

    pub(super) fn note_received(&mut self, len: usize) {
        self.received = self.received.saturating_add(len as u64);
    }

    pub(super) fn note_sent(&mut self, len: usize) {
        self.sent = self.sent.saturating_add(len as u64);
    }

    /// The application has accepted: from now on the client is waited for.
    pub(super) fn accept(&mut self, now: Timestamp) {
        self.accepted = Some(now);
    }

    /// When it is given up.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        self.accepted.map(|at| at + PATIENCE)
    }

    /// How many bytes may leave now.
    pub(super) fn allowance(&self) -> u64 {
        self.received.saturating_mul(FACTOR).saturating_sub(self.sent)
    }

    /// Whether a request of an acknowledgement may leave.
    pub(super) fn allows_probe(&self) -> bool {
        self.allowance() >= GOODBYE + PROBE_LEN_MAX
    }

    /// How large a packet with messages may be, if one may leave.
    pub(super) fn data_len_max(&self) -> Option<usize> {
        let room = self.allowance().saturating_sub(GOODBYE + PROBES);
        (room >= DATA_LEN_MIN).then_some(usize::try_from(room).unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_bytes_for_one_and_something_kept_for_the_end() {
        let mut unproven = Unproven::new(712, 26);
        assert_eq!(unproven.allowance(), 3 * 712 - 26);
        unproven.note_sent(228);
        assert_eq!(unproven.data_len_max(), Some(970));
        unproven.note_sent(970);
        assert_eq!(unproven.data_len_max(), None);
        assert!(unproven.allows_probe());
        unproven.note_sent(350);
        assert!(!unproven.allows_probe());
        assert!(unproven.allowance() >= GOODBYE);
        unproven.note_received(512);
        assert!(unproven.allows_probe() && unproven.data_len_max().is_some());
        unproven.note_sent(usize::MAX);
        assert_eq!(unproven.allowance(), 0);
    }
}
