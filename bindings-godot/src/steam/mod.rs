//! The engine singleton `Steam`.

use std::cell::RefCell;

use gamesockets::Sockets;
use godot::init::InitStage;
use godot::prelude::*;

/// The networking API, without Steam.
#[derive(GodotClass)]
#[class(init, singleton, base = Object)]
pub(crate) struct Steam {
    sockets: RefCell<Option<Sockets>>,
    base: Base<Object>,
}

pub(crate) fn on_stage_init(_stage: InitStage) {}

#[godot_api]
impl Steam {
    /// Whether the library is up.
    #[func(rename = isSteamRunning)]
    fn is_steam_running(&self) -> bool {
        self.sockets.borrow().is_some()
    }

    /// Who we are, as a text.
    #[func(rename = getIdentity)]
    fn identity(&self) -> GString {
        match &*self.sockets.borrow() {
            Some(sockets) => GString::from(&sockets.identity().to_string()),
            None => GString::new(),
        }
    }
}
