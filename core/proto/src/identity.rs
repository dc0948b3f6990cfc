//! Who a peer is (spec section 4).

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use crate::printable::Printable;

mod text;
mod wire_form;

/// Longest printed identity, bytes (spec section 4.1: 128 with C's terminator).
pub const MAX_TEXT_LEN: usize = 127;
/// Longest generic string, bytes.
pub const MAX_GENERIC_STRING_LEN: usize = 31;
/// Longest generic byte string.
pub const MAX_GENERIC_BYTES_LEN: usize = 32;
/// Longest Xbox pairwise id, bytes.
pub const MAX_XBOX_PAIRWISE_ID_LEN: usize = 32;

/// An identity: comparable, printable (`str:alice`, `ip:127.0.0.1:4000`, `steamid:7656...`), parsable.
///
/// There is no invalid identity: where the API knows one, we have `Option<Identity>`. Cloning never copies text.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Identity(Repr);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    SteamId(u64),
    XboxPairwiseId(Arc<str>),
    PsnId(u64),
    /// IPv4-mapped IPv6 addresses are kept as IPv4: on the wire the two are one.
    Ip(IpAddr, u16),
    GenericString(Arc<str>),
    GenericBytes(Arc<[u8]>),
    /// The whole text, prefix included.
    Unknown(Arc<str>),
}

/// What was given for an identity, and why it is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not an identity: {cause}", Printable(value))]
pub struct IdentityError {
    /// The offending value; of an overlong text, the beginning.
    pub value: String,
    /// What is wrong with it.
    pub cause: IdentityErrorCause,
}

/// What is wrong with an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the texts say it")]
pub enum IdentityErrorCause {
    #[error("expected `<type>:<value>`, such as `str:alice` or `steamid:76561197960287930`")]
    NoSuchForm,
    #[error("expected a decimal number below 2^64 after the colon")]
    NotANumber,
    #[error("no such SteamID: account type, universe, account or instance is out of range")]
    InvalidSteamId,
    #[error("expected an address such as `10.0.0.1`, `10.0.0.1:27015`, `::1` or `[::1]:27015`")]
    NotAnAddress,
    #[error("an Xbox pairwise id has 1 to 32 bytes")]
    XboxPairwiseIdLength,
    #[error("a generic string has at most 31 bytes")]
    GenericStringLength,
    #[error("generic bytes are 1 to 32 bytes, as pairs of hexadecimal digits")]
    GenericBytes,
    #[error("an identity has at most 127 bytes")]
    TooLong,
    #[error("it contains a zero byte")]
    ZeroByte,
    #[error("the legacy binary form has no known content")]
    EmptyLegacyForm,
    #[error("the text is not UTF-8")]
    NotUtf8,
    #[error("the legacy address must have 18 bytes")]
    LegacyAddressLength,
}

impl IdentityError {
    fn new(value: impl AsRef<str>, cause: IdentityErrorCause) -> Self {
        let value = value.as_ref().chars().take(MAX_TEXT_LEN).collect();
        Self { value, cause }
    }
}

impl Identity {
    /// Its text as it may be shown. [`Display`](core::fmt::Display) gives it as it is, to be read again.
    pub fn printable(&self) -> String {
        Printable(&self.to_string()).to_string()
    }

    /// The anonymous identity, `ip:::1`.
    pub fn localhost() -> Self {
        Self(Repr::Ip(IpAddr::V6(Ipv6Addr::LOCALHOST), 0))
    }

    /// A Steam account or game server.
    ///
    /// # Errors
    /// When no Steam account can have this number.
    pub fn from_steam_id(steam_id: u64) -> Result<Self, IdentityError> {
        if steam_id::is_valid(steam_id) {
            Ok(Self(Repr::SteamId(steam_id)))
        } else {
            let value = format!("steamid:{steam_id}");
            Err(IdentityError::new(value, IdentityErrorCause::InvalidSteamId))
        }
    }

    /// An Xbox pairwise id.
    ///
    /// # Errors
    /// When it has not 1 to 32 bytes, or contains a zero byte.
    pub fn from_xbox_pairwise_id(id: &str) -> Result<Self, IdentityError> {
        if !(1..=MAX_XBOX_PAIRWISE_ID_LEN).contains(&id.len()) {
            return Err(IdentityError::new(id, IdentityErrorCause::XboxPairwiseIdLength));
        }
        Ok(Self(Repr::XboxPairwiseId(text::without_zero_byte(id)?.into())))
    }

    /// A PlayStation Network account.
    pub fn from_psn_id(id: u64) -> Self {
        Self(Repr::PsnId(id))
    }

    /// An address; the port is part of the identity and may be 0.
    pub fn from_address(address: SocketAddr) -> Self {
        Self(Repr::Ip(address.ip().to_canonical(), address.port()))
    }

    /// Free text.
    ///
    /// # Errors
    /// When it has more than 31 bytes, or contains a zero byte.
    pub fn from_generic_string(text: &str) -> Result<Self, IdentityError> {
        if text.len() > MAX_GENERIC_STRING_LEN {
            return Err(IdentityError::new(text, IdentityErrorCause::GenericStringLength));
        }
        Ok(Self(Repr::GenericString(text::without_zero_byte(text)?.into())))
    }

    /// Free bytes.
    ///
    /// # Errors
    /// When there are none or more than 32.
    pub fn from_generic_bytes(bytes: &[u8]) -> Result<Self, IdentityError> {
        if !(1..=MAX_GENERIC_BYTES_LEN).contains(&bytes.len()) {
            let value = format!("{} bytes", bytes.len());
            return Err(IdentityError::new(value, IdentityErrorCause::GenericBytes));
        }
        Ok(Self(Repr::GenericBytes(bytes.into())))
    }

    /// The number of the identity's type: `NETWORKING_IDENTITY_TYPE_*`.
    pub fn kind(&self) -> i32 {
        match self.0 {
            Repr::Ip(..) => 1,
            Repr::GenericString(_) => 2,
            Repr::GenericBytes(_) => 3,
            Repr::Unknown(_) => 4,
            Repr::SteamId(_) => 16,
            Repr::XboxPairwiseId(_) => 17,
            Repr::PsnId(_) => 18,
        }
    }

    /// The SteamID, if it is one.
    pub fn steam_id(&self) -> Option<u64> {
        match self.0 {
            Repr::SteamId(id) => Some(id),
            _ => None,
        }
    }

    /// The address, if it is one; port 0 when it has none.
    pub fn address(&self) -> Option<SocketAddr> {
        match self.0 {
            Repr::Ip(ip, port) => Some(SocketAddr::new(ip, port)),
            _ => None,
        }
    }

    /// The PSN account, if it is one.
    pub fn psn_id(&self) -> Option<u64> {
        match self.0 {
            Repr::PsnId(id) => Some(id),
            _ => None,
        }
    }

    /// The Xbox pairwise id, if it is one.
    pub fn xbox_pairwise_id(&self) -> Option<&str> {
        match &self.0 {
            Repr::XboxPairwiseId(id) => Some(id),
            _ => None,
        }
    }

    /// The text of a `str:` identity.
    pub fn generic_string(&self) -> Option<&str> {
        match &self.0 {
            Repr::GenericString(text) => Some(text),
            _ => None,
        }
    }

    /// The bytes of a `gen:` identity.
    pub fn generic_bytes(&self) -> Option<&[u8]> {
        match &self.0 {
            Repr::GenericBytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Whether it is `::1` or `127.0.0.1`, with any port: anonymous (spec section 4.5).
    pub fn is_localhost(&self) -> bool {
        match self.0 {
            Repr::Ip(ip, _) => ip == Ipv4Addr::LOCALHOST || ip == Ipv6Addr::LOCALHOST,
            _ => false,
        }
    }

    /// Whether it is an anonymous game server's SteamID, the only kind that a CA-signed certificate may leave out.
    pub fn is_anonymous_game_server(&self) -> bool {
        self.steam_id().is_some_and(steam_id::is_anonymous_game_server)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({self})")
    }
}

/// The parts of a SteamID: account (32 bits), instance (20), account type (4), universe (8).
mod steam_id {
    const TYPE_INDIVIDUAL: u64 = 1;
    const TYPE_GAME_SERVER: u64 = 3;
    const TYPE_ANONYMOUS_GAME_SERVER: u64 = 4;
    const TYPE_CLAN: u64 = 7;
    const TYPE_CONSOLE_USER: u64 = 9;
    const TYPES: core::ops::Range<u64> = 1..11;
    const UNIVERSES: core::ops::Range<u64> = 1..5;

    fn account(id: u64) -> u64 {
        id & 0xffff_ffff
    }

    fn instance(id: u64) -> u64 {
        id >> 32 & 0xf_ffff
    }

    fn account_type(id: u64) -> u64 {
        id >> 52 & 0xf
    }

    /// What `CSteamID::IsValid` asks for.
    pub(super) fn is_valid(id: u64) -> bool {
        if !TYPES.contains(&account_type(id)) || !UNIVERSES.contains(&(id >> 56)) {
            return false;
        }
        match account_type(id) {
            TYPE_INDIVIDUAL => account(id) != 0 && instance(id) == 1,
            TYPE_CLAN => account(id) != 0 && instance(id) == 0,
            TYPE_GAME_SERVER => account(id) != 0,
            _ => true,
        }
    }

    /// What is asked of a SteamID in a message besides being valid (spec section 4.1).
    pub(super) fn may_connect(id: u64) -> bool {
        let types = [TYPE_INDIVIDUAL, TYPE_CONSOLE_USER, TYPE_GAME_SERVER, TYPE_ANONYMOUS_GAME_SERVER];
        is_valid(id) && account(id) != 0 && types.contains(&account_type(id))
    }

    pub(super) fn is_anonymous_game_server(id: u64) -> bool {
        account_type(id) == TYPE_ANONYMOUS_GAME_SERVER
    }
}
