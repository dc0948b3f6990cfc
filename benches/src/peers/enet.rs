//! ENet, in Rust: `rusty_enet`, a transcription of the C library.

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use rusty_enet::{Event, Host, HostSettings, Packet, Peer, PeerID};

use super::sockets::{bound, wait_readable};
use super::{Endpoint, Link, Profile, no_tunings};
use crate::job::{Job, Load, PeerId};

pub(super) const PROFILE: Profile = Profile {
    id: PeerId::Enet,
    name: "ENet",
    is: "ENet 1.3, as rusty_enet 0.4; it encrypts nothing",
    settings: &[
        "unreliable messages are never throttled; reliable ones are sent ahead of the receiver by at most 1 MiB, which \
         the receiver confirms (ENet's own window of 64 KiB stays)",
        "waits for its socket; all client connections share one socket, which spares it work that the others have",
    ],
    tunings: no_tunings,
    refusal: |job| {
        let too_many = job.load.connections() > PeerID::MAX;
        too_many.then_some("it has at most 4,095 connections in a host")
    },
};

/// Messages, and what confirms them.
const DATA: u8 = 0;
const CREDIT: u8 = 1;
/// Reliable bytes that may be ahead of the receiver, and how many are confirmed at a time. ENet itself takes any number,
/// and has no call that tells how many wait.
const AHEAD_MAX: u64 = 1 << 20;
const CREDIT_BYTES: u64 = 128 << 10;
/// ENet's scale of the throttle: nothing is dropped.
const NEVER_DROP: u32 = 32;

pub(super) struct Enet {
    host: Host<UdpSocket>,
    /// The host's socket again, to wait for it.
    socket: UdpSocket,
    server: Option<SocketAddr>,
    mtu: u16,
    /// Reliable data is confirmed: only where it is sent without end.
    confirms: bool,
    links: Vec<Link>,
    ahead: u64,
    unconfirmed: HashMap<Link, u64>,
    /// Messages that were taken while connecting.
    early: Vec<(Link, Packet)>,
}

impl Enet {
    fn new(job: &Job, server: Option<SocketAddr>) -> Result<Self, String> {
        let socket = bound()?;
        let again = socket.try_clone().map_err(|error| error.to_string())?;
        let peer_limit = if server.is_some() { job.load.connections() } else { PeerID::MAX };
        let settings = HostSettings { peer_limit, channel_limit: 2, ..HostSettings::default() };
        let mut host = Host::new(socket, settings).map_err(|error| error.to_string())?;
        host.set_mtu(job.mtu).map_err(|error| error.to_string())?;
        Ok(Self {
            host,
            socket: again,
            server,
            mtu: job.mtu,
            confirms: matches!(job.load, Load::Flood { reliable: true, .. }),
            links: Vec::new(),
            ahead: 0,
            unconfirmed: HashMap::new(),
            early: Vec::new(),
        })
    }

    fn peer(&mut self, link: Link) -> Result<&mut Peer<UdpSocket>, String> {
        self.host.get_peer_mut(PeerID(link as usize)).ok_or_else(|| format!("there is no peer {link}"))
    }

    /// Handles what has come; answers whether anything has.
    fn service(&mut self, each: &mut impl FnMut(Link, &[u8])) -> Result<bool, String> {
        let mut any = false;
        for (link, packet) in self.early.drain(..) {
            each(link, packet.data());
            any = true;
        }
        let mut credits = Vec::new();
        while let Some(event) = self.host.service().map_err(|error| error.to_string())? {
            any = true;
            match event {
                Event::Connect { peer, .. } => {
                    peer.set_throttle(0, NEVER_DROP, 0);
                    peer.set_mtu(self.mtu).map_err(|error| error.to_string())?;
                    self.links.push(peer.id().0 as Link);
                }
                Event::Disconnect { peer, .. } => {
                    let link = peer.id().0 as Link;
                    self.links.retain(|known| *known != link);
                }
                Event::Receive { channel_id: CREDIT, .. } => self.ahead = self.ahead.saturating_sub(CREDIT_BYTES),
                Event::Receive { peer, packet, .. } => {
                    let link = peer.id().0 as Link;
                    each(link, packet.data());
                    if self.confirms {
                        let bytes = self.unconfirmed.entry(link).or_default();
                        *bytes += packet.data().len() as u64;
                        credits.extend((0..*bytes / CREDIT_BYTES).map(|_| link));
                        *bytes %= CREDIT_BYTES;
                    }
                }
            }
        }
        for link in credits {
            self.peer(link)?.send(CREDIT, &Packet::reliable(&[0_u8][..])).map_err(|error| error.to_string())?;
        }
        Ok(any)
    }
}

impl Endpoint for Enet {
    fn serve(job: &Job) -> Result<(Self, SocketAddr), String> {
        let enet = Self::new(job, None)?;
        let address = enet.socket.local_addr().map_err(|error| error.to_string())?;
        Ok((enet, address))
    }

    fn client(job: &Job, server: SocketAddr) -> Result<Self, String> {
        Self::new(job, Some(server))
    }

    fn connect(&mut self) -> Result<(), String> {
        let server = self.server.ok_or("a server does not connect")?;
        self.host.connect(server, 2, 0).map(drop).map_err(|error| error.to_string())?;
        self.host.flush();
        Ok(())
    }

    fn establish(&mut self, wait: Duration) -> Result<(), String> {
        let mut early = Vec::new();
        if !self.service(&mut |link, payload| early.push((link, Packet::reliable(payload))))? {
            wait_readable(&self.socket, wait);
        }
        self.early.extend(early);
        Ok(())
    }

    fn links(&self) -> &[Link] {
        &self.links
    }

    fn close(&mut self, link: Link) -> Result<(), String> {
        self.links.retain(|known| *known != link);
        self.peer(link)?.disconnect_now(0);
        Ok(())
    }

    fn send(&mut self, link: Link, payload: &[u8], reliable: bool) -> Result<bool, String> {
        if reliable && self.confirms {
            if self.ahead + payload.len() as u64 > AHEAD_MAX {
                return Ok(false);
            }
            self.ahead += payload.len() as u64;
        }
        let packet = if reliable { Packet::reliable(payload) } else { Packet::unreliable(payload) };
        self.peer(link)?.send(DATA, &packet).map_err(|error| error.to_string())?;
        Ok(true)
    }

    fn flush(&mut self) -> Result<(), String> {
        let mut early = Vec::new();
        self.service(&mut |link, payload| early.push((link, Packet::reliable(payload))))?;
        self.early.extend(early);
        Ok(())
    }

    fn wait_room(&mut self, _link: Link, wait: Duration) -> Result<(), String> {
        self.establish(wait)
    }

    fn receive(&mut self, wait: Duration, each: &mut impl FnMut(Link, &[u8])) -> Result<(), String> {
        if !self.service(each)? {
            // It has timers of its own.
            wait_readable(&self.socket, wait.min(Duration::from_millis(1)));
            self.service(each)?;
        }
        // Acknowledgements and credits.
        self.host.flush();
        Ok(())
    }
}
