//! Events of the library, as signals. Nothing is borrowed while a handler runs, so it may call whatever it likes.

use gamesockets::schema::{ConnectionInfo, ConnectionState};
use gamesockets::{Connection, Event};
use godot::prelude::*;

use super::Steam;
use crate::variant::Answer;

impl Steam {
    /// Emits what waits.
    pub(super) fn pump(&self) {
        if self.watch.is_elsewhere() {
            return;
        }
        self.watch.pumped();
        let Some(sockets) = self.instance.running() else { return };
        sockets.run_callbacks(|event| {
            // A handler may have shut the library down: then the rest is of no interest.
            if self.instance.running().is_some() {
                self.deliver(event);
            }
        });
        self.watch.frame(0);
    }

    fn deliver(&self, event: Event) {
        match event {
            Event::ConnectionStatusChanged { connection, info, old_state } => {
                self.deliver_status(connection, &info, old_state);
            }
            Event::ConnectionWritable { connection } => {
                self.emit("network_connection_writable", &[i64::from(connection.raw()).to_variant()]);
            }
            Event::AuthenticationStatus(status) => {
                let arguments =
                    [status.available.value().to_variant(), GString::from(&status.debug_message).to_variant()];
                self.emit("network_authentication_status", &arguments);
            }
            Event::DebugOutput { level, message } => {
                let arguments = [level.value().to_variant(), GString::from(&message).to_variant()];
                self.emit("networking_sockets_debug_output", &arguments);
            }
            _ => {}
        }
    }

    fn deliver_status(&self, connection: Connection, info: &ConnectionInfo, old_state: ConnectionState) {
        let raw = connection.raw();
        if info.connection_state == ConnectionState::Connecting && info.listen_socket != 0 {
            self.watch.came_in(raw);
        } else {
            self.watch.answered(raw);
        }
        let dictionary: VarDictionary = info.answer(self.keys());
        let arguments = [i64::from(raw).to_variant(), dictionary.to_variant(), old_state.value().to_variant()];
        self.emit("network_connection_status_changed", &arguments);
    }

    fn emit(&self, signal: &str, arguments: &[Variant]) {
        self.to_gd().emit_signal(signal, arguments);
    }
}
