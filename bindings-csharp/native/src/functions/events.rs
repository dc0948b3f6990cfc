//! Events, taken one by one.

use gamesockets::DebugOutputType;

use crate::arguments::Out;
use crate::border::{Code, Failure, guard};
use crate::instances;
use crate::records::ConnectionInfo;
use crate::structs::Event;

/// Takes the next event; kind 0 when none waits. Its text, if it has one, goes to the buffer, cut to what fits.
#[unsafe(no_mangle)]
#[doc(alias = "RunCallbacks")]
pub extern "C" fn gamesockets_poll_event(
    instance: u64,
    happened: Out<Event>,
    buffer: Out<u8>,
    capacity: usize,
) -> Code {
    guard(|| {
        let event = happened.check("the event")?;
        let Some(found) = instances::get(instance)?.poll_event() else { return event.write(NONE, "the event") };
        event.write(flat(&found, buffer, capacity)?, "the event")
    })
}

/// Which lines of the log become events (`DebugOutputType`).
#[unsafe(no_mangle)]
#[doc(alias = "SetDebugOutputFunction")]
pub extern "C" fn gamesockets_set_debug_output_level(instance: u64, level: i32) -> Code {
    guard(|| {
        let unknown = || Failure::invalid(format!("{level} is no DebugOutputType"));
        let level = DebugOutputType::from_value(level).ok_or_else(unknown)?;
        instances::get(instance)?.set_debug_output_level(level);
        Ok(())
    })
}

const NONE: Event =
    Event { kind: 0, connection: 0, old_state: 0, value: 0, text_length: 0, info: ConnectionInfo::NONE };

fn flat(event: &gamesockets::Event, buffer: Out<u8>, capacity: usize) -> Result<Event, Failure> {
    Ok(match event {
        gamesockets::Event::ConnectionStatusChanged { connection, info, old_state } => Event {
            kind: 1,
            connection: connection.raw(),
            old_state: old_state.value(),
            info: ConnectionInfo::from(info.as_ref()),
            ..NONE
        },
        gamesockets::Event::ConnectionWritable { connection } => {
            Event { kind: 2, connection: connection.raw(), ..NONE }
        }
        gamesockets::Event::AuthenticationStatus(status) => Event {
            kind: 3,
            value: status.available.value(),
            text_length: buffer.cut(capacity, &status.debug_message)?,
            ..NONE
        },
        gamesockets::Event::DebugOutput { level, message } => {
            Event { kind: 4, value: level.value(), text_length: buffer.cut(capacity, message)?, ..NONE }
        }
        _ => NONE,
    })
}
