//! Which network, and as whom.

use std::path::PathBuf;

use gamesockets_services::{NetworkAddress, NetworkAddressError};

/// Where the player's key comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PlayerKey {
    /// A file in the folder of this user's data, made at first; a second process has a second one.
    #[default]
    Kept,
    /// A file in this folder.
    Folder(PathBuf),
    /// Made anew and thrown away: for servers and bots.
    Ephemeral,
}

/// A network to log in to; see [`Builder::network`](crate::Builder::network).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    pub(crate) address: NetworkAddress,
    pub(crate) app: u32,
    pub(crate) key: PlayerKey,
    pub(crate) name: String,
    pub(crate) token: String,
}

impl Network {
    /// The network with this address, `gamesockets://KEY@HOST[:28100]`, as its backend prints it.
    ///
    /// # Errors
    /// When the text is no such address.
    pub fn new(address: &str) -> Result<Self, NetworkAddressError> {
        Ok(Self {
            address: address.parse()?,
            app: 0,
            key: PlayerKey::default(),
            name: String::new(),
            token: String::new(),
        })
    }

    /// The network that the argument `--gamesockets-network=ADDRESS` of this process names, else the environment variable
    /// `GAMESOCKETS_NETWORK`.
    ///
    /// # Errors
    /// When what it names is no address.
    pub fn from_process() -> Result<Option<Self>, NetworkAddressError> {
        let argument = || {
            let mut arguments = std::env::args_os().filter_map(|argument| argument.into_string().ok());
            arguments.find_map(|argument| argument.strip_prefix("--gamesockets-network=").map(str::to_owned))
        };
        let named = argument().or_else(|| std::env::var("GAMESOCKETS_NETWORK").ok());
        named.filter(|address| !address.is_empty()).map(|address| Self::new(&address)).transpose()
    }

    /// The game. Players meet within one; 0 unless set.
    pub fn app(mut self, app: u32) -> Self {
        self.app = app;
        self
    }

    /// Where the player's key comes from.
    pub fn key(mut self, key: PlayerKey) -> Self {
        self.key = key;
        self
    }

    /// What the player is called; at most 128 bytes. Members of common lobbies see it.
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }
}
