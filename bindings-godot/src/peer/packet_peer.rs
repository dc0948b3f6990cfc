//! `GameSocketsPacketPeer`: one peer of a `GameSocketsPeer`.

use gamesockets::{Connection, ConnectionInfo, ConnectionState};
use gamesockets_multiplayer::Session;
use godot::obj::InstanceId;
use godot::prelude::*;

use super::GameSocketsPeer;
use crate::variant::{KeyCache, to_variant};

/// One peer of a [GameSocketsPeer], as `GameSocketsPeer.get_peer` answers it. It may be kept after the peer has left:
/// then its state is `STATE_NONE`.
#[derive(GodotClass)]
#[class(tool, no_init, base = RefCounted)]
pub(crate) struct GameSocketsPacketPeer {
    /// The peer object; it may be freed before us.
    owner: InstanceId,
    id: i32,
    connection: Connection,
    base: Base<RefCounted>,
}

#[godot_api]
impl GameSocketsPacketPeer {
    /// The number of this peer.
    #[func]
    fn get_peer_id(&self) -> i64 {
        self.id.into()
    }

    /// The handle of its connection, within the sockets of the peer object: those of `Steam` do not know it.
    #[func]
    fn get_connection_handle(&self) -> i64 {
        self.connection.raw().into()
    }

    /// The SteamID that it says it has; 0 when it has none.
    #[func]
    fn get_steam_id(&self) -> i64 {
        self.info().map_or(0, |info| info.identity.cast_signed())
    }

    /// Who it says it is, as `steamid:76561197960265729`, `str:alice` or `ip:127.0.0.1:4242`.
    #[func]
    fn get_identity(&self) -> GString {
        self.info().map_or_else(GString::new, |info| GString::from(&info.identity_string))
    }

    /// Its address, as an IP without the port.
    #[func]
    fn get_remote_address(&self) -> GString {
        self.info().map_or_else(GString::new, |info| GString::from(&info.remote_address))
    }

    /// Its UDP port.
    #[func]
    fn get_remote_port(&self) -> i64 {
        self.info().map_or(0, |info| info.remote_port.into())
    }

    /// The state of its connection: `STATE_CONNECTED` while it can be sent to.
    #[func]
    fn get_state(&self) -> i64 {
        self.info().map_or(ConnectionState::None, |info| info.connection_state) as i64
    }

    /// How the connection is doing, with the keys of `Steam.getConnectionRealTimeStatus`; empty when it has ended.
    #[func]
    fn get_real_time_status(&self) -> VarDictionary {
        let figures = self.with_session(|session| session.figures(self.id)).flatten();
        let status = figures.map(|(status, _)| to_variant(&status, &KeyCache::default()));
        status.and_then(|status| status.try_to().ok()).unwrap_or_default()
    }

    /// The round-trip time, ms; -1 when it is not known yet.
    #[func]
    fn get_ping(&self) -> i64 {
        let figures = self.with_session(|session| session.figures(self.id)).flatten();
        figures.map_or(-1, |(status, _)| status.ping.into())
    }

    /// Closes the connection after delivering what was sent reliably; with `force` at once, and without the signal
    /// `peer_disconnected` on our side.
    #[func]
    fn disconnect_peer(&self, #[opt(default = false)] force: bool) {
        let is_there = self.with_session(|session| session.connection(self.id) == Some(self.connection));
        if let (Some(true), Ok(mut owner)) = (is_there, Gd::<GameSocketsPeer>::try_from_instance_id(self.owner)) {
            owner.upcast_mut::<godot::classes::MultiplayerPeer>().disconnect_peer_ex(self.id).force(force).done();
        }
    }
}

impl GameSocketsPacketPeer {
    pub(super) fn new(owner: InstanceId, id: i32, connection: Connection) -> Gd<Self> {
        Gd::from_init_fn(|base| Self { owner, id, connection, base })
    }

    fn with_session<T>(&self, use_session: impl FnOnce(&Session) -> T) -> Option<T> {
        let owner = Gd::<GameSocketsPeer>::try_from_instance_id(self.owner).ok()?;
        let owner = owner.bind();
        owner.session().map(use_session)
    }

    fn info(&self) -> Option<ConnectionInfo> {
        self.with_session(|session| session.sockets().connection_info(self.connection).ok()).flatten()
    }
}
