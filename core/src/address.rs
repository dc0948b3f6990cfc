//! Addresses: reading, printing, and which of them are fake.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, ToSocketAddrs as _};

use gamesockets_schema::enums::FakeIpType;

use crate::error::Error;

/// The fake addresses that all peers of an application know by the same number (P2P spec, section 5.1).
const GLOBAL_FAKE: (Ipv4Addr, Ipv4Addr) = (Ipv4Addr::new(169, 254, 0, 1), Ipv4Addr::new(169, 254, 239, 255));
/// Longer than the longest name of an interface, bytes: Windows has the longest.
const INTERFACE_NAME_MAX: usize = 256;
/// The fake addresses that a process makes up for itself.
const LOCAL_FAKE: (Ipv4Addr, Ipv4Addr) = (Ipv4Addr::new(169, 254, 240, 0), Ipv4Addr::new(169, 254, 255, 254));

/// Reads `IP:port`, the port being required. The zone of a link-local address is the name or the number of an interface of
/// this machine: `[fe80::1%eth0]:27015`.
///
/// # Errors
/// [`Error::AddressSyntax`].
pub fn parse_address(text: &str) -> Result<SocketAddr, Error> {
    let trimmed = text.trim();
    let zoned = || parse_zoned(trimmed).filter(|_| trimmed.contains("]:"));
    let address = trimmed.parse().ok().or_else(zoned);
    address.map(plain).ok_or_else(|| Error::AddressSyntax { text: text.into() })
}

/// Reads an IP address with or without a port (then 0); brackets around IPv6 are only needed for the port. IPv4 in IPv6
/// clothes becomes IPv4. With a zone, as [`parse_address`].
///
/// # Errors
/// [`Error::AddressSyntax`].
#[doc(alias = "SteamNetworkingIPAddr_ParseString")]
pub fn parse_ip_address(text: &str) -> Result<SocketAddr, Error> {
    let trimmed = text.trim();
    if let Some(address) = trimmed.parse().ok().or_else(|| parse_zoned(trimmed)) {
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

/// An address by which programs on this machine reach a socket that listens at this one: the any-address, `[::]` or
/// `0.0.0.0`, becomes 127.0.0.1, since nobody can connect to it.
pub const fn loopback_address(bound: SocketAddr) -> SocketAddr {
    if bound.ip().is_unspecified() { SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), bound.port()) } else { bound }
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

/// Reads `fe80::1%zone`, `[fe80::1%zone]` or `[fe80::1%zone]:port`, the zone of a link-local address being the name of an
/// interface or its number.
fn parse_zoned(text: &str) -> Option<SocketAddr> {
    let (inside, port) = match text.strip_prefix('[') {
        None => (text, 0),
        Some(rest) => match rest.split_once(']')? {
            (inside, "") => (inside, 0),
            (inside, port) => (inside, port.strip_prefix(':')?.parse().ok()?),
        },
    };
    let (address, zone) = inside.split_once('%')?;
    let address: Ipv6Addr = address.parse().ok().filter(Ipv6Addr::is_unicast_link_local)?;
    if let Ok(number) = zone.parse() {
        return Some(SocketAddrV6::new(address, port, 0, number).into());
    }
    let is_name = |zone: &str| !zone.is_empty() && zone.len() <= INTERFACE_NAME_MAX && !zone.contains(['%', ':', '\0']);
    // The system knows the interfaces by name, and does not ask the network about an address.
    let known = (inside, port).to_socket_addrs().ok().filter(|_| is_name(zone))?;
    known.into_iter().find(|known| known.ip() == address)
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
    fn the_zone_of_a_link_local_address_is_a_number_or_an_interface() {
        let read = |text| parse_address(text).map(|address| address.to_string());
        assert_eq!(read("[fe80::1%7]:5").as_deref(), Ok("[fe80::1%7]:5"));
        let portless = parse_ip_address("fe80::1%7").unwrap();
        assert_eq!(portless, parse_ip_address("[fe80::1%7]").unwrap());
        assert_eq!((portless.port(), portless.to_string().as_str()), (0, "[fe80::1%7]:0"));
        #[cfg(target_os = "linux")]
        {
            let lo = std::fs::read_to_string("/sys/class/net/lo/ifindex").unwrap_or_else(|_| "1".into());
            let expected = format!("[fe80::1%{}]:5", lo.trim());
            assert_eq!(read("[fe80::1%lo]:5"), Ok(expected));
            assert!(parse_ip_address("fe80::1%lo").is_ok());
        }
        for bad in [
            "[fe80::1%no such]:5",
            "[fe80::1%]:5",
            "[::1%lo]:5",
            "[fe80::1%lo]",
            "fe80::1%7",
            "fe80::1%lo:5",
            "1.2.3.4%lo:5",
            "[%lo]:5",
        ] {
            assert!(matches!(parse_address(bad), Err(Error::AddressSyntax { text }) if text == bad), "{bad}");
        }
    }

    #[test]
    fn what_listens_everywhere_is_reached_by_loopback() {
        for (bound, expected) in [
            ("[::]:5", "127.0.0.1:5"),
            ("0.0.0.0:5", "127.0.0.1:5"),
            ("[::1]:5", "[::1]:5"),
            ("10.0.0.1:5", "10.0.0.1:5"),
        ] {
            assert_eq!(loopback_address(bound.parse().unwrap()).to_string(), expected);
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
