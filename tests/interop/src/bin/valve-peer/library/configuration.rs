//! Configuration values: setting, taking back, asking, walking through.

use std::ffi::{CStr, CString, c_void};
use std::ptr::null;

use gamesockets_interop::calls::{Answer, Input};

use super::Library;
use crate::layout::text;

/// Room for a value; the longest are texts.
const VALUE_BYTES: usize = 4096;

impl Library {
    /// Sets a value of the type of `input`, or without one takes back what was set.
    pub(crate) fn set_value(&self, scope: i32, object: u32, id: i32, input: Option<&Input>) -> bool {
        let set = |data_type: i32, argument: *const c_void| {
            // SAFETY: the argument points at a value of the type that the call names, or is null; the library checks the
            // object itself.
            unsafe { (self.api.set_config)(self.utils, id, scope, self.object(scope, object), data_type, argument) }
        };
        match input {
            None => set(1, null()),
            Some(Input::Int32(value)) => set(1, std::ptr::from_ref(value).cast()),
            Some(Input::Int64(value)) => set(2, std::ptr::from_ref(value).cast()),
            Some(Input::Float(value)) => set(3, std::ptr::from_ref(value).cast()),
            Some(Input::Text(value)) => CString::new(value.as_str()).is_ok_and(|value| set(4, value.as_ptr().cast())),
        }
    }

    /// The value of an option, as a text.
    pub(crate) fn value(&self, scope: i32, object: u32, id: i32) -> Answer {
        let mut buffer = [0_u8; VALUE_BYTES];
        let mut len = buffer.len();
        let mut data_type = 0;
        let target = buffer.as_mut_ptr().cast();
        // SAFETY: the buffer has the length that is named; the library checks the object itself.
        let result = unsafe {
            let object = self.object(scope, object);
            (self.api.config)(self.utils, id, scope, object, &raw mut data_type, target, &raw mut len)
        };
        let value = (result > 0).then(|| (data_type, show(data_type, &buffer)));
        Answer::Setting { result, value }
    }

    /// What the library wants for a handle: an interface is named by its address.
    fn object(&self, scope: i32, handle: u32) -> isize {
        const INTERFACE: i32 = 2;
        if scope == INTERFACE { self.sockets as isize } else { handle as isize }
    }

    /// Name, type and scope.
    pub(crate) fn value_info(&self, id: i32) -> Option<(String, i32, i32)> {
        let (mut data_type, mut scope) = (0, 0);
        // SAFETY: both pointers are valid for the call.
        let name = unsafe { (self.api.config_info)(self.utils, id, &raw mut data_type, &raw mut scope) };
        if name.is_null() {
            return None;
        }
        // SAFETY: the library answers with a constant text.
        let name = unsafe { CStr::from_ptr(name) };
        Some((name.to_string_lossy().into_owned(), data_type, scope))
    }

    pub(crate) fn next_value(&self, after: i32, developer: bool) -> i32 {
        // SAFETY: the interface is valid.
        unsafe { (self.api.next_config)(self.utils, after, developer) }
    }
}

/// The value that the library wrote into a buffer.
fn show(data_type: i32, buffer: &[u8; VALUE_BYTES]) -> String {
    let [a, b, c, d, e, f, g, h, ..] = *buffer;
    match data_type {
        // The library does not tell the type of MTU_DataSize.
        0 | 1 => i32::from_ne_bytes([a, b, c, d]).to_string(),
        2 => i64::from_ne_bytes([a, b, c, d, e, f, g, h]).to_string(),
        3 => f32::from_ne_bytes([a, b, c, d]).to_string(),
        4 => text(buffer),
        _ => "a pointer".to_owned(),
    }
}
