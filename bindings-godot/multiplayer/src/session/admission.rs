//! From a new connection to a peer with a number.

use gamesockets::{Connection, OutgoingMessage, SendFlags};

use super::{Link, Notice, Parting, Role, Session, Status};
use crate::channels::{CONTROL_LANE, FIRST_CHANNELS, lane_shares};
use crate::handshake::{self, HOST, Kind, Malformed};
use crate::peers::Peer;
use crate::reasons;

/// How many connections may be in their handshake at once.
const MAX_JOINING: usize = 1024;

impl Session {
    /// Takes a connection in, or turns it away.
    pub(super) fn admit(&mut self, connection: Connection) {
        let joining = self.links.values().filter(|link| matches!(link, Link::Joining { .. })).count();
        let refusal = self.refusal().or((joining >= MAX_JOINING).then_some((reasons::FULL, "too many join at once")));
        if let Some((reason, text)) = refusal {
            self.counters.refused += 1;
            self.close(connection, reason, text, false);
        } else if self.sockets.accept_connection(connection).is_ok() {
            self.links.insert(connection, Link::Joining { since: None });
            // It may have gone already; then its end is the next event.
            let _ = self.sockets.set_connection_poll_group(connection, Some(self.group));
        } else {
            self.close(connection, reasons::LEFT, "", false);
        }
    }

    /// Why no new client is taken.
    fn refusal(&self) -> Option<(i32, &'static str)> {
        if self.refuses_new {
            Some((reasons::REFUSED, "the host takes no new clients"))
        } else if self.peers.len() >= self.settings.max_clients {
            Some((reasons::FULL, "the host has as many clients as it may have"))
        } else {
            None
        }
    }

    /// The connection is up: the client says hello, the host begins to wait for it.
    pub(super) fn greet(&mut self, connection: Connection) {
        let Some(link @ Link::Joining { .. }) = self.links.get_mut(&connection) else { return };
        *link = Link::Joining { since: Some(self.sockets.local_timestamp()) };
        let (priorities, weights) = lane_shares(FIRST_CHANNELS);
        if let Err(error) = self.sockets.configure_connection_lanes(connection, &priorities, &weights) {
            return self.violation(connection, reasons::BAD_HANDSHAKE, &error.to_string());
        }
        if let Role::Client { id, .. } = self.role {
            self.send_handshake(connection, Kind::Hello, id);
        }
    }

    /// A packet on the lane of the handshake.
    pub(super) fn shake_hands(&mut self, connection: Connection, packet: &[u8]) {
        let Some(Link::Joining { .. }) = self.links.get(&connection) else {
            return self.violation(connection, reasons::BAD_HANDSHAKE, "the handshake came twice");
        };
        let expected = if self.is_host() { Kind::Hello } else { Kind::Welcome };
        match handshake::decode(expected, packet) {
            Ok(id) if self.is_host() => self.welcome(connection, id),
            Ok(id) => self.become_peer(connection, id),
            Err(malformed) => self.refuse_handshake(connection, malformed),
        }
    }

    fn refuse_handshake(&mut self, connection: Connection, malformed: Malformed) {
        self.violation(connection, malformed.reason(), &malformed.to_string());
    }

    /// Host: the client gets its number.
    fn welcome(&mut self, connection: Connection, liked: i32) {
        if let Some((reason, text)) = self.refusal() {
            self.counters.refused += 1;
            self.links.remove(&connection);
            // With linger, lest a packet of ours be lost and the client wait for its time to run out.
            return self.close(connection, reason, text, true);
        }
        let id = self.peers.assign(liked);
        self.send_handshake(connection, Kind::Welcome, id);
        self.enter(connection, id);
    }

    /// Client: we have our number.
    fn become_peer(&mut self, connection: Connection, new_id: i32) {
        if let Role::Client { id, status, .. } = &mut self.role {
            *id = new_id;
            *status = Status::Connected;
        }
        self.enter(connection, HOST);
    }

    fn enter(&mut self, connection: Connection, id: i32) {
        self.links.insert(connection, Link::Peer(id));
        self.expelled.remove(id);
        self.peers.insert(id, Peer::new(connection, FIRST_CHANNELS));
        self.note(format!("peer {id} is connected"));
        self.notices.push(Notice::Connected(id));
    }

    fn send_handshake(&self, connection: Connection, kind: Kind, id: i32) {
        let payload = &handshake::encode(kind, id);
        // A connection that takes nothing has ended: that is another event.
        let flags = SendFlags::RELIABLE_NO_NAGLE;
        let _ = self.sockets.send_message(OutgoingMessage { connection, payload, lane: CONTROL_LANE, flags });
    }

    /// Whoever takes too long to say who they are has to go.
    pub(super) fn expire_handshakes(&mut self) {
        let now = self.sockets.local_timestamp();
        let timeout = self.handshake_timeout_micros();
        let is_late = |link: &Link| match link {
            Link::Joining { since: Some(since) } => now.saturating_sub(*since) > timeout,
            _ => false,
        };
        let late: Vec<_> = self.links.iter().filter(|(_, link)| is_late(link)).map(|(&link, _)| link).collect();
        for connection in late {
            self.violation(connection, reasons::HANDSHAKE_TIMEOUT, "the handshake did not come in time");
        }
    }

    /// Ends a connection that does not keep to the rules.
    pub(super) fn violation(&mut self, connection: Connection, reason: i32, text: &str) {
        self.counters.bad_handshakes += 1;
        self.note(format!("connection {connection} is closed: {text}"));
        self.close(connection, reason, text, false);
        self.forget(connection, Parting { reason, text: text.to_owned() });
    }
}
