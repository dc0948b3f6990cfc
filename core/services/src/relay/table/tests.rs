//! Clients and a relay, on the virtual clock.

use bytes::Bytes;
use ed25519_dalek::SigningKey;

use super::*;
use crate::relay::{ClientEvent, ClientParams, Received, RelayClient};

const MS: u64 = 1_000;
const UNIX: u32 = 1_800_000_000;

fn config() -> TableConfig {
    TableConfig {
        secret: [1; 32],
        static_secret: [2; 32],
        pop: 0x006c_6f63,
        worker: 3,
        ticket_keys: vec![SigningKey::from_bytes(&[9; 32]).verifying_key().to_bytes()],
        app: 0,
        sessions_max: 1_000,
        sessions_per_identity: 8,
        session_kbps: 8_000,
        session_pps: 1_000,
        total_kbps: 1_000_000,
        idle_s: 60,
        opens_per_second: 1_000,
    }
}

fn address(n: u8) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, n], 4_000))
}

fn ticket(name: &str, key: &SigningKey) -> Vec<u8> {
    let body = TicketBody {
        id: Bytes::from_static(&[0; 8]),
        client: name.to_owned(),
        client_key: Bytes::copy_from_slice(key.verifying_key().as_bytes()),
        app: 480,
        virtual_port: -1,
        not_before: UNIX,
        expiry: UNIX + 3_600,
        ..TicketBody::default()
    };
    body.sign(&SigningKey::from_bytes(&[9; 32])).expect("small")
}

/// A client at an address of its own.
struct Player {
    client: RelayClient,
    address: SocketAddr,
    identity: IdentityHash,
    events: Vec<ClientEvent>,
    received: Vec<(u8, Vec<u8>)>,
}

/// A relay, players, 10 ms between them.
struct World {
    now: u64,
    table: RelayTable,
    players: Vec<Player>,
    under_way: Vec<(u64, SocketAddr, SocketAddr, Vec<u8>)>,
    deaf: bool,
}

const RELAY: SocketAddr = SocketAddr::new(core::net::IpAddr::V4(core::net::Ipv4Addr::new(10, 0, 1, 1)), 28_101);

impl World {
    fn new(names: &[&str]) -> Self {
        let table = RelayTable::new(0, config());
        let player = |(n, name): (usize, &&str)| {
            let key = SigningKey::from_bytes(&[20 + n as u8; 32]);
            let params = ClientParams {
                relay_key: table.public_key(),
                ticket: ticket(name, &key),
                key,
                seed: [40 + n as u8; 32],
            };
            Player {
                client: RelayClient::new(0, params),
                address: address(n as u8 + 1),
                identity: IdentityHash::of(name),
                events: Vec::new(),
                received: Vec::new(),
            }
        };
        let players = names.iter().enumerate().map(player).collect();
        Self { now: 0, table, players, under_way: Vec::new(), deaf: false }
    }

    fn drain(&mut self) {
        for player in &mut self.players {
            while let Some(datagram) = player.client.poll_transmit() {
                self.under_way.push((self.now + 10 * MS, player.address, RELAY, datagram));
            }
            while let Some(event) = player.client.poll_event() {
                player.events.push(event);
            }
        }
    }

    fn run(&mut self, micros: u64) {
        let end = self.now + micros;
        loop {
            self.drain();
            let timers = self.players.iter().map(|player| player.client.poll_timeout());
            let next = timers.chain(self.under_way.iter().map(|(at, ..)| *at)).min().unwrap_or(u64::MAX);
            if next > end {
                break;
            }
            self.now = self.now.max(next);
            let (due, rest): (Vec<_>, Vec<_>) = self.under_way.drain(..).partition(|(at, ..)| *at <= self.now);
            self.under_way = rest;
            due.into_iter().for_each(|(_, from, to, datagram)| self.deliver(from, to, datagram));
            let now = self.now;
            self.players.iter_mut().for_each(|player| player.client.handle_timeout(now));
            self.table.handle_timeout(now);
        }
        self.now = end;
    }

    fn deliver(&mut self, from: SocketAddr, to: SocketAddr, mut datagram: Vec<u8>) {
        let now = self.now;
        if to == RELAY {
            if self.deaf {
                return;
            }
            let (mut out, size) = (Vec::new(), datagram.len());
            let unix = UNIX + (now / SECOND_US) as u32;
            let forward = self.table.handle(now, unix, from, &mut datagram, || [(now / MS) as u8 ^ 0x55; 32], &mut out);
            assert!(
                out.iter().all(|(to, answer)| *to != from || answer.len() <= size),
                "an answer is longer than its cause"
            );
            if let Forward::To(to) = forward {
                out.push((to, datagram));
            }
            self.under_way.extend(out.into_iter().map(|(to, datagram)| (now + 10 * MS, RELAY, to, datagram)));
        } else if let Some(player) = self.players.iter_mut().find(|player| player.address == to)
            && let Received::Data { slot } = player.client.handle_datagram(now, &datagram)
        {
            player.received.push((slot, datagram[HEADER_LEN..].to_vec()));
        }
    }

    /// Player `to` makes a token for player `from`, who binds it.
    fn bind(&mut self, from: usize, to: usize) {
        let allowed = self.players[from].identity;
        let token = self.players[to].client.make_token(UNIX + 3_000, allowed).expect("a session");
        let now = self.now;
        assert!(self.players[from].client.bind(now, token));
    }

    fn slot(&self, of: usize) -> u8 {
        let bound = |event: &ClientEvent| match event {
            ClientEvent::Bound { slot, .. } => Some(*slot),
            _ => None,
        };
        self.players[of].events.iter().rev().find_map(bound).expect("bound")
    }

    fn send(&mut self, from: usize, payload: &[u8]) {
        let (slot, mut datagram) = (self.slot(from), Vec::new());
        assert!(self.players[from].client.write_data(slot, payload, &mut datagram));
        self.under_way.push((self.now + 10 * MS, self.players[from].address, RELAY, datagram));
    }
}

#[test]
fn two_players_exchange_packets_after_one_token() {
    let mut world = World::new(&["str:ada", "str:bob"]);
    world.run(50 * MS);
    assert!(world.players.iter().all(|player| player.client.is_open()), "two round trips");
    assert_eq!(world.players[0].client.ping_us(), Some(20 * MS));
    assert_eq!(world.players[0].client.pop(), 0x006c_6f63);
    world.bind(0, 1);
    world.run(30 * MS);
    world.send(0, b"hello");
    world.send(1, b"hi");
    world.run(30 * MS);
    assert_eq!(world.players[1].received, [(world.slot(1), b"hello".to_vec())]);
    assert_eq!(world.players[0].received, [(world.slot(0), b"hi".to_vec())]);
    assert_eq!(world.table.stats().forwarded, 2);
}

#[test]
fn a_token_is_of_no_use_to_another() {
    let mut world = World::new(&["str:ada", "str:bob", "str:eve"]);
    world.run(100 * MS);
    let token = world.players[1].client.make_token(UNIX + 3_000, world.players[0].identity).expect("a session");
    let now = world.now;
    assert!(world.players[2].client.bind(now, token));
    world.run(2_000 * MS);
    assert!(!world.players[2].events.iter().any(|event| matches!(event, ClientEvent::Bound { .. })));
    assert!(!world.players[1].events.iter().any(|event| matches!(event, ClientEvent::Bound { .. })));
    assert_eq!(world.table.stats().dropped_credentials, 1, "it does not try again");
}

#[test]
fn packets_without_a_slot_without_a_tag_and_twice_go_nowhere() {
    let mut world = World::new(&["str:ada", "str:bob"]);
    world.run(100 * MS);
    let mut unbound = Vec::new();
    assert!(world.players[0].client.write_data(7, b"to whom?", &mut unbound));
    world.under_way.push((world.now, address(1), RELAY, unbound));
    world.bind(0, 1);
    world.run(100 * MS);
    let mut datagram = Vec::new();
    let slot = world.slot(0);
    assert!(world.players[0].client.write_data(slot, b"once", &mut datagram));
    for from in [address(9), address(1), address(1)] {
        world.under_way.push((world.now, from, RELAY, datagram.clone()));
    }
    for index in 0..datagram.len() {
        let mut forged = datagram.clone();
        forged[index] ^= 1;
        world.under_way.push((world.now, address(1), RELAY, forged));
    }
    world.run(100 * MS);
    assert_eq!(world.players[1].received.len(), 1);
    let stats = world.table.stats();
    assert_eq!((stats.dropped_unbound, stats.dropped_replayed), (1, 1));
}

#[test]
fn a_relay_that_was_killed_goes_on_with_the_tokens_that_were_out() {
    let mut world = World::new(&["str:ada", "str:bob"]);
    world.run(100 * MS);
    world.bind(0, 1);
    world.run(100 * MS);
    world.table = RelayTable::new(world.now, config());
    world.send(0, b"lost");
    world.run(3_000 * MS);
    assert!(world.players.iter().all(|player| player.client.is_open()));
    world.send(0, b"found");
    world.run(100 * MS);
    assert_eq!(world.players[1].received.last().map(|(_, payload)| payload.clone()), Some(b"found".to_vec()));
}

#[test]
fn a_dead_relay_is_noticed_within_three_seconds() {
    let mut world = World::new(&["str:ada"]);
    world.run(1_500 * MS);
    world.deaf = true;
    world.run(3_000 * MS);
    assert!(world.players[0].events.contains(&ClientEvent::Lost));
    world.deaf = false;
    world.run(3_000 * MS);
    assert!(world.players[0].client.is_open());
}

#[test]
fn a_client_whose_address_changes_is_followed_and_a_copy_moves_nothing() {
    let mut world = World::new(&["str:ada", "str:bob"]);
    world.run(100 * MS);
    world.bind(0, 1);
    world.run(100 * MS);
    world.players[1].address = address(77);
    // The next sign of life comes from the new address.
    world.run(1_100 * MS);
    world.send(0, b"there");
    world.run(100 * MS);
    assert_eq!(world.players[1].received.len(), 1);
}

#[test]
fn what_a_client_sends_is_limited() {
    let mut world = World::new(&["str:ada", "str:bob"]);
    world.run(100 * MS);
    world.bind(0, 1);
    world.run(100 * MS);
    (0..5_000).for_each(|_| world.send(0, b"flood"));
    world.run(50 * MS);
    assert!(world.players[1].received.len() <= 2_000, "{}", world.players[1].received.len());
    assert!(world.table.stats().dropped_limit >= 3_000);
}

#[test]
fn opens_without_a_cookie_a_ticket_or_its_key_cost_little_and_get_nothing() {
    let mut table = RelayTable::new(0, config());
    let (key, mut out) = (SigningKey::from_bytes(&[20; 32]), Vec::new());
    let mut ping = Vec::new();
    Datagram::Ping { nonce: 1 }.write(&mut ping);
    table.handle(0, UNIX, address(1), &mut ping, || [0; 32], &mut out);
    let (_, pong) = out.pop().expect("an answer");
    let Some(Datagram::Pong { cookie, .. }) = Datagram::read(&pong) else { panic!("not a PONG") };
    let mut attempt = |cookie: [u8; 16], ticket: &[u8], signer: &SigningKey, from: SocketAddr| {
        let parts: [&[u8]; 4] = [&public_key(&[2; 32]), &cookie, &[5; 32], &Sha256::digest(ticket)];
        let signature = signed::sign(signer, OPEN_SIGNATURE, &parts);
        let open = Open {
            ticket: Bytes::copy_from_slice(ticket),
            ephemeral: Bytes::from_static(&[5; 32]),
            signature: Bytes::copy_from_slice(&signature),
            version: 1,
        };
        let (mut datagram, mut out) = (Vec::new(), Vec::new());
        Datagram::Open { cookie, message: &open.encode_to_vec() }.write(&mut datagram);
        table.handle(1_000, UNIX, from, &mut datagram, || [6; 32], &mut out);
        out.len()
    };
    let good = ticket("str:ada", &key);
    assert_eq!(attempt([0; 16], &good, &key, address(1)), 0, "no cookie");
    assert_eq!(attempt(cookie, &good, &key, address(2)), 0, "another's cookie");
    assert_eq!(attempt(cookie, &good, &SigningKey::from_bytes(&[21; 32]), address(1)), 0, "a stolen ticket");
    assert_eq!(attempt(cookie, &good[1..], &key, address(1)), 0, "no ticket");
    assert_eq!(attempt(cookie, &good, &key, address(1)), 1);
    assert_eq!(attempt(cookie, &good, &key, address(1)), 1, "repeated");
    assert_eq!(table.session_count(), 1);
}

#[test]
fn one_address_opens_only_so_many_and_silent_sessions_go() {
    let mut world = World::new(&["str:ada"]);
    world.run(100 * MS);
    assert_eq!(world.table.session_count(), 1);
    world.players.clear();
    world.run(61 * SECOND_US);
    world.table.handle_timeout(world.now);
    assert_eq!(world.table.session_count(), 0);
}
