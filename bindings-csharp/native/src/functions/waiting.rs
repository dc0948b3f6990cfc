//! Waiting on the calling thread. Whoever waits without end should do so in slices: nothing interrupts a wait.

use std::time::Duration;

use gamesockets::{Connection, MessageSource};

use crate::arguments::Out;
use crate::border::{Code, guard};
use crate::instances;

/// Waits until messages can be read from a connection or a poll group: 1, or 0 when none came in time.
#[unsafe(no_mangle)]
pub extern "C" fn gamesockets_wait_messages(instance: u64, source: u32, milliseconds: u32, came: Out<u8>) -> Code {
    guard(|| {
        let came = came.check("the answer")?;
        let timeout = Duration::from_millis(milliseconds.into());
        let answer = instances::get(instance)?.wait_messages(MessageSource::from_raw(source), timeout)?;
        came.write(u8::from(answer), "the answer")
    })
}

/// Waits until a send that was refused with `LimitExceeded` may be tried again: 1, or 0 when there was no room in time.
#[unsafe(no_mangle)]
pub extern "C" fn gamesockets_wait_writable(
    instance: u64,
    connection: u32,
    milliseconds: u32,
    is_writable: Out<u8>,
) -> Code {
    guard(|| {
        let is_writable = is_writable.check("the answer")?;
        let timeout = Duration::from_millis(milliseconds.into());
        let answer = instances::get(instance)?.wait_writable(Connection::from_raw(connection), timeout)?;
        is_writable.write(u8::from(answer), "the answer")
    })
}

/// Waits until an event can be taken, and leaves it: 1, or 0 when none came in time.
#[unsafe(no_mangle)]
pub extern "C" fn gamesockets_wait_events(instance: u64, milliseconds: u32, came: Out<u8>) -> Code {
    guard(|| {
        let came = came.check("the answer")?;
        let answer = instances::get(instance)?.wait_events(Duration::from_millis(milliseconds.into()));
        came.write(u8::from(answer), "the answer")
    })
}
