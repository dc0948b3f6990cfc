//! The lobbies that are known here.

use std::collections::{BTreeMap, HashMap};

use gamesockets_schema::LobbyType;
use gamesockets_services::messages::{GameServer, LobbyCard, LobbyChange, LobbyEdit, LobbyState, Pair};

use super::events::LobbyEvent;

/// Lobbies that one is not in are remembered up to this number.
const STRANGE_MAX: usize = 1_000;
const ENTERED: u32 = 1;
const LEFT: u32 = 2;

/// All lobbies that are known here.
#[derive(Default)]
pub(crate) struct Lobbies {
    pub(crate) known: HashMap<u64, View>,
    /// What the next search looks for.
    pub(crate) filters: gamesockets_services::messages::LobbySearch,
}

/// A lobby as it is known here.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct View {
    /// One is in it.
    pub(crate) is_entered: bool,
    pub(crate) revision: u64,
    pub(crate) kind: u32,
    pub(crate) joinable: bool,
    pub(crate) max_members: u32,
    pub(crate) owner: u64,
    /// Of a lobby that one is not in, how many there are.
    pub(crate) member_count: usize,
    /// In the order in which they entered.
    pub(crate) members: Vec<MemberView>,
    pub(crate) data: BTreeMap<String, String>,
    pub(crate) server: Option<GameServer>,
    pub(crate) code: String,
    /// What was changed here and has not been sent.
    pub(crate) unsent: LobbyEdit,
    /// When it has to be.
    pub(crate) flush_at: Option<u64>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MemberView {
    pub(crate) steam_id: u64,
    pub(crate) name: String,
    pub(crate) data: BTreeMap<String, String>,
}

impl Lobbies {
    pub(crate) fn entered(&self, lobby: u64) -> Option<&View> {
        self.known.get(&lobby).filter(|view| view.is_entered)
    }

    pub(crate) fn entered_mut(&mut self, lobby: u64) -> Option<&mut View> {
        self.known.get_mut(&lobby).filter(|view| view.is_entered)
    }

    /// Takes in what everybody may know of a lobby.
    pub(crate) fn take_card(&mut self, card: LobbyCard) {
        if self.entered(card.lobby).is_some() {
            return;
        }
        if self.known.len() >= STRANGE_MAX && !self.known.contains_key(&card.lobby) {
            self.known.retain(|_, view| view.is_entered);
        }
        let view = View {
            member_count: card.members as usize,
            max_members: card.max_members,
            data: map(card.data),
            server: card.server,
            ..View::default()
        };
        self.known.insert(card.lobby, view);
    }

    /// Takes in all of a lobby that one is in. What is new about one that was known is told.
    pub(crate) fn take_state(&mut self, us: u64, state: LobbyState, told: &mut Vec<LobbyEvent>) {
        let (lobby, new) = (state.lobby, View::of(state));
        let old = self.known.get(&lobby).filter(|view| view.is_entered).cloned();
        let Some(old) = old else {
            self.known.insert(lobby, new);
            return;
        };
        for member in &old.members {
            if member.steam_id != us && new.member(member.steam_id).is_none() {
                told.push(LobbyEvent::ChatUpdate { lobby, member: member.steam_id, by: member.steam_id, change: LEFT });
            }
        }
        for member in &new.members {
            match old.member(member.steam_id) {
                None if member.steam_id != us => {
                    let steam_id = member.steam_id;
                    told.push(LobbyEvent::ChatUpdate { lobby, member: steam_id, by: steam_id, change: ENTERED });
                }
                Some(before) if before.data != member.data => {
                    told.push(LobbyEvent::DataUpdate { success: true, lobby, member: member.steam_id });
                }
                _ => {}
            }
        }
        let facts = |view: &View| (view.kind, view.joinable, view.max_members, view.owner, view.data.clone());
        if facts(&old) != facts(&new) {
            told.push(LobbyEvent::DataUpdate { success: true, lobby, member: lobby });
        }
        if let Some(server) = new.server.filter(|_| old.server != new.server) {
            told.push(LobbyEvent::GameCreated { lobby, server: server.into() });
        }
        let mut new = View { code: old.code, flush_at: old.flush_at, ..new };
        // What was changed here and is not sent yet stands above it.
        apply(&mut new.data, &old.unsent.data);
        new.unsent = old.unsent;
        self.known.insert(lobby, new);
    }

    /// Applies a change; told in the order in which the application may hear of it.
    pub(crate) fn take_change(&mut self, change: LobbyChange, told: &mut Vec<LobbyEvent>) {
        let lobby = change.lobby;
        let Some(view) = self.entered_mut(lobby) else { return };
        if change.revision <= view.revision {
            return;
        }
        view.revision = change.revision;
        if let Some(member) = change.entered {
            let steam_id = member.steam_id;
            view.members.retain(|other| other.steam_id != steam_id);
            view.members.push(MemberView { steam_id, name: member.name, data: map(member.data) });
            told.push(LobbyEvent::ChatUpdate { lobby, member: steam_id, by: steam_id, change: ENTERED });
        }
        if let Some(left) = change.left {
            view.members.retain(|member| member.steam_id != left.member);
            told.push(LobbyEvent::ChatUpdate { lobby, member: left.member, by: left.by, change: left.how });
        }
        let pending: Vec<_> = view.unsent.data.iter().map(|pair| pair.key.clone()).collect();
        let data: Vec<_> = change.data.into_iter().filter(|pair| !pending.contains(&pair.key)).collect();
        let is_lobby_changed = change.owner.is_some()
            || change.kind.is_some()
            || change.joinable.is_some()
            || change.max_members.is_some()
            || !(data.is_empty() && pending.is_empty());
        apply(&mut view.data, &data);
        view.owner = change.owner.unwrap_or(view.owner);
        view.kind = change.kind.unwrap_or(view.kind);
        view.joinable = change.joinable.unwrap_or(view.joinable);
        view.max_members = change.max_members.unwrap_or(view.max_members);
        view.member_count = view.members.len();
        if is_lobby_changed {
            told.push(LobbyEvent::DataUpdate { success: true, lobby, member: lobby });
        }
        if let Some(changed) = change.member {
            if let Some(member) = view.members.iter_mut().find(|member| member.steam_id == changed.steam_id) {
                apply(&mut member.data, &changed.data);
            }
            told.push(LobbyEvent::DataUpdate { success: true, lobby, member: changed.steam_id });
        }
        if let Some(server) = change.server {
            view.server = Some(server);
            told.push(LobbyEvent::GameCreated { lobby, server: server.into() });
        }
    }
}

impl View {
    fn of(state: LobbyState) -> Self {
        let member = |member: gamesockets_services::messages::Member| MemberView {
            steam_id: member.steam_id,
            name: member.name,
            data: map(member.data),
        };
        Self {
            is_entered: true,
            revision: state.revision,
            kind: state.kind,
            joinable: state.joinable,
            max_members: state.max_members,
            owner: state.owner,
            member_count: state.members.len(),
            members: state.members.into_iter().map(member).collect(),
            data: map(state.data),
            server: state.server,
            ..Self::default()
        }
    }

    pub(crate) fn member(&self, steam_id: u64) -> Option<&MemberView> {
        self.members.iter().find(|member| member.steam_id == steam_id)
    }

    /// Only the invited may enter.
    pub(crate) fn is_locked(&self) -> bool {
        self.kind == LobbyType::Private as u32
    }
}

fn map(pairs: Vec<Pair>) -> BTreeMap<String, String> {
    pairs.into_iter().map(|pair| (pair.key, pair.value)).collect()
}

/// Applies changes to data; an empty value removes its key.
pub(crate) fn apply(data: &mut BTreeMap<String, String>, changes: &[Pair]) {
    for Pair { key, value } in changes {
        if value.is_empty() {
            data.remove(key);
        } else {
            data.insert(key.clone(), value.clone());
        }
    }
}
