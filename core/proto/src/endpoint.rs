//! A UDP socket's worth of connections: which connection does a datagram belong to, and is it a new one?

use core::net::{SocketAddr, SocketAddrV6};
use std::collections::HashMap;
use std::sync::Arc;

use gamesockets_schema::ConnectionEnd;
use rand_chacha::ChaCha12Rng;
use rand_core::{Rng, SeedableRng};

use crate::crypto::{LocalCertificate, TrustStore};
use crate::handshake::{ChallengeKey, IdentifiedRequest, ServerParams};
use crate::wire::control::{LEAD_CONNECT_REQUEST, MIN_PADDED, is_request};
use crate::wire::{
    ChallengeReply, ChallengeRequest, ConnectRequest, ConnectionClosed, ControlPacket, DecodeError, LEAD_DATA_BIT,
    MIN_DATAGRAM, NoConnection,
};
use crate::{Connection, ConnectionConfig, Identity, PROTOCOL_VERSION, Timestamp};

mod budget;
mod notes;
mod pair;
mod prefix;
mod stats;

use budget::Budget;
pub use notes::Note;
use notes::Notes;
pub use pair::{PairEnd, connected_pair};
pub use prefix::Prefix;
pub use stats::EndpointStats;

/// Another protocol's discovery packets begin like this (spec section 1.2).
const DISCOVERY_PREFIX: [u8; 4] = [0xff; 4];

/// What a ChallengeRequest was longer than a third of its answer, bytes.
const CHALLENGE_SURPLUS: usize = MIN_PADDED - 26_usize.div_ceil(REPLY_FACTOR);
/// A reply has at most so many bytes for each of the datagram.
const REPLY_FACTOR: usize = 3;

/// Why a ConnectRequest does not lead to a connection.
enum Refused {
    Challenge,
    Identity,
    /// The client with this connection id is connected.
    Duplicate(u32),
    Credentials,
    /// Too many signatures have to be checked.
    Budget,
    /// Somebody else is connected from there.
    Occupied,
}

/// What to do with a datagram.
pub enum Incoming<K> {
    /// It is for this connection: call its `handle_datagram`.
    Connection(K),
    /// Answer the sender with what was written to the reply buffer. Never longer than the datagram, or three times as long
    /// if the sender has returned a challenge.
    Reply,
    /// A new connection in `Connecting`. Store it under a key, call [`Endpoint::insert`] before the next datagram, tell
    /// the application.
    New(Box<Connection>),
    /// Counted and dropped.
    Dropped,
}

/// Routes the datagrams of one UDP socket. `K` is the caller's key for a connection. Keeps no state per unverified address.
///
/// IPv4-mapped IPv6 addresses, as a dual-stack socket shows them, are one with the IPv4 addresses in them; a
/// [`Connection`] always has the latter.
pub struct Endpoint<K> {
    params: ListenParams,
    certificate: Option<LocalCertificate>,
    trust: Arc<TrustStore>,
    challenge_key: ChallengeKey,
    budget: Budget,
    notes: Notes,
    rng: ChaCha12Rng,
    routes: HashMap<SocketAddr, Route<K>>,
    /// Who has connected with which connection ID, and from where.
    clients: HashMap<(Identity, u32), SocketAddr>,
    stats: EndpointStats,
}

struct Route<K> {
    key: K,
    client: Option<(Identity, u32)>,
    /// A CA vouches for its client.
    authenticated: bool,
    /// The connection has ended, and only answers stragglers.
    has_ended: bool,
}

impl<K> Route<K> {
    /// Whether another client asks for a connection from there: systems give ports out again, and programs that were
    /// killed come back.
    fn is_asked_for_anew(&self, datagram: &[u8]) -> bool {
        let id = match ControlPacket::decode(datagram) {
            Ok(ControlPacket::ChallengeRequest(request)) => request.connection_id,
            Ok(ControlPacket::ConnectRequest(request)) => request.client_connection_id,
            _ => None,
        };
        let old = self.client.as_ref().map(|&(_, id)| id);
        id.is_some_and(|id| id != 0 && Some(id) != old)
    }

    /// Whether a client who claims to be this one may take the address, which has been found to be its own. One that has
    /// ended yields to anybody; a living one only to itself.
    fn yields_to(&self, identity: &Identity) -> bool {
        self.has_ended || self.client.as_ref().is_some_and(|(own, _)| own == identity)
    }
}

/// What an endpoint that listens needs to make connections.
pub struct ListenParams {
    /// Who we are.
    pub identity: Identity,
    /// Settings that new connections start with.
    pub config: ConnectionConfig,
    /// Randomness for challenges and connections.
    pub seed: [u8; 32],
    /// Unix time in seconds at `Timestamp` zero, for certificate expiry.
    pub unix_seconds_at_zero: u64,
}

impl<K: Copy + Eq> Endpoint<K> {
    /// Without certificate authorities: no certificate is trusted, and ours is unsigned.
    pub fn listen(params: ListenParams) -> Self {
        let mut rng = ChaCha12Rng::from_seed(params.seed);
        let (mut challenge_seed, mut budget_seed) = ([0; 16], [0; 16]);
        rng.fill_bytes(&mut challenge_seed);
        rng.fill_bytes(&mut budget_seed);
        Self {
            params,
            certificate: None,
            trust: Arc::default(),
            challenge_key: ChallengeKey::new(challenge_seed),
            budget: Budget::new(budget_seed),
            notes: Notes::default(),
            rng,
            routes: HashMap::new(),
            clients: HashMap::new(),
            stats: EndpointStats::default(),
        }
    }

    /// New connections bear this identity.
    pub fn set_identity(&mut self, identity: Identity) {
        self.params.identity = identity;
    }

    /// New connections trust these certificate authorities.
    pub fn set_trust(&mut self, trust: Arc<TrustStore>) {
        self.trust = trust;
    }

    /// New connections show this CA-signed certificate, or an unsigned one.
    pub fn set_certificate(&mut self, certificate: Option<LocalCertificate>) {
        self.certificate = certificate;
    }

    /// The wall clock was set, or a machine has slept: from now on, certificates are judged by this time at `Timestamp`
    /// zero.
    pub fn set_unix_seconds_at_zero(&mut self, unix_seconds: u64) {
        self.params.unix_seconds_at_zero = unix_seconds;
    }

    /// New connections start with these settings.
    pub fn set_config(&mut self, config: ConnectionConfig) {
        self.params.config = config;
    }

    /// Looks at a datagram; `reply` is cleared and filled when the answer is [`Incoming::Reply`].
    /// `connection_id` gives a fresh local connection id (both halves non-zero, unique among the caller's).
    pub fn handle_datagram(
        &mut self,
        now: Timestamp,
        from: SocketAddr,
        datagram: &[u8],
        reply: &mut Vec<u8>,
        connection_id: impl FnOnce() -> u32,
    ) -> Incoming<K> {
        reply.clear();
        self.stats.datagrams += 1;
        let from = canonical_address(from);
        if let Some(route) = self.routes.get(&from)
            && !(is_request(datagram) && route.is_asked_for_anew(datagram))
        {
            return Incoming::Connection(route.key);
        }
        let Some(packet) = self.decode(now, from, datagram) else {
            return Incoming::Dropped;
        };
        match packet {
            ControlPacket::ChallengeRequest(request) => self.challenge(now, from, &request, reply),
            ControlPacket::ConnectRequest(request) => {
                let answer = self.connect(now, from, &request, datagram.len(), connection_id);
                self.answer_request(answer, datagram.len(), reply)
            }
            ControlPacket::ConnectionClosed(closed) => self.no_connection(&closed, reply),
            ControlPacket::ChallengeReply(_) | ControlPacket::ConnectOk(_) | ControlPacket::NoConnection(_) => {
                self.stats.dropped_stray += 1;
                Incoming::Dropped
            }
        }
    }

    /// Binds the remote address (and identity and connection id, for the duplicate check) of a new connection to `key`.
    /// Answers the key that had the address until now, if there is one: that connection has to
    /// [give way](Connection::give_way).
    pub fn insert(&mut self, connection: &Connection, key: K) -> Option<K> {
        let remote = canonical_address(connection.remote_address());
        let old = self.route(remote);
        self.remove(remote);
        let client = connection.remote_identity().map(|identity| (identity.clone(), connection.remote_connection_id()));
        if let Some(client) = &client {
            self.clients.insert(client.clone(), remote);
        }
        let authenticated = connection.is_authenticated();
        self.routes.insert(remote, Route { key, client, authenticated, has_ended: false });
        old
    }

    /// The connection has ended, though it is not dead yet: from now on, a request of another client is not for it. When
    /// that becomes a connection, [`insert`](Self::insert) gives it the address.
    pub fn note_end(&mut self, remote: SocketAddr) {
        if let Some(route) = self.routes.get_mut(&canonical_address(remote)) {
            route.has_ended = true;
        }
    }

    /// The connection is dead: frees its address.
    pub fn remove(&mut self, remote: SocketAddr) {
        let Some(route) = self.routes.remove(&canonical_address(remote)) else {
            return;
        };
        if let Some(client) = route.client {
            self.clients.remove(&client);
        }
    }

    /// The key a remote address routes to.
    pub fn route(&self, remote: SocketAddr) -> Option<K> {
        self.routes.get(&canonical_address(remote)).map(|route| route.key)
    }

    /// How many connections there are.
    pub fn connection_count(&self) -> usize {
        self.routes.len()
    }

    /// What the operator should hear of the last datagram.
    pub fn take_note(&mut self) -> Option<Note> {
        self.notes.take()
    }

    /// What has become of the datagrams so far.
    pub fn stats(&self) -> &EndpointStats {
        &self.stats
    }

    /// A datagram from an address without a connection (spec section 1.6).
    fn decode(&mut self, now: Timestamp, from: SocketAddr, datagram: &[u8]) -> Option<ControlPacket> {
        let stats = &mut self.stats;
        let cause = match datagram.first() {
            _ if datagram.len() < MIN_DATAGRAM => &mut stats.dropped_malformed,
            _ if datagram.starts_with(&DISCOVERY_PREFIX) => &mut stats.dropped_discovery,
            Some(lead) if lead & LEAD_DATA_BIT != 0 => &mut stats.dropped_stray,
            _ => match ControlPacket::decode(datagram) {
                Ok(packet) => return Some(packet),
                Err(DecodeError::UnknownLeadByte(_)) => &mut stats.dropped_unknown,
                Err(error) => {
                    // Among them are identities that are not UTF-8, which GNS takes.
                    if datagram.first() == Some(&LEAD_CONNECT_REQUEST) {
                        self.notes.refused(now, from, format_args!("its request does not parse: {error}"));
                    }
                    &mut stats.dropped_malformed
                }
            },
        };
        *cause += 1;
        None
    }

    /// Spec section 5.2: 26 bytes for at least 512, and nothing remembered.
    fn challenge(
        &mut self,
        now: Timestamp,
        from: SocketAddr,
        request: &ChallengeRequest,
        reply: &mut Vec<u8>,
    ) -> Incoming<K> {
        let Some(connection_id) = request.connection_id.filter(|&id| id != 0) else {
            self.stats.dropped_malformed += 1;
            return Incoming::Dropped;
        };
        ControlPacket::ChallengeReply(ChallengeReply {
            connection_id: Some(connection_id),
            challenge: Some(self.challenge_key.make(now, from)),
            // GNS always writes it.
            your_timestamp: Some(request.my_timestamp.unwrap_or(0)),
            protocol_version: Some(PROTOCOL_VERSION),
        })
        .encode(reply);
        self.stats.challenges += 1;
        Incoming::Reply
    }

    /// Spec section 5.4, in its order. Up to the check of the challenge nothing is believed, and nothing costs much.
    fn connect(
        &mut self,
        now: Timestamp,
        from: SocketAddr,
        request: &ConnectRequest,
        len: usize,
        connection_id: impl FnOnce() -> u32,
    ) -> Result<Box<Connection>, Refused> {
        let challenge = request.challenge.unwrap_or(0);
        if !self.challenge_key.check(now, from, challenge) {
            return Err(Refused::Challenge);
        }
        let identified = IdentifiedRequest::read(request, from, &self.params.config).map_err(|reject| {
            self.notes.refused(now, from, reject);
            Refused::Identity
        })?;
        let client = (identified.identity().clone(), identified.connection_id());
        if self.clients.contains_key(&client) {
            return Err(Refused::Duplicate(client.1));
        }
        let occupant = self.routes.get(&from);
        if occupant.is_some_and(|route| !route.yields_to(identified.identity())) {
            return Err(Refused::Occupied);
        }
        let needs_authentication = occupant.is_some_and(|route| route.authenticated && !route.has_ended);
        // The ChallengeRequest is not remembered, but it was 512 bytes, and 26 were the answer. It counts once.
        let received = if occupant.is_some() { len } else { len + CHALLENGE_SURPLUS };
        if !self.budget.take(now, Prefix::of(from.ip())) {
            return Err(Refused::Budget);
        }
        self.stats.checks += 1;
        let mut seed = [0; 32];
        self.rng.fill_bytes(&mut seed);
        let params = ServerParams {
            identity: &self.params.identity,
            certificate: self.certificate.as_ref(),
            trust: &self.trust,
            unix_seconds: self.params.unix_seconds_at_zero.saturating_add(now.as_micros() / 1_000_000),
            seed,
        };
        let handshake = identified.verify(now, &params).map_err(|reject| {
            self.notes.refused(now, from, reject);
            self.budget.note_failure(now, Prefix::of(from.ip()));
            Refused::Credentials
        })?;
        if needs_authentication && !handshake.is_authenticated() {
            return Err(Refused::Occupied);
        }
        if !handshake.is_authenticated() {
            let is_complaint = self.params.config.ip_allow_without_auth == 1;
            self.notes.unauthenticated(now, from, is_complaint, handshake.remote_identity());
        }
        let ping_est_ms = handshake.ping_est_ms();
        let config = self.params.config.clone();
        let connection = Connection::incoming(now, from, handshake, config, connection_id(), ping_est_ms, received);
        Ok(Box::new(connection))
    }

    fn answer_request(
        &mut self,
        answer: Result<Box<Connection>, Refused>,
        len: usize,
        reply: &mut Vec<u8>,
    ) -> Incoming<K> {
        let stats = &mut self.stats;
        let count = match answer {
            Ok(connection) => {
                stats.connections += 1;
                return Incoming::New(connection);
            }
            Err(Refused::Duplicate(client_connection_id)) => {
                stats.duplicates += 1;
                refuse_duplicate(client_connection_id, reply);
                if reply.len() <= len * REPLY_FACTOR {
                    return Incoming::Reply;
                }
                reply.clear();
                return Incoming::Dropped;
            }
            Err(Refused::Challenge) => &mut stats.dropped_challenge,
            Err(Refused::Identity) => &mut stats.dropped_identity,
            Err(Refused::Credentials) => &mut stats.dropped_credentials,
            Err(Refused::Budget) => &mut stats.dropped_budget,
            Err(Refused::Occupied) => &mut stats.dropped_occupied,
        };
        *count += 1;
        Incoming::Dropped
    }

    fn no_connection(&mut self, closed: &ConnectionClosed, reply: &mut Vec<u8>) -> Incoming<K> {
        self.stats.no_connections += 1;
        ControlPacket::NoConnection(NoConnection {
            from_connection_id: closed.to_connection_id,
            to_connection_id: closed.from_connection_id,
        })
        .encode(reply);
        Incoming::Reply
    }
}

/// The one reply that is longer than its request, which GNS sends too: 512 bytes for some 200. It is not sent for less than
/// a third.
fn refuse_duplicate(client_connection_id: u32, reply: &mut Vec<u8>) {
    ControlPacket::ConnectionClosed(ConnectionClosed {
        debug: Some("already connected with this identity and connection id".into()),
        reason_code: Some(ConnectionEnd::MISC_GENERIC.0.unsigned_abs()),
        to_connection_id: Some(client_connection_id),
        from_connection_id: None,
    })
    .encode(reply);
}

/// The address without what differs from one datagram of a peer to the next, and as IPv4 if it is an IPv4-mapped one.
fn canonical_address(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(_) => address,
        SocketAddr::V6(v6) => match v6.ip().to_ipv4_mapped() {
            Some(ip) => SocketAddr::from((ip, v6.port())),
            None => SocketAddrV6::new(*v6.ip(), v6.port(), 0, v6.scope_id()).into(),
        },
    }
}

#[cfg(test)]
mod tests;
