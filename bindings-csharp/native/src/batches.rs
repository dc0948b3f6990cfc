//! Batches of received messages: owned here, read by the managed side, released as one.

use gamesockets::ReceivedMessage;
use parking_lot::Mutex;

use crate::border::Failure;
use crate::handles::Table;
use crate::records::MessageRecord;
use crate::structs::MessageBatch;

/// How many released batches are kept for the next ones.
const SPARE: usize = 64;

/// Batches belong to no instance: payloads stay valid until they are released, whatever becomes of the instance.
static BATCHES: Mutex<Batches> = Mutex::new(Batches { live: Table::new(), spare: Vec::new() });

struct Batches {
    live: Table<Batch>,
    spare: Vec<Batch>,
}

/// The messages hold the payloads; the views tell the managed side where they are.
#[derive(Default)]
pub(crate) struct Batch {
    messages: Vec<ReceivedMessage>,
    views: Vec<View>,
}

/// A record whose pointer leads into a message of the same batch.
#[repr(transparent)]
struct View(MessageRecord);

#[allow(unsafe_code, reason = "a pointer that is only handed on")]
// SAFETY: nothing here reads by the pointer, and the payload it leads to may be read and freed by any thread.
unsafe impl Send for View {}

/// Takes messages by `receive`, and lends them out.
pub(crate) fn receive(
    receive: impl FnOnce(&mut Vec<ReceivedMessage>) -> Result<usize, gamesockets::Error>,
) -> Result<MessageBatch, Failure> {
    let mut batch = BATCHES.lock().spare.pop().unwrap_or_default();
    let received = receive(&mut batch.messages);
    if !matches!(received, Ok(1..)) {
        keep(batch);
        received?;
        return Ok(MessageBatch { handle: 0, messages: std::ptr::null(), count: 0 });
    }
    batch.views.extend(batch.messages.iter().map(|message| View(view(message))));
    let (messages, count) = (batch.views.as_ptr().cast::<MessageRecord>(), batch.views.len());
    let handle = BATCHES.lock().live.insert(batch);
    Ok(MessageBatch { handle, messages, count })
}

/// Frees the messages of a batch.
pub(crate) fn release(handle: u64) -> Result<(), Failure> {
    let batch = BATCHES.lock().live.remove(handle);
    let problem = || Failure::invalid(format!("{handle:#x} is no batch of messages: it was released already"));
    keep(batch.ok_or_else(problem)?);
    Ok(())
}

fn keep(mut batch: Batch) {
    batch.views.clear();
    batch.messages.clear();
    let mut batches = BATCHES.lock();
    if batches.spare.len() < SPARE {
        batches.spare.push(batch);
    }
}

fn view(message: &ReceivedMessage) -> MessageRecord {
    MessageRecord {
        payload: message.payload.as_ptr(),
        // The engine takes no larger ones.
        size: message.payload.len() as u32,
        connection: message.connection.raw(),
        identity: message.identity.steam_id().unwrap_or(0),
        receiver_user_data: message.user_data,
        time_received: message.time_received as i64,
        message_number: message.message_number as i64,
        flags: message.flags.value(),
        lane: message.lane,
    }
}
