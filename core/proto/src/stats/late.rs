//! Statistics that are made when somebody first asks or counts: a connection that nobody has accepted has none.

use core::cell::OnceCell;
use core::ops::{Deref, DerefMut};

use super::LinkStats;
use crate::time::Timestamp;

/// [`LinkStats`] that begin at a time, and take memory from their first use on.
#[derive(Clone, Debug)]
pub struct LateStats {
    start: Timestamp,
    stats: OnceCell<Box<LinkStats>>,
}

impl LateStats {
    /// The statistics of a link that starts connecting.
    pub fn new(now: Timestamp) -> Self {
        Self { start: now, stats: OnceCell::new() }
    }
}

impl Deref for LateStats {
    type Target = LinkStats;

    fn deref(&self) -> &LinkStats {
        self.stats.get_or_init(|| Box::new(LinkStats::new(self.start)))
    }
}

impl DerefMut for LateStats {
    fn deref_mut(&mut self) -> &mut LinkStats {
        let _ = &**self;
        self.stats.get_mut().expect("made by the line above")
    }
}
