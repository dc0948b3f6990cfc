//! The bytes of any object with a buffer: bytes, bytearray, memoryview, array, numpy.
//!
//! They are read in place. On Windows the library of the stable ABI exports only what Python 3.10 promised, so that other
//! buffers than bytes are copied once more there.

#[cfg(not(windows))]
mod in_place;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

#[cfg(not(windows))]
use self::in_place::Buffer;

/// A payload: `bytes`, which nobody can change, or any other buffer.
pub(crate) enum Payload<'py> {
    Bytes(Bound<'py, PyBytes>),
    #[cfg(not(windows))]
    Buffer(Buffer<'py>),
}

impl<'py> Payload<'py> {
    pub(crate) fn of(object: &Bound<'py, PyAny>) -> PyResult<Self> {
        match object.cast::<PyBytes>() {
            Ok(bytes) => Ok(Self::Bytes(bytes.clone())),
            Err(_) => Self::of_buffer(object),
        }
    }

    #[cfg(not(windows))]
    fn of_buffer(object: &Bound<'py, PyAny>) -> PyResult<Self> {
        Buffer::of(object).map(Self::Buffer)
    }

    #[cfg(windows)]
    fn of_buffer(object: &Bound<'py, PyAny>) -> PyResult<Self> {
        let view = pyo3::types::PyMemoryView::from(object)?;
        if !view.getattr("c_contiguous")?.is_truthy()? {
            return Err(pyo3::exceptions::PyBufferError::new_err("underlying buffer is not C-contiguous"));
        }
        Ok(Self::Bytes(view.call_method0("tobytes")?.cast_into()?))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes.as_bytes(),
            #[cfg(not(windows))]
            Self::Buffer(buffer) => buffer.bytes(),
        }
    }
}
