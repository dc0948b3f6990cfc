//! Poll groups.

use gamesockets::{Connection, PollGroup};

use crate::arguments::Out;
use crate::border::{Code, guard};
use crate::instances;

/// Makes an empty poll group.
#[unsafe(no_mangle)]
#[doc(alias = "CreatePollGroup")]
pub extern "C" fn gamesockets_create_poll_group(instance: u64, poll_group: Out<u32>) -> Code {
    guard(|| {
        let poll_group = poll_group.check("the poll group")?;
        poll_group.write(instances::get(instance)?.create_poll_group()?.raw(), "the poll group")
    })
}

/// Frees a poll group.
#[unsafe(no_mangle)]
#[doc(alias = "DestroyPollGroup")]
pub extern "C" fn gamesockets_destroy_poll_group(instance: u64, poll_group: u32) -> Code {
    guard(|| Ok(instances::get(instance)?.destroy_poll_group(PollGroup::from_raw(poll_group))?))
}

/// Moves a connection to a poll group, or with 0 out of its group.
#[unsafe(no_mangle)]
#[doc(alias = "SetConnectionPollGroup")]
pub extern "C" fn gamesockets_set_connection_poll_group(instance: u64, connection: u32, poll_group: u32) -> Code {
    guard(|| {
        let group = (poll_group != 0).then(|| PollGroup::from_raw(poll_group));
        Ok(instances::get(instance)?.set_connection_poll_group(Connection::from_raw(connection), group)?)
    })
}
