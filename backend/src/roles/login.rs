//! Login: who a client is. Its key, the handshake of its connection has proved.

use gamesockets_proto::Identity;
use gamesockets_schema::ResultCode;
use gamesockets_services::limits::{NAME_LEN_MAX, VERSION};
use gamesockets_services::messages::Hello;
use gamesockets_services::player;

/// How many names a key may have.
pub const NAMES_MAX: usize = 4;

/// Who a client is, as far as its own words and its key say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It follows from the key. The key has to be the first one of this number.
    Derived(u64),
    /// A name that belongs to the key that claims it first.
    Name(Identity),
    /// Any identity, on a network of this machine alone.
    Loopback(Identity),
}

impl Claim {
    /// Who it is.
    ///
    /// # Errors
    /// Never for what [`open`] gives.
    pub fn identity(&self) -> Option<Identity> {
        match self {
            Self::Derived(id) => Identity::from_steam_id(*id).ok(),
            Self::Name(identity) | Self::Loopback(identity) => Some(identity.clone()),
        }
    }
}

/// Why a client may not come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub ResultCode, pub String);

fn refused<T>(code: ResultCode, text: impl Into<String>) -> Result<T, Refused> {
    Err(Refused(code, text.into()))
}

/// The mode `open`: everybody is whom his key makes him, or bears a name that nobody else's key has claimed.
///
/// # Errors
/// When the version is too old, the app is none of `apps` (empty: all), or the identity is not for the asking.
pub fn open(hello: &Hello, key: &[u8; 32], apps: &[u32], is_loopback: bool) -> Result<Claim, Refused> {
    if hello.version < VERSION {
        let text = format!("version {} is too old: this backend speaks {VERSION}", hello.version);
        return refused(ResultCode::InvalidProtocolVer, text);
    }
    if !apps.is_empty() && !apps.contains(&hello.app) {
        return refused(ResultCode::AccessDenied, format!("this network does not serve app {}", hello.app));
    }
    if hello.name.len() > NAME_LEN_MAX {
        return refused(ResultCode::InvalidName, format!("a player's name has at most {NAME_LEN_MAX} bytes"));
    }
    let derived = player::derived_steam_id(key);
    if hello.identity.is_empty() {
        return match derived {
            Some(id) => Ok(Claim::Derived(id)),
            None => refused(ResultCode::AccessDenied, "this key gives no identity: make another with the library"),
        };
    }
    let Ok(identity) = hello.identity.parse::<Identity>() else {
        return refused(ResultCode::InvalidParam, "the identity cannot be read");
    };
    if derived.is_some() && identity.steam_id() == derived {
        return Ok(Claim::Derived(derived.unwrap_or(0)));
    }
    if identity.generic_string() == Some(super::authority::BACKEND_NAME) {
        return refused(ResultCode::AccessDenied, "the backend alone is called so");
    }
    if identity.generic_string().is_some() || identity.generic_bytes().is_some() {
        return Ok(Claim::Name(identity));
    }
    if is_loopback && identity.steam_id().is_some_and(|id| !player::is_derived(id)) {
        return Ok(Claim::Loopback(identity));
    }
    refused(ResultCode::AccessDenied, format!("{identity} is not for the asking: log in without it, or by a str: name"))
}

/// What a player is called.
pub fn name(hello: &Hello, identity: &Identity) -> String {
    match identity.steam_id() {
        _ if !hello.name.trim().is_empty() => hello.name.trim().to_owned(),
        Some(id) => player::default_name(id),
        None => identity.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_of(id: &mut u64) -> [u8; 32] {
        (0_u64..)
            .find_map(|number| {
                let mut key = [0; 32];
                key[..8].copy_from_slice(&number.to_le_bytes());
                *id = player::derived_steam_id(&key)?;
                Some(key)
            })
            .unwrap()
    }

    #[test]
    fn who_one_may_be() {
        let mut id = 0;
        let key = key_of(&mut id);
        let hello = |identity: &str| Hello { version: 1, app: 7, identity: identity.into(), ..Hello::default() };
        let ask = |identity: &str, is_loopback| open(&hello(identity), &key, &[], is_loopback);
        let code = |result: Result<Claim, Refused>| result.unwrap_err().0;
        assert_eq!(ask("", false), Ok(Claim::Derived(id)));
        assert_eq!(ask(&format!("steamid:{id}"), false), Ok(Claim::Derived(id)));
        assert!(matches!(ask("str:server", false), Ok(Claim::Name(_))));
        assert!(matches!(ask("steamid:76561197960287930", true), Ok(Claim::Loopback(_))));
        for other in ["steamid:76561197960287930", "psn:5", "ip:10.0.0.1", "str:gamesockets-backend"] {
            assert_eq!(code(ask(other, false)), ResultCode::AccessDenied, "{other}");
        }
        // Another's derived identity is nobody's for the asking, not even on this machine.
        assert_eq!(code(ask(&format!("steamid:{}", id ^ 1), true)), ResultCode::AccessDenied);
        assert_eq!(code(ask("nonsense", false)), ResultCode::InvalidParam);
        assert_eq!(code(open(&hello(""), &[0xaa; 32], &[], false)), ResultCode::AccessDenied);
        assert_eq!(code(open(&hello(""), &key, &[8], false)), ResultCode::AccessDenied);
        assert_eq!(code(open(&Hello { version: 0, ..hello("") }, &key, &[], false)), ResultCode::InvalidProtocolVer);
    }
}
