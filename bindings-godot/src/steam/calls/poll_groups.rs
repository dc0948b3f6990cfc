//! Poll groups.

use gamesockets::{Connection, PollGroup};

use crate::steam::Steam;

pub(in crate::steam) fn create_poll_group(steam: &Steam) -> u32 {
    steam.ask("createPollGroup", gamesockets::Sockets::create_poll_group).map_or(0, PollGroup::raw)
}

pub(in crate::steam) fn destroy_poll_group(steam: &Steam, group: u32) -> bool {
    let group = PollGroup::from_raw(group);
    steam.ask("destroyPollGroup", |sockets| sockets.destroy_poll_group(group)).is_some()
}

pub(in crate::steam) fn set_connection_poll_group(steam: &Steam, connection: u32, group: u32) -> bool {
    let connection = Connection::from_raw(connection);
    let group = if group == 0 { None } else { Some(PollGroup::from_raw(group)) };
    steam.ask("setConnectionPollGroup", |sockets| sockets.set_connection_poll_group(connection, group)).is_some()
}
