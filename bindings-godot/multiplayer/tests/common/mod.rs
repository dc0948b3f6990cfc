//! Sessions on loopback, and waiting for what they do.
#![allow(dead_code, reason = "each test program uses its part")]

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use gamesockets::{ConfigEntry, ConfigValue};
use gamesockets_multiplayer::{Notice, Packet, Session, Settings, Status};

/// Longer than anything takes, also on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

/// A session, and everything it said.
pub(crate) struct End {
    pub(crate) session: Session,
    pub(crate) notices: Vec<Notice>,
    pub(crate) packets: Vec<Packet>,
}

impl End {
    pub(crate) fn new(session: Session) -> Self {
        Self { session, notices: Vec::new(), packets: Vec::new() }
    }

    pub(crate) fn poll(&mut self) {
        let notices = self.session.poll();
        self.notices.extend(notices.into_iter().filter(|notice| !matches!(notice, Notice::Line(_))));
        self.packets.extend(std::iter::from_fn(|| self.session.next_packet()));
    }

    pub(crate) fn payloads(&self) -> Vec<&[u8]> {
        self.packets.iter().map(|packet| &packet.payload[..]).collect()
    }
}

pub(crate) fn settings() -> Settings {
    let option = ConfigEntry::new(ConfigValue::TIMEOUT_INITIAL, 20_000);
    Settings { options: vec![option], ..Settings::default() }
}

pub(crate) fn host() -> (End, SocketAddr) {
    host_with(settings())
}

pub(crate) fn host_with(settings: Settings) -> (End, SocketAddr) {
    let session = Session::host(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), settings).unwrap();
    let address = session.local_address().unwrap();
    (End::new(session), address)
}

pub(crate) fn client(address: SocketAddr, id: i32) -> End {
    End::new(Session::client(address, id, settings()).unwrap())
}

/// A host with clients of these numbers, all connected.
pub(crate) fn connected<const N: usize>(ids: [i32; N]) -> (End, [End; N]) {
    let (mut host, address) = host();
    let mut clients = ids.map(|id| client(address, id));
    for client in &mut clients {
        wait_for(&mut [&mut host, &mut *client], |ends| ends[1].session.status() == Status::Connected);
    }
    (host, clients)
}

/// Polls all until it is so.
pub(crate) fn wait_for(ends: &mut [&mut End], mut is_so: impl FnMut(&[&mut End]) -> bool) {
    let start = Instant::now();
    loop {
        ends.iter_mut().for_each(|end| end.poll());
        if is_so(ends) {
            return;
        }
        let said: Vec<_> = ends.iter().map(|end| (end.session.status(), &end.notices)).collect();
        assert!(start.elapsed() < LIMIT, "waited in vain: {said:?}");
        std::thread::sleep(Duration::from_millis(1));
    }
}
