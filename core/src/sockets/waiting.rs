//! Waiting for events, messages and room to send: blocking with a timeout, and as futures for any executor.

use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gamesockets_schema::ConnectionState;

use super::{Sockets, invalid_connection, poll_groups};
use crate::driver::Driver;
use crate::driver::connection::ConnectionCell;
use crate::driver::poll_group::PollGroupCell;
use crate::error::Error;
use crate::events::Event;
use crate::handles::{Connection, PollGroup};
use crate::signal::Signal;
use crate::topics::{MessageSource, Topic};

/// A topic that will have happened.
pub(crate) type Watched = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

impl Sockets {
    /// Waits for an event; `None` when none came in time.
    pub fn wait_event(&self, timeout: Duration) -> Option<Event> {
        if self.driver().is_err() && self.events_waiting() == 0 {
            // Nothing will ever come in a fork; but nobody is to spin on it.
            std::thread::sleep(timeout);
            return None;
        }
        block(&self.instance.driver.events.arrived, deadline(timeout), || self.poll_event())
    }

    /// Waits until an event can be taken, and leaves it; `false` when none came in time.
    pub fn wait_events(&self, timeout: Duration) -> bool {
        if self.driver().is_err() && self.events_waiting() == 0 {
            std::thread::sleep(timeout);
            return false;
        }
        let arrived = &self.instance.driver.events.arrived;
        block(arrived, deadline(timeout), || (self.events_waiting() > 0).then_some(())).is_some()
    }

    /// The next event.
    pub async fn event(&self) -> Event {
        until(&self.instance.driver.events.arrived, || self.poll_event()).await
    }

    /// Completes when an event waits, and leaves it to be taken.
    pub async fn event_waits(&self) {
        until(&self.instance.driver.events.arrived, || (self.events_waiting() > 0).then_some(())).await;
    }

    /// Waits until messages can be read from a connection or a poll group; `false` when none came in time.
    ///
    /// # Errors
    /// [`Error::InvalidHandle`], also when the handle is closed meanwhile; [`Error::ConnectionEnded`] when the connection
    /// has ended and everything was read.
    pub fn wait_messages(&self, source: impl Into<MessageSource>, timeout: Duration) -> Result<bool, Error> {
        let source = self.source(source.into())?;
        let driver = &self.instance.driver;
        if let Some(answer) = source.poll() {
            return answer.map(|()| true);
        }
        if timeout.is_zero() {
            return Ok(false);
        }
        let (signal, deadline) = (source.signal(), deadline(timeout));
        let answer = driver.seat.wait(driver, signal, deadline, || source.poll());
        let answer = answer.or_else(|| driver.seat.decline(driver, || block(signal, deadline, || source.poll())));
        answer.transpose().map(|answer| answer.is_some())
    }

    /// Completes when messages can be read from a connection or a poll group.
    ///
    /// # Errors
    /// As [`Self::wait_messages`].
    pub async fn readable(&self, source: impl Into<MessageSource>) -> Result<(), Error> {
        let source = self.source(source.into())?;
        until(source.signal(), || source.poll()).await
    }

    /// Waits until a send that was refused with `LimitExceeded` may be tried again; `true` at once when none was.
    /// `false` when there was no room in time.
    ///
    /// # Errors
    /// [`Error::InvalidHandle`], also when the handle is closed meanwhile; [`Error::ConnectionEnded`].
    pub fn wait_writable(&self, connection: Connection, timeout: Duration) -> Result<bool, Error> {
        let cell = self.connection(connection)?;
        block(&cell.writable, deadline(timeout), || poll_writable(&cell)).transpose().map(|answer| answer.is_some())
    }

    /// Completes when a send that was refused with `LimitExceeded` may be tried again.
    ///
    /// # Errors
    /// As [`Self::wait_writable`].
    pub async fn writable(&self, connection: Connection) -> Result<(), Error> {
        let cell = self.connection(connection)?;
        until(&cell.writable, || poll_writable(&cell)).await
    }

    /// Completes when the topic has happened. It owns what it waits for, but not the instance.
    pub(crate) fn happening(&self, topic: Topic) -> Watched {
        match topic {
            Topic::Events => {
                let driver = match self.driver() {
                    Ok(driver) => Arc::clone(driver),
                    Err(error) => return Box::pin(ready(Err(error))),
                };
                let waits = move |driver: &Driver| (driver.events.len() > 0).then_some(Ok(()));
                Box::pin(async move { until(&driver.events.arrived, || waits(&driver)).await })
            }
            Topic::Readable(source) => match self.source(source) {
                Ok(source) => Box::pin(async move { until(source.signal(), || source.poll()).await }),
                Err(error) => Box::pin(ready(Err(error))),
            },
            Topic::Writable(connection) => match self.connection(connection) {
                Ok(cell) => Box::pin(async move { until(&cell.writable, || poll_writable(&cell)).await }),
                Err(error) => Box::pin(ready(Err(error))),
            },
        }
    }

    fn source(&self, source: MessageSource) -> Result<Source, Error> {
        Ok(match source {
            MessageSource::Connection(connection) => Source::Connection(self.connection(connection)?),
            MessageSource::PollGroup(group) => Source::PollGroup(group, self.poll_group(group)?),
        })
    }
}

/// A [`MessageSource`], looked up.
enum Source {
    Connection(Arc<ConnectionCell>),
    PollGroup(PollGroup, Arc<PollGroupCell>),
}

impl Source {
    fn signal(&self) -> &Signal {
        match self {
            Self::Connection(cell) => &cell.readable,
            Self::PollGroup(_, cell) => &cell.readable,
        }
    }

    fn poll(&self) -> Option<Result<(), Error>> {
        match self {
            Self::Connection(cell) => poll_readable(cell),
            Self::PollGroup(group, cell) if cell.is_destroyed() => Some(Err(poll_groups::invalid(*group))),
            Self::PollGroup(_, cell) => cell.is_readable().then_some(Ok(())),
        }
    }
}

fn poll_readable(cell: &ConnectionCell) -> Option<Result<(), Error>> {
    let guarded = cell.lock();
    if cell.is_closed() {
        return Some(Err(invalid_connection(cell.handle())));
    }
    if guarded.engine.readable_messages() > 0 {
        return Some(Ok(()));
    }
    guarded.has_ended().then(|| Err(guarded.ended()))
}

fn poll_writable(cell: &ConnectionCell) -> Option<Result<(), Error>> {
    let guarded = cell.lock();
    if cell.is_closed() {
        return Some(Err(invalid_connection(cell.handle())));
    }
    if guarded.has_ended() {
        return Some(Err(guarded.ended()));
    }
    (!guarded.send_refused).then_some(Ok(()))
}

impl crate::driver::connection::Guarded {
    fn has_ended(&self) -> bool {
        matches!(self.engine.state(), ConnectionState::ClosedByPeer | ConnectionState::ProblemDetectedLocally)
    }

    /// The error of calls that need a live connection.
    pub(super) fn ended(&self) -> Error {
        Error::ConnectionEnded { reason: self.engine.end_reason().0, debug: self.engine.end_debug().to_owned() }
    }
}

/// When a timeout is over; a time that cannot be told never comes.
fn deadline(timeout: Duration) -> Option<Instant> {
    Instant::now().checked_add(timeout)
}

/// Blocks until `poll` has an answer or the time is over.
fn block<T>(signal: &Signal, deadline: Option<Instant>, mut poll: impl FnMut() -> Option<T>) -> Option<T> {
    loop {
        if let Some(answer) = poll() {
            return Some(answer);
        }
        let listener = signal.listen();
        // What came between the look and the listening.
        if let Some(answer) = poll() {
            return Some(answer);
        }
        if !listener.wait(deadline) {
            return poll();
        }
    }
}

/// Completes when `poll` has an answer.
pub(crate) async fn until<T>(signal: &Signal, mut poll: impl FnMut() -> Option<T>) -> T {
    loop {
        if let Some(answer) = poll() {
            return answer;
        }
        let listener = signal.listen();
        if let Some(answer) = poll() {
            return answer;
        }
        listener.await;
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    #[test]
    fn an_event_that_waits_is_left_to_be_taken() {
        let sockets = Sockets::anonymous().unwrap();
        let mut context = Context::from_waker(Waker::noop());
        let mut waits = pin!(sockets.event_waits());
        assert_eq!(waits.as_mut().poll(&mut context), Poll::Pending);
        sockets.connect_by_ip_address("127.0.0.1:9".parse().unwrap(), &[]).unwrap();
        assert_eq!(waits.as_mut().poll(&mut context), Poll::Ready(()));
        assert!(sockets.poll_event().is_some());
    }
}
