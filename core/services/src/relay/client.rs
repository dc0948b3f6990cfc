//! The client's half of a session on a relay.
//!
//! ```text
//!          PONG            OPENED
//! Probing -----> Opening ---------> Open
//!    ^              | no answer       | two answers missing, or the counter runs out
//!    +--------------+-----------------+
//! ```

use ed25519_dalek::SigningKey;
use prost::Message as _;
use sha2::{Digest, Sha256};

use super::datagram::{COOKIE_LEN, Datagram, HEADER_LEN, Header, Kind, Open, Opened};
use super::keys::{Direction, SessionKeys, public_key};
use super::records::{REFUSED_NO_ENDPOINT, Record};
use super::table::ReplayWindow;
use super::token::{Endpoint, IdentityHash, RouteToken, TokenKey};
use super::{OPEN_SIGNATURE, SLOT_RELAY};
use crate::signed;

/// Between two questions that nobody answered, microseconds.
const RETRY_US: u64 = 250_000;
/// The same once a relay has been silent for long.
const RETRY_SLOW_US: u64 = 2_000_000;
/// After so many it is silent for long.
const RETRIES_QUICK: u32 = 8;
/// A session in use is asked for a sign of life this often, microseconds.
const KEEPALIVE_US: u64 = 1_000_000;
/// So many answers may be missing.
const MISSED_MAX: u32 = 2;
/// A cookie is used for at most this long, microseconds.
const COOKIE_LIFE_US: u64 = 50_000_000;
/// Peers on one relay; there are no more slots.
const BINDINGS_MAX: usize = 250;
/// Before the counter runs out a new session is opened.
const COUNTER_MAX: u32 = u32::MAX - 1_000_000;

/// What a client needs for its sessions on one relay.
pub struct ClientParams {
    /// The relay's static X25519 key, from the directory.
    pub relay_key: [u8; 32],
    /// A signed ticket.
    pub ticket: Vec<u8>,
    /// The key that the ticket names.
    pub key: SigningKey,
    /// 32 random bytes, for nothing else.
    pub seed: [u8; 32],
}

/// What the owner should hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientEvent {
    /// There is a session: route tokens can be made.
    Opened,
    /// The session is gone, and so are its slots; another is being opened.
    Lost,
    /// Packets to and from this peer go in this slot.
    Bound {
        /// Our number for the peer.
        slot: u8,
        /// Who the peer is.
        endpoint: Endpoint,
        /// The identity in the peer's ticket.
        identity: IdentityHash,
    },
    /// The relay is about to stop.
    Draining,
}

/// What a datagram of the relay was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// A packet of the peer in this slot: the datagram behind [`HEADER_LEN`].
    Data {
        /// Our number for the peer.
        slot: u8,
    },
    /// Of the relay itself; it may have caused events and datagrams.
    Control,
    /// Nothing that counts.
    Dropped,
}

enum State {
    Probing,
    Opening { cookie: [u8; COOKIE_LEN], message: Vec<u8> },
    Open(Session),
}

struct Session {
    number: u32,
    keys: SessionKeys,
    token_key: TokenKey,
    counter: u32,
    window: ReplayWindow,
    missed: u32,
    /// (number, when it was asked)
    asked: Option<(u32, u64)>,
}

struct Binding {
    reference: u16,
    token: RouteToken,
    slot: Option<u8>,
    tries: u32,
    due: u64,
}

/// One client's dealings with one relay. Times are microseconds on the caller's monotonic clock.
///
/// After each call: drain [`poll_transmit`](Self::poll_transmit) and [`poll_event`](Self::poll_event), and call
/// [`handle_timeout`](Self::handle_timeout) at [`poll_timeout`](Self::poll_timeout).
pub struct Client {
    params: ClientParams,
    endpoint: Endpoint,
    state: State,
    /// Sessions tried so far: each has a key of its own.
    attempt: u64,
    tries: u32,
    due: u64,
    nonce: u64,
    ping_asked: u64,
    cookie_at: u64,
    ping_us: Option<u64>,
    pop: u32,
    next_reference: u16,
    bindings: Vec<Binding>,
    transmits: Vec<Vec<u8>>,
    events: Vec<ClientEvent>,
}

impl Client {
    /// Begins with the first PING.
    pub fn new(now: u64, params: ClientParams) -> Self {
        Self {
            endpoint: Endpoint::of(params.key.verifying_key().as_bytes()),
            params,
            state: State::Probing,
            attempt: 0,
            tries: 0,
            due: now,
            nonce: 0,
            ping_asked: now,
            cookie_at: now,
            ping_us: None,
            pop: 0,
            next_reference: 0,
            bindings: Vec::new(),
            transmits: Vec::new(),
            events: Vec::new(),
        }
    }

    /// A newer ticket; it counts from the next session on.
    pub fn set_ticket(&mut self, ticket: Vec<u8>) {
        self.params.ticket = ticket;
    }

    /// Whether there is a session.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    /// Round-trip time to the relay, microseconds; the smallest of the last answers weighs most.
    pub fn ping_us(&self) -> Option<u64> {
        self.ping_us
    }

    /// The relay's point of presence, 0 while unknown.
    pub fn pop(&self) -> u32 {
        self.pop
    }

    /// A token with which this identity can send to us over this relay; `None` without a session.
    pub fn make_token(&self, expiry_unix: u32, allowed: IdentityHash) -> Option<RouteToken> {
        match &self.state {
            State::Open(session) => Some(RouteToken::make(&session.token_key, self.endpoint, expiry_unix, allowed)),
            _ => None,
        }
    }

    /// From now on packets shall go to whom this token leads to. The answer is [`ClientEvent::Bound`], also after a new
    /// session; asked for again until it comes. False if there are too many.
    pub fn bind(&mut self, now: u64, token: RouteToken) -> bool {
        if let Some(binding) = self.bindings.iter_mut().find(|binding| binding.token.endpoint == token.endpoint) {
            binding.token = token;
            if binding.slot.is_none() {
                binding.due = now;
            }
            return true;
        }
        if self.bindings.len() >= BINDINGS_MAX {
            return false;
        }
        self.next_reference = self.next_reference.checked_add(1).unwrap_or(1);
        self.bindings.push(Binding { reference: self.next_reference, token, slot: None, tries: 0, due: now });
        true
    }

    /// The slot of this peer, if packets go there now.
    pub fn slot(&self, endpoint: Endpoint) -> Option<u8> {
        self.bindings.iter().find(|binding| binding.token.endpoint == endpoint)?.slot
    }

    /// Packets to this peer are not wanted any more.
    pub fn unbind(&mut self, endpoint: Endpoint) {
        self.bindings.retain(|binding| binding.token.endpoint != endpoint);
    }

    /// Appends a DATA for the peer in this slot; false without a session.
    pub fn write_data(&mut self, slot: u8, payload: &[u8], out: &mut Vec<u8>) -> bool {
        let State::Open(session) = &mut self.state else { return false };
        session.write(Kind::Data, slot, payload, out);
        true
    }

    /// Says goodbye, so that the relay need not wait.
    pub fn close(&mut self) {
        if let State::Open(session) = &mut self.state {
            let mut datagram = Vec::new();
            session.write(Kind::Close, SLOT_RELAY, &[0, 0], &mut datagram);
            self.transmits.push(datagram);
        }
        self.state = State::Probing;
        self.due = u64::MAX;
        self.bindings.clear();
    }

    /// A datagram came from the relay's address.
    pub fn handle_datagram(&mut self, now: u64, datagram: &[u8]) -> Received {
        match Datagram::read(datagram) {
            Some(Datagram::OfSession(header)) => self.take_of_session(now, header, datagram),
            Some(Datagram::Pong { nonce, pop, draining, cookie, .. }) if nonce == self.nonce => {
                self.take_pong(now, pop, draining, cookie);
                Received::Control
            }
            Some(Datagram::Opened { message, tag }) => self.take_opened(now, message, tag),
            Some(Datagram::NoSession { session, .. }) => {
                if let State::Open(open) = &mut self.state
                    && open.number == session
                {
                    // A hint, which anybody could give: the answer to the next question decides.
                    let asked = open.asked.map(|(_, at)| at + RETRY_US);
                    self.due = self.due.min(asked.unwrap_or(now));
                }
                Received::Control
            }
            _ => Received::Dropped,
        }
    }

    /// What to send to the relay next.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        if self.transmits.is_empty() { None } else { Some(self.transmits.remove(0)) }
    }

    /// What the owner should hear of next.
    pub fn poll_event(&mut self) -> Option<ClientEvent> {
        if self.events.is_empty() { None } else { Some(self.events.remove(0)) }
    }

    /// When something has to be done next.
    pub fn poll_timeout(&self) -> u64 {
        let waiting = self.bindings.iter().filter(|binding| binding.slot.is_none()).map(|binding| binding.due);
        let binding = if self.is_open() { waiting.min() } else { None };
        binding.map_or(self.due, |due| due.min(self.due))
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: u64) {
        if self.due <= now {
            match &self.state {
                State::Probing => self.ping(now),
                State::Opening { .. } if self.tries >= RETRIES_QUICK => self.probe_anew(now),
                State::Opening { .. } => self.send_open(now),
                State::Open(_) => self.keep_alive(now),
            }
        }
        self.send_bindings(now);
    }

    fn ping(&mut self, now: u64) {
        self.nonce = self.random();
        self.ping_asked = now;
        self.tries = self.tries.saturating_add(1);
        self.due = now + if self.tries > RETRIES_QUICK { RETRY_SLOW_US } else { RETRY_US };
        self.transmit(&Datagram::Ping { nonce: self.nonce });
    }

    fn take_pong(&mut self, now: u64, pop: u32, draining: bool, cookie: [u8; COOKIE_LEN]) {
        self.measure(now.saturating_sub(self.ping_asked));
        self.pop = pop;
        self.nonce = self.random();
        if draining {
            self.events.push(ClientEvent::Draining);
            self.due = now + RETRY_SLOW_US;
        } else if matches!(self.state, State::Probing) {
            self.cookie_at = now;
            self.begin_open(now, cookie);
        }
    }

    fn begin_open(&mut self, now: u64, cookie: [u8; COOKIE_LEN]) {
        self.attempt += 1;
        self.tries = 0;
        let ephemeral = public_key(&self.ephemeral());
        let ticket = Sha256::digest(&self.params.ticket);
        let parts: [&[u8]; 4] = [&self.params.relay_key, &cookie, &ephemeral, &ticket];
        let signature = signed::sign(&self.params.key, OPEN_SIGNATURE, &parts);
        let open = Open {
            ticket: self.params.ticket.clone().into(),
            ephemeral: ephemeral.to_vec().into(),
            signature: signature.to_vec().into(),
            version: 1,
        };
        self.state = State::Opening { cookie, message: open.encode_to_vec() };
        self.send_open(now);
    }

    fn send_open(&mut self, now: u64) {
        let State::Opening { cookie, message } = &self.state else { return };
        if now.saturating_sub(self.cookie_at) > COOKIE_LIFE_US {
            return self.probe_anew(now);
        }
        let mut datagram = Vec::new();
        Datagram::Open { cookie: *cookie, message }.write(&mut datagram);
        self.transmits.push(datagram);
        self.tries += 1;
        self.due = now + RETRY_US;
    }

    fn take_opened(&mut self, now: u64, message: &[u8], tag: [u8; 16]) -> Received {
        let State::Opening { message: open, .. } = &self.state else { return Received::Dropped };
        let Some(opened) = Opened::read(message) else { return Received::Dropped };
        let relay_ephemeral = signed::first(&opened.ephemeral);
        let keys = SessionKeys::of_client(&self.ephemeral(), &self.params.relay_key, &relay_ephemeral, open);
        let Some(keys) = keys.filter(|keys| keys.opened_tag(message) == tag) else { return Received::Dropped };
        let token_key = TokenKey::from_bytes(keys.mask(signed::first(&opened.token_key)));
        self.state = State::Open(Session {
            number: opened.session,
            keys,
            token_key,
            counter: 0,
            window: ReplayWindow::default(),
            missed: 0,
            asked: None,
        });
        self.tries = 0;
        self.due = now + KEEPALIVE_US;
        for binding in &mut self.bindings {
            (binding.slot, binding.tries, binding.due) = (None, 0, now);
        }
        self.events.push(ClientEvent::Opened);
        self.send_bindings(now);
        Received::Control
    }

    fn take_of_session(&mut self, now: u64, header: Header, datagram: &[u8]) -> Received {
        let State::Open(session) = &mut self.state else { return Received::Dropped };
        let known = header.session == session.number && session.window.is_new(header.counter);
        if !known || !header.is_authentic(&session.keys, Direction::Down, datagram) {
            return Received::Dropped;
        }
        session.window.insert(header.counter);
        session.missed = 0;
        match header.kind {
            Kind::Data => Received::Data { slot: header.slot },
            Kind::Close => {
                self.lose(now);
                Received::Control
            }
            _ => {
                Record::read_all(&datagram[HEADER_LEN..]).for_each(|record| self.take_record(now, record));
                Received::Control
            }
        }
    }

    fn take_record(&mut self, now: u64, record: Record) {
        match record {
            Record::Bound { slot, endpoint, identity, .. } => {
                if let Some(binding) = self.bindings.iter_mut().find(|binding| binding.token.endpoint == endpoint) {
                    binding.slot = Some(slot);
                }
                self.events.push(ClientEvent::Bound { slot, endpoint, identity });
            }
            Record::Refused { reference, reason } => {
                if let Some(binding) = self.bindings.iter_mut().find(|binding| binding.reference == reference)
                    && reason != REFUSED_NO_ENDPOINT
                {
                    binding.due = u64::MAX;
                }
            }
            Record::Pong(number) => {
                if let State::Open(session) = &mut self.state
                    && let Some((_, at)) = session.asked.take_if(|(asked, _)| *asked == number)
                {
                    self.measure(now.saturating_sub(at));
                }
            }
            Record::Moved => self.events.push(ClientEvent::Draining),
            Record::Bind { .. } | Record::Ping(_) => {}
        }
    }

    fn keep_alive(&mut self, now: u64) {
        let State::Open(session) = &mut self.state else { return };
        if session.asked.is_some() {
            session.missed += 1;
        }
        if session.missed >= MISSED_MAX || session.counter >= COUNTER_MAX {
            return self.lose(now);
        }
        let (mut payload, mut datagram) = (Vec::new(), Vec::new());
        session.asked = Some((session.counter, now));
        Record::Ping(session.counter).write(&mut payload);
        session.write(Kind::KeepAlive, SLOT_RELAY, &payload, &mut datagram);
        // While an answer is missing, the next is asked for sooner.
        let patience = 2 * self.ping_us.unwrap_or(RETRY_US) + RETRY_US;
        self.due = now + if session.missed > 0 { patience.min(KEEPALIVE_US) } else { KEEPALIVE_US };
        self.transmits.push(datagram);
    }

    fn lose(&mut self, now: u64) {
        self.events.push(ClientEvent::Lost);
        self.bindings.iter_mut().for_each(|binding| binding.slot = None);
        self.probe_anew(now);
    }

    fn probe_anew(&mut self, now: u64) {
        self.state = State::Probing;
        self.tries = 0;
        self.ping(now);
    }

    fn send_bindings(&mut self, now: u64) {
        let State::Open(session) = &mut self.state else { return };
        for binding in self.bindings.iter_mut().filter(|binding| binding.slot.is_none() && binding.due <= now) {
            let (mut payload, mut datagram) = (Vec::new(), Vec::new());
            Record::Bind { reference: binding.reference, token: binding.token }.write(&mut payload);
            session.write(Kind::KeepAlive, SLOT_RELAY, &payload, &mut datagram);
            self.transmits.push(datagram);
            binding.tries = binding.tries.saturating_add(1);
            binding.due = now + if binding.tries > RETRIES_QUICK { RETRY_SLOW_US } else { RETRY_US };
        }
    }

    fn measure(&mut self, sample_us: u64) {
        self.ping_us = Some(self.ping_us.map_or(sample_us, |ping| sample_us.min((7 * ping + sample_us) / 8)));
    }

    /// Of this attempt: from the seed, so that a repeated OPEN is the same.
    fn ephemeral(&self) -> [u8; 32] {
        signed::first(&Sha256::new().chain_update(self.params.seed).chain_update(self.attempt.to_le_bytes()).finalize())
    }

    fn random(&self) -> u64 {
        let hash =
            Sha256::new().chain_update(b"nonce").chain_update(self.params.seed).chain_update(self.nonce.to_le_bytes());
        u64::from_le_bytes(signed::first(&hash.finalize()))
    }

    fn transmit(&mut self, datagram: &Datagram<'_>) {
        let mut bytes = Vec::new();
        datagram.write(&mut bytes);
        self.transmits.push(bytes);
    }
}

impl Session {
    fn write(&mut self, kind: Kind, slot: u8, payload: &[u8], out: &mut Vec<u8>) {
        self.counter = self.counter.wrapping_add(1);
        let header = Header { kind, session: self.number, counter: self.counter, slot };
        header.write(&self.keys, Direction::Up, payload, out);
    }
}
