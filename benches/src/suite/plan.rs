//! What is measured, how long and how often.

use std::time::Duration;

use super::measure::Times;
use crate::job::{Job, Load, Path, PeerId};

/// The MTU at which most work is done: what a link of 1,500 bytes carries.
const MTU: u16 = 1_472;
/// The largest datagram of Valve's library.
const MTU_OF_VALVE: u16 = 1_300;

/// Which table of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    Bulk,
    Messages,
    Latency,
    Connecting,
    Crowd,
    Lossy,
}

/// One load on one path, to be done by every peer.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) group: Group,
    pub(crate) load: Load,
    pub(crate) path: Option<Path>,
    pub(crate) mtu: u16,
    pub(crate) times: Times,
    /// How often, if there is time.
    pub(crate) repeats: u32,
    /// All peers do it at the same time: where the path is what limits them, and the machine is idle.
    pub(crate) at_once: bool,
    /// The best tunings of this work are taken for it, too.
    pub(crate) tuned_like: Option<String>,
}

impl Work {
    pub(crate) fn job(&self, peer: PeerId, tuning: u64) -> Job {
        Job { peer, load: self.load, path: self.path, mtu: self.mtu, tuning }
    }
}

/// Everything, in the order of the report.
pub(crate) fn plan(quick: bool) -> Vec<Work> {
    [bulk(quick), messages(quick), latency(quick), connecting(quick), crowds(quick), lossy(quick)].concat()
}

fn millis(warm_up: u64, window: u64, connecting: u64) -> Times {
    let [warm_up, window, connecting] = [warm_up, window, connecting].map(Duration::from_millis);
    Times { warm_up, window, connecting }
}

/// Loads without a path that take about two seconds.
fn short(quick: bool) -> Times {
    if quick { millis(300, 700, 5_000) } else { millis(400, 1_200, 5_000) }
}

fn work(id: &str, title: &str, group: Group, load: Load, times: Times) -> Work {
    let (id, title) = (id.to_owned(), title.to_owned());
    Work { id, title, group, load, path: None, mtu: MTU, times, repeats: 3, at_once: false, tuned_like: None }
}

fn bulk(quick: bool) -> Vec<Work> {
    let of = |id: &str, title: &str, kib: usize, mtu: u16| {
        let load = Load::Flood { len: kib << 10, reliable: true, nagle: true };
        Work { mtu, ..work(id, title, Group::Bulk, load, short(quick)) }
    };
    let mut works = vec![of("bulk-64k", "64 KiB messages, MTU 1,472", 64, MTU)];
    if !quick {
        works.push(of("bulk-64k-1300", "64 KiB messages, MTU 1,300", 64, MTU_OF_VALVE));
        works.push(of("bulk-512k", "512 KiB messages, MTU 1,472", 512, MTU));
    }
    works
}

fn messages(quick: bool) -> Vec<Work> {
    let mut works = Vec::new();
    for len in if quick { &[64][..] } else { &[64, 200, 1_000] } {
        for (reliable, kind) in [(false, "unreliable"), (true, "reliable")] {
            let load = Load::Flood { len: *len, reliable, nagle: true };
            let (id, title) = (format!("{kind}-{len}"), format!("{len} B, {kind}"));
            works.push(work(&id, &title, Group::Messages, load, short(quick)));
        }
    }
    if !quick {
        for (reliable, kind) in [(false, "unreliable"), (true, "reliable")] {
            let load = Load::Flood { len: 64, reliable, nagle: false };
            let (id, title) = (format!("{kind}-64-no-nagle"), format!("64 B, {kind}, without Nagle"));
            works.push(work(&id, &title, Group::Messages, load, short(quick)));
        }
    }
    works
}

fn latency(quick: bool) -> Vec<Work> {
    let paced = |reliable| Load::Steady { connections: 1, hz: 20_000, len: 64, reliable, both: false };
    let mut works = vec![
        work(
            "ping-pong",
            "64 B there and back, one after another",
            Group::Latency,
            Load::PingPong { len: 64 },
            short(quick),
        ),
        work("paced", "20,000 unreliable 64 B a second, one way", Group::Latency, paced(false), short(quick)),
    ];
    if !quick {
        let title = "20,000 reliable 64 B a second, one way";
        works.push(work("paced-reliable", title, Group::Latency, paced(true), short(quick)));
    }
    works
}

fn connecting(quick: bool) -> Vec<Work> {
    let at_once = Load::ConnectAtOnce { connections: 500 };
    let times = millis(200, 800, 10_000);
    vec![
        work("connect-in-turn", "one after another", Group::Connecting, Load::ConnectInTurn, times),
        Work {
            repeats: if quick { 1 } else { 5 },
            ..work("connect-500", "500 at once", Group::Connecting, at_once, times)
        },
    ]
}

fn crowds(quick: bool) -> Vec<Work> {
    let of = |connections: usize| {
        let load = Load::Steady { connections, hz: 20, len: 100, reliable: false, both: true };
        let title = format!("{connections} connections, 100 B each way at 20 Hz");
        let times = if quick { millis(1_000, 2_000, 10_000) } else { millis(1_500, 3_000, 20_000) };
        let repeats = if quick { 1 } else { 2 };
        Work { repeats, ..work(&format!("crowd-{connections}"), &title, Group::Crowd, load, times) }
    };
    if quick { vec![of(1_000), of(5_000)] } else { vec![of(1_000), of(3_000), of(5_000), of(10_000)] }
}

/// Half a gigabit: far enough from what this machine can do that the path is what is measured.
fn long_path(loss_percent: f64) -> Path {
    let round_trip = Duration::from_millis(50);
    Path { round_trip, loss_percent, rate: 62_500_000, queue_bytes: 62_500_000 / 20 }
}

fn bottleneck() -> Path {
    let round_trip = Duration::from_millis(50);
    Path { round_trip, loss_percent: 0.0, rate: 1_250_000, queue_bytes: 1_250_000 / 4 }
}

fn lossy(quick: bool) -> Vec<Work> {
    let losses: &[u32] = if quick { &[5] } else { &[0, 1, 5, 10] };
    let flood = Load::Flood { len: 16 << 10, reliable: true, nagle: true };
    let times = if quick { millis(2_000, 3_000, 5_000) } else { millis(3_000, 5_000, 5_000) };
    let repeats = if quick { 1 } else { 2 };
    let mut works = Vec::new();
    for loss in losses {
        let title = format!("500 Mbit/s, 50 ms, {loss} % loss: 16 KiB messages");
        let first = losses.first().filter(|first| *first != loss).map(|first| format!("loss-{first}-bulk"));
        let one = work(&format!("loss-{loss}-bulk"), &title, Group::Lossy, flood, times);
        works.push(Work { path: Some(long_path(f64::from(*loss))), repeats, tuned_like: first, ..one });
    }
    let one =
        work("bottleneck-bulk", "10 Mbit/s, 50 ms, tail drop at 250 ms: 16 KiB messages", Group::Lossy, flood, times);
    let times = if quick { millis(3_000, 4_000, 5_000) } else { millis(4_000, 8_000, 5_000) };
    works.push(Work { path: Some(bottleneck()), repeats, at_once: true, times, ..one });
    let game = Load::Steady { connections: 10, hz: 60, len: 1_000, reliable: true, both: false };
    for loss in losses {
        let title = format!("500 Mbit/s, 50 ms, {loss} % loss: reliable 1,000 B at 60 Hz, one way");
        let times = if quick { millis(1_500, 4_000, 5_000) } else { millis(1_500, 8_000, 5_000) };
        let one = work(&format!("loss-{loss}-game"), &title, Group::Lossy, game, times);
        works.push(Work { path: Some(long_path(f64::from(*loss))), repeats, at_once: true, ..one });
    }
    works
}
