//! The exported functions, by topic. The generator of the C# side reads these files: `doc(alias)` names the function of
//! the API, whose documentation the managed side gets.
#![allow(unsafe_code, reason = "exported names; what is done with pointers stands in `arguments`")]

pub mod library;
pub mod instance;
pub mod listening;
pub mod connections;
pub mod messages;
pub mod poll_groups;
pub mod events;
pub mod lanes;
pub mod status;
pub mod pairs;
pub mod configuration;
pub mod authentication;
pub mod addresses;
pub mod waiting;
pub mod waiters;
