//! Where a network is, and by which key it is known: `gamesockets://KEY[.KEY2]@HOST[:PORT]`.

use core::fmt;
use core::net::{IpAddr, Ipv6Addr};
use core::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Where clients go unless the address says otherwise.
pub const DEFAULT_PORT: u16 = 28_100;
const SCHEME: &str = "gamesockets://";
/// Of a text with a mistake in it, as much is repeated.
const SHOWN_MAX: usize = 120;

/// The address of a network, as its operator hands it out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NetworkAddress {
    /// The public keys of its root (Ed25519): one, or two while it changes; none on this machine alone.
    pub keys: Vec<[u8; 32]>,
    /// A name or an IP address, an IPv6 address without brackets.
    pub host: String,
    /// The UDP port.
    pub port: u16,
}

/// Why a text is no address of a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not the address of a network: {cause}; write {SCHEME}KEY@HOST or {SCHEME}KEY@HOST:PORT")]
pub struct NetworkAddressError {
    /// What was given; of an overlong text, the beginning.
    pub text: String,
    /// What is wrong with it.
    pub cause: NetworkAddressCause,
}

/// What is wrong with the address of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the texts say it")]
pub enum NetworkAddressCause {
    #[error("it does not begin with gamesockets://")]
    NoScheme,
    #[error("a key is 43 letters, digits, - and _, and there are one or two of them")]
    BadKey,
    #[error("without a key, only a network on this machine is believed")]
    NoKey,
    #[error("its host is missing, or has characters that no host has")]
    BadHost,
    #[error("its port is not a number from 1 to 65535")]
    BadPort,
}

impl NetworkAddress {
    /// The address on this machine without a key.
    pub fn loopback() -> Self {
        Self { keys: Vec::new(), host: "127.0.0.1".into(), port: DEFAULT_PORT }
    }

    /// Whether the host is this machine.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl FromStr for NetworkAddress {
    type Err = NetworkAddressError;

    fn from_str(text: &str) -> Result<Self, NetworkAddressError> {
        let text = text.trim();
        parse(text).map_err(|cause| NetworkAddressError { text: text.chars().take(SHOWN_MAX).collect(), cause })
    }
}

fn parse(text: &str) -> Result<NetworkAddress, NetworkAddressCause> {
    use NetworkAddressCause as Cause;
    let rest = text.strip_prefix(SCHEME).ok_or(Cause::NoScheme)?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (keys, place) = rest.rsplit_once('@').unwrap_or(("", rest));
    let keys = match keys {
        "" => Vec::new(),
        keys => keys.split('.').map(parse_key).collect::<Option<_>>().ok_or(Cause::BadKey)?,
    };
    if keys.len() > 2 {
        return Err(Cause::BadKey);
    }
    let (host, port) = split_port(place)?;
    let port = port.map_or(Ok(DEFAULT_PORT), |port| match port.parse() {
        Ok(port) if port != 0 => Ok(port),
        _ => Err(Cause::BadPort),
    })?;
    let address = NetworkAddress { keys, host: host.to_owned(), port };
    if address.keys.is_empty() && !address.is_loopback() {
        return Err(Cause::NoKey);
    }
    Ok(address)
}

fn parse_key(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

fn split_port(place: &str) -> Result<(&str, Option<&str>), NetworkAddressCause> {
    let (host, port) = match place.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']').ok_or(NetworkAddressCause::BadHost)?;
            host.parse::<Ipv6Addr>().map_err(|_| NetworkAddressCause::BadHost)?;
            match rest {
                "" => (host, None),
                rest => (host, Some(rest.strip_prefix(':').ok_or(NetworkAddressCause::BadPort)?)),
            }
        }
        None if place.parse::<Ipv6Addr>().is_ok() => (place, None),
        None => match place.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        },
    };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
    if host.is_empty() || host.len() > 253 || !host.bytes().all(allowed) {
        return Err(NetworkAddressCause::BadHost);
    }
    Ok((host, port))
}

impl fmt::Display for NetworkAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCHEME)?;
        for (index, key) in self.keys.iter().enumerate() {
            write!(f, "{}{}", if index > 0 { "." } else { "" }, URL_SAFE_NO_PAD.encode(key))?;
        }
        if !self.keys.is_empty() {
            f.write_str("@")?;
        }
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?;
        } else {
            f.write_str(&self.host)?;
        }
        write!(f, ":{}", self.port)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cause(text: &str) -> NetworkAddressCause {
        text.parse::<NetworkAddress>().unwrap_err().cause
    }

    #[test]
    fn addresses_come_back_from_their_text() {
        for (keys, host, port) in [
            (vec![[1; 32]], "127.0.0.1", 28_100),
            (vec![[2; 32], [0xff; 32]], "play.example.org", 1),
            (vec![[3; 32]], "::1", 65_535),
            (Vec::new(), "localhost", 28_100),
        ] {
            let address = NetworkAddress { keys, host: host.into(), port };
            assert_eq!(address.to_string().parse(), Ok(address));
        }
        assert_eq!("gamesockets://[::1]".parse::<NetworkAddress>().unwrap().port, DEFAULT_PORT);
        assert_eq!(" gamesockets://127.0.0.1/ \n".parse(), Ok(NetworkAddress::loopback()));
    }

    #[test]
    fn a_mistake_is_named() {
        let key = URL_SAFE_NO_PAD.encode([7; 32]);
        assert_eq!(cause("127.0.0.1:28100"), NetworkAddressCause::NoScheme);
        assert_eq!(cause("gamesockets://play.example.org"), NetworkAddressCause::NoKey);
        assert_eq!(cause("gamesockets://abc@127.0.0.1"), NetworkAddressCause::BadKey);
        assert_eq!(cause(&format!("gamesockets://{key}.{key}.{key}@a")), NetworkAddressCause::BadKey);
        assert_eq!(cause(&format!("gamesockets://{key}@")), NetworkAddressCause::BadHost);
        assert_eq!(cause(&format!("gamesockets://{key}@a b")), NetworkAddressCause::BadHost);
        for port in ["", "0", "65536", "-1", "x"] {
            assert_eq!(cause(&format!("gamesockets://{key}@a:{port}")), NetworkAddressCause::BadPort, "{port}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_read_reads_again(text in ".{0,80}", tail in "[a-zA-Z0-9_.:@/\\[\\]-]{0,120}") {
            for text in [text, format!("gamesockets://{tail}")] {
                if let Ok(address) = text.parse::<NetworkAddress>() {
                    prop_assert_eq!(address.to_string().parse(), Ok(address));
                }
            }
        }
    }
}
