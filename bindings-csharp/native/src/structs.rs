//! Structs that only this border has. The generator of the C# side reads this file.

use crate::records::ConnectionInfo;

/// The value of an option: the field that `data_type` names counts.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ConfigEntry {
    /// The number of the option (`ConfigValue`).
    pub option: i32,
    /// The type of the value (`ConfigDataType`); its text has type String.
    pub data_type: i32,
    /// An Int32 or an Int64.
    pub integer: i64,
    /// A Float.
    pub real: f32,
    /// A String, UTF-8.
    pub text: *const u8,
    /// The length of the text, bytes.
    pub text_length: usize,
}

/// The answer to a question for an option. A text goes to the buffer that was given.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ConfigSetting {
    /// Whether it is inherited, or what is wrong (`GetConfigValueResult`). Written on failure too.
    pub result: i32,
    /// The type of the value (`ConfigDataType`).
    pub data_type: i32,
    /// An Int32 or an Int64.
    pub integer: i64,
    /// A Float.
    pub real: f32,
}

/// A message to send.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct OutgoingMessage {
    /// Where to.
    pub connection: u32,
    /// How (`SendFlags`).
    pub flags: i32,
    /// The bytes.
    pub payload: *const u8,
    /// How many there are.
    pub size: u32,
    /// The lane.
    pub lane: u16,
}

/// How a message is sent, beyond its flags.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct SendOptions {
    /// How (`SendFlags`).
    pub flags: i32,
    /// The lane.
    pub lane: u16,
    /// Whether `deadline_microseconds` counts.
    pub has_deadline: u8,
    /// Whether `replace_key` counts.
    pub has_replace_key: u8,
    /// An unreliable message is dropped if it could not leave within this time.
    pub deadline_microseconds: u64,
    /// An unreliable message takes the place of one with the same key that still waits.
    pub replace_key: u64,
}

/// Messages that stay valid until their batch is released.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MessageBatch {
    /// To be given to `gamesockets_release_messages`; 0 when there are no messages, and nothing has to be released.
    pub handle: u64,
    /// The messages, one after the other.
    pub messages: *const crate::records::MessageRecord,
    /// How many there are.
    pub count: usize,
}

/// Something the application should know. The kind tells which fields count.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// 0: none. 1: a connection changed its state (`connection`, `old_state`, `info`). 2: there is room to send again
    /// (`connection`). 3: the certificate's readiness changed (`value`, text). 4: a line of the log (`value`, text).
    pub kind: i32,
    /// The connection.
    pub connection: u32,
    /// The state before (`ConnectionState`).
    pub old_state: i32,
    /// An `Availability` or a `DebugOutputType`.
    pub value: i32,
    /// The length of the text that was written to the buffer, bytes.
    pub text_length: usize,
    /// What was known about the connection.
    pub info: ConnectionInfo,
}

/// Something that was watched and has happened.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Happening {
    /// 1: an event can be taken. 2: messages of `handle`. 3: room to send on `handle`.
    pub topic: i32,
    /// The connection or poll group; 0 for events.
    pub handle: u32,
}
