//! What is asked of the backend about lobbies, and what becomes of the answers.

use gamesockets_schema::ResultCode;
use gamesockets_schema::enums::ChatRoomEnterResponse;
use gamesockets_services::limits::{KEY_LEN_MAX, SEARCH_DEADLINE, VALUE_LEN_MAX};
use gamesockets_services::messages::{
    Body, LobbyChat, LobbyCodeAsk, LobbyCreate, LobbyEdit, LobbyEntered, LobbyGet, LobbyJoin, LobbyLeave, LobbyList,
    LobbySync, Pair,
};

use super::events::LobbyEvent;
use super::view::apply;
use crate::network::client::{Client, Failure, Purpose};

/// How long changes of a lobby's data wait for others, ms.
const BUNDLE_MS: u64 = 50;

fn set(pairs: &mut Vec<Pair>, key: &str, value: &str) {
    pairs.retain(|pair| pair.key != key);
    pairs.push(Pair { key: key.to_owned(), value: value.to_owned() });
}

fn is_sized(key: &str, value: &str) -> bool {
    (1..=KEY_LEN_MAX).contains(&key.len()) && value.len() <= VALUE_LEN_MAX
}

impl Client {
    pub(crate) fn create_lobby(&mut self, now: u64, kind: u32, max_members: u32) {
        self.ask(now, Body::LobbyCreate(LobbyCreate { kind, max_members }), Purpose::Create);
    }

    pub(crate) fn join_lobby(&mut self, now: u64, lobby: u64, code: &str) {
        // Id 0 means "by the code" to the backend: without one, it is a lobby that there is not.
        if lobby == 0 && code.is_empty() {
            let response = ChatRoomEnterResponse::DoesntExist;
            return self.tell(LobbyEvent::Joined { lobby, locked: false, response });
        }
        let code = code.to_owned();
        self.ask(now, Body::LobbyJoin(LobbyJoin { lobby, code }), Purpose::Join(lobby));
    }

    pub(crate) fn leave_lobby(&mut self, now: u64, lobby: u64) {
        let was_joining = self.give_up_joining(now, lobby);
        if was_joining || self.lobbies.entered(lobby).is_some() {
            self.flush_lobby(now, lobby);
            self.lobbies.known.remove(&lobby);
            self.ask(now, Body::LobbyLeave(LobbyLeave { lobby }), Purpose::Leave(lobby));
        }
    }

    /// One search at a time: a new one replaces it, and the first is never answered.
    pub(crate) fn request_lobby_list(&mut self, now: u64) {
        self.forget_asked(|purpose| matches!(purpose, Purpose::Search));
        let search = std::mem::take(&mut self.lobbies.filters);
        self.ask_within(now, SEARCH_DEADLINE, Body::LobbySearch(search), Purpose::Search);
    }

    pub(crate) fn request_lobby_data(&mut self, now: u64, lobby: u64) -> bool {
        let is_online = self.is_online();
        if is_online {
            self.ask(now, Body::LobbyGet(LobbyGet { lobby }), Purpose::Get(lobby));
        }
        is_online
    }

    /// Changes data of a lobby, here at once and there soon; `false` when that cannot be.
    pub(crate) fn set_lobby_data(&mut self, now: u64, lobby: u64, key: &str, value: &str) -> bool {
        let us = self.steam_id();
        let Some(view) = self.lobbies.entered_mut(lobby).filter(|view| view.owner == us) else { return false };
        if !is_sized(key, value) {
            return false;
        }
        if view.data.get(key).map_or("", String::as_str) != value {
            set(&mut view.unsent.data, key, value);
            apply(&mut view.data, &[Pair { key: key.to_owned(), value: value.to_owned() }]);
            view.flush_at.get_or_insert(now + BUNDLE_MS);
        }
        true
    }

    pub(crate) fn set_lobby_member_data(&mut self, now: u64, lobby: u64, key: &str, value: &str) -> bool {
        let us = self.steam_id();
        let Some(view) = self.lobbies.entered_mut(lobby).filter(|_| is_sized(key, value)) else { return false };
        let Some(member) = view.members.iter_mut().find(|member| member.steam_id == us) else { return false };
        if member.data.get(key).map_or("", String::as_str) != value {
            apply(&mut member.data, &[Pair { key: key.to_owned(), value: value.to_owned() }]);
            set(&mut view.unsent.own_data, key, value);
            view.flush_at.get_or_insert(now + BUNDLE_MS);
        }
        true
    }

    /// Another change by the owner, sent at once and behind what waits; `false` when one is not the owner.
    pub(crate) fn edit_lobby(&mut self, now: u64, lobby: u64, edit: LobbyEdit) -> bool {
        let us = self.steam_id();
        let Some(view) = self.lobbies.entered(lobby).filter(|view| view.owner == us) else { return false };
        if edit.owner.is_some_and(|owner| view.member(owner).is_none()) {
            return false;
        }
        self.flush_lobby(now, lobby);
        self.ask(now, Body::LobbyEdit(LobbyEdit { lobby, ..edit }), Purpose::Edit(lobby));
        true
    }

    pub(crate) fn say_in_lobby(&mut self, now: u64, chat: LobbyChat) -> bool {
        if !self.is_online() || self.lobbies.entered(chat.lobby).is_none() {
            return false;
        }
        self.flush_lobby(now, chat.lobby);
        self.ask(now, Body::LobbyChat(chat), Purpose::Quiet);
        true
    }

    pub(crate) fn ask_lobby_code(&mut self, now: u64, lobby: u64) -> bool {
        let us = self.steam_id();
        let is_owner = self.lobbies.entered(lobby).is_some_and(|view| view.owner == us);
        if is_owner {
            self.ask(now, Body::LobbyCodeAsk(LobbyCodeAsk { lobby }), Purpose::Code(lobby));
        }
        is_owner
    }

    /// Sends the changes that have waited long enough.
    pub(crate) fn flush_lobbies(&mut self, now: u64) {
        let due = |at: Option<u64>| at.is_some_and(|at| at <= now);
        let lobbies: Vec<_> =
            self.lobbies.known.iter().filter(|(_, view)| due(view.flush_at)).map(|(id, _)| *id).collect();
        lobbies.into_iter().for_each(|lobby| self.flush_lobby(now, lobby));
    }

    pub(crate) fn flush_lobby(&mut self, now: u64, lobby: u64) {
        let Some(view) = self.lobbies.entered_mut(lobby) else { return };
        if view.flush_at.take().is_some() {
            let edit = LobbyEdit { lobby, ..std::mem::take(&mut view.unsent) };
            self.ask(now, Body::LobbyEdit(edit), Purpose::Edit(lobby));
        }
    }

    /// After a login: which lobbies one is still in.
    pub(crate) fn take_sync(&mut self, sync: &LobbySync) {
        let lost: Vec<_> = self.lobbies.known.iter().filter(|(_, view)| view.is_entered).map(|(id, _)| *id).collect();
        for lobby in lost.into_iter().filter(|lobby| !sync.lobbies.contains(lobby)) {
            self.lobbies.known.remove(&lobby);
            self.tell(LobbyEvent::Kicked { lobby, admin: lobby, due_to_disconnect: true });
        }
    }

    pub(crate) fn take_entered(&mut self, now: u64, purpose: &Purpose, entered: LobbyEntered) {
        let response = i32::try_from(entered.response).ok().and_then(ChatRoomEnterResponse::from_value);
        let response = response.unwrap_or(ChatRoomEnterResponse::Error);
        let is_create = matches!(purpose, Purpose::Create);
        if !is_create && !matches!(purpose, Purpose::Join(_)) {
            return;
        }
        let us = self.steam_id();
        let Some(state) = entered.state.filter(|_| response == ChatRoomEnterResponse::Success) else {
            return self.tell(LobbyEvent::Joined { lobby: entered.lobby, locked: false, response });
        };
        let lobby = state.lobby;
        self.lobbies.known.remove(&lobby);
        let mut told = Vec::new();
        self.lobbies.take_state(us, state, &mut told);
        let locked = self.lobbies.entered(lobby).is_some_and(super::view::View::is_locked);
        if is_create {
            self.tell(LobbyEvent::Created { result: ResultCode::Ok, lobby });
        }
        self.tell(LobbyEvent::Joined { lobby, locked, response });
        if is_create {
            self.tell(LobbyEvent::DataUpdate { success: true, lobby, member: lobby });
        }
        self.flush_lobbies(now);
    }

    pub(crate) fn take_list(&mut self, purpose: &Purpose, list: LobbyList) {
        let lobbies: Vec<_> = list.lobbies.iter().map(|card| card.lobby).collect();
        match *purpose {
            Purpose::Restore(lobby) => {
                if let (Some(card), Some(view)) = (list.lobbies.into_iter().next(), self.lobbies.entered_mut(lobby)) {
                    view.data = card.data.into_iter().map(|pair| (pair.key, pair.value)).collect();
                    self.tell(LobbyEvent::DataUpdate { success: true, lobby, member: lobby });
                }
            }
            Purpose::Get(lobby) => {
                list.lobbies.into_iter().for_each(|card| self.lobbies.take_card(card));
                let success = lobbies.contains(&lobby);
                self.tell(LobbyEvent::DataUpdate { success, lobby, member: lobby });
            }
            Purpose::Search => {
                list.lobbies.into_iter().for_each(|card| self.lobbies.take_card(card));
                self.tell(LobbyEvent::MatchList { lobbies });
            }
            _ => {}
        }
    }

    /// A request about a lobby has failed: what waits for its answer hears so.
    pub(crate) fn take_lobby_failure(&mut self, now: u64, purpose: &Purpose, failure: &Failure) {
        match *purpose {
            Purpose::Create => self.tell(LobbyEvent::Created { result: failure.result, lobby: 0 }),
            Purpose::Join(lobby) => {
                let response = match failure.result {
                    ResultCode::RateLimitExceeded => ChatRoomEnterResponse::RateLimitExceeded,
                    _ => ChatRoomEnterResponse::Error,
                };
                self.tell(LobbyEvent::Joined { lobby, locked: false, response });
            }
            Purpose::Search => self.tell(LobbyEvent::MatchList { lobbies: Vec::new() }),
            Purpose::Get(lobby) => self.tell(LobbyEvent::DataUpdate { success: false, lobby, member: lobby }),
            // What stands here is not what stands there.
            Purpose::Edit(lobby) if self.lobbies.entered(lobby).is_some() => {
                self.ask(now, Body::LobbyGet(LobbyGet { lobby }), Purpose::Restore(lobby));
            }
            _ => {}
        }
    }
}
