//! Finding lobbies.

use std::cmp::Reverse;

use gamesockets_schema::{LobbyType, ResultCode};
use gamesockets_services::limits::{FILTERS_MAX, FRAME_LEN_MAX, RESULTS_MAX};
use gamesockets_services::messages::{Filter, LobbyCard, LobbyList, LobbySearch};
use prost::Message as _;

use super::{Kind, Lobbies, Lobby, Refusal, Session, pairs, refuse};

/// Room that a frame needs besides the lobbies.
const FRAME_OVERHEAD: usize = 64;
/// And each of them besides itself.
const CARD_OVERHEAD: usize = 8;

impl Lobbies {
    pub(super) fn search(&mut self, now: u64, from: &Session, ask: &LobbySearch) -> Result<LobbyList, Refusal> {
        self.take(now, from, Kind::Search)?;
        if ask.filters.len() > FILTERS_MAX {
            return refuse(ResultCode::LimitExceeded, "at most 32 filters");
        }
        let mut found: Vec<_> = self
            .lobbies
            .iter()
            .filter(|(_, lobby)| lobby.app == from.app && lobby.is_listed())
            .filter(|(_, lobby)| lobby.members.len() as u64 + u64::from(ask.slots) <= u64::from(lobby.max_members))
            .filter(|(_, lobby)| !lobby.banned.contains(&from.steam_id))
            .filter(|(_, lobby)| ask.filters.iter().all(|filter| lobby.passes(filter)))
            .map(|(&id, lobby)| (lobby.distances(&ask.filters), Reverse(lobby.created_ms), id))
            .collect();
        found.sort_unstable();
        let max = match ask.max_results as usize {
            0 => RESULTS_MAX,
            max => max.min(RESULTS_MAX),
        };
        let mut room = FRAME_LEN_MAX - FRAME_OVERHEAD;
        let mut lobbies = Vec::new();
        for (_, _, id) in found.into_iter().take(max) {
            let card = self.lobbies[&id].card(id);
            let len = card.encoded_len() + CARD_OVERHEAD;
            if len > room {
                break;
            }
            room -= len;
            lobbies.push(card);
        }
        Ok(LobbyList { lobbies })
    }

    pub(super) fn look_up(&self, from: &Session, id: u64) -> LobbyList {
        let lobby = self.lobbies.get(&id).filter(|lobby| lobby.app == from.app);
        LobbyList { lobbies: lobby.map(|lobby| lobby.card(id)).into_iter().collect() }
    }
}

impl Lobby {
    fn is_listed(&self) -> bool {
        let kinds = [LobbyType::Public as u32, LobbyType::Invisible as u32];
        kinds.contains(&self.kind) && self.joinable && !self.is_full()
    }

    fn passes(&self, filter: &Filter) -> bool {
        let value = self.data.get(&filter.key);
        if let Some(text) = &filter.text {
            return match value {
                Some(value) => holds(filter.comparison, value.as_str(), text.as_str()),
                None => filter.comparison == NOT_EQUAL,
            };
        }
        let Some(number) = filter.number else { return true };
        let value = value.and_then(|value| value.trim().parse::<i64>().ok());
        value.is_some_and(|value| holds(filter.comparison, value, i64::from(number)))
    }

    /// How far it is from what was wished for, wish by wish.
    fn distances(&self, filters: &[Filter]) -> Vec<u64> {
        let near = filters.iter().filter_map(|filter| Some((filter, i64::from(filter.near?))));
        near.map(|(filter, near)| {
            let value = self.data.get(&filter.key).and_then(|value| value.trim().parse::<i64>().ok());
            value.map_or(u64::MAX, |value| value.abs_diff(near))
        })
        .collect()
    }

    /// What everybody may know of it.
    fn card(&self, id: u64) -> LobbyCard {
        LobbyCard {
            lobby: id,
            members: u32::try_from(self.members.len()).unwrap_or(u32::MAX),
            max_members: self.max_members,
            data: pairs(&self.data),
            server: self.server,
        }
    }
}

const NOT_EQUAL: i32 = 3;

/// The comparisons of the enum LobbyComparison.
fn holds<T: Ord>(comparison: i32, value: T, with: T) -> bool {
    match comparison {
        -2 => value <= with,
        -1 => value < with,
        1 => value > with,
        2 => value >= with,
        NOT_EQUAL => value != with,
        _ => value == with,
    }
}
