//! The gamesockets API for Godot 4, as a GDExtension.
//!
//! The singleton `Steam` has the names, arguments, results and signals that GodotSteam scripts use. Everything runs on
//! the engine's main thread; the core's own thread never calls into the engine.

mod variant;
mod register;
mod steam;
mod peer;
mod monitor;

use godot::init::{ExtensionLibrary, InitStage, gdextension};

struct GameSockets;

// SAFETY: the library keeps to gdext's rules: it has one entry point, and no thread of it outlives the library, since
// the singleton that owns the instance is freed at level Scene.
#[gdextension]
unsafe impl ExtensionLibrary for GameSockets {
    fn on_stage_init(stage: InitStage) {
        if stage == InitStage::Scene {
            steam::register();
            peer::register();
        }
    }
}
