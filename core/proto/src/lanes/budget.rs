//! How much of what has arrived is held for a connection: the messages that wait to be read, those that are not complete,
//! what came ahead of its turn, and the pieces of unreliable messages, all lanes together. Never more than
//! `RecvBufferSize` and one largest message.
//!
//! What is acknowledged has to be kept, so there is room for it before it is taken:
//!
//! - A message of which only a part is here counts with its whole size as soon as it begins. So what has begun can always
//!   be completed, whatever else arrives; and one that is alone may always begin.
//! - Several large messages begin only while all of it is within `RecvBufferSize`. The rest is for data ahead of its turn,
//!   and the last of that for what must not wait for large messages: small ones, and those that are here whole.
//! - Pieces of unreliable messages make room for everything else.

/// Runs kept beyond gaps, on all lanes: so many, and more where the buffer is larger than this many bytes for each. A
/// segment that would make more is refused and comes again.
const RUNS_MAX: usize = 1_024;
const BYTES_PER_RUN: usize = 512;

/// What one datagram, or one call of the application, may cause. What is left over is done by the next.
const STEPS: u32 = 320;
const NEW_RUNS: u32 = 64;
const PIECES: u32 = 64;

/// Bounds on what a peer may make us keep.
#[derive(Clone, Copy, Debug)]
pub struct StreamLimits {
    /// `RecvBufferSize`, bytes.
    pub buffer_bytes: usize,
    /// The largest reliable message, bytes: at most `buffer_bytes`.
    pub message_bytes: usize,
    /// The largest unreliable message, bytes.
    pub unreliable_bytes: usize,
}

impl StreamLimits {
    /// All that may be held, bytes.
    pub fn held_max(self) -> usize {
        self.buffer_bytes.saturating_add(self.message_bytes)
    }

    /// What only messages that are small, or here whole, may take of it.
    fn spare(self) -> usize {
        self.message_bytes / 8
    }
}

/// What is held of reliable messages that cannot be read yet, and of the queue of those that can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// Bytes that messages in the queue keep.
    pub queued: usize,
    /// Sizes of the messages that have begun and are not in the queue, bytes.
    pub unfinished: usize,
    /// How many these are.
    pub unfinished_messages: usize,
    /// Bytes that came ahead of their turn, or whose turn a full queue holds back.
    pub ahead: usize,
    /// In so many pieces.
    pub runs: usize,
}

impl Books {
    /// Bytes that are held, or spoken for.
    pub fn held(&self) -> usize {
        self.queued + self.unfinished + self.ahead
    }

    /// Whether a message that is here whole may be put into the queue.
    pub fn takes_whole(&self, size: usize, limits: StreamLimits) -> bool {
        self.leaves_room(size, limits) || self.nothing_else_can_go_on()
    }

    /// Whether there is room for so many bytes more.
    pub fn leaves_room(&self, bytes: usize, limits: StreamLimits) -> bool {
        self.held().saturating_add(bytes) <= limits.held_max()
    }

    /// Whether a message may begin of which more has to arrive.
    pub fn takes_unfinished(&self, size: usize, limits: StreamLimits) -> bool {
        let (held, spare) = (self.held().saturating_add(size), limits.spare());
        let is_alone = self.unfinished_messages == 0;
        held <= limits.buffer_bytes
            || (is_alone && held <= limits.held_max() - spare)
            || (size <= spare / 4 && held <= limits.held_max() - spare / 2)
            || self.nothing_else_can_go_on()
    }

    /// Whether `len` bytes may wait for their turn. Alone they leave some of the buffer, so that there is room for a
    /// message that has to begin before them, and for small ones beside it.
    pub fn takes_ahead(&self, len: usize, limits: StreamLimits) -> bool {
        let spare = limits.spare();
        self.ahead.saturating_add(len) <= limits.buffer_bytes - spare
            && self.held().saturating_add(len) <= limits.held_max() - spare
    }

    /// Whether they may wait in a piece of their own.
    pub fn takes_run(&self, limits: StreamLimits) -> bool {
        self.runs < RUNS_MAX.max(limits.buffer_bytes / BYTES_PER_RUN)
    }

    /// There is nothing to be read, nor anything that becomes readable when more of it comes: then the next message in
    /// order has to begin, and the bytes held back cannot be more than the buffer.
    fn nothing_else_can_go_on(&self) -> bool {
        self.queued == 0 && self.unfinished_messages == 0
    }
}

/// How much one datagram may still cause.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    steps: u32,
    new_runs: u32,
    pieces: u32,
    deferred: bool,
    /// Entries that were touched: what the work is measured by.
    touched: u64,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { steps: STEPS, new_runs: NEW_RUNS, pieces: PIECES, deferred: false, touched: 0 }
    }
}

impl Allowance {
    /// Takes so many steps, of about the cost of a small message; whether there were any left.
    pub fn step(&mut self, steps: u32) -> bool {
        let some = self.steps > 0;
        self.touched += u64::from(steps);
        self.steps = self.steps.saturating_sub(steps);
        some
    }

    /// Another run is to be kept; whether it may be.
    pub fn new_run(&mut self) -> bool {
        let some = self.new_runs > 0;
        self.touched += 1;
        self.new_runs = self.new_runs.saturating_sub(1);
        some
    }

    /// Another piece of an unreliable message came; whether to look at it.
    pub fn piece(&mut self) -> bool {
        let some = self.pieces > 0;
        self.touched += 1;
        self.pieces = self.pieces.saturating_sub(1);
        some
    }

    /// So many entries were touched besides.
    pub fn count(&mut self, entries: usize) {
        self.touched += entries as u64;
    }

    /// How many entries were touched.
    pub fn touched(&self) -> u64 {
        self.touched
    }

    /// Something was left over.
    pub fn defer(&mut self) {
        self.deferred = true;
    }

    /// Whether something was left over.
    pub fn is_deferred(&self) -> bool {
        self.deferred
    }
}
