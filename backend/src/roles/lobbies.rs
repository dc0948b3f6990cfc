//! Lobbies: who is in them, what stands in them, and who hears of it. A state machine without I/O: requests, logins, lost
//! connections and time go in; frames to send and records to keep come out. What is to be kept has to be on disk before
//! any frame of the same turn is sent.

mod edit;
mod enter;
mod record;
mod search;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gamesockets_schema::ResultCode;
use gamesockets_services::limits::{ANSWER_KEPT, MEMBER_GRACE};
use gamesockets_services::messages::{
    Body, Done, Error, Frame, GameServer, LobbyChange, LobbyEntered, LobbyRemoved, LobbyState, LobbySync, Pair,
};
use prost::Message as _;

use self::record::Record;
use super::budget::{Budget, Rate};

/// Bits of `ChatMemberStateChange`.
const LEFT: u32 = 2;
const DISCONNECTED: u32 = 4;
const KICKED: u32 = 8;
const BANNED: u32 = 16;

/// Of a lobby, so many answers are remembered.
const ANSWERS_MAX: usize = 256;

/// A login: one connection of one process of one player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Names the connection.
    pub id: u64,
    /// The player.
    pub steam_id: u64,
    /// The game.
    pub app: u32,
    /// The process.
    pub instance: u64,
    /// What the player is called.
    pub name: String,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly all of them are frames, and none is kept")]
pub enum Output {
    /// Say this on the connection of a session.
    Send(u64, Frame),
    /// Keep this of a lobby, before anything is sent.
    Save(u64, Vec<u8>),
    /// A lobby is gone.
    Delete(u64),
}

/// What the operator can choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// A private lobby is entered by invitation or code only; its id does not suffice.
    pub strict_private: bool,
    /// Most lobbies at once; 0 for any number.
    pub lobbies_max: usize,
}

/// All lobbies.
#[derive(Debug, Default)]
pub struct Lobbies {
    rules: Rules,
    lobbies: HashMap<u64, Lobby>,
    /// By app and code.
    codes: HashMap<(u32, String), u64>,
    /// Which lobbies a player is in, by app.
    lobbies_of: HashMap<(u32, u64), BTreeSet<u64>>,
    sessions: HashMap<u64, Session>,
    /// The sessions of a player, by app, the newest last.
    sessions_of: HashMap<(u32, u64), Vec<u64>>,
    /// Which requests were answered, and of which lobby.
    answered: HashMap<(u64, u32), u64>,
    budgets: HashMap<(u32, u64, Kind), Budget>,
    dirty: BTreeSet<u64>,
    outputs: Vec<Output>,
    /// When budgets were last looked through.
    swept: u64,
}

/// What there are budgets for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Create,
    Join,
    Code,
    Search,
    Edit,
    Chat,
    Invite,
}

impl Kind {
    const fn rate(self) -> Rate {
        match self {
            Self::Create => Rate { burst: 10, every_ms: 2_000 },
            Self::Join => Rate { burst: 20, every_ms: 1_000 },
            Self::Code => Rate { burst: 10, every_ms: 6_000 },
            Self::Search => Rate { burst: 5, every_ms: 1_000 },
            Self::Edit => Rate { burst: 30, every_ms: 100 },
            Self::Chat => Rate { burst: 15, every_ms: 200 },
            Self::Invite => Rate { burst: 20, every_ms: 3_000 },
        }
    }
}

/// One lobby.
#[derive(Clone, Debug, PartialEq)]
struct Lobby {
    app: u32,
    kind: u32,
    joinable: bool,
    max_members: u32,
    owner: u64,
    /// In the order in which they entered.
    members: Vec<Member>,
    data: BTreeMap<String, String>,
    server: Option<GameServer>,
    revision: u64,
    code: String,
    invited: BTreeSet<u64>,
    banned: BTreeSet<u64>,
    answers: Vec<Answer>,
    created_ms: u64,
}

#[derive(Clone, Debug, PartialEq)]
struct Member {
    steam_id: u64,
    /// The process that is in the lobby.
    instance: u64,
    name: String,
    data: BTreeMap<String, String>,
    /// Since when its connection is lost.
    away_since: Option<u64>,
}

/// A request that was granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Answer {
    instance: u64,
    seq: u32,
    what: Granted,
    at_ms: u64,
}

/// What was granted, so that it can be said again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Granted {
    Done,
    Entered,
    Code,
}

/// A request that was not granted.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refusal(ResultCode, String, u64);

type Granting = Result<(u64, Granted), Refusal>;

fn refuse<T>(code: ResultCode, text: &str) -> Result<T, Refusal> {
    Err(Refusal(code, text.to_owned(), 0))
}

impl Lobbies {
    /// With the lobbies that were kept, by id. Their members have 30 s from now on to come back.
    pub fn new(rules: Rules, now: u64, kept: impl IntoIterator<Item = (u64, Vec<u8>)>) -> Self {
        let mut all = Self { rules, ..Self::default() };
        for (id, bytes) in kept {
            let lobby = Record::decode(&*bytes).ok().map(|record| record.into_lobby(now)).filter(Lobby::is_whole);
            let Some(lobby) = lobby else {
                tracing::warn!(lobby = id, "a lobby that was kept cannot be read, and is forgotten");
                all.outputs.push(Output::Delete(id));
                continue;
            };
            all.insert(id, lobby);
        }
        all
    }

    fn insert(&mut self, id: u64, lobby: Lobby) {
        if !lobby.code.is_empty() {
            self.codes.insert((lobby.app, lobby.code.clone()), id);
        }
        for member in &lobby.members {
            self.lobbies_of.entry((lobby.app, member.steam_id)).or_default().insert(id);
        }
        for answer in &lobby.answers {
            self.answered.insert((answer.instance, answer.seq), id);
        }
        self.lobbies.insert(id, lobby);
    }

    /// What has come up since the last call. To be saved first, then sent, in this order.
    pub fn take_outputs(&mut self) -> Vec<Output> {
        let mut outputs: Vec<_> = std::mem::take(&mut self.dirty)
            .into_iter()
            .filter_map(|id| Some(Output::Save(id, Record::of(self.lobbies.get(&id)?).encode_to_vec())))
            .collect();
        outputs.append(&mut self.outputs);
        outputs
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.lobbies.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.lobbies.is_empty()
    }

    /// A client has logged in. It is told which lobbies it is still in.
    pub fn log_in(&mut self, session: Session) {
        let player = (session.app, session.steam_id);
        let mut still_in = Vec::new();
        for &id in self.lobbies_of.get(&player).into_iter().flatten() {
            let member = self.lobbies.get_mut(&id).and_then(|lobby| lobby.member_mut(session.steam_id));
            if let Some(member) = member.filter(|member| member.instance == session.instance) {
                member.away_since = None;
                still_in.push(id);
            }
        }
        let to = session.id;
        self.sessions_of.entry(player).or_default().push(to);
        self.sessions.insert(to, session);
        self.send(to, Body::LobbySync(LobbySync { lobbies: still_in.clone() }));
        for id in still_in {
            let state = self.lobbies[&id].state(id);
            self.send(to, Body::LobbyState(state));
        }
    }

    /// A connection is lost; `for_good` if the client said that it goes.
    pub fn log_out(&mut self, now: u64, session: u64, for_good: bool) {
        let Some(session) = self.sessions.remove(&session) else { return };
        let player = (session.app, session.steam_id);
        let others = self.sessions_of.entry(player).or_default();
        others.retain(|&other| other != session.id);
        let is_back = others.iter().any(|other| self.sessions[other].instance == session.instance);
        if others.is_empty() {
            self.sessions_of.remove(&player);
        }
        if is_back {
            return;
        }
        for id in self.lobbies_of.get(&player).cloned().unwrap_or_default() {
            let Some(member) = self.lobbies.get_mut(&id).and_then(|lobby| lobby.member_mut(session.steam_id)) else {
                continue;
            };
            if member.instance == session.instance {
                member.away_since = Some(now);
                if for_good {
                    self.remove_member(id, session.steam_id, session.steam_id, LEFT);
                }
            }
        }
    }

    /// Lets go of what has waited long enough. To be called every second or so.
    pub fn handle_time(&mut self, now: u64) {
        let grace = u64::try_from(MEMBER_GRACE.as_millis()).unwrap_or(u64::MAX);
        let overdue: Vec<_> = self
            .lobbies
            .iter()
            .flat_map(|(&id, lobby)| lobby.members.iter().map(move |member| (id, member)))
            .filter(|(_, member)| member.away_since.is_some_and(|since| since.saturating_add(grace) <= now))
            .map(|(id, member)| (id, member.steam_id))
            .collect();
        for (id, member) in overdue {
            self.remove_member(id, member, member, DISCONNECTED);
        }
        if self.swept.saturating_add(10_000) > now && self.swept <= now {
            return;
        }
        self.swept = now;
        self.budgets.retain(|_, budget| !budget.is_full(now));
        let kept = u64::try_from(ANSWER_KEPT.as_millis()).unwrap_or(u64::MAX);
        for lobby in self.lobbies.values_mut() {
            lobby.forget_answers(|answer| answer.at_ms.saturating_add(kept) <= now, &mut self.answered);
        }
        let lobbies = &self.lobbies;
        self.answered.retain(|_, id| lobbies.contains_key(id));
    }

    /// A request of a client; `false` if it is none about lobbies.
    pub fn request(&mut self, now: u64, session: u64, seq: u32, body: &Body, random: &mut dyn FnMut() -> u32) -> bool {
        let Some(from) = self.sessions.get(&session).cloned() else { return false };
        if let Some(answer) = self.answer_again(&from, seq) {
            self.outputs.push(Output::Send(session, answer));
            return true;
        }
        let granting = match body {
            Body::LobbyCreate(ask) => self.create(now, &from, ask, random),
            Body::LobbyJoin(ask) => match self.join(now, &from, ask) {
                Ok(id) => Ok((id, Granted::Entered)),
                Err((lobby, response)) => {
                    let entered = LobbyEntered { response, lobby, state: None };
                    self.answer(session, seq, Body::LobbyEntered(entered));
                    return true;
                }
            },
            Body::LobbyLeave(ask) => self.leave(&from, ask.lobby),
            Body::LobbyEdit(ask) => self.edit(now, &from, ask),
            Body::LobbyChat(ask) => self.chat(now, &from, ask),
            Body::LobbyInvite(ask) => self.invite(now, &from, ask),
            Body::LobbyKick(ask) => self.kick(&from, ask),
            Body::LobbyCodeAsk(ask) => self.make_code(&from, ask.lobby, random),
            Body::LobbySearch(ask) => match self.search(now, &from, ask) {
                Ok(list) => {
                    self.answer(session, seq, Body::LobbyList(list));
                    return true;
                }
                Err(refusal) => Err(refusal),
            },
            Body::LobbyGet(ask) => {
                let list = self.look_up(&from, ask.lobby);
                self.answer(session, seq, Body::LobbyList(list));
                return true;
            }
            _ => return false,
        };
        match granting {
            Ok((id, what)) => self.grant(now, &from, seq, id, what),
            Err(Refusal(code, text, retry_ms)) => {
                let retry_ms = u32::try_from(retry_ms).unwrap_or(u32::MAX);
                self.answer(session, seq, Body::Error(Error { result: code as u32, text, retry_ms }));
            }
        }
        true
    }

    fn grant(&mut self, now: u64, from: &Session, seq: u32, id: u64, what: Granted) {
        if let Some(lobby) = self.lobbies.get_mut(&id) {
            lobby.answers.push(Answer { instance: from.instance, seq, what, at_ms: now });
            if lobby.answers.len() > ANSWERS_MAX {
                let oldest = lobby.answers.remove(0);
                self.answered.remove(&(oldest.instance, oldest.seq));
            }
            self.answered.insert((from.instance, seq), id);
        }
        let body = self.granted(id, what);
        self.answer(from.id, seq, body);
    }

    fn granted(&self, id: u64, what: Granted) -> Body {
        match (what, self.lobbies.get(&id)) {
            (Granted::Entered, Some(lobby)) => {
                Body::LobbyEntered(LobbyEntered { response: 1, lobby: id, state: Some(lobby.state(id)) })
            }
            (Granted::Code, Some(lobby)) => {
                Body::LobbyCode(gamesockets_services::messages::LobbyCode { lobby: id, code: lobby.code.clone() })
            }
            _ => Body::Done(Done {}),
        }
    }

    /// The answer to a request that was answered before.
    fn answer_again(&self, from: &Session, seq: u32) -> Option<Frame> {
        let &id = self.answered.get(&(from.instance, seq))?;
        let lobby = self.lobbies.get(&id)?;
        let answer = lobby.answers.iter().find(|answer| (answer.instance, answer.seq) == (from.instance, seq))?;
        // Another player with the number of somebody's process learns nothing by it; and who was in and is so no more does
        // not get in by having asked before.
        let is_member = lobby.member(from.steam_id).is_some_and(|member| member.instance == from.instance);
        let body = if is_member || answer.what == Granted::Done {
            self.granted(id, answer.what)
        } else {
            let text = "done, but over already".to_owned();
            Body::Error(Error { result: ResultCode::Cancelled as u32, text, retry_ms: 0 })
        };
        Some(Frame::answer(seq, body))
    }

    fn answer(&mut self, session: u64, seq: u32, body: Body) {
        self.outputs.push(Output::Send(session, Frame::answer(seq, body)));
    }

    fn send(&mut self, session: u64, body: Body) {
        self.outputs.push(Output::Send(session, Frame::event(body)));
    }

    /// Takes one from a budget of a player.
    fn take(&mut self, now: u64, from: &Session, kind: Kind) -> Result<(), Refusal> {
        let budget = self.budgets.entry((from.app, from.steam_id, kind)).or_default();
        budget.take(now, kind.rate()).map_err(|wait| {
            let text = format!("too many requests of this kind; again in {wait} ms");
            Refusal(ResultCode::RateLimitExceeded, text, wait)
        })
    }

    /// The sessions of those members whose connection is there, without one of them.
    fn audience(&self, lobby: &Lobby, but: Option<u64>) -> Vec<u64> {
        let members = lobby.members.iter().filter(|member| Some(member.steam_id) != but);
        members.filter_map(|member| self.session_of(lobby.app, member.steam_id, member.instance)).collect()
    }

    fn session_of(&self, app: u32, steam_id: u64, instance: u64) -> Option<u64> {
        let sessions = self.sessions_of.get(&(app, steam_id))?;
        sessions.iter().rev().copied().find(|id| self.sessions[id].instance == instance)
    }

    /// A change that has been made: counts it, keeps it, and tells the members.
    fn changed(&mut self, id: u64, mut change: LobbyChange, but: Option<u64>) {
        let Some(lobby) = self.lobbies.get_mut(&id) else { return };
        lobby.revision += 1;
        (change.lobby, change.revision) = (id, lobby.revision);
        self.dirty.insert(id);
        let audience = self.audience(&self.lobbies[&id], but);
        for session in audience {
            self.send(session, Body::LobbyChange(change.clone()));
        }
    }

    /// Takes a member out, hands the lobby over if it was the owner, and forgets the lobby if it was the last.
    fn remove_member(&mut self, id: u64, steam_id: u64, by: u64, how: u32) {
        let Some(lobby) = self.lobbies.get_mut(&id) else { return };
        let Some(index) = lobby.members.iter().position(|member| member.steam_id == steam_id) else { return };
        let member = lobby.members.remove(index);
        let app = lobby.app;
        let owner = match lobby.members.first() {
            Some(longest) if lobby.owner == steam_id => {
                lobby.owner = longest.steam_id;
                Some(lobby.owner)
            }
            _ => None,
        };
        if let Some(of) = self.lobbies_of.get_mut(&(app, steam_id)) {
            of.remove(&id);
            if of.is_empty() {
                self.lobbies_of.remove(&(app, steam_id));
            }
        }
        if how != LEFT
            && let Some(session) = self.session_of(app, steam_id, member.instance)
        {
            let due_to_disconnect = how == DISCONNECTED;
            self.send(session, Body::LobbyRemoved(LobbyRemoved { lobby: id, by, due_to_disconnect }));
        }
        if self.lobbies[&id].members.is_empty() {
            return self.forget(id);
        }
        let left = gamesockets_services::messages::Left { member: steam_id, by, how };
        self.changed(id, LobbyChange { left: Some(left), owner, ..LobbyChange::default() }, None);
    }

    fn forget(&mut self, id: u64) {
        let Some(lobby) = self.lobbies.remove(&id) else { return };
        self.codes.remove(&(lobby.app, lobby.code));
        for answer in lobby.answers {
            self.answered.remove(&(answer.instance, answer.seq));
        }
        self.dirty.remove(&id);
        self.outputs.push(Output::Delete(id));
    }
}

impl Lobby {
    fn member(&self, steam_id: u64) -> Option<&Member> {
        self.members.iter().find(|member| member.steam_id == steam_id)
    }

    fn member_mut(&mut self, steam_id: u64) -> Option<&mut Member> {
        self.members.iter_mut().find(|member| member.steam_id == steam_id)
    }

    fn is_full(&self) -> bool {
        self.members.len() >= self.max_members as usize
    }

    /// Whether it has members, and its owner is one.
    fn is_whole(&self) -> bool {
        self.member(self.owner).is_some()
    }

    /// As members see it.
    fn state(&self, id: u64) -> LobbyState {
        LobbyState {
            lobby: id,
            revision: self.revision,
            kind: self.kind,
            joinable: self.joinable,
            max_members: self.max_members,
            owner: self.owner,
            members: self.members.iter().map(Member::wire).collect(),
            data: pairs(&self.data),
            server: self.server,
        }
    }

    fn forget_answers(&mut self, is_old: impl Fn(&Answer) -> bool, answered: &mut HashMap<(u64, u32), u64>) {
        self.answers.retain(|answer| {
            let old = is_old(answer);
            if old {
                answered.remove(&(answer.instance, answer.seq));
            }
            !old
        });
    }
}

impl Member {
    fn wire(&self) -> gamesockets_services::messages::Member {
        gamesockets_services::messages::Member {
            steam_id: self.steam_id,
            data: pairs(&self.data),
            name: self.name.clone(),
        }
    }
}

fn pairs(data: &BTreeMap<String, String>) -> Vec<Pair> {
    data.iter().map(|(key, value)| Pair { key: key.clone(), value: value.clone() }).collect()
}
