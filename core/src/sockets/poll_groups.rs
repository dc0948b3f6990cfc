//! Poll groups.

use std::sync::Arc;

use super::Sockets;
use crate::driver::poll_group::PollGroupCell;
use crate::error::Error;
use crate::handles::{Connection, HandleKind, PollGroup};
use crate::message::ReceivedMessage;

/// How many poll groups one instance can have: as many as there are handles.
const MAX_POLL_GROUPS: usize = 65_536;

impl Sockets {
    /// Makes an empty poll group: a set of connections whose messages are read with one call.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    #[doc(alias = "CreatePollGroup")]
    pub fn create_poll_group(&self) -> Result<PollGroup, Error> {
        let mut tables = self.driver()?.tables.write();
        tables
            .poll_groups
            .insert_with(|_| Arc::default())
            .ok_or(Error::TooMany { kind: HandleKind::PollGroup, limit: MAX_POLL_GROUPS })
    }

    /// Frees a poll group. Its connections stay open, in no group, and keep their messages.
    ///
    /// # Errors
    /// [`Error::InvalidHandle`].
    #[doc(alias = "DestroyPollGroup")]
    pub fn destroy_poll_group(&self, group: PollGroup) -> Result<(), Error> {
        let cell = self.driver()?.tables.write().poll_groups.remove(group);
        cell.ok_or_else(|| invalid(group))?.destroy();
        Ok(())
    }

    /// Moves a connection to a poll group, or with `None` out of its group; messages that wait move along.
    ///
    /// # Errors
    /// [`Error::InvalidHandle`] for either handle.
    #[doc(alias = "SetConnectionPollGroup")]
    pub fn set_connection_poll_group(&self, connection: Connection, group: Option<PollGroup>) -> Result<(), Error> {
        let cell = self.connection(connection)?;
        let group = group.map(|group| self.poll_group(group)).transpose()?;
        cell.join_group(group);
        Ok(())
    }

    /// Takes up to `max` messages that have arrived on any connection of the group, in order of arrival.
    ///
    /// # Errors
    /// [`Error::InvalidHandle`].
    #[doc(alias = "ReceiveMessagesOnPollGroup")]
    pub fn receive_messages_on_poll_group(&self, group: PollGroup, max: usize) -> Result<Vec<ReceivedMessage>, Error> {
        let mut messages = Vec::new();
        self.receive_messages_on_poll_group_into(group, max, &mut messages)?;
        Ok(messages)
    }

    /// As [`Self::receive_messages_on_poll_group`], appended to a vector that may be used again and again. Answers how
    /// many there were.
    ///
    /// # Errors
    /// [`Error::InvalidHandle`].
    pub fn receive_messages_on_poll_group_into(
        &self,
        group: PollGroup,
        max: usize,
        messages: &mut Vec<ReceivedMessage>,
    ) -> Result<usize, Error> {
        let before = messages.len();
        self.poll_group(group)?.receive(&self.instance.driver, max, messages);
        Ok(messages.len() - before)
    }

    pub(super) fn poll_group(&self, group: PollGroup) -> Result<Arc<PollGroupCell>, Error> {
        let tables = self.driver()?.tables.read();
        tables.poll_groups.get(group).cloned().ok_or_else(|| invalid(group))
    }
}

pub(super) fn invalid(group: PollGroup) -> Error {
    Error::InvalidHandle { kind: HandleKind::PollGroup, raw: group.raw() }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Weak};

    use gamesockets_schema::SendFlags;

    use super::*;
    use crate::driver::connection::ConnectionCell;

    #[test]
    fn a_connection_that_is_just_being_closed_joins_no_group() {
        let sockets = Sockets::anonymous().unwrap();
        let (first, second) = sockets.create_socket_pair(false, None, None).unwrap();
        sockets.send_message_to_connection(first, b"unread", SendFlags::RELIABLE).unwrap();
        let group = sockets.poll_group(sockets.create_poll_group().unwrap()).unwrap();
        let cell = sockets.connection(second).unwrap();
        cell.mark_closed();
        cell.join_group(Some(Arc::clone(&group)));
        assert!(!group.is_readable());
        assert!(cell.lock().group.is_none());
    }

    #[test]
    fn the_end_of_a_pipe_that_was_closed_while_it_was_made_dies_once() {
        let sockets = Sockets::anonymous().unwrap();
        let driver = &sockets.instance.driver;
        let (first, second) = sockets.create_socket_pair(false, None, None).unwrap();
        let cells: [Arc<ConnectionCell>; 2] = [first, second].map(|end| sockets.connection(end).unwrap());
        for cell in &cells {
            sockets.close_connection(cell.handle(), 0, "", false).unwrap();
            cell.join(Weak::new());
            cell.settle(driver, driver.now(), cell.lock());
        }
        assert!(sockets.create_socket_pair(false, None, None).is_ok(), "the count of connections is off");
    }
}
