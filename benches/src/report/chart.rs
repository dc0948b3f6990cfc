//! A chart of the figures that say most: for each, a bar for every peer, on a scale of its own.

use std::fmt::Write as _;

use super::tables::number;
use crate::job::PeerId;
use crate::peers::PROFILES;
use crate::suite::measure::figure;
use crate::suite::results::Results;

/// (what, work, figure, its scale, whether more is better)
const BARS: &[(&str, &str, &str, f64, bool)] = &[
    ("Bulk, MB/s", "bulk-64k", figure::GOODPUT, 1.0, true),
    ("64 B unreliable, M/s", "unreliable-64", figure::MESSAGES, 1e-6, true),
    ("64 B reliable, M/s", "reliable-64", figure::MESSAGES, 1e-6, true),
    ("Ping-pong p50, us", "ping-pong", figure::P50, 1.0, false),
    ("500 connects at once, per s", "connect-500", figure::CONNECTS, 1.0, true),
    ("5,000 connections at 20 Hz, p99 ms", "crowd-5000", figure::P99, 1e-3, false),
    ("Bulk at 5 % loss and 50 ms, MB/s", "loss-5-bulk", figure::GOODPUT, 1.0, true),
    ("60 Hz at 5 % loss and 50 ms, p99 ms", "loss-5-game", figure::P99, 1e-3, false),
];

const WIDTH: f64 = 760.0;
const LABEL: f64 = 110.0;
const BAR: f64 = 520.0;
const LINE: f64 = 18.0;
const OURS: &str = "#d9480f";
const THEIRS: &str = "#868e96";

pub(super) fn svg(results: &Results) -> String {
    let mut body = String::new();
    let mut y = LINE;
    for (what, work, figure, scale, more_is_better) in BARS {
        let figures: Vec<(PeerId, &str, f64)> = PROFILES
            .iter()
            .filter_map(|profile| Some((profile.id, profile.name, results.figure(work, profile.id, figure)?.median)))
            .collect();
        let Some(most) = figures.iter().map(|(_, _, value)| *value).max_by(f64::total_cmp) else { continue };
        let better = if *more_is_better { "more is better" } else { "less is better" };
        text(&mut body, 0.0, y, &format!("{what} ({better})"), "bold");
        y += LINE;
        for (peer, name, value) in figures {
            let colour = if peer == PeerId::Ours { OURS } else { THEIRS };
            let width = (BAR * value / most.max(f64::MIN_POSITIVE)).max(1.0);
            text(&mut body, 0.0, y, name, "normal");
            let top = y - LINE * 0.7;
            let height = LINE * 0.8;
            // Writing to a string does not fail.
            let _ = writeln!(
                body,
                r#"<rect x="{LABEL}" y="{top:.1}" width="{width:.1}" height="{height:.1}" fill="{colour}"/>"#
            );
            text(&mut body, LABEL + width + 6.0, y, &number(value * scale), "normal");
            y += LINE;
        }
        y += LINE * 0.6;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-10 0 {} {y:.0}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect x=\"-10\" width=\"100%\" height=\"100%\" fill=\"white\"/>\n{body}</svg>\n",
        WIDTH + 10.0
    )
}

fn text(body: &mut String, x: f64, y: f64, text: &str, weight: &str) {
    let _ = writeln!(body, r#"<text x="{x:.1}" y="{y:.1}" font-weight="{weight}">{text}</text>"#);
}
