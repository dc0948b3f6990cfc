//! The server's side of the loads.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use quinn::{Connection, RecvStream, SendStream};

use super::framing::{Messages, framed};
use super::{client, config, text};
use crate::child::board::{Received, now};
use crate::child::{Say, may_go, say};
use crate::job::{Job, Load, PeerId};

/// The connections, for the loads where the server sends by itself.
type Links = Arc<Mutex<Vec<Connection>>>;

pub(super) async fn run(job: Job) -> Result<(), String> {
    let endpoint = config::server(&job)?;
    say(&Say::Address(endpoint.local_addr().map_err(text)?));
    let links = Links::default();
    if let Load::Steady { both: true, .. } = job.load {
        let links = Arc::clone(&links);
        tokio::spawn(async move {
            while !may_go() {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            let links = links.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Err(error) = client::steady(links, job.load).await {
                say(&Say::Failed(error));
            }
        });
    }
    while let Some(incoming) = endpoint.accept().await {
        let links = Arc::clone(&links);
        tokio::spawn(async move {
            // One that fails has gone: the client hung up.
            let Ok(connection) = incoming.await else { return };
            links.lock().unwrap_or_else(PoisonError::into_inner).push(connection.clone());
            serve(connection, job, links).await;
        });
    }
    Ok(())
}

/// Serves a connection until it ends; how it ends is nobody's concern.
async fn serve(connection: Connection, job: Job, links: Links) {
    match job.load {
        Load::Flood { reliable: false, .. } | Load::Steady { reliable: false, .. } => {
            let _ = datagrams(connection.clone(), matches!(job.load, Load::Steady { .. })).await;
        }
        Load::Flood { .. } if job.peer == PeerId::QuinnStreams => {
            while let Ok(stream) = connection.accept_uni().await {
                tokio::spawn(count_one(stream));
            }
        }
        Load::Flood { .. } | Load::Steady { .. } => {
            while let Ok(stream) = connection.accept_uni().await {
                tokio::spawn(count(stream, matches!(job.load, Load::Steady { .. })));
            }
        }
        Load::PingPong { .. } => {
            while let Ok((sender, receiver)) = connection.accept_bi().await {
                tokio::spawn(echo(sender, receiver));
            }
        }
        Load::ConnectInTurn | Load::ConnectAtOnce { .. } => {
            connection.closed().await;
            let mut links = links.lock().unwrap_or_else(PoisonError::into_inner);
            links.retain(|known| known.stable_id() != connection.stable_id());
        }
    }
}

/// Counts datagrams; with `stamped`, how long they took.
pub(super) async fn datagrams(connection: Connection, stamped: bool) -> Result<(), String> {
    loop {
        let datagram = connection.read_datagram().await.map_err(text)?;
        let mut received = Received::default();
        if stamped { received.add_stamped(&datagram, now()) } else { received.add(&datagram) }
    }
}

async fn count(stream: RecvStream, stamped: bool) -> Result<(), String> {
    let mut messages = Messages::new(stream);
    let mut goes_on = true;
    while goes_on {
        let mut received = Received::default();
        let each = |payload: &[u8]| if stamped { received.add_stamped(payload, now()) } else { received.add(payload) };
        goes_on = messages.receive(each).await?;
    }
    Ok(())
}

/// Counts a message that has a stream to itself.
async fn count_one(mut stream: RecvStream) -> Result<(), String> {
    let payload = stream.read_to_end(1 << 20).await.map_err(text)?;
    Received::default().add(&payload);
    Ok(())
}

async fn echo(mut sender: SendStream, receiver: RecvStream) -> Result<(), String> {
    let mut messages = Messages::new(receiver);
    let mut waiting = Vec::new();
    while messages.receive(|payload| waiting.push(framed(payload))).await? {
        for message in waiting.drain(..) {
            sender.write_all(&message).await.map_err(text)?;
        }
    }
    Ok(())
}
