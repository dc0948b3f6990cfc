//! Sending and receiving.

use gamesockets::{
    Connection, Error, ListenSocket, OutgoingMessage, PollGroup, SendError, SendFlags, SendOptions, SendOutcome,
};
use pyo3::prelude::*;

use super::Sockets;
use crate::buffer::Payload;
use crate::errors::raise;
use crate::message::{ReceivedMessage, to_python};
use crate::options;

/// From this size on, sending takes long enough to let other threads run meanwhile, bytes.
const HEAVY: usize = 16 << 10;

#[pymethods]
impl Sockets {
    #[doc = about!(send_message_to_connection)]
    #[pyo3(signature = (connection_handle, message, flags, *, lane=0, deadline=None, replace_key=None))]
    #[allow(clippy::too_many_arguments, reason = "callers name those that they use")]
    fn send_message_to_connection(
        &self,
        py: Python<'_>,
        connection_handle: u32,
        message: &Bound<'_, PyAny>,
        flags: i32,
        lane: u16,
        deadline: Option<f64>,
        replace_key: Option<u64>,
    ) -> PyResult<u64> {
        let inner = self.core()?;
        let payload = Payload::of(message)?;
        let connection = Connection::from_raw(connection_handle);
        let options = SendOptions { lane, flags: SendFlags(flags), deadline: options::seconds(deadline)?, replace_key };
        let result = match &payload {
            // Nobody can change them meanwhile.
            Payload::Bytes(bytes) if payload.bytes().len() >= HEAVY => {
                let bytes = bytes.as_bytes();
                py.detach(|| inner.send_message_with_options(connection, bytes, options))
            }
            _ => inner.send_message_with_options(connection, payload.bytes(), options),
        };
        result.map_err(|error| match error {
            // The reason is of more use than the bare fact.
            Error::Send(SendError::Closed) => raise(match inner.connection_info(connection) {
                Ok(info) => Error::ConnectionEnded { reason: info.end_reason.0, debug: info.end_debug },
                Err(stale) => stale,
            }),
            error => raise(error),
        })
    }

    #[doc = about!(send_messages)]
    #[pyo3(signature = (connection_handle, messages, flags, *, lane=0))]
    fn send_messages(
        &self,
        py: Python<'_>,
        connection_handle: u32,
        messages: &Bound<'_, PyAny>,
        flags: i32,
        lane: u16,
    ) -> PyResult<Vec<i64>> {
        let inner = self.core()?;
        let payloads = messages.try_iter()?.map(|item| Payload::of(&item?)).collect::<PyResult<Vec<_>>>()?;
        let connection = Connection::from_raw(connection_handle);
        let flags = SendFlags(flags);
        let outgoing = |payload| OutgoingMessage { connection, payload, lane, flags };
        let slices: Vec<&[u8]> = payloads.iter().map(Payload::bytes).collect();
        let is_fixed = payloads.iter().all(|payload| matches!(payload, Payload::Bytes(_)));
        let outcomes = if is_fixed && slices.iter().map(|slice| slice.len()).sum::<usize>() >= HEAVY {
            py.detach(|| inner.send_messages(slices.into_iter().map(outgoing)))
        } else {
            inner.send_messages(slices.into_iter().map(outgoing))
        };
        Ok(outcomes.iter().map(SendOutcome::value).collect())
    }

    #[doc = about!(flush_messages_on_connection)]
    fn flush_messages_on_connection(&self, py: Python<'_>, connection_handle: u32) -> PyResult<()> {
        let inner = self.core()?;
        py.detach(|| inner.flush_messages_on_connection(Connection::from_raw(connection_handle))).map_err(raise)
    }

    #[doc = about!(receive_messages_on_connection)]
    fn receive_messages_on_connection(
        &self,
        py: Python<'_>,
        connection_handle: u32,
        max_messages: usize,
    ) -> PyResult<Vec<ReceivedMessage>> {
        let inner = self.core()?;
        let connection = Connection::from_raw(connection_handle);
        Ok(to_python(py, inner.receive_messages_on_connection(connection, max_messages).map_err(raise)?))
    }

    #[doc = about!(receive_messages_on_listen_socket)]
    fn receive_messages_on_listen_socket(
        &self,
        py: Python<'_>,
        socket: u32,
        max_messages: usize,
    ) -> PyResult<Vec<ReceivedMessage>> {
        let inner = self.core()?;
        let socket = ListenSocket::from_raw(socket);
        Ok(to_python(py, inner.receive_messages_on_listen_socket(socket, max_messages).map_err(raise)?))
    }

    #[doc = about!(receive_messages_on_poll_group)]
    fn receive_messages_on_poll_group(
        &self,
        py: Python<'_>,
        poll_group: u32,
        max_messages: usize,
    ) -> PyResult<Vec<ReceivedMessage>> {
        let inner = self.core()?;
        let group = PollGroup::from_raw(poll_group);
        Ok(to_python(py, inner.receive_messages_on_poll_group(group, max_messages).map_err(raise)?))
    }
}
