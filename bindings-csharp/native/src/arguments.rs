//! What the caller hands over: pointers, checked as far as they can be. The only place with unsafe code.
#![allow(unsafe_code, reason = "pointers from C")]

use std::fmt;

use gamesockets::schema::ConfigDataType;
use gamesockets::{ConfigData, ConfigEntry, ConfigValue, Identity, ResultCode};

use crate::border::Failure;
use crate::structs;

/// The longest text that is taken: of certificates, addresses, reasons and names.
const LONGEST: usize = 1 << 30;

/// A pointer to what a function reads. Only C code and tests make one, and vouch for it.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct In<T>(*const T);

/// A pointer to what a function writes. Only C code and tests make one, and vouch for it.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Out<T>(*mut T);

impl<T> In<T> {
    /// The value it points to.
    pub(crate) fn read(self, what: &str) -> Result<T, Failure>
    where
        T: Copy,
    {
        if self.0.is_null() {
            return Err(null(what));
        }
        // SAFETY: not null; the caller vouches that it points to a `T` (see the crate's rules).
        Ok(unsafe { self.0.read_unaligned() })
    }

    /// As many elements as the caller says.
    pub(crate) fn slice<'a>(self, length: usize, what: &str) -> Result<&'a [T], Failure> {
        if length == 0 {
            return Ok(&[]);
        }
        if self.0.is_null() {
            return Err(null(what));
        }
        if length > LONGEST / size_of::<T>() {
            return Err(Failure::invalid(format!("{what}: a length of {length} is more than any caller has")));
        }
        if !self.0.is_aligned() {
            return Err(Failure::invalid(format!("{what}: the pointer is not aligned")));
        }
        // SAFETY: not null, aligned, of a sane length; the caller vouches for the elements during the call, and what is
        // made of them here does not outlive it.
        Ok(unsafe { std::slice::from_raw_parts(self.0, length) })
    }
}

impl In<u8> {
    /// A text.
    pub(crate) fn text<'a>(self, length: usize, what: &str) -> Result<&'a str, Failure> {
        std::str::from_utf8(self.slice(length, what)?)
            .map_err(|error| Failure::invalid(format!("{what} is no UTF-8: {error}")))
    }

    /// An identity as text; an empty one is none.
    pub(crate) fn identity(self, length: usize) -> Result<Option<Identity>, Failure> {
        let text = self.text(length, "the identity")?;
        if text.is_empty() { Ok(None) } else { Ok(Some(text.parse()?)) }
    }
}

impl In<structs::ConfigEntry> {
    /// Options and their values.
    pub(crate) fn options(self, count: usize) -> Result<Vec<ConfigEntry>, Failure> {
        self.slice(count, "the options")?.iter().map(option).collect()
    }
}

impl<T> Out<T> {
    /// Writes a value.
    pub(crate) fn write(self, value: T, what: &str) -> Result<(), Failure> {
        if self.0.is_null() {
            return Err(null(what));
        }
        // SAFETY: not null; the caller vouches that there is room for a `T`.
        unsafe { self.0.write_unaligned(value) };
        Ok(())
    }

    /// Writes a value, unless the caller does not want it.
    pub(crate) fn write_if_wanted(self, value: T) {
        if !self.0.is_null() {
            // SAFETY: not null; the caller vouches that there is room for a `T`.
            unsafe { self.0.write_unaligned(value) };
        }
    }

    /// Refuses a null pointer before anything is done whose result it should take.
    pub(crate) fn check(self, what: &str) -> Result<Self, Failure> {
        if self.0.is_null() { Err(null(what)) } else { Ok(self) }
    }

    /// Room for as many elements as the caller says; writes what fits.
    pub(crate) fn fill(self, capacity: usize, values: &[T], what: &str) -> Result<(), Failure>
    where
        T: Copy,
    {
        let count = values.len().min(capacity);
        if count == 0 {
            return Ok(());
        }
        if self.0.is_null() {
            return Err(null(what));
        }
        // SAFETY: not null; the caller vouches for room for `capacity` elements, and `values` is none of his. Copied as
        // bytes, since his may lie anywhere.
        unsafe {
            let (from, to) = (values.as_ptr().cast::<u8>(), self.0.cast::<u8>());
            std::ptr::copy_nonoverlapping(from, to, count * size_of::<T>());
        }
        Ok(())
    }
}

impl Out<u8> {
    /// Writes a text or bytes, and always their length. What does not fit is `LimitExceeded`: the call may be made again
    /// with room for as much as the length says.
    pub(crate) fn bytes(self, capacity: usize, length: Out<usize>, bytes: &[u8]) -> Result<(), Failure> {
        length.write(bytes.len(), "the length")?;
        if bytes.len() > capacity {
            let problem = format!("the buffer holds {capacity} bytes, and {} are wanted", bytes.len());
            return Err(Failure::Border(ResultCode::LimitExceeded, problem));
        }
        self.fill(capacity, bytes, "the buffer")
    }

    /// Writes as much of a text as fits, in whole characters; answers its length.
    pub(crate) fn cut(self, capacity: usize, text: &str) -> Result<usize, Failure> {
        let length = text.floor_char_boundary(capacity);
        self.fill(capacity, &text.as_bytes()[..length], "the buffer")?;
        Ok(length)
    }
}

/// The option and value of an entry.
pub(crate) fn option(entry: &structs::ConfigEntry) -> Result<ConfigEntry, Failure> {
    let option = ConfigValue(entry.option);
    let unknown = || Failure::invalid(format!("option {}: {} is no ConfigDataType", entry.option, entry.data_type));
    let value = match ConfigDataType::from_value(entry.data_type).ok_or_else(unknown)? {
        ConfigDataType::Int32 => {
            let too_large = |_| Failure::invalid(format!("option {}: {} is no Int32", entry.option, entry.integer));
            ConfigData::Int32(i32::try_from(entry.integer).map_err(too_large)?)
        }
        ConfigDataType::Int64 => ConfigData::Int64(entry.integer),
        ConfigDataType::Float => ConfigData::Float(entry.real),
        ConfigDataType::String => {
            let text = In(entry.text).text(entry.text_length, "the text of an option")?;
            ConfigData::String(text.to_owned())
        }
        ConfigDataType::Pointer => {
            let problem = format!("option {}: pointers cannot be set; take the events instead", entry.option);
            return Err(Failure::invalid(problem));
        }
    };
    Ok(ConfigEntry { option, value })
}

impl structs::OutgoingMessage {
    /// The bytes to send.
    pub(crate) fn payload<'a>(&self) -> Result<&'a [u8], Failure> {
        In(self.payload).slice(self.size as usize, "the payload")
    }
}

impl<T> fmt::Debug for In<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T> fmt::Debug for Out<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn null(what: &str) -> Failure {
    Failure::invalid(format!("{what}: the pointer is null"))
}

#[cfg(test)]
impl<T> In<T> {
    pub(crate) const NULL: Self = Self(std::ptr::null());

    pub(crate) const fn of(slice: &[T]) -> Self {
        Self(slice.as_ptr())
    }

    pub(crate) const fn from(pointer: *const T) -> Self {
        Self(pointer)
    }
}

#[cfg(test)]
impl<T> Out<T> {
    pub(crate) const NULL: Self = Self(std::ptr::null_mut());

    pub(crate) const fn to(value: &mut T) -> Self {
        Self(value)
    }
}
