//! The class: what scripts see.
#![allow(unreachable_pub, reason = "the getters that gdext makes of properties are public")]

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use gamesockets::schema::DebugOutputType;
use gamesockets::{ConfigEntry, ConfigTarget};
use gamesockets_multiplayer::{Counters, DEFAULT_MAX_CLIENTS, Parting, Remote, Session, Settings};
use godot::classes::MultiplayerPeerExtension;
use godot::classes::multiplayer_peer::TransferMode;
use godot::global::Error;
use godot::prelude::*;

use super::said::Said;
use super::taken::Taken;
use super::{options, refusal};
use crate::steam::{Steam, read_identity};

/// The level of debugging at which the log of the sockets is printed.
const DEBUG_SOCKETS: i64 = 2;

/// Runs Godot's high-level multiplayer (RPCs, MultiplayerSpawner, MultiplayerSynchronizer) over gamesockets: encrypted
/// UDP with congestion control.
///
/// Make one, call `create_host` or `create_client`, and give it to the scene tree:
///
/// ```gdscript
/// var peer := GameSocketsPeer.new()
/// peer.create_host(4242)
/// multiplayer.multiplayer_peer = peer
/// ```
///
/// Each channel has three lanes, one for each transfer mode: order holds within a channel and a mode, a packet sent
/// "unreliable ordered" that was overtaken is dropped, and a large reliable transfer on one channel holds up no other
/// channel. There are 84 channels, and a packet has at most 512 KiB.
///
/// Every object has sockets of its own, apart from those of `Steam`; several may live in one program. Names are those of
/// `SteamMultiplayerPeer` where they mean the same.
#[derive(GodotClass)]
#[class(tool, init, base = MultiplayerPeerExtension)]
pub(crate) struct GameSocketsPeer {
    /// Send unreliable packets at once or not at all: what cannot leave right now is dropped.
    #[var]
    pub(super) no_delay: bool,
    /// Send packets without waiting for others to share a datagram with, which they do for up to 5 ms.
    #[var]
    pub(super) no_nagle: bool,
    /// Clients reach each other through the host: the scene tree's MultiplayerAPI tells them of each other, and relays.
    #[var]
    #[init(val = true)]
    pub(super) server_relay: bool,
    /// How much is printed: one of `DEBUG_LEVEL_NONE`, `DEBUG_LEVEL_PEER` (who comes and goes, and why) and
    /// `DEBUG_LEVEL_STEAM` (the log of the sockets as well).
    #[var(get = get_debug_level, set = set_debug_level)]
    pub(super) debug_level: i64,
    /// How many clients a host takes at once. To be set before `create_host`.
    #[var(get = get_max_clients, set = set_max_clients)]
    #[init(val = DEFAULT_MAX_CLIENTS as i64)]
    max_clients: i64,
    /// Who we are to the others, as `steamid:76561197960265729`, `str:alice` or a plain name. Empty: who we are to
    /// `Steam`, which `Steam.getIdentity` tells. To be set before `create_host` or `create_client`.
    ///
    /// Others have to take our word for it, unless both ends have certificates.
    #[var]
    identity: GString,
    options: Vec<ConfigEntry>,
    pub(super) refuses_new: bool,
    pub(super) session: Option<Session>,
    /// How many sessions have begun.
    pub(super) begun: u64,
    pub(super) target: i32,
    pub(super) channel: i32,
    #[init(val = TransferMode::RELIABLE)]
    pub(super) mode: TransferMode,
    pub(super) taken: Taken,
    pub(super) said: Said,
    /// Of the last session.
    ended: Ended,
    base: Base<MultiplayerPeerExtension>,
}

/// What is left of a session.
#[derive(Default)]
struct Ended {
    counters: Counters,
    parting: Option<Parting>,
}

#[godot_api]
impl GameSocketsPeer {
    /// Listens on this UDP port, as peer 1; port 0 takes a free one, which `get_local_port` tells. `bind_address` is an
    /// address of this computer, `*` all of them.
    ///
    /// Answers `ERR_ALREADY_IN_USE` when this object is in use already, or the port is; `ERR_INVALID_PARAMETER` for
    /// arguments that cannot be; else `ERR_CANT_CREATE`. A warning says more.
    #[func]
    fn create_host(&mut self, #[opt(default = 0)] port: i64, #[opt(default = "*")] bind_address: GString) -> Error {
        if let Err(refused) = self.can_begin("create_host") {
            return refused;
        }
        let Some(address) = local_address(&bind_address.to_string(), port) else {
            let example = "write * or an IP address of this computer, and a port up to 65535";
            godot_warn!("GameSocketsPeer.create_host: cannot listen at \"{bind_address}\", port {port}: {example}");
            return Error::ERR_INVALID_PARAMETER;
        };
        self.begin("create_host", |settings| Session::host(address, settings))
    }

    /// Connects to a host. `address` is `IP:port` or `name:port`, or an IP or a name with the port apart. The name of a
    /// computer is looked up meanwhile; where nobody knows it, the connection fails, and `get_end_debug` says so.
    ///
    /// The answer tells only whether it has begun; `multiplayer.connected_to_server` or `multiplayer.connection_failed`
    /// tells how it ended.
    #[func]
    fn create_client(&mut self, address: GString, #[opt(default = 0)] port: i64) -> Error {
        if let Err(refused) = self.can_begin("create_client") {
            return refused;
        }
        let remote = u16::try_from(port).ok().and_then(|port| Remote::parse(&address.to_string(), port));
        let Some(remote) = remote else {
            let example = "write IP:port or name:port, or an IP or a name and a port from 1 to 65535";
            godot_warn!("GameSocketsPeer.create_client: cannot connect to \"{address}\", port {port}: {example}");
            return Error::ERR_INVALID_PARAMETER;
        };
        let id = self.base().generate_unique_id() as i32;
        self.begin("create_client", |settings| Session::client(remote, id, settings))
    }

    /// The UDP port that a host listens on; 0 for a client.
    #[func]
    fn get_local_port(&self) -> i64 {
        self.local_address().map_or(0, |address| address.port().into())
    }

    /// The address that a host listens at, as `IP:port`; empty for a client.
    #[func]
    fn get_local_address(&self) -> GString {
        self.local_address().map_or_else(GString::new, |address| GString::from(&address.to_string()))
    }

    /// Sets an option of this peer's sockets, one of `Steam.NetworkingConfigValue`, before or after `create_host` and
    /// `create_client`.
    ///
    /// Answers `ERR_INVALID_PARAMETER`, with a warning, when there is no such option or it takes no such value. Before
    /// the session begins, some values are refused only by `create_host` and `create_client`.
    #[func]
    fn set_config_value(&mut self, config_value: i64, value: Variant) -> Error {
        let entry = match options::entry(config_value, &value) {
            Ok(entry) => entry,
            Err(text) => {
                godot_warn!("GameSocketsPeer.set_config_value: {text}");
                return Error::ERR_INVALID_PARAMETER;
            }
        };
        if let Some(session) = &self.session
            && let Err(refused) = session.sockets().set_config_value_struct(ConfigTarget::Global, &entry)
        {
            return refusal::of_session("set_config_value", &refused);
        }
        self.options.retain(|other| other.option != entry.option);
        self.options.push(entry);
        Error::OK
    }

    /// What was dropped and refused since the session began: `refused` (clients that were turned away),
    /// `bad_handshakes` (connections that were closed because their handshake was wrong, came twice or did not come),
    /// `malformed` (packets of no known form), `late` (packets sent "unreliable ordered" that were overtaken) and `unsent`
    /// (packets that found too much waiting before them).
    #[func]
    fn get_counters(&self) -> VarDictionary {
        let counters = self.session.as_ref().map_or(self.ended.counters, Session::counters);
        vdict! {
            "refused" => counters.refused.cast_signed(),
            "bad_handshakes" => counters.bad_handshakes.cast_signed(),
            "malformed" => counters.malformed.cast_signed(),
            "late" => counters.late.cast_signed(),
            "unsent" => counters.unsent.cast_signed(),
        }
    }

    /// Why the connection that ended last came to its end: one of `Steam.NetworkingConnectionEnd`, or 1000 (the other
    /// left), 1001 (kicked), 1002 (the host refuses new clients), 1003 (the host is full), 1004 (bad handshake),
    /// 1005 (other version), 1006 (no handshake in time), 1007 (nobody knows the name of the host); 0 when none has ended.
    #[func]
    fn get_end_reason(&self) -> i64 {
        self.parting().map_or(0, |parting| parting.reason.into())
    }

    /// The same in words.
    #[func]
    fn get_end_debug(&self) -> GString {
        self.parting().map_or_else(GString::new, |parting| GString::from(&parting.text))
    }

    /// How much is printed.
    #[func]
    fn get_debug_level(&self) -> i64 {
        self.debug_level
    }

    /// Chooses how much is printed.
    #[func]
    fn set_debug_level(&mut self, debug_level: i64) {
        self.debug_level = debug_level.clamp(0, DEBUG_SOCKETS);
        self.apply_debug_level();
    }

    /// How many clients a host takes at once.
    #[func]
    fn get_max_clients(&self) -> i64 {
        self.max_clients
    }

    /// Chooses how many clients a host takes at once, the next time it begins.
    #[func]
    fn set_max_clients(&mut self, max_clients: i64) {
        self.max_clients = max_clients.max(0);
    }
}

impl GameSocketsPeer {
    pub(crate) fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// Ends the session, and keeps what can be asked about it.
    pub(super) fn end_session(&mut self) {
        if let Some(session) = self.session.take() {
            self.ended = Ended { counters: session.counters(), parting: session.last_parting().cloned() };
        }
    }

    fn can_begin(&mut self, call: &str) -> Result<(), Error> {
        if self.session.is_some() {
            godot_warn!("GameSocketsPeer.{call}: this peer is in use: call close() first, or make another");
            return Err(Error::ERR_ALREADY_IN_USE);
        }
        Ok(())
    }

    fn begin(&mut self, call: &str, start: impl FnOnce(Settings) -> Result<Session, gamesockets::Error>) -> Error {
        let identity = match self.identity.to_string() {
            text if text.is_empty() => Ok(Steam::singleton().bind().identity()),
            text => read_identity(&text),
        };
        let identity = match identity {
            Ok(identity) => Some(identity),
            Err(problem) => {
                godot_warn!("GameSocketsPeer.{call}: the property identity: {problem}");
                return Error::ERR_INVALID_PARAMETER;
            }
        };
        let max_clients = usize::try_from(self.max_clients).unwrap_or(0);
        let settings = Settings { identity, options: self.options.clone(), max_clients, ..Settings::default() };
        match start(settings) {
            Err(refused) => refusal::of_session(call, &refused),
            Ok(mut session) => {
                session.set_refuses_new(self.refuses_new);
                self.session = Some(session);
                self.begun += 1;
                self.ended = Ended::default();
                self.said = Said::default();
                self.apply_debug_level();
                Error::OK
            }
        }
    }

    fn apply_debug_level(&self) {
        let level = if self.debug_level < DEBUG_SOCKETS { DebugOutputType::None } else { DebugOutputType::Verbose };
        if let Some(session) = &self.session {
            session.set_socket_log(level);
        }
    }

    fn local_address(&self) -> Option<SocketAddr> {
        self.session.as_ref()?.local_address()
    }

    fn parting(&self) -> Option<&Parting> {
        match &self.session {
            Some(session) => session.last_parting(),
            None => self.ended.parting.as_ref(),
        }
    }
}

fn local_address(text: &str, port: i64) -> Option<SocketAddr> {
    let port = u16::try_from(port).ok()?;
    let ip = if text == "*" { IpAddr::V6(Ipv6Addr::UNSPECIFIED) } else { text.parse().ok()? };
    Some(SocketAddr::new(ip, port))
}
