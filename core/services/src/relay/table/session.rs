//! One session, as the relay keeps it.

use core::net::SocketAddr;

use super::budget::Bucket;
use super::replay::ReplayWindow;
use crate::relay::SLOT_RELAY;
use crate::relay::datagram::{Header, Kind};
use crate::relay::keys::{Direction, SessionKeys};
use crate::relay::records::Record;
use crate::relay::token::{Endpoint, IdentityHash};

/// Who is in a slot of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// The peer's session, and which of those that had its number.
    pub(super) session: u32,
    pub(super) generation: u64,
    pub(super) endpoint: Endpoint,
    /// The peer's number for the owner of this slot.
    pub(super) theirs: u8,
}

/// A client with an address that is proven, and a key.
pub(super) struct Session {
    pub(super) number: u32,
    /// Differs between sessions that have the same number one after the other.
    pub(super) generation: u64,
    pub(super) address: SocketAddr,
    pub(super) keys: SessionKeys,
    pub(super) endpoint: Endpoint,
    pub(super) identity: IdentityHash,
    pub(super) window: ReplayWindow,
    pub(super) heard: u64,
    pub(super) bytes: Bucket,
    pub(super) packets: Bucket,
    pub(super) slots: Vec<Option<Slot>>,
    counter: u32,
    /// What it was opened with, and the answer: until the first datagram shows that the client has heard.
    opened: Option<Box<([u8; 32], Vec<u8>)>>,
}

impl Session {
    #[expect(clippy::too_many_arguments, reason = "every field that a session begins with")]
    pub(super) fn new(
        now: u64,
        number: u32,
        generation: u64,
        address: SocketAddr,
        keys: SessionKeys,
        endpoint: Endpoint,
        identity: IdentityHash,
        (kbps, pps): (u32, u32),
        opened: ([u8; 32], Vec<u8>),
    ) -> Self {
        let bytes = u64::from(kbps) * 125;
        Self {
            number,
            generation,
            address,
            keys,
            endpoint,
            identity,
            window: ReplayWindow::default(),
            heard: now,
            bytes: Bucket::new(now, bytes, 2 * bytes),
            packets: Bucket::new(now, pps.into(), 2 * u64::from(pps)),
            slots: Vec::new(),
            counter: 0,
            opened: Some(Box::new(opened)),
        }
    }

    /// The answer to a repeated OPEN with this key.
    pub(super) fn opened_for(&self, ephemeral: &[u8]) -> Option<Vec<u8>> {
        let (of, answer) = self.opened.as_deref()?;
        (of[..] == *ephemeral).then(|| answer.clone())
    }

    /// An authentic datagram of the client's came.
    pub(super) fn heard_now(&mut self, now: u64) {
        self.heard = now;
        // It has heard that it is open.
        self.opened = None;
    }

    /// The counter for a datagram to the client. Once there is none left, the client misses answers, and opens anew.
    pub(super) fn next_counter(&mut self) -> Option<u32> {
        self.counter = self.counter.checked_add(1)?;
        Some(self.counter)
    }

    /// The slot of a peer, or one that is free; `None` if all are taken.
    pub(super) fn slot_of(&self, endpoint: Endpoint) -> Option<u8> {
        let of_peer = |slot: &Option<Slot>| slot.is_some_and(|slot| slot.endpoint == endpoint);
        let known = self.slots.iter().position(of_peer);
        let slot = known.or_else(|| self.slots.iter().position(Option::is_none)).unwrap_or(self.slots.len());
        u8::try_from(slot).ok().filter(|&slot| slot != SLOT_RELAY)
    }

    /// Puts a peer into a slot; whether that changes anything.
    pub(super) fn set_slot(&mut self, slot: u8, peer: Slot) -> bool {
        let index = usize::from(slot);
        if self.slots.len() <= index {
            self.slots.resize(index + 1, None);
        }
        self.slots[index].replace(peer) != Some(peer)
    }

    /// A KEEPALIVE with these records.
    pub(super) fn keep_alive(&mut self, records: &[Record]) -> (SocketAddr, Vec<u8>) {
        let (mut payload, mut datagram) = (Vec::new(), Vec::new());
        records.iter().for_each(|record| record.write(&mut payload));
        let counter = self.next_counter().unwrap_or(self.counter);
        let header = Header { kind: Kind::KeepAlive, session: self.number, counter, slot: SLOT_RELAY };
        header.write(&self.keys, Direction::Down, &payload, &mut datagram);
        (self.address, datagram)
    }
}
