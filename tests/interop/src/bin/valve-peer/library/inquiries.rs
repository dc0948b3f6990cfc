//! The calls that only the comparison call by call makes.

use std::ffi::CString;
use std::net::SocketAddr;
use std::ptr::null;

use super::{Library, Received, read_identity};
use crate::layout::{Address, Identity, text};

/// Room for names, and for the detailed status.
const TEXT_BYTES: usize = 16 * 1024;

impl Library {
    /// The result code, and the number of the message.
    pub(crate) fn send_message(&self, connection: u32, flags: i32, payload: &[u8]) -> (i32, i64) {
        let mut number = 0;
        let (data, len) = (payload.as_ptr().cast(), payload.len() as u32);
        // SAFETY: the pointer and the length are those of the payload; the number outlives the call.
        let result = unsafe { (self.api.send_message)(self.sockets, connection, data, len, flags, &raw mut number) };
        (result, number)
    }

    /// Hands up to `max` messages of a connection to `each`; answers as the library does.
    pub(crate) fn receive_on_connection(&self, connection: u32, max: i32, each: impl FnMut(Received<'_>)) -> i32 {
        self.take(self.api.receive_on_connection, connection, max, each)
    }

    /// The same for a poll group.
    pub(crate) fn receive_on_poll_group(&self, group: u32, max: i32, each: impl FnMut(Received<'_>)) -> i32 {
        self.take(self.api.receive, group, max, each)
    }

    pub(crate) fn create_poll_group(&self) -> u32 {
        // SAFETY: the interface is valid.
        unsafe { (self.api.create_poll_group)(self.sockets) }
    }

    pub(crate) fn destroy_poll_group(&self, group: u32) -> bool {
        // SAFETY: the library checks the handle itself.
        unsafe { (self.api.destroy_poll_group)(self.sockets, group) }
    }

    pub(crate) fn set_poll_group(&self, connection: u32, group: u32) -> bool {
        // SAFETY: the library checks both handles itself.
        unsafe { (self.api.set_poll_group)(self.sockets, connection, group) }
    }

    pub(crate) fn listen_socket_address(&self, socket: u32) -> Option<SocketAddr> {
        let mut address = Address::from(SocketAddr::from(([0, 0, 0, 0], 0)));
        // SAFETY: the record has the library's layout; the library checks the handle itself.
        let known = unsafe { (self.api.listen_socket_address)(self.sockets, socket, &raw mut address) };
        known.then(|| address.to_socket_addr())
    }

    pub(crate) fn detailed_status(&self, connection: u32) -> i32 {
        let mut buffer = vec![0_u8; TEXT_BYTES];
        // SAFETY: the buffer has the length that is named; the library checks the handle itself.
        unsafe { (self.api.detailed_status)(self.sockets, connection, buffer.as_mut_ptr().cast(), TEXT_BYTES as i32) }
    }

    pub(crate) fn set_name(&self, connection: u32, name: &str) {
        let Ok(name) = CString::new(name) else { return };
        // SAFETY: the text ends with a zero byte and outlives the call; the library checks the handle itself.
        unsafe { (self.api.set_name)(self.sockets, connection, name.as_ptr()) };
    }

    pub(crate) fn name(&self, connection: u32) -> Option<String> {
        let mut buffer = vec![0_u8; TEXT_BYTES];
        // SAFETY: the buffer has the length that is named; the library checks the handle itself.
        let known = unsafe { (self.api.name)(self.sockets, connection, buffer.as_mut_ptr().cast(), TEXT_BYTES as i32) };
        known.then(|| text(&buffer))
    }

    pub(crate) fn set_user_data(&self, connection: u32, value: i64) -> bool {
        // SAFETY: the library checks the handle itself.
        unsafe { (self.api.set_user_data)(self.sockets, connection, value) }
    }

    pub(crate) fn user_data(&self, connection: u32) -> i64 {
        // SAFETY: the library checks the handle itself.
        unsafe { (self.api.user_data)(self.sockets, connection) }
    }

    pub(crate) fn socket_pair(&self, network: bool, identities: &[Option<String>; 2]) -> Option<[u32; 2]> {
        let read = |text: &Option<String>| text.as_ref().and_then(|text| read_identity(&self.api, text).ok());
        let [first, second] = [read(&identities[0]), read(&identities[1])];
        let pointer = |identity: &Option<Identity>| identity.as_ref().map_or(null(), std::ptr::from_ref);
        let (mut one, mut two) = (0, 0);
        // SAFETY: all pointers are valid for the call, or null, which means no identity.
        let made = unsafe {
            let (first, second) = (pointer(&first), pointer(&second));
            (self.api.create_pair)(self.sockets, &raw mut one, &raw mut two, network, first, second)
        };
        made.then_some([one, two])
    }

    pub(crate) fn identity(&self) -> Option<String> {
        let mut identity = Identity([0; 136]);
        // SAFETY: the record has the library's layout.
        let known = unsafe { (self.api.identity)(self.sockets, &raw mut identity) };
        known.then(|| self.write_identity(&identity))
    }
}
