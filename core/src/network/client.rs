//! The client of a backend, without I/O: what was asked and waits for its answer, and what the backend says.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use gamesockets_proto::Identity;
use gamesockets_schema::{Availability, ResultCode};
use gamesockets_services::limits::{REQUEST_DEADLINE, VERSION};
use gamesockets_services::messages::{Body, Bye, Cert, CertRequest, Error, Frame, Hello, LobbyLeave, Signal, Welcome};

use super::events::{NetworkEvent, NetworkStatus};
use crate::events::Event;
use crate::lobbies::Lobbies;
use crate::lobbies::events::LobbyEvent;

/// So many requests wait for their answers.
const ASKED_MAX: usize = 1_024;
/// A certificate is renewed so long before its end, ms.
const RENEW_BEFORE_MS: u64 = 2 * 3_600 * 1_000;
/// When it is asked for again that was not given, ms; and the least time between two that were.
const CERTIFICATE_AGAIN_MS: u64 = 60_000;
/// The lane of signals.
const SIGNAL_LANE: u16 = 1;
const RETRY_FIRST_MS: u64 = 500;
const RETRY_MAX_MS: u64 = 30_000;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Certificate,
    Create,
    Join(u64),
    Search,
    Get(u64),
    Restore(u64),
    Edit(u64),
    Code(u64),
    Leave(u64),
    /// Nobody waits for the answer.
    Quiet,
}

/// Why a request has failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) result: ResultCode,
    pub(crate) text: String,
}

struct Asked {
    body: Body,
    purpose: Purpose,
    deadline: u64,
}

/// What the thread has to do.
#[derive(Debug)]
pub(crate) enum Output {
    /// Send this.
    Frame { frame: Frame, lane: u16 },
    /// Tell the application.
    Event(Event),
    /// Show this certificate from now on.
    Install(Cert),
    /// This connection is of no use any more.
    Drop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Until then nothing is tried, ms.
    Waiting(u64),
    /// A connection is being made, or Hello is on its way.
    Trying,
    Online,
    /// Time does not mend it.
    Failed,
}

/// Who we say we are.
#[derive(Clone, Debug)]
pub(crate) struct Player {
    pub(crate) identity: Identity,
    /// It is that of our key: it need not be asked for.
    pub(crate) is_derived: bool,
    pub(crate) app: u32,
    pub(crate) name: String,
    pub(crate) token: String,
    pub(crate) instance: u64,
}

pub(crate) struct Client {
    player: Player,
    phase: Phase,
    text: String,
    name: String,
    /// What waited has been told again, in its order, on this connection: what is asked now may go.
    is_synced: bool,
    /// The next delay between attempts, ms.
    retry_ms: u64,
    asked: BTreeMap<u32, Asked>,
    next_seq: u32,
    /// When the next certificate is due.
    certificate_at: u64,
    pub(crate) lobbies: Lobbies,
    pub(crate) outputs: Vec<Output>,
}

impl Client {
    pub(crate) fn new(player: Player) -> Self {
        Self {
            player,
            phase: Phase::Waiting(0),
            text: "no attempt to log in has ended yet".into(),
            name: String::new(),
            is_synced: false,
            retry_ms: RETRY_FIRST_MS,
            asked: BTreeMap::new(),
            next_seq: 1,
            certificate_at: 0,
            lobbies: Lobbies::default(),
            outputs: Vec::new(),
        }
    }

    pub(crate) fn is_online(&self) -> bool {
        self.phase == Phase::Online
    }

    pub(crate) fn steam_id(&self) -> u64 {
        self.player.identity.steam_id().unwrap_or(0)
    }

    pub(crate) fn status(&self) -> NetworkStatus {
        let available = match self.phase {
            Phase::Online => Availability::Current,
            Phase::Failed => Availability::Failed,
            Phase::Trying if self.retry_ms == RETRY_FIRST_MS => Availability::Attempting,
            Phase::Waiting(0) => Availability::Attempting,
            Phase::Waiting(_) | Phase::Trying => Availability::Retrying,
        };
        NetworkStatus { available, text: self.text.clone(), name: self.name.clone() }
    }

    /// Whether a connection is to be made now.
    pub(crate) fn wants_connection(&self, now: u64) -> bool {
        matches!(self.phase, Phase::Waiting(until) if until <= now)
    }

    /// Tries at once, whatever has failed.
    pub(crate) fn retry(&mut self, now: u64) {
        if matches!(self.phase, Phase::Failed | Phase::Waiting(_)) {
            self.phase = Phase::Waiting(now);
        }
    }

    pub(crate) fn trying(&mut self) {
        self.phase = Phase::Trying;
    }

    /// When something is due, ms.
    pub(crate) fn due(&self) -> u64 {
        let retry = match self.phase {
            Phase::Waiting(until) => Some(until),
            _ => None,
        };
        let certificate = self.is_online().then_some(self.certificate_at);
        let asked = self.asked.values().map(|asked| asked.deadline).min();
        let flush = self.lobbies.known.values().filter_map(|view| view.flush_at).min();
        [retry, certificate, asked, flush].into_iter().flatten().min().unwrap_or(u64::MAX)
    }

    pub(crate) fn handle_time(&mut self, now: u64) {
        self.flush_lobbies(now);
        let overdue: Vec<_> =
            self.asked.iter().filter(|(_, asked)| asked.deadline <= now).map(|(seq, _)| *seq).collect();
        let result = if self.is_online() { ResultCode::Timeout } else { ResultCode::NoConnection };
        for seq in overdue {
            let failure = Failure { result, text: "no answer in time".into() };
            self.fail(now, seq, &failure);
        }
        if self.is_online() && self.certificate_at <= now {
            self.certificate_at = now + CERTIFICATE_AGAIN_MS;
            self.ask(now, Body::CertRequest(CertRequest {}), Purpose::Certificate);
        }
    }

    /// The connection is there, and the backend is the right one.
    pub(crate) fn connected(&mut self, unix_ms: u64) {
        let Player { identity, is_derived, app, name, token, instance } = &self.player;
        let hello = Hello {
            version: VERSION,
            token: token.clone(),
            app: *app,
            identity: if *is_derived { String::new() } else { identity.to_string() },
            instance: *instance,
            name: name.clone(),
            sdk: concat!("gamesockets ", env!("CARGO_PKG_VERSION")).into(),
            unix_ms,
            connections: Vec::new(),
        };
        self.outputs.push(Output::Frame { frame: Frame::event(Body::Hello(hello)), lane: 0 });
    }

    /// The connection could not be made, or is lost. `random` spreads those who lost the same backend.
    pub(crate) fn lost(&mut self, now: u64, result: ResultCode, text: String, is_final: bool, random: u32) {
        let was_online = self.is_online();
        self.is_synced = false;
        if self.phase == Phase::Failed {
            return;
        }
        if was_online {
            self.retry_ms = RETRY_FIRST_MS;
        }
        let delay = self.retry_ms / 2 + u64::from(random) % (self.retry_ms / 2 + 1);
        self.retry_ms = (self.retry_ms * 2).min(RETRY_MAX_MS);
        self.phase = if is_final { Phase::Failed } else { Phase::Waiting(now + delay) };
        self.text.clone_from(&text);
        let event = if was_online {
            NetworkEvent::Disconnected { result }
        } else {
            NetworkEvent::ConnectFailed { result, retrying: !is_final, text }
        };
        self.outputs.push(Output::Event(Event::Network(event)));
    }

    /// The client goes and will not be back.
    pub(crate) fn leave(&mut self) {
        if self.is_online() {
            self.outputs.push(Output::Frame { frame: Frame::event(Body::Bye(Bye {})), lane: 0 });
        }
    }

    pub(crate) fn tell(&mut self, event: LobbyEvent) {
        self.outputs.push(Output::Event(Event::Lobby(event)));
    }

    pub(crate) fn ask(&mut self, now: u64, body: Body, purpose: Purpose) {
        self.ask_within(now, REQUEST_DEADLINE, body, purpose);
    }

    pub(crate) fn ask_within(&mut self, now: u64, time: Duration, body: Body, purpose: Purpose) {
        let seq = self.next_seq;
        self.next_seq = self.next_seq.checked_add(1).unwrap_or(1);
        let deadline = now.saturating_add(u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
        let is_full = self.asked.len() >= ASKED_MAX;
        // A network that has refused us answers nothing.
        let is_hopeless = self.phase == Phase::Failed;
        self.asked.insert(seq, Asked { body, purpose, deadline });
        if is_full || is_hopeless {
            let result = if is_full { ResultCode::LimitExceeded } else { ResultCode::NoConnection };
            let failure = Failure { result, text: "not asked".into() };
            self.fail(now, seq, &failure);
        } else if self.is_synced {
            self.send(seq);
        }
    }

    /// Answers to these are of no interest any more.
    pub(crate) fn forget_asked(&mut self, is_forgotten: impl Fn(&Purpose) -> bool) {
        self.asked.retain(|_, asked| !is_forgotten(&asked.purpose));
    }

    fn send(&mut self, seq: u32) {
        let Some(asked) = self.asked.get(&seq) else { return };
        let frame = Frame { seq, deadline_ms: 0, body: Some(asked.body.clone()) };
        self.outputs.push(Output::Frame { frame, lane: 0 });
    }

    /// A signal to another client; `false` if there is no way now.
    pub(crate) fn signal(&mut self, to: &Identity, from_conn: u32, to_conn: u32, payload: Bytes) -> bool {
        if !self.is_online() {
            return false;
        }
        let signal = Signal { to: to.to_string(), payload, from_conn, to_conn, from: String::new() };
        self.outputs.push(Output::Frame { frame: Frame::event(Body::Signal(signal)), lane: SIGNAL_LANE });
        true
    }

    /// What the backend says.
    pub(crate) fn received(&mut self, now: u64, payload: &[u8]) {
        // What cannot be read comes from a newer backend, or a broken one; requests end by their deadlines.
        let Ok(Frame { seq, body: Some(body), .. }) = Frame::decode_answer(payload) else { return };
        match body {
            Body::Welcome(welcome) => self.welcomed(now, welcome),
            Body::Error(error) if seq == 0 && !self.is_online() => self.refused(now, error),
            Body::Signal(signal) => {
                if let Ok(from) = signal.from.parse() {
                    let (from_connection, payload) = (signal.from_conn, signal.payload);
                    let event = NetworkEvent::Signal { from, from_connection, payload };
                    self.outputs.push(Output::Event(Event::Network(event)));
                }
            }
            Body::LobbySync(sync) => {
                self.take_sync(&sync);
                self.tell_again();
            }
            Body::LobbyState(state) => {
                let us = self.steam_id();
                let mut told = Vec::new();
                if self.lobbies.entered(state.lobby).is_some() {
                    self.lobbies.take_state(us, state, &mut told);
                } else if !self.is_entering(state.lobby) {
                    self.leave_unknown(now, state.lobby);
                }
                told.into_iter().for_each(|event| self.tell(event));
            }
            Body::LobbyChange(change) => {
                let mut told = Vec::new();
                self.lobbies.take_change(change, &mut told);
                told.into_iter().for_each(|event| self.tell(event));
            }
            Body::LobbyChatted(said) => {
                if self.lobbies.entered(said.lobby).is_some() {
                    let (lobby, member, data, is_binary) = (said.lobby, said.member, said.data, said.is_binary);
                    self.tell(LobbyEvent::Message { lobby, member, data, is_binary });
                }
            }
            Body::LobbyInvited(invited) => {
                let (inviter, lobby, app) = (invited.inviter, invited.lobby, invited.app);
                self.tell(LobbyEvent::Invite { inviter, lobby, app });
            }
            Body::LobbyRemoved(removed) => {
                if self.lobbies.entered(removed.lobby).is_some() {
                    self.lobbies.known.remove(&removed.lobby);
                    let (lobby, admin) = (removed.lobby, removed.by);
                    let due_to_disconnect = removed.due_to_disconnect;
                    self.tell(LobbyEvent::Kicked { lobby, admin, due_to_disconnect });
                }
            }
            body => self.answered(now, seq, body),
        }
    }

    fn answered(&mut self, now: u64, seq: u32, body: Body) {
        if let Body::Error(Error { result, text, .. }) = body {
            let result = i32::try_from(result).ok().and_then(ResultCode::from_value).unwrap_or(ResultCode::Fail);
            return self.fail(now, seq, &Failure { result, text });
        }
        let Some(asked) = self.asked.remove(&seq) else {
            // Too late: nobody believes to be in that lobby.
            if let Body::LobbyEntered(entered) = body
                && entered.state.is_some()
                && self.lobbies.entered(entered.lobby).is_none()
            {
                self.leave_unknown(now, entered.lobby);
            }
            return;
        };
        match body {
            Body::LobbyEntered(entered) => self.take_entered(now, &asked.purpose, entered),
            // An answer of before may have said that we are in.
            Body::Done(_) => {
                if let Purpose::Leave(lobby) = asked.purpose {
                    self.lobbies.known.remove(&lobby);
                }
            }
            Body::LobbyList(list) => self.take_list(&asked.purpose, list),
            Body::LobbyCode(code) => {
                if let (Purpose::Code(_), Some(view)) = (asked.purpose, self.lobbies.entered_mut(code.lobby)) {
                    view.code.clone_from(&code.code);
                    self.tell(LobbyEvent::CodeCreated { lobby: code.lobby, code: code.code });
                }
            }
            Body::Cert(cert) => {
                let valid_ms = u64::from(cert.valid_s) * 1_000;
                let until_renewal = valid_ms.saturating_sub(RENEW_BEFORE_MS).max(CERTIFICATE_AGAIN_MS);
                self.certificate_at = now.saturating_add(until_renewal);
                self.outputs.push(Output::Install(cert));
            }
            _ => {}
        }
    }

    /// Whether the answer to a request may yet say that we are in this lobby.
    fn is_entering(&self, lobby: u64) -> bool {
        let purposes = [Purpose::Create, Purpose::Join(lobby), Purpose::Join(0)];
        self.asked.values().any(|asked| purposes.contains(&asked.purpose))
    }

    /// The backend believes us in a lobby that the application gave up.
    fn leave_unknown(&mut self, now: u64, lobby: u64) {
        self.ask(now, Body::LobbyLeave(LobbyLeave { lobby }), Purpose::Leave(lobby));
    }

    /// Gives up entering a lobby; answers whether that was tried.
    pub(crate) fn give_up_joining(&mut self, now: u64, lobby: u64) -> bool {
        let is_join = |asked: &&Asked| asked.purpose == Purpose::Join(lobby);
        let seqs: Vec<_> = self.asked.iter().filter(|(_, asked)| is_join(asked)).map(|(seq, _)| *seq).collect();
        let failure = Failure { result: ResultCode::Cancelled, text: "left before it was entered".into() };
        seqs.iter().for_each(|&seq| self.fail(now, seq, &failure));
        !seqs.is_empty()
    }

    fn fail(&mut self, now: u64, seq: u32, failure: &Failure) {
        let Some(asked) = self.asked.remove(&seq) else { return };
        tracing::debug!(?asked.purpose, ?failure.result, text = failure.text, "a request to the backend has failed");
        self.take_lobby_failure(now, &asked.purpose, failure);
    }

    fn welcomed(&mut self, now: u64, welcome: Welcome) {
        if welcome.identity != self.player.identity.to_string() {
            let text = format!("the backend takes us for {}, not for {}", welcome.identity, self.player.identity);
            self.outputs.push(Output::Drop);
            return self.lost(now, ResultCode::AccessDenied, text, true, 0);
        }
        self.phase = Phase::Online;
        self.retry_ms = RETRY_FIRST_MS;
        "logged in".clone_into(&mut self.text);
        self.name = welcome.name;
        self.outputs.push(Output::Event(Event::Network(NetworkEvent::Connected)));
        if self.steam_id() == 0 {
            // Nothing about lobbies follows.
            self.tell_again();
        }
    }

    /// Everything that waits, under the same numbers: what was done already is not done twice.
    fn tell_again(&mut self) {
        self.is_synced = true;
        let waiting: Vec<_> = self.asked.keys().copied().collect();
        waiting.into_iter().for_each(|seq| self.send(seq));
    }

    fn refused(&mut self, now: u64, error: Error) {
        let result = i32::try_from(error.result).ok().and_then(ResultCode::from_value).unwrap_or(ResultCode::Fail);
        let mends = [ResultCode::ServiceUnavailable, ResultCode::RateLimitExceeded, ResultCode::Busy];
        let text = format!("the backend refuses the login: {}", error.text);
        self.outputs.push(Output::Drop);
        self.lost(now, result, text, !mends.contains(&result), 0);
    }
}
