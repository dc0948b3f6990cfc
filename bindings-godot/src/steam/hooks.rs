//! Where the engine calls us: when the main loop is there, each frame, and at the end.

use godot::classes::{Engine, SceneTree};
use godot::prelude::*;

use super::{Steam, settings};

const SIGNALS: [&str; 4] = [
    "network_connection_status_changed",
    "network_authentication_status",
    "networking_sockets_debug_output",
    "network_connection_writable",
];

#[godot_api(secondary)]
impl Steam {
    /// Joins the scene tree's life. Without a scene tree there are neither frames nor an orderly end to hear of.
    #[func]
    fn _on_main_loop_ready(&self) {
        let main_loop = Engine::singleton().get_main_loop();
        let Some(mut tree) = main_loop.and_then(|main_loop| main_loop.try_cast::<SceneTree>().ok()) else { return };
        if let Some(mut root) = tree.get_root() {
            root.connect("tree_exiting", &self.to_gd().callable("_on_tree_exiting"));
        }
        if !Engine::singleton().is_editor_hint() {
            tree.connect("process_frame", &self.to_gd().callable("_on_frame"));
        }
        if settings::embed_callbacks() {
            self.instance.embed_callbacks();
        }
    }

    #[func]
    fn _on_frame(&self) {
        if self.instance.has_embedded_callbacks() {
            self.pump();
        } else if let Some(sockets) = self.instance.running() {
            self.watch.frame(sockets.events_waiting());
        }
    }

    /// Drops what scripts have connected: a lambda that is still connected when the scripting language ends aborts the
    /// engine (godot#122532).
    #[func]
    fn _on_tree_exiting(&self) {
        let mut steam = self.to_gd();
        for signal in SIGNALS {
            for connection in steam.get_signal_connection_list(signal).iter_shared() {
                if let Some(callable) = connection.get("callable").and_then(|callable| callable.try_to().ok()) {
                    steam.disconnect(signal, &callable);
                }
            }
        }
    }
}
