//! A sign of life of what takes long and says nothing.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long nobody wonders.
const INTERVAL: Duration = Duration::from_secs(20);

/// Says on the standard error output every so often that something is still at work, until this is dropped.
pub(crate) struct Heartbeat {
    _alive: Sender<()>,
}

impl Heartbeat {
    pub(crate) fn of(what: &str) -> Self {
        let what = shortened(what);
        Self::every(INTERVAL, move |passed| eprintln!("... at work for {} s: {what}", passed.as_secs()))
    }

    fn every(interval: Duration, say: impl Fn(Duration) + Send + 'static) -> Self {
        let (alive, end) = channel();
        let begin = Instant::now();
        // It ends when the channel does.
        thread::spawn(move || {
            while end.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                say(begin.elapsed());
            }
        });
        Self { _alive: alive }
    }
}

/// One line of a terminal.
fn shortened(what: &str) -> String {
    let line: String = what.chars().take(80).collect();
    if line.len() < what.len() { format!("{line} ...") } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_beats_until_it_is_dropped() {
        let (said, beats) = channel();
        let heartbeat = Heartbeat::every(Duration::from_millis(1), move |_| {
            let _ = said.send(());
        });
        assert!(beats.recv().is_ok() && beats.recv().is_ok());
        drop(heartbeat);
        // The end of the thread is the end of the channel.
        while beats.recv().is_ok() {}
    }

    #[test]
    fn a_long_command_is_one_line() {
        assert_eq!(shortened("cargo build"), "cargo build");
        assert_eq!(shortened(&"ü".repeat(500)).chars().count(), 84);
    }
}
