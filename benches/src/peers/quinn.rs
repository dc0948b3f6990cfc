//! QUIC: quinn on tokio. It is asynchronous, so the loads are written once more here, in its own manner.

mod client;
mod config;
mod framing;
mod server;

use std::net::SocketAddr;

use super::{Profile, Tunings};
use crate::job::{Job, Load, PeerId};

const THREADS: &[u64] = &[1, 2];
const ONE_THREAD: &[u64] = &[1];

pub(super) const PROFILE: Profile = Profile {
    id: PeerId::Quinn,
    name: "quinn",
    is: "quinn 0.11 (QUIC) with rustls and aws-lc-rs, AES-256-GCM",
    settings: &[
        "GSO and GRO as it uses them; a fixed MTU, the same as ours; windows of 16 MiB; acknowledgements as by default",
        "reliable messages: one stream, each with its length before it; unreliable ones: datagrams",
        "Cubic on loopback, BBR on all other paths; a current-thread tokio or one with two threads, the better counts",
        "all client connections share one socket, which spares it work that the others have",
    ],
    tunings,
    refusal: |_| None,
};

pub(super) const PROFILE_CUBIC: Profile = Profile {
    id: PeerId::QuinnCubic,
    name: "quinn, Cubic",
    settings: &["the same with Cubic, its default, on paths other than loopback"],
    refusal: |job| match job.path {
        Some(_) if job.is_flood() => None,
        _ => Some("only for bulk on paths that are not loopback"),
    },
    ..PROFILE
};

pub(super) const PROFILE_STREAMS: Profile = Profile {
    id: PeerId::QuinnStreams,
    name: "quinn, streams",
    settings: &["the same with a stream for each message, so that none waits for another"],
    refusal: |job| match job.load {
        Load::Flood { reliable: true, len: 64, nagle: true } if job.path.is_none() => None,
        _ => Some("only for small reliable messages"),
    },
    ..PROFILE
};

fn tunings(job: &Job) -> Tunings {
    let values = if job.is_flood() && job.path.is_none() { THREADS } else { ONE_THREAD };
    Tunings { of: "threads", values }
}

/// Is the server until the process ends.
pub(super) fn serve(job: &Job) -> Result<(), String> {
    config::runtime(job)?.block_on(server::run(*job))
}

/// Is the client until the process ends.
pub(super) fn call(job: &Job, server: SocketAddr) -> Result<(), String> {
    config::runtime(job)?.block_on(client::run(*job, server))
}

fn text(error: impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
