//! The library itself: which one it is, and what went wrong.

use crate::arguments::Out;
use crate::border::{self, Code, guard};
use crate::schema_hash::SCHEMA_HASH;

/// What the C# side was generated from: a hash of every name, number, layout and signature that both sides must share.
#[unsafe(no_mangle)]
pub extern "C" fn gamesockets_schema_hash() -> u64 {
    SCHEMA_HASH
}

/// The version of this library.
#[unsafe(no_mangle)]
pub extern "C" fn gamesockets_version(buffer: Out<u8>, capacity: usize, length: Out<usize>) -> Code {
    guard(|| buffer.bytes(capacity, length, env!("CARGO_PKG_VERSION").as_bytes()))
}

/// Why the last call of this thread that failed did so, cut to what fits.
#[unsafe(no_mangle)]
pub extern "C" fn gamesockets_last_error(buffer: Out<u8>, capacity: usize, length: Out<usize>) -> Code {
    guard(|| length.write(buffer.cut(capacity, &border::last_error())?, "the length"))
}
