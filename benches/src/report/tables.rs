//! Tables of the results, in Markdown, which can be read on a terminal, too.

use crate::job::PeerId;
use crate::peers::PROFILES;
use crate::suite::measure::figure;
use crate::suite::plan::{Group, Work, plan};
use crate::suite::results::{Results, Spread};

/// A table: its head, its group and the rows that each work gives: (what, figure, whether more is better).
pub(super) struct Table {
    pub(super) title: &'static str,
    group: Group,
    rows: &'static [Row],
}

struct Row {
    what: &'static str,
    figure: &'static str,
    /// Shown is the figure times this.
    scale: f64,
}

const fn row(what: &'static str, figure: &'static str, scale: f64) -> Row {
    Row { what, figure, scale }
}

pub(super) const TABLES: &[Table] = &[
    Table {
        title: "Bulk: reliable, as fast as possible",
        group: Group::Bulk,
        rows: &[row("MB/s", figure::GOODPUT, 1.0), row("CPU ns/B, both ends", figure::CPU_PER_BYTE, 1.0)],
    },
    Table {
        title: "Messages: as many as possible",
        group: Group::Messages,
        rows: &[row("M/s", figure::MESSAGES, 1e-6), row("CPU us each, both ends", figure::CPU_PER_MESSAGE, 1.0)],
    },
    Table {
        title: "Latency",
        group: Group::Latency,
        rows: &[row("p50 us", figure::P50, 1.0), row("p99 us", figure::P99, 1.0)],
    },
    Table { title: "Connecting", group: Group::Connecting, rows: &[row("connections/s", figure::CONNECTS, 1.0)] },
    Table {
        title: "Many connections",
        group: Group::Crowd,
        rows: &[
            row("delivered %", figure::DELIVERED, 1.0),
            row("p50 ms, one way", figure::P50, 1e-3),
            row("p99 ms, one way", figure::P99, 1e-3),
            row("server CPU s/s", figure::SERVER_CPU, 1.0),
            row("client CPU s/s", figure::CLIENT_CPU, 1.0),
            row("server KiB each, idle", figure::IDLE_MEMORY, 1.0),
            row("server KiB each, active", figure::ACTIVE_MEMORY, 1.0),
        ],
    },
    Table {
        title: "Paths with delay, loss and bottlenecks",
        group: Group::Lossy,
        rows: &[
            row("MB/s", figure::GOODPUT, 1.0),
            row("wait in the queue, p50 ms", figure::QUEUE_P50, 1.0),
            row("wait in the queue, p99 ms", figure::QUEUE_P99, 1.0),
            row("dropped by the queue %", figure::QUEUE_DROPS, 1.0),
            row("delivered %", figure::DELIVERED, 1.0),
            row("p50 ms", figure::P50, 1e-3),
            row("p99 ms", figure::P99, 1e-3),
        ],
    },
];

pub(super) fn all(results: &Results) -> String {
    let tables = TABLES.iter().map(|table| render(table, results)).filter(|text| !text.is_empty());
    tables.collect::<Vec<_>>().join("\n") + &limits(results)
}

fn render(table: &Table, results: &Results) -> String {
    let works: Vec<Work> = plan(false)
        .into_iter()
        .filter(|work| work.group == table.group && results.cells.contains_key(&work.id))
        .collect();
    let shown =
        |peer: PeerId| works.iter().any(|work| results.cell(&work.id, peer).is_some_and(|cell| !cell.runs.is_empty()));
    let peers: Vec<_> = PROFILES.iter().filter(|profile| shown(profile.id)).collect();
    if peers.is_empty() {
        return String::new();
    }
    let mut lines = vec![format!("## {}\n", table.title)];
    let head: Vec<&str> = peers.iter().map(|profile| profile.name).collect();
    lines.push(format!("| | | {} |", head.join(" | ")));
    lines.push(format!("|---|---|{}", "---|".repeat(peers.len())));
    let mut reasons = Vec::new();
    for work in &works {
        let mut title = work.title.as_str();
        for row in table.rows {
            let cells: Vec<Option<Spread>> =
                peers.iter().map(|profile| results.figure(&work.id, profile.id, row.figure)).collect();
            if cells.iter().all(Option::is_none) {
                continue;
            }
            let ours = results.figure(&work.id, PeerId::Ours, row.figure);
            let cells: Vec<String> = cells.into_iter().map(|cell| shown_cell(cell, ours, row.scale)).collect();
            lines.push(format!("| {title} | {} | {} |", row.what, cells.join(" | ")));
            title = "";
        }
        for profile in &peers {
            let cell = results.cell(&work.id, profile.id);
            let reason = cell.filter(|cell| cell.runs.is_empty()).and_then(|cell| cell.reason.as_deref());
            let reason = reason.map(|reason| format!("- {}, {}: {reason}", work.title, profile.name));
            reasons.extend(reason);
        }
    }
    lines.push(String::new());
    lines.extend(reasons);
    lines.join("\n") + "\n"
}

/// The median, its ratio to ours, and the least and the most.
fn shown_cell(cell: Option<Spread>, ours: Option<Spread>, scale: f64) -> String {
    let Some(Spread { median, min, max }) = cell else { return "-".to_owned() };
    let ratio = ours.filter(|ours| ours.median > 0.0).map(|ours| median / ours.median);
    let ratio = ratio.filter(|ratio| *ratio != 1.0).map(|ratio| format!(", {}x", number(ratio))).unwrap_or_default();
    let spread = if min == max { String::new() } else { format!(" ({}-{})", number(min * scale), number(max * scale)) };
    format!("{}{ratio}{spread}", number(median * scale))
}

/// Three digits that count, and thousands apart.
pub(super) fn number(value: f64) -> String {
    let digits = if value == 0.0 { 0 } else { (2 - value.abs().log10().floor() as i32).clamp(0, 3) };
    let text = format!("{value:.*}", digits as usize);
    let (whole, rest) =
        text.split_once('.').map_or((text.as_str(), String::new()), |(whole, rest)| (whole, format!(".{rest}")));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) && grouped != "-" {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + &rest
}

fn limits(results: &Results) -> String {
    if results.limits.is_empty() {
        return String::new();
    }
    let mut lines = vec!["\n## The machine's limits\n".to_owned(), "| | | |\n|---|---|---|".to_owned()];
    lines.extend(
        results.limits.iter().map(|limit| format!("| {} | {} | {} |", limit.name, number(limit.value), limit.unit)),
    );
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits_that_count() {
        let numbers = [0.0, 0.123_456, 1.234_5, 12.34, 123.4, 1_234.5, 1_234_567.0].map(number);
        assert_eq!(numbers, ["0", "0.123", "1.23", "12.3", "123", "1,234", "1,234,567"]);
    }
}
