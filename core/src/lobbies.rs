//! Lobbies as this end knows them: what members see of them, what was found of others, and what is asked of the backend.
//! No I/O.

mod asking;
pub(crate) mod events;
mod view;

pub(crate) use view::Lobbies;
