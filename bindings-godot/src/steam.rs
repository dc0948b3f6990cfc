//! The engine singleton `Steam`: GodotSteam's networking API without Steam.
//!
//! `api` is what Godot sees, generated from the schema; each of its methods calls the function of the same name in
//! `calls`. `instance` starts and stops the library, `pump` hands over events, `watch` warns of what cannot work.

mod api;
mod calls;
mod helpers;
mod hooks;
mod identity;
mod instance;
mod pump;
mod settings;
mod watch;

use godot::prelude::*;

pub(crate) use self::calls::MessageFields;
pub(crate) use self::identity::read as read_identity;
use self::instance::Instance;
use self::watch::Watch;
use crate::register;
use crate::variant::KeyCache;
use gamesockets::schema::table::Group;
use gamesockets::{Identity, Sockets};

/// The networking API of GodotSteam, without Steam: connections, messages, poll groups, lanes, options, certificates.
///
/// Names, arguments, answers, signals and constants are those of GodotSteam, so that its scripts run. No account and no
/// other program is needed; two instances on one computer can talk to each other.
///
/// Networking starts with `steamInit`, or with the first call that needs it. Signals are emitted by `run_callbacks`,
/// which is to be called once per frame; with `embed_callbacks`, or the project setting `gamesockets/embed_callbacks`,
/// that happens by itself.
///
/// Who we are is decided once, by the first of these that is there: the argument `--gamesockets-identity=` of the
/// command line (also after `--`), the environment variable `GAMESOCKETS_IDENTITY`, the project setting
/// `gamesockets/identity`, or else a random SteamID for this run. A number below 2^32 is an account, a larger one a
/// SteamID64, a text with a colon an identity as `getIdentity` prints it (`str:alice`), and any other text a name.
///
/// To be called from the main thread; calls from other threads fail.
///
/// Handles are never reused. Calls with a handle that is not alive, or with a number out of range, answer the failure
/// that their description names.
#[derive(GodotClass)]
#[class(tool, init, singleton, base = Object)]
pub(crate) struct Steam {
    instance: Instance,
    watch: Watch,
    keys: KeyCache,
    base: Base<Object>,
}

impl Steam {
    /// The library if it runs.
    pub(crate) fn running(&self) -> Option<Sockets> {
        self.instance.running()
    }

    /// Who we are, or will be once the library is started.
    pub(crate) fn identity(&self) -> Identity {
        self.instance.identity()
    }

    /// The keys of dictionaries, each made once.
    fn keys(&self) -> &KeyCache {
        &self.keys
    }
}

/// Registers enums, constants and project settings, and asks to be called when the scene tree is there.
pub(crate) fn register() {
    register::register_enums::<Steam>(register::enums(|group| group != Group::MultiplayerPeer));
    register::register_constants::<Steam>();
    settings::register();
    Steam::singleton().call_deferred("_on_main_loop_ready", &[]);
}
