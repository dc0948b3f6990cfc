//! The table, for a terminal and for the documentation.

use std::fmt::Write as _;

use crate::attacks::{Row, Terms};
use crate::process::Latency;

const HEADS: [&str; 7] =
    ["#", "attack", "costs the attacker", "costs the server", "honest clients", "wanted", "verdict"];

/// For a terminal.
pub(crate) fn text(rows: &[Row], terms: Terms) -> String {
    let cells: Vec<[String; 7]> = rows.iter().map(|row| cells(row, terms)).collect();
    let width = |column: usize| {
        cells.iter().map(|cells| cells[column].chars().count()).chain([HEADS[column].len()]).max().unwrap_or(0)
    };
    let widths: [usize; 7] = std::array::from_fn(width);
    let mut out = String::new();
    for line in std::iter::once(&HEADS.map(str::to_owned)).chain(&cells) {
        let padded = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        let _ = writeln!(out, "{}", padded.collect::<Vec<_>>().join("  ").trim_end());
    }
    out
}

/// For the documentation.
pub(crate) fn page(rows: &[Row], terms: Terms) -> String {
    let mut out = format!("| {} |\n|{}\n", HEADS.join(" | "), " --- |".repeat(HEADS.len()));
    for row in rows {
        let _ = writeln!(out, "| {} |", cells(row, terms).join(" | "));
    }
    out
}

fn cells(row: &Row, terms: Terms) -> [String; 7] {
    let (attacker, server, honest) = match &row.outcome {
        Ok(outcome) => (outcome.attacker.clone(), outcome.server.clone(), outcome.honest.map(latencies)),
        Err(error) => ("-".into(), error.clone(), None),
    };
    let verdict = if row.is_met(terms) { "as wanted" } else { "short" };
    [
        row.attack.row.to_string(),
        row.attack.name.into(),
        attacker,
        server,
        honest.unwrap_or_else(|| "-".into()),
        row.attack.wanted.into(),
        verdict.into(),
    ]
}

fn latencies((quiet, meanwhile): (Latency, Latency)) -> String {
    let ms = |micros: u64| micros as f64 / 1e3;
    format!(
        "p50 {:.2} -> {:.2} ms, p99 {:.2} -> {:.2} ms, {} came anew in {:.1} ms",
        ms(quiet.p50_us),
        ms(meanwhile.p50_us),
        ms(quiet.p99_us),
        ms(meanwhile.p99_us),
        meanwhile.arrivals,
        ms(meanwhile.arrival_us),
    )
}
