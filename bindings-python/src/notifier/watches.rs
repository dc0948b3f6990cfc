//! What is watched, and what of it has happened.
//!
//! A watch is one of the core's futures, polled once by whoever asks. Its waker notes the topic. Locks, in the order in
//! which they may be taken together: the watches, those of the core, the happenings.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};

use gamesockets::{Connection, Error, Sockets};
use parking_lot::Mutex;
use pyo3::prelude::*;

use super::channel::{Receiver, Sender, channel};
use crate::errors::{invalid_state, raise};
use crate::sockets::message_source;

/// Something that can be watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Topic {
    /// The events of the instance.
    Events,
    /// The messages of a connection or a poll group.
    Readable(u32),
    /// Room to send on a connection.
    Writable(u32),
}

/// What has happened since somebody asked.
#[derive(Default)]
pub(super) struct Happened {
    pub(super) events: bool,
    pub(super) readable: Vec<u32>,
    pub(super) writable: Vec<u32>,
    is_signalled: bool,
}

type Watched = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

pub(super) struct Watches {
    watched: Mutex<Slots>,
    happenings: Arc<Happenings>,
    receiver: Receiver,
}

#[derive(Default)]
struct Slots {
    by_topic: HashMap<Topic, Slot>,
    is_closed: bool,
}

struct Slot {
    bell: Arc<Bell>,
    waker: Waker,
    /// None once it has fired.
    future: Option<Watched>,
}

/// The list that the I/O thread writes.
struct Happenings {
    list: Mutex<Happened>,
    sender: Sender,
}

/// Notes one topic, once each time it is armed.
struct Bell {
    topic: Topic,
    is_armed: AtomicBool,
    happenings: Arc<Happenings>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.is_armed.swap(false, Ordering::AcqRel) {
            self.happenings.note(Some(self.topic));
        }
    }
}

impl Happenings {
    /// Notes a topic, or only that somebody should look.
    fn note(&self, topic: Option<Topic>) {
        let mut list = self.list.lock();
        match topic {
            Some(Topic::Events) => list.events = true,
            Some(Topic::Readable(handle)) => list.readable.push(handle),
            Some(Topic::Writable(handle)) => list.writable.push(handle),
            None => {}
        }
        if !std::mem::replace(&mut list.is_signalled, true) {
            self.sender.signal();
        }
    }
}

impl Watches {
    pub(super) fn new() -> PyResult<Self> {
        let (sender, receiver) = channel()?;
        let happenings = Arc::new(Happenings { list: Mutex::default(), sender });
        Ok(Self { watched: Mutex::default(), happenings, receiver })
    }

    pub(super) fn fileno(&self) -> i64 {
        self.receiver.fileno()
    }

    /// Watches a topic until it fires; `true` if it has happened already.
    pub(super) fn watch(&self, sockets: Sockets, topic: Topic) -> PyResult<bool> {
        let mut slots = self.watched.lock();
        if slots.is_closed {
            return Err(invalid_state("this Sockets is closed"));
        }
        let slot = slots.by_topic.entry(topic).or_insert_with(|| Slot::new(topic, &self.happenings));
        if slot.future.is_some() && slot.bell.is_armed.load(Ordering::Acquire) {
            return Ok(false);
        }
        slot.bell.is_armed.store(true, Ordering::Release);
        let mut future = future(sockets, topic);
        let answer = match future.as_mut().poll(&mut Context::from_waker(&slot.waker)) {
            Poll::Pending => {
                slot.future = Some(future);
                return Ok(false);
            }
            Poll::Ready(answer) => answer,
        };
        slot.bell.is_armed.store(false, Ordering::Release);
        slot.future = None;
        if answer.is_err() {
            slots.by_topic.remove(&topic);
        }
        drop(slots);
        answer.map(|()| true).map_err(raise)
    }

    /// Forgets the watches of a handle.
    pub(super) fn forget(&self, handle: u32) {
        let mut slots = self.watched.lock();
        for topic in [Topic::Readable(handle), Topic::Writable(handle)] {
            slots.by_topic.remove(&topic);
        }
        drop(slots);
        let mut list = self.happenings.list.lock();
        list.readable.retain(|other| *other != handle);
        list.writable.retain(|other| *other != handle);
    }

    /// What has happened since the last time.
    pub(super) fn take(&self) -> Happened {
        let happened = {
            let mut list = self.happenings.list.lock();
            if list.is_signalled {
                self.receiver.clear();
            }
            std::mem::take(&mut *list)
        };
        let mut slots = self.watched.lock();
        let topics = happened.readable.iter().map(|handle| Topic::Readable(*handle));
        let topics = topics.chain(happened.writable.iter().map(|handle| Topic::Writable(*handle)));
        for topic in topics.chain(happened.events.then_some(Topic::Events)) {
            if let Some(slot) = slots.by_topic.get_mut(&topic)
                && !slot.bell.is_armed.load(Ordering::Acquire)
            {
                slot.future = None;
            }
        }
        happened
    }

    /// Nothing is watched any more; whoever waits should look.
    pub(super) fn close(&self) {
        let mut slots = self.watched.lock();
        slots.is_closed = true;
        let watched = std::mem::take(&mut slots.by_topic);
        drop(slots);
        drop(watched);
        self.happenings.note(None);
    }
}

impl Slot {
    fn new(topic: Topic, happenings: &Arc<Happenings>) -> Self {
        let bell = Bell { topic, is_armed: AtomicBool::new(false), happenings: Arc::clone(happenings) };
        let bell = Arc::new(bell);
        Self { waker: Waker::from(Arc::clone(&bell)), bell, future: None }
    }
}

/// Completes when the topic has happened. Taking nothing, it can be dropped at any time.
fn future(sockets: Sockets, topic: Topic) -> Watched {
    match topic {
        Topic::Events => Box::pin(async move {
            sockets.event_waits().await;
            Ok(())
        }),
        Topic::Readable(handle) => {
            let source = message_source(handle);
            Box::pin(async move { sockets.readable(source).await })
        }
        Topic::Writable(handle) => {
            let connection = Connection::from_raw(handle);
            Box::pin(async move { sockets.writable(connection).await })
        }
    }
}

/// Everybody who watches an instance: its end is the end of their watches, which would keep it alive.
#[derive(Default)]
pub(crate) struct Watchers(Mutex<Vec<Weak<Watches>>>);

impl Watchers {
    pub(super) fn add(&self, watches: &Arc<Watches>) {
        let mut watchers = self.0.lock();
        watchers.retain(|other| other.strong_count() > 0);
        watchers.push(Arc::downgrade(watches));
    }

    pub(crate) fn close(&self) {
        let watchers = std::mem::take(&mut *self.0.lock());
        watchers.iter().filter_map(Weak::upgrade).for_each(|watches| watches.close());
    }
}
