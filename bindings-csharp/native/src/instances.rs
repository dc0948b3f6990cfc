//! The instances that the managed side holds.

use gamesockets::Sockets;
use parking_lot::RwLock;

use crate::border::Failure;
use crate::handles::Table;

static INSTANCES: RwLock<Table<Sockets>> = RwLock::new(Table::new());

pub(crate) fn insert(sockets: Sockets) -> u64 {
    INSTANCES.write().insert(sockets)
}

/// The instance of this number. Whoever holds it keeps it alive for the length of his call.
pub(crate) fn get(handle: u64) -> Result<Sockets, Failure> {
    INSTANCES.read().get(handle).cloned().ok_or_else(|| gone(handle))
}

pub(crate) fn remove(handle: u64) -> Result<Sockets, Failure> {
    INSTANCES.write().remove(handle).ok_or_else(|| gone(handle))
}

fn gone(handle: u64) -> Failure {
    Failure::invalid(format!("{handle:#x} is no instance: it was destroyed, or never made"))
}
