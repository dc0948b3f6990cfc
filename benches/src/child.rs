//! A process that is one end of a measurement: what it is told and what it tells, one JSON object per line.
//!
//! The suite starts it, reads the address or that it is ready, orders `Connect` and `Go`, and asks for samples. The work
//! itself is in `peers/`; here is the thread that answers for it. The process ends when its input does.

pub(crate) mod board;
pub(crate) mod proxy;
pub(crate) mod limits;

use std::io::{BufRead as _, Write as _, stdin, stdout};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};
use nix::sys::time::TimeValLike as _;
use serde::{Deserialize, Serialize};

use self::board::{BOARD, now};

/// What a child is told.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// Make the connections.
    Connect,
    /// Begin the work.
    Go,
    /// Answer with a sample.
    Sample,
}

/// What a child tells.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Say {
    /// A server (or a path) can be reached here.
    Address(SocketAddr),
    /// A client can be told to connect.
    Ready,
    Sample(Sample),
    /// A figure of the machine's limits.
    Limit {
        name: String,
        value: f64,
        unit: String,
    },
    /// It cannot go on.
    Failed(String),
}

/// What has happened so far, and what it has cost.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// The machine's monotonic clock, nanoseconds.
    pub(crate) at: u64,
    /// User and system time of the process, microseconds.
    pub(crate) cpu: u64,
    /// Bytes of memory.
    pub(crate) memory: u64,
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
    /// Messages that were taken for sending.
    pub(crate) sent: u64,
    pub(crate) connected: u64,
    /// From the order to connect to the last connection, nanoseconds.
    pub(crate) connecting: u64,
    pub(crate) dropped: u64,
    /// Histogram of nanoseconds; see [`board::value_of`].
    pub(crate) latency: Vec<(u32, u64)>,
}

static CONNECT: AtomicBool = AtomicBool::new(false);
static GO: AtomicBool = AtomicBool::new(false);

/// Whether the order to connect has come.
pub(crate) fn may_connect() -> bool {
    CONNECT.load(Ordering::Acquire)
}

/// Whether the order to begin has come.
pub(crate) fn may_go() -> bool {
    GO.load(Ordering::Acquire)
}

pub(crate) fn say(what: &Say) {
    let line = serde_json::to_string(what).unwrap_or_else(|error| format!("{{\"failed\":\"{error}\"}}"));
    // Nobody may listen any more: then the input ends, too, and the process with it.
    let _ = writeln!(stdout().lock(), "{line}");
}

/// Runs the work with the thread that answers for it. Returns when the work fails, or has ended by itself.
pub(crate) fn run(work: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    // Ten thousand connections may want a socket each.
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
    // A sleep of 50 us is meant to take 50 us: for peers that poll, and for schedules.
    let _ = nix::sys::prctl::set_timerslack(1);
    std::thread::Builder::new()
        .name("orders".into())
        .spawn(obey)
        .map_err(|error| format!("no thread for orders: {error}"))?;
    work().inspect_err(|error| say(&Say::Failed(error.clone())))
}

fn obey() {
    for line in stdin().lock().lines().map_while(Result::ok) {
        match serde_json::from_str(&line) {
            Ok(Order::Connect) => CONNECT.store(true, Ordering::Release),
            Ok(Order::Go) => GO.store(true, Ordering::Release),
            Ok(Order::Sample) => say(&Say::Sample(sample())),
            Err(error) => say(&Say::Failed(format!("not an order: {error}: {line}"))),
        }
    }
    std::process::exit(0);
}

fn sample() -> Sample {
    let usage = getrusage(UsageWho::RUSAGE_SELF).ok();
    let cpu = usage.map_or(0, |usage| usage.user_time().num_microseconds() + usage.system_time().num_microseconds());
    Sample {
        at: now(),
        cpu: cpu.unsigned_abs(),
        memory: memory(),
        messages: BOARD.messages.load(Ordering::Relaxed),
        bytes: BOARD.bytes.load(Ordering::Relaxed),
        sent: BOARD.sent.load(Ordering::Relaxed),
        connected: BOARD.connected.load(Ordering::Relaxed),
        connecting: BOARD.connecting.load(Ordering::Relaxed),
        dropped: BOARD.dropped.load(Ordering::Relaxed),
        latency: BOARD.latency.read(),
    }
}

/// Resident memory of this process, bytes.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}
