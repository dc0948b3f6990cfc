//! Clients and what they ask, without I/O but the store's: who has logged in, and which role answers what.

use std::collections::HashMap;
use std::net::SocketAddr;

use gamesockets::{Connection, SendFlags};
use gamesockets_proto::Identity;
use gamesockets_schema::ResultCode;
use gamesockets_services::limits::{TOKEN_LEN_MAX, VERSION};
use gamesockets_services::messages::{Body, Cert, Error, Frame, Hello, Pong, Signal, Welcome};
use prost::Message as _;

use crate::roles::authority::{Authority, LEAF_SECONDS};
use crate::roles::budget::{Budget, Rate};
use crate::roles::lobbies::{Lobbies, Output, Rules, Session};
use crate::roles::login::{self, Claim, NAMES_MAX, Refused};
use crate::roles::rendezvous::Rendezvous;
use crate::store::{Store, StoreError, Write};

const LOBBIES: &str = "lobbies";
const NAMES: &str = "names";
const NAMES_OF: &str = "names_of";
const PLAYERS: &str = "players";

/// How long a client has for its Hello, ms.
const HELLO_MS: u64 = 10_000;
/// How often a client says that it is there, seconds.
const HEARTBEAT_S: u32 = 20;
/// Messages that are none, until a client is let go.
const MALFORMED_MAX: u32 = 3;
const CERTIFICATES: Rate = Rate { burst: 5, every_ms: 720_000 };
/// Unreliable signals fit into one datagram.
const UNRELIABLE_MAX: usize = 1_100;
const SIGNAL_LANE: u16 = 1;

/// What the operator chose.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) apps: Vec<u32>,
    pub(super) is_loopback: bool,
    pub(super) clients_max: usize,
    pub(super) rules: Rules,
}

/// What is to be done on connections.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all of them are frames, and none is kept")]
pub(super) enum Reply {
    Frame(Connection, Frame, u16, SendFlags),
    Close(Connection, String),
}

struct Client {
    session: u64,
    address: SocketAddr,
    since: u64,
    malformed: u32,
    login: Option<Login>,
}

struct Login {
    identity: Identity,
    app: u32,
    key: [u8; 32],
    certificates: Budget,
}

pub(super) struct Clients<S> {
    settings: Settings,
    store: S,
    lobbies: Lobbies,
    rendezvous: Rendezvous,
    clients: HashMap<Connection, Client>,
    connections: HashMap<u64, Connection>,
    next_session: u64,
    replies: Vec<Reply>,
    failed: Option<StoreError>,
    swept: u64,
}

fn random() -> u32 {
    // Without randomness the system could not have made the keys either.
    getrandom::u32().unwrap_or_default()
}

impl<S: Store> Clients<S> {
    pub(super) fn open(settings: Settings, store: S, now: u64) -> Result<Self, StoreError> {
        let kept = store.entries(now, LOBBIES)?;
        let kept = kept.into_iter().filter_map(|entry| Some((u64::from_str_radix(&entry.key, 16).ok()?, entry.value)));
        let lobbies = Lobbies::new(settings.rules, now, kept);
        Ok(Self {
            settings,
            store,
            lobbies,
            rendezvous: Rendezvous::default(),
            clients: HashMap::new(),
            connections: HashMap::new(),
            next_session: 1,
            replies: Vec::new(),
            failed: None,
            swept: now,
        })
    }

    pub(super) fn has_room(&self) -> bool {
        self.clients.len() < self.settings.clients_max
    }

    pub(super) fn connections(&self) -> Vec<Connection> {
        self.clients.keys().copied().collect()
    }

    pub(super) fn connected(&mut self, now: u64, connection: Connection, address: SocketAddr) {
        let session = self.next_session;
        self.next_session += 1;
        self.clients.insert(connection, Client { session, address, since: now, malformed: 0, login: None });
        self.connections.insert(session, connection);
    }

    /// A connection is over.
    pub(super) fn gone(&mut self, now: u64, connection: Connection) {
        self.log_out(now, connection, false);
    }

    fn log_out(&mut self, now: u64, connection: Connection, for_good: bool) {
        let Some(client) = self.clients.remove(&connection) else { return };
        self.connections.remove(&client.session);
        self.lobbies.log_out(now, client.session, for_good);
        self.rendezvous.log_out(client.session);
    }

    pub(super) fn handle_time(&mut self, now: u64) -> Result<(), StoreError> {
        self.lobbies.handle_time(now);
        let is_late = |client: &Client| client.login.is_none() && client.since.saturating_add(HELLO_MS) <= now;
        let late: Vec<_> = self.clients.iter().filter(|(_, client)| is_late(client)).map(|(at, _)| *at).collect();
        self.replies.extend(late.into_iter().map(|at| Reply::Close(at, "No Hello came".into())));
        if self.swept.saturating_add(60_000) <= now {
            self.swept = now;
            self.store.sweep(now)?;
        }
        Ok(())
    }

    /// Keeps what has to be kept, and gives what may then be said.
    pub(super) fn settle(&mut self, now: u64) -> Result<Vec<Reply>, StoreError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let mut writes = Vec::new();
        for output in self.lobbies.take_outputs() {
            match output {
                Output::Save(id, bytes) => writes.push(Write::put(LOBBIES, format!("{id:016x}"), bytes)),
                Output::Delete(id) => writes.push(Write::delete(LOBBIES, format!("{id:016x}"))),
                Output::Send(session, frame) => self.reply(session, frame),
            }
        }
        if !writes.is_empty() {
            self.store.write(now, &writes)?;
        }
        Ok(std::mem::take(&mut self.replies))
    }

    fn reply(&mut self, session: u64, frame: Frame) {
        if let Some(&connection) = self.connections.get(&session) {
            self.replies.push(Reply::Frame(connection, frame, 0, SendFlags::RELIABLE_NO_NAGLE));
        }
    }

    fn refuse(&mut self, session: u64, seq: u32, code: ResultCode, text: &str) {
        let error = Error { result: code as u32, text: text.to_owned(), retry_ms: 0 };
        self.reply(session, Frame::answer(seq, Body::Error(error)));
    }

    /// A message. `key` is the one that the handshake has proved.
    pub(super) fn received(
        &mut self,
        now: u64,
        connection: Connection,
        payload: &[u8],
        key: impl FnOnce() -> Option<[u8; 32]>,
        authority: &Authority,
    ) {
        let Some(client) = self.clients.get_mut(&connection) else { return };
        let session = client.session;
        let Ok(Frame { seq, body, .. }) = Frame::decode_request(payload) else {
            client.malformed += 1;
            if client.malformed >= MALFORMED_MAX {
                self.replies.push(Reply::Close(connection, "Messages that are none".into()));
            }
            return;
        };
        match (body, client.login.is_some()) {
            (Some(Body::Hello(hello)), false) => {
                let key = key().unwrap_or_default();
                match self.log_in(now, connection, &hello, key) {
                    Ok(welcome) => {
                        self.reply(session, Frame::answer(seq, Body::Welcome(welcome)));
                        self.enter(session, connection, hello);
                    }
                    Err(Refused(code, text)) => {
                        self.refuse(session, seq, code, &text);
                        self.replies.push(Reply::Close(connection, text));
                    }
                }
            }
            (Some(Body::Hello(_)), true) | (_, false) => {
                self.replies.push(Reply::Close(connection, "The first word, and it alone, is Hello".into()));
            }
            (Some(body), true) => self.request(now, connection, session, seq, body, authority),
            (None, true) if seq != 0 => {
                self.refuse(session, seq, ResultCode::NotSupported, "this backend does not know that request");
            }
            (None, true) => {}
        }
    }

    fn request(&mut self, now: u64, connection: Connection, session: u64, seq: u32, body: Body, authority: &Authority) {
        match body {
            Body::Ping(_) => self.reply(session, Frame::answer(seq, Body::Pong(Pong::default()))),
            Body::Bye(_) => self.log_out(now, connection, true),
            Body::Signal(signal) => self.carry(now, session, signal),
            Body::CertRequest(_) => self.certify(now, connection, session, seq, authority),
            body => {
                if !self.lobbies.request(now, session, seq, &body, &mut random) && seq != 0 {
                    let text = "not for who has no SteamID, or no request";
                    self.refuse(session, seq, ResultCode::NotSupported, text);
                }
            }
        }
    }

    fn carry(&mut self, now: u64, session: u64, signal: Signal) {
        let Some((to, signal)) = self.rendezvous.carry(now, session, signal) else { return };
        let Some(&connection) = self.connections.get(&to) else { return };
        let frame = Frame::event(Body::Signal(signal));
        let is_short = frame.encoded_len() <= UNRELIABLE_MAX;
        let flags = if is_short { SendFlags::UNRELIABLE } else { SendFlags::RELIABLE_NO_NAGLE };
        self.replies.push(Reply::Frame(connection, frame, SIGNAL_LANE, flags));
    }

    fn certify(&mut self, now: u64, connection: Connection, session: u64, seq: u32, authority: &Authority) {
        let Some(login) = self.clients.get_mut(&connection).and_then(|client| client.login.as_mut()) else { return };
        if let Err(wait) = login.certificates.take(now, CERTIFICATES) {
            let text = format!("too many certificates; again in {} s", wait / 1_000);
            return self.refuse(session, seq, ResultCode::RateLimitExceeded, &text);
        }
        match authority.sign_player(&login.key, &login.identity, login.app, now / 1_000) {
            Ok(certificate) => {
                let cert = Cert {
                    certificate: certificate.encode_to_vec().into(),
                    authorities: vec![authority.issuer_certificate().to_vec().into()],
                    valid_s: u32::try_from(LEAF_SECONDS).unwrap_or(u32::MAX),
                };
                self.reply(session, Frame::answer(seq, Body::Cert(cert)));
            }
            Err(error) => self.refuse(session, seq, ResultCode::Fail, &error.to_string()),
        }
    }

    /// Who the client is. What that binds is on disk when this returns.
    fn log_in(&mut self, now: u64, connection: Connection, hello: &Hello, key: [u8; 32]) -> Result<Welcome, Refused> {
        if hello.token.len() > TOKEN_LEN_MAX {
            return Err(Refused(ResultCode::LimitExceeded, format!("a token has at most {TOKEN_LEN_MAX} bytes")));
        }
        let claim = login::open(hello, &key, &self.settings.apps, self.settings.is_loopback)?;
        let Some(identity) = claim.identity() else {
            return Err(Refused(ResultCode::Fail, "there is no such identity".into()));
        };
        match self.claim(now, &claim, &key) {
            Ok(true) => {}
            Ok(false) => {
                let text = format!("{identity} belongs to another key");
                return Err(Refused(ResultCode::DuplicateRequest, text));
            }
            Err(error) => {
                let text = error.to_string();
                self.failed = Some(error);
                return Err(Refused(ResultCode::ServiceUnavailable, text));
            }
        }
        let name = login::name(hello, &identity);
        let welcome = Welcome {
            version: VERSION,
            identity: identity.to_string(),
            name,
            unix_ms: now,
            directory_revision: 0,
            heartbeat_s: HEARTBEAT_S,
        };
        if let Some(client) = self.clients.get_mut(&connection) {
            tracing::debug!(%identity, address = %client.address, "logged in");
            client.login = Some(Login { identity, app: hello.app, key, certificates: Budget::default() });
        }
        Ok(welcome)
    }

    /// After the Welcome: who the client is to the other roles.
    fn enter(&mut self, session: u64, connection: Connection, hello: Hello) {
        let Some(login) = self.clients.get(&connection).and_then(|client| client.login.as_ref()) else { return };
        self.rendezvous.log_in(session, login.app, &login.identity.to_string(), hello.connections.clone());
        if let Some(steam_id) = login.identity.steam_id() {
            let name = login::name(&hello, &login.identity);
            let session = Session { id: session, steam_id, app: login.app, instance: hello.instance, name };
            self.lobbies.log_in(session);
        }
    }

    /// Whether the identity belongs to this key, from now on if it did to none.
    fn claim(&mut self, now: u64, claim: &Claim, key: &[u8; 32]) -> Result<bool, StoreError> {
        let (bucket, name) = match claim {
            Claim::Derived(id) => (PLAYERS, format!("{id:016x}")),
            Claim::Name(identity) => (NAMES, identity.to_string()),
            Claim::Loopback(_) => return Ok(true),
        };
        if let Some(entry) = self.store.get(now, bucket, &name)? {
            return Ok(entry.value == key);
        }
        let mut writes = vec![Write::create(bucket, name, key.to_vec())];
        if bucket == NAMES {
            let of: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
            let count = self.store.get(now, NAMES_OF, &of)?.and_then(|entry| entry.value.first().copied());
            let count = count.unwrap_or(0);
            if usize::from(count) >= NAMES_MAX {
                return Ok(false);
            }
            writes.push(Write::put(NAMES_OF, of, vec![count + 1]));
        }
        Ok(self.store.write(now, &writes)?.iter().all(Result::is_ok))
    }
}
