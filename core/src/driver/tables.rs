//! What each handle stands for.

use std::sync::Arc;

use super::connection::ConnectionCell;
use super::listen::ListenCell;
use super::poll_group::PollGroupCell;
use crate::handles::{Connection, HandleTable, ListenSocket, PollGroup};

/// The objects of one instance, by handle.
pub(crate) struct Tables {
    pub(crate) listen_sockets: HandleTable<ListenSocket, Arc<ListenCell>>,
    pub(crate) connections: HandleTable<Connection, Arc<ConnectionCell>>,
    pub(crate) poll_groups: HandleTable<PollGroup, Arc<PollGroupCell>>,
}

impl Tables {
    pub(crate) const fn new() -> Self {
        Self { listen_sockets: HandleTable::new(), connections: HandleTable::new(), poll_groups: HandleTable::new() }
    }
}
