//! Our sessions on relays, and the packets that go over them.

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ed25519_dalek::SigningKey;
use gamesockets_proto as proto;
use gamesockets_proto::routes::{RouteId, RouteKind, RouteQuality};
use gamesockets_proto::wire::control::{ControlPacket, is_data};
use gamesockets_proto::wire::data_header::DataHeader;
use gamesockets_proto::{Identity, Timestamp};
use gamesockets_schema::{ConnectionState, DebugOutputType};
use gamesockets_services::relay::{
    ClientEvent, ClientParams, Endpoint, HEADER_LEN, IdentityHash, Received, RelayClient, RelayRoute, RelayRoutes,
};
use parking_lot::{Mutex, RwLock};
use prost::Message as _;

use super::Driver;
use crate::driver::connection::ConnectionCell;
use crate::driver::receive::Datagram;
use crate::driver::socket::{Route, UdpSocket};

/// Relays on which an instance has sessions.
const STATIONS_MAX: usize = 8;
/// How long a token that we hand out holds, seconds. A connection that lives longer hands out another.
const TOKEN_LIFE_S: u32 = 26 * 3_600;
/// Of a peer's way to its relay, before it has said how long that is, ms.
const PEER_PING_MS: u32 = 50;

thread_local! {
    /// Where packets get their headers.
    static WRAPPED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// A relay, as whoever runs it names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    /// By which peers know that they use the same one.
    pub name: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// Its static X25519 public key.
    pub key: [u8; 32],
}

/// What a relay asks of us.
#[derive(Clone)]
pub struct RelayAccess {
    /// A ticket for our identity, signed by a key that the relay trusts.
    pub ticket: Vec<u8>,
    /// The Ed25519 private key whose public key the ticket names: 32 bytes.
    pub key: [u8; 32],
}

/// The relays of an instance.
#[derive(Default)]
pub(crate) struct Relays {
    stations: RwLock<Vec<Arc<Station>>>,
    /// Counts the changes of what we can tell others about where we can be reached.
    revision: AtomicU32,
}

/// One relay, and our session on it.
pub(crate) struct Station {
    /// The high bits of its routes.
    number: u32,
    relay: Relay,
    pub(crate) token: mio::Token,
    pub(crate) socket: Arc<UdpSocket>,
    state: Mutex<StationState>,
}

struct StationState {
    client: RelayClient,
    /// Who is in each slot.
    slots: Vec<Option<(Endpoint, IdentityHash)>>,
}

impl Relays {
    /// Counts the changes of what we can tell others.
    pub(crate) fn revision(&self) -> u32 {
        self.revision.load(Ordering::Acquire)
    }

    /// When a session wants attention next.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let stations = self.stations.read();
        stations.iter().map(|station| Timestamp::from_micros(station.state.lock().client.poll_timeout())).min()
    }

    /// Who waits for sessions has come: they are looked after at once.
    pub(super) fn wake(&self, driver: &Driver) {
        if !self.stations.read().is_empty() {
            driver.wake();
        }
    }

    /// Gives every session its time.
    pub(crate) fn drive(&self, driver: &Driver, now: Timestamp) {
        let stations: Vec<_> = self.stations.read().clone();
        for station in stations {
            station.state.lock().client.handle_timeout(now.as_micros());
            station.settle(driver, now);
        }
    }

    /// Where we can be reached, for one peer. `None` while we cannot.
    fn routes_for(&self, unix_seconds: u64, revision: u32, peer: &Identity) -> Option<RelayRoutes> {
        let allowed = IdentityHash::of(&peer.to_string());
        let expiry = u32::try_from(unix_seconds).unwrap_or(u32::MAX).saturating_add(TOKEN_LIFE_S);
        let route = |station: &Arc<Station>| {
            let state = station.state.lock();
            let token = state.client.make_token(expiry, allowed)?;
            Some(RelayRoute {
                pop: state.client.pop(),
                relay: station.relay.name.clone(),
                token: token.to_bytes().to_vec().into(),
                ping_ms: millis(state.client.ping_us()?),
                penalty_ms: 0,
            })
        };
        let mut routes: Vec<RelayRoute> = self.stations.read().iter().filter_map(route).collect();
        routes.sort_by_key(|route| route.ping_ms);
        (!routes.is_empty()).then_some(RelayRoutes { revision: revision + 1, routes })
    }

    fn station(&self, number: u32) -> Option<Arc<Station>> {
        self.stations.read().iter().find(|station| station.number == number).cloned()
    }

    /// Sends packets of equal size (the last may be shorter) by a route.
    pub(crate) fn send(&self, route: RouteId, segment_size: usize, packets: &[u8]) {
        if let Some(station) = self.station(route.0 >> 8) {
            station.send((route.0 & 0xff) as u8, segment_size, packets);
        }
    }

    /// Tells a connection's peer where we can be reached, and learns where the peer can be. To be called with the lock of
    /// the connection; `told` is the revision that was told last.
    pub(crate) fn attend(&self, driver: &Driver, now: Timestamp, engine: &mut proto::Connection, told: &mut u32) {
        use ConnectionState::{Connected, Connecting, FindingRoute, Linger};
        let state = engine.state();
        if !matches!(state, Connecting | FindingRoute | Connected | Linger) {
            return;
        }
        let revision = self.revision();
        if *told != revision
            && let Some(peer) = engine.remote_identity()
            && let Some(routes) = self.routes_for(driver.unix_seconds(), revision, peer)
        {
            *told = revision;
            engine.publish_routes(now, routes.revision, routes.encode_to_vec().into());
        }
        // Whoever calls is not to notice that we are there before we have accepted.
        if state != Connecting
            && let Some(bytes) = engine.take_peer_routes()
            && let Some(routes) = RelayRoutes::read(&bytes)
        {
            engine.saw_routes(now, routes.revision);
            let stations: Vec<_> = self.stations.read().clone();
            for (route, station) in routes.routes.iter().flat_map(|route| {
                stations.iter().find(|station| station.relay.name == route.relay).map(|station| (route, station))
            }) {
                station.reach(driver, now, engine, route);
            }
            // The peer may have reached us first.
            stations.iter().for_each(|station| station.offer_known(now, engine));
        }
    }
}

impl Station {
    /// The relay's address.
    fn route(&self) -> Route {
        Route { remote: self.relay.address, source: None }
    }

    /// A peer can be reached here, with this token.
    fn reach(&self, driver: &Driver, now: Timestamp, engine: &mut proto::Connection, route: &RelayRoute) {
        let Some(token) = route.token() else { return };
        let mut state = self.state.lock();
        if !state.client.bind(now.as_micros(), token) {
            return;
        }
        let slot = state.client.slot(token.endpoint);
        let quality = state.quality(Some(route.ping_ms.saturating_add(route.penalty_ms)));
        drop(state);
        if let Some(slot) = slot {
            engine.set_route(now, self.route_id(slot), quality);
        }
        // The request leaves with the next look at the timers.
        driver.wake();
    }

    /// The slots in which the connection's peer is already are routes of it.
    fn offer_known(&self, now: Timestamp, engine: &mut proto::Connection) {
        let Some(peer) = engine.remote_identity().map(|peer| IdentityHash::of(&peer.to_string())) else { return };
        let state = self.state.lock();
        let quality = state.quality(None);
        let slots = state.slots.iter().enumerate();
        let of_peer = slots.filter(|(_, who)| who.is_some_and(|(_, identity)| identity == peer));
        let routes: Vec<RouteId> = of_peer.map(|(slot, _)| self.route_id(slot as u8)).collect();
        drop(state);
        for route in routes {
            if !engine.has_route(route) {
                engine.set_route(now, route, quality);
            }
        }
    }

    fn route_id(&self, slot: u8) -> RouteId {
        RouteId(self.number << 8 | u32::from(slot))
    }

    fn send(&self, slot: u8, segment_size: usize, packets: &[u8]) {
        WRAPPED.with_borrow_mut(|wrapped| {
            wrapped.clear();
            let mut state = self.state.lock();
            let written = packets.chunks(segment_size).all(|packet| state.client.write_data(slot, packet, wrapped));
            drop(state);
            if written {
                self.transmit(segment_size + HEADER_LEN, wrapped);
            }
        });
    }

    /// What the socket has no room for is lost, and repeated where that matters.
    fn transmit(&self, segment_size: usize, datagrams: &[u8]) {
        let most = (UdpSocket::max_send_bytes() / segment_size).min(self.socket.max_segments()).max(1);
        for batch in datagrams.chunks(most * segment_size) {
            let _: io::Result<()> = self.socket.send(self.route(), segment_size, batch);
        }
    }

    /// A datagram came in by our socket for this relay.
    pub(in crate::driver) fn feed(
        &self,
        driver: &Driver,
        now: Timestamp,
        datagram: Datagram<'_>,
        fed: &mut Vec<Arc<ConnectionCell>>,
    ) {
        let Datagram { from, bytes, .. } = datagram;
        if from != self.relay.address {
            return;
        }
        let (received, sender) = {
            let mut state = self.state.lock();
            let received = state.client.handle_datagram(now.as_micros(), bytes);
            let sender = match received {
                Received::Data { slot } => state.slots.get(usize::from(slot)).copied().flatten(),
                Received::Control | Received::Dropped => None,
            };
            (received, sender)
        };
        match received {
            Received::Data { slot } => {
                if let Some((_, identity)) = sender {
                    self.pass_on(driver, now, slot, identity, &mut bytes[HEADER_LEN..], fed);
                }
            }
            Received::Control => self.settle(driver, now),
            Received::Dropped => {}
        }
    }

    /// Gives a packet to its connection, if that is one with whoever is in this slot.
    fn pass_on(
        &self,
        driver: &Driver,
        now: Timestamp,
        slot: u8,
        sender: IdentityHash,
        packet: &mut [u8],
        fed: &mut Vec<Arc<ConnectionCell>>,
    ) {
        let Some(cell) = recipient(packet).and_then(|id| driver.p2p.calls.read().by_id(id)) else { return };
        let mut guarded = cell.lock();
        let Some(engine) = guarded.engine.udp_mut() else { return };
        let is_peer = engine.remote_identity().is_some_and(|peer| IdentityHash::of(&peer.to_string()) == sender);
        if is_peer {
            engine.handle_datagram_on(now, self.route_id(slot), packet);
            if guarded.touch() {
                drop(guarded);
                fed.push(cell);
            }
        }
    }

    /// Sends what the session has to send, and does what its events ask for.
    fn settle(&self, driver: &Driver, now: Timestamp) {
        let (transmits, events) = {
            let mut state = self.state.lock();
            let client = &mut state.client;
            let transmits: Vec<Vec<u8>> = std::iter::from_fn(|| client.poll_transmit()).collect();
            let events: Vec<ClientEvent> = std::iter::from_fn(|| client.poll_event()).collect();
            for event in &events {
                state.note(event);
            }
            (transmits, events)
        };
        transmits.iter().for_each(|datagram| self.transmit(datagram.len(), datagram));
        for event in events {
            self.follow(driver, now, event);
        }
    }

    fn follow(&self, driver: &Driver, now: Timestamp, event: ClientEvent) {
        match event {
            ClientEvent::Opened => {
                let line = format_args!("a session on relay {} is open", self.relay.name);
                driver.log.write(DebugOutputType::Verbose, line);
                driver.p2p.relays.revision.fetch_add(1, Ordering::AcqRel);
                driver.for_each_met(|cell| cell.settle(driver, now, cell.lock()));
            }
            ClientEvent::Lost => {
                let line = format_args!("the session on relay {} is lost; trying again", self.relay.name);
                driver.log.write(DebugOutputType::Warning, line);
                driver.for_each_met(|cell| self.withdraw(driver, now, cell));
            }
            ClientEvent::Bound { identity, .. } => {
                driver.for_each_met(|cell| {
                    let mut guarded = cell.lock();
                    let Some(engine) = guarded.engine.udp_mut() else { return };
                    let is_peer =
                        engine.remote_identity().is_some_and(|peer| IdentityHash::of(&peer.to_string()) == identity);
                    if is_peer && engine.state() != ConnectionState::Connecting {
                        self.offer_known(now, engine);
                        cell.settle(driver, now, guarded);
                    }
                });
            }
            ClientEvent::Draining => {}
        }
    }

    /// Nothing goes over this relay any more.
    fn withdraw(&self, driver: &Driver, now: Timestamp, cell: &Arc<ConnectionCell>) {
        let mut guarded = cell.lock();
        if let Some(engine) = guarded.engine.udp_mut() {
            engine.remove_routes(now, |route| route.0 >> 8 == self.number);
        }
        cell.settle(driver, now, guarded);
    }
}

impl StationState {
    fn note(&mut self, event: &ClientEvent) {
        match event {
            ClientEvent::Bound { slot, endpoint, identity } => {
                let index = usize::from(*slot);
                if self.slots.len() <= index {
                    self.slots.resize(index + 1, None);
                }
                self.slots[index] = Some((*endpoint, *identity));
            }
            ClientEvent::Lost => self.slots.clear(),
            ClientEvent::Opened | ClientEvent::Draining => {}
        }
    }

    fn quality(&self, peer_ms: Option<u32>) -> RouteQuality {
        let own = self.client.ping_us().map(millis);
        let ping_ms = own.map(|own| own.saturating_add(peer_ms.unwrap_or(PEER_PING_MS)));
        RouteQuality { kind: RouteKind::Relay, ping_ms, penalty_ms: 0 }
    }
}

impl Driver {
    /// From now on these are the relays of our network; sessions on them are opened at once, and kept.
    pub(crate) fn set_relays(&self, relays: &[Relay], access: &RelayAccess) {
        let now = self.now().as_micros();
        for relay in relays.iter().take(STATIONS_MAX) {
            let stations = self.p2p.relays.stations.read().clone();
            if let Some(known) = stations.iter().find(|station| station.relay == *relay) {
                known.state.lock().client.set_ticket(access.ticket.clone());
                continue;
            }
            if let Err(error) = self.add_station(now, relay, access) {
                let line = format_args!("no socket for relay {}: {error}", relay.name);
                self.log.write(DebugOutputType::Error, line);
            }
        }
        self.wake();
    }

    fn add_station(&self, now: u64, relay: &Relay, access: &RelayAccess) -> io::Result<()> {
        let mut socket = UdpSocket::towards(relay.address)?;
        let token = self.register(&mut socket)?;
        let params = ClientParams {
            relay_key: relay.key,
            ticket: access.ticket.clone(),
            key: SigningKey::from_bytes(&access.key),
            seed: self.seed(),
        };
        let state = StationState { client: RelayClient::new(now, params), slots: Vec::new() };
        let mut stations = self.p2p.relays.stations.write();
        let number = stations.iter().map(|station| station.number + 1).max().unwrap_or(1);
        let station = Arc::new(Station {
            number,
            relay: relay.clone(),
            token,
            socket: Arc::new(socket),
            state: Mutex::new(state),
        });
        stations.push(Arc::clone(&station));
        drop(stations);
        self.read_relay(station);
        Ok(())
    }
}

/// The connection of ours that a packet names.
fn recipient(packet: &[u8]) -> Option<u32> {
    if is_data(packet) {
        return DataHeader::decode(packet).ok().map(|header| header.recipient);
    }
    match ControlPacket::decode(packet) {
        Ok(ControlPacket::ConnectionClosed(closed)) => closed.to_connection_id,
        Ok(ControlPacket::NoConnection(message)) => message.to_connection_id,
        _ => None,
    }
}

fn millis(micros: u64) -> u32 {
    u32::try_from(micros.div_ceil(1_000)).unwrap_or(u32::MAX)
}
