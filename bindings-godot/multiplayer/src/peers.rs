//! The peers by number, and what is kept of each.

use std::collections::{BTreeMap, VecDeque};

use gamesockets::Connection;

use crate::channels::{CHANNELS, Mode, Stream};
use crate::handshake::is_client;

/// A peer that said who it is.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) connection: Connection,
    /// How many channels have lanes to send on.
    pub(crate) channels: u16,
    /// Its connection has ended; it leaves when its last packets have been handed over.
    pub(crate) has_ended: bool,
    order: Order,
}

impl Peer {
    pub(crate) fn new(connection: Connection, channels: u16) -> Self {
        Self { connection, channels, has_ended: false, order: Order::default() }
    }

    /// Whether a packet is to be handed over: not if it has to be in order and comes late.
    pub(crate) fn admits(&mut self, stream: Stream, number: u64) -> bool {
        stream.mode != Mode::UnreliableOrdered || self.order.advance(stream.channel, number)
    }
}

/// The peers by number.
#[derive(Debug, Default)]
pub(crate) struct Peers {
    peers: BTreeMap<i32, Peer>,
}

impl Peers {
    pub(crate) fn len(&self) -> usize {
        self.peers.len()
    }

    pub(crate) fn insert(&mut self, id: i32, peer: Peer) {
        self.peers.insert(id, peer);
    }

    pub(crate) fn remove(&mut self, id: i32) -> Option<Peer> {
        self.peers.remove(&id)
    }

    pub(crate) fn get(&self, id: i32) -> Option<&Peer> {
        self.peers.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: i32) -> Option<&mut Peer> {
        self.peers.get_mut(&id)
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = i32> {
        self.peers.keys().copied()
    }

    /// The number that a client gets who would like this one: it, or if it is taken the next that is free. 0 likes any.
    pub(crate) fn assign(&self, liked: i32) -> i32 {
        let mut id = liked;
        while !is_client(id) || self.peers.contains_key(&id) {
            id = id.wrapping_add(1).max(0);
        }
        id
    }
}

/// The latest packet of each channel that has to be in order.
#[derive(Debug, Default)]
struct Order {
    latest: Vec<u64>,
}

impl Order {
    /// Whether this packet is later than all before it.
    fn advance(&mut self, channel: u16, number: u64) -> bool {
        debug_assert!(channel < CHANNELS, "bounded by the lanes");
        let index = usize::from(channel);
        if index >= self.latest.len() {
            self.latest.resize(index + 1, 0);
        }
        let latest = &mut self.latest[index];
        let is_later = number > *latest;
        *latest = number.max(*latest);
        is_later
    }
}

/// The numbers of peers that were put out by force: nobody was told that they are gone, and packets for them go on.
#[derive(Debug, Default)]
pub(crate) struct Expelled(VecDeque<i32>);

/// So many are remembered, the latest.
const EXPELLED_MAX: usize = 4096;

impl Expelled {
    pub(crate) fn add(&mut self, id: i32) {
        self.remove(id);
        if self.0.len() == EXPELLED_MAX {
            self.0.pop_front();
        }
        self.0.push_back(id);
    }

    pub(crate) fn remove(&mut self, id: i32) {
        self.0.retain(|other| *other != id);
    }

    pub(crate) fn contains(&self, id: i32) -> bool {
        self.0.contains(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer() -> Peer {
        Peer::new(Connection::from_raw(1), 1)
    }

    #[test]
    fn a_packet_that_was_overtaken_is_dropped_on_its_channel_alone() {
        let mut peer = peer();
        let ordered = |channel| Stream { channel, mode: Mode::UnreliableOrdered };
        let admitted: Vec<bool> = [1, 3, 2, 3, 4].map(|number| peer.admits(ordered(0), number)).into();
        assert_eq!(admitted, [true, true, false, false, true]);
        assert!(peer.admits(ordered(5), 1));
        assert!(peer.admits(Stream { channel: 0, mode: Mode::Unreliable }, 1));
        assert!(peer.admits(Stream { channel: 0, mode: Mode::Reliable }, 1));
    }

    #[test]
    fn a_client_gets_the_number_it_likes_or_the_next_that_is_free() {
        let mut peers = Peers::default();
        assert_eq!(peers.assign(77), 77);
        assert_eq!(peers.assign(0), 2);
        for id in [77, 78, 2, i32::MAX] {
            peers.insert(id, peer());
        }
        assert_eq!(peers.assign(77), 79);
        assert_eq!(peers.assign(0), 3);
        assert_eq!(peers.assign(i32::MAX), 3, "the numbers go round");
        assert_eq!(peers.assign(-9), 3);
    }
}
