//! Reads a trace into what the picture shows.

use std::ops::Range;

use serde_json::Value;

/// The buckets that rates and losses are counted in: about this many over the whole picture.
const BUCKETS: f64 = 120.0;
const BUCKET_SECONDS_MIN: f64 = 0.01;

/// A moment, in seconds, and a value.
pub(crate) type Point = (f64, f64);

/// The trace of a connection.
#[derive(Default)]
pub(crate) struct Trace {
    pub(crate) title: String,
    /// Seconds.
    pub(crate) start: f64,
    pub(crate) end: f64,
    /// With the size of each packet, bytes.
    pub(crate) sent: Vec<Point>,
    pub(crate) received: Vec<Point>,
    /// With 1 for each packet.
    pub(crate) lost: Vec<Point>,
    /// ms.
    pub(crate) ping: Vec<Point>,
    /// KB/s.
    pub(crate) allowed: Vec<Point>,
    /// KB that wait to be sent, of either kind.
    pub(crate) waiting: Vec<Point>,
    /// KB sent and not acknowledged.
    pub(crate) in_flight: Vec<Point>,
    pub(crate) states: Vec<(f64, String)>,
}

impl Trace {
    /// Reads the text of a trace, as far as it lies within `span` (seconds).
    pub(crate) fn read(text: &str, span: Range<f64>) -> Result<Self, String> {
        let mut trace = Self::default();
        let mut lines = text.lines().enumerate();
        let parse = |(index, line): (usize, &str)| {
            serde_json::from_str::<Value>(line).map_err(|error| format!("line {}: {error}", index + 1))
        };
        let head = lines.next().ok_or("the file is empty")?;
        trace.take_head(&parse(head)?)?;
        let count = text.lines().count();
        let mut first = None;
        for line in lines {
            let is_last = line.0 + 1 == count;
            let event = match parse(line) {
                Ok(event) => event,
                // A trace that is still being written, or whose process died, ends anywhere.
                Err(_) if is_last => break,
                Err(problem) => return Err(problem),
            };
            let Some(at) = event["time"].as_f64().map(|milliseconds| milliseconds / 1e3) else { continue };
            if span.contains(&at) {
                first.get_or_insert(at);
                trace.end = at;
                trace.take(at, &event);
            }
        }
        trace.start = first.ok_or("nothing happened in that time")?;
        Ok(trace)
    }

    /// How long a bucket for rates and losses lasts, seconds.
    pub(crate) fn bucket_seconds(&self) -> f64 {
        ((self.end - self.start) / BUCKETS).max(BUCKET_SECONDS_MIN)
    }

    /// KB/s in buckets of `step` seconds.
    pub(crate) fn rate(&self, packets: &[Point], step: f64) -> Vec<Point> {
        self.count(packets, step).into_iter().map(|(at, bytes)| (at, bytes / step / 1e3)).collect()
    }

    /// The sum of the values in each bucket of `step` seconds, at the middle of the bucket.
    pub(crate) fn count(&self, points: &[Point], step: f64) -> Vec<Point> {
        let mut sums = vec![0.0; ((self.end - self.start) / step) as usize + 1];
        for (at, value) in points {
            if let Some(sum) = sums.get_mut(((at - self.start) / step) as usize) {
                *sum += value;
            }
        }
        sums.into_iter().enumerate().map(|(index, sum)| (self.start + (index as f64 + 0.5) * step, sum)).collect()
    }

    fn take_head(&mut self, head: &Value) -> Result<(), String> {
        let fields = &head["trace"]["common_fields"];
        let (Some(id), Some(remote)) = (fields["connection_id"].as_str(), fields["remote"].as_str()) else {
            return Err("this is not a trace: its first line names no connection".to_owned());
        };
        let role = head["trace"]["vantage_point"]["type"].as_str().unwrap_or("?");
        self.title = format!("Connection {id}: {role} of {remote}");
        Ok(())
    }

    fn take(&mut self, at: f64, event: &Value) {
        let data = &event["data"];
        let number = |field: &str| data[field].as_f64();
        match event["name"].as_str().unwrap_or_default() {
            "transport:packet_sent" => self.sent.push((at, number("size").unwrap_or(0.0))),
            "transport:packet_received" => self.received.push((at, number("size").unwrap_or(0.0))),
            "recovery:packet_lost" => self.lost.push((at, 1.0)),
            "recovery:metrics_updated" => {
                self.ping.extend(number("smoothed_rtt").map(|ping| (at, ping)));
                self.allowed.extend(number("pacing_rate").map(|rate| (at, rate / 1e3)));
                let waiting = number("pending_reliable").unwrap_or(0.0) + number("pending_unreliable").unwrap_or(0.0);
                self.waiting.push((at, waiting / 1e3));
                self.in_flight.extend(number("bytes_in_flight").map(|bytes| (at, bytes / 1e3)));
            }
            "connectivity:connection_state_updated" => {
                self.states.push((at, data["new"].as_str().unwrap_or("?").to_owned()));
            }
            _ => {}
        }
    }
}
