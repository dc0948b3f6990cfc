//! One measurement: a server, a client and perhaps a path between them, from start to end.

use std::collections::BTreeMap;
use std::time::Duration;

use super::process::Child;
use crate::child::board::value_of;
use crate::child::{Order, Sample};
use crate::job::{Job, Load};

/// What a measurement gives, by name; see [`figure`].
pub(crate) type Figures = BTreeMap<String, f64>;

/// The names of figures.
pub(crate) mod figure {
    /// Messages that arrived, per second.
    pub(crate) const MESSAGES: &str = "messages/s";
    /// Payload that arrived, MB/s.
    pub(crate) const GOODPUT: &str = "MB/s";
    /// CPU time of both ends for a message, microseconds.
    pub(crate) const CPU_PER_MESSAGE: &str = "CPU us/message";
    /// CPU time of both ends for a byte, nanoseconds.
    pub(crate) const CPU_PER_BYTE: &str = "CPU ns/byte";
    /// Microseconds.
    pub(crate) const P50: &str = "p50 us";
    pub(crate) const P99: &str = "p99 us";
    /// Share of the messages that were due, percent.
    pub(crate) const DELIVERED: &str = "delivered %";
    /// CPU seconds per second.
    pub(crate) const SERVER_CPU: &str = "server CPU s/s";
    pub(crate) const CLIENT_CPU: &str = "client CPU s/s";
    /// Memory of the server for a connection, KiB.
    pub(crate) const IDLE_MEMORY: &str = "idle KiB";
    pub(crate) const ACTIVE_MEMORY: &str = "active KiB";
    /// Connections made per second.
    pub(crate) const CONNECTS: &str = "connects/s";
    /// How long datagrams waited before the bottleneck, milliseconds; and how many found no room there, percent.
    pub(crate) const QUEUE_P50: &str = "queue p50 ms";
    pub(crate) const QUEUE_P99: &str = "queue p99 ms";
    pub(crate) const QUEUE_DROPS: &str = "dropped %";
}

/// How long the parts of a measurement take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) warm_up: Duration,
    pub(crate) window: Duration,
    /// Starting and connecting take no longer, or have failed.
    pub(crate) connecting: Duration,
}

/// Idle connections are looked at after they had this time to settle.
const SETTLE: Duration = Duration::from_millis(500);
/// Between two looks at a client that connects.
const LOOK: Duration = Duration::from_millis(10);
/// On top of what is planned, before a measurement has hung.
const PATIENCE: Duration = Duration::from_secs(5);

/// The processes of a measurement.
struct Ends {
    server: Child,
    path: Option<Child>,
    client: Child,
}

/// Samples of all ends at the same time, more or less.
struct Moment {
    server: Sample,
    path: Sample,
    client: Sample,
}

/// Measures, or says why that cannot be.
pub(crate) fn measure(job: &Job, times: Times) -> Result<Figures, String> {
    let limit = times.connecting + SETTLE + times.warm_up + times.window + PATIENCE;
    let server = Child::server(job, limit)?;
    let mut address = server.address()?;
    let path = job.path.map(|path| Child::path(&path, address, limit)).transpose()?;
    if let Some(path) = &path {
        address = path.address()?;
    }
    let client = Child::client(job, address, limit)?;
    client.ready()?;
    let mut ends = Ends { server, path, client };
    let before = ends.sample()?;
    ends.client.order(Order::Connect)?;
    if job.load == Load::ConnectInTurn {
        return connects_in_turn(&mut ends, times);
    }
    connect(&mut ends, job.load.connections(), times.connecting)?;
    if let Load::ConnectAtOnce { connections } = job.load {
        let seconds = ends.client.sample()?.connecting as f64 / 1e9;
        return Ok(Figures::from([(figure::CONNECTS.into(), connections as f64 / seconds)]));
    }
    let mut figures = Figures::new();
    if let Load::Steady { connections, both: true, .. } = job.load {
        std::thread::sleep(SETTLE);
        let idle = ends.sample()?;
        figures.insert(figure::IDLE_MEMORY.into(), memory(&before, &idle, connections));
    }
    ends.server.order(Order::Go)?;
    ends.client.order(Order::Go)?;
    std::thread::sleep(times.warm_up);
    let first = ends.sample()?;
    std::thread::sleep(times.window);
    let last = ends.sample()?;
    match job.load {
        Load::Flood { .. } => flood(&first, &last, &mut figures)?,
        Load::PingPong { .. } => latency(&[(&first.client, &last.client)], &mut figures)?,
        Load::Steady { .. } => steady(job.load, &first, &last, &mut figures)?,
        Load::ConnectInTurn | Load::ConnectAtOnce { .. } => {}
    }
    if let Load::Steady { connections, both: true, .. } = job.load {
        figures.insert(figure::ACTIVE_MEMORY.into(), memory(&before, &last, connections));
    }
    if job.path.is_some() && job.is_flood() {
        queue(&first.path, &last.path, &mut figures);
    }
    Ok(figures)
}

impl Ends {
    fn sample(&mut self) -> Result<Moment, String> {
        Ok(Moment {
            server: self.server.sample()?,
            path: self.path.as_mut().map(Child::sample).transpose()?.unwrap_or_default(),
            client: self.client.sample()?,
        })
    }
}

fn connect(ends: &mut Ends, wanted: usize, limit: Duration) -> Result<(), String> {
    let started = std::time::Instant::now();
    loop {
        let connected = ends.client.sample()?.connected as usize;
        if connected >= wanted {
            return Ok(());
        }
        if started.elapsed() > limit {
            return Err(format!("{connected} of {wanted} connections after {} s", limit.as_secs()));
        }
        std::thread::sleep(LOOK);
    }
}

fn connects_in_turn(ends: &mut Ends, times: Times) -> Result<Figures, String> {
    std::thread::sleep(times.warm_up);
    let first = ends.client.sample()?;
    std::thread::sleep(times.window);
    let last = ends.client.sample()?;
    let connected = last.connected - first.connected;
    if connected == 0 {
        return Err("no connection was made".into());
    }
    Ok(Figures::from([(figure::CONNECTS.into(), connected as f64 / seconds(&first, &last))]))
}

fn flood(first: &Moment, last: &Moment, figures: &mut Figures) -> Result<(), String> {
    let seconds = seconds(&first.server, &last.server);
    let messages = (last.server.messages - first.server.messages) as f64;
    let bytes = (last.server.bytes - first.server.bytes) as f64;
    if messages == 0.0 {
        return Err("nothing arrived".into());
    }
    let cpu = (cpu(&first.server, &last.server) + cpu(&first.client, &last.client)) as f64;
    figures.insert(figure::MESSAGES.into(), messages / seconds);
    figures.insert(figure::GOODPUT.into(), bytes / seconds / 1e6);
    figures.insert(figure::CPU_PER_MESSAGE.into(), cpu / messages);
    figures.insert(figure::CPU_PER_BYTE.into(), cpu * 1e3 / bytes);
    Ok(())
}

fn steady(load: Load, first: &Moment, last: &Moment, figures: &mut Figures) -> Result<(), String> {
    let Load::Steady { connections, hz, both, .. } = load else { return Ok(()) };
    let ends = [(&first.server, &last.server), (&first.client, &last.client)];
    let ends = if both { &ends[..] } else { &ends[..1] };
    let arrived: u64 = ends.iter().map(|(first, last)| last.messages - first.messages).sum();
    let due: f64 = ends.iter().map(|(first, last)| connections as f64 * f64::from(hz) * seconds(first, last)).sum();
    figures.insert(figure::DELIVERED.into(), (100.0 * arrived as f64 / due).min(100.0));
    let (server, client) = (&first.server, &first.client);
    figures.insert(figure::SERVER_CPU.into(), cpu(server, &last.server) as f64 / 1e6 / seconds(server, &last.server));
    figures.insert(figure::CLIENT_CPU.into(), cpu(client, &last.client) as f64 / 1e6 / seconds(client, &last.client));
    latency(ends, figures)
}

fn latency(ends: &[(&Sample, &Sample)], figures: &mut Figures) -> Result<(), String> {
    let mut counts = BTreeMap::new();
    for (first, last) in ends {
        difference(first, last, &mut counts);
    }
    figures.insert(figure::P50.into(), percentile(&counts, 0.5).ok_or("nothing arrived")? / 1e3);
    figures.insert(figure::P99.into(), percentile(&counts, 0.99).ok_or("nothing arrived")? / 1e3);
    Ok(())
}

fn queue(first: &Sample, last: &Sample, figures: &mut Figures) {
    let mut counts = BTreeMap::new();
    difference(first, last, &mut counts);
    let taken: u64 = counts.values().sum();
    let dropped = last.dropped - first.dropped;
    figures.insert(figure::QUEUE_P50.into(), percentile(&counts, 0.5).unwrap_or(0.0) / 1e6);
    figures.insert(figure::QUEUE_P99.into(), percentile(&counts, 0.99).unwrap_or(0.0) / 1e6);
    figures.insert(figure::QUEUE_DROPS.into(), 100.0 * dropped as f64 / (taken + dropped).max(1) as f64);
}

/// Adds what a histogram counted between two samples.
fn difference(first: &Sample, last: &Sample, counts: &mut BTreeMap<u32, u64>) {
    let before: BTreeMap<u32, u64> = first.latency.iter().copied().collect();
    for (bucket, count) in &last.latency {
        *counts.entry(*bucket).or_default() += count - before.get(bucket).copied().unwrap_or(0);
    }
}

fn percentile(counts: &BTreeMap<u32, u64>, share: f64) -> Option<f64> {
    let total: u64 = counts.values().sum();
    let rank = ((total as f64 * share).ceil() as u64).max(1);
    let mut seen = 0;
    let bucket = counts.iter().find(|(_, count)| {
        seen += **count;
        seen >= rank
    });
    bucket.map(|(bucket, _)| value_of(*bucket))
}

fn memory(before: &Moment, after: &Moment, connections: usize) -> f64 {
    let grown = after.server.memory.saturating_sub(before.server.memory) as f64;
    grown / 1024.0 / connections as f64
}

fn seconds(first: &Sample, last: &Sample) -> f64 {
    (last.at - first.at) as f64 / 1e9
}

fn cpu(first: &Sample, last: &Sample) -> u64 {
    last.cpu - first.cpu
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_what_came_between() {
        let sample = |latency: &[(u32, u64)]| Sample { latency: latency.to_vec(), ..Sample::default() };
        let mut counts = BTreeMap::new();
        difference(&sample(&[(1, 5)]), &sample(&[(1, 6), (3, 98), (9, 1)]), &mut counts);
        assert_eq!(percentile(&counts, 0.5), Some(3.0));
        assert_eq!(percentile(&counts, 0.99), Some(3.0));
        assert_eq!(percentile(&counts, 1.0), Some(9.0));
        assert_eq!(percentile(&BTreeMap::new(), 0.5), None);
    }
}
