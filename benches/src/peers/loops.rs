//! The loads, for every peer that is called from a loop.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Endpoint, Link, payload};
use crate::child::board::{BOARD, Received, now};
use crate::child::{Say, may_connect, may_go, say};
use crate::job::{Job, Load};

/// How long a wait may be at most: then the orders are looked at.
const TURN: Duration = Duration::from_millis(20);
/// Bytes of messages handed over at a time where a peer has a call for many: as many as quinn's are written with one.
const BATCH_BYTES: usize = 64 << 10;
/// Connections begun and not yet made while many are to be made in an orderly manner.
const CONNECTING_MAX: usize = 64;
/// Messages of a schedule that are sent before what has come is looked at, if the schedule has slipped.
const CATCH_UP: usize = 1_024;

/// When which message of a steady load is due: the connections take turns, evenly.
#[derive(Clone, Copy)]
pub(crate) struct Schedule {
    start: u64,
    /// Messages per second of all connections together.
    per_second: u64,
    next: u64,
}

impl Schedule {
    pub(crate) fn new(connections: usize, hz: u32) -> Self {
        Self { start: now(), per_second: connections as u64 * u64::from(hz), next: 0 }
    }

    /// When the next one is due.
    pub(crate) fn due(&self) -> u64 {
        self.start + (u128::from(self.next) * 1_000_000_000 / u128::from(self.per_second.max(1))) as u64
    }

    /// The next one if it is due: its number and when it was.
    pub(crate) fn take(&mut self, now: u64) -> Option<(u64, u64)> {
        let due = self.due();
        (due <= now).then(|| {
            self.next += 1;
            (self.next - 1, due)
        })
    }
}

/// The server's side of every load.
pub(crate) fn serve<E: Endpoint>(job: &Job) -> Result<(), String> {
    let (mut endpoint, address) = E::serve(job)?;
    say(&Say::Address(address));
    match job.load {
        Load::PingPong { .. } => echo(&mut endpoint),
        Load::Steady { both: true, .. } => {
            while !may_go() {
                endpoint.receive(TURN, &mut |_, _| ())?;
            }
            steady(&mut endpoint, job.load)
        }
        Load::Steady { .. } => loop {
            let mut received = Received::default();
            endpoint.receive(TURN, &mut |_, payload| received.add_stamped(payload, now()))?;
        },
        Load::Flood { .. } | Load::ConnectInTurn | Load::ConnectAtOnce { .. } => loop {
            let mut received = Received::default();
            endpoint.receive(TURN, &mut |_, payload| received.add(payload))?;
        },
    }
}

/// The client's side of every load.
pub(crate) fn call<E: Endpoint>(job: &Job, server: SocketAddr) -> Result<(), String> {
    let mut endpoint = E::client(job, server)?;
    say(&Say::Ready);
    while !may_connect() {
        std::thread::sleep(Duration::from_micros(100));
    }
    if job.load == Load::ConnectInTurn {
        return connect_in_turn(&mut endpoint);
    }
    connect_all(&mut endpoint, job.load)?;
    while !may_go() {
        endpoint.receive(TURN, &mut |_, _| ())?;
    }
    let link = *endpoint.links().first().ok_or("there is no connection")?;
    match job.load {
        Load::Flood { reliable, .. } => flood(&mut endpoint, link, &payload(job.load), reliable),
        Load::PingPong { .. } => ping_pong(&mut endpoint, link, payload(job.load)),
        Load::Steady { .. } => steady(&mut endpoint, job.load),
        Load::ConnectInTurn | Load::ConnectAtOnce { .. } => loop {
            endpoint.receive(TURN, &mut |_, _| ())?;
        },
    }
}

fn connect_all(endpoint: &mut impl Endpoint, load: Load) -> Result<(), String> {
    let wanted = load.connections();
    let at_a_time = if matches!(load, Load::ConnectAtOnce { .. }) { wanted } else { CONNECTING_MAX };
    let started = now();
    let mut begun = 0;
    while endpoint.links().len() < wanted {
        while begun < wanted && begun < endpoint.links().len() + at_a_time {
            endpoint.connect()?;
            begun += 1;
        }
        endpoint.establish(TURN)?;
        BOARD.connecting.store(now() - started, Ordering::Relaxed);
        BOARD.connected.store(endpoint.links().len() as u64, Ordering::Relaxed);
    }
    Ok(())
}

fn connect_in_turn(endpoint: &mut impl Endpoint) -> Result<(), String> {
    loop {
        endpoint.connect()?;
        while endpoint.links().is_empty() {
            endpoint.establish(TURN)?;
        }
        BOARD.connected.fetch_add(1, Ordering::Relaxed);
        while let Some(link) = endpoint.links().first() {
            endpoint.close(*link)?;
        }
    }
}

fn flood(endpoint: &mut impl Endpoint, link: Link, payload: &[u8], reliable: bool) -> Result<(), String> {
    let batch = (BATCH_BYTES / payload.len().max(1)).max(1);
    loop {
        let sent = endpoint.send_many(link, payload, reliable, batch)?;
        BOARD.sent.fetch_add(sent as u64, Ordering::Relaxed);
        endpoint.flush()?;
        if sent < batch {
            endpoint.wait_room(link, TURN)?;
        }
    }
}

fn ping_pong(endpoint: &mut impl Endpoint, link: Link, mut payload: Vec<u8>) -> Result<(), String> {
    loop {
        payload[..8].copy_from_slice(&now().to_le_bytes());
        if !endpoint.send(link, &payload, true)? {
            return Err("no room for a single message".into());
        }
        endpoint.flush()?;
        let mut is_back = false;
        while !is_back {
            let mut received = Received::default();
            endpoint.receive(TURN, &mut |_, payload| {
                received.add_stamped(payload, now());
                is_back = true;
            })?;
        }
    }
}

fn echo(endpoint: &mut impl Endpoint) -> Result<(), String> {
    let mut waiting: Vec<(Link, Vec<u8>)> = Vec::new();
    loop {
        endpoint.receive(TURN, &mut |link, payload| waiting.push((link, payload.to_vec())))?;
        for (link, payload) in waiting.drain(..) {
            if !endpoint.send(link, &payload, true)? {
                return Err("no room for a single message".into());
            }
        }
        endpoint.flush()?;
    }
}

/// Sends by the schedule and receives. The stamp is when a message was due: a late sender is the peer's fault, too.
fn steady(endpoint: &mut impl Endpoint, load: Load) -> Result<(), String> {
    let Load::Steady { connections, hz, reliable, .. } = load else { return Err("not a steady load".into()) };
    let links = endpoint.links().to_vec();
    if links.len() != connections {
        return Err(format!("{} connections are there of {connections}", links.len()));
    }
    let mut payload = payload(load);
    let mut schedule = Schedule::new(connections, hz);
    loop {
        let now = now();
        let mut sent = 0;
        while let Some((number, due)) = schedule.take(now).filter(|_| sent < CATCH_UP) {
            payload[..8].copy_from_slice(&due.to_le_bytes());
            let link = links[(number % links.len() as u64) as usize];
            // One that finds no room is not delivered, and counts as that.
            if endpoint.send(link, &payload, reliable)? {
                BOARD.sent.fetch_add(1, Ordering::Relaxed);
            }
            sent += 1;
        }
        if sent > 0 {
            endpoint.flush()?;
        }
        receive_until(endpoint, schedule.due())?;
    }
}

fn receive_until(endpoint: &mut impl Endpoint, due: u64) -> Result<(), String> {
    let wait = Duration::from_nanos(due.saturating_sub(now())).min(TURN);
    let mut received = Received::default();
    endpoint.receive(wait, &mut |_, payload| received.add_stamped(payload, now()))
}
