//! The peers: each in its own file, with its settings beside it.
//!
//! Those that are called from a loop are an [`Endpoint`], and [`loops`] has the loads once for all of them. QUIC is
//! asynchronous, and has its loads to itself.

pub(crate) mod loops;
pub(crate) mod sockets;
mod ours;
mod valve;
mod quinn;
mod renet;
mod enet;

use std::net::SocketAddr;
use std::time::Duration;

use crate::job::{Job, Load, PeerId};

/// What the report tells of a peer.
pub(crate) struct Profile {
    pub(crate) id: PeerId,
    /// As a column's head.
    pub(crate) name: &'static str,
    /// What it is, and its version.
    pub(crate) is: &'static str,
    /// How it was set up so that it does its best.
    pub(crate) settings: &'static [&'static str],
    /// Values of its main setting that are tried for a job; the best counts. None: it has no such setting.
    pub(crate) tunings: fn(&Job) -> Tunings,
    /// Why it does not do a job, if it does not.
    pub(crate) refusal: fn(&Job) -> Option<&'static str>,
}

/// What the tunings are, and which.
pub(crate) struct Tunings {
    pub(crate) of: &'static str,
    pub(crate) values: &'static [u64],
}

pub(crate) const NO_TUNINGS: Tunings = Tunings { of: "", values: &[0] };

/// In the order of the report's columns.
pub(crate) const PROFILES: &[Profile] = &[
    ours::PROFILE,
    valve::PROFILE,
    quinn::PROFILE,
    quinn::PROFILE_CUBIC,
    quinn::PROFILE_STREAMS,
    renet::PROFILE,
    enet::PROFILE,
];

/// A connection, as its peer names it.
pub(crate) type Link = u32;

/// One end of a peer that is called from a loop.
pub(crate) trait Endpoint: Sized {
    /// A server on a free port of this machine.
    fn serve(job: &Job) -> Result<(Self, SocketAddr), String>;

    /// A client, not connected yet.
    fn client(job: &Job, server: SocketAddr) -> Result<Self, String>;

    /// Begins one more connection to the server.
    fn connect(&mut self) -> Result<(), String>;

    /// Goes on with connecting, and waits for it up to this long.
    fn establish(&mut self, wait: Duration) -> Result<(), String>;

    /// The established connections.
    fn links(&self) -> &[Link];

    fn close(&mut self, link: Link) -> Result<(), String>;

    /// Sends a message, or answers that there is no room.
    fn send(&mut self, link: Link, payload: &[u8], reliable: bool) -> Result<bool, String>;

    /// Sends so many copies; answers how many there was room for.
    fn send_many(&mut self, link: Link, payload: &[u8], reliable: bool, count: usize) -> Result<usize, String> {
        for sent in 0..count {
            if !self.send(link, payload, reliable)? {
                return Ok(sent);
            }
        }
        Ok(count)
    }

    /// Lets what was sent go, where that is not done by itself.
    fn flush(&mut self) -> Result<(), String>;

    /// Waits until there may be room to send on a connection.
    fn wait_room(&mut self, link: Link, wait: Duration) -> Result<(), String>;

    /// Takes what has come, or waits for it up to this long. Accepts connections, too.
    fn receive(&mut self, wait: Duration, each: &mut impl FnMut(Link, &[u8])) -> Result<(), String>;
}

pub(crate) fn profile(peer: PeerId) -> &'static Profile {
    PROFILES.iter().find(|profile| profile.id == peer).unwrap_or(&PROFILES[0])
}

/// Is the server of a job until the process ends.
pub(crate) fn serve(job: &Job, library: Option<&std::path::Path>) -> Result<(), String> {
    match job.peer {
        PeerId::Ours => loops::serve::<ours::Ours>(job),
        PeerId::Valve => valve::with_library(library, || loops::serve::<valve::Valve>(job)),
        PeerId::Quinn | PeerId::QuinnCubic | PeerId::QuinnStreams => quinn::serve(job),
        PeerId::Renet => loops::serve::<renet::Server>(job),
        PeerId::Enet => loops::serve::<enet::Enet>(job),
    }
}

/// Is the client of a job until the process ends.
pub(crate) fn call(job: &Job, server: SocketAddr, library: Option<&std::path::Path>) -> Result<(), String> {
    match job.peer {
        PeerId::Ours => loops::call::<ours::Ours>(job, server),
        PeerId::Valve => valve::with_library(library, || loops::call::<valve::Valve>(job, server)),
        PeerId::Quinn | PeerId::QuinnCubic | PeerId::QuinnStreams => quinn::call(job, server),
        PeerId::Renet => loops::call::<renet::Clients>(job, server),
        PeerId::Enet => loops::call::<enet::Enet>(job, server),
    }
}

fn no_refusal(_: &Job) -> Option<&'static str> {
    None
}

fn no_tunings(_: &Job) -> Tunings {
    NO_TUNINGS
}

/// The payload of a load: its first bytes may become a stamp.
pub(crate) fn payload(load: Load) -> Vec<u8> {
    match load {
        Load::Flood { len, .. } | Load::Steady { len, .. } | Load::PingPong { len } => vec![0xa5; len],
        Load::ConnectInTurn | Load::ConnectAtOnce { .. } => Vec::new(),
    }
}
