//! The client's side of the loads.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use quinn::{Connection, Endpoint, VarInt};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinSet;

use super::config::SERVER_NAME;
use super::framing::{Messages, framed};
use super::{config, server, text};
use crate::child::board::{BOARD, Received, now};
use crate::child::{Say, may_connect, may_go, say};
use crate::job::{Job, Load, PeerId};
use crate::peers::loops::Schedule;
use crate::peers::payload;

/// How often orders are looked for.
const TURN: Duration = Duration::from_millis(1);
/// Connections begun and not yet made while many are to be made in an orderly manner.
const CONNECTING_MAX: usize = 64;
/// Bytes written at a time.
const WRITE_BYTES: usize = 64 << 10;
/// Messages of a schedule between two looks at the time.
const CATCH_UP: usize = 1_024;

pub(super) async fn run(job: Job, server: SocketAddr) -> Result<(), String> {
    let endpoint = config::client(&job)?;
    say(&Say::Ready);
    while !may_connect() {
        tokio::time::sleep(TURN).await;
    }
    if job.load == Load::ConnectInTurn {
        return connect_in_turn(&endpoint, server).await;
    }
    let links = connect_all(&endpoint, server, job.load).await?;
    for link in &links {
        if let Load::Steady { reliable: false, both: true, .. } = job.load {
            tokio::spawn(server::datagrams(link.clone(), true));
        }
    }
    while !may_go() {
        tokio::time::sleep(TURN).await;
    }
    let link = links.first().ok_or("there is no connection")?.clone();
    match job.load {
        Load::Flood { reliable: false, .. } => flood_datagrams(link, payload(job.load)).await,
        Load::Flood { .. } if job.peer == PeerId::QuinnStreams => flood_streams(link, payload(job.load)).await,
        Load::Flood { .. } => flood(link, &payload(job.load)).await,
        Load::PingPong { .. } => ping_pong(link, payload(job.load)).await,
        Load::Steady { .. } => steady(links, job.load).await,
        Load::ConnectInTurn | Load::ConnectAtOnce { .. } => {
            endpoint.wait_idle().await;
            Ok(())
        }
    }
}

async fn connect(endpoint: Endpoint, server: SocketAddr) -> Result<Connection, String> {
    endpoint.connect(server, SERVER_NAME).map_err(text)?.await.map_err(text)
}

async fn connect_all(endpoint: &Endpoint, server: SocketAddr, load: Load) -> Result<Vec<Connection>, String> {
    let wanted = load.connections();
    let at_a_time = if matches!(load, Load::ConnectAtOnce { .. }) { wanted } else { CONNECTING_MAX };
    let started = now();
    let mut links = Vec::with_capacity(wanted);
    let mut connecting = JoinSet::new();
    while links.len() < wanted {
        while links.len() + connecting.len() < wanted && connecting.len() < at_a_time {
            connecting.spawn(connect(endpoint.clone(), server));
        }
        let Some(link) = connecting.join_next().await else { break };
        links.push(link.map_err(text)??);
        BOARD.connecting.store(now() - started, Ordering::Relaxed);
        BOARD.connected.store(links.len() as u64, Ordering::Relaxed);
    }
    Ok(links)
}

async fn connect_in_turn(endpoint: &Endpoint, server: SocketAddr) -> Result<(), String> {
    loop {
        let link = connect(endpoint.clone(), server).await?;
        BOARD.connected.fetch_add(1, Ordering::Relaxed);
        link.close(VarInt::from_u32(0), b"");
    }
}

/// One stream. Small messages are gathered before they are written, as any application that has many would.
async fn flood(link: Connection, payload: &[u8]) -> Result<(), String> {
    let mut stream = link.open_uni().await.map_err(text)?;
    let message = framed(payload);
    let count = (WRITE_BYTES / message.len()).max(1);
    let bytes = bytes::Bytes::from(message.repeat(count));
    loop {
        stream.write_chunk(bytes.clone()).await.map_err(text)?;
        BOARD.sent.fetch_add(count as u64, Ordering::Relaxed);
    }
}

async fn flood_streams(link: Connection, payload: Vec<u8>) -> Result<(), String> {
    let payload = bytes::Bytes::from(payload);
    loop {
        let mut stream = link.open_uni().await.map_err(text)?;
        stream.write_chunk(payload.clone()).await.map_err(text)?;
        stream.finish().map_err(text)?;
        BOARD.sent.fetch_add(1, Ordering::Relaxed);
    }
}

async fn flood_datagrams(link: Connection, payload: Vec<u8>) -> Result<(), String> {
    let payload = bytes::Bytes::from(payload);
    loop {
        link.send_datagram_wait(payload.clone()).await.map_err(text)?;
        BOARD.sent.fetch_add(1, Ordering::Relaxed);
    }
}

async fn ping_pong(link: Connection, mut payload: Vec<u8>) -> Result<(), String> {
    let (mut sender, receiver) = link.open_bi().await.map_err(text)?;
    let mut messages = Messages::new(receiver);
    loop {
        payload[..8].copy_from_slice(&now().to_le_bytes());
        sender.write_all(&framed(&payload)).await.map_err(text)?;
        let mut is_back = false;
        while !is_back {
            let mut received = Received::default();
            let each = |payload: &[u8]| {
                received.add_stamped(payload, now());
                is_back = true;
            };
            if !messages.receive(each).await? {
                return Err("the stream has ended".into());
            }
        }
    }
}

/// Sends by the schedule, from a thread of its own: tokio's timers are too coarse for it.
pub(super) async fn steady(links: Vec<Connection>, load: Load) -> Result<(), String> {
    let Load::Steady { connections, hz, reliable, .. } = load else { return Err("not a steady load".into()) };
    if links.len() != connections {
        return Err(format!("{} connections are there of {connections}", links.len()));
    }
    let mut streams = Vec::new();
    if reliable {
        for link in &links {
            let stream = link.open_uni().await.map_err(text)?;
            let (sender, receiver) = unbounded_channel();
            tokio::spawn(write_all(stream, receiver));
            streams.push(sender);
        }
    }
    let send = move |number: u64, payload: &[u8]| {
        let index = (number % links.len() as u64) as usize;
        match streams.get(index) {
            Some(stream) => stream.send(framed(payload)).is_ok(),
            None => links[index].send_datagram(bytes::Bytes::copy_from_slice(payload)).is_ok(),
        }
    };
    tokio::task::spawn_blocking(move || pace(load, connections, hz, send)).await.map_err(text)
}

/// Never ends. The stamp is when a message was due: a late sender is the peer's fault, too.
fn pace(load: Load, connections: usize, hz: u32, send: impl Fn(u64, &[u8]) -> bool) {
    let mut payload = payload(load);
    let mut schedule = Schedule::new(connections, hz);
    loop {
        let now_is = now();
        let mut sent = 0;
        while let Some((number, due)) = schedule.take(now_is).filter(|_| sent < CATCH_UP) {
            payload[..8].copy_from_slice(&due.to_le_bytes());
            sent += 1;
            // One that finds no room is not delivered, and counts as that.
            if send(number, &payload) {
                BOARD.sent.fetch_add(1, Ordering::Relaxed);
            }
        }
        std::thread::sleep(Duration::from_nanos(schedule.due().saturating_sub(now())));
    }
}

async fn write_all(mut stream: quinn::SendStream, mut messages: UnboundedReceiver<Vec<u8>>) -> Result<(), String> {
    while let Some(message) = messages.recv().await {
        stream.write_all(&message).await.map_err(text)?;
    }
    Ok(())
}
