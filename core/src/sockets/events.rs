//! Events, taken one by one or all at once.

use std::convert::Infallible;

use gamesockets_schema::DebugOutputType;

use super::Sockets;
use crate::events::Event;

impl Sockets {
    /// Which lines of the log become events ([`Event::DebugOutput`]): those up to this detail. None at first, and with
    /// `None`. All lines go to `tracing` besides. At most 1024 lines wait; what is lost is told.
    #[doc(alias = "SetDebugOutputFunction")]
    pub fn set_debug_output_level(&self, level: DebugOutputType) {
        self.instance.driver.log.set_level(level);
    }

    /// How many events wait to be taken.
    pub fn events_waiting(&self) -> usize {
        match self.driver() {
            Ok(driver) => driver.events.len(),
            Err(_) => usize::from(!self.instance.has_said_forked()),
        }
    }

    /// The next event, if one waits.
    pub fn poll_event(&self) -> Option<Event> {
        let driver = match self.driver() {
            Ok(driver) => driver,
            Err(error) => return self.instance.say_forked(&error),
        };
        let event = driver.events.pop()?;
        if let Event::ConnectionWritable { connection } = event
            && let Some(cell) = driver.tables.read().connections.get(connection)
        {
            cell.writable_event_taken();
        }
        Some(event)
    }

    /// Hands over every event that waits, on this thread. To be called once per frame. Events that come meanwhile, such
    /// as those that `callback` causes, wait for the next call.
    #[doc(alias = "RunCallbacks")]
    pub fn run_callbacks(&self, mut callback: impl FnMut(Event)) {
        let Ok(()) = self.try_run_callbacks(|event| {
            callback(event);
            Ok::<(), Infallible>(())
        });
    }

    /// As [`Self::run_callbacks`], until `callback` fails: the events after that one go on waiting.
    ///
    /// # Errors
    /// Those of `callback`.
    pub fn try_run_callbacks<E>(&self, mut callback: impl FnMut(Event) -> Result<(), E>) -> Result<(), E> {
        for _ in 0..self.events_waiting() {
            let Some(event) = self.poll_event() else { break };
            callback(event)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_failing_callback_leaves_goes_on_waiting() {
        let sockets = Sockets::anonymous().unwrap();
        for _ in 0..3 {
            sockets.connect_by_ip_address("127.0.0.1:9".parse().unwrap(), &[]).unwrap();
        }
        let mut seen = 0;
        let result = sockets.try_run_callbacks(|_| {
            seen += 1;
            if seen == 2 { Err("enough") } else { Ok(()) }
        });
        assert_eq!((result, seen), (Err("enough"), 2));
        sockets.run_callbacks(|_| seen += 1);
        assert_eq!(seen, 3);
    }
}
