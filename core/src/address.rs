//! Addresses: reading, printing, and which of them are fake.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use gamesockets_schema::enums::FakeIpType;

use crate::error::Error;

/// The fake addresses that all peers of an application know by the same number (P2P spec, section 5.1).
const GLOBAL_FAKE: (Ipv4Addr, Ipv4Addr) = (Ipv4Addr::new(169, 254, 0, 1), Ipv4Addr::new(169, 254, 239, 255));
/// The fake addresses that a process makes up for itself.
const LOCAL_FAKE: (Ipv4Addr, Ipv4Addr) = (Ipv4Addr::new(169, 254, 240, 0), Ipv4Addr::new(169, 254, 255, 254));

/// Reads `IP:port`, the port being required.
///
/// # Errors
/// [`Error::AddressSyntax`].
pub fn parse_address(text: &str) -> Result<SocketAddr, Error> {
    let address = text.trim().parse().map_err(|_| Error::AddressSyntax { text: text.into() })?;
    Ok(plain(address))
}

/// Reads an IP address with or without a port (then 0); brackets around IPv6 are only needed for the port. IPv4 in IPv6
/// clothes becomes IPv4.
///
/// # Errors
/// [`Error::AddressSyntax`].
#[doc(alias = "SteamNetworkingIPAddr_ParseString")]
pub fn parse_ip_address(text: &str) -> Result<SocketAddr, Error> {
    let trimmed = text.trim();
    if let Ok(address) = trimmed.parse() {
        return Ok(plain(address));
    }
    let inside = trimmed.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let bare = match inside {
        Some(inside) => inside.parse().map(IpAddr::V6).ok(),
        None => trimmed.parse().ok(),
    };
    let ip: IpAddr = bare.ok_or_else(|| Error::AddressSyntax { text: text.into() })?;
    Ok(plain(SocketAddr::new(ip, 0)))
}

/// Prints an address: IPv6 as RFC 5952 asks, in brackets when the port follows; IPv4 in IPv6 clothes as IPv4.
#[doc(alias = "SteamNetworkingIPAddr_ToString")]
pub fn address_to_string(address: SocketAddr, with_port: bool) -> String {
    let address = plain(address);
    if with_port { address.to_string() } else { address.ip().to_string() }
}

/// Whether an address is in the ranges of the fake ones.
#[doc(alias = "IsFakeIPv4")]
pub fn is_fake_ipv4(address: Ipv4Addr) -> bool {
    ipv4_fake_ip_type(address) != FakeIpType::NotFake
}

/// Whether an address is an ordinary one, or a fake one and of which kind. Never `Invalid`: that is for texts that are
/// no address.
#[doc(alias = "GetIPv4FakeIPType")]
pub fn ipv4_fake_ip_type(address: Ipv4Addr) -> FakeIpType {
    let within = |(first, last): (Ipv4Addr, Ipv4Addr)| (first..=last).contains(&address);
    if within(GLOBAL_FAKE) {
        FakeIpType::GlobalIpv4
    } else if within(LOCAL_FAKE) {
        FakeIpType::LocalIpv4
    } else {
        FakeIpType::NotFake
    }
}

/// As [`ipv4_fake_ip_type`], for any address; IPv6 is never fake.
#[doc(alias = "SteamNetworkingIPAddr_GetFakeIPType")]
pub fn address_fake_ip_type(address: SocketAddr) -> FakeIpType {
    match plain(address).ip() {
        IpAddr::V4(v4) => ipv4_fake_ip_type(v4),
        IpAddr::V6(_) => FakeIpType::NotFake,
    }
}

fn plain(address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        v4 @ IpAddr::V4(_) => SocketAddr::new(v4, address.port()),
        IpAddr::V6(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_are_read_with_and_without_port() {
        let read = |text| parse_ip_address(text).map(|address| address.to_string());
        assert_eq!(read("127.0.0.1:27015").as_deref(), Ok("127.0.0.1:27015"));
        assert_eq!(read(" 127.0.0.1 ").as_deref(), Ok("127.0.0.1:0"));
        assert_eq!(read("[::1]:5").as_deref(), Ok("[::1]:5"));
        assert_eq!(read("[::1]").as_deref(), Ok("[::1]:0"));
        assert_eq!(read("2001:DB8:0:0:0::1").as_deref(), Ok("[2001:db8::1]:0"));
        assert_eq!(read("::ffff:10.0.0.1").as_deref(), Ok("10.0.0.1:0"));
        assert_eq!(read("[::ffff:10.0.0.1]:7").as_deref(), Ok("10.0.0.1:7"));
        for bad in
            ["", "localhost", "1.2.3", "1.2.3.4:", "1.2.3.4:70000", "[1.2.3.4]", "[::1", "::1]", "::1:2:3:4:5:6:7:8:9"]
        {
            assert!(matches!(parse_ip_address(bad), Err(Error::AddressSyntax { text }) if text == bad), "{bad}");
        }
    }

    #[test]
    fn addresses_are_printed_as_rfc_5952_asks() {
        let print = |text, with_port| address_to_string(parse_ip_address(text).unwrap(), with_port);
        assert_eq!(print("[2001:0DB8:0:0:0:0:0:1]:5", true), "[2001:db8::1]:5");
        assert_eq!(print("[2001:db8:0:1:1:1:1:1]:5", false), "2001:db8:0:1:1:1:1:1");
        assert_eq!(print("::", true), "[::]:0");
        assert_eq!(print("10.1.2.3:4", false), "10.1.2.3");
        let dressed = "[::ffff:10.1.2.3]:4".parse().unwrap();
        assert_eq!(address_to_string(dressed, true), "10.1.2.3:4");
    }

    #[test]
    fn fake_addresses_are_told_from_ordinary_ones() {
        let kind = |text: &str| ipv4_fake_ip_type(text.parse().unwrap());
        for (text, wanted) in [
            ("169.253.255.255", FakeIpType::NotFake),
            ("169.254.0.0", FakeIpType::NotFake),
            ("169.254.0.1", FakeIpType::GlobalIpv4),
            ("169.254.239.255", FakeIpType::GlobalIpv4),
            ("169.254.240.0", FakeIpType::LocalIpv4),
            ("169.254.255.254", FakeIpType::LocalIpv4),
            ("169.254.255.255", FakeIpType::NotFake),
            ("127.0.0.1", FakeIpType::NotFake),
        ] {
            assert_eq!(kind(text), wanted, "{text}");
            assert_eq!(is_fake_ipv4(text.parse().unwrap()), wanted != FakeIpType::NotFake);
        }
        let address = |text: &str| address_fake_ip_type(text.parse().unwrap());
        assert_eq!(address("[::ffff:169.254.1.1]:5"), FakeIpType::GlobalIpv4);
        assert_eq!(address("[fe80::1]:5"), FakeIpType::NotFake);
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_again(v6: u128, v4: u32, is_v6: bool, port: u16) {
            let ip = if is_v6 { IpAddr::V6(v6.into()) } else { IpAddr::V4(v4.into()) };
            let address = plain(SocketAddr::new(ip, port));
            prop_assert_eq!(parse_ip_address(&address_to_string(address, true)), Ok(address));
            let portless = SocketAddr::new(address.ip(), 0);
            prop_assert_eq!(parse_ip_address(&address_to_string(address, false)), Ok(portless));
        }

        #[test]
        fn no_text_is_too_strange(text in ".{0,40}") {
            let _ = parse_ip_address(&text);
        }
    }
}
