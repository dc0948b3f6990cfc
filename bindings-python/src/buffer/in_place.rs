//! The bytes of any object with a buffer, read where they are.
//!
//! The stable ABI has `Py_buffer` from Python 3.11 on, and this package supports 3.10, whose interpreter has the same
//! functions and the same layout; so both are declared here. This is the only file with unsafe code.
#![allow(unsafe_code, reason = "reading a foreign buffer in place; everything else in this crate is safe")]

use std::ffi::{c_char, c_int, c_void};

use pyo3::ffi::{Py_ssize_t, PyObject};
use pyo3::prelude::*;

/// Contiguous bytes, of whatever items.
const PYBUF_SIMPLE: c_int = 0;

/// `Py_buffer` of CPython 3.3 and later; part of the stable ABI since 3.11.
#[repr(C)]
struct RawBuffer {
    buf: *mut c_void,
    obj: *mut PyObject,
    len: Py_ssize_t,
    itemsize: Py_ssize_t,
    readonly: c_int,
    ndim: c_int,
    format: *mut c_char,
    shape: *mut Py_ssize_t,
    strides: *mut Py_ssize_t,
    suboffsets: *mut Py_ssize_t,
    internal: *mut c_void,
}

unsafe extern "C" {
    fn PyObject_GetBuffer(object: *mut PyObject, view: *mut RawBuffer, flags: c_int) -> c_int;
    fn PyBuffer_Release(view: *mut RawBuffer);
}

/// A buffer that is held: until it is let go of, its owner can neither move nor shorten it. The view stays in its box,
/// since an exporter may point into it.
pub(crate) struct Buffer<'py> {
    view: Box<RawBuffer>,
    _attached: Python<'py>,
}

impl<'py> Buffer<'py> {
    /// Takes hold of the buffer of an object; a `TypeError` or a `BufferError` says why there is none.
    pub(crate) fn of(object: &Bound<'py, PyAny>) -> PyResult<Self> {
        let null = std::ptr::null_mut();
        let mut view = Box::new(RawBuffer {
            buf: null,
            obj: null.cast(),
            len: 0,
            itemsize: 0,
            readonly: 0,
            ndim: 0,
            format: null.cast(),
            shape: null.cast(),
            strides: null.cast(),
            suboffsets: null.cast(),
            internal: null,
        });
        // SAFETY: `object` is alive and we are attached, as `Bound` says; `view` is a `Py_buffer` to be filled.
        let status = unsafe { PyObject_GetBuffer(object.as_ptr(), &raw mut *view, PYBUF_SIMPLE) };
        if status != 0 {
            return Err(PyErr::fetch(object.py()));
        }
        Ok(Self { view, _attached: object.py() })
    }

    /// The bytes. Read them once and keep nothing: where there is no lock around Python, its threads may write them
    /// meanwhile, as with every reader of buffers.
    pub(crate) fn bytes(&self) -> &[u8] {
        let length = usize::try_from(self.view.len).unwrap_or(0);
        if length == 0 || self.view.buf.is_null() {
            return &[];
        }
        // SAFETY: the view was filled, and is held until it is dropped: `buf` points to `len` bytes. While we are
        // attached to a Python with a lock, nobody writes them.
        unsafe { std::slice::from_raw_parts(self.view.buf.cast::<u8>(), length) }
    }
}

impl Drop for Buffer<'_> {
    fn drop(&mut self) {
        // SAFETY: the view was filled by `PyObject_GetBuffer`, is released once, and we are still attached.
        unsafe { PyBuffer_Release(&raw mut *self.view) };
    }
}
