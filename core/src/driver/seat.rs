//! Who does the I/O of an instance: its own thread (the host), or a thread of the application that waits for messages
//! anyway (the guest). What arrives for the guest then needs no second thread to be woken.
//!
//! ```text
//!                 a guest comes: the host lets go
//!   host drives ----------------------------------> guest drives <---+
//!        ^                                               | leaves    | comes back
//!        |         nobody comes for HANDOVER             v           |
//!        +------------------------------------------ host stands by -+
//! ```
//!
//! Only a thread that comes back to wait as soon as it was answered becomes guest: it spends its time waiting, and the
//! host need not look after the rest. And only while it has to wait: where more arrives than it can read, two threads do more than one.

use std::cell::Cell;
use std::hint;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use gamesockets_proto::Timestamp;
use parking_lot::{Condvar, Mutex, MutexGuard};

use super::Driver;
use super::reactor::Reactor;
use crate::signal::{self, Signal};

/// Whoever drives looks around at least this often, lest a lost wake-up matter.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// The host drives again when there was no guest for this long.
const HANDOVER: Duration = Duration::from_micros(500);
/// A thread that waits again within this after it has waited becomes guest.
const COMES_BACK: Duration = Duration::from_micros(200);
/// Guests that find more datagrams than this each time have more to do than one thread should ...
const DATAGRAMS_MAX: f32 = 8.0;
/// ... and for this long there is none.
const RUSH: Duration = Duration::from_millis(10);
/// The weight of a visit in the averages.
const WEIGHT: f32 = 1.0 / 8.0;
/// Guests that are usually answered within this do not sleep before it has passed, unless something else was set: to wake
/// a sleeper takes as long.
pub(crate) const BUSY_POLL: Duration = Duration::from_micros(100);
/// Longer waits count as this when guests' waits are averaged, and so are forgotten soon.
const WAIT_MAX: Duration = Duration::from_millis(1);

thread_local! {
    /// The number of the seat that this thread has, or 0.
    static DRIVES: Cell<usize> = const { Cell::new(0) };
}

/// The right to do the I/O of an instance.
pub(crate) struct Seat {
    number: usize,
    reactor: Mutex<Reactor>,
    state: Mutex<State>,
    changed: Condvar,
    /// There is a guest: for the host, between two turns.
    wanted: AtomicBool,
    /// Interrupts a guest that sleeps.
    kick: Waker,
    busy_poll: Duration,
}

#[derive(Default)]
struct State {
    guest: bool,
    /// Counts guests, so that the host can tell one visit from the next.
    visits: u64,
    /// When the last guest left.
    left: Timestamp,
    /// The host is not to wait whether a guest comes back.
    summoned: bool,
    habits: Habits,
}

/// What is known of the threads that wait.
#[derive(Default)]
struct Habits {
    /// When the last one had waited.
    last: Option<Timestamp>,
    /// Until when there is no guest, because they had too much to do.
    rush_until: Timestamp,
    /// How many datagrams a guest finds, on average.
    datagrams: f32,
    /// How long it waits, on average, microseconds.
    wait: f32,
}

impl Seat {
    pub(super) fn new(reactor: Reactor, waker: Arc<mio::Waker>, busy_poll: Duration) -> Self {
        static NUMBERS: AtomicUsize = AtomicUsize::new(1);
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        Self {
            number,
            reactor: Mutex::new(reactor),
            state: Mutex::default(),
            changed: Condvar::new(),
            wanted: AtomicBool::new(false),
            kick: Waker::from(Arc::new(Kick { number, waker })),
            // On a single processor, whoever spins keeps the others from sending.
            busy_poll: if thread::available_parallelism().is_ok_and(|cores| cores.get() > 1) {
                busy_poll
            } else {
                Duration::ZERO
            },
        }
    }

    /// Whether this thread does the I/O (and is in a task that it woke).
    pub(crate) fn is_mine(&self) -> bool {
        DRIVES.get() == self.number
    }

    /// The work of the instance's own thread, until it is told to stop.
    pub(super) fn host(&self, driver: &Driver) {
        DRIVES.set(self.number);
        loop {
            let mut reactor = self.reactor.lock();
            loop {
                if !work(&mut reactor, driver) {
                    return;
                }
                if self.wanted.load(Ordering::Acquire) {
                    break;
                }
                reactor.sleep(driver, LONGEST_SLEEP);
            }
            drop(reactor);
            self.stand_by(driver);
        }
    }

    /// Waits until nobody else does the host's work.
    fn stand_by(&self, driver: &Driver) {
        let mut state = self.state.lock();
        let mut last_visit = 0;
        loop {
            if state.guest && last_visit == state.visits {
                // It may sit there for long, and says when it leaves.
                self.changed.wait(&mut state);
            } else if state.guest {
                last_visit = state.visits;
                self.changed.wait_for(&mut state, HANDOVER);
            } else {
                let vacant = driver.now().since(state.left);
                if vacant >= HANDOVER || std::mem::take(&mut state.summoned) {
                    return;
                }
                self.changed.wait_for(&mut state, HANDOVER - vacant);
            }
        }
    }

    /// There is something to do at once, guest or not.
    pub(super) fn summon_host(&self) {
        let mut state = self.state.lock();
        if !state.guest {
            state.summoned = true;
            drop(state);
            self.changed.notify_one();
        }
    }

    /// Has the host drive while a thread waits in another way, which `wait` does.
    pub(crate) fn decline<T>(&self, driver: &Driver, wait: impl FnOnce() -> T) -> T {
        self.summon_host();
        let answer = wait();
        self.state.lock().habits.last = Some(driver.now());
        answer
    }

    /// Waits as a guest until `poll` has an answer. `None`: this thread cannot be guest, or not until the deadline, and
    /// has to go on in another way.
    ///
    /// `signal` is given when another thread may have caused an answer.
    pub(crate) fn wait<T>(
        &self,
        driver: &Driver,
        signal: &Signal,
        deadline: Option<Instant>,
        mut poll: impl FnMut() -> Option<T>,
    ) -> Option<T> {
        whole_ticks(deadline)?;
        let mut visit = self.enter(driver)?;
        let mut reactor = self.take(driver);
        loop {
            let before = reactor.datagrams();
            if !work(&mut reactor, driver) {
                return None;
            }
            visit.datagrams += reactor.datagrams() - before;
            if let Some(answer) = poll() {
                return Some(answer);
            }
            if visit.spin(&mut reactor) {
                continue;
            }
            let longest = whole_ticks(deadline)?;
            let mut listener = pin!(signal.listen());
            if listener.as_mut().poll(&mut Context::from_waker(&self.kick)).is_ready() {
                continue;
            }
            // What came between the look and the listening.
            if let Some(answer) = poll() {
                return Some(answer);
            }
            let begin = Instant::now();
            reactor.sleep(driver, longest);
            visit.waited += begin.elapsed();
        }
    }

    /// Becomes guest, if there is none and this thread is likely to come back.
    fn enter<'a>(&'a self, driver: &'a Driver) -> Option<Visit<'a>> {
        let now = driver.now();
        let mut state = self.state.lock();
        if state.guest || !state.habits.welcome(now) || self.is_mine() {
            return None;
        }
        state.guest = true;
        state.visits += 1;
        state.summoned = false;
        let spins = !self.busy_poll.is_zero() && state.habits.wait <= self.busy_poll.as_micros() as f32;
        drop(state);
        self.wanted.store(true, Ordering::Release);
        let spin_until = spins.then(|| Instant::now() + self.busy_poll);
        let outer = DRIVES.replace(self.number);
        Some(Visit { seat: self, driver, began: now, outer, spin_until, waited: Duration::ZERO, datagrams: 0 })
    }

    /// Takes the reactor from the host, if that has it.
    fn take(&self, driver: &Driver) -> MutexGuard<'_, Reactor> {
        self.reactor.try_lock().unwrap_or_else(|| {
            driver.wake();
            self.reactor.lock()
        })
    }
}

/// Has the reactor do what there is to do, and wakes tasks without its lock: a waker may wait for a thread that is about to
/// become guest. Answers whether to go on.
fn work(reactor: &mut MutexGuard<'_, Reactor>, driver: &Driver) -> bool {
    let goes_on = signal::defer(|| reactor.work(driver));
    if signal::has_deferred() {
        MutexGuard::unlocked(reactor, signal::wake_deferred);
        // A task may have forked the process. The copy of this thread ends there: the sockets and keys are the parent's.
        return goes_on && !driver.is_forked();
    }
    goes_on
}

/// For how long a guest may sleep, in whole milliseconds: the system's poll takes nothing finer. `None`: for less.
fn whole_ticks(deadline: Option<Instant>) -> Option<Duration> {
    let Some(deadline) = deadline else { return Some(LONGEST_SLEEP) };
    let left = deadline.saturating_duration_since(Instant::now()).min(LONGEST_SLEEP);
    let ticks = Duration::from_millis(u64::try_from(left.as_millis()).unwrap_or(u64::MAX));
    (!ticks.is_zero()).then_some(ticks)
}

impl Habits {
    fn welcome(&self, now: Timestamp) -> bool {
        now >= self.rush_until && self.last.is_some_and(|at| now.since(at) <= COMES_BACK)
    }

    /// A guest leaves that has waited for so long and found so much; answers whether there is too much for guests.
    fn visited(&mut self, now: Timestamp, waited: Duration, datagrams: u64) -> bool {
        self.last = Some(now);
        self.datagrams += WEIGHT * (datagrams as f32 - self.datagrams);
        self.wait += WEIGHT * (waited.min(WAIT_MAX).as_micros() as f32 - self.wait);
        let rush = self.datagrams > DATAGRAMS_MAX;
        if rush {
            self.datagrams = 0.0;
            self.rush_until = now + RUSH;
        }
        rush
    }
}

/// From when a guest enters until it leaves.
struct Visit<'a> {
    seat: &'a Seat,
    driver: &'a Driver,
    began: Timestamp,
    /// The seat that this thread has besides, in a task that it woke.
    outer: usize,
    spin_until: Option<Instant>,
    waited: Duration,
    datagrams: u64,
}

impl Visit<'_> {
    /// Looks again and again; answers whether there is something to do.
    fn spin(&mut self, reactor: &mut Reactor) -> bool {
        let Some(until) = self.spin_until else { return false };
        let begin = Instant::now();
        let (mut now, mut found) = (begin, false);
        while now < until && !found {
            found = reactor.look(Duration::ZERO);
            hint::spin_loop();
            now = Instant::now();
        }
        self.waited += now - begin;
        found
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        DRIVES.set(self.outer);
        self.seat.wanted.store(false, Ordering::Release);
        let now = self.driver.now();
        let mut state = self.seat.state.lock();
        state.guest = false;
        state.left = now;
        let took = now.since(self.began);
        let rush = state.habits.visited(now, self.waited, self.datagrams);
        state.summoned |= rush;
        drop(state);
        // The host looks again by itself if the visit was short.
        if rush || took >= HANDOVER {
            self.seat.changed.notify_one();
        }
    }
}

/// Wakes a guest that sleeps, on behalf of another thread.
struct Kick {
    number: usize,
    waker: Arc<mio::Waker>,
}

impl Wake for Kick {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if DRIVES.get() != self.number {
            // It looks again within a second.
            let _ = self.waker.wake();
        }
    }
}
