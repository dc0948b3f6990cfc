//! What each method of the class does, in Rust's types, by topic. `api` converts arguments and answers.

mod addresses;
mod authentication;
mod configuration;
mod connections;
mod failures;
mod general;
mod lanes;
mod listening;
mod messages;
mod options;
mod poll_groups;
mod status;

pub(super) use self::addresses::*;
pub(super) use self::authentication::*;
pub(super) use self::configuration::*;
pub(super) use self::connections::*;
pub(super) use self::general::*;
pub(super) use self::lanes::*;
pub(super) use self::listening::*;
pub(crate) use self::messages::MessageFields;
pub(super) use self::messages::*;
pub(super) use self::poll_groups::*;
pub(super) use self::status::*;
