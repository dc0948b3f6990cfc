//! The core's watches, and the file descriptor that tells of them.

mod channel;

use std::sync::{Arc, Weak};

use gamesockets::{MessageSource, Sockets, Topic};
use parking_lot::Mutex;
use pyo3::prelude::*;

use self::channel::{Receiver, channel};
use crate::errors::raise;

/// What has happened since somebody asked.
#[derive(Default)]
pub(crate) struct Happened {
    pub(crate) events: bool,
    pub(crate) readable: Vec<u32>,
    pub(crate) writable: Vec<u32>,
}

pub(crate) struct Watches {
    inner: gamesockets::Watches,
    receiver: Receiver,
}

impl Watches {
    pub(crate) fn new() -> PyResult<Self> {
        let (sender, receiver) = channel()?;
        Ok(Self { inner: gamesockets::Watches::new(move || sender.signal()), receiver })
    }

    pub(crate) fn fileno(&self) -> i64 {
        self.receiver.fileno()
    }

    /// Watches a topic until it fires; `true` if it has happened already.
    pub(crate) fn watch(&self, sockets: &Sockets, topic: Topic) -> PyResult<bool> {
        self.inner.watch(sockets, topic).map_err(raise)
    }

    /// Forgets the watches of a handle.
    pub(crate) fn forget(&self, handle: u32) {
        self.inner.forget(MessageSource::from_raw(handle));
    }

    /// What has happened since the last time.
    pub(crate) fn take(&self) -> Happened {
        let mut happened = Happened::default();
        for topic in self.inner.take(|| self.receiver.clear()) {
            match topic {
                Topic::Events => happened.events = true,
                Topic::Readable(source) => happened.readable.push(source.raw()),
                Topic::Writable(connection) => happened.writable.push(connection.raw()),
            }
        }
        happened
    }

    /// Nothing is watched any more; whoever waits should look.
    pub(crate) fn close(&self) {
        self.inner.close();
    }
}

/// Everybody who watches an instance: whoever waits hears of its end.
#[derive(Default)]
pub(crate) struct Watchers(Mutex<Vec<Weak<Watches>>>);

impl Watchers {
    pub(crate) fn add(&self, watches: &Arc<Watches>) {
        let mut watchers = self.0.lock();
        watchers.retain(|other| other.strong_count() > 0);
        watchers.push(Arc::downgrade(watches));
    }

    pub(crate) fn close(&self) {
        let watchers = std::mem::take(&mut *self.0.lock());
        watchers.iter().filter_map(Weak::upgrade).for_each(|watches| watches.close());
    }
}
