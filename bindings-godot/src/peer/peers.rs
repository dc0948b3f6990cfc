//! Who is there.

use gamesockets_multiplayer::Session;
use godot::prelude::*;

use super::{GameSocketsPacketPeer, GameSocketsPeer};

#[godot_api(secondary)]
impl GameSocketsPeer {
    /// The numbers of the peers that are connected with us directly: all clients of a host, of a client the host.
    #[func]
    fn get_peers(&self) -> PackedInt32Array {
        self.session.iter().flat_map(Session::peers).collect()
    }

    /// The connection of a peer; `null` when it is not there.
    #[func]
    fn get_peer(&self, peer_id: i64) -> Option<Gd<GameSocketsPacketPeer>> {
        let id = i32::try_from(peer_id).ok()?;
        let connection = self.session.as_ref()?.connection(id)?;
        Some(GameSocketsPacketPeer::new(self.to_gd().instance_id(), id, connection))
    }

    /// The SteamID that a peer says it has; 0 when it has none, or is not there.
    #[func]
    fn get_steam_id_for_peer_id(&self, peer_id: i64) -> i64 {
        let id = i32::try_from(peer_id).unwrap_or(0);
        self.steam_id(id).cast_signed()
    }

    /// The number of the peer with this SteamID; 0 when none has it.
    #[func]
    fn get_peer_id_for_steam_id(&self, steam_id: i64) -> i64 {
        let Some(session) = self.session.as_ref().filter(|_| steam_id != 0) else { return 0 };
        let found = session.peers().find(|&id| self.steam_id(id) == steam_id.cast_unsigned());
        found.map_or(0, i64::from)
    }
}

impl GameSocketsPeer {
    fn steam_id(&self, id: i32) -> u64 {
        let Some(session) = &self.session else { return 0 };
        if id == session.id() {
            return session.sockets().identity().steam_id().unwrap_or(0);
        }
        let info = session.connection(id).and_then(|connection| session.sockets().connection_info(connection).ok());
        info.map_or(0, |info| info.identity)
    }
}
