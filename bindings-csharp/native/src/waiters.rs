//! Waiters: one thread of the managed side waits for all that an instance's async calls wait for.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gamesockets::{Topic, Watches};
use parking_lot::{Condvar, Mutex, RwLock};

use crate::border::Failure;
use crate::handles::Table;

static WAITERS: RwLock<Table<Arc<Waiter>>> = RwLock::new(Table::new());

/// Watches, and the place where a thread waits for them.
pub(crate) struct Waiter {
    pub(crate) watches: Watches,
    bell: Arc<Bell>,
    /// What there was no room for the last time.
    rest: Mutex<Vec<Topic>>,
}

#[derive(Default)]
struct Bell {
    rung: Mutex<bool>,
    changed: Condvar,
}

impl Bell {
    fn ring(&self) {
        *self.rung.lock() = true;
        self.changed.notify_all();
    }

    fn silence(&self) {
        *self.rung.lock() = false;
    }

    fn wait(&self, deadline: Instant) {
        let mut rung = self.rung.lock();
        while !*rung && !self.changed.wait_until(&mut rung, deadline).timed_out() {}
    }
}

impl Waiter {
    fn new() -> Self {
        let bell = Arc::new(Bell::default());
        let ring = Arc::clone(&bell);
        Self { watches: Watches::new(move || ring.ring()), bell, rest: Mutex::default() }
    }

    /// What has happened, at most so much; waits for it. None when the time is over or somebody interrupts.
    pub(crate) fn wait(&self, timeout: Duration, most: usize) -> Vec<Topic> {
        let deadline = Instant::now() + timeout;
        let mut rest = self.rest.lock();
        if rest.is_empty() {
            // Others may look for the rest meanwhile.
            drop(rest);
            self.bell.wait(deadline);
            rest = self.rest.lock();
            rest.extend(self.watches.take(|| self.bell.silence()));
        }
        let count = rest.len().min(most);
        rest.drain(..count).collect()
    }
}

pub(crate) fn create() -> u64 {
    WAITERS.write().insert(Arc::new(Waiter::new()))
}

pub(crate) fn get(handle: u64) -> Result<Arc<Waiter>, Failure> {
    WAITERS.read().get(handle).cloned().ok_or_else(|| gone(handle))
}

/// Frees a waiter; whoever waits comes back.
pub(crate) fn destroy(handle: u64) -> Result<(), Failure> {
    let waiter = WAITERS.write().remove(handle).ok_or_else(|| gone(handle))?;
    waiter.watches.close();
    Ok(())
}

fn gone(handle: u64) -> Failure {
    Failure::invalid(format!("{handle:#x} is no waiter: it was destroyed, or never made"))
}
