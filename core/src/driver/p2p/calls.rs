//! Which connection a signal or a packet is for.

use std::collections::HashMap;
use std::sync::Arc;

use gamesockets_proto::Identity;

use crate::driver::connection::ConnectionCell;

/// The connections of an instance whose ends meet through signals.
#[derive(Default)]
pub(super) struct Calls {
    by_id: HashMap<u32, Call>,
    /// By the peer and the peer's id: for signals that do not name ours.
    by_peer: HashMap<(Identity, u32), u32>,
}

struct Call {
    cell: Arc<ConnectionCell>,
    peer: Option<(Identity, u32)>,
}

impl Calls {
    /// Takes in a new one.
    pub(super) fn insert(&mut self, cell: &Arc<ConnectionCell>) {
        self.by_id.insert(cell.id(), Call { cell: Arc::clone(cell), peer: None });
    }

    /// The peer of a connection has this id.
    pub(super) fn learn_peer(&mut self, id: u32, peer: Identity, peer_id: u32) {
        if let Some(call) = self.by_id.get_mut(&id)
            && call.peer.is_none()
        {
            call.peer = Some((peer.clone(), peer_id));
            self.by_peer.insert((peer, peer_id), id);
        }
    }

    /// Forgets one; whether it was there.
    pub(super) fn remove(&mut self, id: u32) -> bool {
        let Some(call) = self.by_id.remove(&id) else { return false };
        if let Some(peer) = call.peer {
            self.by_peer.remove(&peer);
        }
        true
    }

    /// The one with this id of ours.
    pub(super) fn by_id(&self, id: u32) -> Option<Arc<ConnectionCell>> {
        self.by_id.get(&id).map(|call| Arc::clone(&call.cell))
    }

    /// The one that the peer knows by this id of its own.
    pub(super) fn by_peer(&self, peer: &Identity, peer_id: u32) -> Option<Arc<ConnectionCell>> {
        self.by_id(*self.by_peer.get(&(peer.clone(), peer_id))?)
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<Arc<ConnectionCell>> {
        self.by_id.values().map(|call| Arc::clone(&call.cell)).collect()
    }
}
