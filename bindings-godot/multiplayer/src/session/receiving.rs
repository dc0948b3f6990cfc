//! From messages to packets.

use gamesockets::{ReceivedMessage, SendFlags};

use super::{Incoming, Link, Packet, Session, Status};
use crate::channels::{CONTROL_LANE, Mode, Stream};
use crate::handshake::HOST;
use crate::reasons;

/// How many packets wait here for somebody to take them; further ones wait in the sockets, whose buffers are bounded.
const MAX_WAITING: usize = 4096;
/// The same in bytes.
const MAX_WAITING_BYTES: usize = 16 * 1024 * 1024;
/// How many messages are taken from the sockets at a time.
const BATCH: usize = 64;

impl Session {
    /// How many packets wait to be taken. None before the handshake is done.
    pub fn waiting(&self) -> usize {
        if self.status() == Status::Connecting { 0 } else { self.incoming.packets.len() }
    }

    /// The packet that comes next.
    pub fn peek(&self) -> Option<&Packet> {
        if self.status() == Status::Connecting { None } else { self.incoming.packets.front() }
    }

    /// Takes the next packet.
    pub fn next_packet(&mut self) -> Option<Packet> {
        if self.status() == Status::Connecting {
            return None;
        }
        let packet = self.incoming.packets.pop_front()?;
        self.incoming.bytes -= packet.payload.len();
        Some(packet)
    }

    /// Takes in what has come, as long as there is room.
    pub(super) fn receive(&mut self) {
        while self.incoming.packets.len() < MAX_WAITING && self.incoming.bytes < MAX_WAITING_BYTES {
            let mut messages = std::mem::take(&mut self.messages);
            let taken = self.sockets.receive_messages_on_poll_group_into(self.group, BATCH, &mut messages);
            messages.drain(..).for_each(|message| self.take(message));
            self.messages = messages;
            if taken.is_ok_and(|count| count < BATCH) {
                break;
            }
        }
    }

    /// One message: a handshake, a packet, or nothing that can be.
    pub(super) fn take(&mut self, message: ReceivedMessage) {
        let connection = message.connection;
        let Some(&link) = self.links.get(&connection) else { return };
        if message.lane == CONTROL_LANE {
            return self.shake_hands(connection, &message.payload);
        }
        let from = match link {
            Link::Peer(id) => id,
            Link::Joining { .. } if self.is_host() => {
                return self.violation(connection, reasons::BAD_HANDSHAKE, "a packet came before the handshake");
            }
            // Lanes overtake each other: the host's first packets may come before its welcome. They wait for it, those
            // that may not be lost.
            Link::Joining { .. } if message.flags.contains(SendFlags::RELIABLE) => HOST,
            Link::Joining { .. } => return,
        };
        self.take_packet(from, message);
    }

    fn take_packet(&mut self, from: i32, message: ReceivedMessage) {
        let is_reliable = message.flags.contains(SendFlags::RELIABLE);
        let stream = Stream::of_lane(message.lane).filter(|stream| stream.mode != Mode::Reliable || is_reliable);
        let Some(stream) = stream else {
            self.counters.malformed += 1;
            return;
        };
        if self.peers.get_mut(from).is_some_and(|peer| !peer.admits(stream, message.message_number)) {
            self.counters.late += 1;
            return;
        }
        let Stream { channel, mode } = stream;
        self.incoming.push(Packet { peer: from, channel, mode, payload: message.payload });
    }
}

impl Incoming {
    fn push(&mut self, packet: Packet) {
        self.bytes += packet.payload.len();
        self.packets.push_back(packet);
    }

    pub(super) fn has_from(&self, peer: i32) -> bool {
        self.packets.iter().any(|packet| packet.peer == peer)
    }

    pub(super) fn drop_from(&mut self, peer: i32) {
        self.packets.retain(|packet| packet.peer != peer);
        self.bytes = self.packets.iter().map(|packet| packet.payload.len()).sum();
    }
}
