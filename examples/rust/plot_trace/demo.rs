//! A conversation worth a picture: a game's updates beside a transfer, over a lossy and slow link to ourselves.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use gamesockets::{ConfigEntry, ConfigValue, Error, SendFlags, Sockets};

const TICK: Duration = Duration::from_micros(16_667);
const UPDATE_BYTES: usize = 120;
/// What is transferred, and after which share of the time it starts.
const TRANSFER_BYTES: usize = 500_000;
const TRANSFER_AT: f64 = 0.25;

/// Converses for a while, and answers the trace of the sending end.
pub(crate) fn record(directory: &Path, seconds: u32) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let before = traces(directory);
    converse(directory, Duration::from_secs(seconds.into()))?;
    let new = traces(directory).into_iter().find(|path| {
        !before.contains(path) && path.file_stem().is_some_and(|name| name.to_string_lossy().ends_with("client"))
    });
    Ok(new.ok_or("no trace was written")?)
}

fn converse(directory: &Path, time: Duration) -> Result<(), Error> {
    let options = [
        ConfigEntry::new(ConfigValue::FAKE_PACKET_LOSS_SEND, 2.0),
        ConfigEntry::new(ConfigValue::FAKE_PACKET_LAG_SEND, 25),
        ConfigEntry::new(ConfigValue::FAKE_RATE_LIMIT_SEND_RATE, 400_000),
        ConfigEntry::new(ConfigValue::FAKE_RATE_LIMIT_SEND_BURST, 20_000),
        ConfigEntry::new(ConfigValue::FAKE_PACKET_JITTER_SEND_AVG, 4.0),
        ConfigEntry::new(ConfigValue::FAKE_PACKET_JITTER_SEND_MAX, 30.0),
        ConfigEntry::new(ConfigValue::FAKE_PACKET_JITTER_SEND_PCT, 30.0),
    ];
    let builder = options.into_iter().fold(Sockets::builder().trace_directory(directory), gamesockets::Builder::option);
    let sockets = builder.build()?;
    let (here, there) = sockets.create_socket_pair(true, None, None)?;
    let start = Instant::now();
    let mut transferred = false;
    while start.elapsed() < time {
        sockets.send_message_to_connection(here, &[1; UPDATE_BYTES], SendFlags::UNRELIABLE_NO_NAGLE)?;
        if !transferred && start.elapsed() > time.mul_f64(TRANSFER_AT) {
            sockets.send_message_to_connection(here, &vec![2; TRANSFER_BYTES], SendFlags::RELIABLE)?;
            transferred = true;
        }
        let got = sockets.receive_messages_on_connection(there, usize::MAX)?;
        if got.iter().any(|message| message.flags.contains(SendFlags::RELIABLE)) {
            sockets.send_message_to_connection(there, b"thanks", SendFlags::RELIABLE)?;
        }
        sockets.run_callbacks(drop);
        thread::sleep(TICK);
    }
    sockets.close_connection(here, 0, "the end", true)
}

fn traces(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|ending| ending == "jsonl")).collect()
}
