//! What every table shares: groups, units, names, and the rows of enums and constants.

/// The part of the API a thing belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// Start, identity, the callback pump.
    General,
    /// `ISteamNetworkingSockets`: connections, listen sockets, poll groups.
    Sockets,
    /// `ISteamNetworkingMessages`: messages to users, without visible connections.
    Messages,
    /// `ISteamNetworkingUtils`: configuration, pings, addresses.
    Utils,
    /// The `MultiplayerPeer` of Godot.
    MultiplayerPeer,
}

impl Group {
    /// The name as it stands in file names and headings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Sockets => "sockets",
            Self::Messages => "messages",
            Self::Utils => "utils",
            Self::MultiplayerPeer => "multiplayer_peer",
        }
    }
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A plain number, a code, a text.
    Plain,
    /// Bytes.
    Bytes,
    /// Bytes per second.
    BytesPerSecond,
    /// Characters, counting the terminating zero of C strings.
    Characters,
    /// Things counted: messages, segments, pings.
    Count,
    /// Microseconds.
    Microseconds,
    /// Milliseconds.
    Milliseconds,
    /// Packets per second.
    PacketsPerSecond,
    /// 0 to 100.
    Percent,
    /// 0 to 1.
    Ratio,
    /// Seconds.
    Seconds,
    /// Seconds since 1970-01-01 UTC.
    UnixSeconds,
}

impl Unit {
    /// The symbol written behind a number; empty for plain numbers.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bytes => "bytes",
            Self::BytesPerSecond => "bytes/s",
            Self::Characters => "characters",
            Self::Count => "count",
            Self::Microseconds => "µs",
            Self::Milliseconds => "ms",
            Self::PacketsPerSecond => "packets/s",
            Self::Percent => "%",
            Self::Ratio => "0..1",
            Self::Seconds => "s",
            Self::UnixSeconds => "s since 1970",
        }
    }
}

/// One enum of the API.
#[derive(Debug)]
pub struct EnumInfo {
    /// Its name in Rust.
    pub rust_name: &'static str,
    /// Its name in GodotSteam.
    pub godot_name: &'static str,
    /// Its name in Valve's headers.
    pub cpp_name: Option<&'static str>,
    /// Where it belongs.
    pub group: Group,
    /// Whether numbers beyond the list may turn up, since they come from peers or scripts.
    pub open: bool,
    /// What it is.
    pub doc: &'static str,
    /// Its values, in the order of the API.
    pub values: &'static [EnumValue],
}

/// One value of an enum.
#[derive(Clone, Copy, Debug)]
pub struct EnumValue {
    /// The variant or constant in Rust; `None` for values that only bindings list.
    pub rust_name: Option<&'static str>,
    /// Its name in GodotSteam, as it is spelt there.
    pub godot_name: Option<&'static str>,
    /// The correct spelling, where GodotSteam's is not; bindings offer both.
    pub alias: Option<&'static str>,
    /// Its name in Valve's headers.
    pub cpp_name: Option<&'static str>,
    /// Its number.
    pub value: i32,
    /// What it means.
    pub doc: &'static str,
}

/// One constant of the API.
#[derive(Clone, Copy, Debug)]
pub struct ConstantInfo {
    /// Its name in Rust, with the type it is a constant of.
    pub rust_name: &'static str,
    /// Its name in GodotSteam, as it is spelt there.
    pub godot_name: Option<&'static str>,
    /// The correct spelling, where GodotSteam's is not; bindings offer both.
    pub alias: Option<&'static str>,
    /// Its name in Valve's headers.
    pub cpp_name: &'static str,
    /// Its value.
    pub value: i64,
    /// What it counts.
    pub unit: Unit,
    /// What it means.
    pub doc: &'static str,
}

/// A name in a macro's row: the empty text says that there is none.
pub(crate) const fn name(text: &'static str) -> Option<&'static str> {
    if text.is_empty() { None } else { Some(text) }
}

/// Doc comments as text: macros hand over their lines joined, each with its leading space.
pub(crate) const fn doc(text: &'static str) -> &'static str {
    text.trim_ascii()
}

/// Joins constant slices to one array, in order. `N` is the sum of their lengths.
pub(crate) const fn join<T: Copy, const N: usize>(parts: &[&[T]]) -> [T; N] {
    let mut joined = [parts[0][0]; N];
    let (mut count, mut part) = (0, 0);
    while part < parts.len() {
        let mut index = 0;
        while index < parts[part].len() {
            joined[count] = parts[part][index];
            count += 1;
            index += 1;
        }
        part += 1;
    }
    assert!(count == N, "the parts do not add up to N rows");
    joined
}
