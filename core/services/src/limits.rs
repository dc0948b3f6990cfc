//! What both ends keep to: sizes that the client checks before it asks, and the backend again.

use std::time::Duration;

/// The version of what the ends say to each other.
pub const VERSION: u32 = 1;
/// The longest frame that a client takes apart, bytes.
pub const FRAME_LEN_MAX: usize = 491_520;
/// The longest frame that a backend takes apart, bytes; what it tells of lobbies may be longer than what is asked.
pub const REQUEST_LEN_MAX: usize = 65_536;
/// The longest signal, bytes.
pub const SIGNAL_LEN_MAX: usize = 16_384;
/// The longest token of a login, bytes.
pub const TOKEN_LEN_MAX: usize = 8_192;
/// The longest name of a player, bytes.
pub const NAME_LEN_MAX: usize = 128;
/// How long a request may take.
pub const REQUEST_DEADLINE: Duration = Duration::from_secs(10);
/// How long a search for lobbies may take.
pub const SEARCH_DEADLINE: Duration = Duration::from_secs(20);

/// The longest key of a lobby's data, bytes.
pub const KEY_LEN_MAX: usize = 255;
/// The longest value of a lobby's data, bytes.
pub const VALUE_LEN_MAX: usize = 8_192;
/// How many keys a lobby has, and each of its members.
pub const KEYS_MAX: usize = 128;
/// All data of a lobby, bytes of keys and values.
pub const LOBBY_DATA_MAX: usize = 65_536 - 16_384;
/// All data of all members of a lobby, bytes of keys and values.
pub const MEMBER_DATA_MAX: usize = 196_608;
/// Most members of a lobby.
pub const MEMBERS_MAX: u32 = 250;
/// The longest chat message, bytes; its text ends with a zero byte in Steam's API, which is not sent.
pub const CHAT_LEN_MAX: usize = 4_095;
/// Most lobbies that a search finds.
pub const RESULTS_MAX: usize = 50;
/// Most filters of a search.
pub const FILTERS_MAX: usize = 32;
/// How long a lobby waits for a member whose connection is lost.
pub const MEMBER_GRACE: Duration = Duration::from_secs(30);
/// How long the answer to a request is remembered.
pub const ANSWER_KEPT: Duration = Duration::from_secs(120);
