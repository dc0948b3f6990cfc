//! The status of a connection: the record of its life, and the page for humans.

use std::fmt::Write as _;

use gamesockets_proto::crypto::Cipher;
use gamesockets_proto::printable::Printable;
use gamesockets_proto::stats::Lifetime;
use gamesockets_proto::wire::{LinkInstantaneousStats, LinkLifetimeStats};
use gamesockets_proto::{Report, Status, Timestamp};
use gamesockets_schema::{ConnectionInfo, LifetimeStatistics};

use crate::driver::engine::Engine;

/// How many lanes the page shows.
const LANES_SHOWN: u16 = 16;
const PING_LABELS: [&str; 9] = ["25", "50", "75", "100", "125", "150", "200", "300", "more ms"];
const QUALITY_LABELS: [&str; 9] = ["100", "99", "97", "95", "90", "75", "50", "1", "dead"];
const JITTER_LABELS: [&str; 6] = ["1", "2", "5", "10", "20", "more ms"];

/// The record of a connection's life.
pub(crate) fn lifetime_statistics(lifetime: &Lifetime) -> LifetimeStatistics {
    let told = &lifetime.told;
    let counts = |counts: &[Option<u32>]| counts.iter().map(|count| count.unwrap_or(0)).collect();
    let percentiles = |values: &[Option<u32>]| {
        values.iter().map(|value| value.and_then(|value| i32::try_from(value).ok()).unwrap_or(-1)).collect()
    };
    LifetimeStatistics {
        connected_seconds: told.connected_seconds.unwrap_or(0),
        packets_sent: told.packets_sent.unwrap_or(0),
        bytes_sent: lifetime.bytes_sent,
        packets_received: told.packets_recv.unwrap_or(0),
        bytes_received: lifetime.bytes_received,
        packets_sequenced: told.packets_recv_sequenced.unwrap_or(0),
        packets_dropped: told.packets_recv_dropped.unwrap_or(0),
        packets_out_of_order: told.packets_recv_out_of_order.unwrap_or(0),
        packets_duplicate: told.packets_recv_duplicate.unwrap_or(0),
        packets_lurch: told.packets_recv_lurch.unwrap_or(0),
        ping_counts: counts(&ping_counts(told)),
        ping_percentiles: percentiles(&[
            told.ping_ntile_5th,
            told.ping_ntile_50th,
            told.ping_ntile_75th,
            told.ping_ntile_95th,
            told.ping_ntile_98th,
        ]),
        quality_counts: counts(&quality_counts(told)),
        quality_percentiles: percentiles(&[
            told.quality_ntile_2nd,
            told.quality_ntile_5th,
            told.quality_ntile_25th,
            told.quality_ntile_50th,
        ]),
        jitter_counts: counts(&jitter_counts(told)),
    }
}

/// The page about a connection.
pub(crate) fn page(info: &ConnectionInfo, engine: &mut Engine, now: Timestamp) -> String {
    let mut page = Page(String::new());
    page.line("Connection", &info.debug_description);
    who(&mut page, info, engine);
    let report = engine.udp_mut().map(|connection| connection.report(now));
    if let Some(report) = &report {
        page.line("Age", &format!("{:.1} s", report.age_micros as f64 / 1e6));
    }
    let (status, lifetime) = match &report {
        Some(report) => (report.status.clone(), report.lifetime.clone()),
        None => (engine.status(now), engine.lifetime(now)),
    };
    page.heading("Now");
    figures(&mut page, &status, report.as_ref());
    lanes(&mut page, engine, now);
    page.heading("Since the beginning");
    life(&mut page, &lifetime.told, Some((lifetime.bytes_sent, lifetime.bytes_received)));
    if let Some(report) = &report {
        peer(&mut page, report, now);
        dropped(&mut page, report);
    }
    page.0
}

fn who(page: &mut Page, info: &ConnectionInfo, engine: &Engine) {
    let place = match engine.remote_address() {
        Some(address) => format!("at {address}"),
        None => "in this process".to_owned(),
    };
    let identity = if info.identity_string.is_empty() { "not known yet," } else { &info.identity_string };
    page.line("Peer", &format!("{} {place}", Printable(identity)));
    page.line("State", &format!("{:?}", info.connection_state));
    if info.end_reason.0 != 0 {
        page.line("Ended by", &format!("{}: {}", info.end_reason.0, info.end_debug));
    }
    let Some(connection) = engine.udp() else {
        return page.line("Encryption", "none needed: nothing leaves this process");
    };
    let cipher = match connection.cipher() {
        None => "not negotiated yet",
        Some(Cipher::Null) => "none: anybody on the way can read and change everything",
        Some(Cipher::Aes256Gcm) => "AES-256-GCM",
        Some(Cipher::ChaCha20Poly1305) => "ChaCha20-Poly1305",
    };
    page.line("Encryption", cipher);
    let vouched = if connection.is_authenticated() {
        "a trusted authority vouches for the peer"
    } else {
        "nobody vouches for the peer"
    };
    page.line("Authentication", vouched);
}

fn figures(page: &mut Page, status: &Status, report: Option<&Report>) {
    let ping = status.ping_ms.map_or("not known yet".to_owned(), |ping| format!("{ping} ms"));
    let jitter = status
        .max_jitter_micros
        .map_or(String::new(), |micros| format!("; jitter up to {:.1} ms", f64::from(micros) / 1e3));
    page.line("Ping", &format!("{ping}{jitter}"));
    let quality = |quality: Option<f32>| {
        quality.map_or("not known yet".to_owned(), |quality| format!("{:.1} % arrives as it should", quality * 100.0))
    };
    page.line("Quality here", &quality(status.local_quality));
    let source = if status.remote_quality_is_estimate { ", as far as acknowledgements tell" } else { "" };
    page.line("Quality there", &format!("{}{source}", quality(status.remote_quality)));
    let rate = |packets: f32, bytes: f32| format!("{packets:.1} packets/s, {}/s", amount(bytes));
    let (out, limit) = (status.out_bytes_per_second, amount(status.send_rate_bytes_per_second as f32));
    page.line("Sending", &format!("{}; {limit}/s allowed", rate(status.out_packets_per_second, out)));
    page.line("Receiving", &rate(status.in_packets_per_second, status.in_bytes_per_second));
    page.line(
        "Waiting",
        &format!(
            "{} bytes reliable, {} unreliable, for {:.1} ms; {} on their way",
            status.pending_reliable_bytes,
            status.pending_unreliable_bytes,
            status.queue_time.as_secs_f64() * 1e3,
            status.sent_unacknowledged_reliable_bytes,
        ),
    );
    if let Some(report) = report {
        let after = report.retransmission_timeout_micros as f64 / 1e3;
        page.line("Retransmission", &format!("after {after:.0} ms without an answer, or when reported missing"));
    }
}

/// What waits on each lane, where there are several.
fn lanes(page: &mut Page, engine: &mut Engine, now: Timestamp) {
    let count = engine.lane_count();
    if count == 1 {
        return;
    }
    for lane in 0..count.min(LANES_SHOWN) {
        let Some(status) = engine.lane_status(now, lane) else { return };
        let text = format!(
            "{} bytes reliable, {} unreliable, for {:.1} ms; {} on their way",
            status.pending_reliable_bytes,
            status.pending_unreliable_bytes,
            status.queue_time.as_secs_f64() * 1e3,
            status.sent_unacknowledged_reliable_bytes,
        );
        page.line(&format!("Lane {lane}"), &text);
    }
    if count > LANES_SHOWN {
        page.line("", &format!("and {} more lanes", count - LANES_SHOWN));
    }
}

fn life(page: &mut Page, told: &LinkLifetimeStats, bytes: Option<(u64, u64)>) {
    let (sent, received) = bytes
        .unwrap_or((told.kb_sent.unwrap_or(0).saturating_mul(1024), told.kb_recv.unwrap_or(0).saturating_mul(1024)));
    page.line("Connected", &format!("{} s", told.connected_seconds.unwrap_or(0)));
    page.line("Sent", &format!("{} packets, {}", told.packets_sent.unwrap_or(0), amount(sent as f32)));
    page.line("Received", &format!("{} packets, {}", told.packets_recv.unwrap_or(0), amount(received as f32)));
    let sequenced = told.packets_recv_sequenced.unwrap_or(0);
    let lost = told.packets_recv_dropped.unwrap_or(0);
    let share = 100.0 * lost as f64 / (sequenced.saturating_add(lost)).max(1) as f64;
    page.line(
        "Sequence",
        &format!(
            "{sequenced} data packets in, {lost} lost ({share:.2} %), {} late, {} twice, {} too far off",
            told.packets_recv_out_of_order.unwrap_or(0),
            told.packets_recv_duplicate.unwrap_or(0),
            told.packets_recv_lurch.unwrap_or(0),
        ),
    );
    page.distribution("Ping up to", &PING_LABELS, &ping_counts(told));
    page.distribution("Quality from", &QUALITY_LABELS, &quality_counts(told));
    page.distribution("Jitter below", &JITTER_LABELS, &jitter_counts(told));
}

fn peer(page: &mut Page, report: &Report, now: Timestamp) {
    let version = report.peer_version.map_or(String::new(), |version| format!(", protocol version {version}"));
    page.heading(&format!("As the peer tells{version}"));
    let age = |at: Timestamp| now.since(at).as_secs();
    match &report.peer.instantaneous {
        None => page.line("Now", "nothing yet"),
        Some((at, told)) => page.line(&format!("{} s ago", age(*at)), &instantaneous(told)),
    }
    if let Some((at, told)) = &report.peer.lifetime {
        page.line("Its life", &format!("{} s ago", age(*at)));
        life(page, told, None);
    }
}

fn instantaneous(told: &LinkInstantaneousStats) -> String {
    let rate = |packets_x10: Option<u32>, bytes: Option<u32>| {
        format!("{:.1} packets/s, {}/s", f64::from(packets_x10.unwrap_or(0)) / 10.0, amount(bytes.unwrap_or(0) as f32))
    };
    let mut text = format!(
        "sends {}; receives {}",
        rate(told.out_packets_per_sec_x10, told.out_bytes_per_sec),
        rate(told.in_packets_per_sec_x10, told.in_bytes_per_sec),
    );
    if let Some(ping) = told.ping_ms {
        let _ = write!(text, "; ping {ping} ms");
    }
    if let (Some(dropped), Some(weird)) = (told.packets_dropped_pct, told.packets_weird_sequence_pct) {
        let _ = write!(text, "; {dropped} % lost, {weird} % out of sequence");
    }
    if let Some(jitter) = told.peak_jitter_usec {
        let _ = write!(text, "; jitter up to {:.1} ms", f64::from(jitter) / 1e3);
    }
    text
}

fn dropped(page: &mut Page, report: &Report) {
    let dropped = report.dropped;
    page.heading("Datagrams dropped here");
    for (cause, count) in [
        ("Malformed", dropped.malformed),
        ("Undecryptable", dropped.undecryptable),
        ("Stale", dropped.stale),
        ("For another", dropped.wrong_connection),
        ("Unexpected", dropped.unexpected),
    ] {
        page.line(cause, &count.to_string());
    }
}

const fn ping_counts(told: &LinkLifetimeStats) -> [Option<u32>; 9] {
    [
        told.ping_histogram_25,
        told.ping_histogram_50,
        told.ping_histogram_75,
        told.ping_histogram_100,
        told.ping_histogram_125,
        told.ping_histogram_150,
        told.ping_histogram_200,
        told.ping_histogram_300,
        told.ping_histogram_max,
    ]
}

const fn quality_counts(told: &LinkLifetimeStats) -> [Option<u32>; 9] {
    [
        told.quality_histogram_100,
        told.quality_histogram_99,
        told.quality_histogram_97,
        told.quality_histogram_95,
        told.quality_histogram_90,
        told.quality_histogram_75,
        told.quality_histogram_50,
        told.quality_histogram_1,
        told.quality_histogram_dead,
    ]
}

const fn jitter_counts(told: &LinkLifetimeStats) -> [Option<u32>; 6] {
    [
        told.jitter_histogram_negligible,
        told.jitter_histogram_1,
        told.jitter_histogram_2,
        told.jitter_histogram_5,
        told.jitter_histogram_10,
        told.jitter_histogram_20,
    ]
}

/// Bytes, in the unit that fits.
fn amount(bytes: f32) -> String {
    match bytes {
        bytes if bytes < 10_000.0 => format!("{bytes:.0} bytes"),
        bytes if bytes < 10_000_000.0 => format!("{:.1} KB", bytes / 1e3),
        bytes => format!("{:.1} MB", bytes / 1e6),
    }
}

struct Page(String);

impl Page {
    fn heading(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn line(&mut self, label: &str, text: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "  {label:<16}{text}");
    }

    /// A histogram, if there is anything in it.
    fn distribution(&mut self, label: &str, bounds: &[&str], counts: &[Option<u32>]) {
        if counts.iter().all(Option::is_none) {
            return;
        }
        let cells = bounds.iter().zip(counts).map(|(bound, count)| format!("{bound}: {}", count.unwrap_or(0)));
        self.line(label, &cells.collect::<Vec<_>>().join("   "));
    }
}
