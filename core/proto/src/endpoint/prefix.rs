//! Whose addresses are whose: what one host or household has.

use core::net::IpAddr;

/// The part of an address that a stranger cannot choose at will: all of an IPv4 address, the first 64 bits of an IPv6 one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Prefix(u64);

impl Prefix {
    /// That of an address; an IPv4-mapped one counts as the IPv4 address in it.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            // Within ::/64, where nobody lives but ::1.
            IpAddr::V4(ip) => Self(1 << 32 | u64::from(ip.to_bits())),
            IpAddr::V6(ip) => Self((ip.to_bits() >> 64) as u64),
        }
    }

    /// As a number.
    pub fn to_bits(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv4_address_is_one_and_so_is_a_network_of_ipv6() {
        let of = |text: &str| Prefix::of(text.parse().unwrap());
        assert_ne!(of("10.0.0.1"), of("10.0.0.2"));
        assert_eq!(of("10.0.0.1"), of("::ffff:10.0.0.1"));
        assert_eq!(of("2001:db8::1"), of("2001:db8:0:0:ffff::1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(of("::1"), of("0.0.0.1"));
    }
}
