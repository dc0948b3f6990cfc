//! The life of an instance: its start, and the orderly end of everything in it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;

use gamesockets_proto::Identity;
use gamesockets_schema::{ConnectionEnd, DebugOutputType};

use crate::config::Overrides;
use crate::driver::Driver;
use crate::driver::connection::ConnectionCell;
use crate::driver::listen::ListenPlace;
use crate::error::Error;
use crate::events::Event;
use crate::network::link::Handle;
use crate::trace::TraceSettings;

/// How long lingering connections may hold up the end of an instance.
const LINGER_AT_END: Duration = Duration::from_secs(1);
/// How often a lingering connection is looked at meanwhile.
const LINGER_STEP: Duration = Duration::from_millis(5);
const SHUTDOWN_TEXT: &str = "Shutdown";

/// What the clones of a [`Sockets`](crate::Sockets) share.
pub(super) struct Instance {
    pub(super) driver: Arc<Driver>,
    /// The client of the network that it is logged in to.
    pub(super) network: OnceLock<Handle>,
    thread: Option<JoinHandle<()>>,
    /// In a fork: an event has said so.
    said_forked: AtomicBool,
}

impl Instance {
    pub(super) fn start(
        identity: Identity,
        global: Overrides,
        trace: Option<TraceSettings>,
        busy_poll: Duration,
    ) -> Result<Self, Error> {
        let (driver, thread) = Driver::start(identity, global, trace, busy_poll)?;
        Ok(Self { driver, network: OnceLock::new(), thread: Some(thread), said_forked: AtomicBool::new(false) })
    }

    /// Whether this is another process than the one that made it.
    pub(super) fn is_forked(&self) -> bool {
        self.driver.is_forked()
    }

    pub(super) fn has_said_forked(&self) -> bool {
        self.said_forked.load(Ordering::Relaxed)
    }

    /// The only event in a fork.
    pub(super) fn say_forked(&self, error: &Error) -> Option<Event> {
        let said = self.said_forked.swap(true, Ordering::Relaxed);
        (!said).then(|| Event::DebugOutput { level: DebugOutputType::Error, message: error.to_string() })
    }

    /// Closes every connection and every listen socket.
    pub(super) fn close_all(&self, debug: &str) {
        self.close_connections(ConnectionEnd::APP_GENERIC.0, debug);
        for place in self.take_listen_sockets() {
            self.driver.stop_listening(&place);
        }
        // Whoever waits to accept sees that they are gone.
        self.driver.events.arrived.give();
    }

    fn close_connections(&self, reason: i32, debug: &str) {
        let handles: Vec<_> = self.driver.tables.read().connections.values().map(|cell| cell.handle()).collect();
        for handle in handles {
            let cell = self.driver.tables.write().connections.remove(handle);
            if let Some(cell) = cell {
                close(&self.driver, &cell, reason, debug, false);
            }
        }
    }

    fn take_listen_sockets(&self) -> Vec<ListenPlace> {
        let mut tables = self.driver.tables.write();
        let handles: Vec<_> = tables.listen_sockets.values().map(|cell| cell.handle).collect();
        handles
            .into_iter()
            .filter_map(|handle| tables.listen_sockets.remove(handle))
            .map(|cell| cell.place.clone())
            .collect()
    }

    /// Gives connections that were closed with linger some time to deliver.
    fn wait_for_lingering(&self) {
        let deadline = self.driver.now() + LINGER_AT_END;
        let lingering = std::mem::take(&mut *self.driver.lingering.lock());
        for cell in lingering {
            while cell.lock().is_lingering() && self.driver.now() < deadline {
                let listener = cell.writable.listen();
                if cell.lock().is_lingering() {
                    listener.wait_timeout(LINGER_STEP);
                }
            }
            let mut guarded = cell.lock();
            if guarded.is_lingering() {
                let now = self.driver.now();
                guarded.engine.close(now, ConnectionEnd::APP_EXCEPTION_MAX.0, SHUTDOWN_TEXT, false);
                cell.settle(&self.driver, now, guarded);
            }
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if self.is_forked() {
            // The thread is not here, and locks may be held by threads that are not either.
            std::mem::forget(self.thread.take());
            if let Some(network) = self.network.take() {
                network.abandon();
            }
            return;
        }
        // Its last word goes out, and its thread ends.
        drop(self.network.take());
        self.close_connections(ConnectionEnd::APP_EXCEPTION_MAX.0, SHUTDOWN_TEXT);
        // A task that the I/O thread woke may have held the last clone: that thread cannot wait for itself.
        if self.driver.seat.is_mine() {
            self.driver.stop();
            return;
        }
        self.wait_for_lingering();
        self.driver.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Closes a connection whose handle has been taken out of the tables.
pub(super) fn close(driver: &Driver, cell: &Arc<ConnectionCell>, reason: i32, debug: &str, linger: bool) {
    cell.mark_closed();
    let now = driver.now();
    let mut guarded = cell.lock();
    guarded.engine.close(now, reason, debug, linger);
    let lingers = guarded.is_lingering();
    cell.settle(driver, now, guarded);
    if lingers {
        driver.remember_lingering(cell);
    }
}
