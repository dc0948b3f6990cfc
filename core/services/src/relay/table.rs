//! The relay's half: its sessions, and where a datagram goes.
//!
//! [`RelayTable::handle`] is the whole path of a packet: one look at the session, one check of its tag, one look at the
//! peer's session, one tag; no allocation. All else happens once a session or once a second.

mod budget;
mod replay;
mod session;

use core::net::SocketAddr;
use std::collections::HashMap;

use prost::Message as _;
use sha2::{Digest, Sha256};
use siphasher::sip128::SipHasher24;

use super::OPEN_SIGNATURE;
use super::datagram::{COOKIE_LEN, Datagram, HEADER_LEN, Header, Kind, Open, Opened};
use super::keys::{Direction, SessionKeys, public_key};
use super::records::{REFUSED_NO_ENDPOINT, REFUSED_NO_ROOM, REFUSED_TOKEN, Record};
use super::token::{Endpoint, IdentityHash, RouteToken, TokenKey};
use crate::signed;
use crate::ticket::TicketBody;

use budget::{Bucket, PrefixBudget};
pub(super) use replay::ReplayWindow;
use session::{Session, Slot};

const SECOND_US: u64 = 1_000_000;
/// A cookie is good in the minute in which it was made, and in the next.
const COOKIE_PERIOD_US: u64 = 60 * SECOND_US;
/// Of the kinds of answers that anybody can cause without a cookie, an address gets so many a second.
const HINTS_PER_SECOND: u32 = 10;
/// Sessions that a prefix may try to open a second: each costs two signatures and two key agreements.
const OPENS_PER_SECOND: u32 = 50;

/// What an operator sets.
#[derive(Clone)]
pub struct TableConfig {
    /// 32 random bytes, kept: cookies and tokens follow from them.
    pub secret: [u8; 32],
    /// The relay's static X25519 secret, kept; its public key stands in the directory.
    pub static_secret: [u8; 32],
    /// Point of presence.
    pub pop: u32,
    /// The number of this table among those of the relay: the low byte of its sessions' numbers.
    pub worker: u8,
    /// Ed25519 public keys whose tickets are taken.
    pub ticket_keys: Vec<[u8; 32]>,
    /// The app it is for; 0: any.
    pub app: u32,
    /// Sessions in all.
    pub sessions_max: usize,
    /// Sessions of one identity.
    pub sessions_per_identity: u32,
    /// Of a session, where the ticket does not say otherwise, kbit/s.
    pub session_kbps: u32,
    /// Of a session, where the ticket does not say otherwise, packets per second.
    pub session_pps: u32,
    /// Of all sessions together, kbit/s.
    pub total_kbps: u32,
    /// A session that is silent for so long is gone, seconds.
    pub idle_s: u32,
    /// Sessions opened per second at most: bounds the signatures.
    pub opens_per_second: u32,
}

/// Counters for who operates it. Nothing from outside is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableStats {
    /// Packets passed on.
    pub forwarded: u64,
    /// Their bytes, headers included.
    pub forwarded_bytes: u64,
    /// Sessions opened.
    pub opened: u64,
    /// Of no form that is known.
    pub dropped_malformed: u64,
    /// Cookie, ticket or signature did not hold.
    pub dropped_credentials: u64,
    /// Of no session, or with a tag that is wrong.
    pub dropped_forged: u64,
    /// Seen before.
    pub dropped_replayed: u64,
    /// For a slot in which nobody is, or any more.
    pub dropped_unbound: u64,
    /// Above a limit.
    pub dropped_limit: u64,
}

/// What to do about a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forward {
    /// Send the datagram, which was rewritten, to this address.
    To(SocketAddr),
    /// Send what was appended to the outbox, if anything, and forget the datagram.
    Done,
}

/// The sessions of one worker.
pub struct RelayTable {
    config: TableConfig,
    /// Number of the static key, of the ticket keys.
    relay_key: [u8; 32],
    sessions: Vec<Option<Box<Session>>>,
    free: Vec<u32>,
    /// The newest session of each endpoint.
    endpoints: HashMap<Endpoint, u32>,
    identities: HashMap<IdentityHash, u32>,
    opens: Bucket,
    opens_by_prefix: PrefixBudget,
    hints: PrefixBudget,
    total: Bucket,
    draining: bool,
    next_sweep: u64,
    stats: TableStats,
}

impl RelayTable {
    /// Without sessions. Times are microseconds on the caller's monotonic clock.
    pub fn new(now: u64, config: TableConfig) -> Self {
        Self {
            relay_key: public_key(&config.static_secret),
            sessions: Vec::new(),
            free: Vec::new(),
            endpoints: HashMap::new(),
            identities: HashMap::new(),
            opens: Bucket::new(now, config.opens_per_second.into(), config.opens_per_second.into()),
            opens_by_prefix: PrefixBudget::new(OPENS_PER_SECOND),
            hints: PrefixBudget::new(HINTS_PER_SECOND),
            total: Bucket::new(now, u64::from(config.total_kbps) * 125, u64::from(config.total_kbps) * 125),
            draining: false,
            next_sweep: now + SECOND_US,
            stats: TableStats::default(),
            config,
        }
    }

    /// Its static public key, for the directory.
    pub fn public_key(&self) -> [u8; 32] {
        self.relay_key
    }

    /// What has become of the datagrams so far.
    pub fn stats(&self) -> TableStats {
        self.stats
    }

    /// How many sessions there are.
    pub fn session_count(&self) -> usize {
        self.sessions.len() - self.free.len()
    }

    /// From now on no session is opened, and who has one is told to go.
    pub fn drain(&mut self, out: &mut Vec<(SocketAddr, Vec<u8>)>) {
        self.draining = true;
        for session in self.sessions.iter_mut().flatten() {
            out.push(session.keep_alive(&[Record::Moved]));
        }
    }

    /// Whoever has this identity, or this endpoint, has no session any more.
    pub fn deny(&mut self, denied: impl Fn(Endpoint, IdentityHash) -> bool) {
        for index in 0..self.sessions.len() {
            let hit = self.sessions[index].as_ref().is_some_and(|session| denied(session.endpoint, session.identity));
            if hit {
                self.remove(index as u32);
            }
        }
    }

    /// Sessions that were silent for too long go. To be called about every second.
    pub fn handle_timeout(&mut self, now: u64) {
        if now < self.next_sweep {
            return;
        }
        self.next_sweep = now + SECOND_US;
        let idle_us = u64::from(self.config.idle_s) * SECOND_US;
        for index in 0..self.sessions.len() {
            let silent = self.sessions[index].as_ref().is_some_and(|session| session.heard + idle_us <= now);
            if silent {
                self.remove(index as u32);
            }
        }
        self.hints.forget(now);
        self.opens_by_prefix.forget(now);
    }

    /// Takes a datagram from an address. A packet for a peer is rewritten in place; what else is to be sent goes to `out`.
    /// `seed` gives 32 random bytes; it is asked once for each session that is opened.
    pub fn handle(
        &mut self,
        now: u64,
        unix_seconds: u32,
        from: SocketAddr,
        datagram: &mut [u8],
        seed: impl FnOnce() -> [u8; 32],
        out: &mut Vec<(SocketAddr, Vec<u8>)>,
    ) -> Forward {
        let Some(read) = Datagram::read(datagram) else {
            self.stats.dropped_malformed += 1;
            return Forward::Done;
        };
        match read {
            Datagram::OfSession(header) if header.kind == Kind::Data => {
                return self.pass_on(now, from, header, datagram, out);
            }
            Datagram::OfSession(header) => self.take_control(now, unix_seconds, from, header, datagram, out),
            Datagram::Ping { nonce } => out.push((from, self.pong(now, from, nonce))),
            Datagram::Open { cookie, message } => self.open(now, unix_seconds, from, cookie, message, seed, out),
            Datagram::Pong { .. } | Datagram::Opened { .. } | Datagram::NoSession { .. } => {
                self.stats.dropped_malformed += 1;
            }
        }
        Forward::Done
    }

    fn pass_on(
        &mut self,
        now: u64,
        from: SocketAddr,
        header: Header,
        datagram: &mut [u8],
        out: &mut Vec<(SocketAddr, Vec<u8>)>,
    ) -> Forward {
        let Some(session) = find(&mut self.sessions, header.session) else {
            self.hint(now, from, header.session, datagram.len(), out);
            return Forward::Done;
        };
        if session.address != from || !header.is_authentic(&session.keys, Direction::Up, datagram) {
            self.stats.dropped_forged += 1;
            return Forward::Done;
        }
        if !session.window.take(header.counter) {
            self.stats.dropped_replayed += 1;
            return Forward::Done;
        }
        session.heard_now(now);
        let size = datagram.len() as u64;
        let peer = session.slots.get(usize::from(header.slot)).copied().flatten();
        let within = session.bytes.take(now, size) && session.packets.take(now, 1);
        if !within || !self.total.take(now, size) {
            self.stats.dropped_limit += 1;
            return Forward::Done;
        }
        let there = peer.and_then(|slot| {
            let peer = find(&mut self.sessions, slot.session).filter(|peer| peer.generation == slot.generation)?;
            Some((peer.next_counter()?, peer, slot.theirs))
        });
        let Some((counter, peer, slot)) = there else {
            self.stats.dropped_unbound += 1;
            return Forward::Done;
        };
        let down = Header { kind: Kind::Data, session: peer.number, counter, slot };
        down.overwrite(&peer.keys, Direction::Down, datagram);
        let to = peer.address;
        self.stats.forwarded += 1;
        self.stats.forwarded_bytes += size;
        Forward::To(to)
    }

    fn take_control(
        &mut self,
        now: u64,
        unix_seconds: u32,
        from: SocketAddr,
        header: Header,
        datagram: &[u8],
        out: &mut Vec<(SocketAddr, Vec<u8>)>,
    ) {
        let Some(session) = find(&mut self.sessions, header.session) else {
            return self.hint(now, from, header.session, datagram.len(), out);
        };
        if !header.is_authentic(&session.keys, Direction::Up, datagram) {
            self.stats.dropped_forged += 1;
            return;
        }
        let newest = session.window.is_newest(header.counter);
        if !session.window.take(header.counter) {
            self.stats.dropped_replayed += 1;
            return;
        }
        session.heard_now(now);
        if header.kind == Kind::Close {
            return self.remove(header.session >> 8);
        }
        // Only what is newer than all before it can say where the client is now: a copy from elsewhere moves nothing.
        if newest {
            session.address = from;
        }
        let mut answers = Vec::new();
        // One of each is enough; more of them would make an answer longer than what caused it.
        for record in Record::read_all(&datagram[HEADER_LEN..]).take(2) {
            match record {
                Record::Ping(number) => answers.push(Record::Pong(number)),
                Record::Bind { reference, token } => {
                    answers.push(self.bind(unix_seconds, header.session, reference, token, out));
                }
                _ => {}
            }
        }
        if let Some(session) = self.session(header.session)
            && !answers.is_empty()
        {
            let answer = session.keep_alive(&answers);
            out.push(answer);
        }
    }

    /// A client shows the token of a peer: from now on packets go both ways.
    fn bind(
        &mut self,
        unix_seconds: u32,
        number: u32,
        reference: u16,
        token: RouteToken,
        out: &mut Vec<(SocketAddr, Vec<u8>)>,
    ) -> Record {
        let refused = |reason| Record::Refused { reference, reason };
        let Some((own, identity, endpoint)) =
            self.session(number).map(|own| (own.slot_of(token.endpoint), own.identity, own.endpoint))
        else {
            return refused(REFUSED_TOKEN);
        };
        let key = TokenKey::derive(&self.config.secret, token.endpoint);
        if token.allowed != identity || token.expiry <= unix_seconds || !token.is_made_with(&key) {
            self.stats.dropped_credentials += 1;
            return refused(REFUSED_TOKEN);
        }
        let Some(&peer_index) = self.endpoints.get(&token.endpoint) else { return refused(REFUSED_NO_ENDPOINT) };
        let Some(peer) = self.sessions[peer_index as usize].as_deref() else { return refused(REFUSED_NO_ENDPOINT) };
        let (peer_number, peer_generation, peer_identity) = (peer.number, peer.generation, peer.identity);
        let (Some(own_slot), Some(peer_slot)) = (own, peer.slot_of(endpoint)) else { return refused(REFUSED_NO_ROOM) };
        let Some(own) = self.session(number) else { return refused(REFUSED_TOKEN) };
        let generation = own.generation;
        let news = own.set_slot(
            own_slot,
            Slot { session: peer_number, generation: peer_generation, endpoint: token.endpoint, theirs: peer_slot },
        );
        if let Some(peer) = self.session(peer_number) {
            let theirs = Slot { session: number, generation, endpoint, theirs: own_slot };
            // Told again each time it is asked for: what told it before may have been lost.
            let told = peer.set_slot(peer_slot, theirs) || news;
            let bound = Record::Bound { reference: 0, slot: peer_slot, endpoint, identity };
            if told || number != peer_number {
                let datagram = peer.keep_alive(&[bound]);
                out.push(datagram);
            }
        }
        Record::Bound { reference, slot: own_slot, endpoint: token.endpoint, identity: peer_identity }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one datagram, and what it may cause")]
    fn open(
        &mut self,
        now: u64,
        unix_seconds: u32,
        from: SocketAddr,
        cookie: [u8; COOKIE_LEN],
        message: &[u8],
        seed: impl FnOnce() -> [u8; 32],
        out: &mut Vec<(SocketAddr, Vec<u8>)>,
    ) {
        let period = now / COOKIE_PERIOD_US;
        if cookie != self.cookie(from, period) && (period == 0 || cookie != self.cookie(from, period - 1)) {
            self.stats.dropped_credentials += 1;
            return;
        }
        let Some(open) = Open::read(message) else {
            self.stats.dropped_malformed += 1;
            return;
        };
        // A repeated OPEN gets the same answer again, and costs nothing.
        if let Some(answer) = self.opened_before(from, &open) {
            return out.push((from, answer));
        }
        if self.draining || !self.opens_by_prefix.take(now, from.ip()) || !self.opens.take(now, 1) {
            self.stats.dropped_limit += 1;
            return;
        }
        let Some(ticket) = self.check_open(unix_seconds, &open, cookie) else {
            self.stats.dropped_credentials += 1;
            return;
        };
        match self.admit(now, from, &ticket, &signed::first(&open.ephemeral), message, seed()) {
            Some(answer) => out.push((from, answer)),
            None => self.stats.dropped_limit += 1,
        }
    }

    fn check_open(&self, unix_seconds: u32, open: &Open, cookie: [u8; COOKIE_LEN]) -> Option<TicketBody> {
        let key = |id| self.config.ticket_keys.iter().find(|key| signed::key_id(&key[..]) == id).copied();
        let ticket = TicketBody::verify(&open.ticket, unix_seconds, key).ok()?;
        let ours = self.config.app == 0 || ticket.app == self.config.app;
        let parts: [&[u8]; 4] = [&self.relay_key, &cookie, &open.ephemeral, &Sha256::digest(&open.ticket)];
        (ours && signed::verify(&ticket.client_key, OPEN_SIGNATURE, &parts, &open.signature)).then_some(ticket)
    }

    /// Makes the session; gives the OPENED. `None` where there is no room.
    fn admit(
        &mut self,
        now: u64,
        from: SocketAddr,
        ticket: &TicketBody,
        ephemeral: &[u8; 32],
        message: &[u8],
        seed: [u8; 32],
    ) -> Option<Vec<u8>> {
        let endpoint = Endpoint::of(&signed::first(&ticket.client_key));
        let identity = IdentityHash::of(&ticket.client);
        // A new session of an endpoint takes the place of its old one.
        if let Some(&old) = self.endpoints.get(&endpoint) {
            self.remove(old);
        }
        let of_identity = self.identities.get(&identity).copied().unwrap_or(0);
        if of_identity >= self.config.sessions_per_identity || self.session_count() >= self.config.sessions_max {
            return None;
        }
        let keys = SessionKeys::of_relay(&self.config.static_secret, &seed, ephemeral, message)?;
        let index = self.free.pop().unwrap_or(self.sessions.len() as u32);
        let number = index << 8 | u32::from(self.config.worker);
        let or = |value: u32, default: u32| if value == 0 { default } else { value };
        let (kbps, pps) = (or(ticket.kbps, self.config.session_kbps), or(ticket.pps, self.config.session_pps));
        let opened = Opened {
            session: number,
            ephemeral: public_key(&seed).to_vec().into(),
            token_key: keys.mask(TokenKey::derive(&self.config.secret, endpoint).to_bytes()).to_vec().into(),
            idle_s: self.config.idle_s,
            kbps,
            pps,
        }
        .encode_to_vec();
        let mut answer = Vec::new();
        Datagram::Opened { message: &opened, tag: keys.opened_tag(&opened) }.write(&mut answer);
        self.stats.opened += 1;
        let session = Session::new(
            now,
            number,
            self.stats.opened,
            from,
            keys,
            endpoint,
            identity,
            (kbps, pps),
            (*ephemeral, answer.clone()),
        );
        if index as usize == self.sessions.len() {
            self.sessions.push(None);
        }
        self.sessions[index as usize] = Some(Box::new(session));
        self.endpoints.insert(endpoint, index);
        *self.identities.entry(identity).or_default() += 1;
        Some(answer)
    }

    fn opened_before(&self, from: SocketAddr, open: &Open) -> Option<Vec<u8>> {
        let client_key = TicketBody::peek(&open.ticket)?.client_key;
        let endpoint = Endpoint::of(client_key[..].try_into().ok()?);
        let session = self.sessions[*self.endpoints.get(&endpoint)? as usize].as_deref()?;
        if session.address == from { session.opened_for(&open.ephemeral) } else { None }
    }

    fn remove(&mut self, index: u32) {
        let Some(session) = self.sessions.get_mut(index as usize).and_then(Option::take) else { return };
        self.free.push(index);
        if self.endpoints.get(&session.endpoint) == Some(&index) {
            self.endpoints.remove(&session.endpoint);
        }
        if let Some(count) = self.identities.get_mut(&session.identity) {
            *count -= 1;
            if *count == 0 {
                self.identities.remove(&session.identity);
            }
        }
    }

    fn session(&mut self, number: u32) -> Option<&mut Session> {
        find(&mut self.sessions, number)
    }

    fn pong(&self, now: u64, from: SocketAddr, nonce: u64) -> Vec<u8> {
        let load = (self.session_count() * 255 / self.config.sessions_max.max(1)) as u8;
        let cookie = self.cookie(from, now / COOKIE_PERIOD_US);
        let mut answer = Vec::new();
        Datagram::Pong { nonce, pop: self.config.pop, load, draining: self.draining, cookie }.write(&mut answer);
        answer
    }

    /// Tells a client that its session is gone: never longer than what caused it, and not often.
    fn hint(&mut self, now: u64, from: SocketAddr, session: u32, size: usize, out: &mut Vec<(SocketAddr, Vec<u8>)>) {
        self.stats.dropped_forged += 1;
        let mut answer = Vec::new();
        if size > 5 + COOKIE_LEN && self.hints.take(now, from.ip()) {
            let cookie = self.cookie(from, now / COOKIE_PERIOD_US);
            Datagram::NoSession { session, cookie }.write(&mut answer);
            out.push((from, answer));
        }
    }

    fn cookie(&self, address: SocketAddr, period: u64) -> [u8; COOKIE_LEN] {
        let mut bytes = [0; 26];
        let ip = match address {
            SocketAddr::V4(v4) => v4.ip().to_ipv6_mapped(),
            SocketAddr::V6(v6) => *v6.ip(),
        };
        bytes[..16].copy_from_slice(&ip.octets());
        bytes[16..18].copy_from_slice(&address.port().to_le_bytes());
        bytes[18..].copy_from_slice(&period.to_le_bytes());
        SipHasher24::new_with_key(&signed::first(&self.config.secret)).hash(&bytes).as_bytes()
    }
}

/// The session of this number, whole: one of another worker is none of ours.
fn find(sessions: &mut [Option<Box<Session>>], number: u32) -> Option<&mut Session> {
    let session = sessions.get_mut((number >> 8) as usize)?.as_deref_mut()?;
    (session.number == number).then_some(session)
}

#[cfg(test)]
mod tests;
