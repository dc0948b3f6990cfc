//! The class as Godot sees it: signals and methods, generated from `core/schema` by `cargo xtask generate`.
//!
//! rustfmt leaves these files as they were generated.

#[rustfmt::skip]
mod signals;
#[rustfmt::skip]
mod sockets;
#[rustfmt::skip]
mod utils;
#[rustfmt::skip]
mod general;
