//! What the program does, one module per command.

pub(crate) mod ca;
pub(crate) mod inspect;
pub(crate) mod request;
pub(crate) mod revoke;
pub(crate) mod sign;
pub(crate) mod verify;
