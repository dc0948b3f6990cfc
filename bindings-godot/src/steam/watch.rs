//! Warnings about what cannot work, each given once.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::time::{Duration, Instant};

use godot::global::push_warning;
use godot::prelude::*;

/// How long something may wait for the script.
const PATIENCE: Duration = Duration::from_secs(5);
/// From the how many-th time on it is no race between the peer's end and the script's knowledge of it.
const DEAD_SENDS: u32 = 100;
/// What a script gave may be long; the beginning tells enough.
const WARNING_LENGTH_MAX: usize = 400;
/// At most this many different warnings are given.
const WARNINGS_MAX: usize = 256;

/// What the script does, as far as warnings follow from it.
#[derive(Default)]
pub(super) struct Watch {
    said: RefCell<HashSet<String>>,
    /// Since when events wait.
    unheard_since: Cell<Option<Instant>>,
    /// Incoming connections that the script was told of and has not answered.
    unanswered: RefCell<Vec<(u32, Instant)>>,
    /// The dead handle that was sent to last, and how often.
    dead_sends: Cell<(u32, u32)>,
}

/// Shows a warning in the editor's output and debugger, with the script that caused it.
pub(super) fn warn(text: &str) {
    push_warning(&[format!("gamesockets: {text}").to_variant()]);
}

impl Watch {
    /// Shows a warning, unless it was shown before.
    pub(super) fn warn_once(&self, text: &str) {
        let text = &text[..text.floor_char_boundary(WARNING_LENGTH_MAX)];
        let mut said = self.said.borrow_mut();
        let is_new = said.len() < WARNINGS_MAX && said.insert(text.to_owned());
        drop(said);
        if is_new {
            warn(text);
        }
    }

    /// The script takes events.
    pub(super) fn pumped(&self) {
        self.unheard_since.set(None);
    }

    /// Once per frame: has something waited for too long?
    pub(super) fn frame(&self, events_waiting: usize) {
        let now = Instant::now();
        if events_waiting == 0 {
            self.unheard_since.set(None);
        } else {
            let since = self.unheard_since.get().unwrap_or(now);
            self.unheard_since.set(Some(since));
            if now - since >= PATIENCE {
                self.warn_once(
                    "events have waited for 5 seconds: call Steam.run_callbacks() in _process(), or start with \
                     Steam.steamInit(0, true); no signal is emitted before",
                );
            }
        }
        let late = self.unanswered.borrow().iter().any(|(_, since)| now - *since >= PATIENCE);
        if late {
            self.unanswered.borrow_mut().retain(|(_, since)| now - *since < PATIENCE);
            self.warn_once(
                "a connection has waited for 5 seconds to be accepted: connect to the signal \
                 network_connection_status_changed, and call Steam.acceptConnection(connect_handle) when \
                 connection_state is CONNECTION_STATE_CONNECTING and listen_socket is not 0, or Steam.closeConnection",
            );
        }
    }

    /// The script was told of an incoming connection.
    pub(super) fn came_in(&self, connection: u32) {
        self.unanswered.borrow_mut().push((connection, Instant::now()));
    }

    /// The script has answered it, or the peer has given up.
    pub(super) fn answered(&self, connection: u32) {
        self.unanswered.borrow_mut().retain(|(waiting, _)| *waiting != connection);
    }

    /// The script has sent to a handle that is not alive.
    pub(super) fn sent_to_dead(&self, connection: u32) {
        let (before, count) = self.dead_sends.get();
        let count = if before == connection { count.saturating_add(1) } else { 1 };
        self.dead_sends.set((connection, count));
        if count == DEAD_SENDS {
            self.warn_once(&format!(
                "{DEAD_SENDS} messages were sent to {connection}, which is no live connection: take it out of your list \
                 when network_connection_status_changed says that it ended, and whenever you close it"
            ));
        }
    }
}
