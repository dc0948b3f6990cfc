//! What the application hears of lobbies.

use std::net::Ipv4Addr;

use bytes::Bytes;
use gamesockets_schema::ResultCode;
use gamesockets_schema::enums::ChatRoomEnterResponse;
use gamesockets_services::messages::GameServer;

/// Something happened in a lobby, or a request about one was answered. Lobbies and players are named by SteamIDs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LobbyEvent {
    /// The answer to [`Sockets::create_lobby`](crate::Sockets::create_lobby). Once it is made, `Joined` and `DataUpdate`
    /// follow.
    Created {
        /// `Ok`, or why there is none.
        result: ResultCode,
        /// The lobby, or 0.
        lobby: u64,
    },
    /// The answer to [`Sockets::join_lobby`](crate::Sockets::join_lobby): data, members and owner can be read now.
    Joined {
        /// Which; 0 after a wrong code.
        lobby: u64,
        /// Only the invited may enter.
        locked: bool,
        /// `Success`, or why one is not in.
        response: ChatRoomEnterResponse,
    },
    /// The answer to [`Sockets::request_lobby_list`](crate::Sockets::request_lobby_list): the best first, and their data
    /// can be read.
    MatchList {
        /// What was found.
        lobbies: Vec<u64>,
    },
    /// Something that stands in a lobby has changed, or the answer to
    /// [`Sockets::request_lobby_data`](crate::Sockets::request_lobby_data).
    DataUpdate {
        /// Whether the lobby exists.
        success: bool,
        /// Which.
        lobby: u64,
        /// The member whose data it is, or the lobby itself.
        member: u64,
    },
    /// A member has come or gone.
    ChatUpdate {
        /// Where.
        lobby: u64,
        /// Who.
        member: u64,
        /// Whose doing it was.
        by: u64,
        /// Bits: 1 entered, 2 left, 4 connection lost, 8 kicked, 16 banned.
        change: u32,
    },
    /// A member says something; oneself, too.
    Message {
        /// Where.
        lobby: u64,
        /// Who.
        member: u64,
        /// What.
        data: Bytes,
        /// It came by [`Sockets::send_lobby_chat_data`](crate::Sockets::send_lobby_chat_data), and need not be text.
        is_binary: bool,
    },
    /// Somebody invites.
    Invite {
        /// Who.
        inviter: u64,
        /// Where to.
        lobby: u64,
        /// The app.
        app: u32,
    },
    /// The owner has named the server on which the members play.
    GameCreated {
        /// Where.
        lobby: u64,
        /// Which server.
        server: LobbyServer,
    },
    /// One is in the lobby no more, and has not left it.
    Kicked {
        /// Which.
        lobby: u64,
        /// Who did it; the lobby, if nobody did.
        admin: u64,
        /// For having been away too long.
        due_to_disconnect: bool,
    },
    /// The code of a lobby is there.
    CodeCreated {
        /// Which.
        lobby: u64,
        /// Its code.
        code: String,
    },
}

/// The server on which the members of a lobby play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LobbyServer {
    /// Its address; unspecified when it is known by its identity alone.
    pub ip: Ipv4Addr,
    /// Its UDP port.
    pub port: u16,
    /// Its SteamID, or 0.
    pub steam_id: u64,
}

impl From<GameServer> for LobbyServer {
    fn from(server: GameServer) -> Self {
        let port = u16::try_from(server.port).unwrap_or(0);
        Self { ip: Ipv4Addr::from_bits(server.ip), port, steam_id: server.steam_id }
    }
}

impl From<LobbyServer> for GameServer {
    fn from(server: LobbyServer) -> Self {
        Self { ip: server.ip.to_bits(), port: server.port.into(), steam_id: server.steam_id }
    }
}
