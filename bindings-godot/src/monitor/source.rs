//! What a monitor watches.

use gamesockets::{Connection, Error, LaneStatus, RealTimeStatus, Sockets};
use godot::classes::MultiplayerPeer;
use godot::prelude::*;

use super::history::Sample;
use crate::peer::GameSocketsPeer;
use crate::steam::Steam;

/// A connection, and a name for it.
pub(super) struct Source {
    pub(super) title: String,
    pub(super) sample: Sample,
    /// The names of its lanes.
    pub(super) lane_name: fn(usize) -> String,
}

/// A connection of the singleton `Steam`.
pub(super) fn of_steam(handle: i64) -> Option<Source> {
    let connection = Connection::from_raw(u32::try_from(handle).ok()?);
    let sockets = Steam::singleton().bind().running()?;
    let (status, lanes) = figures(&sockets, connection)?;
    let info = sockets.connection_info(connection).ok()?;
    let title = format!("connection {handle} · {}", info.identity_string);
    Some(Source { title, sample: Sample::new(status, &lanes), lane_name: |lane| format!("lane {lane}") })
}

/// A peer of a `GameSocketsPeer`; 0: the host, and on the host the first client.
pub(super) fn of_peer(peer: &Gd<GameSocketsPeer>, id: i64) -> Option<Source> {
    let peer = peer.bind();
    let session = peer.session()?;
    let id = if id == 0 { session.peers().next()? } else { i32::try_from(id).ok()? };
    let (status, lanes) = session.figures(id)?;
    let address = session.connection(id).and_then(|connection| session.sockets().connection_info(connection).ok());
    let address = address.map(|info| format!(" · {}:{}", info.remote_address, info.remote_port)).unwrap_or_default();
    let title = if id == 1 { format!("host{address}") } else { format!("peer {id}{address}") };
    Some(Source { title, sample: Sample::new(status, &lanes), lane_name: name_of_peer_lane })
}

/// The peer of the scene tree, if it is one of ours.
pub(super) fn peer_of_tree(node: &Gd<Node>) -> Option<Gd<GameSocketsPeer>> {
    let peer: Gd<MultiplayerPeer> = node.get_multiplayer()?.get_multiplayer_peer()?;
    peer.try_cast().ok()
}

/// The figures of a connection, with as many lanes as it has.
fn figures(sockets: &Sockets, connection: Connection) -> Option<(RealTimeStatus, Vec<LaneStatus>)> {
    match sockets.connection_lane_status(connection, usize::from(u16::MAX)) {
        Err(Error::NoSuchLanes { count, .. }) => sockets.connection_lane_status(connection, count.into()).ok(),
        other => other.ok(),
    }
}

/// As `gamesockets-multiplayer` uses lanes.
fn name_of_peer_lane(lane: usize) -> String {
    let Some(index) = lane.checked_sub(1) else { return "handshake".to_owned() };
    let mode = ["unreliable", "ordered", "reliable"][index % 3];
    match index / 3 {
        0 => mode.to_owned(),
        channel => format!("{mode} {channel}"),
    }
}
