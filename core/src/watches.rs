//! Readiness of many things at once, for an event loop or a waiting thread: what is watched, and what of it has happened.
//!
//! A watch is a future that is polled once, by whoever asks. Its waker notes the topic. Locks, in the order in which they
//! may be taken together: the watches, those of the instance, the happenings.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use parking_lot::Mutex;

use crate::error::Error;
use crate::sockets::{Sockets, Watched};
use crate::topics::{MessageSource, Topic};

/// What is watched, and a signal that is given once for a whole burst of happenings.
///
/// Each watch fires once. What it reports is a hint, as any readiness: somebody else may have been faster. Watching keeps
/// no [`Sockets`] alive.
pub struct Watches {
    watched: Mutex<Slots>,
    happenings: Arc<Happenings>,
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

/// The list that the I/O thread writes. The signal is foreign code, and so is what takes it back: neither is called under
/// the lock.
struct Happenings {
    list: Mutex<List>,
    signal: Box<dyn Fn() + Send + Sync>,
}

#[derive(Default)]
struct List {
    topics: Vec<Topic>,
    state: SignalState,
    /// How often it was taken back.
    cleared: u64,
    /// It was given, or is just being given, though it had been taken back in between: it has to be taken back once more.
    is_stale: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum SignalState {
    #[default]
    Idle,
    /// Or somebody is about to give it.
    Given,
    /// Somebody takes it back at this moment, and then the list: what comes until then needs no signal.
    BeingCleared,
}

/// Notes one topic, once each time it is armed.
struct Bell {
    topic: Topic,
    is_armed: AtomicBool,
    happenings: Arc<Happenings>,
}

impl Watches {
    /// `signal` is called when the first happening is noted since [`Self::take`], mostly on the I/O thread: it should
    /// wake somebody, and do no more. Now and then it is called once more than is needed.
    pub fn new(signal: impl Fn() + Send + Sync + 'static) -> Self {
        let happenings = Arc::new(Happenings { list: Mutex::default(), signal: Box::new(signal) });
        Self { watched: Mutex::default(), happenings }
    }

    /// Watches a topic until it happens; `true` if it has happened already, and nothing will be noted. Always so once
    /// this is closed: whoever looks will see why.
    ///
    /// # Errors
    /// As [`Sockets::readable`] and [`Sockets::writable`].
    pub fn watch(&self, sockets: &Sockets, topic: Topic) -> Result<bool, Error> {
        let mut slots = self.watched.lock();
        if slots.is_closed {
            return Ok(true);
        }
        let slot = slots.by_topic.entry(topic).or_insert_with(|| Slot::new(topic, &self.happenings));
        if slot.future.is_some() && slot.bell.is_armed.load(Ordering::Acquire) {
            return Ok(false);
        }
        slot.bell.is_armed.store(true, Ordering::Release);
        let mut future = sockets.happening(topic);
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
        answer.map(|()| true)
    }

    /// Forgets the watches of a connection or a poll group.
    pub fn forget(&self, source: MessageSource) {
        let is_about = |topic: &Topic| match topic {
            Topic::Events => false,
            Topic::Readable(other) => *other == source,
            Topic::Writable(connection) => MessageSource::Connection(*connection) == source,
        };
        self.watched.lock().by_topic.retain(|topic, _| !is_about(topic));
        self.happenings.list.lock().topics.retain(|topic| !is_about(topic));
    }

    /// What has happened since the last time. `clear` takes the signal back, if one was given.
    pub fn take(&self, clear: impl FnOnce()) -> Vec<Topic> {
        let topics = self.happenings.take(clear);
        let mut slots = self.watched.lock();
        for topic in &topics {
            if let Some(slot) = slots.by_topic.get_mut(topic)
                && !slot.bell.is_armed.load(Ordering::Acquire)
            {
                slot.future = None;
            }
        }
        topics
    }

    /// Gives the signal although nothing has happened.
    pub fn interrupt(&self) {
        self.happenings.note(None);
    }

    /// Nothing is watched any more; whoever waits should look.
    pub fn close(&self) {
        let mut slots = self.watched.lock();
        slots.is_closed = true;
        let watched = std::mem::take(&mut slots.by_topic);
        drop(slots);
        drop(watched);
        self.interrupt();
    }
}

impl std::fmt::Debug for Watches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watches").finish_non_exhaustive()
    }
}

impl Slot {
    fn new(topic: Topic, happenings: &Arc<Happenings>) -> Self {
        let bell = Bell { topic, is_armed: AtomicBool::new(false), happenings: Arc::clone(happenings) };
        let bell = Arc::new(bell);
        Self { waker: Waker::from(Arc::clone(&bell)), bell, future: None }
    }
}

impl Happenings {
    /// Notes a topic, or only that somebody should look.
    fn note(&self, topic: Option<Topic>) {
        let mut list = self.list.lock();
        list.topics.extend(topic);
        if list.state != SignalState::Idle {
            return;
        }
        list.state = SignalState::Given;
        let cleared = list.cleared;
        drop(list);
        (self.signal)();
        let mut list = self.list.lock();
        list.is_stale |= list.cleared != cleared;
    }

    fn take(&self, clear: impl FnOnce()) -> Vec<Topic> {
        let mut list = self.list.lock();
        if list.state == SignalState::Given || (list.is_stale && list.state == SignalState::Idle) {
            list.state = SignalState::BeingCleared;
            list.is_stale = false;
            list.cleared += 1;
            drop(list);
            clear();
            list = self.list.lock();
            list.state = SignalState::Idle;
        }
        std::mem::take(&mut list.topics)
    }
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use gamesockets_schema::SendFlags;

    use super::*;

    fn counting() -> (Watches, Arc<AtomicUsize>) {
        let signals = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&signals);
        let signal = move || {
            count.fetch_add(1, Ordering::Relaxed);
        };
        (Watches::new(signal), signals)
    }

    #[test]
    fn a_burst_is_signalled_once_and_a_watch_fires_once() {
        let sockets = Sockets::anonymous().unwrap();
        let (first, second) = sockets.create_socket_pair(false, None, None).unwrap();
        let (watches, signals) = counting();
        let readable = Topic::Readable(second.into());
        assert_eq!(watches.watch(&sockets, readable), Ok(false));
        assert_eq!(watches.watch(&sockets, readable), Ok(false));
        sockets.send_message_to_connection(first, b"one", SendFlags::RELIABLE).unwrap();
        sockets.send_message_to_connection(first, b"two", SendFlags::RELIABLE).unwrap();
        assert_eq!(signals.load(Ordering::Relaxed), 1);
        let mut cleared = false;
        assert_eq!(watches.take(|| cleared = true), [readable]);
        assert!(cleared);
        assert_eq!(watches.take(|| panic!("no signal was given")), []);
        assert_eq!(watches.watch(&sockets, readable), Ok(true));
        sockets.receive_messages_on_connection(second, 2).unwrap();
        assert_eq!(watches.watch(&sockets, readable), Ok(false));
    }

    #[test]
    fn the_signal_and_what_takes_it_back_may_call_back_in() {
        let sockets = Sockets::anonymous().unwrap();
        let (first, second) = sockets.create_socket_pair(false, None, None).unwrap();
        let (done, wait) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let own = Arc::new(std::sync::OnceLock::<Watches>::new());
            let called = Arc::clone(&own);
            let readable = Topic::Readable(second.into());
            let taken = Arc::new(Mutex::new(Vec::new()));
            let list = Arc::clone(&taken);
            let watches = Watches::new(move || {
                let watches = called.get().unwrap();
                list.lock().extend(watches.take(|| {}));
            });
            let watches = own.get_or_init(|| watches);
            assert_eq!(watches.watch(&sockets, readable), Ok(false));
            sockets.send_message_to_connection(first, b"one", SendFlags::RELIABLE).unwrap();
            assert_eq!(*taken.lock(), [readable]);
            let mut cleared = 0;
            let late = watches.take(|| {
                cleared += 1;
                watches.interrupt();
                assert_eq!(watches.take(|| panic!("it is being taken back")), []);
            });
            assert_eq!((late, cleared), (vec![], 1));
            let _ = done.send(());
        });
        assert!(wait.recv_timeout(std::time::Duration::from_secs(10)).is_ok(), "it hangs");
    }

    #[test]
    fn a_signal_that_is_used_up_before_it_is_given_is_given_again() {
        let sockets = Sockets::anonymous().unwrap();
        let (first, second) = sockets.create_socket_pair(false, None, None).unwrap();
        let ((ring, rung), (took, taken)) = (std::sync::mpsc::channel(), std::sync::mpsc::channel::<()>());
        let taken = Mutex::new(taken);
        let watches = Watches::new(move || {
            let _ = ring.send(());
            // Whoever heard it is that fast.
            let _ = taken.lock().recv_timeout(std::time::Duration::from_secs(10));
        });
        let readable = Topic::Readable(second.into());
        for _ in 0..3 {
            assert_eq!(watches.watch(&sockets, readable), Ok(false));
            std::thread::scope(|scope| {
                scope.spawn(|| sockets.send_message_to_connection(first, b"one", SendFlags::RELIABLE).unwrap());
                rung.recv_timeout(std::time::Duration::from_secs(10)).unwrap();
                assert_eq!(watches.take(|| {}), [readable]);
                took.send(()).unwrap();
            });
            sockets.receive_messages_on_connection(second, 1).unwrap();
        }
        let mut is_cleared = false;
        watches.take(|| is_cleared = true);
        assert!(is_cleared, "what came after it was taken back stays for ever");
    }

    #[test]
    fn what_is_forgotten_closed_or_stale_is_not_watched() {
        let sockets = Sockets::anonymous().unwrap();
        let (first, second) = sockets.create_socket_pair(false, None, None).unwrap();
        let (watches, signals) = counting();
        assert_eq!(watches.watch(&sockets, Topic::Readable(second.into())), Ok(false));
        watches.forget(second.into());
        sockets.send_message_to_connection(first, b"unheard", SendFlags::RELIABLE).unwrap();
        assert_eq!((watches.take(|| {}).len(), signals.load(Ordering::Relaxed)), (0, 0));
        sockets.close_connection(first, 0, "", false).unwrap();
        assert!(matches!(watches.watch(&sockets, Topic::Writable(first)), Err(Error::InvalidHandle { .. })));
        watches.close();
        assert_eq!(signals.load(Ordering::Relaxed), 1);
        assert_eq!(watches.watch(&sockets, Topic::Events), Ok(true));
    }

    #[test]
    fn watching_keeps_no_instance_alive() {
        let sockets = Sockets::anonymous().unwrap();
        let (_, second) = sockets.create_socket_pair(false, None, None).unwrap();
        let group = sockets.create_poll_group().unwrap();
        let (watches, signals) = counting();
        for topic in [Topic::Events, Topic::Readable(second.into()), Topic::Readable(group.into())] {
            assert_eq!(watches.watch(&sockets, topic), Ok(false));
        }
        // Closes the connections, and so tells those who wait for them.
        drop(sockets);
        assert_eq!(signals.load(Ordering::Relaxed), 1);
        assert!(watches.take(|| {}).contains(&Topic::Readable(second.into())));
    }
}
