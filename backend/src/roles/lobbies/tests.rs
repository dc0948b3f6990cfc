//! Players that lose their connections and repeat themselves, a backend that is killed at any moment: in the end everybody
//! sees the same, and nothing was made twice. Each failure is replayed from its seed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use gamesockets_services::messages::{
    LobbyChat, LobbyCreate, LobbyEdit, LobbyJoin, LobbyKick, LobbyLeave, LobbySearch, LobbyState, Member as Seen, Pair,
};

use super::*;

const APP: u32 = 1;

/// xorshift64*: what a test needs of randomness.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as u32
    }

    fn below(&mut self, limit: usize) -> usize {
        self.next() as usize % limit
    }
}

/// A client as the library's is.
#[derive(Default)]
struct Player {
    steam_id: u64,
    session: Option<u64>,
    /// What waited has been told again.
    is_synced: bool,
    seq: u32,
    asked: BTreeMap<u32, Body>,
    lobbies: BTreeMap<u64, LobbyState>,
}

struct World {
    random: Random,
    now: u64,
    lobbies: Lobbies,
    disk: BTreeMap<u64, Vec<u8>>,
    players: Vec<Player>,
    next_session: u64,
    on_the_way: VecDeque<(u64, Frame)>,
    ever: BTreeSet<u64>,
    /// What is kept now is not sent any more.
    is_dying: bool,
}

impl World {
    fn new(seed: u64) -> Self {
        let player = |index: u64| Player { steam_id: 100 + index, seq: 1, ..Player::default() };
        Self {
            random: Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
            now: 1_000_000,
            lobbies: Lobbies::default(),
            disk: BTreeMap::new(),
            players: (0..5).map(player).collect(),
            next_session: 1,
            on_the_way: VecDeque::new(),
            ever: BTreeSet::new(),
            is_dying: false,
        }
    }

    fn step(&mut self) {
        let index = self.random.below(self.players.len());
        match self.random.below(20) {
            0 => self.cut(index),
            1 | 2 => self.come(index),
            3 if self.random.below(4) == 0 => self.kill(),
            4 => {
                self.now += u64::from(self.random.next() % 20_000);
                self.lobbies.handle_time(self.now);
                self.settle();
            }
            5..10 => self.deliver(3),
            _ => self.wish(index),
        }
    }

    /// A player wants something.
    fn wish(&mut self, index: usize) {
        let any = self.ever.iter().copied().nth(self.random.below(self.ever.len().max(1))).unwrap_or(7);
        let own = self.players[index].lobbies.keys().next().copied().unwrap_or(any);
        let text = (self.random.next() % 4).to_string();
        let pair =
            |key: &str| vec![Pair { key: key.into(), value: if text == "0" { String::new() } else { text.clone() } }];
        let body = match self.random.below(8) {
            0 => Body::LobbyCreate(LobbyCreate { kind: 2, max_members: 1 + self.random.next() % 5 }),
            1 | 2 => Body::LobbyJoin(LobbyJoin { lobby: any, code: String::new() }),
            3 => {
                let player = &mut self.players[index];
                let is_join = |body: &Body| matches!(body, Body::LobbyJoin(join) if join.lobby == own);
                if player.lobbies.remove(&own).is_none() && !player.asked.values().any(is_join) {
                    // There is nothing to leave.
                    return;
                }
                player.asked.retain(|_, body| !is_join(body));
                Body::LobbyLeave(LobbyLeave { lobby: own })
            }
            4 => Body::LobbyEdit(LobbyEdit { lobby: own, own_data: pair("mine"), ..LobbyEdit::default() }),
            5 => Body::LobbyKick(LobbyKick { lobby: own, member: 100 + u64::from(self.random.next() % 5), ban: false }),
            6 => {
                let owner = Some(100 + u64::from(self.random.next() % 5));
                Body::LobbyEdit(LobbyEdit { lobby: own, owner, ..LobbyEdit::default() })
            }
            _ => Body::LobbyEdit(LobbyEdit { lobby: own, data: pair("key"), ..LobbyEdit::default() }),
        };
        self.want(index, body);
    }

    fn want(&mut self, index: usize, body: Body) {
        let player = &mut self.players[index];
        let seq = player.seq;
        player.seq += 1;
        player.asked.insert(seq, body);
        if player.is_synced {
            self.ask(index, seq);
        }
    }

    fn ask(&mut self, index: usize, seq: u32) {
        let (session, body) = (self.players[index].session.unwrap(), self.players[index].asked[&seq].clone());
        let random = &mut self.random;
        self.lobbies.request(self.now, session, seq, &body, &mut || random.next());
        self.settle();
    }

    /// Keeps what is to be kept; then, unless the backend dies right there, sends.
    fn settle(&mut self) {
        for output in self.lobbies.take_outputs() {
            match output {
                Output::Save(id, bytes) => {
                    if self.ever.insert(id) {
                        self.check_answers();
                    }
                    self.disk.insert(id, bytes);
                }
                Output::Delete(id) => drop(self.disk.remove(&id)),
                Output::Send(session, frame) if !self.is_dying => self.on_the_way.push_back((session, frame)),
                Output::Send(..) => {}
            }
        }
    }

    /// No request has made two lobbies.
    fn check_answers(&self) {
        let mut seen = BTreeSet::new();
        for answer in self.lobbies.lobbies.values().flat_map(|lobby| &lobby.answers) {
            assert!(seen.insert((answer.instance, answer.seq)), "{answer:?} twice");
        }
    }

    fn cut(&mut self, index: usize) {
        if let Some(session) = self.players[index].session.take() {
            self.players[index].is_synced = false;
            self.on_the_way.retain(|(to, _)| *to != session);
            self.lobbies.log_out(self.now, session, false);
            self.settle();
        }
    }

    fn come(&mut self, index: usize) {
        if self.players[index].session.is_some() {
            return;
        }
        let id = self.next_session;
        self.next_session += 1;
        let player = &mut self.players[index];
        player.session = Some(id);
        let (steam_id, instance) = (player.steam_id, player.steam_id);
        self.lobbies.log_in(Session { id, steam_id, app: APP, instance, name: String::new() });
        self.settle();
    }

    /// The process is killed, perhaps between the disk and the network, and starts again.
    fn kill(&mut self) {
        let index = self.random.below(self.players.len());
        self.is_dying = true;
        self.wish(index);
        self.is_dying = false;
        self.on_the_way.clear();
        self.players.iter_mut().for_each(|player| (player.session, player.is_synced) = (None, false));
        self.lobbies = Lobbies::new(Rules::default(), self.now, self.disk.clone());
        self.settle();
    }

    fn deliver(&mut self, count: usize) {
        for _ in 0..count {
            let Some((session, frame)) = self.on_the_way.pop_front() else { return };
            if let Some(index) = self.players.iter().position(|player| player.session == Some(session)) {
                self.hear(index, frame);
            }
        }
    }

    fn hear(&mut self, index: usize, Frame { seq, body, .. }: Frame) {
        let player = &mut self.players[index];
        match body.unwrap() {
            Body::LobbySync(sync) => {
                player.lobbies.retain(|id, _| sync.lobbies.contains(id));
                player.is_synced = true;
                for seq in player.asked.keys().copied().collect::<Vec<_>>() {
                    self.ask(index, seq);
                }
            }
            Body::LobbyState(state) => {
                let lobby = state.lobby;
                if let Some(known) = player.lobbies.get_mut(&lobby) {
                    *known = state;
                } else if !player.asked.values().any(|body| match body {
                    Body::LobbyCreate(_) => true,
                    Body::LobbyJoin(join) => join.lobby == lobby,
                    _ => false,
                }) {
                    self.want(index, Body::LobbyLeave(LobbyLeave { lobby }));
                }
            }
            Body::LobbyChange(change) => player.apply(change),
            Body::LobbyRemoved(removed) => drop(player.lobbies.remove(&removed.lobby)),
            Body::LobbyEntered(entered) => {
                let is_asked = player.asked.remove(&seq).is_some();
                match entered.state {
                    Some(state) if is_asked => drop(player.lobbies.insert(state.lobby, state)),
                    Some(LobbyState { lobby, .. }) if !player.lobbies.contains_key(&lobby) => {
                        self.want(index, Body::LobbyLeave(LobbyLeave { lobby }));
                    }
                    _ => {}
                }
            }
            _ => {
                if let Some(Body::LobbyLeave(left)) = player.asked.remove(&seq) {
                    player.lobbies.remove(&left.lobby);
                }
            }
        }
    }

    /// Everybody comes back, and everything is said.
    fn calm(&mut self) {
        for _ in 0..200 {
            (0..self.players.len()).for_each(|index| self.come(index));
            self.deliver(usize::MAX);
            self.now += 1_000;
            if self.players.iter().all(|player| player.asked.is_empty()) {
                break;
            }
            // What the budgets have refused was answered; nothing else is left to repeat.
            (0..self.players.len())
                .filter(|&i| !self.players[i].asked.is_empty())
                .collect::<Vec<_>>()
                .into_iter()
                .for_each(|index| self.cut(index));
        }
    }

    fn check(&self) {
        assert!(self.players.iter().all(|player| player.asked.is_empty()), "every request is answered");
        assert_eq!(self.disk.keys().copied().collect::<BTreeSet<_>>(), self.lobbies.lobbies.keys().copied().collect());
        for (id, lobby) in &self.lobbies.lobbies {
            assert!(lobby.is_whole(), "an owner who is a member");
            let kept = Record::decode(&*self.disk[id]).unwrap().into_lobby(self.now);
            assert_eq!(kept.state(*id), lobby.state(*id), "the disk has what there is");
        }
        for player in &self.players {
            for (id, seen) in &player.lobbies {
                assert_eq!(*seen, self.lobbies.lobbies[id].state(*id), "what {} sees", player.steam_id);
            }
            let of = self.lobbies.lobbies_of.get(&(APP, player.steam_id)).cloned().unwrap_or_default();
            let seen: BTreeSet<_> = player.lobbies.keys().copied().collect();
            assert_eq!(seen, of, "where {} is", player.steam_id);
        }
    }
}

impl Player {
    fn apply(&mut self, change: LobbyChange) {
        let Some(lobby) = self.lobbies.get_mut(&change.lobby) else { return };
        if change.revision <= lobby.revision {
            return;
        }
        assert_eq!(change.revision, lobby.revision + 1, "no change is missed");
        lobby.revision = change.revision;
        if let Some(member) = change.entered {
            lobby.members.push(member);
        }
        if let Some(left) = change.left {
            lobby.members.retain(|member| member.steam_id != left.member);
        }
        set(&mut lobby.data, change.data);
        if let Some(changed) = change.member {
            let of = lobby.members.iter_mut().filter(|member| member.steam_id == changed.steam_id);
            of.for_each(|Seen { data, .. }| set(data, changed.data.clone()));
        }
        lobby.owner = change.owner.unwrap_or(lobby.owner);
    }
}

fn set(data: &mut Vec<Pair>, changes: Vec<Pair>) {
    for change in changes {
        data.retain(|pair| pair.key != change.key);
        if !change.value.is_empty() {
            data.push(change);
        }
    }
    data.sort_by(|a, b| a.key.cmp(&b.key));
}

#[test]
fn whatever_is_lost_and_whoever_is_killed_all_see_the_same_in_the_end() {
    for seed in 0..3_000 {
        let outcome = std::panic::catch_unwind(|| {
            let mut world = World::new(seed);
            (0..120).for_each(|_| world.step());
            world.calm();
            world.check();
        });
        assert!(outcome.is_ok(), "seed {seed}");
    }
}

#[test]
fn a_search_of_ten_thousand_lobbies_looks_at_each_once_and_finds_the_nearest() {
    let mut lobbies = Lobbies::default();
    let mut random = Random(5);
    for index in 0..10_000_u64 {
        let session = Session { id: index, steam_id: 1_000 + index, app: APP, instance: index, name: String::new() };
        lobbies.log_in(session);
        let create = Body::LobbyCreate(LobbyCreate { kind: 2, max_members: 4 });
        lobbies.request(1, index, 1, &create, &mut || random.next());
        let Some(Output::Send(_, Frame { body: Some(Body::LobbyEntered(entered)), .. })) = lobbies.take_outputs().pop()
        else {
            panic!("no answer");
        };
        let pair = |key: &str, value: String| Pair { key: key.into(), value };
        let data = vec![pair("level", (index % 100).to_string()), pair("mode", (index % 2).to_string())];
        let edit = Body::LobbyEdit(LobbyEdit { lobby: entered.lobby, data, ..LobbyEdit::default() });
        lobbies.request(1, index, 2, &edit, &mut || random.next());
        lobbies.take_outputs();
    }
    let filter = |key: &str| gamesockets_services::messages::Filter { key: key.into(), ..Default::default() };
    let filters = vec![
        gamesockets_services::messages::Filter { text: Some("1".into()), ..filter("mode") },
        gamesockets_services::messages::Filter { number: Some(50), comparison: 1, ..filter("level") },
        gamesockets_services::messages::Filter { near: Some(60), ..filter("level") },
    ];
    let search = LobbySearch { filters, ..LobbySearch::default() };
    let from = lobbies.sessions[&7].clone();
    let found = lobbies.search(2, &from, &search).unwrap().lobbies;
    assert_eq!(found.len(), 50);
    let level = |card: &gamesockets_services::messages::LobbyCard| card.data[0].value.parse::<i64>().unwrap();
    assert!(found.iter().all(|card| (level(card) - 60).abs() == 1), "59 and 61: the odd ones next to 60");
    assert!((0..10).any(|_| lobbies.search(2, &from, &search).is_err()), "no flood of searches");
    let other = Session { app: 2, steam_id: 5, ..from };
    assert!(lobbies.search(2, &other, &LobbySearch::default()).unwrap().lobbies.is_empty(), "another game");
}

#[test]
fn chat_reaches_all_members_once_and_nobody_else() {
    let mut lobbies = Lobbies::default();
    for id in 1..=3 {
        lobbies.log_in(Session { id, steam_id: 100 + id, app: APP, instance: id, name: String::new() });
    }
    lobbies.request(1, 1, 1, &Body::LobbyCreate(LobbyCreate { kind: 2, max_members: 4 }), &mut || 77);
    let lobby = *lobbies.lobbies.keys().next().unwrap();
    lobbies.request(1, 2, 1, &Body::LobbyJoin(LobbyJoin { lobby, code: String::new() }), &mut || 0);
    lobbies.take_outputs();
    let chat = Body::LobbyChat(LobbyChat { lobby, data: b"hi".to_vec().into(), is_binary: false });
    // The same request twice: the second time it is only answered.
    for seq in [2, 2] {
        lobbies.request(1, 1, seq, &chat, &mut || 0);
    }
    lobbies.request(1, 3, 2, &chat, &mut || 0);
    let said: Vec<_> = lobbies
        .take_outputs()
        .into_iter()
        .filter_map(|output| match output {
            Output::Send(to, Frame { body: Some(Body::LobbyChatted(_)), .. }) => Some(to),
            _ => None,
        })
        .collect();
    assert_eq!(said, [1, 2]);
}
