//! Arguments by position, with their defaults.

use gamesockets::{ConfigEntry, ConfigValue, Connection, Identity, ListenSocket, PollGroup};
use gamesockets_schema::functions::FunctionInfo;

use crate::conformance::answer::Answer;

/// The arguments of a call. What has not the type of the schema is empty: scripts are checked before.
pub(super) struct Args<'a> {
    pub(super) function: &'static FunctionInfo,
    pub(super) given: &'a [Answer],
}

impl Args<'_> {
    pub(super) fn int(&self, index: usize) -> i64 {
        match self.given.get(index) {
            Some(Answer::Int(number)) => *number,
            _ => 0,
        }
    }

    pub(super) fn i32(&self, index: usize) -> i32 {
        i32::try_from(self.int(index)).unwrap_or_default()
    }

    pub(super) fn u32(&self, index: usize) -> u32 {
        u32::try_from(self.int(index)).unwrap_or_default()
    }

    pub(super) fn size(&self, index: usize) -> usize {
        usize::try_from(self.int(index)).unwrap_or_default()
    }

    pub(super) fn float(&self, index: usize) -> f32 {
        match self.given.get(index) {
            Some(Answer::Float(number)) => *number as f32,
            _ => 0.0,
        }
    }

    pub(super) fn bool(&self, index: usize) -> bool {
        match self.given.get(index) {
            Some(Answer::Bool(is)) => *is,
            _ => self.function.args.get(index).and_then(|arg| arg.default) == Some("true"),
        }
    }

    pub(super) fn text(&self, index: usize) -> &str {
        match self.given.get(index) {
            Some(Answer::Text(text)) => text,
            _ => "",
        }
    }

    pub(super) fn bytes(&self, index: usize) -> &[u8] {
        match self.given.get(index) {
            Some(Answer::Bytes(bytes)) => bytes,
            _ => &[],
        }
    }

    pub(super) fn list(&self, index: usize) -> &[Answer] {
        match self.given.get(index) {
            Some(Answer::List(list)) => list,
            _ => &[],
        }
    }

    pub(super) fn connection(&self, index: usize) -> Connection {
        Connection::from_raw(self.u32(index))
    }

    pub(super) fn listen_socket(&self, index: usize) -> ListenSocket {
        ListenSocket::from_raw(self.u32(index))
    }

    pub(super) fn poll_group(&self, index: usize) -> PollGroup {
        PollGroup::from_raw(self.u32(index))
    }

    pub(super) fn option(&self, index: usize) -> ConfigValue {
        ConfigValue(self.i32(index))
    }

    /// An identity by its SteamID64; 0 for none. `Err` for a number that no account can have.
    pub(super) fn identity(&self, index: usize) -> Result<Option<Identity>, ()> {
        match u64::try_from(self.int(index)).unwrap_or_default() {
            0 => Ok(None),
            number => Identity::from_steam_id(number).map(Some).map_err(|_| ()),
        }
    }

    pub(super) fn options(&self, index: usize) -> Vec<ConfigEntry> {
        let Some(Answer::Record(options)) = self.given.get(index) else { return Vec::new() };
        options.iter().filter_map(|(number, value)| entry(number.parse().ok()?, value)).collect()
    }
}

/// An option and its value, of the type that the value has.
pub(super) fn entry(number: i32, value: &Answer) -> Option<ConfigEntry> {
    let option = ConfigValue(number);
    Some(match value {
        Answer::Int(number) => ConfigEntry::new(option, *number),
        Answer::Float(number) => ConfigEntry::new(option, *number as f32),
        Answer::Text(text) => ConfigEntry::new(option, text.as_str()),
        _ => return None,
    })
}
