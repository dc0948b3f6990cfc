//! What a session is made with.

use std::time::Duration;

use gamesockets::{ConfigEntry, ConfigValue, Identity, Sockets};

/// How long a connection may take to say who it is.
pub const DEFAULT_HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// How many clients a host takes.
pub const DEFAULT_MAX_CLIENTS: usize = 4095;

/// Godot sends a whole scene in one frame and does not look whether it was taken: there has to be room for it, bytes.
const SEND_BUFFER_SIZE: i32 = 16 * 1024 * 1024;

/// What a session is made with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who we are; `None` for nobody in particular.
    pub identity: Option<Identity>,
    /// Options of the global scope.
    pub options: Vec<ConfigEntry>,
    /// How many clients a host takes at once.
    pub max_clients: usize,
    /// How long a connection may take from being connected to the end of the handshake.
    pub handshake_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            identity: None,
            options: Vec::new(),
            max_clients: DEFAULT_MAX_CLIENTS,
            handshake_timeout: DEFAULT_HANDSHAKE_TIMEOUT,
        }
    }
}

impl Settings {
    pub(crate) fn start(&self) -> Result<Sockets, gamesockets::Error> {
        let mut builder = Sockets::builder().option(ConfigEntry::new(ConfigValue::SEND_BUFFER_SIZE, SEND_BUFFER_SIZE));
        if let Some(identity) = &self.identity {
            builder = builder.identity(identity.clone());
        }
        self.options.iter().cloned().fold(builder, gamesockets::Builder::option).build()
    }
}
