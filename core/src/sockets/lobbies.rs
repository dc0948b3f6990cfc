//! Lobbies: where players of a network meet before they play. Lobbies and players are named by their SteamIDs.
//!
//! What is asked is answered by events ([`LobbyEvent`](crate::LobbyEvent)), each exactly once, also when no backend
//! answers. What is read comes from memory. Without a network nothing is there, and nothing can be asked.

use std::net::Ipv4Addr;

use bytes::Bytes;
use gamesockets_schema::LobbyType;
use gamesockets_schema::enums::{LobbyComparison, LobbyDistanceFilter};
use gamesockets_services::limits::{CHAT_LEN_MAX, FILTERS_MAX};
use gamesockets_services::messages::{Body, Filter, LobbyChat, LobbyEdit, LobbyInvite, LobbyKick, LobbySearch};

use super::Sockets;
use crate::error::Error;
use crate::lobbies::events::LobbyServer;
use crate::network::client::{Client, Purpose};

/// Account type 8 (chat), with the flag of lobbies in the instance.
const fn is_lobby_id(id: u64) -> bool {
    id >> 52 & 0xf == 8 && id >> 32 & 0x4_0000 != 0
}

impl Sockets {
    /// Makes a lobby for 1 to 250 members (other numbers are brought into that range), and enters it. Answer: `Created`,
    /// then `Joined` and `DataUpdate`; or `Created` alone with what failed.
    ///
    /// # Errors
    /// [`Error::NoNetwork`], [`Error::Forked`].
    pub fn create_lobby(&self, kind: LobbyType, max_members: u32) -> Result<(), Error> {
        self.network()?.with(|client, now| client.create_lobby(now, kind as u32, max_members.clamp(1, 250)));
        Ok(())
    }

    /// Enters a lobby. Answer: `Joined`.
    ///
    /// # Errors
    /// [`Error::NoNetwork`], [`Error::Forked`].
    pub fn join_lobby(&self, lobby: u64) -> Result<(), Error> {
        self.network()?.with(|client, now| client.join_lobby(now, lobby, ""));
        Ok(())
    }

    /// Enters the lobby that has this code. Answer: `Joined`; a code that leads nowhere gives lobby 0.
    ///
    /// # Errors
    /// [`Error::NoNetwork`], [`Error::Forked`].
    pub fn join_lobby_by_code(&self, code: &str) -> Result<(), Error> {
        // A longer text is no code.
        let code: String = code.trim().chars().take(64).collect();
        self.network()?.with(|client, now| client.join_lobby(now, 0, &code));
        Ok(())
    }

    /// Leaves a lobby, here at once. Of an unknown one, nothing happens.
    pub fn leave_lobby(&self, lobby: u64) {
        let _ = self.network().map(|network| network.with(|client, now| client.leave_lobby(now, lobby)));
    }

    /// Looks for lobbies by the filters that were added since the last search, which are used up. Answer: `MatchList`,
    /// with at most 50. A search that is under way is replaced.
    ///
    /// # Errors
    /// [`Error::NoNetwork`], [`Error::Forked`].
    pub fn request_lobby_list(&self) -> Result<(), Error> {
        self.network()?.with(|client, now| client.request_lobby_list(now));
        Ok(())
    }

    /// The next search finds lobbies only whose value of this key compares so with a text.
    ///
    /// # Errors
    /// [`Error::NoNetwork`], [`Error::Forked`]; [`Error::TooLong`] with more than 32 filters.
    pub fn add_lobby_string_filter(&self, key: &str, text: &str, comparison: LobbyComparison) -> Result<(), Error> {
        let text = Some(text.to_owned());
        self.add_filter(Filter { key: key.to_owned(), text, comparison: comparison.value(), ..Filter::default() })
    }

    /// The next search finds lobbies only whose value of this key, read as a number, compares so with a number.
    ///
    /// # Errors
    /// As [`Self::add_lobby_string_filter`].
    pub fn add_lobby_numerical_filter(&self, key: &str, number: i32, comparison: LobbyComparison) -> Result<(), Error> {
        let number = Some(number);
        self.add_filter(Filter { key: key.to_owned(), number, comparison: comparison.value(), ..Filter::default() })
    }

    /// The next search gives those lobbies first whose value of this key is near to a number.
    ///
    /// # Errors
    /// As [`Self::add_lobby_string_filter`].
    pub fn add_lobby_near_value_filter(&self, key: &str, number: i32) -> Result<(), Error> {
        self.add_filter(Filter { key: key.to_owned(), near: Some(number), ..Filter::default() })
    }

    /// The next search finds lobbies only with at least so many free places.
    ///
    /// # Errors
    /// [`Error::NoNetwork`], [`Error::Forked`].
    pub fn add_lobby_slots_filter(&self, slots: u32) -> Result<(), Error> {
        self.edit_search(|search| search.slots = slots)
    }

    /// How far away lobbies may be that the next search finds. As long as a network is in one place, all are near.
    ///
    /// # Errors
    /// [`Error::NoNetwork`], [`Error::Forked`].
    pub fn add_lobby_distance_filter(&self, distance: LobbyDistanceFilter) -> Result<(), Error> {
        self.edit_search(|search| search.distance = distance as u32)
    }

    /// How many lobbies the next search finds at most; never more than 50.
    ///
    /// # Errors
    /// [`Error::NoNetwork`], [`Error::Forked`].
    pub fn add_lobby_result_count_filter(&self, count: u32) -> Result<(), Error> {
        self.edit_search(|search| search.max_results = count)
    }

    fn edit_search(&self, edit: impl FnOnce(&mut LobbySearch)) -> Result<(), Error> {
        self.network()?.with(|client, _| edit(&mut client.lobbies.filters));
        Ok(())
    }

    fn add_filter(&self, filter: Filter) -> Result<(), Error> {
        self.network()?.with(|client, _| {
            let filters = &mut client.lobbies.filters.filters;
            if filters.len() >= FILTERS_MAX {
                return Err(Error::TooLong { what: "list of filters", len: filters.len() + 1, max: FILTERS_MAX });
            }
            filters.push(filter);
            Ok(())
        })
    }

    /// Asks for data, member count and server of a lobby that one is not in. Answer: `DataUpdate`. `false`, and no answer,
    /// for what is no id of a lobby, and while we are not logged in.
    pub fn request_lobby_data(&self, lobby: u64) -> bool {
        is_lobby_id(lobby) && self.ask(|client, now| client.request_lobby_data(now, lobby))
    }

    /// A value of a lobby's data; of lobbies that one is in, has found, or has asked for. Empty where there is none.
    pub fn lobby_data(&self, lobby: u64, key: &str) -> String {
        self.read(|client| client.lobbies.known.get(&lobby)?.data.get(key).cloned())
    }

    /// All keys of a lobby and their values, by key.
    pub fn all_lobby_data(&self, lobby: u64) -> Vec<(String, String)> {
        self.read(|client| Some(client.lobbies.known.get(&lobby)?.data.clone().into_iter().collect()))
    }

    /// Sets a value of our lobby: here at once; the others hear of it within a moment, bundled with what else is set, and
    /// `DataUpdate` comes to all, us included. An empty value removes the key. `false` when we are not its owner, the key
    /// has more than 255 bytes or none, or the value more than 8192.
    pub fn set_lobby_data(&self, lobby: u64, key: &str, value: &str) -> bool {
        self.ask(|client, now| client.set_lobby_data(now, lobby, key, value))
    }

    /// Removes a key of our lobby; `false` when it has none, or we are not its owner.
    pub fn delete_lobby_data(&self, lobby: u64, key: &str) -> bool {
        self.ask(|client, now| {
            let has = client.lobbies.entered(lobby).is_some_and(|view| view.data.contains_key(key));
            has && client.set_lobby_data(now, lobby, key, "")
        })
    }

    /// A value of a member of a lobby that we are in. Empty where there is none.
    pub fn lobby_member_data(&self, lobby: u64, member: u64, key: &str) -> String {
        self.read(|client| client.lobbies.entered(lobby)?.member(member)?.data.get(key).cloned())
    }

    /// Sets a value of ours in a lobby that we are in, as [`Self::set_lobby_data`] does. `false` when we are in no such
    /// lobby, or the key or the value is too long.
    pub fn set_lobby_member_data(&self, lobby: u64, key: &str, value: &str) -> bool {
        self.ask(|client, now| client.set_lobby_member_data(now, lobby, key, value))
    }

    /// How many members a lobby has: one that we are in, have found or have asked for. 0 otherwise.
    pub fn lobby_member_count(&self, lobby: u64) -> usize {
        self.read(|client| client.lobbies.known.get(&lobby).map(|view| view.member_count))
    }

    /// The members of a lobby that we are in, in the order in which they entered: all members see the same.
    pub fn lobby_members(&self, lobby: u64) -> Vec<u64> {
        self.read(|client| {
            let view = client.lobbies.entered(lobby)?;
            Some(view.members.iter().map(|member| member.steam_id).collect())
        })
    }

    /// What a member of a lobby that we are in is called. Empty where there is none.
    pub fn lobby_member_name(&self, lobby: u64, member: u64) -> String {
        self.read(|client| Some(client.lobbies.entered(lobby)?.member(member)?.name.clone()))
    }

    /// The owner of a lobby that we are in; 0 otherwise.
    pub fn lobby_owner(&self, lobby: u64) -> u64 {
        self.read(|client| client.lobbies.entered(lobby).map(|view| view.owner))
    }

    /// How many members a lobby may have: one that we are in, have found or have asked for. 0 otherwise.
    pub fn lobby_member_limit(&self, lobby: u64) -> u32 {
        self.read(|client| client.lobbies.known.get(&lobby).map(|view| view.max_members))
    }

    /// Hands our lobby over to another member. `false` when we are not its owner, or he is no member.
    pub fn set_lobby_owner(&self, lobby: u64, owner: u64) -> bool {
        self.edit(lobby, LobbyEdit { owner: Some(owner), ..LobbyEdit::default() })
    }

    /// Who may find and enter our lobby. `false` when we are not its owner.
    pub fn set_lobby_type(&self, lobby: u64, kind: LobbyType) -> bool {
        self.edit(lobby, LobbyEdit { kind: Some(kind as u32), ..LobbyEdit::default() })
    }

    /// Whether anybody may enter our lobby at all; if not, it is found by no search either. `false` when we are not its
    /// owner.
    pub fn set_lobby_joinable(&self, lobby: u64, joinable: bool) -> bool {
        self.edit(lobby, LobbyEdit { joinable: Some(joinable), ..LobbyEdit::default() })
    }

    /// How many members our lobby may have, 1 to 250; nobody is thrown out. `false` when we are not its owner, or for
    /// another number.
    pub fn set_lobby_member_limit(&self, lobby: u64, max_members: u32) -> bool {
        (1..=250).contains(&max_members)
            && self.edit(lobby, LobbyEdit { max_members: Some(max_members), ..LobbyEdit::default() })
    }

    /// Names the server on which the members of our lobby play: `GameCreated` comes to all. `false` when we are not its
    /// owner.
    pub fn set_lobby_game_server(&self, lobby: u64, server: LobbyServer) -> bool {
        self.edit(lobby, LobbyEdit { server: Some(server.into()), ..LobbyEdit::default() })
    }

    /// The server that the owner has named.
    pub fn lobby_game_server(&self, lobby: u64) -> Option<LobbyServer> {
        let server = self.read(|client| Some(client.lobbies.known.get(&lobby)?.server.map(LobbyServer::from)));
        server.filter(|server| *server != LobbyServer { ip: Ipv4Addr::UNSPECIFIED, port: 0, steam_id: 0 })
    }

    /// Says something to all members of a lobby that we are in: `Message` comes to all, us included. `false` when we are
    /// not in it, it has more than 4095 bytes or none, or we are not logged in.
    pub fn send_lobby_chat_msg(&self, lobby: u64, text: &str) -> bool {
        self.say(lobby, text.as_bytes(), false)
    }

    /// The same with bytes that need not be text.
    pub fn send_lobby_chat_data(&self, lobby: u64, data: &[u8]) -> bool {
        self.say(lobby, data, true)
    }

    fn say(&self, lobby: u64, data: &[u8], is_binary: bool) -> bool {
        let chat = LobbyChat { lobby, data: Bytes::copy_from_slice(data), is_binary };
        (1..=CHAT_LEN_MAX).contains(&data.len()) && self.ask(|client, now| client.say_in_lobby(now, chat))
    }

    /// Invites somebody to a lobby that we are in. `true` when the invitation was sent, whether he is there or not.
    pub fn invite_user_to_lobby(&self, lobby: u64, player: u64) -> bool {
        self.ask(|client, now| {
            let can = client.is_online() && client.lobbies.entered(lobby).is_some();
            if can {
                client.ask(now, Body::LobbyInvite(LobbyInvite { lobby, player }), Purpose::Quiet);
            }
            can
        })
    }

    /// Throws a member out of our lobby, and with `ban` he cannot come back. `false` when we are not its owner, he is no
    /// member, or is us.
    pub fn kick_lobby_member(&self, lobby: u64, member: u64, ban: bool) -> bool {
        self.ask(|client, now| {
            let us = client.steam_id();
            let view = client.lobbies.entered(lobby);
            let can = member != us && view.is_some_and(|view| view.owner == us && view.member(member).is_some());
            if can {
                client.ask(now, Body::LobbyKick(LobbyKick { lobby, member, ban }), Purpose::Quiet);
            }
            can
        })
    }

    /// Asks for a short code by which our lobby can be entered, six letters and digits, valid as long as the lobby. Answer:
    /// `CodeCreated`. `false` when we are not its owner.
    pub fn create_lobby_code(&self, lobby: u64) -> bool {
        self.ask(|client, now| client.ask_lobby_code(now, lobby))
    }

    /// The code of our lobby; empty until it is there.
    pub fn lobby_code(&self, lobby: u64) -> String {
        self.read(|client| Some(client.lobbies.entered(lobby)?.code.clone()))
    }

    fn edit(&self, lobby: u64, edit: LobbyEdit) -> bool {
        self.ask(|client, now| client.edit_lobby(now, lobby, edit))
    }

    fn ask(&self, ask: impl FnOnce(&mut Client, u64) -> bool) -> bool {
        self.network().is_ok_and(|network| network.with(ask))
    }

    fn read<T: Default>(&self, read: impl FnOnce(&Client) -> Option<T>) -> T {
        self.network().ok().and_then(|network| network.look(read)).unwrap_or_default()
    }
}
