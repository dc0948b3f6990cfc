//! Lobbies: what is asked, what is answered, and what members hear.

/// Makes a lobby and enters it. Answer: [`LobbyEntered`].
#[derive(Clone, Copy, PartialEq, Eq, ::prost::Message)]
pub struct LobbyCreate {
    /// A number of the enum LobbyType.
    #[prost(uint32, tag = "1")]
    pub kind: u32,
    /// How many may be in it.
    #[prost(uint32, tag = "2")]
    pub max_members: u32,
}

/// Enters a lobby, by its id or by its code. Answer: [`LobbyEntered`].
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct LobbyJoin {
    /// Its id; 0: by the code.
    #[prost(fixed64, tag = "1")]
    pub lobby: u64,
    /// Its code.
    #[prost(string, tag = "2")]
    pub code: String,
}

/// Leaves a lobby. Answer: [`Done`], also where one was not in it.
#[derive(Clone, Copy, PartialEq, Eq, ::prost::Message)]
pub struct LobbyLeave {
    /// Which.
    #[prost(fixed64, tag = "1")]
    pub lobby: u64,
}

/// A key and its value. An empty value removes the key.
#[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
pub struct Pair {
    /// Compared byte for byte.
    #[prost(string, tag = "1")]
    pub key: String,
    /// Text.
    #[prost(string, tag = "2")]
    pub value: String,
}

/// The server on which the members play.
#[derive(Clone, Copy, PartialEq, Eq, Hash, ::prost::Message)]
pub struct GameServer {
    /// IPv4; 0 for none.
    #[prost(fixed32, tag = "1")]
    pub ip: u32,
    /// UDP.
    #[prost(uint32, tag = "2")]
    pub port: u32,
    /// Its SteamID; 0 for none.
    #[prost(fixed64, tag = "3")]
    pub steam_id: u64,
}

/// Changes a lobby; all is for its owner, but `own_data`. All or nothing. Answer: [`Done`].
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct LobbyEdit {
    /// Which.
    #[prost(fixed64, tag = "1")]
    pub lobby: u64,
    /// Data of the lobby.
    #[prost(message, repeated, tag = "2")]
    pub data: Vec<Pair>,
    /// Its type.
    #[prost(uint32, optional, tag = "3")]
    pub kind: Option<u32>,
    /// Whether it may be entered.
    #[prost(bool, optional, tag = "4")]
    pub joinable: Option<bool>,
    /// How many may be in it.
    #[prost(uint32, optional, tag = "5")]
    pub max_members: Option<u32>,
    /// Its new owner.
    #[prost(fixed64, optional, tag = "6")]
    pub owner: Option<u64>,
    /// Its server.
    #[prost(message, optional, tag = "7")]
    pub server: Option<GameServer>,
    /// Data of the member who asks.
    #[prost(message, repeated, tag = "8")]
    pub own_data: Vec<Pair>,
}

/// Says something to all members. Answer: [`Done`].
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct LobbyChat {
    /// Where.
    #[prost(fixed64, tag = "1")]
    pub lobby: u64,
    /// What.
    #[prost(bytes = "bytes", tag = "2")]
    pub data: bytes::Bytes,
    /// It is no text.
    #[prost(bool, tag = "3")]
    pub is_binary: bool,
}

/// Something that a lobby has to fulfil, or that lobbies are sorted by.
#[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
pub struct Filter {
    /// The key whose value is looked at.
    #[prost(string, tag = "1")]
    pub key: String,
    /// A text to compare with.
    #[prost(string, optional, tag = "2")]
    pub text: Option<String>,
    /// A number to compare with.
    #[prost(sint32, optional, tag = "3")]
    pub number: Option<i32>,
    /// A number of the enum LobbyComparison.
    #[prost(sint32, tag = "4")]
    pub comparison: i32,
    /// A number to be near to: sorts, and filters nothing.
    #[prost(sint32, optional, tag = "5")]
    pub near: Option<i32>,
}

/// Looks for lobbies of the same app. Answer: [`LobbyList`], best first.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct LobbySearch {
    /// All have to be fulfilled.
    #[prost(message, repeated, tag = "1")]
    pub filters: Vec<Filter>,
    /// At least as many free places.
    #[prost(uint32, tag = "2")]
    pub slots: u32,
    /// A number of the enum LobbyDistanceFilter.
    #[prost(uint32, tag = "3")]
    pub distance: u32,
    /// At most as many; 0 for 50.
    #[prost(uint32, tag = "4")]
    pub max_results: u32,
}

/// Asks what everybody may know of a lobby. Answer: [`LobbyList`], empty when it does not exist.
#[derive(Clone, Copy, PartialEq, Eq, ::prost::Message)]
pub struct LobbyGet {
    /// Which.
    #[prost(fixed64, tag = "1")]
    pub lobby: u64,
}

/// Invites somebody. Answer: [`Done`], whether he is there or not.
#[derive(Clone, Copy, PartialEq, Eq, ::prost::Message)]
pub struct LobbyInvite {
    /// Where to.
    #[prost(fixed64, tag = "1")]
    pub lobby: u64,
    /// Whom.
    #[prost(fixed64, tag = "2")]
    pub player: u64,
}

/// Throws a member out; for the owner. Answer: [`Done`].
#[derive(Clone, Copy, PartialEq, Eq, ::prost::Message)]
pub struct LobbyKick {
    /// Out of which.
    #[prost(fixed64, tag = "1")]
    pub lobby: u64,
    /// Whom.
    #[prost(fixed64, tag = "2")]
    pub member: u64,
    /// He may not come back.
    #[prost(bool, tag = "3")]
    pub ban: bool,
}

/// Asks for a short code; for the owner. Answer: [`LobbyCode`].
#[derive(Clone, Copy, PartialEq, Eq, ::prost::Message)]
pub struct LobbyCodeAsk {
    /// Of which.
    #[prost(fixed64, tag = "1")]
    pub lobby: u64,
}

/// It is done, and that is all.
#[derive(Clone, Copy, PartialEq, Eq, ::prost::Message)]
pub struct Done {}

/// Whether one is in.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct LobbyEntered {
    /// A number of the enum ChatRoomEnterResponse.
    #[prost(uint32, tag = "1")]
    pub response: u32,
    /// Which lobby; by a wrong code 0.
    #[prost(fixed64, tag = "2")]
    pub lobby: u64,
    /// All of it, once one is in.
    #[prost(message, optional, tag = "3")]
    pub state: Option<LobbyState>,
}

/// What everybody of the app may know of a lobby.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct LobbyCard {
    /// Its id.
    #[prost(fixed64, tag = "1")]
    pub lobby: u64,
    /// How many are in it.
    #[prost(uint32, tag = "2")]
    pub members: u32,
    /// How many may be.
    #[prost(uint32, tag = "3")]
    pub max_members: u32,
    /// Its data.
    #[prost(message, repeated, tag = "4")]
    pub data: Vec<Pair>,
    /// Its server.
    #[prost(message, optional, tag = "5")]
    pub server: Option<GameServer>,
}

/// Lobbies that were found.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct LobbyList {
    /// The best first.
    #[prost(message, repeated, tag = "1")]
    pub lobbies: Vec<LobbyCard>,
}

/// The code of a lobby.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct LobbyCode {
    /// Which.
    #[prost(fixed64, tag = "1")]
    pub lobby: u64,
    /// Its code.
    #[prost(string, tag = "2")]
    pub code: String,
}

/// The lobbies that one is in, after a login: the state of each follows.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct LobbySync {
    /// Their ids.
    #[prost(fixed64, repeated, tag = "1")]
    pub lobbies: Vec<u64>,
}

/// Who is in a lobby.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct Member {
    /// His SteamID.
    #[prost(fixed64, tag = "1")]
    pub steam_id: u64,
    /// His data.
    #[prost(message, repeated, tag = "2")]
    pub data: Vec<Pair>,
    /// What he is called.
    #[prost(string, tag = "3")]
    pub name: String,
}

/// All that members know of a lobby.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct LobbyState {
    /// Its id.
    #[prost(fixed64, tag = "1")]
    pub lobby: u64,
    /// Counts its changes.
    #[prost(uint64, tag = "2")]
    pub revision: u64,
    /// A number of the enum LobbyType.
    #[prost(uint32, tag = "3")]
    pub kind: u32,
    /// Whether it may be entered.
    #[prost(bool, tag = "4")]
    pub joinable: bool,
    /// How many may be in it.
    #[prost(uint32, tag = "5")]
    pub max_members: u32,
    /// One of the members.
    #[prost(fixed64, tag = "6")]
    pub owner: u64,
    /// In the order in which they entered.
    #[prost(message, repeated, tag = "7")]
    pub members: Vec<Member>,
    /// Its data.
    #[prost(message, repeated, tag = "8")]
    pub data: Vec<Pair>,
    /// Its server.
    #[prost(message, optional, tag = "9")]
    pub server: Option<GameServer>,
}

/// A member who is gone.
#[derive(Clone, Copy, PartialEq, Eq, ::prost::Message)]
pub struct Left {
    /// Who.
    #[prost(fixed64, tag = "1")]
    pub member: u64,
    /// Whose doing it was.
    #[prost(fixed64, tag = "2")]
    pub by: u64,
    /// Bits of the enum ChatMemberStateChange.
    #[prost(uint32, tag = "3")]
    pub how: u32,
}

/// What has changed in a lobby since the revision before. Members apply it in the order of the fields.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct LobbyChange {
    /// Which.
    #[prost(fixed64, tag = "1")]
    pub lobby: u64,
    /// The revision that this makes.
    #[prost(uint64, tag = "2")]
    pub revision: u64,
    /// Who has entered.
    #[prost(message, optional, tag = "3")]
    pub entered: Option<Member>,
    /// Who is gone.
    #[prost(message, optional, tag = "4")]
    pub left: Option<Left>,
    /// Its data.
    #[prost(message, repeated, tag = "5")]
    pub data: Vec<Pair>,
    /// A member whose data has changed, by `data` alone.
    #[prost(message, optional, tag = "6")]
    pub member: Option<Member>,
    /// Its owner.
    #[prost(fixed64, optional, tag = "7")]
    pub owner: Option<u64>,
    /// Its type.
    #[prost(uint32, optional, tag = "8")]
    pub kind: Option<u32>,
    /// Whether it may be entered.
    #[prost(bool, optional, tag = "9")]
    pub joinable: Option<bool>,
    /// How many may be in it.
    #[prost(uint32, optional, tag = "10")]
    pub max_members: Option<u32>,
    /// Its server.
    #[prost(message, optional, tag = "11")]
    pub server: Option<GameServer>,
}

/// A member says something.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct LobbyChatted {
    /// Where.
    #[prost(fixed64, tag = "1")]
    pub lobby: u64,
    /// Who.
    #[prost(fixed64, tag = "2")]
    pub member: u64,
    /// What.
    #[prost(bytes = "bytes", tag = "3")]
    pub data: bytes::Bytes,
    /// It is no text.
    #[prost(bool, tag = "4")]
    pub is_binary: bool,
}

/// Somebody invites.
#[derive(Clone, Copy, PartialEq, Eq, ::prost::Message)]
pub struct LobbyInvited {
    /// Who.
    #[prost(fixed64, tag = "1")]
    pub inviter: u64,
    /// Where to.
    #[prost(fixed64, tag = "2")]
    pub lobby: u64,
    /// The app.
    #[prost(uint32, tag = "3")]
    pub app: u32,
}

/// One is in a lobby no more, and has not left it.
#[derive(Clone, Copy, PartialEq, Eq, ::prost::Message)]
pub struct LobbyRemoved {
    /// Which.
    #[prost(fixed64, tag = "1")]
    pub lobby: u64,
    /// Who did it; the lobby itself, if nobody did.
    #[prost(fixed64, tag = "2")]
    pub by: u64,
    /// For having been away too long.
    #[prost(bool, tag = "3")]
    pub due_to_disconnect: bool,
}
