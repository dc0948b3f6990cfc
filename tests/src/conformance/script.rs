//! What a script says, once names and numbers are resolved.

use gamesockets_schema::functions::FunctionInfo;
use gamesockets_schema::records::EventInfo;

/// One script: steps in order, against instances that are made for it.
#[derive(Debug)]
pub struct Script {
    /// Its folder and file name without extension: `messages/order`.
    pub name: String,
    /// What is true when it passes.
    pub about: String,
    /// The names of its instances, `main` first.
    pub instances: Vec<String>,
    /// Whether its last step has to go wrong: it proves that a runner notices.
    pub must_fail: bool,
    /// Whether it calls functions that only native APIs have.
    pub native: bool,
    /// What is done and expected.
    pub steps: Vec<Step>,
}

/// One thing done, and what is expected of it.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where it stands: `messages/order.toml:12`.
    pub place: String,
    /// The instance it is done on.
    pub on: String,
    /// What is done.
    pub action: Action,
    /// What the answer or the event looks like; `None`: anything.
    pub expect: Option<Value>,
    /// Parts of the answer that later steps refer to: name, and path within the answer (empty: all of it).
    pub save: Vec<(String, String)>,
    /// Why the call has to fail, in words.
    pub fails: Option<String>,
}

/// What is done in a step.
#[derive(Clone, Debug)]
pub enum Action {
    /// A function is called.
    Call {
        /// Which.
        function: &'static FunctionInfo,
        /// Its arguments by position; those at the end may be left to their defaults.
        args: Vec<Value>,
        /// Call again, and join the lists that come, until there are so many elements.
        count: Option<usize>,
        /// Call again until the answer is as expected.
        wait: bool,
    },
    /// An event is waited for.
    Event(&'static EventInfo),
    /// Nothing like this has been told.
    NoEvent(&'static EventInfo),
}

/// A value, or what a value is expected to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// True or false.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// So many bytes of one value.
    Fill {
        /// The value.
        byte: u8,
        /// How many.
        size: usize,
    },
    /// Values in order.
    List(Vec<Value>),
    /// Options to be set, or fields of a record; the record may have others.
    Table(Vec<(String, Value)>),
    /// What was saved under this name.
    Saved(String),
    /// Expected: anything of this type.
    Any(&'static str),
    /// Expected: a number in these bounds, which belong to it.
    Range {
        /// The smallest.
        min: Option<Box<Value>>,
        /// The largest.
        max: Option<Box<Value>>,
    },
    /// Expected: a text with this in it.
    Contains(String),
    /// Expected: an empty text, list, byte string or record.
    Empty,
    /// Expected: anything else.
    Not(Box<Value>),
    /// Expected: these, in any order.
    Unordered(Vec<Value>),
}
