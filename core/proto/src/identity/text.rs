//! The printed form of an identity (spec sections 4.1 and 4.2).

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use core::str::FromStr;

use super::{Identity, IdentityError, IdentityErrorCause as Cause, MAX_GENERIC_BYTES_LEN, MAX_TEXT_LEN, Repr};

/// Longest prefix of an identity of unknown type, bytes.
const MAX_PREFIX_LEN: usize = 16;

impl fmt::Display for Identity {
    #[doc(alias = "SteamNetworkingIdentity_ToString")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::SteamId(id) => write!(f, "steamid:{id}"),
            Repr::XboxPairwiseId(id) => write!(f, "xboxpwid:{id}"),
            Repr::PsnId(id) => write!(f, "psn:{id}"),
            Repr::Ip(ip, 0) => write!(f, "ip:{ip}"),
            Repr::Ip(ip, port) => write!(f, "ip:{}", SocketAddr::new(*ip, *port)),
            Repr::GenericString(text) => write!(f, "str:{text}"),
            Repr::GenericBytes(bytes) => {
                f.write_str("gen:")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Repr::Unknown(text) => f.write_str(text),
        }
    }
}

impl FromStr for Identity {
    type Err = IdentityError;

    /// Case counts. A type that is not known is kept verbatim if it is well formed (spec section 4.2).
    #[doc(alias = "SteamNetworkingIdentity_ParseString")]
    fn from_str(text: &str) -> Result<Self, IdentityError> {
        let fail = |cause| IdentityError::new(text, cause);
        let (prefix, rest) = text.split_once(':').ok_or_else(|| fail(Cause::NoSuchForm))?;
        match prefix {
            "steamid" => {
                let id = parse_u64(rest).ok_or_else(|| fail(Cause::NotANumber))?;
                Self::from_steam_id(id)
            }
            "xboxpwid" => Self::from_xbox_pairwise_id(rest),
            "psn" => Ok(Self::from_psn_id(parse_u64(rest).ok_or_else(|| fail(Cause::NotANumber))?)),
            "ip" => Ok(Self::from_address(parse_address(rest).ok_or_else(|| fail(Cause::NotAnAddress))?)),
            "str" => Self::from_generic_string(rest),
            "gen" => Self::from_generic_bytes(&parse_hex(rest).ok_or_else(|| fail(Cause::GenericBytes))?),
            _ if !is_well_formed_prefix(prefix) => Err(fail(Cause::NoSuchForm)),
            _ if text.len() > MAX_TEXT_LEN => Err(fail(Cause::TooLong)),
            _ => Ok(Self(Repr::Unknown(without_zero_byte(text)?.into()))),
        }
    }
}

/// C programs end a text at its first zero byte, so one that contains it would not be the same to both ends.
pub(super) fn without_zero_byte(text: &str) -> Result<&str, IdentityError> {
    if text.contains('\0') { Err(IdentityError::new(text, Cause::ZeroByte)) } else { Ok(text) }
}

fn is_well_formed_prefix(prefix: &str) -> bool {
    (1..=MAX_PREFIX_LEN).contains(&prefix.len())
        && prefix.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

/// Digits only: `u64::from_str` would take a plus sign.
fn parse_u64(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// Without a port it is 0. IPv6 scopes are no part of an identity.
fn parse_address(text: &str) -> Option<SocketAddr> {
    if let Ok(ip) = text.parse::<Ipv4Addr>() {
        return Some(SocketAddr::new(IpAddr::V4(ip), 0));
    }
    if let Ok(address) = text.parse::<SocketAddrV4>() {
        return Some(address.into());
    }
    let unbracketed = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if let Ok(ip) = unbracketed.unwrap_or(text).parse::<Ipv6Addr>() {
        return Some(SocketAddr::new(IpAddr::V6(ip), 0));
    }
    match text.parse::<SocketAddrV6>() {
        Ok(address) if !text.contains('%') => Some(address.into()),
        _ => None,
    }
}

fn parse_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || text.len() > 2 * MAX_GENERIC_BYTES_LEN {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| match pair {
            &[high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Identity, Cause> {
        text.parse::<Identity>().map_err(|error| error.cause)
    }

    #[test]
    fn every_kind_prints_as_it_parses() {
        let cases = [
            ("steamid:76561197960287930", 16),
            ("steamid:90071992547409921", 16),
            ("xboxpwid:a", 17),
            ("xboxpwid:0123456789abcdef0123456789ABCDEF", 17),
            ("psn:18446744073709551615", 18),
            ("ip:10.1.2.3", 1),
            ("ip:10.1.2.3:65535", 1),
            ("ip:::1", 1),
            ("ip:2001:db8::1", 1),
            ("ip:[2001:db8::1]:27015", 1),
            ("ip:::", 1),
            ("ip:1:0:0:1::1", 1),
            ("str:", 2),
            ("str:alice", 2),
            ("str:with: colon", 2),
            ("str:0123456789012345678901234567890", 2),
            ("gen:00", 3),
            ("gen:00ff7f", 3),
            ("foo:bar", 4),
            ("foo:", 4),
            ("a_0123456789_zzz:x", 4),
        ];
        for (text, kind) in cases {
            let identity = parse(text).unwrap_or_else(|cause| panic!("{text}: {cause}"));
            assert_eq!(identity.to_string(), text);
            assert_eq!(identity.kind(), kind, "{text}");
        }
    }

    #[test]
    fn other_spellings_become_the_canonical_one() {
        let cases = [
            ("ip:10.1.2.3:0", "ip:10.1.2.3"),
            ("ip:[::1]", "ip:::1"),
            ("ip:[::1]:0", "ip:::1"),
            ("ip:::ffff:1.2.3.4", "ip:1.2.3.4"),
            ("ip:[::ffff:1.2.3.4]:5", "ip:1.2.3.4:5"),
            ("ip:2001:DB8:0:0:0:0:0:1", "ip:2001:db8::1"),
            ("ip:2001:0:0:1:0:0:0:1", "ip:2001:0:0:1::1"),
            ("ip:1:0:0:2:0:0:3:4", "ip:1::2:0:0:3:4"),
            ("ip:1:0:2:3:4:5:6:7", "ip:1:0:2:3:4:5:6:7"),
            ("gen:00FF", "gen:00ff"),
            ("steamid:0076561197960287930", "steamid:76561197960287930"),
        ];
        for (text, canonical) in cases {
            assert_eq!(parse(text).unwrap().to_string(), canonical, "{text}");
        }
    }

    #[test]
    fn what_is_no_identity() {
        let cases = [
            ("", Cause::NoSuchForm),
            ("invalid", Cause::NoSuchForm),
            ("foo", Cause::NoSuchForm),
            (":x", Cause::NoSuchForm),
            ("Str:alice", Cause::NoSuchForm),
            ("f-o:x", Cause::NoSuchForm),
            ("a0123456789012345:x", Cause::NoSuchForm),
            ("steamid:", Cause::NotANumber),
            ("steamid:+76561197960287930", Cause::NotANumber),
            ("steamid:18446744073709551616", Cause::NotANumber),
            ("steamid:0", Cause::InvalidSteamId),
            ("steamid:76561197960265728", Cause::InvalidSteamId),
            ("psn:", Cause::NotANumber),
            ("psn:1x", Cause::NotANumber),
            ("ip:", Cause::NotAnAddress),
            ("ip:1.2.3", Cause::NotAnAddress),
            ("ip:1.2.3.256", Cause::NotAnAddress),
            ("ip:1.2.3.4:", Cause::NotAnAddress),
            ("ip:1.2.3.4:65536", Cause::NotAnAddress),
            ("ip:[::1", Cause::NotAnAddress),
            ("ip:[1.2.3.4]", Cause::NotAnAddress),
            ("ip:[fe80::1%3]:5", Cause::NotAnAddress),
            ("str:01234567890123456789012345678901", Cause::GenericStringLength),
            ("str:a\0b", Cause::ZeroByte),
            ("gen:", Cause::GenericBytes),
            ("gen:0", Cause::GenericBytes),
            ("gen:0g", Cause::GenericBytes),
            ("gen:é", Cause::GenericBytes),
            ("xboxpwid:", Cause::XboxPairwiseIdLength),
            ("xboxpwid:0123456789abcdef0123456789abcdef0", Cause::XboxPairwiseIdLength),
            ("foo:\0", Cause::ZeroByte),
        ];
        for (text, cause) in cases {
            assert_eq!(parse(text), Err(cause), "{text}");
        }
    }

    #[test]
    fn limits_of_long_forms() {
        assert!(parse(&format!("gen:{}", "ab".repeat(32))).is_ok());
        assert_eq!(parse(&format!("gen:{}", "ab".repeat(33))), Err(Cause::GenericBytes));
        assert!(parse(&format!("foo:{}", "x".repeat(123))).is_ok());
        assert_eq!(parse(&format!("foo:{}", "x".repeat(124))), Err(Cause::TooLong));
    }

    #[test]
    fn an_error_names_the_value_and_stays_short() {
        let error = "steamid:0".parse::<Identity>().unwrap_err();
        assert_eq!(error.value, "steamid:0");
        assert!(error.to_string().starts_with("`steamid:0` is not an identity: no such SteamID"));
        let long = format!("foo:{}", "x".repeat(100_000));
        assert_eq!(long.parse::<Identity>().unwrap_err().value.len(), 127);
    }

    #[test]
    fn localhost_is_an_address_whatever_the_port() {
        for text in ["ip:::1", "ip:127.0.0.1", "ip:127.0.0.1:9", "ip:[::1]:9", "ip:::ffff:127.0.0.1"] {
            assert!(parse(text).unwrap().is_localhost(), "{text}");
        }
        for text in ["ip:127.0.0.2", "ip:::2", "str:", "steamid:76561197960287930"] {
            assert!(!parse(text).unwrap().is_localhost(), "{text}");
        }
        assert_eq!(Identity::localhost().to_string(), "ip:::1");
    }

    #[test]
    fn the_port_is_part_of_an_address() {
        assert_ne!(parse("ip:1.2.3.4:5"), parse("ip:1.2.3.4:6"));
        assert_ne!(parse("ip:1.2.3.4:5"), parse("ip:1.2.3.4"));
    }
}
