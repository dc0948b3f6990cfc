//! Traces: one file per connection, a line of JSON per event, in the manner of qlog (draft-ietf-quic-qlog-main-schema).
//!
//! The first line says what the file is and whose connection it was; in the others, `time` is in milliseconds since then.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use gamesockets_proto::{Metrics, Observer, Timestamp, TraceEvent};

/// How many traces an instance writes where nothing else is said: with [`SIZE_LIMIT`] at most 16 GiB.
pub(crate) const FILE_LIMIT: u32 = 256;
/// How large a trace may become where nothing else is said, bytes: some minutes of a busy connection.
pub(crate) const SIZE_LIMIT: u64 = 64 << 20;
const BUFFER_BYTES: usize = 64 << 10;

/// Where traces go.
#[derive(Debug)]
pub(crate) struct TraceSettings {
    pub(crate) directory: PathBuf,
    /// Of each file, bytes.
    pub(crate) size_limit: u64,
    /// How many files may still be made.
    pub(crate) files_left: AtomicU32,
}

/// Whose trace it is.
pub(crate) struct Subject {
    pub(crate) id: u32,
    pub(crate) incoming: bool,
    pub(crate) remote: SocketAddr,
    pub(crate) unix_seconds: u64,
}

impl TraceSettings {
    /// Makes sure that the directory is there, and that files can be made in it.
    pub(crate) fn prepare(&self) -> io::Result<()> {
        fs::create_dir_all(&self.directory)?;
        let probe = self.directory.join(format!(".gamesockets-{}", std::process::id()));
        File::create(&probe)?;
        // Several instances may do this at once.
        let _ = fs::remove_file(probe);
        Ok(())
    }

    /// Starts a trace. One that cannot be written is reported to the log, and the connection does without.
    pub(crate) fn start(&self, now: Timestamp, subject: &Subject) -> Option<Box<dyn Observer>> {
        let one_less = |left: u32| left.checked_sub(1);
        match self.files_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less) {
            Ok(1) => {
                tracing::warn!(directory = %self.directory.display(), "the last trace: there are as many as may be");
            }
            Ok(_) => {}
            Err(_) => return None,
        }
        let role = if subject.incoming { "server" } else { "client" };
        let name = format!("{}-{:08x}-{role}.jsonl", subject.unix_seconds, subject.id);
        let path = self.directory.join(name);
        match self.create(&path, now, subject, role) {
            Ok(trace) => Some(Box::new(trace)),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "no trace of this connection");
                None
            }
        }
    }

    fn create(&self, path: &Path, now: Timestamp, subject: &Subject, role: &str) -> io::Result<Trace> {
        let file = File::create_new(path)?;
        let out = BufWriter::with_capacity(BUFFER_BYTES, file);
        let mut trace = Trace { out: Some(out), start: now, room: self.size_limit, line: String::new() };
        trace.line = format!(
            "{{\"qlog_version\":\"0.4\",\"qlog_format\":\"NDJSON\",\"title\":\"gamesockets\",\"trace\":{{\
             \"vantage_point\":{{\"type\":\"{role}\"}},\"common_fields\":{{\"connection_id\":\"{:08x}\",\
             \"remote\":\"{}\",\"reference_time\":{}000}}}}}}\n",
            subject.id, subject.remote, subject.unix_seconds
        );
        trace.write();
        Ok(trace)
    }
}

/// The trace of one connection, while it is written.
struct Trace {
    /// Gone when the trace is full or cannot be written.
    out: Option<BufWriter<File>>,
    start: Timestamp,
    /// Bytes that may still be written.
    room: u64,
    line: String,
}

impl Observer for Trace {
    fn record(&mut self, at: Timestamp, event: &TraceEvent) {
        if self.out.is_none() {
            return;
        }
        let time = at.micros_since(self.start) as f64 / 1e3;
        self.line.clear();
        // Writing to a String cannot fail.
        let _ = write_event(&mut self.line, time, event);
        self.write();
        if matches!(event, TraceEvent::StateChanged { .. })
            && let Some(out) = &mut self.out
        {
            // Whoever looks now sees what led here.
            let _ = out.flush();
        }
    }
}

impl Trace {
    fn write(&mut self) {
        let Some(out) = &mut self.out else { return };
        let Some(room) = self.room.checked_sub(self.line.len() as u64) else {
            let _ = out.write_all(b"{\"name\":\"trace:size_limit_reached\",\"data\":{}}\n");
            // Dropping it flushes.
            self.out = None;
            return;
        };
        self.room = room;
        if let Err(error) = out.write_all(self.line.as_bytes()) {
            tracing::warn!(%error, "a trace ends early");
            self.out = None;
        }
    }
}

fn write_event(line: &mut String, time: f64, event: &TraceEvent) -> std::fmt::Result {
    use std::fmt::Write as _;

    let (name, field, value) = match *event {
        TraceEvent::PacketSent { number, size } => return packet(line, time, "transport:packet_sent", number, size),
        TraceEvent::PacketReceived { number, size } => {
            return packet(line, time, "transport:packet_received", number, size);
        }
        TraceEvent::Metrics(metrics) => return write_metrics(line, time, &metrics),
        TraceEvent::StateChanged { old, new } => {
            return writeln!(
                line,
                "{{\"time\":{time:.3},\"name\":\"connectivity:connection_state_updated\",\
                 \"data\":{{\"old\":\"{old:?}\",\"new\":\"{new:?}\"}}}}"
            );
        }
        TraceEvent::ControlSent { size } => ("transport:control_sent", "size", size as u64),
        TraceEvent::ControlReceived { size } => ("transport:control_received", "size", size as u64),
        TraceEvent::PacketDropped { size } => ("transport:packet_dropped", "size", size as u64),
        TraceEvent::PacketAcknowledged { number } => ("recovery:packet_acked", "packet_number", number),
        TraceEvent::PacketLost { number } => ("recovery:packet_lost", "packet_number", number),
    };
    writeln!(line, "{{\"time\":{time:.3},\"name\":\"{name}\",\"data\":{{\"{field}\":{value}}}}}")
}

fn packet(line: &mut String, time: f64, name: &str, number: u64, size: usize) -> std::fmt::Result {
    use std::fmt::Write as _;

    writeln!(line, "{{\"time\":{time:.3},\"name\":\"{name}\",\"data\":{{\"packet_number\":{number},\"size\":{size}}}}}")
}

fn write_metrics(line: &mut String, time: f64, metrics: &Metrics) -> std::fmt::Result {
    use std::fmt::Write as _;

    write!(line, "{{\"time\":{time:.3},\"name\":\"recovery:metrics_updated\",\"data\":{{")?;
    if let Some(ping) = metrics.ping_ms {
        write!(line, "\"smoothed_rtt\":{ping},")?;
    }
    writeln!(
        line,
        "\"pacing_rate\":{},\"pending_reliable\":{},\"pending_unreliable\":{},\"bytes_in_flight\":{},\
         \"readable_messages\":{}}}}}",
        metrics.send_rate, metrics.pending_reliable, metrics.pending_unreliable, metrics.in_flight, metrics.readable
    )
}
