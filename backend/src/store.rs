//! Where the backend keeps what must not be lost: values by bucket and key, with the semantics of NATS JetStream's
//! key-value store (created only if absent, replaced only at the revision that was read, a time to live, and watching).

mod embedded;

use std::fmt;
use std::sync::mpsc;

pub use embedded::Embedded;

/// A value that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its key.
    pub key: String,
    /// Which of all writes of the store made it.
    pub revision: u64,
    /// What it is.
    pub value: Vec<u8>,
}

/// Under which condition something is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Whatever is there.
    Always,
    /// If nothing is there.
    Absent,
    /// If what is there has this revision.
    Revision(u64),
}

/// Something to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// Where.
    pub bucket: &'static str,
    /// Under which key.
    pub key: String,
    /// What; `None` deletes.
    pub value: Option<Vec<u8>>,
    /// When.
    pub condition: Condition,
    /// After this time it counts as absent, ms; 0: it stays.
    pub ttl_ms: u64,
}

/// What has become of a write: its revision, or that the condition did not hold.
pub type Written = Result<u64, Conflict>;

/// The condition of a write did not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict;

/// The store itself failed.
#[derive(Debug)]
pub struct StoreError(pub String);

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StoreError {}

/// A store. Times are Unix milliseconds.
pub trait Store: Send {
    /// What is there now.
    ///
    /// # Errors
    /// When the store fails.
    fn get(&self, now: u64, bucket: &str, key: &str) -> Result<Option<Entry>, StoreError>;

    /// All of a bucket, by key.
    ///
    /// # Errors
    /// When the store fails.
    fn entries(&self, now: u64, bucket: &str) -> Result<Vec<Entry>, StoreError>;

    /// Writes, one after the other, each if its condition holds. When this returns, what was written stays whatever
    /// happens to the process or the machine.
    ///
    /// # Errors
    /// When the store fails: then nothing was written.
    fn write(&mut self, now: u64, writes: &[Write]) -> Result<Vec<Written>, StoreError>;

    /// Tells what is written to a bucket from now on; deleted entries have no value.
    fn watch(&mut self, bucket: &'static str) -> mpsc::Receiver<Write>;

    /// Throws away what is past its time.
    ///
    /// # Errors
    /// When the store fails.
    fn sweep(&mut self, now: u64) -> Result<(), StoreError>;
}

impl Write {
    /// Writes whatever is there.
    pub fn put(bucket: &'static str, key: impl Into<String>, value: Vec<u8>) -> Self {
        Self { bucket, key: key.into(), value: Some(value), condition: Condition::Always, ttl_ms: 0 }
    }

    /// Deletes whatever is there.
    pub fn delete(bucket: &'static str, key: impl Into<String>) -> Self {
        Self { bucket, key: key.into(), value: None, condition: Condition::Always, ttl_ms: 0 }
    }

    /// Writes if nothing is there.
    pub fn create(bucket: &'static str, key: impl Into<String>, value: Vec<u8>) -> Self {
        Self { condition: Condition::Absent, ..Self::put(bucket, key, value) }
    }
}
