//! What stands in a lobby, and what is said there.

use std::collections::BTreeMap;

use gamesockets_schema::{LobbyType, ResultCode};
use gamesockets_services::limits::{
    CHAT_LEN_MAX, KEY_LEN_MAX, KEYS_MAX, LOBBY_DATA_MAX, MEMBER_DATA_MAX, MEMBERS_MAX, VALUE_LEN_MAX,
};
use gamesockets_services::messages::{self, Body, LobbyChange, LobbyChat, LobbyChatted, LobbyEdit, Pair};

use super::{Granted, Granting, Kind, Lobbies, Refusal, Session, refuse};

impl Lobbies {
    pub(super) fn edit(&mut self, now: u64, from: &Session, ask: &LobbyEdit) -> Granting {
        self.take(now, from, Kind::Edit)?;
        let is_owner = {
            let lobby = self.entered(from, ask.lobby)?;
            lobby.owner == from.steam_id
        };
        let wants_owner = !ask.data.is_empty()
            || ask.kind.is_some()
            || ask.joinable.is_some()
            || ask.max_members.is_some()
            || ask.owner.is_some()
            || ask.server.is_some();
        if wants_owner && !is_owner {
            return refuse(ResultCode::AccessDenied, "not its owner");
        }
        let lobby = self.entered(from, ask.lobby)?;
        if ask.kind.is_some_and(|kind| kind > LobbyType::PrivateUnique as u32) {
            return refuse(ResultCode::InvalidParam, "there is no such type of lobby");
        }
        if ask.owner.is_some_and(|owner| lobby.member(owner).is_none()) {
            return refuse(ResultCode::NoMatch, "the new owner is no member");
        }
        let data = apply(&lobby.data, &ask.data)?;
        if size(&data) > LOBBY_DATA_MAX {
            return refuse(ResultCode::LimitExceeded, "the lobby has no room for that much data");
        }
        let own = lobby.member(from.steam_id).map(|member| apply(&member.data, &ask.own_data)).transpose()?;
        let others = lobby.members.iter().filter(|member| member.steam_id != from.steam_id);
        let theirs: usize = others.map(|member| size(&member.data)).sum();
        if own.as_ref().is_some_and(|own| theirs + size(own) > MEMBER_DATA_MAX) {
            return refuse(ResultCode::LimitExceeded, "the lobby has no room for that much data of its members");
        }
        let max_members = ask.max_members.map(|max| max.clamp(1, MEMBERS_MAX));
        let is_change = wants_owner || !ask.own_data.is_empty();
        lobby.data = data;
        lobby.kind = ask.kind.unwrap_or(lobby.kind);
        lobby.joinable = ask.joinable.unwrap_or(lobby.joinable);
        lobby.max_members = max_members.unwrap_or(lobby.max_members);
        lobby.owner = ask.owner.unwrap_or(lobby.owner);
        lobby.server = ask.server.or(lobby.server);
        if let (Some(member), Some(own)) = (lobby.member_mut(from.steam_id), own) {
            member.data = own;
        }
        let member = messages::Member { steam_id: from.steam_id, data: ask.own_data.clone(), name: String::new() };
        let change = LobbyChange {
            data: ask.data.clone(),
            member: (!ask.own_data.is_empty()).then_some(member),
            owner: ask.owner,
            kind: ask.kind,
            joinable: ask.joinable,
            max_members,
            server: ask.server,
            ..LobbyChange::default()
        };
        if is_change {
            self.changed(ask.lobby, change, None);
        }
        Ok((ask.lobby, Granted::Done))
    }

    pub(super) fn chat(&mut self, now: u64, from: &Session, ask: &LobbyChat) -> Granting {
        self.take(now, from, Kind::Chat)?;
        if ask.data.len() > CHAT_LEN_MAX {
            return refuse(ResultCode::LimitExceeded, "a chat message has at most 4095 bytes");
        }
        self.entered(from, ask.lobby)?;
        let audience = self.audience(&self.lobbies[&ask.lobby], None);
        let (data, is_binary) = (ask.data.clone(), ask.is_binary);
        let said = LobbyChatted { lobby: ask.lobby, member: from.steam_id, data, is_binary };
        for session in audience {
            self.send(session, Body::LobbyChatted(said.clone()));
        }
        Ok((ask.lobby, Granted::Done))
    }
}

/// The data with these changes.
fn apply(data: &BTreeMap<String, String>, changes: &[Pair]) -> Result<BTreeMap<String, String>, Refusal> {
    let mut data = data.clone();
    for Pair { key, value } in changes {
        if key.is_empty() || key.len() > KEY_LEN_MAX {
            return refuse(ResultCode::InvalidParam, "a key has 1 to 255 bytes");
        }
        if value.len() > VALUE_LEN_MAX {
            return refuse(ResultCode::LimitExceeded, "a value has at most 8192 bytes");
        }
        if value.is_empty() {
            data.remove(key);
        } else {
            data.insert(key.clone(), value.clone());
        }
    }
    if data.len() > KEYS_MAX {
        return refuse(ResultCode::LimitExceeded, "at most 128 keys");
    }
    Ok(data)
}

fn size(data: &BTreeMap<String, String>) -> usize {
    data.iter().map(|(key, value)| key.len() + value.len()).sum()
}
