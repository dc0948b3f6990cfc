//! A lobby as it is kept.

use std::collections::BTreeMap;

use gamesockets_services::messages::{GameServer, Pair};

use super::{Answer, Granted, Lobby, Member, pairs};

#[derive(Clone, PartialEq, ::prost::Message)]
pub(super) struct Record {
    #[prost(uint32, tag = "1")]
    app: u32,
    #[prost(uint32, tag = "2")]
    kind: u32,
    #[prost(bool, tag = "3")]
    joinable: bool,
    #[prost(uint32, tag = "4")]
    max_members: u32,
    #[prost(fixed64, tag = "5")]
    owner: u64,
    #[prost(message, repeated, tag = "6")]
    members: Vec<MemberRecord>,
    #[prost(message, repeated, tag = "7")]
    data: Vec<Pair>,
    #[prost(message, optional, tag = "8")]
    server: Option<GameServer>,
    #[prost(uint64, tag = "9")]
    revision: u64,
    #[prost(string, tag = "10")]
    code: String,
    #[prost(fixed64, repeated, tag = "11")]
    invited: Vec<u64>,
    #[prost(fixed64, repeated, tag = "12")]
    banned: Vec<u64>,
    #[prost(message, repeated, tag = "13")]
    answers: Vec<AnswerRecord>,
    #[prost(uint64, tag = "14")]
    created_ms: u64,
}

#[derive(Clone, PartialEq, ::prost::Message)]
struct MemberRecord {
    #[prost(fixed64, tag = "1")]
    steam_id: u64,
    #[prost(fixed64, tag = "2")]
    instance: u64,
    #[prost(string, tag = "3")]
    name: String,
    #[prost(message, repeated, tag = "4")]
    data: Vec<Pair>,
}

#[derive(Clone, Copy, PartialEq, ::prost::Message)]
struct AnswerRecord {
    #[prost(fixed64, tag = "1")]
    instance: u64,
    #[prost(uint32, tag = "2")]
    seq: u32,
    #[prost(uint32, tag = "3")]
    what: u32,
    #[prost(uint64, tag = "4")]
    at_ms: u64,
}

impl Record {
    pub(super) fn of(lobby: &Lobby) -> Self {
        let member = |member: &Member| MemberRecord {
            steam_id: member.steam_id,
            instance: member.instance,
            name: member.name.clone(),
            data: pairs(&member.data),
        };
        let answer = |answer: &Answer| AnswerRecord {
            instance: answer.instance,
            seq: answer.seq,
            what: match answer.what {
                Granted::Done => 0,
                Granted::Entered => 1,
                Granted::Code => 2,
            },
            at_ms: answer.at_ms,
        };
        Self {
            app: lobby.app,
            kind: lobby.kind,
            joinable: lobby.joinable,
            max_members: lobby.max_members,
            owner: lobby.owner,
            members: lobby.members.iter().map(member).collect(),
            data: pairs(&lobby.data),
            server: lobby.server,
            revision: lobby.revision,
            code: lobby.code.clone(),
            invited: lobby.invited.iter().copied().collect(),
            banned: lobby.banned.iter().copied().collect(),
            answers: lobby.answers.iter().map(answer).collect(),
            created_ms: lobby.created_ms,
        }
    }

    /// The lobby, whose members are all away as of now.
    pub(super) fn into_lobby(self, now: u64) -> Lobby {
        let member = |member: MemberRecord| Member {
            steam_id: member.steam_id,
            instance: member.instance,
            name: member.name,
            data: map(member.data),
            away_since: Some(now),
        };
        let answer = |answer: AnswerRecord| Answer {
            instance: answer.instance,
            seq: answer.seq,
            what: match answer.what {
                1 => Granted::Entered,
                2 => Granted::Code,
                _ => Granted::Done,
            },
            at_ms: answer.at_ms,
        };
        Lobby {
            app: self.app,
            kind: self.kind,
            joinable: self.joinable,
            max_members: self.max_members,
            owner: self.owner,
            members: self.members.into_iter().map(member).collect(),
            data: map(self.data),
            server: self.server,
            revision: self.revision,
            code: self.code,
            invited: self.invited.into_iter().collect(),
            banned: self.banned.into_iter().collect(),
            answers: self.answers.into_iter().map(answer).collect(),
            created_ms: self.created_ms,
        }
    }
}

fn map(pairs: Vec<Pair>) -> BTreeMap<String, String> {
    pairs.into_iter().map(|pair| (pair.key, pair.value)).collect()
}
