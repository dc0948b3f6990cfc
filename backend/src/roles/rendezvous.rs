//! Rendezvous: signals from one client to another. At most once, to whoever is there; the sender hears nothing either way.

use std::collections::HashMap;

use gamesockets_services::limits::SIGNAL_LEN_MAX;
use gamesockets_services::messages::Signal;

use super::budget::{Budget, Rate};

/// Signals that a client may send.
const SENDING: Rate = Rate { burst: 60, every_ms: 50 };
/// Signals that may be sent to one.
const RECEIVING: Rate = Rate { burst: 100, every_ms: 20 };
/// Of a client, so many connections are known.
const CONNECTIONS_MAX: usize = 4_096;

/// A client that is logged in.
#[derive(Debug)]
struct Client {
    app: u32,
    identity: String,
    /// Its connections, so that signals about them find the right process.
    connections: Vec<u32>,
    sent: Budget,
    received: Budget,
}

/// Who is there.
#[derive(Debug, Default)]
pub struct Rendezvous {
    clients: HashMap<u64, Client>,
    /// The sessions of an identity, by app, the newest last.
    sessions_of: HashMap<(u32, String), Vec<u64>>,
    /// Signals that were not carried.
    pub dropped: u64,
}

impl Rendezvous {
    /// A client has logged in, and has these connections.
    pub fn log_in(&mut self, session: u64, app: u32, identity: &str, mut connections: Vec<u32>) {
        connections.truncate(CONNECTIONS_MAX);
        let client = Client {
            app,
            identity: identity.to_owned(),
            connections,
            sent: Budget::default(),
            received: Budget::default(),
        };
        self.clients.insert(session, client);
        self.sessions_of.entry((app, identity.to_owned())).or_default().push(session);
    }

    /// A client is gone.
    pub fn log_out(&mut self, session: u64) {
        let Some(client) = self.clients.remove(&session) else { return };
        let key = (client.app, client.identity);
        if let Some(sessions) = self.sessions_of.get_mut(&key) {
            sessions.retain(|&other| other != session);
            if sessions.is_empty() {
                self.sessions_of.remove(&key);
            }
        }
    }

    /// Takes a signal; gives whom it goes to, and what.
    pub fn carry(&mut self, now: u64, session: u64, mut signal: Signal) -> Option<(u64, Signal)> {
        let carried = self.route(now, session, &mut signal);
        if carried.is_none() {
            self.dropped += 1;
        }
        carried.map(|to| (to, signal))
    }

    fn route(&mut self, now: u64, session: u64, signal: &mut Signal) -> Option<u64> {
        let sender = self.clients.get_mut(&session)?;
        sender.sent.take(now, SENDING).ok()?;
        if signal.payload.len() > SIGNAL_LEN_MAX {
            return None;
        }
        signal.from.clone_from(&sender.identity);
        if signal.from_conn != 0 && !sender.connections.contains(&signal.from_conn) {
            if sender.connections.len() >= CONNECTIONS_MAX {
                sender.connections.remove(0);
            }
            sender.connections.push(signal.from_conn);
        }
        let sessions = self.sessions_of.get(&(sender.app, signal.to.clone()))?;
        let knows =
            |&&session: &&u64| signal.to_conn != 0 && self.clients[&session].connections.contains(&signal.to_conn);
        let to = *sessions.iter().rev().find(knows).or(sessions.last())?;
        self.clients.get_mut(&to)?.received.take(now, RECEIVING).ok()?;
        Some(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal(to: &str, from_conn: u32, to_conn: u32) -> Signal {
        Signal { to: to.into(), from: "str:liar".into(), from_conn, to_conn, ..Signal::default() }
    }

    #[test]
    fn the_sender_is_stamped_and_the_right_process_found() {
        let mut rendezvous = Rendezvous::default();
        rendezvous.log_in(1, 7, "str:a", vec![]);
        rendezvous.log_in(2, 7, "str:b", vec![50]);
        rendezvous.log_in(3, 7, "str:b", vec![]);
        rendezvous.log_in(4, 8, "str:b", vec![]);
        let (to, carried) = rendezvous.carry(0, 1, signal("str:b", 9, 0)).unwrap();
        assert_eq!((to, carried.from.as_str()), (3, "str:a"), "the newest process");
        assert_eq!(rendezvous.carry(0, 1, signal("str:b", 9, 50)).unwrap().0, 2, "the one with the connection");
        assert_eq!(rendezvous.carry(0, 2, signal("str:a", 50, 9)).unwrap().0, 1);
        assert!(rendezvous.carry(0, 4, signal("str:a", 0, 0)).is_none(), "another app");
        rendezvous.log_out(3);
        assert_eq!(rendezvous.carry(0, 1, signal("str:b", 9, 0)).unwrap().0, 2);
        assert!(rendezvous.carry(0, 3, signal("str:a", 0, 0)).is_none(), "gone");
    }

    #[test]
    fn a_flood_ends_at_the_budget() {
        let mut rendezvous = Rendezvous::default();
        rendezvous.log_in(1, 7, "str:a", vec![]);
        rendezvous.log_in(2, 7, "str:b", vec![]);
        let carried = (0..1_000).filter(|_| rendezvous.carry(0, 1, signal("str:b", 0, 0)).is_some()).count();
        assert_eq!((carried, rendezvous.dropped), (60, 940));
        let long = Signal { payload: vec![0; SIGNAL_LEN_MAX + 1].into(), ..signal("str:b", 0, 0) };
        assert!(rendezvous.carry(60_000, 1, long).is_none());
    }
}
