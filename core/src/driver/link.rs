//! A connection's way out: to a UDP socket, to relays, or to the other end of its pipe.

use std::cell::RefCell;
use std::io;
use std::net::{Ipv6Addr, SocketAddr};
use std::sync::{Arc, Weak};
use std::time::Duration;

use gamesockets_proto as proto;
use gamesockets_proto::Timestamp;
use gamesockets_proto::signals::Signal;

use super::Driver;
use super::connection::ConnectionCell;
use super::p2p::Relays;
use super::socket::{Route, UdpSocket};

/// Packets that are made for a relay in one go.
const PACKETS_AT_ONCE: usize = 16;
/// How long datagrams wait that the socket had no room for.
const RETRY_SEND: Duration = Duration::from_millis(1);

thread_local! {
    /// Where datagrams are written before they are sent, so that none is allocated for.
    static SEND_BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The address of a peer whose address is nobody's business.
pub(crate) const NOWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0);

/// The way out of a connection.
pub(crate) enum Link {
    Udp(UdpLink),
    Met(MetLink),
    /// The other end, which fetches what is for it.
    Pipe(Weak<ConnectionCell>),
}

/// The ways to a peer that was met through signals.
pub(crate) struct MetLink {
    relays: Arc<Relays>,
    /// The revision of our relay routes that the peer was told last.
    told: u32,
}

/// The way to a peer by UDP.
pub(crate) struct UdpLink {
    socket: Arc<UdpSocket>,
    route: Route,
    /// Datagrams that the socket had no room for, and the size of each.
    unsent: Option<(Vec<u8>, usize)>,
}

impl Link {
    pub(crate) const fn udp(socket: Arc<UdpSocket>, route: Route) -> Self {
        Self::Udp(UdpLink { socket, route, unsent: None })
    }

    /// By signals, and then by relays.
    pub(crate) const fn met(relays: Arc<Relays>) -> Self {
        Self::Met(MetLink { relays, told: 0 })
    }

    /// When to try again what the socket had no room for.
    pub(super) fn retry(&self, now: Timestamp) -> Option<Timestamp> {
        matches!(self, Self::Udp(UdpLink { unsent: Some(_), .. })).then(|| now + RETRY_SEND)
    }
}

impl MetLink {
    /// Sends everything that the engine wants to send now, and gives the signals, which leave without our lock.
    pub(super) fn transmit(&mut self, driver: &Driver, now: Timestamp, engine: &mut proto::Connection) -> Vec<Signal> {
        self.relays.attend(driver, now, engine, &mut self.told);
        SEND_BUFFER.with_borrow_mut(|buffer| {
            loop {
                buffer.clear();
                let Some(transmit) = engine.poll_transmit(now, buffer, PACKETS_AT_ONCE) else { break };
                if let Some(route) = transmit.route {
                    self.relays.send(route, transmit.segment_size, buffer);
                }
            }
        });
        std::iter::from_fn(|| engine.poll_signal(now)).collect()
    }
}

impl UdpLink {
    /// Sends everything that the engine wants to send now.
    pub(super) fn transmit(&mut self, now: Timestamp, engine: &mut proto::Connection) {
        if !self.send_again() {
            return;
        }
        SEND_BUFFER.with_borrow_mut(|buffer| {
            let most = self.socket.max_segments();
            loop {
                buffer.clear();
                let mtu = usize::from(engine.config().mtu_packet_size).max(1);
                let datagrams = most.min(UdpSocket::max_send_bytes() / mtu).max(1);
                let Some(transmit) = engine.poll_transmit(now, buffer, datagrams) else { return };
                if !self.send(buffer, transmit.segment_size) {
                    return;
                }
            }
        });
    }

    /// Sends datagrams, or keeps them for later; answers whether there is room for more.
    fn send(&mut self, datagrams: &[u8], segment_size: usize) -> bool {
        match self.socket.send(self.route, segment_size, datagrams) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.unsent = Some((datagrams.to_vec(), segment_size));
                false
            }
            _ => true,
        }
    }

    fn send_again(&mut self) -> bool {
        match self.unsent.take() {
            None => true,
            Some((datagrams, segment_size)) => self.send(&datagrams, segment_size),
        }
    }
}
