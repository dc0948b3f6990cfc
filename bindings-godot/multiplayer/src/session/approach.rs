//! The way of a client to its host.

use std::net::SocketAddr;

use super::{Link, Parting, Role, Session, Way};
use crate::reasons;

impl Session {
    pub(super) fn set_way(&mut self, new: Way) {
        if let Role::Client { way, .. } = &mut self.role {
            *way = new;
        }
    }

    pub(super) fn connect(&mut self, address: SocketAddr) -> Result<(), gamesockets::Error> {
        let connection = self.sockets.connect_by_ip_address(address, &[])?;
        self.set_way(Way::Connection(connection));
        self.links.insert(connection, Link::Joining { since: None });
        self.sockets.set_connection_poll_group(connection, Some(self.group))
    }

    /// Connects once the address of a name is known.
    pub(super) fn follow_lookup(&mut self) {
        let Role::Client { way: Way::Lookup(lookup), .. } = &self.role else { return };
        let Some(answer) = lookup.poll() else { return };
        self.set_way(Way::Nowhere);
        if let Err(text) = answer.and_then(|address| self.connect(address).map_err(|error| error.to_string())) {
            self.note(format!("there is no way to the host: {text}"));
            self.parting = Some(Parting { reason: reasons::UNKNOWN_NAME, text });
            self.lose_host();
        }
    }
}
