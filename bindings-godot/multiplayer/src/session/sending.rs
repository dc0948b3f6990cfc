//! To whom a packet goes, and how.

use gamesockets::{OutgoingMessage, SendFlags};

use super::{Error, Session, Status};
use crate::channels::{CHANNELS, Mode, Stream, lane_shares};

impl Session {
    /// Sends a packet. `target` is a peer's number, 0 for all peers, or the negative number of the one peer that is left
    /// out. A client has one peer, the host. `extra` are `NO_NAGLE` and `NO_DELAY`, or nothing.
    ///
    /// # Errors
    /// [`Error::NotConnected`], [`Error::UnknownPeer`], [`Error::UnknownChannel`]; of [`Error::Sockets`], the first one:
    /// the other peers get the packet all the same.
    pub fn send(
        &mut self,
        target: i32,
        channel: i32,
        mode: Mode,
        payload: &[u8],
        extra: SendFlags,
    ) -> Result<(), Error> {
        if self.status() != Status::Connected {
            return Err(Error::NotConnected);
        }
        let stream = u16::try_from(channel).ok().map(|channel| Stream { channel, mode });
        let (Some(stream), Some(lane)) = (stream, stream.and_then(Stream::lane)) else {
            return Err(Error::UnknownChannel { channel });
        };
        let reliability = if mode == Mode::Reliable { SendFlags::RELIABLE } else { SendFlags::UNRELIABLE };
        let message = Message { stream, lane, payload, flags: reliability | extra };
        if target > 0 {
            return self.send_to(target, &message);
        }
        let mut result = Ok(());
        for id in self.peers.ids().collect::<Vec<_>>() {
            if target.checked_neg() != Some(id) {
                result = result.and(self.send_to(id, &message));
            }
        }
        result
    }

    fn send_to(&mut self, id: i32, message: &Message<'_>) -> Result<(), Error> {
        let peer = match self.peers.get_mut(id) {
            Some(peer) if !peer.has_ended => peer,
            // Nobody has been told yet.
            Some(_) => return Ok(()),
            None if self.departed.contains(&id) || self.expelled.contains(id) => return Ok(()),
            None => return Err(Error::UnknownPeer { id }),
        };
        let &Message { stream, lane, payload, flags } = message;
        let connection = peer.connection;
        if stream.channel >= peer.channels {
            let channels = (stream.channel + 1).next_power_of_two().min(CHANNELS);
            let (priorities, weights) = lane_shares(channels);
            self.sockets.configure_connection_lanes(connection, &priorities, &weights)?;
            peer.channels = channels;
        }
        match self.sockets.send_message(OutgoingMessage { connection, payload, lane, flags }) {
            Ok(_) => Ok(()),
            Err(error) => {
                self.counters.unsent += 1;
                Err(error.into())
            }
        }
    }
}

/// A packet on its way out.
struct Message<'a> {
    stream: Stream,
    lane: u16,
    payload: &'a [u8],
    flags: SendFlags,
}
