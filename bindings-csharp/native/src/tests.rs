//! What C may do wrong is a result; the layout is that of the schema.

use std::time::Duration;

use gamesockets::ResultCode;
use gamesockets::schema::field::FieldKind;

use crate::arguments::{In, Out};
use crate::border::{Code, last_error};
use crate::functions::{connections, events, instance, library, messages, pairs, waiters};
use crate::records::layouts;
use crate::structs::{Event, Happening, MessageBatch};

const OK: Code = Code(ResultCode::Ok as i32);
const INVALID: Code = Code(ResultCode::InvalidParam as i32);
const NO_BATCH: MessageBatch = MessageBatch { handle: 0, messages: std::ptr::null(), count: 0 };

fn create() -> u64 {
    let mut made = 0;
    assert_eq!(instance::gamesockets_create(In::NULL, 0, In::NULL, 0, In::NULL, 0, 0, Out::to(&mut made)), OK);
    made
}

fn pair(instance: u64) -> (u32, u32) {
    let (mut first, mut second) = (0, 0);
    let (to_first, to_second) = (Out::to(&mut first), Out::to(&mut second));
    assert_eq!(pairs::gamesockets_create_socket_pair(instance, 0, In::NULL, 0, In::NULL, 0, to_first, to_second), OK);
    (first, second)
}

fn send(instance: u64, connection: u32, payload: &[u8]) -> Code {
    let (start, size) = (In::of(payload), payload.len());
    messages::gamesockets_send_message_to_connection(instance, connection, start, size, 8, 0, Out::NULL)
}

#[test]
fn structs_have_the_fields_of_the_schema() {
    for (record, fields) in layouts() {
        let names = || record.fields.iter().map(|field| field.rust_name);
        assert!(names().eq(fields.iter().map(|(name, _)| *name)), "{}", record.rust_name);
        for (field, (name, size)) in record.fields.iter().zip(fields) {
            let expected = match field.kind {
                FieldKind::Bool => 1,
                FieldKind::U16 => 2,
                FieldKind::I32 | FieldKind::U32 | FieldKind::F32 | FieldKind::Enum(_) | FieldKind::Flags(_) => 4,
                FieldKind::I64 | FieldKind::U64 => 8,
                FieldKind::Bytes => size_of::<*const u8>(),
                // Their sizes are the generator's choice.
                FieldKind::Text | FieldKind::List(_) => continue,
                _ => panic!("{}.{name} has no layout", record.rust_name),
            };
            assert_eq!(size, expected, "{}.{name}", record.rust_name);
        }
    }
}

#[test]
fn a_message_stays_where_it_is_until_its_batch_is_released() {
    let instance = create();
    let (first, second) = pair(instance);
    assert_eq!(send(instance, first, b"hello"), OK);
    let mut batch = NO_BATCH;
    let received = messages::gamesockets_receive_messages_on_connection(instance, second, 8, Out::to(&mut batch));
    assert_eq!((received, batch.count), (OK, 1));
    // The end of the instance does not touch it.
    assert_eq!(instance::gamesockets_destroy(instance, 0), OK);
    let record = In::from(batch.messages).slice(1, "the messages").expect("one message")[0];
    assert_eq!(In::from(record.payload).slice(record.size as usize, "the payload").expect("bytes"), b"hello");
    assert_eq!(messages::gamesockets_release_messages(batch.handle), OK);
    assert_eq!(messages::gamesockets_release_messages(batch.handle), INVALID);
    assert!(last_error().contains("released"), "{}", last_error());
}

#[test]
fn wrong_pointers_lengths_and_handles_are_refused() {
    let instance = create();
    let (first, second) = pair(instance);
    let send_to = |payload, size| {
        messages::gamesockets_send_message_to_connection(instance, first, payload, size, 8, 0, Out::NULL)
    };
    assert_eq!(send_to(In::NULL, 1), INVALID);
    assert!(last_error().contains("null"), "{}", last_error());
    assert_eq!(send_to(In::of(b"a"), usize::MAX), INVALID);
    assert_eq!(send_to(In::NULL, 0), OK);
    assert_eq!(messages::gamesockets_receive_messages_on_connection(instance, second, 8, Out::NULL), INVALID);
    assert_eq!(connections::gamesockets_get_connection_info(instance, first, Out::NULL), INVALID);
    assert_eq!(connections::gamesockets_accept_connection(instance, 0), INVALID);
    let not_utf8 = [0xFF];
    assert_eq!(connections::gamesockets_set_connection_name(instance, first, In::of(&not_utf8), 1), INVALID);
    assert!(last_error().contains("UTF-8"), "{}", last_error());
    assert_eq!(instance::gamesockets_destroy(instance, 0), OK);
}

#[test]
fn an_instance_that_was_destroyed_is_gone() {
    let instance = create();
    let (first, _) = pair(instance);
    assert_eq!(instance::gamesockets_destroy(instance, 1), OK);
    assert_eq!(instance::gamesockets_destroy(instance, 0), INVALID);
    assert_eq!(send(instance, first, b"late"), INVALID);
    assert!(last_error().contains("no instance"), "{}", last_error());
    assert_eq!(events::gamesockets_poll_event(instance, Out::<Event>::NULL, Out::NULL, 0), INVALID);
    assert_ne!(create(), instance);
}

#[test]
fn a_waiter_hears_what_it_watches_and_comes_back_when_it_ends() {
    let instance = create();
    let (first, second) = pair(instance);
    let (mut waiter, mut happened, mut count) = (0, 0, 0);
    assert_eq!(waiters::gamesockets_create_waiter(Out::to(&mut waiter)), OK);
    assert_eq!(waiters::gamesockets_watch(waiter, instance, 2, second, Out::to(&mut happened)), OK);
    assert_eq!(happened, 0);
    assert_eq!(waiters::gamesockets_watch(waiter, instance, 9, second, Out::to(&mut happened)), INVALID);
    assert_eq!(send(instance, first, b"hello"), OK);
    let mut told = [Happening { topic: 0, handle: 0 }];
    let start = Out::to(&mut told[0]);
    assert_eq!(waiters::gamesockets_wait(waiter, 60_000, start, 1, Out::to(&mut count)), OK);
    assert_eq!((count, told[0].topic, told[0].handle), (1, 2, second));
    let waiting = std::thread::spawn(move || {
        let (mut told, mut count) = (Happening { topic: 0, handle: 0 }, 9);
        let code = waiters::gamesockets_wait(waiter, 60_000, Out::to(&mut told), 1, Out::to(&mut count));
        (code, count)
    });
    std::thread::sleep(Duration::from_millis(10));
    assert_eq!(waiters::gamesockets_destroy_waiter(waiter), OK);
    let (code, count) = waiting.join().expect("no panic");
    // It may have come too late to wait at all.
    assert!((code, count) == (OK, 0) || code == INVALID);
    assert_eq!(waiters::gamesockets_destroy_waiter(waiter), INVALID);
    assert_eq!(instance::gamesockets_destroy(instance, 0), OK);
}

#[test]
fn a_text_that_does_not_fit_tells_its_length() {
    let (mut buffer, mut length) = ([0_u8; 2], 0);
    let start = Out::to(&mut buffer[0]);
    let code = library::gamesockets_version(start, 2, Out::to(&mut length));
    assert_eq!((code, length), (Code(ResultCode::LimitExceeded.value()), env!("CARGO_PKG_VERSION").len()));
}
