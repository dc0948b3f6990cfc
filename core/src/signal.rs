//! Signals: threads and tasks wait for one until somebody gives it, and all of them are woken.
//!
//! A waker is foreign code: waking, cloning and dropping it may call back into this library, or wait for a lock of the
//! application's. So none of that is done under a lock: neither under that of the signal, nor under the reactor's, which
//! the thread that does the I/O holds while it works (see [`defer`]).

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use smallvec::SmallVec;

thread_local! {
    /// This thread holds a lock: tasks are woken later.
    static DEFERS: Cell<bool> = const { Cell::new(false) };
    /// Tasks to wake then.
    static DEFERRED: RefCell<Vec<Waker>> = const { RefCell::new(Vec::new()) };
    /// Where this thread sleeps.
    static PARKER: Arc<Parker> = Arc::default();
}

/// Something that many may wait for.
#[derive(Default)]
pub(crate) struct Signal {
    /// How often it was given.
    given: AtomicU64,
    /// How many waiters there are, so that giving it to nobody takes no lock.
    count: AtomicUsize,
    waiters: Mutex<Waiters>,
}

#[derive(Default)]
struct Waiters {
    /// In order of their keys.
    list: Vec<(u64, Waiter)>,
    next_key: u64,
}

/// Who waits.
enum Waiter {
    Thread(Arc<Parker>),
    Task(Waker),
}

/// From when somebody begins to listen until the signal is given.
pub(crate) struct Listener<'a> {
    signal: &'a Signal,
    /// How often it had been given before.
    given: u64,
    key: Option<u64>,
}

/// Where a thread sleeps.
#[derive(Default)]
struct Parker {
    is_woken: Mutex<bool>,
    woken: Condvar,
}

impl Signal {
    /// Gives the signal to all who listen. To be called without any lock.
    pub(crate) fn give(&self) {
        self.given.fetch_add(1, Ordering::SeqCst);
        if self.count.load(Ordering::SeqCst) == 0 {
            return;
        }
        let mut waiters = self.waiters.lock();
        self.count.store(0, Ordering::SeqCst);
        let woken: SmallVec<[Waiter; 4]> = waiters.list.drain(..).map(|(_, waiter)| waiter).collect();
        drop(waiters);
        woken.into_iter().for_each(Waiter::wake);
    }

    /// Listens from now on.
    pub(crate) fn listen(&self) -> Listener<'_> {
        Listener { signal: self, given: self.given.load(Ordering::SeqCst), key: None }
    }

    /// Replaces the waiter of this key, or adds one; answers the key, and who was there before.
    fn put(&self, key: Option<u64>, waiter: Waiter) -> (u64, Option<Waiter>) {
        let mut waiters = self.waiters.lock();
        if let Some((key, index)) = key.and_then(|key| Some((key, waiters.find(key)?))) {
            return (key, Some(std::mem::replace(&mut waiters.list[index].1, waiter)));
        }
        let key = waiters.next_key;
        waiters.next_key += 1;
        waiters.list.push((key, waiter));
        self.count.store(waiters.list.len(), Ordering::SeqCst);
        (key, None)
    }

    fn take(&self, key: u64) -> Option<Waiter> {
        let mut waiters = self.waiters.lock();
        let index = waiters.find(key)?;
        let (_, waiter) = waiters.list.remove(index);
        self.count.store(waiters.list.len(), Ordering::SeqCst);
        Some(waiter)
    }
}

impl Waiters {
    fn find(&self, key: u64) -> Option<usize> {
        self.list.binary_search_by_key(&key, |&(key, _)| key).ok()
    }
}

impl Waiter {
    fn wake(self) {
        match self {
            Self::Thread(parker) => parker.unpark(),
            Self::Task(waker) if DEFERS.get() => DEFERRED.with_borrow_mut(|deferred| deferred.push(waker)),
            Self::Task(waker) => waker.wake(),
        }
    }
}

/// Works under a lock. The tasks that this wakes are woken by [`wake_deferred`], without it.
pub(crate) fn defer<T>(work: impl FnOnce() -> T) -> T {
    DEFERS.set(true);
    let answer = work();
    DEFERS.set(false);
    answer
}

/// Whether tasks are to be woken.
pub(crate) fn has_deferred() -> bool {
    DEFERRED.with_borrow(|deferred| !deferred.is_empty())
}

/// Wakes the tasks that [`defer`] has left.
pub(crate) fn wake_deferred() {
    DEFERRED.take().into_iter().for_each(Waker::wake);
}

impl Listener<'_> {
    fn is_given(&self) -> bool {
        self.signal.given.load(Ordering::SeqCst) != self.given
    }

    /// Registers who waits; answers whether the signal was given meanwhile.
    fn register(&mut self, waiter: Waiter) -> bool {
        let (key, old) = self.signal.put(self.key, waiter);
        self.key = Some(key);
        drop(old);
        // Whoever gives the signal either sees the waiter, or is seen here.
        self.is_given()
    }

    /// Sleeps until the signal is given; `false` if it was not until the deadline.
    pub(crate) fn wait(mut self, deadline: Option<Instant>) -> bool {
        let parker = PARKER.try_with(Arc::clone).unwrap_or_default();
        if self.register(Waiter::Thread(Arc::clone(&parker))) {
            return true;
        }
        while !self.is_given() {
            if !parker.park(deadline) {
                return self.is_given();
            }
        }
        true
    }

    /// As [`Self::wait`], for no longer than this.
    pub(crate) fn wait_timeout(self, timeout: Duration) -> bool {
        self.wait(Instant::now().checked_add(timeout))
    }
}

impl Future for Listener<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.is_given() || self.register(Waiter::Task(context.waker().clone())) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Drop for Listener<'_> {
    fn drop(&mut self) {
        // Dropped when the lock is free again.
        let _waiter = self.key.and_then(|key| self.signal.take(key));
    }
}

impl Parker {
    fn unpark(&self) {
        *self.is_woken.lock() = true;
        self.woken.notify_one();
    }

    /// Sleeps until it is woken, or was woken before; `false` if it was not until the deadline.
    fn park(&self, deadline: Option<Instant>) -> bool {
        let mut is_woken = self.is_woken.lock();
        while !*is_woken {
            match deadline {
                None => self.woken.wait(&mut is_woken),
                Some(deadline) if self.woken.wait_until(&mut is_woken, deadline).timed_out() => break,
                Some(_) => {}
            }
        }
        std::mem::take(&mut is_woken)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;
    use std::sync::mpsc;
    use std::task::Wake;
    use std::thread;

    use super::*;

    /// Runs something that must come to an end.
    fn ends(work: impl FnOnce() + Send + 'static) {
        let (done, wait) = mpsc::channel();
        thread::spawn(move || {
            work();
            let _ = done.send(());
        });
        assert!(wait.recv_timeout(Duration::from_secs(10)).is_ok(), "it hangs");
    }

    struct CallsBack {
        signal: Arc<Signal>,
        calls: AtomicU32,
    }

    impl CallsBack {
        fn call_back(&self) {
            let mut listener = self.signal.listen();
            assert!(Pin::new(&mut listener).poll(&mut Context::from_waker(Waker::noop())).is_pending());
            // Not for ever, since this wakes no task that calls back.
            if self.calls.fetch_add(1, Ordering::Relaxed) < 3 {
                self.signal.give();
            }
        }
    }

    impl Wake for CallsBack {
        fn wake(self: Arc<Self>) {
            self.call_back();
        }
    }

    impl Drop for CallsBack {
        fn drop(&mut self) {
            self.call_back();
        }
    }

    #[test]
    fn a_waker_may_call_back_in_however_it_goes() {
        ends(|| {
            let signal = Arc::new(Signal::default());
            let waker = || Waker::from(Arc::new(CallsBack { signal: Arc::clone(&signal), calls: AtomicU32::new(0) }));
            let mut woken = signal.listen();
            assert!(Pin::new(&mut woken).poll(&mut Context::from_waker(&waker())).is_pending());
            signal.give();
            assert!(Pin::new(&mut woken).poll(&mut Context::from_waker(&waker())).is_ready());
            let mut replaced = signal.listen();
            for _ in 0..2 {
                // The waker before is dropped here.
                let _ = Pin::new(&mut replaced).poll(&mut Context::from_waker(&waker()));
            }
            drop(replaced);
            assert_eq!(signal.count.load(Ordering::Relaxed), 0);
        });
    }

    #[test]
    fn a_signal_wakes_all_who_listened_and_nobody_else() {
        let signal = Arc::new(Signal::default());
        assert!(!signal.listen().wait(Some(Instant::now())));
        let listening = signal.listen();
        signal.give();
        assert!(listening.wait(None));
        let begun = signal.listen();
        let (ready, is_ready) = mpsc::channel();
        let waiters: Vec<_> = (0..4)
            .map(|_| {
                let (signal, ready) = (Arc::clone(&signal), ready.clone());
                thread::spawn(move || {
                    let listener = signal.listen();
                    ready.send(()).unwrap();
                    listener.wait_timeout(Duration::from_secs(10))
                })
            })
            .collect();
        waiters.iter().for_each(|_| is_ready.recv().unwrap());
        signal.give();
        assert!(waiters.into_iter().all(|waiter| waiter.join().unwrap()));
        assert!(begun.wait(None));
        assert!(!signal.listen().wait(Some(Instant::now())));
    }

    #[test]
    fn no_signal_gets_lost_between_two_threads() {
        ends(|| {
            let (ping, pong) = (Arc::new(Signal::default()), Arc::new(Signal::default()));
            let count = Arc::new(AtomicU32::new(0));
            let other = {
                let (ping, pong, count) = (Arc::clone(&ping), Arc::clone(&pong), Arc::clone(&count));
                thread::spawn(move || turns(&count, 1, &ping, &pong))
            };
            turns(&count, 0, &pong, &ping);
            other.join().unwrap();
        });
    }

    /// Counts on when it is our turn, which the other's signal tells.
    fn turns(count: &AtomicU32, parity: u32, theirs: &Signal, ours: &Signal) {
        for turn in 0..2_000 {
            loop {
                let listener = theirs.listen();
                if count.load(Ordering::SeqCst) == 2 * turn + parity {
                    break;
                }
                listener.wait(None);
            }
            count.fetch_add(1, Ordering::SeqCst);
            ours.give();
        }
    }

    #[test]
    fn deferred_tasks_are_woken_afterwards() {
        struct Count(AtomicU32);
        impl Wake for Count {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        let (signal, count) = (Signal::default(), Arc::new(Count(AtomicU32::new(0))));
        let waker = Waker::from(Arc::clone(&count));
        let mut listener = signal.listen();
        assert!(Pin::new(&mut listener).poll(&mut Context::from_waker(&waker)).is_pending());
        defer(|| signal.give());
        assert!(has_deferred() && count.0.load(Ordering::Relaxed) == 0);
        wake_deferred();
        assert!(!has_deferred() && count.0.load(Ordering::Relaxed) == 1);
    }
}
