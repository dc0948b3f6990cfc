//! Between the application and the thread: the client, and how the thread is woken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

use parking_lot::Mutex;

use super::client::Client;
use crate::signal::Signal;

/// The client, as the application and the thread share it.
pub(crate) struct Link {
    pub(super) client: Mutex<Client>,
    pub(super) wake: Signal,
    pub(super) is_woken: AtomicBool,
    pub(super) stops: AtomicBool,
    start: Instant,
}

/// The client of an instance, and its thread.
pub(crate) struct Handle {
    link: Arc<Link>,
    thread: Option<JoinHandle<()>>,
}

impl Link {
    pub(super) fn new(client: Client) -> Self {
        Self {
            client: Mutex::new(client),
            wake: Signal::default(),
            is_woken: AtomicBool::new(false),
            stops: AtomicBool::new(false),
            start: Instant::now(),
        }
    }

    /// Milliseconds, not from zero, which means "at once" to the client.
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }

    fn wake(&self) {
        self.is_woken.store(true, Ordering::Release);
        self.wake.give();
    }
}

impl Handle {
    pub(super) fn new(link: Arc<Link>, thread: JoinHandle<()>) -> Self {
        Self { link, thread: Some(thread) }
    }

    /// Calls the client; what comes of it, the thread does at once.
    pub(crate) fn with<T>(&self, call: impl FnOnce(&mut Client, u64) -> T) -> T {
        let answer = call(&mut self.link.client.lock(), self.link.now());
        self.link.wake();
        answer
    }

    /// Looks at the client.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Client) -> T) -> T {
        look(&self.link.client.lock())
    }

    /// In a fork: the thread is not here.
    pub(crate) fn abandon(mut self) {
        std::mem::forget(self.thread.take());
        std::mem::forget(self);
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.link.stops.store(true, Ordering::Release);
        self.link.wake();
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            // An error means that it is gone.
            let _ = thread.join();
        }
    }
}
