//! The ends of connections, ours and theirs.

use gamesockets::Connection;

use super::{Link, Notice, Parting, Role, Session, Status};
use crate::reasons;

impl Session {
    /// Closes the connection of a peer, after delivering what was sent to it reliably. With `force`, at once and
    /// without [`Notice::Disconnected`]. What it sent and nobody took is dropped.
    ///
    /// Answers whether there is such a peer.
    pub fn disconnect(&mut self, id: i32, force: bool) -> bool {
        let Some(peer) = self.peers.get(id) else { return false };
        let connection = peer.connection;
        let (reason, text) =
            if self.is_host() { (reasons::KICKED, "the host ended it") } else { (reasons::LEFT, "the client left") };
        self.close(connection, reason, text, !force);
        self.incoming.drop_from(id);
        self.forget(connection, Parting { reason, text: text.to_owned() });
        if force {
            self.notices.retain(|notice| *notice != Notice::Disconnected(id));
            self.expelled.add(id);
        }
        true
    }

    /// A connection was closed by the other end, or failed. Its last packets are taken before it is forgotten.
    pub(super) fn end(&mut self, connection: Connection, parting: Parting) {
        let Some(&link) = self.links.get(&connection) else { return };
        let mut messages = std::mem::take(&mut self.messages);
        if self.sockets.receive_messages_on_connection_into(connection, usize::MAX, &mut messages).is_ok() {
            messages.drain(..).for_each(|message| self.take(message));
        }
        self.messages = messages;
        if !self.links.contains_key(&connection) {
            return;
        }
        self.close(connection, parting.reason, "", false);
        match link {
            Link::Peer(id) if self.incoming.has_from(id) => {
                self.links.remove(&connection);
                self.parting = Some(parting);
                if let Some(peer) = self.peers.get_mut(id) {
                    peer.has_ended = true;
                }
            }
            _ => self.forget(connection, parting),
        }
    }

    /// Takes leave of those whose last packets were there to be taken since the poll before.
    pub(super) fn announce_ended(&mut self) {
        let ended: Vec<i32> = self.peers.ids().filter(|&id| self.peers.get(id).is_some_and(|p| p.has_ended)).collect();
        for id in ended {
            self.leave(id);
        }
    }

    /// Forgets a connection that is closed.
    pub(super) fn forget(&mut self, connection: Connection, parting: Parting) {
        let link = self.links.remove(&connection);
        self.parting = Some(parting);
        match link {
            Some(Link::Peer(id)) => self.leave(id),
            Some(Link::Joining { .. }) => self.lose_host(),
            None => {}
        }
    }

    fn leave(&mut self, id: i32) {
        self.peers.remove(id);
        self.departed.push(id);
        let why = self.parting.as_ref().map_or_else(String::new, |end| format!(": {} ({})", end.text, end.reason));
        self.note(format!("peer {id} is gone{why}"));
        self.notices.push(Notice::Disconnected(id));
        self.lose_host();
    }

    /// A client has only the host to lose.
    pub(super) fn lose_host(&mut self) {
        if let Role::Client { status, .. } = &mut self.role {
            *status = Status::Disconnected;
        }
    }

    /// Closes a handle; that it is stale already does not matter.
    pub(super) fn close(&self, connection: Connection, reason: i32, text: &str, linger: bool) {
        let _ = self.sockets.close_connection(connection, reason, text, linger);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let text = if self.is_host() { "the host closed" } else { "the client left" };
        for &connection in self.links.keys() {
            self.close(connection, reasons::LEFT, text, false);
        }
    }
}
