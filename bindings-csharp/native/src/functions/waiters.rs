//! Waiting on one thread for all that an instance's async calls wait for.

use std::time::Duration;

use gamesockets::{Connection, MessageSource, Topic};

use crate::arguments::Out;
use crate::border::{Code, Failure, guard};
use crate::structs::Happening;
use crate::{instances, waiters};

/// The longest wait: nobody waits for a day.
const LONGEST_MS: u32 = 86_400_000;

/// Makes a waiter, which may watch any instance, and keeps none alive.
#[unsafe(no_mangle)]
pub extern "C" fn gamesockets_create_waiter(waiter: Out<u64>) -> Code {
    guard(|| waiter.check("the waiter")?.write(waiters::create(), "the waiter"))
}

/// Frees a waiter. Whoever waits comes back; what was watched is not any more.
#[unsafe(no_mangle)]
pub extern "C" fn gamesockets_destroy_waiter(waiter: u64) -> Code {
    guard(|| waiters::destroy(waiter))
}

/// Watches until something happens, once: an event to take (topic 1), messages of a connection or a poll group (2), or
/// room to send on a connection (3). Writes 1 if it has happened already; then nothing will be told.
#[unsafe(no_mangle)]
pub extern "C" fn gamesockets_watch(waiter: u64, instance: u64, topic: i32, handle: u32, happened: Out<u8>) -> Code {
    guard(|| {
        let happened = happened.check("the answer")?;
        let topic = match topic {
            1 => Topic::Events,
            2 => Topic::Readable(MessageSource::from_raw(handle)),
            3 => Topic::Writable(Connection::from_raw(handle)),
            _ => return Err(Failure::invalid(format!("{topic} is no topic: 1, 2 or 3"))),
        };
        let answer = waiters::get(waiter)?.watches.watch(&instances::get(instance)?, topic)?;
        happened.write(u8::from(answer), "the answer")
    })
}

/// Forgets what is watched about a connection or a poll group.
#[unsafe(no_mangle)]
pub extern "C" fn gamesockets_unwatch(waiter: u64, handle: u32) -> Code {
    guard(|| {
        waiters::get(waiter)?.watches.forget(MessageSource::from_raw(handle));
        Ok(())
    })
}

/// Waits until something that is watched has happened, and writes what: nothing when the time is over, when somebody
/// interrupts, or when the waiter is destroyed. What there is no room for comes with the next call.
#[unsafe(no_mangle)]
pub extern "C" fn gamesockets_wait(
    waiter: u64,
    milliseconds: u32,
    happenings: Out<Happening>,
    capacity: usize,
    count: Out<usize>,
) -> Code {
    guard(|| {
        let (happenings, count) = (happenings.check("the happenings")?, count.check("the count")?);
        let timeout = Duration::from_millis(milliseconds.min(LONGEST_MS).into());
        let topics = waiters::get(waiter)?.wait(timeout, capacity);
        let flat: Vec<Happening> = topics.into_iter().map(Happening::from).collect();
        happenings.fill(capacity, &flat, "the happenings")?;
        count.write(flat.len(), "the count")
    })
}

/// Lets the thread that waits come back.
#[unsafe(no_mangle)]
pub extern "C" fn gamesockets_interrupt(waiter: u64) -> Code {
    guard(|| {
        waiters::get(waiter)?.watches.interrupt();
        Ok(())
    })
}

impl From<Topic> for Happening {
    fn from(topic: Topic) -> Self {
        match topic {
            Topic::Events => Self { topic: 1, handle: 0 },
            Topic::Readable(source) => Self { topic: 2, handle: source.raw() },
            Topic::Writable(connection) => Self { topic: 3, handle: connection.raw() },
        }
    }
}
