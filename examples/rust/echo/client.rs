//! The client: sends numbered messages, checks what comes back, and tells how fast it was.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use gamesockets::{
    ConfigEntry, Connection, ConnectionState, Error, Event, InfoFlags, ReceivedMessage, ResultCode, SendFlags, Sockets,
    parse_address,
};

use super::credentials::Credentials;
use super::{Outcome, Rate};

const LOOK_UP: Duration = Duration::from_millis(100);
/// How long to wait for the next reliable message before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(15);
/// The same for unreliable messages, once all are sent.
const PATIENCE_UNRELIABLE: Duration = Duration::from_secs(1);

#[derive(Args)]
pub(crate) struct Arguments {
    /// Where the server listens.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:27015", value_parser = parse_address)]
    connect: SocketAddr,
    /// How many messages to send.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    messages: usize,
    /// How long each is, at most 524288.
    #[arg(long, value_name = "BYTES", default_value_t = 100, value_parser = size)]
    size: usize,
    /// Send them unreliably: losses are counted, but are no failure.
    #[arg(long)]
    unreliable: bool,
    #[command(flatten)]
    rate: Rate,
    #[command(flatten)]
    credentials: Credentials,
}

fn size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(size) if size <= 524_288 => Ok(size),
        _ => Err("a message has 0 to 524288 bytes".into()),
    }
}

pub(crate) fn run(arguments: &Arguments, stop: &AtomicBool) -> Outcome {
    let sockets = arguments.credentials.instance()?;
    let options = [arguments.rate.options(), arguments.credentials.options()].concat();
    let connection = connect(&sockets, arguments.connect, &options, stop)?;
    let run = Run {
        sockets: &sockets,
        connection,
        count: arguments.messages,
        size: arguments.size,
        flags: if arguments.unreliable { SendFlags::UNRELIABLE } else { SendFlags::RELIABLE },
        start: Instant::now(),
        sent: AtomicUsize::new(0),
        stop,
    };
    let report = thread::scope(|scope| {
        let sender = scope.spawn(|| run.send_all());
        let report = run.receive_all();
        run.stop.store(true, Ordering::Relaxed);
        sender.join().unwrap_or_else(|_| Err("the sending thread panicked".into()))?;
        report
    })?;
    run.print(&report)?;
    sockets.close_connection(connection, 0, "done", false)?;
    run.judge(&report)
}

/// Connects, and waits until it is.
pub(crate) fn connect(
    sockets: &Sockets,
    address: SocketAddr,
    options: &[ConfigEntry],
    stop: &AtomicBool,
) -> Outcome<Connection> {
    let start = Instant::now();
    let connection = sockets.connect_by_ip_address(address, options)?;
    while !stop.load(Ordering::Relaxed) {
        let Some(Event::ConnectionStatusChanged { info, .. }) = sockets.wait_event(LOOK_UP) else { continue };
        match info.connection_state {
            ConnectionState::Connected => {
                let took = start.elapsed().as_secs_f64() * 1e3;
                let is_proved = !info.info_flags.contains(InfoFlags::UNAUTHENTICATED);
                let proof = if is_proved { ", as a CA vouches" } else { "" };
                println!("connected to {}{proof}, at {address} in {took:.1} ms", info.identity_string);
                return Ok(connection);
            }
            ConnectionState::ClosedByPeer | ConnectionState::ProblemDetectedLocally => {
                let (reason, debug) = (info.end_reason.0, info.end_debug);
                return Err(format!("no connection to {address}: {debug} ({reason})").into());
            }
            _ => {}
        }
    }
    Err("interrupted".into())
}

/// One measurement.
struct Run<'a> {
    sockets: &'a Sockets,
    connection: Connection,
    count: usize,
    size: usize,
    flags: SendFlags,
    start: Instant,
    sent: AtomicUsize,
    stop: &'a AtomicBool,
}

/// What came back.
#[derive(Default)]
struct Report {
    received: usize,
    /// Came back different, twice or out of order.
    wrong: usize,
    round_trips: Vec<Duration>,
    elapsed: Duration,
    problem: Option<String>,
}

impl Run<'_> {
    fn send_all(&self) -> Outcome {
        for number in 0..self.count {
            let message = self.message(number, self.start.elapsed());
            loop {
                if self.stop.load(Ordering::Relaxed) {
                    return Ok(());
                }
                match self.sockets.send_message_to_connection(self.connection, &message, self.flags) {
                    Ok(_) => break,
                    Err(error) if error.code() == ResultCode::LimitExceeded => {
                        self.sockets.wait_writable(self.connection, LOOK_UP)?;
                    }
                    // The receiver says why.
                    Err(error) if error.code() == ResultCode::NoConnection => return Ok(()),
                    Err(error) => return Err(error.into()),
                }
            }
            self.sent.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    fn receive_all(&self) -> Outcome<Report> {
        let mut report = Report::default();
        let mut seen = vec![false; self.count];
        let mut messages = Vec::new();
        let mut last = Instant::now();
        while report.received + report.wrong < self.count && !self.stop.load(Ordering::Relaxed) {
            match self.sockets.wait_messages(self.connection, LOOK_UP) {
                Ok(true) => {
                    self.sockets.receive_messages_on_connection_into(self.connection, 256, &mut messages)?;
                    messages.drain(..).for_each(|message| self.check(&message, &mut seen, &mut report));
                    last = Instant::now();
                    report.elapsed = self.start.elapsed();
                }
                Ok(false) if self.has_waited_long_enough(last) => break,
                Ok(false) => {}
                Err(Error::ConnectionEnded { reason, debug }) => {
                    report.problem = Some(format!("the connection ended: {debug} ({reason})"));
                    break;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(report)
    }

    fn has_waited_long_enough(&self, last: Instant) -> bool {
        let all_sent = self.sent.load(Ordering::Relaxed) == self.count;
        let patience = if self.is_reliable() { PATIENCE } else { PATIENCE_UNRELIABLE };
        all_sent && last.elapsed() > patience
    }

    const fn is_reliable(&self) -> bool {
        self.flags.contains(SendFlags::RELIABLE)
    }

    /// Its number, when it was sent, and bytes that follow from its number; cut to the size asked for.
    fn message(&self, number: usize, sent_at: Duration) -> Vec<u8> {
        let mut message = Vec::with_capacity(self.size + 16);
        message.extend((number as u64).to_le_bytes());
        message.extend(u64::try_from(sent_at.as_nanos()).unwrap_or(u64::MAX).to_le_bytes());
        message.extend((16..self.size).map(|index| (index ^ number.wrapping_mul(31)) as u8));
        message.truncate(self.size);
        message
    }

    fn check(&self, message: &ReceivedMessage, seen: &mut [bool], report: &mut Report) {
        let word =
            |at: usize| message.payload.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
        // Short messages bear no number: take them as the next.
        let next = report.received + report.wrong;
        let number = word(0).map_or(next, |number| usize::try_from(number).unwrap_or(usize::MAX));
        let sent_at = Duration::from_nanos(word(8).unwrap_or(0));
        let in_order = number == next || !self.is_reliable();
        let is_new = seen.get_mut(number).is_some_and(|seen| !std::mem::replace(seen, true));
        if !in_order || !is_new || message.payload != self.message(number, sent_at) {
            report.wrong += 1;
            return;
        }
        report.received += 1;
        if word(8).is_some() {
            report.round_trips.push(self.start.elapsed().saturating_sub(sent_at));
        }
    }

    fn print(&self, report: &Report) -> Outcome {
        let status = self.sockets.connection_real_time_status(self.connection)?;
        let sent = self.sent.load(Ordering::Relaxed);
        let lost = sent.saturating_sub(report.received + report.wrong);
        let kind = if self.is_reliable() { "reliable" } else { "unreliable" };
        println!(
            "{sent} {kind} messages of {} bytes sent, {} came back, {} wrong, {lost} lost ({:.2} %)",
            self.size,
            report.received,
            report.wrong,
            percent(lost, sent)
        );
        let seconds = report.elapsed.as_secs_f64().max(1e-9);
        let rate = report.received as f64 / seconds;
        println!("{:.3} s: {rate:.0} messages/s and {:.2} MB/s each way", seconds, rate * self.size as f64 / 1e6);
        let mut round_trips = report.round_trips.clone();
        round_trips.sort_unstable();
        if let (Some(least), Some(most)) = (round_trips.first(), round_trips.last()) {
            let milliseconds = |time: &Duration| time.as_secs_f64() * 1e3;
            let median = milliseconds(&round_trips[round_trips.len() / 2]);
            println!(
                "there and back, queues included: {:.2} ms least, {median:.2} ms median, {:.2} ms most",
                milliseconds(least),
                milliseconds(most)
            );
        }
        println!(
            "ping {} ms, connection quality {} here, {} there",
            status.ping,
            quality(status.local_quality),
            quality(status.remote_quality)
        );
        Ok(())
    }

    fn judge(&self, report: &Report) -> Outcome {
        if let Some(problem) = &report.problem {
            return Err(problem.clone().into());
        }
        if report.wrong > 0 {
            return Err(format!("{} messages came back changed, twice or out of order", report.wrong).into());
        }
        if self.is_reliable() && report.received < self.count {
            return Err(format!("{} reliable messages did not come back", self.count - report.received).into());
        }
        Ok(())
    }
}

pub(crate) fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

pub(crate) fn quality(share: f32) -> String {
    if share < 0.0 { "unknown".into() } else { format!("{:.0} %", share * 100.0) }
}
