//! Making, entering and leaving lobbies; invitations and codes.

use gamesockets_schema::{LobbyType, ResultCode};
use gamesockets_services::limits::MEMBERS_MAX;
use gamesockets_services::messages::{Body, LobbyChange, LobbyCreate, LobbyInvite, LobbyInvited, LobbyJoin, LobbyKick};

use super::{BANNED, Granted, Granting, KICKED, Kind, LEFT, Lobbies, Lobby, Member, Refusal, Session, refuse};

/// Values of `ChatRoomEnterResponse`.
const DOESNT_EXIST: u32 = 2;
const NOT_ALLOWED: u32 = 3;
const FULL: u32 = 4;
const BANNED_FROM: u32 = 6;
const RATE_LIMIT_EXCEEDED: u32 = 15;

/// Universe 4, account type 8 (chat), instance flags of a lobby.
const LOBBY_HEAD: u64 = 4 << 56 | 8 << 52 | 0x6_0000 << 32;
/// Without those that look like others.
const CODE_LETTERS: &[u8] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const CODE_LEN: usize = 6;
/// Invitations that a lobby remembers, and bans.
const GUESTS_MAX: usize = 1_024;
const INVISIBLE_MAX: usize = 2;

impl Lobbies {
    pub(super) fn create(
        &mut self,
        now: u64,
        from: &Session,
        ask: &LobbyCreate,
        random: &mut dyn FnMut() -> u32,
    ) -> Granting {
        self.take(now, from, Kind::Create)?;
        if ask.kind > LobbyType::PrivateUnique as u32 {
            return refuse(ResultCode::InvalidParam, "there is no such type of lobby");
        }
        self.check_room(from, ask.kind)?;
        let id = loop {
            let id = LOBBY_HEAD | u64::from(random());
            if id != LOBBY_HEAD && !self.lobbies.contains_key(&id) {
                break id;
            }
        };
        let lobby = Lobby {
            app: from.app,
            kind: ask.kind,
            joinable: true,
            max_members: ask.max_members.clamp(1, MEMBERS_MAX),
            owner: from.steam_id,
            members: vec![Member::of(from)],
            data: Default::default(),
            server: None,
            revision: 1,
            code: String::new(),
            invited: Default::default(),
            banned: Default::default(),
            answers: Vec::new(),
            created_ms: now,
        };
        self.insert(id, lobby);
        self.dirty.insert(id);
        Ok((id, Granted::Entered))
    }

    /// One regular lobby a player, and two that are invisible.
    fn check_room(&self, from: &Session, kind: u32) -> Result<(), Refusal> {
        let is_invisible = |kind: u32| kind == LobbyType::Invisible as u32;
        let of = self.lobbies_of.get(&(from.app, from.steam_id));
        let same = of.into_iter().flatten().filter(|id| is_invisible(self.lobbies[id].kind) == is_invisible(kind));
        let max = if is_invisible(kind) { INVISIBLE_MAX } else { 1 };
        if same.count() >= max {
            return refuse(ResultCode::LimitExceeded, "in a lobby already: leave it first");
        }
        if self.rules.lobbies_max != 0 && self.lobbies.len() >= self.rules.lobbies_max {
            return refuse(ResultCode::LimitExceeded, "the backend has as many lobbies as it may");
        }
        Ok(())
    }

    /// The lobby that was entered; else the lobby that was meant and a `ChatRoomEnterResponse`.
    pub(super) fn join(&mut self, now: u64, from: &Session, ask: &LobbyJoin) -> Result<u64, (u64, u32)> {
        let by_code = ask.lobby == 0;
        let kind = if by_code { Kind::Code } else { Kind::Join };
        self.take(now, from, kind).map_err(|_| (ask.lobby, RATE_LIMIT_EXCEEDED))?;
        let id = if by_code {
            let code = (from.app, ask.code.to_ascii_uppercase());
            self.codes.get(&code).copied().ok_or((0, DOESNT_EXIST))?
        } else {
            ask.lobby
        };
        let joined = self.enter(from, id, by_code);
        // By a code, nobody learns more than that it does not lead in.
        joined.map(|()| id).map_err(|response| if by_code { (0, DOESNT_EXIST) } else { (id, response) })
    }

    fn enter(&mut self, from: &Session, id: u64, by_code: bool) -> Result<(), u32> {
        let strict = self.rules.strict_private;
        let lobby = self.lobbies.get_mut(&id).filter(|lobby| lobby.app == from.app).ok_or(DOESNT_EXIST)?;
        if let Some(member) = lobby.member_mut(from.steam_id) {
            // The same player from another process, which takes the place over; or again.
            (member.instance, member.away_since) = (from.instance, None);
            self.dirty.insert(id);
            return Ok(());
        }
        if lobby.banned.contains(&from.steam_id) {
            return Err(BANNED_FROM);
        }
        let is_private = [LobbyType::Private as u32, LobbyType::PrivateUnique as u32].contains(&lobby.kind);
        let may_enter = !(is_private && strict) || by_code || lobby.invited.contains(&from.steam_id);
        if !lobby.joinable || !may_enter {
            return Err(NOT_ALLOWED);
        }
        if lobby.is_full() {
            return Err(FULL);
        }
        let member = Member::of(from);
        let entered = Some(member.wire());
        lobby.members.push(member);
        self.lobbies_of.entry((from.app, from.steam_id)).or_default().insert(id);
        self.changed(id, LobbyChange { entered, ..LobbyChange::default() }, Some(from.steam_id));
        Ok(())
    }

    pub(super) fn leave(&mut self, from: &Session, id: u64) -> Granting {
        let lobby = self.lobbies.get(&id).filter(|lobby| lobby.app == from.app);
        if lobby.is_none_or(|lobby| lobby.member(from.steam_id).is_none()) {
            // Done already, and nothing of a stranger's is remembered in a lobby.
            return Ok((0, Granted::Done));
        }
        self.remove_member(id, from.steam_id, from.steam_id, LEFT);
        Ok((id, Granted::Done))
    }

    pub(super) fn kick(&mut self, from: &Session, ask: &LobbyKick) -> Granting {
        let lobby = self.owned(from, ask.lobby)?;
        if ask.member == from.steam_id {
            return refuse(ResultCode::InvalidParam, "the owner leaves by leaving");
        }
        if lobby.member(ask.member).is_none() {
            return refuse(ResultCode::NoMatch, "no such member");
        }
        lobby.invited.remove(&ask.member);
        if ask.ban && lobby.banned.len() < GUESTS_MAX {
            lobby.banned.insert(ask.member);
        }
        let how = if ask.ban { KICKED | BANNED } else { KICKED };
        self.remove_member(ask.lobby, ask.member, from.steam_id, how);
        Ok((ask.lobby, Granted::Done))
    }

    pub(super) fn invite(&mut self, now: u64, from: &Session, ask: &LobbyInvite) -> Granting {
        self.take(now, from, Kind::Invite)?;
        let lobby = self.entered(from, ask.lobby)?;
        if lobby.invited.len() < GUESTS_MAX {
            lobby.invited.insert(ask.player);
        }
        self.dirty.insert(ask.lobby);
        let newest = self.sessions_of.get(&(from.app, ask.player)).and_then(|sessions| sessions.last());
        if let Some(&session) = newest {
            let invited = LobbyInvited { inviter: from.steam_id, lobby: ask.lobby, app: from.app };
            self.send(session, Body::LobbyInvited(invited));
        }
        Ok((ask.lobby, Granted::Done))
    }

    pub(super) fn make_code(&mut self, from: &Session, id: u64, random: &mut dyn FnMut() -> u32) -> Granting {
        if !self.owned(from, id)?.code.is_empty() {
            return Ok((id, Granted::Code));
        }
        let code = loop {
            let letter = |_| CODE_LETTERS[random() as usize % CODE_LETTERS.len()] as char;
            let code: String = (0..CODE_LEN).map(letter).collect();
            if !self.codes.contains_key(&(from.app, code.clone())) {
                break code;
            }
        };
        self.codes.insert((from.app, code.clone()), id);
        self.owned(from, id)?.code = code;
        self.dirty.insert(id);
        Ok((id, Granted::Code))
    }

    /// A lobby that one is in.
    pub(super) fn entered(&mut self, from: &Session, id: u64) -> Result<&mut Lobby, Refusal> {
        let lobby = self.lobbies.get_mut(&id).filter(|lobby| lobby.app == from.app);
        match lobby.filter(|lobby| lobby.member(from.steam_id).is_some()) {
            Some(lobby) => Ok(lobby),
            None => refuse(ResultCode::NoMatch, "not in that lobby"),
        }
    }

    /// A lobby that one owns.
    pub(super) fn owned(&mut self, from: &Session, id: u64) -> Result<&mut Lobby, Refusal> {
        let lobby = self.entered(from, id)?;
        if lobby.owner == from.steam_id { Ok(lobby) } else { refuse(ResultCode::AccessDenied, "not its owner") }
    }
}

impl Member {
    fn of(session: &Session) -> Self {
        Self {
            steam_id: session.steam_id,
            instance: session.instance,
            name: session.name.clone(),
            data: Default::default(),
            away_since: None,
        }
    }
}
