//! A picture of a connection: ping, rate, loss and queue over time, from a trace.
//!
//! ```text
//! cargo run --release --example plot_trace -- traces/1763683200-9a3c55e1-client.jsonl
//! cargo run --release --example plot_trace -- --demo
//! ```
//!
//! Traces are written where `Sockets::builder().trace_directory("traces")` was said. The picture is an SVG beside the
//! trace, for any browser.

mod chart;
mod demo;
mod trace;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chart::{Chart, Mark, Panel, Series, Style};
use clap::Parser;
use trace::Trace;

/// A picture of a connection: ping, rate, loss and queue over time.
#[derive(Parser)]
#[command(name = "plot_trace", version)]
struct Arguments {
    /// The trace of a connection, as `Builder::trace_directory` makes it.
    #[arg(required_unless_present = "demo")]
    trace: Option<PathBuf>,
    /// Record a trace first: so many seconds over a simulated link to ourselves.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "6", conflicts_with = "trace")]
    demo: Option<u32>,
    /// Where --demo writes its traces.
    #[arg(long, value_name = "DIRECTORY", default_value = "traces")]
    traces: PathBuf,
    /// Where the picture goes [default: beside the trace, with the ending svg].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How wide the picture is, pixels.
    #[arg(long, default_value_t = 1100, value_parser = clap::value_parser!(u32).range(400..=10_000))]
    width: u32,
    /// Leave out what happened before this time, seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 0.0)]
    from: f64,
    /// Leave out what happened after this time, seconds [default: the end].
    #[arg(long, value_name = "SECONDS")]
    to: Option<f64>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(summary) => {
            println!("{summary}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("plot_trace: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<String, String> {
    let named = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let path = match (&arguments.trace, arguments.demo) {
        (Some(path), _) => path.clone(),
        (None, seconds) => {
            demo::record(&arguments.traces, seconds.unwrap_or(0)).map_err(|problem| problem.to_string())?
        }
    };
    let text = std::fs::read_to_string(&path).map_err(|error| named(&path, error))?;
    let span = arguments.from..arguments.to.unwrap_or(f64::INFINITY);
    let trace = Trace::read(&text, span).map_err(|problem| format!("{}: {problem}", path.display()))?;
    let out = arguments.out.clone().unwrap_or_else(|| path.with_extension("svg"));
    std::fs::write(&out, draw(&trace, f64::from(arguments.width))).map_err(|error| named(&out, error))?;
    Ok(format!(
        "{}: {:.1} s, {} packets sent, {} lost, {} received",
        out.display(),
        trace.end - trace.start,
        trace.sent.len(),
        trace.lost.len(),
        trace.received.len()
    ))
}

fn draw(trace: &Trace, width: f64) -> String {
    let step = trace.bucket_seconds();
    let series = |label, color, style, points| Series { label, color, style, points };
    let panels = [
        Panel {
            title: "Ping",
            unit: "ms",
            series: vec![series("smoothed round trip", "#7b3fa0", Style::Steps, trace.ping.clone())],
        },
        Panel {
            title: "Rate",
            unit: "KB/s",
            series: vec![
                series("sent", "#1f6fb4", Style::Area, trace.rate(&trace.sent, step)),
                series("received", "#3a9d5d", Style::Line, trace.rate(&trace.received, step)),
                series("allowed", "#d17a00", Style::Steps, trace.allowed.clone()),
            ],
        },
        Panel {
            title: "Loss",
            unit: "packets",
            series: vec![series("taken for lost", "#c0392b", Style::Bars(step), trace.count(&trace.lost, step))],
        },
        Panel {
            title: "Queue",
            unit: "KB",
            series: vec![
                series("waiting", "#5d6d7e", Style::Area, trace.waiting.clone()),
                series("on its way", "#16a085", Style::Steps, trace.in_flight.clone()),
            ],
        },
    ];
    let marks = trace.states.iter().map(|(at, state)| Mark { at: *at, label: state }).collect();
    Chart { title: &trace.title, start: trace.start, end: trace.end, marks, panels: &panels }.svg(width)
}
