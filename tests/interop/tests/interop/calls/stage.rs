//! Where a row is played: one library, the handles it dealt, and what happened to them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use gamesockets_interop::calls::{Answer, Call};
use gamesockets_interop::protocol::{Incoming, Outgoing, Setting, StatusChanged};
use gamesockets_interop::valve::ValvePeer;

use super::words;
use crate::pair::{Link, PATIENCE, free_address, state};

/// How long is listened for events that should not come.
const SILENCE: Duration = Duration::from_millis(25);

/// One of the two libraries. Every connection is made from it to itself.
pub(super) trait Library {
    fn make(&mut self, call: Call) -> Answer;
    fn next_event(&mut self) -> Option<StatusChanged>;
}

impl Library for ValvePeer {
    fn make(&mut self, call: Call) -> Answer {
        Self::make(self, call).unwrap_or_else(|error| panic!("{error}"))
    }

    fn next_event(&mut self) -> Option<StatusChanged> {
        self.take_event()
    }
}

/// A library while one row is played.
pub(super) struct Stage<'a> {
    library: &'a mut dyn Library,
    /// Connections and what they are called.
    roles: Vec<(u32, &'static str)>,
    sockets: Vec<u32>,
    groups: Vec<u32>,
    events: Vec<StatusChanged>,
}

impl<'a> Stage<'a> {
    pub(super) fn new(library: &'a mut dyn Library) -> Self {
        Self { library, roles: Vec::new(), sockets: Vec::new(), groups: Vec::new(), events: Vec::new() }
    }

    /// Closes everything that was made.
    pub(super) fn clear(mut self) {
        for (connection, _) in std::mem::take(&mut self.roles) {
            self.make(Call::Close { connection, reason: 0, debug: String::new(), linger: false });
        }
        for socket in std::mem::take(&mut self.sockets) {
            self.make(Call::CloseListenSocket { socket });
        }
        for group in std::mem::take(&mut self.groups) {
            self.make(Call::DestroyPollGroup { group });
        }
    }

    /// Makes a call.
    pub(super) fn make(&mut self, call: Call) -> Answer {
        let answer = self.library.make(call.clone());
        match (call, &answer) {
            (Call::Listen { .. }, Answer::Handle(socket)) if *socket != 0 => self.sockets.push(*socket),
            (Call::Connect { .. }, Answer::Handle(connection)) if *connection != 0 => {
                self.roles.push((*connection, "client"));
            }
            (Call::CreatePollGroup, Answer::Handle(group)) => self.groups.push(*group),
            (Call::SocketPair { .. }, Answer::Pair(Some([first, second]))) => {
                self.roles.extend([(*first, "first"), (*second, "second")]);
            }
            _ => {}
        }
        answer
    }

    /// Makes a call and puts its answer in words.
    pub(super) fn does(&mut self, call: Call) -> String {
        let answer = self.make(call);
        words::answer(&answer)
    }

    /// Makes a call that gives a handle.
    pub(super) fn handle(&mut self, call: Call) -> u32 {
        match self.make(call) {
            Answer::Handle(handle) if handle != 0 => handle,
            other => panic!("no handle but {other:?}"),
        }
    }

    /// A listen socket on a free port.
    pub(super) fn listen(&mut self, options: &[Setting]) -> (u32, SocketAddr) {
        // Another program may take the port before the library does.
        for _ in 0..5 {
            let address = free_address(IpAddr::V4(Ipv4Addr::LOCALHOST));
            if let Answer::Handle(socket) = self.make(Call::Listen { address, options: options.to_vec() })
                && socket != 0
            {
                return (socket, address);
            }
        }
        panic!("cannot listen");
    }

    /// A connection that is `Connecting` at both ends, with options for its client.
    pub(super) fn request(&mut self, options: &[Setting]) -> Link {
        let (_, address) = self.listen(&[]);
        let client = self.handle(Call::Connect { address, options: options.to_vec() });
        let server = self.incoming();
        self.wait_for_state(client, state::CONNECTING);
        self.events.clear();
        Link { server, client }
    }

    /// Waits for a connection to come in.
    pub(super) fn incoming(&mut self) -> u32 {
        self.wait("a connection comes in", |stage| {
            stage.roles.iter().find(|(_, role)| *role == "server").map(|&(connection, _)| connection)
        })
    }

    /// A connection that is `Connected` at both ends, with options for its client.
    pub(super) fn link_with(&mut self, options: &[Setting]) -> Link {
        let link = self.request(options);
        assert_eq!(self.make(Call::Accept { connection: link.server }), Answer::Result(1));
        self.wait_for_state(link.server, state::CONNECTED);
        self.wait_for_state(link.client, state::CONNECTED);
        self.events.clear();
        link
    }

    /// A connection that is `Connected` at both ends.
    pub(super) fn link(&mut self) -> Link {
        self.link_with(&[])
    }

    /// The same, and the listen socket that it came in by.
    pub(super) fn link_and_socket(&mut self) -> (u32, Link) {
        let link = self.link();
        (self.sockets.last().copied().expect("a link has a listen socket"), link)
    }

    /// A connection whose server has closed it; its client is `ClosedByPeer`.
    pub(super) fn closed_by_server(&mut self) -> Link {
        let link = self.link();
        self.make(close(link.server, 1003));
        self.wait_for_state(link.client, state::CLOSED_BY_PEER);
        self.events.clear();
        link
    }

    /// Two ends of a socket pair; the "server" of the link is the first.
    pub(super) fn pair(&mut self, network: bool) -> Link {
        match self.make(Call::SocketPair { network, identities: [None, None] }) {
            Answer::Pair(Some([server, client])) => Link { server, client },
            other => panic!("no pair but {other:?}"),
        }
    }

    /// Waits until a connection reports a state.
    pub(super) fn wait_for_state(&mut self, connection: u32, state: i32) {
        self.wait(&format!("state {state}"), |stage| {
            let reached = |event: &StatusChanged| event.connection == connection && event.info.state == state;
            stage.events.iter().any(reached).then_some(())
        });
    }

    /// Waits for as many events, makes sure that no more follow, and puts them in words: those of the same connection in
    /// their order.
    pub(super) fn events(&mut self, count: usize) -> String {
        let deadline = Instant::now() + PATIENCE / 3;
        while self.events.len() < count && Instant::now() < deadline {
            self.look();
        }
        let silence = Instant::now() + SILENCE;
        while Instant::now() < silence {
            self.look();
        }
        let mut words: Vec<_> =
            self.events.drain(..).map(|event| (role(&self.roles, event.connection), event)).collect();
        words.sort_by_key(|(role, _)| *role);
        let words: Vec<_> = words.iter().map(|(role, event)| format!("{role}: {}", words::event(event))).collect();
        if words.is_empty() { "no event".to_owned() } else { words.join(", ") }
    }

    /// Receives until as many messages have come.
    pub(super) fn receive(&mut self, connection: u32, count: usize) -> Vec<Incoming> {
        let mut received = Vec::new();
        self.wait(&format!("{count} messages"), |stage| {
            match stage.make(Call::Receive { connection, max: 16 }) {
                Answer::Messages { messages, .. } => received.extend(messages),
                other => panic!("{other:?}"),
            }
            (received.len() >= count).then_some(())
        });
        received
    }

    /// Sends a message that has to be taken.
    pub(super) fn send(&mut self, connection: u32, message: Outgoing) {
        let answer = self.make(Call::Send { connection, message });
        assert!(matches!(answer, Answer::Sent { result: 1, .. }), "{answer:?}");
    }

    /// Waits for what `look` finds.
    pub(super) fn wait<T>(&mut self, what: &str, mut look: impl FnMut(&mut Self) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE / 3;
        loop {
            self.look();
            if let Some(found) = look(self) {
                return found;
            }
            assert!(Instant::now() < deadline, "waited in vain: {what}; events: {:?}", self.events);
        }
    }

    /// Lets a moment pass and takes the events that concern this row.
    fn look(&mut self) {
        std::thread::sleep(Duration::from_millis(1));
        while let Some(event) = self.library.next_event() {
            let socket = event.info.listen_socket;
            let known = self.roles.iter().any(|&(connection, _)| connection == event.connection);
            if !known && self.sockets.contains(&socket) {
                let name = if self.roles.iter().any(|(_, role)| *role == "server") { "server 2" } else { "server" };
                self.roles.push((event.connection, name));
            }
            if known || self.sockets.contains(&socket) {
                self.events.push(event);
            }
        }
    }
}

/// Closes a connection at once.
pub(super) fn close(connection: u32, reason: i32) -> Call {
    Call::Close { connection, reason, debug: "done".to_owned(), linger: false }
}

fn role(roles: &[(u32, &'static str)], connection: u32) -> &'static str {
    roles.iter().find(|&&(known, _)| known == connection).map_or("somebody", |&(_, role)| role)
}
